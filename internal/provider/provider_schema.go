package provider

import (
	"fmt"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"regexp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
)

// maxConnectionsLimit keeps one provider from taking a whole server.
const maxConnectionsLimit = 1000

// tlsModes are the ways to encrypt a connection, the weakest first.
func tlsModes() []string {
	var modes []string
	for _, mode := range mysql.TLSModes() {
		modes = append(modes, string(mode))
	}
	return modes
}

// providerSchema describes the configuration of the provider.
func providerSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Administers platforms that give every customer a MySQL or MariaDB database of their own: " +
			"templates, tenant databases made from them, and migrations whose exact SQL is part of the plan.",
		Attributes: map[string]schema.Attribute{
			"endpoint":                    schema.StringAttribute{Optional: true, MarkdownDescription: "Main server, which holds the landlord database: `host:port` or the absolute path of a socket. Several hosts with commas between them, `db1:3306,db2:3306,db3:3306`, are the members of a group (MySQL Group Replication, InnoDB Cluster, or MariaDB Galera, whose members have to be in the same order in every configuration), or a primary and its replicas: the one that takes writes is used, and found again after a failover. Environment: `LANDLORD_ENDPOINT`. Default: `127.0.0.1:3306`.", Validators: attribute.NotEmpty()},
			"username":                    schema.StringAttribute{Optional: true, MarkdownDescription: "Account for the server. Environment: `LANDLORD_USERNAME`. Default: `root`.", Validators: attribute.NotEmpty()},
			"password":                    schema.StringAttribute{Optional: true, Sensitive: true, MarkdownDescription: "Password of the account. Environment: `LANDLORD_PASSWORD`. Default: none."},
			"tls":                         tlsAttribute("How connections to the main server are encrypted. Default: encrypted if the server can, without looking at its certificate."),
			"landlord_database":           schema.StringAttribute{Optional: true, MarkdownDescription: "Name of the landlord database, which is created with the first write; at most 32 characters, because the databases that keep what was set aside are named after it. Environment: `LANDLORD_DATABASE`. Default: `landlord`.", Validators: []validator.String{isDatabase()}},
			"database_prefix":             schema.StringAttribute{Optional: true, MarkdownDescription: "Beginning of the names of tenant databases, at most 32 characters. Environment: `LANDLORD_DATABASE_PREFIX`. Default: `tenant_`.", Validators: []validator.String{isPrefix()}},
			"servers":                     serversAttribute(),
			"max_connections":             schema.Int64Attribute{Optional: true, MarkdownDescription: "Most connections to each server at a time. Environment: `LANDLORD_MAX_CONNECTIONS`. Default: `4`.", Validators: []validator.Int64{int64validator.Between(1, maxConnectionsLimit)}},
			"connect_timeout":             schema.StringAttribute{Optional: true, MarkdownDescription: "Longest time to wait for a connection, for example `10s`. Environment: `LANDLORD_CONNECT_TIMEOUT`. Default: `10s`.", Validators: []validator.String{attribute.IsDuration()}},
			"lock_timeout":                schema.StringAttribute{Optional: true, MarkdownDescription: "Longest time to wait for a lock of a table, or for another run that works on the same tenant. Environment: `LANDLORD_LOCK_TIMEOUT`. Default: `10s`.", Validators: []validator.String{attribute.IsDuration()}},
			"checkpoint_directory":        schema.StringAttribute{Optional: true, MarkdownDescription: "Directory for checkpoints that are kept as files. Environment: `LANDLORD_CHECKPOINT_DIRECTORY`. Default: none, checkpoints stay on the server.", Validators: attribute.NotEmpty()},
			"create_checkpoint_directory": schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether `checkpoint_directory` is made when it is not there. Otherwise that is an error, since a disk that is not mounted looks like this. Default: `false`."},
			"plan_rendering":              schema.StringAttribute{Optional: true, MarkdownDescription: "How a composed template is proven while planning: `server` runs it in a scratch database that is dropped again, `parser` only reads it, for accounts that may not create a database. Environment: `LANDLORD_PLAN_RENDERING`. Default: `server`.", Validators: []validator.String{stringvalidator.OneOf(planRenderings()...)}},
			"execution_account":           schema.StringAttribute{Optional: true, MarkdownDescription: "Who runs SQL that users wrote, as soon as it does something: seeds, scripts of `migrations/`, conditions of data copies, and what is tried in scratch databases. `dedicated` makes an account for each run that has rights on one database only, so that the server itself refuses everything beyond. `own` runs it as `username`: then nothing but the reading of its text keeps it from other databases, and every plan says so. Environment: `LANDLORD_EXECUTION_ACCOUNT`. Default: `dedicated`.", Validators: []validator.String{stringvalidator.OneOf(executionAccounts()...)}},
			"backup_objective":            schema.StringAttribute{Optional: true, MarkdownDescription: "How old the newest checkpoint of a tenant may be before `landlord_tenant_health` and the metrics say so, and `notifications` tell of it, for example `24h`. Environment: `LANDLORD_BACKUP_OBJECTIVE`. Default: none, no age is too old.", Validators: []validator.String{attribute.IsDuration()}},
			"author":                      schema.StringAttribute{Optional: true, MarkdownDescription: "Who is recorded in the history of tenants, for example the name of a pipeline. Environment: `LANDLORD_AUTHOR`. Default: the account of the connection.", Validators: []validator.String{stringvalidator.LengthBetween(1, 190)}},
			"notifications":               notificationsAttribute(),
		},
	}
}

// tlsAttribute describes how connections are encrypted.
func tlsAttribute(description string) schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: description,
		Attributes: map[string]schema.Attribute{
			"mode":        schema.StringAttribute{Optional: true, MarkdownDescription: "`disabled`, `preferred`, `required`, `verify_ca` (the certificate comes from a trusted authority) or `verify_identity` (and names the server). Environment: `LANDLORD_TLS_MODE`. Default: `verify_identity` with a `ca_file`, else `preferred`.", Validators: []validator.String{stringvalidator.OneOf(tlsModes()...)}},
			"ca_file":     schema.StringAttribute{Optional: true, MarkdownDescription: "File with the certificates of trusted authorities (PEM). Environment: `LANDLORD_TLS_CA_FILE`. Default: those of the system.", Validators: attribute.NotEmpty()},
			"cert_file":   schema.StringAttribute{Optional: true, MarkdownDescription: "File with the client's certificate (PEM). Environment: `LANDLORD_TLS_CERT_FILE`. Default: none.", Validators: append(attribute.NotEmpty(), stringvalidator.AlsoRequires(path.MatchRelative().AtParent().AtName("key_file")))},
			"key_file":    schema.StringAttribute{Optional: true, MarkdownDescription: "File with the key of the client's certificate (PEM). Environment: `LANDLORD_TLS_KEY_FILE`. Default: none.", Validators: append(attribute.NotEmpty(), stringvalidator.AlsoRequires(path.MatchRelative().AtParent().AtName("cert_file")))},
			"server_name": schema.StringAttribute{Optional: true, MarkdownDescription: "Name that the server's certificate has to carry. Environment: `LANDLORD_TLS_SERVER_NAME`. Default: the host of the endpoint.", Validators: attribute.NotEmpty()},
		},
	}
}

// serversAttribute describes the further servers.
func serversAttribute() schema.MapNestedAttribute {
	return schema.MapNestedAttribute{
		Optional: true,
		MarkdownDescription: "Further servers that can hold tenants, by the key that a tenant's `server` names: lower-case letters, digits and `_`. " +
			"Accounts can come from the environment: `LANDLORD_SERVER_<KEY>_USERNAME` and `LANDLORD_SERVER_<KEY>_PASSWORD` with the key in upper case. Default: none.",
		Validators: []validator.Map{mapvalidator.KeysAre(attribute.IsServerKey())},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"endpoint": schema.StringAttribute{Required: true, MarkdownDescription: "`host:port` or the absolute path of a socket.", Validators: attribute.NotEmpty()},
			"username": schema.StringAttribute{Optional: true, MarkdownDescription: "Account for this server. Default: that of the main server, with its password.", Validators: attribute.NotEmpty()},
			"password": schema.StringAttribute{Optional: true, Sensitive: true, MarkdownDescription: "Password of the account. Default: that of the main server if `username` is that of the main server too, else none."},
			"tls":      tlsAttribute("How connections to this server are encrypted; the environment is not asked. Default: as to the main server."),
		}},
	}
}

func isPrefix() validator.String {
	return attribute.Checked{Summary: "Database prefix cannot be used", Wants: "the beginning of a database name", Check: checkDatabaseName}
}

func isDatabase() validator.String {
	return attribute.Checked{Summary: "Database name cannot be used", Wants: "a database name", Check: checkDatabaseName}
}

// checkDatabaseName checks the name of the landlord database, or the beginning of the
// names of others: it has to work on every server and on every file system, and to
// leave room for what is made of it.
func checkDatabaseName(text string) error {
	if !databaseName.MatchString(text) || len(text) > landlord.MaxLandlordDatabase {
		return fmt.Errorf("`%s` has to start with a lower-case letter and hold at most %d lower-case letters, digits and `_` only", text, landlord.MaxLandlordDatabase)
	}
	return nil
}

var databaseName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
