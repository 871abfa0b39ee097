package fleet

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/session"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/value"
)

var _ action.ActionWithConfigure = (*claimAction)(nil)

// claims gives ready tenants to owners.
type claims interface {
	ClaimTenant(ctx context.Context, fleet, slug, name string, metadata map[string]string) (database string, err error)
}

// claimAction gives a ready tenant of a fleet's pool to an owner.
type claimAction struct {
	session *session.Session
	engine  claims // nil while the session has none
}

// NewClaimAction returns the action that gives a ready tenant to an owner.
func NewClaimAction() action.Action { return &claimAction{} }

// claimActionModel is the configuration of the action.
type claimActionModel struct {
	Fleet    types.String `tfsdk:"fleet"`
	Slug     types.String `tfsdk:"slug"`
	Name     types.String `tfsdk:"name"`
	Metadata types.Map    `tfsdk:"metadata"`
}

// Metadata names the action.
func (a *claimAction) Metadata(_ context.Context, _ action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = session.TypeName + "_claim_tenant"
}

// Configure takes the session.
func (a *claimAction) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.session, a.engine = session.From[claims](req.ProviderData, &resp.Diagnostics)
}

// Schema describes the configuration.
func (a *claimAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Gives a ready tenant of a fleet's `pool` to an owner at once, as applications do with `CALL landlord.claim_tenant(slug, name, metadata)`. The next apply of the fleet fills its pool up, and `select` takes the tenant in.",
		Attributes: map[string]schema.Attribute{
			"slug":     schema.StringAttribute{Required: true, MarkdownDescription: "Slug that the tenant gets.", Validators: []validator.String{attribute.IsSlug()}},
			"name":     schema.StringAttribute{Optional: true, MarkdownDescription: "Name of its owner, for people. Default: the slug.", Validators: attribute.NotEmpty()},
			"metadata": schema.MapAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "What is to be recorded with it. Default: nothing."},
			"fleet":    schema.StringAttribute{Optional: true, MarkdownDescription: "Name of the fleet whose pool it comes from. Default: the only one that keeps a pool.", Validators: attribute.NotEmpty()},
		},
	}
}

// Invoke claims.
func (a *claimAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var m claimActionModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() || !session.Configured(a.session, "Claiming a tenant", &resp.Diagnostics) {
		return
	}
	database, err := a.engine.ClaimTenant(ctx, m.Fleet.ValueString(), m.Slug.ValueString(), m.Name.ValueString(), value.ToMap(m.Metadata))
	if err != nil {
		session.NewReporter(&resp.Diagnostics, func(name string) bool { return name == "slug" }).Problem(err, "Tenant could not be claimed")
		return
	}
	resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf("Tenant `%s` is claimed: database `%s`.", m.Slug.ValueString(), database)})
}
