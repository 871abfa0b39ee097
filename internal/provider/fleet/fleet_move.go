package fleet

import (
	"context"
	"errors"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/fleet"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/session"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/tenant"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/value"
)

// newFleetModel returns a fleet that is known by its name, its template and its
// tenants, with the defaults of everything else.
func newFleetModel(spec fleet.Spec) fleetModel {
	defaults := tenant.NewModel("")
	defaults.FromImport(&landlord.Tenant{})
	m := fleetModel{
		Name: types.StringValue(spec.Name), Template: value.TextOrNull(spec.Template), Tenants: types.StringNull(), Pool: types.Int64Null(),
		Placement: types.MapNull(types.Int64Type), Select: types.ObjectNull(fleetSelectTypes()), Released: types.SetNull(types.StringType), Rollout: types.ObjectNull(fleetRolloutTypes()),
		Timeouts: defaults.Timeouts, ID: types.StringValue(spec.Name), Pooled: fromSlugs(spec.Pooled, spec.Pool > 0),
		Plans: fromClasses(nil), Summary: types.ObjectNull(fleetSummaryTypes()), Results: fromResults(nil),
	}
	m.takePolicies(&defaults)
	if spec.Pool > 0 {
		m.Pool = types.Int64Value(int64(spec.Pool))
	}
	if len(spec.Members) > 0 {
		m.Tenants = types.StringValue(fleet.WriteMembers(spec.Members))
	}
	return m
}

// takePolicies takes what is the same for all tenants from one.
func (m *fleetModel) takePolicies(t *tenant.Model) {
	m.UpdatePolicy, m.DriftPolicy, m.Resolutions, m.AllowDestructive = t.UpdatePolicy, t.DriftPolicy, t.Resolutions, t.AllowDestructive
	m.DestructiveMode, m.DestructiveObjects, m.Retention, m.ProbeData, m.Automatic = t.DestructiveMode, t.DestructiveObjects, t.Retention, t.ProbeData, t.Automatic
	m.DeletionPolicy, m.DeletionCheckpoint = t.DeletionPolicy, t.DeletionCheckpoint
}

// ImportState takes the name of a fleet that the landlord database knows, or the
// identity.
func (r *fleetResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if !session.Configured(r.session, "Importing a fleet", &resp.Diagnostics) {
		return
	}
	named := attribute.NamedIdentity{Name: types.StringValue(req.ID)}
	if req.ID == "" && req.Identity != nil {
		resp.Diagnostics.Append(req.Identity.Get(ctx, &named)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	spec, err := r.engine.KnownFleet(ctx, named.Name.ValueString())
	if errors.Is(err, landlord.ErrNotFound) {
		resp.Diagnostics.AddError("Fleet to import is not known", "The landlord database knows no tenant of a fleet `"+named.Name.ValueString()+"`.\n\n"+
			"Import a fleet by its name. Tenants that exist and are in no fleet join one as they are: list them in a new one.")
		return
	}
	if err != nil {
		r.report(ctx, &resp.Diagnostics).Problem(err, "Fleet could not be read")
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, newFleetModel(*spec))...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, named)...)
}

// MoveState makes a fleet of one tenant, with its policies: for a `moved` block
// from a `landlord_tenant`. The fleet gets its name, and its other tenants, with
// the apply.
func (r *fleetResource) MoveState(ctx context.Context) []resource.StateMover {
	source := tenant.Schema(ctx)
	return []resource.StateMover{{
		SourceSchema: &source,
		StateMover: func(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
			if req.SourceTypeName != session.TypeName+"_tenant" || !strings.HasSuffix(req.SourceProviderAddress, "landlord-db/landlord") || req.SourceState == nil {
				return
			}
			var t tenant.Model
			resp.Diagnostics.Append(req.SourceState.Get(ctx, &t)...)
			if resp.Diagnostics.HasError() {
				return
			}
			if t.Status.ValueString() != string(landlord.StatusActive) {
				resp.Diagnostics.AddAttributeError(path.Root("tenants"), "Tenant is not active", "Tenant `"+t.Slug.ValueString()+"` is "+t.Status.ValueString()+", and the tenants that a fleet lists are active.\n\n"+
					"Make it active first. Or take it out with a `removed` block and `destroy = false`, and let the fleet `select` it: it keeps its status then.")
				return
			}
			m := newFleetModel(fleet.Spec{Template: t.AppliedTemplate.ValueString(), Members: []fleet.Member{{
				Slug: t.Slug.ValueString(), Name: t.Name.ValueString(), Modules: value.ToTexts(t.Modules), Metadata: value.ToMap(t.Metadata), Server: t.Server.ValueString(),
			}}})
			m.takePolicies(&t)
			if resp.TargetIdentity != nil {
				resp.Diagnostics.Append(resp.TargetIdentity.Set(ctx, m.identity())...)
			}
			resp.Diagnostics.Append(resp.TargetState.Set(ctx, m)...)
		},
	}}
}

// ToTenant makes a tenant of a fleet of one, with its policies: for a `moved` block
// from a `landlord_tenant_fleet`.
func ToTenant(ctx context.Context) []resource.StateMover {
	source := fleetSchema(ctx)
	return []resource.StateMover{{
		SourceSchema: &source,
		StateMover: func(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
			if req.SourceTypeName != session.TypeName+"_tenant_fleet" || !strings.HasSuffix(req.SourceProviderAddress, "landlord-db/landlord") || req.SourceState == nil {
				return
			}
			var f fleetModel
			resp.Diagnostics.Append(req.SourceState.Get(ctx, &f)...)
			if resp.Diagnostics.HasError() {
				return
			}
			spec, err := f.toSpec()
			if err != nil || len(spec.Members) != 1 || len(spec.Selected)+len(spec.Pooled) > 0 {
				resp.Diagnostics.AddAttributeError(path.Root("slug"), "Fleet is not one tenant", "A `moved` block makes a `landlord_tenant` of a fleet that lists one tenant, and has neither selected nor ready ones; the fleet `"+spec.Name+"` is another.\n\n"+
					"Name a tenant in `released` of the fleet, take it out of its list, and import it as a `landlord_tenant`.")
				return
			}
			one := spec.Members[0]
			t := tenant.NewModel(one.Slug)
			t.FromImport(&landlord.Tenant{Template: spec.TemplateOf(one), Modules: one.Modules})
			t.Name, t.Metadata, t.Server, t.DatabaseName = types.StringValue(one.Name), value.MapOrNull(one.Metadata), value.TextOrNull(one.Server), value.TextOrNull(one.Database)
			t.UpdatePolicy, t.DriftPolicy, t.Resolutions, t.AllowDestructive = f.UpdatePolicy, f.DriftPolicy, f.Resolutions, f.AllowDestructive
			t.DestructiveMode, t.DestructiveObjects, t.Retention, t.ProbeData, t.Automatic = f.DestructiveMode, f.DestructiveObjects, f.Retention, f.ProbeData, f.Automatic
			t.DeletionPolicy, t.DeletionCheckpoint = f.DeletionPolicy, f.DeletionCheckpoint
			if resp.TargetIdentity != nil {
				resp.Diagnostics.Append(resp.TargetIdentity.Set(ctx, tenant.Identity{Slug: t.Slug})...)
			}
			resp.Diagnostics.Append(resp.TargetState.Set(ctx, t)...)
		},
	}}
}
