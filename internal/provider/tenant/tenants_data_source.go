package tenant

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/tenant"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/session"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/value"
)

var _ datasource.DataSourceWithConfigure = (*tenantsDataSource)(nil)

// tenantList lists tenants.
type tenantList interface {
	Tenants(ctx context.Context, filter tenant.Filter) ([]landlord.Tenant, error)
}

// tenantsDataSource lists the tenants that the landlord database knows.
type tenantsDataSource struct {
	session *session.Session
	engine  tenantList // nil while the session has none
}

// NewDataSource returns the data source of tenants.
func NewDataSource() datasource.DataSource { return &tenantsDataSource{} }

// tenantsModel is the data source as Terraform has it.
type tenantsModel struct {
	Template types.String `tfsdk:"template"`
	Status   types.String `tfsdk:"status"`
	Slugs    types.List   `tfsdk:"slugs"`
	Tenants  types.Map    `tfsdk:"tenants"`
}

// Metadata names the data source.
func (d *tenantsDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = session.TypeName + "_tenants"
}

// Configure takes the session.
func (d *tenantsDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.session, d.engine = session.From[tenantList](req.ProviderData, &resp.Diagnostics)
}

// Schema describes the attributes.
func (d *tenantsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The tenants that the landlord database knows.",
		Attributes: map[string]schema.Attribute{
			"template": schema.StringAttribute{Optional: true, MarkdownDescription: "Only tenants of this template, as `name` or `name@version`. Default: all.", Validators: []validator.String{attribute.IsTemplate()}},
			"status":   schema.StringAttribute{Optional: true, MarkdownDescription: "Only tenants with this status: `active`, `suspended` or `archived`. Default: all.", Validators: []validator.String{attribute.OneOf(landlord.StatusActive, landlord.StatusSuspended, landlord.StatusArchived)}},
			"slugs":    schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Slugs of the tenants, in alphabetical order."},
			"tenants": schema.MapNestedAttribute{
				Computed: true, MarkdownDescription: "The tenants, by slug.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"name":               schema.StringAttribute{Computed: true, MarkdownDescription: "Name for people."},
					"database_name":      schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the tenant's database."},
					"server":             schema.StringAttribute{Computed: true, MarkdownDescription: "Key of the provider's `servers`, null for the main server."},
					"status":             schema.StringAttribute{Computed: true, MarkdownDescription: "`active`, `suspended` or `archived`; `creating` or `dropping` after an interrupted run."},
					"template":           schema.StringAttribute{Computed: true, MarkdownDescription: "Template version in force, as `name@version`."},
					"modules":            schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Optional modules of the database."},
					"metadata":           schema.MapAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Facts about the tenant."},
					"update_status":      schema.StringAttribute{Computed: true, MarkdownDescription: "Whether the tenant follows its template, as the last apply or an interruption left it: `current`, `pending_approval`, `conflict`, `held` or `interrupted`."},
					"wanted_template":    schema.StringAttribute{Computed: true, MarkdownDescription: "Template version that a tenant stays behind, as `name@version`; null when it follows."},
					"schema_fingerprint": schema.StringAttribute{Computed: true, MarkdownDescription: "Fingerprint of the schema."},
					"fleet":              schema.StringAttribute{Computed: true, MarkdownDescription: "Fleet that has the tenant, or keeps it ready; null for none."},
					"ready":              schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the tenant is nobody's yet: the `pool` of its fleet keeps it for whoever claims one."},
					"created_at":         schema.StringAttribute{Computed: true, MarkdownDescription: "When the tenant was created or adopted (RFC 3339, UTC)."},
				}},
			},
		},
	}
}

// Read lists the tenants.
func (d *tenantsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model tenantsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() || !session.Configured(d.session, "Listing tenants", &resp.Diagnostics) {
		return
	}
	tenants, err := d.engine.Tenants(ctx, tenant.Filter{
		Template: model.Template.ValueString(),
		Status:   landlord.Status(model.Status.ValueString()), WithoutDrift: true,
	})
	if err != nil {
		session.NewReporter(&resp.Diagnostics, nil).Problem(err, "Tenants could not be listed")
		return
	}
	slugs := make([]string, len(tenants))
	values := make(map[string]attr.Value, len(tenants))
	for i := range tenants {
		slugs[i] = tenants[i].Slug
		values[tenants[i].Slug] = fromListedTenant(&tenants[i])
	}
	model.Slugs = value.FromTexts(slugs)
	model.Tenants = types.MapValueMust(types.ObjectType{AttrTypes: listedTenantTypes()}, values)
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

func listedTenantTypes() map[string]attr.Type {
	return map[string]attr.Type{
		"name": types.StringType, "database_name": types.StringType, "server": types.StringType, "status": types.StringType,
		"template": types.StringType, "modules": types.ListType{ElemType: types.StringType},
		"metadata": types.MapType{ElemType: types.StringType}, "update_status": types.StringType, "wanted_template": types.StringType,
		"schema_fingerprint": types.StringType, "fleet": types.StringType, "ready": types.BoolType, "created_at": types.StringType,
	}
}

func fromListedTenant(t *landlord.Tenant) types.Object {
	metadata := make(map[string]attr.Value, len(t.Metadata))
	for key, value := range t.Metadata {
		metadata[key] = types.StringValue(value)
	}
	return types.ObjectValueMust(listedTenantTypes(), map[string]attr.Value{
		"name": types.StringValue(t.Name), "database_name": types.StringValue(t.DatabaseName), "server": value.TextOrNull(t.Server),
		"status": types.StringValue(string(t.Status)), "template": value.TextOrNull(t.Template), "modules": value.FromTexts(t.Modules),
		"metadata": types.MapValueMust(types.StringType, metadata), "update_status": value.TextOrNull(string(t.UpdateStatus)), "wanted_template": value.TextOrNull(t.Wanted),
		"schema_fingerprint": value.TextOrNull(t.SchemaFingerprint), "fleet": value.TextOrNull(t.Fleet), "ready": types.BoolValue(t.Ready), "created_at": value.TimeOrNull(t.CreatedAt),
	})
}
