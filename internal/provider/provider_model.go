package provider

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
)

const (
	defaultEndpoint = "127.0.0.1:3306"
	defaultUsername = "root"
)

// providerModel is the configuration of the provider. It is only filled when
// everything in it is known.
type providerModel struct {
	Endpoint            types.String           `tfsdk:"endpoint"`
	Username            types.String           `tfsdk:"username"`
	Password            types.String           `tfsdk:"password"`
	TLS                 *tlsModel              `tfsdk:"tls"`
	LandlordDatabase    types.String           `tfsdk:"landlord_database"`
	DatabasePrefix      types.String           `tfsdk:"database_prefix"`
	Servers             map[string]serverModel `tfsdk:"servers"`
	MaxConnections      types.Int64            `tfsdk:"max_connections"`
	ConnectTimeout      types.String           `tfsdk:"connect_timeout"`
	LockTimeout         types.String           `tfsdk:"lock_timeout"`
	CheckpointDirectory types.String           `tfsdk:"checkpoint_directory"`
	CreateDirectory     types.Bool             `tfsdk:"create_checkpoint_directory"`
	PlanRendering       types.String           `tfsdk:"plan_rendering"`
	ExecutionAccount    types.String           `tfsdk:"execution_account"`
	BackupObjective     types.String           `tfsdk:"backup_objective"`
	Author              types.String           `tfsdk:"author"`
	Notifications       []notificationModel    `tfsdk:"notifications"`
}

type tlsModel struct {
	Mode       types.String `tfsdk:"mode"`
	CAFile     types.String `tfsdk:"ca_file"`
	CertFile   types.String `tfsdk:"cert_file"`
	KeyFile    types.String `tfsdk:"key_file"`
	ServerName types.String `tfsdk:"server_name"`
}

type serverModel struct {
	Endpoint types.String `tfsdk:"endpoint"`
	Username types.String `tfsdk:"username"`
	Password types.String `tfsdk:"password"`
	TLS      *tlsModel    `tfsdk:"tls"`
}

func planRenderings() []string {
	return []string{string(landlord.RenderingServer), string(landlord.RenderingParser)}
}

func executionAccounts() []string {
	return []string{string(landlord.ExecutionDedicated), string(landlord.ExecutionOwn)}
}

// environment fills what a configuration leaves out, from variables and then
// from defaults. What a variable says is checked like an attribute.
type environment struct {
	getenv  func(string) string
	diags   *diag.Diagnostics
	version string // of the provider
}

// config returns the engine's configuration.
func (e environment) config(m providerModel) landlord.Config {
	if m.TLS == nil {
		m.TLS = &tlsModel{}
	}
	cfg := landlord.Config{
		Main: mysql.Config{
			Endpoint:       e.text(m.Endpoint, "LANDLORD_ENDPOINT", defaultEndpoint),
			Username:       e.text(m.Username, "LANDLORD_USERNAME", defaultUsername),
			Password:       e.text(m.Password, "LANDLORD_PASSWORD", ""),
			TLS:            e.tls(*m.TLS),
			MaxConnections: e.maxConnections(m.MaxConnections),
			ConnectTimeout: e.duration(m.ConnectTimeout, "LANDLORD_CONNECT_TIMEOUT", "connect_timeout"),
			LockTimeout:    e.duration(m.LockTimeout, "LANDLORD_LOCK_TIMEOUT", "lock_timeout"),
			ProgramVersion: e.version,
		},
		Database: e.checked(m.LandlordDatabase, "LANDLORD_DATABASE", "landlord_database", landlord.DefaultDatabase, checkDatabaseName),
		Prefix:   e.checked(m.DatabasePrefix, "LANDLORD_DATABASE_PREFIX", "database_prefix", landlord.DefaultPrefix, checkDatabaseName),
		Rendering: landlord.Rendering(e.checked(m.PlanRendering, "LANDLORD_PLAN_RENDERING", "plan_rendering", string(landlord.RenderingServer),
			checkOneOf(planRenderings()))),
		ExecutionAccount: landlord.ExecutionAccount(e.checked(m.ExecutionAccount, "LANDLORD_EXECUTION_ACCOUNT", "execution_account", string(landlord.ExecutionDedicated),
			checkOneOf(executionAccounts()))),
		CheckpointDirectory: e.text(m.CheckpointDirectory, "LANDLORD_CHECKPOINT_DIRECTORY", ""),
		CreateDirectory:     m.CreateDirectory.ValueBool(),
		BackupObjective:     e.duration(m.BackupObjective, "LANDLORD_BACKUP_OBJECTIVE", "backup_objective"),
		Author:              e.text(m.Author, "LANDLORD_AUTHOR", ""),
		Version:             e.version,
		Now:                 time.Now,
	}
	cfg.LockTimeout = cfg.Main.LockTimeout
	cfg.Servers = e.servers(m.Servers, cfg.Main)
	cfg.Notifications = e.notifications(m.Notifications)
	cfg.Log = logger(cfg.Passwords())
	return cfg
}

// servers returns the further servers; each takes what it leaves out from the
// main one.
func (e environment) servers(models map[string]serverModel, main mysql.Config) map[string]mysql.Config {
	servers := make(map[string]mysql.Config, len(models))
	for key, m := range models {
		variable := "LANDLORD_SERVER_" + strings.ToUpper(key)
		server := main
		server.Endpoint = m.Endpoint.ValueString()
		server.Username = e.text(m.Username, variable+"_USERNAME", main.Username)
		// The password of the main server is not for another account.
		inherited := ""
		if server.Username == main.Username {
			inherited = main.Password
		}
		server.Password = e.text(m.Password, variable+"_PASSWORD", inherited)
		server.TLS.ServerName = "" // that of another host
		if m.TLS != nil {
			server.TLS = environment{getenv: func(string) string { return "" }, diags: e.diags}.tls(*m.TLS)
		}
		servers[key] = server
	}
	return servers
}

func (e environment) tls(m tlsModel) mysql.TLS {
	tls := mysql.TLS{
		CAFile:     e.text(m.CAFile, "LANDLORD_TLS_CA_FILE", ""),
		CertFile:   e.text(m.CertFile, "LANDLORD_TLS_CERT_FILE", ""),
		KeyFile:    e.text(m.KeyFile, "LANDLORD_TLS_KEY_FILE", ""),
		ServerName: e.text(m.ServerName, "LANDLORD_TLS_SERVER_NAME", ""),
	}
	fallback := mysql.TLSPreferred
	if tls.CAFile != "" {
		fallback = mysql.TLSVerifyIdentity // who names an authority wants it to be asked
	}
	tls.Mode = mysql.TLSMode(e.checked(m.Mode, "LANDLORD_TLS_MODE", "tls", string(fallback), checkOneOf(tlsModes())))
	return tls
}

// text returns the attribute, else the variable, else the fallback.
func (e environment) text(value types.String, variable, fallback string) string {
	if !value.IsNull() {
		return value.ValueString()
	}
	if text := e.getenv(variable); text != "" {
		return text
	}
	return fallback
}

// checked is text for an attribute whose variable has to be checked.
func (e environment) checked(value types.String, variable, at, fallback string, check func(string) error) string {
	text := e.text(value, variable, fallback)
	if value.IsNull() && e.getenv(variable) != "" {
		if err := check(text); err != nil {
			e.wrong(variable, at, err)
		}
	}
	return text
}

// duration returns a duration, 0 for the engine's default.
func (e environment) duration(value types.String, variable, at string) time.Duration {
	check := func(text string) error { _, err := attribute.ParseDuration(text); return err }
	text := e.checked(value, variable, at, "", check)
	if text == "" {
		return 0
	}
	d, err := attribute.ParseDuration(text)
	if err != nil {
		return 0 // said by the attribute's validator or by checked
	}
	return d
}

// maxConnections returns the size of a pool, 0 for the engine's default.
func (e environment) maxConnections(value types.Int64) int {
	const variable = "LANDLORD_MAX_CONNECTIONS"
	if !value.IsNull() {
		return int(value.ValueInt64())
	}
	text := e.getenv(variable)
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxConnectionsLimit {
		e.wrong(variable, "max_connections", fmt.Errorf("`%s` is no number from 1 to %d", text, maxConnectionsLimit))
	}
	return n
}

// wrong reports a variable that cannot be used.
func (e environment) wrong(variable, at string, err error) {
	e.diags.AddAttributeError(path.Root(at), "Environment variable cannot be used",
		fmt.Sprintf("`%s`: %s", variable, attribute.Sentence(err.Error())))
}

func checkOneOf(choices []string) func(string) error {
	return func(text string) error {
		if !slices.Contains(choices, text) {
			return fmt.Errorf("`%s` is none of `%s`", text, strings.Join(choices, "`, `"))
		}
		return nil
	}
}

// logger returns the engine's log, which masks the passwords: a second lock
// behind the rule that no text may hold one.
func logger(masked []string) func(context.Context, string, map[string]any) {
	return func(ctx context.Context, message string, fields map[string]any) {
		if len(masked) > 0 {
			ctx = tflog.MaskAllFieldValuesStrings(ctx, masked...)
			ctx = tflog.MaskMessageStrings(ctx, masked...)
		}
		tflog.Debug(ctx, message, fields)
	}
}
