package tenant

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/session"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/value"
)

// ModifyPlan makes the migration part of the plan.
//
// Terraform calls it in the plan, again in the apply, and once more for the
// second half of a replacement, and every value that was known the first time
// has to come out the same. So everything here comes from the configuration,
// the prior state and the engine's plan, which itself depends on nothing else
// but published templates and a schema whose fingerprint is in that state.
func (r *tenantResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		r.planDestroy(ctx, req, resp)
		return
	}
	unchanged := req.Plan.Raw.Equal(req.State.Raw)
	leaves := session.Kept(ctx, resp.Private, keptFleet, &resp.Diagnostics) != ""
	if unchanged && (!r.session.Ready() || isSettled(req.State) && !leaves) {
		return // keeps the prior state: no difference
	}
	var plan Model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	prior := priorTenant(ctx, req, resp)
	if resp.Diagnostics.HasError() {
		return
	}
	if prior != nil && !prior.Slug.Equal(plan.Slug) {
		r.refuseDestroy(ctx, prior, resp) // Terraform does not ask about the first half
		if resp.Diagnostics.HasError() {
			return
		}
		prior = nil // the new half of a replacement
	}
	if !r.session.Ready() || !plan.isPlannable() {
		plan.forget(prior)
		if r.session.Ready() {
			plan.warnOfUnseen(prior, &resp.Diagnostics)
		}
		resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
		return
	}
	if req.State.Raw.IsNull() && !r.session.PlansAnew(plan.Slug.ValueString()) {
		resp.Diagnostics.AddAttributeError(path.Root("slug"), "Two resources make one tenant",
			fmt.Sprintf("Another resource of this run makes the tenant `%s` too. Each would take the database for its own, and destroying one would take it from the other.", plan.Slug.ValueString())+
				"\n\nRemove one of the resources, or give it another slug.")
		return
	}
	r.planTenant(ctx, &plan, prior, unchanged, resp)
}

// The keys of what is kept of a tenant beside its state, where nobody reads it.
const (
	keptFingerprint = "fingerprint"    // that the last apply left, until a refresh
	keptLast        = "last_migration" // likewise
	keptDigest      = "digest"         // of the planned migration
	keptBehind      = "behind"         // that the landlord database knew less at the last refresh
	keptFleet       = "fleet"          // out of which it has come into the state, until the next apply
)

// keepBehind keeps that a refresh has found a landlord database that knows less than the
// state: the plan shows what is recorded anew, and its apply does.
func keepBehind(ctx context.Context, t *landlord.Tenant, p session.Private, diags *diag.Diagnostics) {
	behind := ""
	if t.Behind {
		behind = "true"
	}
	session.Keep(ctx, p, keptBehind, behind, diags)
}

// keepFleet keeps which fleet has a tenant that has just come into the state, which
// knows no time of its making yet: the next apply takes it out of there. A fleet that
// has another tenant of this resource has it in addition.
func keepFleet(ctx context.Context, t *landlord.Tenant, state *Model, p session.Private, diags *diag.Diagnostics) {
	if t.Fleet != "" && !state.CreatedAt.IsNull() && session.Kept(ctx, p, keptFleet, diags) == "" {
		diags.AddAttributeWarning(path.Root("slug"), "Two resources manage one tenant",
			fmt.Sprintf("Tenant `%s` is in the fleet `%s`, and this resource has it too. Each brings it to what its own configuration says, and destroying one takes it from the other.", t.Slug, t.Fleet)+
				"\n\nTo leave it to the fleet, remove this resource with a `removed` block and `destroy = false`. To leave it to this resource, take it out of `tenants` of the fleet and name it in `released` there; where no configuration has that fleet any more, forget this resource in Terraform's state and import it: what is imported leaves its fleet.")
		return
	}
	session.Keep(ctx, p, keptFleet, t.Fleet, diags)
}

// priorOf returns the tenant as the prior state, and what is kept beside it, know
// it.
func priorOf(ctx context.Context, m *Model, p session.Private, diags *diag.Diagnostics) landlord.PriorTenant {
	prior := m.toPrior(session.Kept(ctx, p, keptFingerprint, diags))
	prior.Seen = session.Kept(ctx, p, session.KeptSeen, diags)
	prior.Recorded = session.Kept(ctx, p, keptBehind, diags) == ""
	prior.Fleet = session.Kept(ctx, p, keptFleet, diags)
	var last landlord.LastMigration
	if text := session.Kept(ctx, p, keptLast, diags); text != "" && json.Unmarshal([]byte(text), &last) == nil {
		prior.Last = &last
	}
	return prior
}

// keepResult keeps what the apply has made of a tenant.
func keepResult(ctx context.Context, t *landlord.Tenant, p session.Private, diags *diag.Diagnostics) {
	last := ""
	if raw, err := json.Marshal(t.LastMigration); err == nil && t.LastMigration != nil {
		last = string(raw)
	}
	session.Keep(ctx, p, keptDigest, "", diags)
	session.Keep(ctx, p, keptBehind, "", diags)
	session.Keep(ctx, p, keptFleet, "", diags)
	session.Keep(ctx, p, keptFingerprint, t.SchemaFingerprint, diags)
	session.Keep(ctx, p, keptLast, last, diags)
}

// planTenant asks the engine and writes its answer into the plan.
func (r *tenantResource) planTenant(ctx context.Context, plan, prior *Model, unchanged bool, resp *resource.ModifyPlanResponse) {
	var before *landlord.PriorTenant
	if prior != nil {
		p := priorOf(ctx, prior, resp.Private, &resp.Diagnostics)
		before = &p
	}
	report := r.report(ctx, &resp.Diagnostics)
	answer, err := r.engine.PlanTenant(ctx, plan.ToSpec(), before)
	if err != nil {
		endpoint, _ := landlord.Unreached(err)
		if !r.session.Missed(endpoint) { // else the refresh has failed of it
			report.Problem(err, "Tenant could not be planned")
		}
		return
	}
	report.Notes(answer.Notes)
	if resp.Diagnostics.HasError() {
		return
	}
	leaves := before != nil && before.Fleet != ""
	if unchanged && prior != nil && prior.waitsFor(answer) && !leaves {
		return // it is in the state, and nothing would run
	}
	plan.fromPlan(answer, prior, unchanged)
	if leaves {
		plan.UpdateStatus = types.StringUnknown() // else Terraform sees nothing to apply
	}
	if prior != nil {
		session.Keep(ctx, resp.Private, keptDigest, answer.Digest, &resp.Diagnostics)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// planDestroy refuses what the apply would refuse.
func (r *tenantResource) planDestroy(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var prior Model
	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	if !resp.Diagnostics.HasError() {
		r.refuseDestroy(ctx, &prior, resp)
	}
}

// refuseDestroy refuses to destroy a tenant as the last apply left it. It has to
// be an error of the plan: once the apply has begun, Terraform destroys the
// tenant's customizations and checkpoints before it asks for the tenant, and
// waits for that destroy before it updates a template that other tenants follow.
func (r *tenantResource) refuseDestroy(ctx context.Context, prior *Model, resp *resource.ModifyPlanResponse) {
	if prior.DeletionPolicy.ValueString() == string(landlord.DeletionProtect) {
		protected(prior.Slug.ValueString(), &resp.Diagnostics)
		return
	}
	if r.session.Ready() {
		if err := r.engine.PlanDelete(ctx, prior.Slug.ValueString(), prior.ToDeleteOptions()); err != nil {
			r.report(ctx, &resp.Diagnostics).Problem(err, "Tenant could not be planned")
		}
	}
}

// protected refuses a plan that destroys a tenant of which the last apply said
// that it is protected.
func protected(slug string, diags *diag.Diagnostics) {
	diags.AddAttributeError(path.Root("deletion_policy"), "Tenant is protected from deletion", strings.Join([]string{
		fmt.Sprintf("The plan destroys the tenant `%s`, whose `deletion_policy` is `protect`. Nothing was touched.", slug),
		"To let it go, first apply `deletion_policy = \"archive\"` (the database stays, nobody can use it) or `deletion_policy = \"drop\"` (the data is destroyed), then destroy. " +
			"To only forget it in Terraform, use a `removed` block with `destroy = false`. A resource that was renamed, or that has another key in `for_each`, wants a `moved` block: then the tenant stays as it is.",
	}, "\n\n"))
}

// priorTenant returns the tenant of the prior state, nil when it is created.
func priorTenant(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) *Model {
	if req.State.Raw.IsNull() {
		return nil
	}
	var prior Model
	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	return &prior
}

// warnOfUnseen says that a plan cannot show what the apply will do to a tenant.
func (m *Model) warnOfUnseen(prior *Model, diags *diag.Diagnostics) {
	what, next := "make its database", "To see them, apply first what the values come from, for example with `-target`, and plan again."
	if prior != nil {
		what, next = "the apply sends to its database", next+" Or set `update_policy = \"review\"`: a migration then waits for an approval."
	}
	diags.AddAttributeWarning(path.Root("template"), "Statements are known only in the apply",
		fmt.Sprintf("The plan of tenant `%s` has values that are known after apply, its `template` or what goes with it. So nobody will have seen the statements that %s.", m.Slug.ValueString(), what)+"\n\n"+next)
}

// isPlannable says whether everything is known that shapes the migration. Name
// and metadata do not.
func (m *Model) isPlannable() bool {
	return value.Known(m.Slug, m.Template, m.Modules, m.Status, m.Server, m.UpdatePolicy, m.DriftPolicy,
		m.Resolutions, m.AllowDestructive, m.DestructiveMode, m.DestructiveObjects, m.Retention, m.ProbeData)
}

// isSettled says whether a state leaves nothing to do, without making a model
// of it: this is what happens to nearly every tenant in nearly every plan.
func isSettled(state tfsdk.State) bool {
	var raw map[string]tftypes.Value
	if err := state.Raw.As(&raw); err != nil {
		return false
	}
	if text(raw["update_status"]) != string(landlord.UpdateCurrent) || text(raw["applied_template"]) != text(raw["template"]) {
		return false
	}
	var drift []tftypes.Value
	if err := raw["drift"].As(&drift); err != nil {
		return false
	}
	return len(drift) == 0 || text(raw["drift_policy"]) == string(landlord.DriftReport)
}

// text returns a text of a raw value, empty when it is null or unknown.
func text(value tftypes.Value) string {
	var text string
	if !value.IsKnown() || value.IsNull() || value.As(&text) != nil {
		return ""
	}
	return text
}
