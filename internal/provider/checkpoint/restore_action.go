package checkpoint

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/restore"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/session"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/value"
)

var (
	_ action.ActionWithConfigure  = (*restoreAction)(nil)
	_ action.ActionWithModifyPlan = (*restoreAction)(nil)
)

// restoreAction restores a tenant now, or takes its schema back. What it does in
// place somebody has agreed to by a digest, see session.Agreement.
type restoreAction struct {
	rollsBack bool // the schema alone

	session *session.Session
	engine  restoring // nil while the session has none
}

// restoring is what the action asks of an engine.
type restoring interface {
	checkpoints
	restores
	RestoreOfItsOwn(ctx context.Context, spec landlord.RestoreSpec) (landlord.RestoreSpec, error)
}

// NewRestoreAction returns the action that restores a tenant.
func NewRestoreAction() action.Action { return &restoreAction{} }

// NewRollBackAction returns the action that takes the schema of a tenant back.
func NewRollBackAction() action.Action { return &restoreAction{rollsBack: true} }

// restoreActionModel is the configuration of the action; that of a rollback lacks
// some of it.
type restoreActionModel struct {
	Tenant, Checkpoint, PointInTime, Mode, Retention, Digest types.String
	AllowDestructive                                         types.Bool
}

// Metadata names the action.
func (a *restoreAction) Metadata(_ context.Context, _ action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = session.TypeName + map[bool]string{true: "_roll_back_tenant", false: "_restore_tenant"}[a.rollsBack]
}

// Configure takes the session.
func (a *restoreAction) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.session, a.engine = session.From[restoring](req.ProviderData, &resp.Diagnostics)
}

// Schema describes the configuration.
func (a *restoreAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"tenant":            schema.StringAttribute{Required: true, MarkdownDescription: "Slug of the tenant.", Validators: []validator.String{attribute.IsSlug()}},
		"allow_destructive": schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether what was written or added since may be taken away; it is set aside for `retention`. Default: `false`."},
		"retention":         schema.StringAttribute{Optional: true, MarkdownDescription: "How long what gives way is kept aside, as a duration. Default: `" + attribute.DefaultRetention + "` (30 days).", Validators: []validator.String{attribute.IsDuration()}},
		"digest": schema.StringAttribute{Optional: true, Validators: []validator.String{attribute.IsDigest()},
			MarkdownDescription: "Digest of the statements that somebody agrees to, written out. Without it nothing is done to the tenant: the error lists the statements and has the digest. Default: none."},
	}
	if a.rollsBack {
		attributes["checkpoint"] = schema.StringAttribute{Required: true, MarkdownDescription: "Name of a schema checkpoint of the tenant.", Validators: attribute.NotEmpty()}
		resp.Schema = schema.Schema{Attributes: attributes,
			MarkdownDescription: "Takes the schema of one tenant back to that of a checkpoint, by a migration that keeps its rows. What holds rows and was added since is set aside. Each invocation is a rollback of its own. As a resource this is a `landlord_tenant_restore` in place, whose plan lists the statements."}
		return
	}
	attributes["checkpoint"] = schema.StringAttribute{Optional: true, MarkdownDescription: "Checkpoint of the tenant, by its name or its `id`. Default: none, then `point_in_time` says when.",
		Validators: []validator.String{stringvalidator.LengthAtLeast(1), stringvalidator.ExactlyOneOf(path.MatchRoot("checkpoint"), path.MatchRoot("point_in_time"))}}
	attributes["point_in_time"] = schema.StringAttribute{Optional: true, MarkdownDescription: "Moment to return to (RFC 3339), side by side alone. Default: none, then `checkpoint` says what.", Validators: []validator.String{attribute.IsTime()}}
	attributes["mode"] = schema.StringAttribute{Optional: true, MarkdownDescription: "`side_by_side` makes a new database beside the tenant, `in_place` puts it in the tenant's place. Default: `side_by_side`.",
		Validators: []validator.String{attribute.OneOf(landlord.RestoreSideBySide, landlord.RestoreInPlace)}}
	resp.Schema = schema.Schema{Attributes: attributes,
		MarkdownDescription: "Restores one tenant now, each time that it is invoked. Side by side it makes a database of its own, which stays until somebody imports it as a `landlord_tenant_restore` and destroys that. " +
			"In place it does what somebody has agreed to by a digest, and nothing else; a digest is good for one restore. A restore that is to be planned, reviewed and kept is a `landlord_tenant_restore`."}
}

// read reads the configuration.
func (a *restoreAction) read(ctx context.Context, from interface {
	GetAttribute(ctx context.Context, at path.Path, target any) diag.Diagnostics
}, diags *diag.Diagnostics) restoreActionModel {
	var m restoreActionModel
	targets := map[string]any{"tenant": &m.Tenant, "checkpoint": &m.Checkpoint, "retention": &m.Retention, "digest": &m.Digest, "allow_destructive": &m.AllowDestructive}
	if a.rollsBack {
		m.Mode = types.StringValue(string(landlord.RestoreInPlace))
	} else {
		targets["point_in_time"], targets["mode"] = &m.PointInTime, &m.Mode
	}
	for name, target := range targets {
		diags.Append(from.GetAttribute(ctx, path.Root(name), target)...)
	}
	return m
}

// toSpec returns what the configuration wants.
func (m *restoreActionModel) toSpec() landlord.RestoreSpec {
	moment, _ := attribute.ParseTime(m.PointInTime.ValueString())      // the validator has read it, or it is empty
	retention, _ := attribute.ParseDuration(m.Retention.ValueString()) // likewise
	return landlord.RestoreSpec{
		Tenant: m.Tenant.ValueString(), Checkpoint: m.Checkpoint.ValueString(), PointInTime: moment, Mode: landlord.RestoreMode(m.Mode.ValueString()),
		AllowDestructive: m.AllowDestructive.ValueBool(), Retention: retention,
	}
}

// ModifyPlan says in the plan of a run what the action does in place.
func (a *restoreAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	m := a.read(ctx, req.Config, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !a.session.Ready() || !value.Known(m.Tenant, m.Checkpoint, m.PointInTime, m.Mode, m.Retention, m.Digest, m.AllowDestructive) {
		return
	}
	if agreed := a.plan(ctx, &m, &resp.Diagnostics); agreed != nil && agreed.Digest != "" {
		agreed.Warn(&resp.Diagnostics)
	}
}

// restoreAgreement is what is to be done. Its statements are none for what needs no
// agreement.
type restoreAgreement struct {
	session.Agreement

	spec landlord.RestoreSpec
}

// plan finds out what is to be done, and whether somebody has agreed to it; nil
// when not. An action has no state that could tell an invocation that was cut off
// from the next one: each is a restore of its own as soon as the one before is done.
func (a *restoreAction) plan(ctx context.Context, m *restoreActionModel, diags *diag.Diagnostics) *restoreAgreement {
	report := session.NewReporter(diags, func(name string) bool { return name == "tenant" || name == "checkpoint" || name == "allow_destructive" })
	spec := m.toSpec()
	if a.rollsBack && !a.hasNoRows(ctx, spec, report) {
		return nil
	}
	spec, err := a.engine.RestoreOfItsOwn(ctx, spec)
	if err != nil {
		report.Problem(err, "Restore could not be planned")
		return nil
	}
	plan, err := a.engine.PlanRestore(ctx, spec)
	if err != nil {
		report.Problem(err, "Restore could not be planned")
		return nil
	}
	report.Notes(plan.Notes)
	switch {
	case diags.HasError():
		return nil
	case spec.EffectiveMode() == landlord.RestoreSideBySide:
		return &restoreAgreement{spec: spec}
	}
	if !plan.Known || plan.Digest == "" {
		diags.AddAttributeError(path.Root("tenant"), "Statements are not known beforehand", fmt.Sprintf("Restoring tenant `%s` in place: what would run is known after the restore alone, so nobody can agree to it.\n\n"+
			"If a restore of the tenant was cut off, apply the tenant, or its fleet: that completes it, and lists the statements. Otherwise use a `landlord_tenant_restore`, or restore side by side.", spec.Tenant))
		return nil
	}
	agreed := &restoreAgreement{spec: spec, Agreement: session.Agreement{What: fmt.Sprintf("Restoring tenant `%s` in place", spec.Tenant), Steps: plan.Steps, Digest: plan.Digest}}
	if a.rollsBack {
		agreed.What = fmt.Sprintf("Taking the schema of tenant `%s` back", spec.Tenant)
	}
	if !agreed.Agrees(m.Digest.ValueString(), diags) {
		return nil
	}
	return agreed
}

// hasNoRows says whether the checkpoint of a rollback is of the schema alone: one
// with rows would take those away that were written since.
func (a *restoreAction) hasNoRows(ctx context.Context, spec landlord.RestoreSpec, report session.Reporter) bool {
	c, err := a.engine.Checkpoint(ctx, spec.Tenant, spec.CheckpointName())
	switch {
	case errors.Is(err, landlord.ErrNotFound): // the plan says it
		return true
	case err != nil:
		report.Problem(err, "Rollback could not be planned")
		return false
	case c.Contents != landlord.CheckpointSchema:
		report.Problem(landlord.NewProblem(landlord.FieldCheckpoint, "Checkpoint has rows",
			fmt.Sprintf("Taking the schema of tenant `%s` back: checkpoint `%s` holds rows, and putting them back would take away what was written since.", spec.Tenant, spec.CheckpointName()),
			"Name a checkpoint with `contents = \"schema\"`, or use the action `landlord_restore_tenant` with `mode = \"in_place\"`."), "Rollback could not be planned")
		return false
	}
	return true
}

// Invoke restores.
func (a *restoreAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	m := a.read(ctx, req.Config, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !session.Configured(a.session, "Restoring a tenant", &resp.Diagnostics) {
		return
	}
	work, cancel := context.WithTimeout(ctx, attribute.CopyTimeout)
	defer cancel()
	report := session.NewReporter(&resp.Diagnostics, nil)
	agreed := a.plan(work, &m, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	for i := range agreed.Steps {
		resp.SendProgress(action.InvokeProgressEvent{Message: agreed.Steps[i].Line()})
	}
	done, err := a.engine.Restore(work, agreed.spec, agreed.Digest)
	if err == nil && done.Earlier {
		err = landlord.NewProblem(landlord.FieldNone, "Another run has restored the tenant",
			fmt.Sprintf("Restoring tenant `%s`: another run has done exactly the same since this one looked, as restore `%s`. This one restored nothing.", done.Tenant, done.ID),
			"Look at the tenant. Invoke the action again if it is to be restored once more.")
	}
	if err != nil {
		report.Problem(err, "Tenant could not be restored")
		return
	}
	report.Notes(done.Notes)
	resp.SendProgress(action.InvokeProgressEvent{Message: restoredText(done)})
}

// restoredText says what a restore has done.
func restoredText(done *restore.Restore) string {
	text := fmt.Sprintf("Restore `%s` of tenant `%s` from checkpoint `%s`: %s, in database `%s`", done.ID, done.Tenant, done.Checkpoint, landlord.Several(int(done.Report.Rows), "row"), done.DatabaseName)
	if done.Report.RetiredDatabase != "" {
		text += fmt.Sprintf("; what gave way is in `%s`", done.Report.RetiredDatabase)
	}
	return text + "."
}
