package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/restore"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/session"
)

var (
	_ resource.ResourceWithConfigure   = (*restoreResource)(nil)
	_ resource.ResourceWithIdentity    = (*restoreResource)(nil)
	_ resource.ResourceWithImportState = (*restoreResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*restoreResource)(nil)
)

// restores brings tenants back.
type restores interface {
	PlanRestore(ctx context.Context, spec landlord.RestoreSpec) (*restore.Plan, error)
	RestoreAsPlanned(ctx context.Context, spec landlord.RestoreSpec, digest string) error
	Restore(ctx context.Context, spec landlord.RestoreSpec, planned string) (*restore.Restore, error)
	RestoreState(ctx context.Context, id string) (*restore.Restore, error)
	KeepRestore(ctx context.Context, id string, retention time.Duration) error
	DeleteRestore(ctx context.Context, id string) error
}

// restoreResource manages one restore of a tenant.
type restoreResource struct {
	session *session.Session
	engine  restores // nil while the session has none
}

// NewRestoreResource returns the resource of a restore.
func NewRestoreResource() resource.Resource { return &restoreResource{} }

// Metadata names the resource.
func (r *restoreResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = session.TypeName + "_tenant_restore"
}

// Configure takes the session.
func (r *restoreResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.session, r.engine = session.From[restores](req.ProviderData, &resp.Diagnostics)
}

// Schema describes the attributes.
func (r *restoreResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = restoreSchema(ctx)
}

// IdentitySchema describes what names a restore.
func (r *restoreResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = restoreIdentitySchema()
}

// ModifyPlan makes the statements of a restore in place part of the plan, and
// finds out early what would keep a restore from being done.
func (r *restoreResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || req.Plan.Raw.Equal(req.State.Raw) {
		return
	}
	var plan restoreModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	var prior *restoreModel
	if !req.State.Raw.IsNull() {
		prior = &restoreModel{}
		resp.Diagnostics.Append(req.State.Get(ctx, prior)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if !plan.restores(prior) {
		plan.takeResultOf(prior)
		resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
		return
	}
	plan.forget()
	if r.session.Ready() && plan.isPlannable() {
		report := r.report(ctx, &resp.Diagnostics)
		answer, err := r.engine.PlanRestore(ctx, plan.toSpec())
		if err == nil {
			err = r.engine.RestoreAsPlanned(ctx, plan.toSpec(), answer.Digest)
		}
		if err != nil {
			report.Problem(err, "Restore could not be planned")
			return
		}
		report.Notes(answer.Notes)
		plan.fromPlan(answer)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// Create restores. On failure nothing is saved: the landlord database knows how
// far the restore came, and the next Create goes on from there.
func (r *restoreResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan restoreModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() || !session.Configured(r.session, "Restoring a tenant", &resp.Diagnostics) {
		return
	}
	timeout, diags := plan.Timeouts.Create(ctx, attribute.CopyTimeout)
	resp.Diagnostics.Append(diags...)
	work, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	report := r.report(ctx, &resp.Diagnostics)
	done, err := r.engine.Restore(work, plan.toSpec(), plan.MigrationDigest.ValueString())
	if err != nil {
		report.Problem(err, "Tenant could not be restored")
		return
	}
	report.Notes(done.Notes)
	plan.resolve(done)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, restoreIdentity{plan.ID})...)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// Read looks whether what was restored is still there.
func (r *restoreResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state restoreModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, restoreIdentity{state.ID})...)
	if resp.Diagnostics.HasError() || !r.session.Ready() {
		return
	}
	found, err := r.engine.RestoreState(ctx, state.ID.ValueString())
	switch {
	case errors.Is(err, landlord.ErrNotFound):
		resp.State.RemoveResource(ctx)
	case err != nil:
		r.report(ctx, &resp.Diagnostics).Problem(err, "Restore could not be read")
	case found.Missing:
		resp.Diagnostics.AddAttributeWarning(path.Root("database_name"), "Restored database is gone",
			fmt.Sprintf("Database `%s`, which restore `%s` made beside tenant `%s`, does not exist any more. The plan restores again.", found.DatabaseName, found.ID, found.Tenant))
		resp.State.RemoveResource(ctx)
	default:
		state.fromRestore(found)
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	}
}

// Update changes nothing but how long what gave way is kept.
func (r *restoreResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, prior restoreModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, restoreIdentity{prior.ID})...)
	if resp.Diagnostics.HasError() || !session.Configured(r.session, "Changing a restore", &resp.Diagnostics) {
		return
	}
	if !plan.Retention.Equal(prior.Retention) {
		if err := r.engine.KeepRestore(ctx, prior.ID.ValueString(), plan.toSpec().Retention); err != nil {
			r.report(ctx, &resp.Diagnostics).Problem(err, "Restore could not be changed")
			return
		}
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// Delete drops what was restored side by side. A restore in place leaves nothing
// to take back.
func (r *restoreResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state restoreModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !session.Configured(r.session, "Removing a restore", &resp.Diagnostics) {
		return
	}
	timeout, diags := state.Timeouts.Delete(ctx, attribute.DeleteTimeout)
	resp.Diagnostics.Append(diags...)
	work, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	err := r.engine.DeleteRestore(work, state.ID.ValueString())
	if err != nil && !errors.Is(err, landlord.ErrNotFound) {
		r.report(ctx, &resp.Diagnostics).Problem(err, "Restore could not be removed")
	}
}

// ImportState takes the ID, from the identifier or the identity.
func (r *restoreResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if !session.Configured(r.session, "Importing a restore", &resp.Diagnostics) {
		return
	}
	resource.ImportStatePassthroughWithIdentity(ctx, path.Root("id"), path.Root("id"), req, resp)
}

// report returns the translator of the engine's words.
func (r *restoreResource) report(ctx context.Context, diags *diag.Diagnostics) session.Reporter {
	return session.NewReporter(diags, session.KnowsAnyOf(restoreSchema(ctx).Attributes))
}
