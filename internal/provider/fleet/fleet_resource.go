package fleet

import (
	"context"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/fleet"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/record"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/session"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/value"
)

var (
	_ resource.ResourceWithConfigure      = (*fleetResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*fleetResource)(nil)
	_ resource.ResourceWithIdentity       = (*fleetResource)(nil)
	_ resource.ResourceWithImportState    = (*fleetResource)(nil)
	_ resource.ResourceWithMoveState      = (*fleetResource)(nil)
	_ resource.ResourceWithValidateConfig = (*fleetResource)(nil)
)

// Engine is what fleets need of the engine.
type Engine interface {
	fleets
	rollouts
	claims
}

// fleets plans and changes fleets.
type fleets interface {
	session.Seer
	PlanFleet(ctx context.Context, spec fleet.Spec, prior *fleet.Prior) (*fleet.Plan, error)
	ApplyFleet(ctx context.Context, spec fleet.Spec, prior *fleet.Prior, digest string) (*fleet.Applied, error)
	KnownFleet(ctx context.Context, name string) (*fleet.Spec, error)
	FleetState(ctx context.Context, spec fleet.Spec, before []fleet.Result) (*fleet.State, error)
}

// fleetResource manages many tenants.
type fleetResource struct {
	session *session.Session
	engine  fleets // nil while the session has none
}

// NewResource returns the resource of a fleet.
func NewResource() resource.Resource { return &fleetResource{} }

// NewListResource returns the list of fleets.
func NewListResource() list.ListResource {
	return record.NewList(landlord.RecordFleet, func() record.Importable { return &fleetResource{} }, "The fleets that have a tenant, each with its tenants as a list.")
}

// Metadata names the resource. A fleet can be renamed, so its identity can change.
func (r *fleetResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = session.TypeName + "_tenant_fleet"
	resp.ResourceBehavior.MutableIdentity = true
}

// Configure takes the session.
func (r *fleetResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.session, r.engine = session.From[fleets](req.ProviderData, &resp.Diagnostics)
}

// Schema describes the attributes.
func (r *fleetResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = fleetSchema(ctx)
}

// IdentitySchema describes what names a fleet.
func (r *fleetResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = attribute.NamedIdentitySchema("Name of the fleet.")
}

// ValidateConfig checks the list of the tenants.
func (r *fleetResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config fleetModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || config.Tenants.IsUnknown() {
		return
	}
	if config.Tenants.IsNull() {
		if config.Select.IsNull() && config.Pool.IsNull() {
			resp.Diagnostics.AddError("Fleet can have no tenants", "Neither `tenants` lists any, nor does `select` choose any, nor does `pool` keep any ready.\n\nSet one of them.")
		}
		return
	}
	if _, err := fleet.ParseMembers(config.Tenants.ValueString()); err != nil {
		r.report(ctx, &resp.Diagnostics).Problem(err, "Fleet could not be read")
	}
}

// ModifyPlan makes what is to be done with the tenants part of the plan.
func (r *fleetResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var plan fleetModel
	var prior *fleetModel
	if !req.State.Raw.IsNull() {
		prior = &fleetModel{}
		resp.Diagnostics.Append(req.State.Get(ctx, prior)...)
	}
	destroys := req.Plan.Raw.IsNull()
	if !destroys {
		resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if !r.session.Ready() || !destroys && !plan.isPlannable() {
		if !destroys {
			plan.forget()
			if r.session.Ready() {
				plan.warnOfUnseen(&resp.Diagnostics)
			}
			resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
		}
		return
	}
	var before *fleet.Prior
	if prior != nil {
		before = priorFleet(ctx, prior, req.Private, &resp.Diagnostics)
	}
	if !destroys && prior != nil && sameMembers(prior.Tenants, plan.Tenants) {
		plan.Tenants = prior.Tenants // core takes that for no difference
	}
	report := r.report(ctx, &resp.Diagnostics)
	spec, err := r.wants(&plan, prior, destroys)
	if err != nil {
		report.Problem(err, "Fleet could not be read")
		return
	}
	answer, err := r.engine.PlanFleet(ctx, spec, before)
	if err != nil {
		report.Problem(err, "Fleet could not be planned")
		return
	}
	report.Notes(answer.Notes)
	if destroys || resp.Diagnostics.HasError() {
		return
	}
	plan.fromPlan(answer, prior)
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// wants returns what is wanted of a fleet: of one that is destroyed, no tenants.
func (r *fleetResource) wants(plan, prior *fleetModel, destroys bool) (fleet.Spec, error) {
	if !destroys {
		spec, err := plan.toSpec()
		spec.Altered = prior == nil || !plan.wantsTheSame(prior)
		return spec, err
	}
	spec, err := prior.toSpec()
	spec.Ends = true
	spec.Members, spec.Released, spec.Select, spec.Selected = nil, nil, nil, nil
	spec.Pool, spec.Pooled = 0, nil
	spec.Rollout = fleet.Rollout{MaxParallel: spec.Rollout.MaxParallel, MaxPerServer: spec.Rollout.MaxPerServer, MaxFailures: spec.Rollout.MaxFailures, FailuresShare: spec.Rollout.FailuresShare} // there are no waves
	return spec, err
}

// Create makes the tenants. On failure nothing is saved: Terraform would take
// the fleet for broken and destroy it with the next plan. The landlord database
// knows what was made, and the next Create does the rest.
func (r *fleetResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan fleetModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() || !session.Configured(r.session, "Creating a fleet", &resp.Diagnostics) {
		return
	}
	timeout, diags := plan.Timeouts.Create(ctx, attribute.CreateTimeout)
	resp.Diagnostics.Append(diags...)
	work, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if r.apply(work, &plan, nil, r.report(ctx, &resp.Diagnostics)) {
		resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
		resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	}
}

// priorFleet returns the fleet as the prior state, and what is kept beside it,
// know it.
func priorFleet(ctx context.Context, m *fleetModel, p session.Private, diags *diag.Diagnostics) *fleet.Prior {
	prior := m.toPrior()
	prior.Seen = session.Kept(ctx, p, session.KeptSeen, diags)
	return prior
}

// apply brings the fleet to what was planned, and says whether it is.
func (r *fleetResource) apply(ctx context.Context, plan *fleetModel, prior *fleet.Prior, report session.Reporter) bool {
	spec, err := plan.toSpec()
	if err != nil {
		report.Problem(err, "Fleet could not be read")
		return false
	}
	spec.Planned = !plan.Selected.IsUnknown() && !plan.Pooled.IsUnknown()
	applied, err := r.engine.ApplyFleet(ctx, spec, prior, plan.PlanDigest.ValueString())
	if err != nil {
		report.Problem(err, "Fleet could not be changed")
		return false
	}
	report.Notes(applied.Notes)
	plan.resolve(applied)
	return true
}

// Read looks at the tenants. The identity is set first, as for tenants.
func (r *fleetResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state fleetModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
	if resp.Diagnostics.HasError() || !r.session.Ready() {
		return
	}
	spec, err := state.toSpec()
	if err != nil {
		r.report(ctx, &resp.Diagnostics).Problem(err, "Fleet could not be read")
		return
	}
	now, err := r.engine.FleetState(ctx, spec, state.toResults())
	if err != nil {
		r.report(ctx, &resp.Diagnostics).Problem(err, "Fleet could not be read")
		return
	}
	if resp.Private != nil { // a list has no state beside which something is kept
		session.KeepSeen(ctx, r.engine, resp.Private, r.report(ctx, &resp.Diagnostics), append(spec.Slugs(), append(spec.Selected, fleet.AllTenants)...)...)
	}
	former := state
	state.fromState(now)
	state.Plans, state.PlanDigest = fromClasses(nil), value.TextOrNull("")
	if !reflect.DeepEqual(former, state) {
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	}
}

// Update brings the tenants to what was planned.
func (r *fleetResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, prior fleetModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	if resp.Diagnostics.HasError() || !session.Configured(r.session, "Changing a fleet", &resp.Diagnostics) {
		return
	}
	timeout, diags := plan.Timeouts.Update(ctx, attribute.UpdateTimeout)
	resp.Diagnostics.Append(diags...)
	work, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if r.apply(work, &plan, priorFleet(ctx, &prior, req.Private, &resp.Diagnostics), r.report(ctx, &resp.Diagnostics)) {
		resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
		resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	}
}

// Delete lets every tenant go as the deletion policy of the last apply says.
func (r *fleetResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state fleetModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !session.Configured(r.session, "Destroying a fleet", &resp.Diagnostics) {
		return
	}
	timeout, diags := state.Timeouts.Delete(ctx, attribute.DeleteTimeout)
	resp.Diagnostics.Append(diags...)
	work, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	report := r.report(ctx, &resp.Diagnostics)
	spec, err := r.wants(nil, &state, true)
	if err != nil {
		report.Problem(err, "Fleet could not be read")
		return
	}
	applied, err := r.engine.ApplyFleet(work, spec, state.toPrior(), "")
	if err != nil {
		report.Problem(err, "Fleet could not be destroyed")
		return
	}
	report.Notes(applied.Notes)
}

// report returns the translator of the engine's words.
func (r *fleetResource) report(ctx context.Context, diags *diag.Diagnostics) session.Reporter {
	return session.NewReporter(diags, session.KnowsAnyOf(fleetSchema(ctx).Attributes))
}

// warnOfUnseen says that a plan cannot show what the apply will do to the tenants.
func (m *fleetModel) warnOfUnseen(diags *diag.Diagnostics) {
	diags.AddAttributeWarning(path.Root("tenants"), "Changes are known only in the apply",
		"The plan of fleet `"+m.Name.ValueString()+"` has values that are known after apply. So nobody will have seen which tenants are made, changed or destroyed, and by which statements.\n\n"+
			"To see them, apply first what the values come from, for example with `-target`, and plan again. With `deletion_policy = \"protect\"` no tenant is destroyed.")
}
