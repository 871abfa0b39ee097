package account

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/session"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/value"
)

var _ datasource.DataSourceWithConfigure = (*connectionDataSource)(nil)

// connections tells how applications reach tenants.
type connections interface {
	Connections(ctx context.Context, slugs []string) ([]landlord.Connection, error)
}

// connectionDataSource tells what the configuration of an application needs.
type connectionDataSource struct {
	session *session.Session
	engine  connections // nil while the session has none
}

// NewConnectionDataSource returns the data source of connections.
func NewConnectionDataSource() datasource.DataSource { return &connectionDataSource{} }

// connectionModel is the data source as Terraform has it.
type connectionModel struct {
	Tenant  types.String `tfsdk:"tenant"`
	Tenants types.Set    `tfsdk:"tenants"`

	Server   types.String `tfsdk:"server"`
	Host     types.String `tfsdk:"host"`
	Port     types.Int64  `tfsdk:"port"`
	Socket   types.String `tfsdk:"socket"`
	Database types.String `tfsdk:"database"`
	Status   types.String `tfsdk:"status"`
	TLSMode  types.String `tfsdk:"tls_mode"`
	Accounts types.List   `tfsdk:"accounts"`

	Connections types.Map `tfsdk:"connections"`
}

// Metadata names the data source.
func (d *connectionDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = session.TypeName + "_tenant_connection"
}

// Configure takes the session.
func (d *connectionDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.session, d.engine = session.From[connections](req.ProviderData, &resp.Diagnostics)
}

// Schema describes the attributes.
func (d *connectionDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := connectionAttributes()
	attributes["tenant"] = schema.StringAttribute{
		Optional: true, MarkdownDescription: "Slug of one tenant, whose connection is in the attributes beside `connections`. Default: none, and they are null.",
		Validators: []validator.String{attribute.IsSlug(), stringvalidator.ConflictsWith(path.MatchRoot("tenants"))},
	}
	attributes["tenants"] = schema.SetAttribute{
		Optional: true, ElementType: types.StringType, MarkdownDescription: "Slugs of tenants. Default: all tenants, unless `tenant` names one.",
		Validators: []validator.Set{setvalidator.ValueStringsAre(attribute.IsSlug())},
	}
	attributes["connections"] = schema.MapNestedAttribute{
		Computed: true, MarkdownDescription: "The connections by slug.", NestedObject: schema.NestedAttributeObject{Attributes: connectionAttributes()},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "How applications reach tenants: server, database, the accounts that they have, and a connection string for each without its password. For one tenant, for some, or for all, in as many statements whatever their number.",
		Attributes:          attributes,
	}
}

func connectionAttributes() map[string]schema.Attribute {
	text := func(what string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: what}
	}
	return map[string]schema.Attribute{
		"server":   text("Key of the provider's `servers`, null for the main server."),
		"host":     text("Host of the server as the provider reaches it, null for a socket."),
		"port":     schema.Int64Attribute{Computed: true, MarkdownDescription: "Port of the server, null for a socket."},
		"socket":   text("Path of the server's socket, null for a host."),
		"database": text("Name of the tenant's database."),
		"status":   text("Status of the tenant: while it is not `active` its accounts are locked."),
		"tls_mode": text("How much the provider itself insists on TLS with this server: `disabled`, `preferred`, `required`, `verify_ca` or `verify_identity`."),
		"accounts": schema.ListNestedAttribute{
			Computed: true, MarkdownDescription: "The accounts of the tenant that are made with `landlord_tenant_account`, by name.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"name":        text("Name of the account."),
				"role":        text("`migrator`, `application` or `read_only`."),
				"hosts":       schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Hosts from which it logs in."},
				"require_tls": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the server refuses its connections without TLS."},
				"dsn":         text("The connection as Go's MySQL driver reads one, without a password."),
			}},
		},
	}
}

// Read asks the landlord database.
func (d *connectionDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model connectionModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() || !session.Configured(d.session, "Reading connections", &resp.Diagnostics) {
		return
	}
	var slugs []string
	switch {
	case !model.Tenant.IsNull():
		slugs = []string{model.Tenant.ValueString()}
	case !model.Tenants.IsNull():
		slugs = append([]string{}, value.ToTexts(model.Tenants)...)
	}
	found, err := d.engine.Connections(ctx, slugs)
	if err != nil {
		session.NewReporter(&resp.Diagnostics, func(attribute string) bool { return attribute == "tenant" }).Problem(err, "Connections could not be read")
		return
	}
	model.fromConnections(found)
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

func (m *connectionModel) fromConnections(found []landlord.Connection) {
	m.Accounts = types.ListNull(types.ObjectType{AttrTypes: connectionAccountTypes()})
	values := make(map[string]attr.Value, len(found))
	for i := range found {
		var one connectionModel
		one.fromConnection(&found[i])
		values[found[i].Tenant] = types.ObjectValueMust(connectionTypes(), map[string]attr.Value{
			"server": one.Server, "host": one.Host, "port": one.Port, "socket": one.Socket, "database": one.Database, "status": one.Status, "tls_mode": one.TLSMode, "accounts": one.Accounts,
		})
		if !m.Tenant.IsNull() {
			m.fromConnection(&found[i])
		}
	}
	m.Connections = types.MapValueMust(types.ObjectType{AttrTypes: connectionTypes()}, values)
}

// fromConnection sets what is known of one connection.
func (m *connectionModel) fromConnection(c *landlord.Connection) {
	accounts := make([]attr.Value, len(c.Accounts))
	for i, a := range c.Accounts {
		accounts[i] = types.ObjectValueMust(connectionAccountTypes(), map[string]attr.Value{
			"name": types.StringValue(a.Name), "role": types.StringValue(string(a.Role)), "hosts": value.FromTexts(a.Hosts),
			"require_tls": types.BoolValue(a.RequireTLS), "dsn": types.StringValue(a.DSN),
		})
	}
	m.Server, m.Host, m.Socket = value.TextOrNull(c.Server), value.TextOrNull(c.Reach.Host), value.TextOrNull(c.Reach.Socket)
	m.Database, m.Status, m.TLSMode = types.StringValue(c.Database), types.StringValue(string(c.Status)), types.StringValue(string(c.TLS))
	m.Accounts = types.ListValueMust(types.ObjectType{AttrTypes: connectionAccountTypes()}, accounts)
	if c.Reach.Socket == "" {
		m.Port = types.Int64Value(c.Reach.Port)
	}
}

// The types of the nested values, as the schema above has them.

func connectionTypes() map[string]attr.Type {
	return map[string]attr.Type{
		"server": types.StringType, "host": types.StringType, "port": types.Int64Type, "socket": types.StringType,
		"database": types.StringType, "status": types.StringType, "tls_mode": types.StringType,
		"accounts": types.ListType{ElemType: types.ObjectType{AttrTypes: connectionAccountTypes()}},
	}
}

func connectionAccountTypes() map[string]attr.Type {
	return map[string]attr.Type{
		"name": types.StringType, "role": types.StringType, "hosts": types.ListType{ElemType: types.StringType},
		"require_tls": types.BoolType, "dsn": types.StringType,
	}
}
