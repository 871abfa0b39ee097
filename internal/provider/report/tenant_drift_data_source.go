package report

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/drift"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/hcl"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/session"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/value"
)

var _ datasource.DataSourceWithConfigure = (*tenantDriftDataSource)(nil)

// tenantDrift compares a tenant with what is recorded of it.
type tenantDrift interface {
	Drift(ctx context.Context, slug string, thorough bool) (*drift.TenantDrift, error)
}

// tenantDriftDataSource says in what one tenant differs from what was recorded.
type tenantDriftDataSource struct {
	session *session.Session
	engine  tenantDrift // nil while the session has none
}

// NewTenantDriftDataSource returns the data source of the drift of one tenant.
func NewTenantDriftDataSource() datasource.DataSource { return &tenantDriftDataSource{} }

// tenantDriftModel is the data source as Terraform has it.
type tenantDriftModel struct {
	Tenant   types.String `tfsdk:"tenant"`
	Thorough types.Bool   `tfsdk:"thorough"`

	InSync              types.Bool   `tfsdk:"in_sync"`
	State               types.String `tfsdk:"state"`
	DatabaseName        types.String `tfsdk:"database_name"`
	SchemaFingerprint   types.String `tfsdk:"schema_fingerprint"`
	RecordedFingerprint types.String `tfsdk:"recorded_fingerprint"`
	Harm                types.String `tfsdk:"harm"`
	Changes             types.List   `tfsdk:"changes"`
	RepairSQL           types.String `tfsdk:"repair_sql"`
	RepairObstacles     types.List   `tfsdk:"repair_obstacles"`
	AdoptHCL            types.String `tfsdk:"adopt_hcl"`
}

// Metadata names the data source.
func (d *tenantDriftDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = session.TypeName + "_tenant_drift"
}

// Configure takes the session.
func (d *tenantDriftDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.session, d.engine = session.From[tenantDrift](req.ProviderData, &resp.Diagnostics)
}

// Schema describes the attributes.
func (d *tenantDriftDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "What differs in one tenant from what was recorded after its last change: changes that came from elsewhere. " +
			"A recorded customization is no drift, and neither is an interrupted migration. Meant for `check` blocks and preconditions.",
		Attributes: map[string]schema.Attribute{
			"tenant": schema.StringAttribute{Required: true, MarkdownDescription: "Slug of the tenant.", Validators: []validator.String{attribute.IsSlug()}},
			"thorough": schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether the text of every object is read, one statement each, also where nothing seems to differ. " +
				"It finds what the servers' catalogs do not show: on MySQL `COLUMN_FORMAT`, the parser of a FULLTEXT key, `AUTOEXTEND_SIZE` and the `ALGORITHM` of a view; on MariaDB the `KEY_BLOCK_SIZE` of a key. Default: `false`."},
			"in_sync":              schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether nothing differs. Also true for a tenant that this run will create."},
			"state":                schema.StringAttribute{Computed: true, MarkdownDescription: driftStates + " `planned`: this run creates the tenant."},
			"database_name":        schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the tenant's database."},
			"schema_fingerprint":   schema.StringAttribute{Computed: true, MarkdownDescription: "Fingerprint of the schema that the server has; null when there is none."},
			"recorded_fingerprint": schema.StringAttribute{Computed: true, MarkdownDescription: "Fingerprint of the schema that was recorded."},
			"harm":                 schema.StringAttribute{Computed: true, MarkdownDescription: worstHarm},
			"changes":              changesAttribute(),
			"repair_sql":           schema.StringAttribute{Computed: true, MarkdownDescription: "Statements that bring the tenant back to what was recorded, in their order, as a script for the standard client; null when there are none. What a statement loses stands in a comment before it. `drift_policy = \"repair\"` runs them as a migration instead, which sets data aside."},
			"repair_obstacles":     schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "What `repair_sql` cannot bring back, and why."},
			"adopt_hcl":            schema.StringAttribute{Computed: true, MarkdownDescription: "A `landlord_tenant_customization` that takes in everything that can be; null when nothing can. Add the reason."},
		},
	}
}

const (
	driftStates = "`in_sync`, `drifted`, `interrupted`: a run was cut off and the next apply goes on, or `missing`: the server has no such database."
	worstHarm   = "The worst harm of all changes: `breaks_core`, `breaks_customization` or `harmless`; null when nothing differs, or nothing was decided."
)

// changesAttribute describes differences with their texts.
func changesAttribute() schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		Computed: true, MarkdownDescription: "What differs: whole objects, and elements of tables that are there on both sides. Empty when nothing does.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"object":          schema.StringAttribute{Computed: true, MarkdownDescription: "The object, for example ``table `users` ``."},
			"element":         schema.StringAttribute{Computed: true, MarkdownDescription: "The part of a table, for example ``column `phone` ``; null for the whole object."},
			"kind":            schema.StringAttribute{Computed: true, MarkdownDescription: "`missing`, `extra` or `changed`, seen from what was recorded; `definer` for a view, routine, trigger or event that runs with the rights of another account than the owner of the database."},
			"detail":          schema.StringAttribute{Computed: true, MarkdownDescription: "What differs, in words."},
			"harm":            schema.StringAttribute{Computed: true, MarkdownDescription: "What it breaks: `breaks_core`, `breaks_customization` or `harmless`; null where it was not decided."},
			"harm_reason":     schema.StringAttribute{Computed: true, MarkdownDescription: "Why."},
			"customization":   schema.StringAttribute{Computed: true, MarkdownDescription: "The customization that is broken."},
			"expected":        schema.StringAttribute{Computed: true, MarkdownDescription: "The definition that was recorded; null for what is extra."},
			"actual":          schema.StringAttribute{Computed: true, MarkdownDescription: "The definition on the server; null for what is missing."},
			"repair_sql":      schema.StringAttribute{Computed: true, MarkdownDescription: "Statements that bring this object alone back to what was recorded. Changes of one object share them."},
			"repair_obstacle": schema.StringAttribute{Computed: true, MarkdownDescription: "Why there is no `repair_sql`."},
			"adopt_hcl":       schema.StringAttribute{Computed: true, MarkdownDescription: "A `landlord_tenant_customization` that takes this change in."},
			"adopt_obstacle":  schema.StringAttribute{Computed: true, MarkdownDescription: "Why there is no `adopt_hcl`."},
		}},
	}
}

func changeTypes() map[string]attr.Type {
	all := map[string]attr.Type{}
	for _, name := range []string{"object", "element", "kind", "detail", "harm", "harm_reason", "customization", "expected", "actual",
		"repair_sql", "repair_obstacle", "adopt_hcl", "adopt_obstacle"} {
		all[name] = types.StringType
	}
	return all
}

// Read compares the tenant.
func (d *tenantDriftDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model tenantDriftModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() || !session.Configured(d.session, "Looking for drift", &resp.Diagnostics) {
		return
	}
	found, err := d.engine.Drift(ctx, model.Tenant.ValueString(), model.Thorough.ValueBool())
	if err != nil {
		session.NewReporter(&resp.Diagnostics, isTenantField).Problem(err, "Tenant could not be compared")
		return
	}
	model.fromDrift(found)
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

// isTenantField says whether a data source of one tenant has the attribute that
// a problem is about.
func isTenantField(name string) bool { return name == string(landlord.FieldTenant) }

func (m *tenantDriftModel) fromDrift(d *drift.TenantDrift) {
	m.InSync, m.State = types.BoolValue(d.InSync()), types.StringValue(string(d.State))
	m.DatabaseName = types.StringValue(d.DatabaseName)
	m.SchemaFingerprint, m.RecordedFingerprint = value.TextOrNull(d.Fingerprint), value.TextOrNull(d.BaseFingerprint)
	m.Harm = value.TextOrNull(string(d.Harm()))
	m.Changes = fromChanges(d.Slug, d.Differences)
	m.RepairSQL, m.RepairObstacles = value.TextOrNull(d.RepairSQL), value.FromTexts(d.RepairObstacles)
	m.AdoptHCL = value.TextOrNull(hcl.Customization(d.Slug, "adopted", d.Adoption))
}

// fromChanges returns differences with their texts, never null.
func fromChanges(slug string, list []landlord.Difference) types.List {
	of := changeTypes()
	values := make([]attr.Value, len(list))
	for i, d := range list {
		values[i] = types.ObjectValueMust(of, map[string]attr.Value{
			"object": types.StringValue(d.Object), "element": value.TextOrNull(d.Element), "kind": types.StringValue(string(d.Kind)),
			"detail": types.StringValue(d.Detail), "harm": value.TextOrNull(string(d.Harm)), "harm_reason": value.TextOrNull(d.HarmReason),
			"customization": value.TextOrNull(d.Customization), "expected": value.TextOrNull(d.Expected), "actual": value.TextOrNull(d.Actual),
			"repair_sql": value.TextOrNull(d.RepairSQL), "repair_obstacle": value.TextOrNull(d.RepairObstacle),
			"adopt_hcl": value.TextOrNull(hcl.Customization(slug, hcl.AdoptionName(d), d.Adoption)), "adopt_obstacle": value.TextOrNull(d.AdoptObstacle),
		})
	}
	return types.ListValueMust(types.ObjectType{AttrTypes: of}, values)
}
