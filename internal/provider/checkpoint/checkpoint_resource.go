package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/record"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/session"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/value"
)

var (
	_ resource.ResourceWithConfigure   = (*checkpointResource)(nil)
	_ resource.ResourceWithIdentity    = (*checkpointResource)(nil)
	_ resource.ResourceWithImportState = (*checkpointResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*checkpointResource)(nil)
)

// Engine is what checkpoints and restores need of the engine.
type Engine interface {
	checkpoints
	restoring
}

// checkpoints takes and keeps copies of tenants.
type checkpoints interface {
	PlanCheckpoint(ctx context.Context, spec checkpointing.Spec) ([]landlord.Note, error)
	TakeCheckpoint(ctx context.Context, spec checkpointing.Spec) (*landlord.Checkpoint, error)
	RetakeCheckpoint(ctx context.Context, spec checkpointing.Spec) (*landlord.Checkpoint, error)
	Checkpoint(ctx context.Context, tenant, name string) (*landlord.Checkpoint, error)
	VerifyCheckpoint(ctx context.Context, tenant, name string) (*landlord.Checkpoint, error)
	KeepCheckpoint(ctx context.Context, tenant, name string, retention time.Duration) (*landlord.Checkpoint, error)
	DeleteCheckpoint(ctx context.Context, tenant, name string) ([]landlord.Note, error)
}

// checkpointResource manages one checkpoint of a tenant.
type checkpointResource struct {
	session *session.Session
	engine  checkpoints // nil while the session has none
}

// NewResource returns the resource of a checkpoint.
func NewResource() resource.Resource { return &checkpointResource{} }

// NewListResource returns the list of the checkpoints of tenants.
func NewListResource() list.ListResource {
	return record.NewList(landlord.RecordCheckpoint, func() record.Importable { return &checkpointResource{} }, "The checkpoints of tenants, without those that a run took by itself before it changed or dropped something.")
}

// Metadata names the resource.
func (r *checkpointResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = session.TypeName + "_tenant_checkpoint"
}

// Configure takes the session.
func (r *checkpointResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.session, r.engine = session.From[checkpoints](req.ProviderData, &resp.Diagnostics)
}

// Schema describes the attributes.
func (r *checkpointResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = checkpointSchema(ctx)
}

// IdentitySchema describes what names a checkpoint.
func (r *checkpointResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = checkpointIdentitySchema()
}

// ModifyPlan finds out early what would keep a checkpoint from being taken, and
// says what stays.
func (r *checkpointResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || req.Plan.Raw.Equal(req.State.Raw) {
		return
	}
	var plan checkpointModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	var prior *checkpointModel
	if !req.State.Raw.IsNull() {
		prior = &checkpointModel{}
		resp.Diagnostics.Append(req.State.Get(ctx, prior)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	plan.foresee(prior)
	if plan.retakes(prior) && r.session.Ready() && value.Known(plan.Tenant, plan.Name, plan.Contents, plan.Tables, plan.Verify) {
		report := r.report(ctx, &resp.Diagnostics)
		notes, err := r.engine.PlanCheckpoint(ctx, plan.toSpec())
		if err != nil {
			report.Problem(err, "Checkpoint could not be planned")
			return
		}
		report.Notes(notes)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// Create takes the checkpoint.
func (r *checkpointResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan checkpointModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() || !session.Configured(r.session, "Taking a checkpoint", &resp.Diagnostics) {
		return
	}
	timeout, diags := plan.Timeouts.Create(ctx, attribute.CopyTimeout)
	resp.Diagnostics.Append(diags...)
	work, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	report := r.report(ctx, &resp.Diagnostics)
	taken, err := r.engine.TakeCheckpoint(work, plan.toSpec())
	if err != nil {
		report.Problem(err, "Checkpoint could not be taken")
		return
	}
	report.Notes(taken.Notes)
	plan.resolve(taken)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// Read looks at the row and the files. A checkpoint that cannot be used stays in
// the state: taking it out would plan a new one, of what the tenant is by now.
func (r *checkpointResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state checkpointModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
	if resp.Diagnostics.HasError() || !r.session.Ready() {
		return
	}
	found, err := r.engine.Checkpoint(ctx, state.Tenant.ValueString(), state.Name.ValueString())
	switch {
	case errors.Is(err, landlord.ErrNotFound):
		if !state.ID.IsNull() {
			resp.Diagnostics.AddAttributeWarning(path.Root("name"), "Checkpoint is gone",
				fmt.Sprintf("The landlord database knows no checkpoint `%s` of tenant `%s` any more. The plan takes a new one, of what the tenant is now.", state.Name.ValueString(), state.Tenant.ValueString()))
		}
		resp.State.RemoveResource(ctx)
	case err != nil:
		r.report(ctx, &resp.Diagnostics).Problem(err, "Checkpoint could not be read")
	default:
		state.fromCheckpoint(found)
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
		if found.Status != landlord.CheckpointReady {
			resp.Diagnostics.AddAttributeWarning(path.Root("status"), "Checkpoint cannot be used", strings.Join([]string{
				fmt.Sprintf("Checkpoint `%s` of tenant `%s` is %s: %s.", found.Name, found.Tenant, found.Status, found.Fault),
				"Nothing is done about it. Bring its files back as they were, change `keepers` to take it anew, or remove the resource.",
			}, "\n\n"))
		}
	}
}

// Update takes the checkpoint anew, proves it, or keeps it for another time.
func (r *checkpointResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, prior checkpointModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, prior.identity())...)
	if resp.Diagnostics.HasError() || !session.Configured(r.session, "Changing a checkpoint", &resp.Diagnostics) {
		return
	}
	timeout, diags := plan.Timeouts.Update(ctx, attribute.CopyTimeout)
	resp.Diagnostics.Append(diags...)
	work, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	report := r.report(ctx, &resp.Diagnostics)
	changed, err := r.change(work, &plan, &prior)
	if err != nil {
		report.Problem(err, "Checkpoint could not be changed")
		return
	}
	report.Notes(changed.Notes)
	plan.resolve(changed)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

func (r *checkpointResource) change(ctx context.Context, plan, prior *checkpointModel) (*landlord.Checkpoint, error) {
	e, spec := r.engine, plan.toSpec()
	if plan.retakes(prior) {
		return e.RetakeCheckpoint(ctx, spec)
	}
	if spec.Verify && !prior.Verify.ValueBool() {
		if _, err := e.VerifyCheckpoint(ctx, spec.Tenant, spec.Name); err != nil {
			return nil, err
		}
	}
	if plan.Retention.Equal(prior.Retention) {
		return e.Checkpoint(ctx, spec.Tenant, spec.Name)
	}
	return e.KeepCheckpoint(ctx, spec.Tenant, spec.Name, spec.Retention)
}

// Delete removes the checkpoint with its files, unless the deletion of its tenant
// may need them.
func (r *checkpointResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state checkpointModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !session.Configured(r.session, "Removing a checkpoint", &resp.Diagnostics) {
		return
	}
	timeout, diags := state.Timeouts.Delete(ctx, attribute.DeleteTimeout)
	resp.Diagnostics.Append(diags...)
	work, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	report := r.report(ctx, &resp.Diagnostics)
	notes, err := r.engine.DeleteCheckpoint(work, state.Tenant.ValueString(), state.Name.ValueString())
	if err != nil && !errors.Is(err, landlord.ErrNotFound) {
		report.Problem(err, "Checkpoint could not be removed")
	}
	report.Notes(notes)
}

// ImportState takes tenant and name, from `tenant/name` or the identity.
func (r *checkpointResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if !session.Configured(r.session, "Importing a checkpoint", &resp.Diagnostics) {
		return
	}
	var named checkpointIdentity
	if req.ID == "" && req.Identity != nil {
		resp.Diagnostics.Append(req.Identity.Get(ctx, &named)...)
	} else if tenant, name, ok := landlord.SplitCheckpointID(req.ID); ok {
		named = checkpointIdentity{value.TextOrNull(tenant), value.TextOrNull(name)}
	} else {
		resp.Diagnostics.AddError("Checkpoint to import cannot be read", fmt.Sprintf("`%s` is not `tenant/name`, for example `acme/before-2.0`.", req.ID))
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("tenant"), named.Tenant)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("name"), named.Name)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, named)...)
}

// report returns the translator of the engine's words.
func (r *checkpointResource) report(ctx context.Context, diags *diag.Diagnostics) session.Reporter {
	return session.NewReporter(diags, session.KnowsAnyOf(checkpointSchema(ctx).Attributes))
}

func isCheckpointName() validator.String {
	return attribute.Checked{Summary: "Checkpoint name cannot be used", Wants: "a name: letters, digits, `.`, `_` and `-`, a letter or digit first, at most 100 characters", Check: checkpointing.CheckCheckpointName}
}
