package account

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/session"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/value"
)

var (
	_ ephemeral.EphemeralResourceWithConfigure = (*credentialsEphemeral)(nil)
	_ ephemeral.EphemeralResourceWithClose     = (*credentialsEphemeral)(nil)
	_ ephemeral.EphemeralResourceWithRenew     = (*credentialsEphemeral)(nil)
)

// credentials lends accounts for one run.
type credentials interface {
	OpenCredentials(ctx context.Context, spec landlord.CredentialsSpec) (*landlord.Credentials, error)
	RenewCredentials(ctx context.Context, server, name string, life time.Duration) error
	CloseCredentials(ctx context.Context, tenant, name string) error
}

// credentialsEphemeral is an account of a tenant for one run.
type credentialsEphemeral struct {
	session *session.Session
	engine  credentials // nil while the session has none
}

// NewCredentialsEphemeral returns the credentials that exist for one run.
func NewCredentialsEphemeral() ephemeral.EphemeralResource { return &credentialsEphemeral{} }

// credentialsModel is the account as Terraform has it while it runs.
type credentialsModel struct {
	Tenant     types.String `tfsdk:"tenant"`
	Role       types.String `tfsdk:"role"`
	Hosts      types.Set    `tfsdk:"hosts"`
	RequireTLS types.Bool   `tfsdk:"require_tls"`
	TTL        types.String `tfsdk:"ttl"`
	WaitFor    types.String `tfsdk:"wait_for"`

	Username  types.String `tfsdk:"username"`
	Password  types.String `tfsdk:"password"`
	Server    types.String `tfsdk:"server"`
	Host      types.String `tfsdk:"host"`
	Port      types.Int64  `tfsdk:"port"`
	Socket    types.String `tfsdk:"socket"`
	Database  types.String `tfsdk:"database"`
	DSN       types.String `tfsdk:"dsn"`
	ExpiresAt types.String `tfsdk:"expires_at"`
}

// lent is what is remembered of an account until it is closed.
type lent struct {
	Tenant, Server, Username string
	Life                     time.Duration
}

// lentKey is where Terraform keeps it.
const lentKey = "lent"

// Metadata names the ephemeral resource.
func (e *credentialsEphemeral) Metadata(_ context.Context, _ ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = session.TypeName + "_tenant_credentials"
}

// Configure takes the session.
func (e *credentialsEphemeral) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
	e.session, e.engine = session.From[credentials](req.ProviderData, &resp.Diagnostics)
}

// Schema describes the attributes.
func (e *credentialsEphemeral) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	text := func(what string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: what}
	}
	secret := func(what string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, Sensitive: true, MarkdownDescription: what}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "An account of one tenant that exists for this run: with a name and a password of its own, the rights of a role in the tenant's database and none anywhere else. " +
			"Terraform opens it in a plan and again in an apply, and drops it at the end of each; where a run is killed, the next work on a tenant of that server drops it when its `ttl` is over. " +
			"Needs Terraform 1.10 or OpenTofu 1.11.",
		Attributes: map[string]schema.Attribute{
			"tenant": schema.StringAttribute{Required: true, MarkdownDescription: "Slug of the tenant, which has to be `active`.", Validators: []validator.String{attribute.IsSlug()}},
			"role": schema.StringAttribute{
				Required: true, MarkdownDescription: "What the account may do in the database of the tenant: `migrator`, `application` or `read_only`, as for a `landlord_tenant_account`.",
				Validators: []validator.String{attribute.OneOf(landlord.RoleMigrator, landlord.RoleApplication, landlord.RoleReadOnly)},
			},
			"hosts": schema.SetAttribute{
				Optional: true, ElementType: types.StringType, MarkdownDescription: "Hosts from which the account logs in. Default: `%`, all hosts.",
				Validators: []validator.Set{setvalidator.SizeAtLeast(1), setvalidator.ValueStringsAre(isAccountHost())},
			},
			"require_tls": schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether the server refuses connections of the account without TLS. Default: `false`."},
			"ttl": schema.StringAttribute{
				Optional: true, Validators: []validator.String{isCredentialsLife()},
				MarkdownDescription: "How long the account lives when the run does not come to its end, as a duration of at least `1m`. Terraform renews it while it runs. Default: `1h`.",
			},
			"wait_for": schema.StringAttribute{
				Optional: true, MarkdownDescription: "Any value: while it is unknown, Terraform does not open the account. For a tenant that is made in the same run set it to `created_at` of that tenant. Default: none.",
			},

			"username":   text("Name of the account."),
			"password":   secret("Its password."),
			"server":     text("Key of the provider's `servers`, null for the main server."),
			"host":       text("Host of the server, null for a socket."),
			"port":       schema.Int64Attribute{Computed: true, MarkdownDescription: "Port of the server, null for a socket."},
			"socket":     text("Path of the server's socket, null for a host."),
			"database":   text("Name of the tenant's database."),
			"dsn":        secret("The connection as Go's MySQL driver reads one, with the password."),
			"expires_at": text("When the account is dropped unless it is renewed or closed before (RFC 3339, UTC)."),
		},
	}
}

// isCredentialsLife is the validator of a `ttl`.
func isCredentialsLife() validator.String {
	return attribute.Checked{Summary: "Lifetime cannot be used", Wants: "a duration of at least one minute", Check: func(text string) error {
		life, err := attribute.ParseDuration(text)
		if err == nil && life < landlord.MinCredentialsLife {
			err = fmt.Errorf("`%s` is shorter than `%s`, which it takes to renew an account", text, landlord.MinCredentialsLife)
		}
		return err
	}}
}

// Open makes the account.
func (e *credentialsEphemeral) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var model credentialsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() || !session.Configured(e.session, "Opening credentials", &resp.Diagnostics) {
		return
	}
	spec := model.toSpec()
	opened, err := e.engine.OpenCredentials(ctx, spec)
	if err != nil {
		session.NewReporter(&resp.Diagnostics, func(attribute string) bool { return attribute == "tenant" }).Problem(err, "Credentials could not be opened")
		return
	}
	kept, err := json.Marshal(lent{opened.Tenant, opened.Server, opened.Username, spec.Life})
	if err != nil {
		resp.Diagnostics.AddError("Credentials could not be opened", "Cause: "+err.Error())
		return
	}
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, lentKey, kept)...)
	model.fromCredentials(opened)
	resp.RenewAt = renewalOf(spec.Life)
	resp.Diagnostics.Append(resp.Result.Set(ctx, model)...)
}

// renewalOf is when an account has to be renewed: with time left for a server
// that is slow.
func renewalOf(life time.Duration) time.Time { return time.Now().Add(life / 2) }

// Renew lets the account live on.
func (e *credentialsEphemeral) Renew(ctx context.Context, req ephemeral.RenewRequest, resp *ephemeral.RenewResponse) {
	kept, diags := req.Private.GetKey(ctx, lentKey)
	resp.Diagnostics.Append(diags...)
	var l lent
	if resp.Diagnostics.HasError() || !session.Configured(e.session, "Renewing credentials", &resp.Diagnostics) {
		return
	}
	err := json.Unmarshal(kept, &l)
	if err == nil {
		err = e.engine.RenewCredentials(ctx, l.Server, l.Username, l.Life)
	}
	if err != nil {
		session.NewReporter(&resp.Diagnostics, nil).Problem(err, "Credentials could not be renewed")
		return
	}
	resp.RenewAt = renewalOf(l.Life)
}

// Close drops the account.
func (e *credentialsEphemeral) Close(ctx context.Context, req ephemeral.CloseRequest, resp *ephemeral.CloseResponse) {
	kept, diags := req.Private.GetKey(ctx, lentKey)
	resp.Diagnostics.Append(diags...)
	var l lent
	if resp.Diagnostics.HasError() || !session.Configured(e.session, "Closing credentials", &resp.Diagnostics) {
		return
	}
	err := json.Unmarshal(kept, &l)
	if err == nil {
		err = e.engine.CloseCredentials(ctx, l.Tenant, l.Username)
	}
	if err != nil {
		session.NewReporter(&resp.Diagnostics, nil).Problem(err, "Credentials could not be closed")
	}
}

// toSpec returns what the configuration wants.
func (m *credentialsModel) toSpec() landlord.CredentialsSpec {
	spec := landlord.CredentialsSpec{
		Tenant: m.Tenant.ValueString(), Role: landlord.AccountRole(m.Role.ValueString()), Hosts: value.ToTexts(m.Hosts), RequireTLS: m.RequireTLS.ValueBool(),
		Life: landlord.DefaultCredentialsLife,
	}
	if len(spec.Hosts) == 0 {
		spec.Hosts = []string{"%"}
	}
	if life, err := attribute.ParseDuration(m.TTL.ValueString()); err == nil {
		spec.Life = life
	}
	return spec
}

// fromCredentials fills the model with the account.
func (m *credentialsModel) fromCredentials(c *landlord.Credentials) {
	m.Username, m.Password, m.DSN = types.StringValue(c.Username), types.StringValue(string(c.Password)), types.StringValue(string(c.DSN()))
	m.Server, m.Host, m.Socket, m.Database = value.TextOrNull(c.Server), value.TextOrNull(c.Reach.Host), value.TextOrNull(c.Reach.Socket), types.StringValue(c.Database)
	m.Port = types.Int64Null()
	if c.Reach.Socket == "" {
		m.Port = types.Int64Value(c.Reach.Port)
	}
	m.ExpiresAt = value.TimeOrNull(c.ExpiresAt)
}
