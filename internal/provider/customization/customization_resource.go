package customization

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/customization"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/record"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/session"
)

var (
	_ resource.ResourceWithConfigure   = (*customizationResource)(nil)
	_ resource.ResourceWithIdentity    = (*customizationResource)(nil)
	_ resource.ResourceWithImportState = (*customizationResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*customizationResource)(nil)
)

// Engine gives tenants what they have of their own.
type Engine interface {
	session.Seer
	PlanCustomization(ctx context.Context, spec customization.Spec, prior *customization.PriorCustomization) (*customization.Plan, error)
	PlanRemoval(ctx context.Context, tenant, name string, opt customization.RemovalOptions) (*customization.Plan, error)
	Replaced(tenant, name string)
	ApplyCustomization(ctx context.Context, spec customization.Spec, prior *customization.PriorCustomization, digest string) (*customization.Customization, error)
	Customization(ctx context.Context, tenant, name string) (*customization.Customization, error)
	RemoveCustomization(ctx context.Context, tenant, name string, opt customization.RemovalOptions) error
}

// customizationResource manages one customization of one tenant.
type customizationResource struct {
	session *session.Session
	engine  Engine // nil while the session has none
}

// NewResource returns the resource of a customization.
func NewResource() resource.Resource { return &customizationResource{} }

// NewListResource returns the list of the customizations of tenants.
func NewListResource() list.ListResource {
	return record.NewList(landlord.RecordCustomization, func() record.Importable { return &customizationResource{} }, "The customizations of tenants.")
}

// Metadata names the resource.
func (r *customizationResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = session.TypeName + "_tenant_customization"
}

// Configure takes the session.
func (r *customizationResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.session, r.engine = session.From[Engine](req.ProviderData, &resp.Diagnostics)
}

// Schema describes the attributes.
func (r *customizationResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = customizationSchema(ctx)
}

// IdentitySchema describes what names a customization.
func (r *customizationResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = customizationIdentitySchema()
}

// ModifyPlan makes the statements part of the plan. As for tenants, everything
// in it comes from the configuration, the prior state and the engine's plan, so
// that planning again in the apply gives the same.
func (r *customizationResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	prior := priorCustomization(ctx, req.State, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if req.Plan.Raw.IsNull() {
		r.planDestroy(ctx, prior, &resp.Diagnostics)
		return
	}
	unchanged := req.Plan.Raw.Equal(req.State.Raw)
	if unchanged && (!r.session.Ready() || prior.isSettled()) {
		return // keeps the prior state: no difference
	}
	var plan customizationModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if prior != nil && (!prior.Tenant.Equal(plan.Tenant) || !prior.Name.Equal(plan.Name)) {
		if r.session.Ready() {
			r.engine.Replaced(prior.Tenant.ValueString(), prior.Name.ValueString())
		}
		prior = nil // the new half of a replacement
	}
	if !r.session.Ready() || !plan.isPlannable() {
		plan.forget(prior)
		resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
		return
	}
	r.planCustomization(ctx, &plan, prior, resp)
}

// planCustomization asks the engine and writes its answer into the plan.
func (r *customizationResource) planCustomization(ctx context.Context, plan, prior *customizationModel, resp *resource.ModifyPlanResponse) {
	var before *customization.PriorCustomization
	if prior != nil {
		before = prior.toPrior()
		before.Seen = session.Kept(ctx, resp.Private, session.KeptSeen, &resp.Diagnostics)
	}
	report := r.report(ctx, &resp.Diagnostics)
	answer, err := r.engine.PlanCustomization(ctx, plan.toSpec(), before)
	if err != nil {
		report.Problem(err, "Customization could not be planned")
		return
	}
	report.Notes(answer.Notes)
	if resp.Diagnostics.HasError() {
		return
	}
	if answer.Same && prior != nil {
		plan.keepPatch(prior)
		if plan.samePolicies(prior) {
			resp.Diagnostics.Append(resp.Plan.Set(ctx, *prior)...)
			return
		}
	}
	plan.fromPlan(answer, prior)
	resp.Diagnostics.Append(resp.Plan.Set(ctx, *plan)...)
}

// planDestroy shows the statements of a destroy, which has no attributes to show
// them in. A refusal of the destroy alone is a warning as well: an error here
// would also stop the work on everything else.
func (r *customizationResource) planDestroy(ctx context.Context, prior *customizationModel, diags *diag.Diagnostics) {
	if prior == nil || !r.session.Ready() {
		return
	}
	plan, err := r.engine.PlanRemoval(ctx, prior.Tenant.ValueString(), prior.Name.ValueString(), prior.toRemoval())
	var p *landlord.Problem
	switch {
	case errors.Is(err, landlord.ErrNotFound):
	case errors.Is(err, landlord.ErrTenantMoves): // the apply would stop in the middle
		r.report(ctx, diags).Problem(err, "Customization could not be planned")
	case errors.As(err, &p):
		diags.AddWarning("Customization cannot be destroyed as it stands", strings.Join(append([]string{
			fmt.Sprintf("The plan destroys the customization `%s`, which the apply will refuse: %s.", prior.ID.ValueString(), p.Summary)}, p.Detail...), "\n\n"))
	case err != nil:
		r.report(ctx, diags).Problem(err, "Customization could not be planned")
	default:
		r.report(ctx, diags).Notes(plan.Notes)
		if len(plan.Steps) == 0 {
			return
		}
		lines := []string{fmt.Sprintf("Destroying the customization `%s` runs these statements:", prior.ID.ValueString())}
		for _, s := range plan.Steps {
			lines = append(lines, "- "+s.SQL)
		}
		diags.AddWarning("Customization takes its objects away", strings.Join(lines, "\n"))
	}
}

// Create applies the customization. On failure nothing is saved: the landlord
// database knows what was begun, and the next Create goes on from there.
func (r *customizationResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan customizationModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() || !session.Configured(r.session, "Customizing a tenant", &resp.Diagnostics) {
		return
	}
	timeout, diags := plan.Timeouts.Create(ctx, attribute.CreateTimeout)
	resp.Diagnostics.Append(diags...)
	work, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	made, err := r.engine.ApplyCustomization(work, plan.toSpec(), nil, plan.MigrationDigest.ValueString())
	if err != nil {
		r.report(ctx, &resp.Diagnostics).Problem(err, "Customization could not be applied")
		return
	}
	r.report(ctx, &resp.Diagnostics).Notes(made.Notes)
	plan.resolve(made)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// Read looks at the customization. The identity is set first, as for tenants.
func (r *customizationResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state customizationModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
	if resp.Diagnostics.HasError() || !r.session.Ready() {
		return
	}
	found, err := r.engine.Customization(ctx, state.Tenant.ValueString(), state.Name.ValueString())
	switch {
	case errors.Is(err, landlord.ErrNotFound):
		resp.State.RemoveResource(ctx)
	case err != nil:
		r.report(ctx, &resp.Diagnostics).Problem(err, "Customization could not be read")
	default:
		if resp.Private != nil { // a list has no state beside which something is kept
			session.KeepSeen(ctx, r.engine, resp.Private, r.report(ctx, &resp.Diagnostics), found.Tenant)
		}
		former := state
		state.fromCustomization(found)
		if !reflect.DeepEqual(former, state) {
			resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
		}
		if found.Summary.Promoted {
			resp.Diagnostics.AddWarning("Customization is part of the template now",
				fmt.Sprintf("The template of tenant `%s` has everything that customization `%s` makes. It can be removed, which changes nothing in the database.", found.Tenant, found.Name))
		}
	}
}

// Update brings the tenant to what was planned.
func (r *customizationResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, prior customizationModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, prior.identity())...)
	if resp.Diagnostics.HasError() || !session.Configured(r.session, "Changing a customization", &resp.Diagnostics) {
		return
	}
	timeout, diags := plan.Timeouts.Update(ctx, attribute.UpdateTimeout)
	resp.Diagnostics.Append(diags...)
	work, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	before := prior.toPrior()
	before.Seen = session.Kept(ctx, req.Private, session.KeptSeen, &resp.Diagnostics)
	made, err := r.engine.ApplyCustomization(work, plan.toSpec(), before, plan.MigrationDigest.ValueString())
	if err != nil {
		r.report(ctx, &resp.Diagnostics).Problem(err, "Customization could not be changed")
		return
	}
	r.report(ctx, &resp.Diagnostics).Notes(made.Notes)
	plan.resolve(made)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// Delete takes away what the customization made.
func (r *customizationResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state customizationModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !session.Configured(r.session, "Destroying a customization", &resp.Diagnostics) {
		return
	}
	timeout, diags := state.Timeouts.Delete(ctx, attribute.DeleteTimeout)
	resp.Diagnostics.Append(diags...)
	work, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	err := r.engine.RemoveCustomization(work, state.Tenant.ValueString(), state.Name.ValueString(), state.toRemoval())
	if err != nil && !errors.Is(err, landlord.ErrNotFound) {
		r.report(ctx, &resp.Diagnostics).Problem(err, "Customization could not be destroyed")
	}
}

// ImportState takes `tenant/name`, or the identity.
func (r *customizationResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if !session.Configured(r.session, "Importing a customization", &resp.Diagnostics) {
		return
	}
	var identity customizationIdentity
	if req.ID == "" {
		resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...)
	} else {
		tenant, name, ok := strings.Cut(req.ID, "/")
		if !ok || engine.CheckSlug(tenant) != nil || customization.CheckCustomizationName(name) != nil {
			resp.Diagnostics.AddError("Customization cannot be named so",
				fmt.Sprintf("`%s` is no customization: write the slug of the tenant and the name, as `tenant/name`.", req.ID))
			return
		}
		identity.set(tenant, name)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("tenant"), identity.Tenant)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("name"), identity.Name)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identity)...)
}

// priorCustomization returns the customization of a state, nil when there is
// none.
func priorCustomization(ctx context.Context, state tfsdk.State, diags *diag.Diagnostics) *customizationModel {
	if state.Raw.IsNull() {
		return nil
	}
	var prior customizationModel
	diags.Append(state.Get(ctx, &prior)...)
	return &prior
}

// report returns the translator of the engine's words.
func (r *customizationResource) report(ctx context.Context, diags *diag.Diagnostics) session.Reporter {
	return session.NewReporter(diags, session.KnowsAnyOf(customizationSchema(ctx).Attributes))
}
