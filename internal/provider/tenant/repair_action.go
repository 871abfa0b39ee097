package tenant

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/session"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/value"
)

var (
	_ action.ActionWithConfigure  = (*repairAction)(nil)
	_ action.ActionWithModifyPlan = (*repairAction)(nil)
)

// driftRepairs is what the action asks of an engine.
type driftRepairs interface {
	StandingTenant(ctx context.Context, slug string) (*landlord.Tenant, error)
	PlanTenant(ctx context.Context, spec landlord.TenantSpec, prior *landlord.PriorTenant) (*apply.TenantPlan, error)
	UpdateTenant(ctx context.Context, spec landlord.TenantSpec, prior landlord.PriorTenant, digest string) (*landlord.Tenant, error)
}

// repairAction undoes the drift of one tenant, by statements that somebody has
// agreed to.
type repairAction struct {
	session *session.Session
	engine  driftRepairs // nil while the session has none
}

// NewRepairAction returns the action that undoes the drift of a tenant.
func NewRepairAction() action.Action { return &repairAction{} }

// repairActionModel is the configuration of the action.
type repairActionModel struct {
	Tenant           types.String `tfsdk:"tenant"`
	AllowDestructive types.Bool   `tfsdk:"allow_destructive"`
	Digest           types.String `tfsdk:"digest"`
}

// Metadata names the action.
func (a *repairAction) Metadata(_ context.Context, _ action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = session.TypeName + "_repair_drift"
}

// Configure takes the session.
func (a *repairAction) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.session, a.engine = session.From[driftRepairs](req.ProviderData, &resp.Diagnostics)
}

// Schema describes the configuration.
func (a *repairAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Undoes what somebody changed in the schema of one tenant, by statements that somebody has agreed to by their digest. A tenant whose drift is to be undone by every apply has `drift_policy = \"repair\"`.",
		Attributes: map[string]schema.Attribute{
			"tenant":            schema.StringAttribute{Required: true, MarkdownDescription: "Slug of the tenant.", Validators: []validator.String{attribute.IsSlug()}},
			"allow_destructive": schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether what holds rows may be taken away; it is set aside for 30 days. Default: `false`."},
			"digest": schema.StringAttribute{Optional: true, Validators: []validator.String{attribute.IsDigest()},
				MarkdownDescription: "Digest of the statements that somebody agrees to, written out. Without it nothing is done: the error lists the statements and has the digest. Default: none."},
		},
	}
}

// repair is what there is to undo.
type repair struct {
	session.Agreement

	spec  landlord.TenantSpec
	prior landlord.PriorTenant
}

// ModifyPlan says in the plan of a run what the action does.
func (a *repairAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	var m repairActionModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() || !a.session.Ready() || !value.Known(m.Tenant, m.AllowDestructive, m.Digest) {
		return
	}
	if r := a.plan(ctx, &m, &resp.Diagnostics); r != nil {
		r.Warn(&resp.Diagnostics)
	}
}

// plan finds out what is to be undone, and whether somebody has agreed to it; nil
// when not, and when nothing is to be undone.
func (a *repairAction) plan(ctx context.Context, m *repairActionModel, diags *diag.Diagnostics) *repair {
	report := session.NewReporter(diags, func(name string) bool { return name == "tenant" || name == "allow_destructive" })
	slug := m.Tenant.ValueString()
	t, err := a.engine.StandingTenant(ctx, slug)
	switch {
	case err != nil:
	case !t.Registered:
		err = landlord.TenantUnknown(slug)
	case t.DatabaseMissing:
		err = landlord.NewProblem(landlord.FieldTenant, "Tenant database is gone",
			fmt.Sprintf("Repairing the drift of tenant `%s`: its database `%s` does not exist any more, and making it anew is no repair.", slug, t.DatabaseName),
			"Restore the database from a backup of the server. Or apply the tenant: it is created anew, without its data.")
	case t.UpdateStatus != landlord.UpdateCurrent:
		err = landlord.NewProblem(landlord.FieldNone, "Tenant waits for something else",
			fmt.Sprintf("Repairing the drift of tenant `%s`: its update status is `%s`, and repairing it would make the landlord forget what it waits for.", slug, t.UpdateStatus),
			"Let an apply settle that first, or set `drift_policy = \"repair\"` for the tenant.")
	}
	if err != nil {
		report.Problem(err, "Drift could not be repaired")
		return nil
	}
	r := &repair{
		spec: landlord.TenantSpec{
			Slug: slug, Name: t.Name, Template: t.Template, Modules: t.Modules, Status: t.Status, Metadata: t.Metadata, Server: t.Server,
			UpdatePolicy: landlord.UpdateAuto, DriftPolicy: landlord.DriftRepair, AllowDestructive: m.AllowDestructive.ValueBool(), DestructiveMode: landlord.Retire,
		},
		prior: landlord.PriorTenant{
			Name: t.Name, Status: t.Status, Metadata: t.Metadata, Template: t.Template, Modules: t.Modules, Server: t.Server, Fingerprint: t.SchemaFingerprint,
			UpdateStatus: t.UpdateStatus, Last: t.LastMigration,
		},
	}
	plan, err := a.engine.PlanTenant(ctx, r.spec, &r.prior)
	if err != nil {
		report.Problem(err, "Drift could not be repaired")
		return nil
	}
	r.Agreement = session.Agreement{What: fmt.Sprintf("Repairing the drift of tenant `%s`", slug), Steps: plan.Steps, Digest: plan.Digest}
	if report.Notes(plan.Notes); diags.HasError() {
		return nil
	}
	if err := r.refuse(t, plan); err != nil {
		report.Problem(err, "Drift could not be repaired")
		return nil
	}
	if len(plan.Steps) == 0 || !r.Agrees(m.Digest.ValueString(), diags) {
		return nil
	}
	return r
}

// refuse says why a plan does not undo the drift of a tenant; nil when it does, and
// when there is none.
func (r *repair) refuse(t *landlord.Tenant, plan *apply.TenantPlan) error {
	if plan.Waits && plan.Approval == nil {
		return landlord.NewProblem(landlord.FieldTenant, "Repair waits for an approval",
			fmt.Sprintf("%s runs these statements:\n\n%s\nThey need an approval, so nothing was done.", r.What, r.Lines()),
			fmt.Sprintf("Approve them with the action `landlord_approve_migration` or a `landlord_migration_approval`, then invoke this one again:\n  digest = %q\n  tenant = %q", r.Digest, t.Slug))
	}
	why, next := "", ""
	switch {
	case len(plan.Steps) > 0:
		return nil
	case plan.UpdateStatus == landlord.UpdateConflict:
		why, next = "it meets what the tenant has of its own", "Decide with `resolutions` of the tenant, and set its `drift_policy = \"repair\"`."
	case plan.UpdateStatus == landlord.UpdateHeld:
		why, next = fmt.Sprintf("the tenant is `%s`, and its schema is not changed then", t.Status), "Set `status = \"active\"` for the tenant, apply, and invoke the action again."
	case plan.Unseen || len(t.Drift) > 0 && plan.Migration == nil:
		why, next = "what undoes it shows only in a scratch database, and there is none: `plan_rendering` is `parser`, or the account may create none",
			"Invoke the action with `plan_rendering = \"server\"` and the account of the provider."
	case len(t.Drift) > 0:
		why, next = "the tenant is to keep it, by what was decided", "Take the decision out of `resolutions` of the tenant and set its `drift_policy = \"repair\"`, or change the schema by hand."
	default:
		return nil
	}
	detail := fmt.Sprintf("%s: %s. Nothing was done.", r.What, why)
	if len(t.Drift) > 0 {
		detail += "\n" + landlord.ListDifferences(t.Drift)
	}
	return landlord.NewProblem(landlord.FieldTenant, "Drift is not repaired", detail, next)
}

// Invoke repairs.
func (a *repairAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var m repairActionModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() || !session.Configured(a.session, "Repairing drift", &resp.Diagnostics) {
		return
	}
	r := a.plan(ctx, &m, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if r == nil {
		resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf("Tenant `%s` has no drift.", m.Tenant.ValueString())})
		return
	}
	for i := range r.Steps {
		resp.SendProgress(action.InvokeProgressEvent{Message: r.Steps[i].Line()})
	}
	now, err := a.engine.UpdateTenant(ctx, r.spec, r.prior, r.Digest)
	if err == nil && now.UpdateStatus != landlord.UpdateCurrent {
		err = landlord.NewProblem(landlord.FieldNone, "Drift is not repaired",
			fmt.Sprintf("%s: what the plan was made from has changed meanwhile, an approval has run out for example. The update status of the tenant is `%s`, and nothing was done.", r.What, now.UpdateStatus),
			"Plan again.")
	}
	if err != nil {
		session.NewReporter(&resp.Diagnostics, nil).Problem(err, "Drift could not be repaired")
		return
	}
	resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf("The drift of tenant `%s` is repaired.", r.spec.Slug)})
}
