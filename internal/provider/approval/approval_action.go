package approval

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/session"
)

var _ action.ActionWithConfigure = (*approvalAction)(nil)

// approvalAction approves a migration without a resource to keep.
type approvalAction struct {
	session *session.Session
	engine  Engine // nil while the session has none
}

// NewAction returns the action that approves a migration.
func NewAction() action.Action { return &approvalAction{} }

// approvalActionModel is the configuration of the action.
type approvalActionModel struct {
	Digest     types.String `tfsdk:"digest"`
	Tenant     types.String `tfsdk:"tenant"`
	ApprovedBy types.String `tfsdk:"approved_by"`
	Note       types.String `tfsdk:"note"`
	ExpiresAt  types.String `tfsdk:"expires_at"`
}

// Metadata names the action.
func (a *approvalAction) Metadata(_ context.Context, _ action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = session.TypeName + "_approve_migration"
}

// Configure takes the session.
func (a *approvalAction) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.session, a.engine = session.From[Engine](req.ProviderData, &resp.Diagnostics)
}

// Schema describes the configuration.
func (a *approvalAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Approves one exact migration, as a `landlord_migration_approval` does, without a resource that is kept: the approval stays until it expires or the migration is another one.",
		Attributes: map[string]schema.Attribute{
			"digest":      schema.StringAttribute{Required: true, MarkdownDescription: "`migration_digest` of the plan of a tenant, written out: a reference would approve whatever comes.", Validators: []validator.String{attribute.IsDigest()}},
			"tenant":      schema.StringAttribute{Optional: true, MarkdownDescription: "Slug of the tenant that may run it. Default: every tenant whose migration has the digest.", Validators: []validator.String{attribute.IsSlug()}},
			"approved_by": schema.StringAttribute{Optional: true, MarkdownDescription: "Who approves. Default: the account of the provider.", Validators: attribute.NotEmpty()},
			"note":        schema.StringAttribute{Optional: true, MarkdownDescription: "Why, or under which conditions. Default: none.", Validators: attribute.NotEmpty()},
			"expires_at":  schema.StringAttribute{Optional: true, MarkdownDescription: "Until when it holds (RFC 3339). Default: no end.", Validators: []validator.String{attribute.IsTime()}},
		},
	}
}

// Invoke approves.
func (a *approvalAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var m approvalActionModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() || !session.Configured(a.session, "Approving a migration", &resp.Diagnostics) {
		return
	}
	wanted := approvalModel{Digest: m.Digest, Tenant: m.Tenant, ApprovedBy: m.ApprovedBy, Note: m.Note, ExpiresAt: m.ExpiresAt}
	given, err := a.engine.Approve(ctx, wanted.toApproval(), false, landlord.NewEvent{})
	if err != nil {
		session.NewReporter(&resp.Diagnostics, nil).Problem(err, "Migration could not be approved")
		return
	}
	resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf("Approved by %s: %s.", given.ApprovedBy, given.ID())})
}
