package account

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
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/record"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/session"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/value"
)

var (
	_ resource.ResourceWithConfigure   = (*accountResource)(nil)
	_ resource.ResourceWithIdentity    = (*accountResource)(nil)
	_ resource.ResourceWithImportState = (*accountResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*accountResource)(nil)
)

// Engine is what accounts and their connections need of the engine.
type Engine interface {
	accounts
	connections
	credentials
}

// accounts gives tenants accounts.
type accounts interface {
	Account(ctx context.Context, tenant, name string) (*landlord.TenantAccount, error)
	PlanAccount(ctx context.Context, spec landlord.TenantAccountSpec, prior string) (*landlord.AccountPlan, error)
	ApplyAccount(ctx context.Context, spec landlord.TenantAccountSpec, prior string, planned []string) (*landlord.TenantAccount, error)
	RemoveAccount(ctx context.Context, tenant, name string) error
}

// accountResource manages one account of one tenant.
type accountResource struct {
	session *session.Session
	engine  accounts // nil while the session has none
}

// NewResource returns the resource of an account of a tenant.
func NewResource() resource.Resource { return &accountResource{} }

// NewListResource returns the list of the accounts of tenants.
func NewListResource() list.ListResource {
	return record.NewList(landlord.RecordAccount, func() record.Importable { return &accountResource{} }, "The accounts of tenants, without those that exist for one run.")
}

// Metadata names the resource.
func (r *accountResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = session.TypeName + "_tenant_account"
}

// Configure takes the session.
func (r *accountResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.session, r.engine = session.From[accounts](req.ProviderData, &resp.Diagnostics)
}

// Schema describes the attributes.
func (r *accountResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = accountSchema()
}

// IdentitySchema describes what names an account.
func (r *accountResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = accountIdentitySchema()
}

// ModifyPlan makes the statements part of the plan. They come from the
// configuration and from the account as the prior state has it, whose fingerprint
// the engine compares, so that planning again in the apply gives the same.
func (r *accountResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	var prior *accountModel
	if !req.State.Raw.IsNull() {
		prior = &accountModel{}
		resp.Diagnostics.Append(req.State.Get(ctx, prior)...)
	}
	var plan accountModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() || req.Plan.Raw.Equal(req.State.Raw) && (!r.session.Ready() || prior.isSettled()) {
		return // an error, or no difference
	}
	if prior != nil && (!prior.Tenant.Equal(plan.Tenant) || !prior.Name.Equal(plan.Name)) {
		prior = nil // the new half of a replacement
	}
	var name types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("name"), &name)...)
	if !r.session.Ready() || !plan.isPlannable() || name.IsUnknown() {
		plan.forget(prior)
		resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
		return
	}
	report := r.report(&resp.Diagnostics)
	answer, err := r.engine.PlanAccount(ctx, plan.toSpec(prior), prior.fingerprint())
	if err != nil {
		report.Problem(err, "Account could not be planned")
		return
	}
	report.Notes(answer.Notes)
	if req.State.Raw.IsNull() && answer.Name != "" && !r.session.PlansAnew("account "+plan.Tenant.ValueString()+"/"+answer.Name) {
		resp.Diagnostics.AddAttributeError(path.Root("name"), "Two resources make one account",
			fmt.Sprintf("Another resource of this run makes the account `%s` of tenant `%s` too. Destroying one would take it from the other.", answer.Name, plan.Tenant.ValueString())+
				"\n\nRemove one of the resources, or give it another `name`.")
		return
	}
	plan.fromPlan(answer, prior)
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// fingerprint is that of a prior state, empty without one.
func (m *accountModel) fingerprint() string {
	if m == nil {
		return ""
	}
	return m.Fingerprint.ValueString()
}

// Create makes the account. On failure nothing is saved: the landlord database
// knows what was begun, and the next Create goes on from there.
func (r *accountResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan accountModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	made := r.apply(ctx, &plan, nil, req.Config, "Making an account", &resp.Diagnostics)
	if made == nil {
		return
	}
	plan.resolve(made)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// Read looks at the account. The identity is set first, as for tenants.
func (r *accountResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state accountModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
	if resp.Diagnostics.HasError() || !r.session.Ready() {
		return
	}
	found, err := r.engine.Account(ctx, state.Tenant.ValueString(), state.Name.ValueString())
	switch {
	case errors.Is(err, landlord.ErrNotFound):
		resp.State.RemoveResource(ctx)
	case err != nil:
		r.report(&resp.Diagnostics).Problem(err, "Account could not be read")
	default:
		former := state
		state.fromAccount(found)
		if !reflect.DeepEqual(former, state) {
			resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
		}
		if len(found.OtherHosts) > 0 {
			resp.Diagnostics.AddAttributeWarning(path.Root("other_hosts"), "Account exists for other hosts",
				fmt.Sprintf("The server has %s, which the landlord did not make, beside the account `%s` of tenant `%s`. They are left alone, whatever they may do.\n\nDrop them yourself if nobody needs them.",
					strings.Join(landlord.AccountNames(found.Name, found.OtherHosts), ", "), found.Name, found.Tenant))
		}
	}
}

// Update brings the account to what was planned.
func (r *accountResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, prior accountModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, prior.identity())...)
	made := r.apply(ctx, &plan, &prior, req.Config, "Changing an account", &resp.Diagnostics)
	if made == nil {
		return
	}
	plan.resolve(made)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// apply is what Create and Update have in common; nil when it reports an error.
// The password is in the configuration alone.
func (r *accountResource) apply(ctx context.Context, plan, prior *accountModel, config tfsdk.Config, what string, diags *diag.Diagnostics) *landlord.TenantAccount {
	var password types.String
	diags.Append(config.GetAttribute(ctx, path.Root("password_wo"), &password)...)
	if diags.HasError() || !session.Configured(r.session, what, diags) {
		return nil
	}
	spec := plan.toSpec(prior)
	spec.Password = landlord.Secret(password.ValueString())
	made, err := r.engine.ApplyAccount(ctx, spec, prior.fingerprint(), plan.planned())
	if err != nil {
		r.report(diags).Problem(err, "Account could not be applied")
		return nil
	}
	return made
}

// Delete drops the account. One that was imported and never applied is let go.
func (r *accountResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state accountModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !session.Configured(r.session, "Removing an account", &resp.Diagnostics) {
		return
	}
	err := r.engine.RemoveAccount(ctx, state.Tenant.ValueString(), state.Name.ValueString())
	if err != nil && !errors.Is(err, landlord.ErrNotFound) {
		r.report(&resp.Diagnostics).Problem(err, "Account could not be removed")
	}
}

// ImportState takes `tenant/name`, or the identity.
func (r *accountResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if !session.Configured(r.session, "Importing an account", &resp.Diagnostics) {
		return
	}
	var named accountIdentity
	if req.ID == "" && req.Identity != nil {
		resp.Diagnostics.Append(req.Identity.Get(ctx, &named)...)
	} else if tenant, name, ok := strings.Cut(req.ID, "/"); ok && engine.CheckSlug(tenant) == nil && landlord.CheckAccountName(name) == nil {
		named = accountIdentity{value.TextOrNull(tenant), value.TextOrNull(name)}
	} else {
		resp.Diagnostics.AddError("Account to import cannot be read", fmt.Sprintf("`%s` is not `tenant/name`, for example `acme/tenant_acme_app`.", req.ID))
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("tenant"), named.Tenant)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("name"), named.Name)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, named)...)
}

// report returns the translator of the engine's words.
func (r *accountResource) report(diags *diag.Diagnostics) session.Reporter {
	return session.NewReporter(diags, session.KnowsAnyOf(accountSchema().Attributes))
}
