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

var _ datasource.DataSourceWithConfigure = (*fleetDriftDataSource)(nil)

// fleetDrift compares all tenants with what is recorded of them.
type fleetDrift interface {
	FleetDrift(ctx context.Context, filter drift.FleetFilter) (*drift.FleetDrift, error)
}

// fleetDriftDataSource says which tenants differ from what was recorded.
type fleetDriftDataSource struct {
	session *session.Session
	engine  fleetDrift // nil while the session has none
}

// NewFleetDriftDataSource returns the data source of the drift of many tenants.
func NewFleetDriftDataSource() datasource.DataSource { return &fleetDriftDataSource{} }

// fleetDriftModel is the data source as Terraform has it.
type fleetDriftModel struct {
	Template types.String `tfsdk:"template"`
	Server   types.String `tfsdk:"server"`
	Status   types.String `tfsdk:"status"`
	Details  types.Bool   `tfsdk:"details"`

	InSync  types.Bool   `tfsdk:"in_sync"`
	Counts  types.Object `tfsdk:"counts"`
	Slugs   types.List   `tfsdk:"slugs"`
	Tenants types.Map    `tfsdk:"tenants"`
}

// Metadata names the data source.
func (d *fleetDriftDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = session.TypeName + "_fleet_drift"
}

// Configure takes the session.
func (d *fleetDriftDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.session, d.engine = session.From[fleetDrift](req.ProviderData, &resp.Diagnostics)
}

// Schema describes the attributes.
func (d *fleetDriftDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Which tenants differ from what was recorded after their last change. Without `details` the number of statements does not depend on the number of tenants. " +
			"A tenant or a server that cannot be read is reported as such and keeps no other tenant from being compared.",
		Attributes: map[string]schema.Attribute{
			"template": schema.StringAttribute{Optional: true, MarkdownDescription: "Only tenants of this template, as `name` or `name@version`. Default: all.", Validators: []validator.String{attribute.IsTemplate()}},
			"server":   schema.StringAttribute{Optional: true, MarkdownDescription: "Only tenants on this server: a key of the provider's `servers`, or an empty text for the main server. Default: all."},
			"status":   schema.StringAttribute{Optional: true, MarkdownDescription: "Only tenants with this status: `active`, `suspended` or `archived`. Default: all.", Validators: []validator.String{attribute.OneOf(landlord.StatusActive, landlord.StatusSuspended, landlord.StatusArchived)}},
			"details":  schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether the texts of the tenants that differ are read too, with a few statements for each kind of difference. Otherwise changes are whole objects without texts, and the harm is null where it needs them. Default: `false`."},
			"in_sync":  schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether all tenants are as recorded."},
			"counts": schema.SingleNestedAttribute{
				Computed: true, MarkdownDescription: "How many tenants are in which state.",
				Attributes: map[string]schema.Attribute{
					"tenants":     schema.Int64Attribute{Computed: true, MarkdownDescription: "All that were looked at."},
					"in_sync":     schema.Int64Attribute{Computed: true, MarkdownDescription: "As recorded."},
					"drifted":     schema.Int64Attribute{Computed: true, MarkdownDescription: "Changed from elsewhere."},
					"interrupted": schema.Int64Attribute{Computed: true, MarkdownDescription: "In the middle of a run that was cut off."},
					"missing":     schema.Int64Attribute{Computed: true, MarkdownDescription: "Without their database."},
					"unreadable":  schema.Int64Attribute{Computed: true, MarkdownDescription: "Not read."},
				},
			},
			"slugs": schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Slugs of the tenants that are not in sync, in alphabetical order."},
			"tenants": schema.MapNestedAttribute{
				Computed: true, MarkdownDescription: "The tenants that are not in sync, by slug.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"database_name": schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the tenant's database."},
					"server":        schema.StringAttribute{Computed: true, MarkdownDescription: "Key of the provider's `servers`, null for the main server."},
					"template":      schema.StringAttribute{Computed: true, MarkdownDescription: "Template version in force, as `name@version`."},
					"status":        schema.StringAttribute{Computed: true, MarkdownDescription: "`active`, `suspended` or `archived`; `creating` or `dropping` after an interrupted run."},
					"state":         schema.StringAttribute{Computed: true, MarkdownDescription: driftStates + " `unreadable`: see `problem`."},
					"problem":       schema.StringAttribute{Computed: true, MarkdownDescription: "Why the tenant could not be read."},
					"harm":          schema.StringAttribute{Computed: true, MarkdownDescription: worstHarm},
					"changes":       changesAttribute(),
					"repair_sql":    schema.StringAttribute{Computed: true, MarkdownDescription: "As in `landlord_tenant_drift`; null without `details`."},
					"adopt_hcl":     schema.StringAttribute{Computed: true, MarkdownDescription: "As in `landlord_tenant_drift`; null without `details`."},
				}},
			},
		},
	}
}

func fleetTenantTypes() map[string]attr.Type {
	return map[string]attr.Type{
		"database_name": types.StringType, "server": types.StringType, "template": types.StringType, "status": types.StringType,
		"state": types.StringType, "problem": types.StringType, "harm": types.StringType,
		"changes":    types.ListType{ElemType: types.ObjectType{AttrTypes: changeTypes()}},
		"repair_sql": types.StringType, "adopt_hcl": types.StringType,
	}
}

// Read compares the tenants.
func (d *fleetDriftDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model fleetDriftModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() || !session.Configured(d.session, "Looking for drift", &resp.Diagnostics) {
		return
	}
	found, err := d.engine.FleetDrift(ctx, drift.FleetFilter{
		Template: model.Template.ValueString(), Server: model.Server.ValueStringPointer(),
		Status: landlord.Status(model.Status.ValueString()), Details: model.Details.ValueBool(),
	})
	if err != nil {
		session.NewReporter(&resp.Diagnostics, nil).Problem(err, "Tenants could not be compared")
		return
	}
	model.fromFleet(found)
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

func (m *fleetDriftModel) fromFleet(f *drift.FleetDrift) {
	m.InSync = types.BoolValue(len(f.Tenants) == 0)
	counts := map[string]attr.Value{"tenants": types.Int64Value(int64(f.Total))}
	kinds := map[string]attr.Type{"tenants": types.Int64Type}
	for _, state := range []drift.State{drift.DriftNone, drift.DriftFound, drift.DriftInterrupted, drift.DriftMissing, drift.DriftUnreadable} {
		kinds[string(state)], counts[string(state)] = types.Int64Type, types.Int64Value(int64(f.Counts[state]))
	}
	m.Counts = types.ObjectValueMust(kinds, counts)
	slugs := make([]string, len(f.Tenants))
	values := make(map[string]attr.Value, len(f.Tenants))
	for i := range f.Tenants {
		d := &f.Tenants[i]
		slugs[i] = d.Slug
		values[d.Slug] = types.ObjectValueMust(fleetTenantTypes(), map[string]attr.Value{
			"database_name": types.StringValue(d.DatabaseName), "server": value.TextOrNull(d.Server), "template": value.TextOrNull(d.Template),
			"status": types.StringValue(string(d.Status)), "state": types.StringValue(string(d.State)), "problem": value.TextOrNull(d.Problem),
			"harm": value.TextOrNull(string(d.Harm())), "changes": fromChanges(d.Slug, d.Differences),
			"repair_sql": value.TextOrNull(d.RepairSQL), "adopt_hcl": value.TextOrNull(hcl.Customization(d.Slug, "adopted", d.Adoption)),
		})
	}
	m.Slugs = value.FromTexts(slugs)
	m.Tenants = types.MapValueMust(types.ObjectType{AttrTypes: fleetTenantTypes()}, values)
}
