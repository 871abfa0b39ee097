package approval

import (
	"context"
	"errors"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/session"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/value"
)

var (
	_ resource.ResourceWithConfigure   = (*approvalResource)(nil)
	_ resource.ResourceWithImportState = (*approvalResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*approvalResource)(nil)
)

// Engine records who lets a migration run.
type Engine interface {
	Approval(ctx context.Context, digest, tenant string) (*landlord.Approval, error)
	PlanApproval(a landlord.Approval)
	Approve(ctx context.Context, a landlord.Approval, renew bool, told landlord.NewEvent) (*landlord.Approval, error)
	Withdraw(ctx context.Context, withdrawn []landlord.Approval, told landlord.NewEvent) (int, error)
}

// approvalResource manages one approval of a migration.
type approvalResource struct {
	session *session.Session
	engine  Engine // nil while the session has none
}

// NewResource returns the resource of an approval.
func NewResource() resource.Resource { return &approvalResource{} }

// approvalModel is an approval as Terraform has it.
type approvalModel struct {
	Digest     types.String `tfsdk:"digest"`
	Tenant     types.String `tfsdk:"tenant"`
	ApprovedBy types.String `tfsdk:"approved_by"`
	Note       types.String `tfsdk:"note"`
	ExpiresAt  types.String `tfsdk:"expires_at"`

	ID        types.String `tfsdk:"id"`
	CreatedAt types.String `tfsdk:"created_at"`
}

// Metadata names the resource.
func (r *approvalResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = session.TypeName + "_migration_approval"
}

// Configure takes the session.
func (r *approvalResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.session, r.engine = session.From[Engine](req.ProviderData, &resp.Diagnostics)
}

// Schema describes the attributes.
func (r *approvalResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = approvalSchema()
}

func approvalSchema() schema.Schema {
	replaces := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	return schema.Schema{
		MarkdownDescription: "Allows one exact migration to run, where the tenant's `update_policy`, the template's `approval_required` or the verdict `review` makes it wait. " +
			"The digest covers the template version, the schema that the migration starts from, the decisions on conflicts and every statement: when one of them changes, so does the digest, and the approval allows nothing. Destroying it withdraws the approval.",
		Attributes: map[string]schema.Attribute{
			"digest": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "`migration_digest` of the plan of a tenant, or `digest` of a `landlord_migration_preview`. Write it out: a reference would approve whatever comes. Another digest is another approval.",
				Validators:          []validator.String{attribute.IsDigest()},
				PlanModifiers:       replaces,
			},
			"tenant": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Slug of the tenant that may run it. Default: every tenant whose migration has the digest.",
				Validators:          []validator.String{attribute.IsSlug()},
				PlanModifiers:       replaces,
			},
			"approved_by": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "Who approves. Default: the account of the provider.",
				Validators:          attribute.NotEmpty(),
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"note": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Why, or under which conditions. Default: none.",
				Validators:          attribute.NotEmpty(),
			},
			"expires_at": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Until when a migration may begin (RFC 3339), by the clock of the landlord database. Default: for ever.",
				Validators:          []validator.String{attribute.IsTime()},
			},
			"id": schema.StringAttribute{
				Computed: true, MarkdownDescription: "The digest, with `/` and the tenant behind it if there is one.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"created_at": schema.StringAttribute{
				Computed: true, MarkdownDescription: "When it was approved (RFC 3339, UTC).",
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
		},
	}
}

// ModifyPlan makes known that the run gives the approval, so that a tenant whose
// plan comes after it is shown as one that runs.
func (r *approvalResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || !r.session.Ready() {
		return
	}
	var plan approvalModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if !resp.Diagnostics.HasError() && value.Known(plan.Digest, plan.Tenant) {
		r.engine.PlanApproval(plan.toApproval())
	}
}

// Create gives the approval.
func (r *approvalResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.approve(ctx, req.Plan, &resp.State, false, &resp.Diagnostics)
}

// Read looks the approval up. One that has run out is still there.
func (r *approvalResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state approvalModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !r.session.Ready() {
		return
	}
	digest, tenant, _ := strings.Cut(state.ID.ValueString(), "/")
	approval, err := r.engine.Approval(ctx, digest, tenant)
	switch {
	case errors.Is(err, landlord.ErrNotFound):
		resp.State.RemoveResource(ctx)
	case err != nil:
		r.report(&resp.Diagnostics).Problem(err, "Approval could not be read")
	default:
		state.fromApproval(approval)
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	}
}

// Update changes who, why and until when.
func (r *approvalResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	r.approve(ctx, req.Plan, &resp.State, true, &resp.Diagnostics)
}

// Delete withdraws the approval.
func (r *approvalResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state approvalModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !session.Configured(r.session, "Withdrawing an approval", &resp.Diagnostics) {
		return
	}
	if _, err := r.engine.Withdraw(ctx, []landlord.Approval{state.toApproval()}, landlord.NewEvent{}); err != nil {
		r.report(&resp.Diagnostics).Problem(err, "Approval could not be withdrawn")
	}
}

// ImportState takes the digest, or `digest/tenant`.
func (r *approvalResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if session.Configured(r.session, "Importing an approval", &resp.Diagnostics) {
		resource.ImportStatePassthroughID(ctx, path.Root("id"), req, resp)
	}
}

// approve is what Create and Update have in common.
func (r *approvalResource) approve(ctx context.Context, from tfsdk.Plan, to *tfsdk.State, renew bool, diags *diag.Diagnostics) {
	var plan approvalModel
	diags.Append(from.Get(ctx, &plan)...)
	if diags.HasError() || !session.Configured(r.session, "Approving a migration", diags) {
		return
	}
	approval, err := r.engine.Approve(ctx, plan.toApproval(), renew, landlord.NewEvent{})
	if err != nil {
		r.report(diags).Problem(err, "Migration could not be approved")
		return
	}
	plan.fromApproval(approval)
	diags.Append(to.Set(ctx, plan)...)
}

// toApproval returns what the configuration wants.
func (m *approvalModel) toApproval() landlord.Approval {
	expires, _ := attribute.ParseTime(m.ExpiresAt.ValueString()) // the validator has read it, or it is empty
	created, _ := attribute.ParseTime(m.CreatedAt.ValueString()) // of one that is there
	return landlord.Approval{CreatedAt: created, Digest: m.Digest.ValueString(), Tenant: m.Tenant.ValueString(),
		ApprovedBy: m.ApprovedBy.ValueString(), Note: m.Note.ValueString(), ExpiresAt: expires}
}

// fromApproval fills the model with what is recorded. A time stays spelled as it
// is when it is the same time.
func (m *approvalModel) fromApproval(a *landlord.Approval) {
	m.ID = types.StringValue(a.ID())
	m.Digest = types.StringValue(a.Digest)
	m.Tenant = value.TextOrNull(a.Tenant)
	m.ApprovedBy = types.StringValue(a.ApprovedBy)
	m.Note = value.TextOrNull(a.Note)
	m.CreatedAt = value.TimeOrNull(a.CreatedAt)
	if was, err := attribute.ParseTime(m.ExpiresAt.ValueString()); err != nil || !was.Equal(a.ExpiresAt) {
		m.ExpiresAt = value.TimeOrNull(a.ExpiresAt)
	}
}

// report returns the translator of the engine's words.
func (r *approvalResource) report(diags *diag.Diagnostics) session.Reporter {
	return session.NewReporter(diags, session.KnowsAnyOf(approvalSchema().Attributes))
}
