package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/session"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/value"
)

var (
	_ action.ActionWithConfigure  = (*checkpointAction)(nil)
	_ action.ActionWithModifyPlan = (*checkpointAction)(nil)
)

// checkpointAction takes a checkpoint now. A core that has no actions, or a run
// that ends before it, takes none: it is for the moment before something, and what
// has to be there is a resource.
type checkpointAction struct {
	session *session.Session
	engine  checkpoints // nil while the session has none
}

// NewAction returns the action that takes a checkpoint.
func NewAction() action.Action { return &checkpointAction{} }

// checkpointActionModel is the configuration of the action.
type checkpointActionModel struct {
	Tenant    types.String `tfsdk:"tenant"`
	Name      types.String `tfsdk:"name"`
	Contents  types.String `tfsdk:"contents"`
	Verify    types.Bool   `tfsdk:"verify"`
	Retention types.String `tfsdk:"retention"`
}

// toSpec returns what the configuration wants.
func (m checkpointActionModel) toSpec() checkpointing.Spec {
	wanted := checkpointModel{Tenant: m.Tenant, Name: m.Name, Contents: m.Contents, Verify: m.Verify, Retention: m.Retention}
	return wanted.toSpec()
}

// Metadata names the action.
func (a *checkpointAction) Metadata(_ context.Context, _ action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = session.TypeName + "_take_checkpoint"
}

// Configure takes the session.
func (a *checkpointAction) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.session, a.engine = session.From[checkpoints](req.ProviderData, &resp.Diagnostics)
}

// Schema describes the configuration.
func (a *checkpointAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Takes a checkpoint of one tenant now, before something that somebody is about to do. One of the same name gives way when the new one is complete. " +
			"A checkpoint that has to be there is a `landlord_tenant_checkpoint`: an action that failed is not tried again by the next plan.",
		Attributes: map[string]schema.Attribute{
			"tenant":    schema.StringAttribute{Required: true, MarkdownDescription: "Slug of the tenant.", Validators: []validator.String{attribute.IsSlug()}},
			"name":      schema.StringAttribute{Required: true, MarkdownDescription: "Name of the checkpoint.", Validators: []validator.String{isCheckpointName()}},
			"contents":  schema.StringAttribute{Optional: true, MarkdownDescription: "`data`: structure and rows. `schema`: structure alone. Default: `data`.", Validators: []validator.String{attribute.OneOf(landlord.CheckpointSchema, landlord.CheckpointData)}},
			"verify":    schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether it is restored into a scratch database and compared. Default: `false`."},
			"retention": schema.StringAttribute{Optional: true, MarkdownDescription: "How long it is kept, as a duration. Default: until it is removed.", Validators: []validator.String{attribute.IsDuration()}},
		},
	}
}

// ModifyPlan says before anything runs what would keep the checkpoint from being taken.
func (a *checkpointAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	var m checkpointActionModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() || !a.session.Ready() || !value.Known(m.Tenant, m.Name) {
		return
	}
	report := session.NewReporter(&resp.Diagnostics, func(name string) bool { return name == "tenant" || name == "contents" || name == "verify" })
	if value.Known(m.Contents, m.Verify) {
		notes, err := a.engine.PlanCheckpoint(ctx, m.toSpec())
		if err != nil {
			report.Problem(err, "Checkpoint could not be planned")
			return
		}
		report.Notes(notes)
	}
	report.Notes(a.givesWay(ctx, m.toSpec()))
}

// givesWay warns of a checkpoint that is replaced, or that may be.
func (a *checkpointAction) givesWay(ctx context.Context, spec checkpointing.Spec) []landlord.Note {
	former, err := a.engine.Checkpoint(ctx, spec.Tenant, spec.Name)
	switch {
	case errors.Is(err, landlord.ErrNotFound):
		return nil
	case err != nil:
		return []landlord.Note{{Severity: landlord.Warning, Summary: "Checkpoint could not be looked up",
			Detail: fmt.Sprintf("Whether tenant `%s` has a checkpoint `%s` already is not known. If it has, that one is removed when the new one is complete.\n\nCause: %s\n\nPlan again when the cause is corrected, or choose a name that no checkpoint has.",
				spec.Tenant, spec.Name, err)}}
	}
	return []landlord.Note{{Severity: landlord.Warning, Summary: "Checkpoint of that name gives way",
		Detail: fmt.Sprintf("Tenant `%s` has a checkpoint `%s` of %s. It is removed when the new one is complete. Choose another name to keep both.",
			spec.Tenant, spec.Name, former.CreatedAt.UTC().Format(time.RFC3339))}}
}

// Invoke takes the checkpoint.
func (a *checkpointAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var m checkpointActionModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() || !session.Configured(a.session, "Taking a checkpoint", &resp.Diagnostics) {
		return
	}
	work, cancel := context.WithTimeout(ctx, attribute.CopyTimeout)
	defer cancel()
	taken, err := a.take(work, m.toSpec())
	if err != nil {
		session.NewReporter(&resp.Diagnostics, nil).Problem(err, "Checkpoint could not be taken")
		return
	}
	progress := fmt.Sprintf("Checkpoint `%s` of tenant `%s`: %d rows, %d bytes", taken.Name, taken.Tenant, taken.Rows, taken.SizeBytes)
	if taken.Location != "" {
		progress += ", in " + taken.Location
	}
	resp.SendProgress(action.InvokeProgressEvent{Message: progress + "."})
}

// take takes a checkpoint, in the place of one of its name where there is one.
func (a *checkpointAction) take(ctx context.Context, spec checkpointing.Spec) (*landlord.Checkpoint, error) {
	switch _, err := a.engine.Checkpoint(ctx, spec.Tenant, spec.Name); {
	case errors.Is(err, landlord.ErrNotFound):
		return a.engine.TakeCheckpoint(ctx, spec) //nolint:wrapcheck // it is in the words of the interface
	case err != nil:
		return nil, err //nolint:wrapcheck // it is in the words of the interface
	}
	return a.engine.RetakeCheckpoint(ctx, spec) //nolint:wrapcheck // it is in the words of the interface
}
