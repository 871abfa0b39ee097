package tenant

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/tenant"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/session"
)

var _ list.ListResourceWithConfigure = (*tenantListResource)(nil)

// tenantListResource finds tenants for `terraform query`, also databases that
// could become tenants.
type tenantListResource struct {
	session *session.Session
	engine  tenantList // nil while the session has none
}

// NewListResource returns the list of tenants.
func NewListResource() list.ListResource { return &tenantListResource{} }

// tenantListModel is the configuration of a list block.
type tenantListModel struct {
	Template     types.String `tfsdk:"template"`
	Status       types.String `tfsdk:"status"`
	Unregistered types.Bool   `tfsdk:"unregistered"`
}

// Metadata names the list resource as the resource that it lists.
func (l *tenantListResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = session.TypeName + "_tenant"
}

// Configure takes the session.
func (l *tenantListResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	l.session, l.engine = session.From[tenantList](req.ProviderData, &resp.Diagnostics)
}

// ListResourceConfigSchema describes a list block.
func (l *tenantListResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The tenants that the landlord database knows and that are in no fleet and, if asked for, databases that could be adopted. Those of a fleet come with its `landlord_tenant_fleet`, and the data source `landlord_tenants` has them all.",
		Attributes: map[string]schema.Attribute{
			"template":     schema.StringAttribute{Optional: true, MarkdownDescription: "Only tenants of this template, as `name` or `name@version`. Default: all.", Validators: []validator.String{attribute.IsTemplate()}},
			"status":       schema.StringAttribute{Optional: true, MarkdownDescription: "Only tenants with this status: `active`, `suspended` or `archived`. Default: all.", Validators: []validator.String{attribute.OneOf(landlord.StatusActive, landlord.StatusSuspended, landlord.StatusArchived)}},
			"unregistered": schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether to list databases with the tenants' prefix that the landlord database does not know. Default: `false`."},
		},
	}
}

// List sends the tenants.
func (l *tenantListResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var diags diag.Diagnostics
	var model tenantListModel
	diags.Append(req.Config.Get(ctx, &model)...)
	if diags.HasError() || !session.Configured(l.session, "Listing tenants", &diags) {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	tenants, err := l.engine.Tenants(ctx, tenant.Filter{
		Template:     model.Template.ValueString(),
		Status:       landlord.Status(model.Status.ValueString()),
		Unregistered: model.Unregistered.ValueBool(),
		NoFleet:      true, // else a configuration would be generated that has them twice
	})
	if err != nil {
		session.NewReporter(&diags, nil).Problem(err, "Tenants could not be listed")
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	stream.Results = func(push func(list.ListResult) bool) {
		for i := range tenants {
			if int64(i) >= req.Limit || !push(listedTenant(ctx, req, &tenants[i])) {
				return
			}
		}
	}
}

// listedTenant returns one result, with the whole resource if it is asked for.
func listedTenant(ctx context.Context, req list.ListRequest, t *landlord.Tenant) list.ListResult {
	result := req.NewListResult(ctx)
	result.DisplayName = t.Slug
	switch {
	case !t.Registered:
		result.DisplayName = fmt.Sprintf("%s (database %s, not adopted)", t.Slug, t.DatabaseName)
	case t.Name != "":
		result.DisplayName = fmt.Sprintf("%s (%s)", t.Slug, t.Name)
	}
	result.Diagnostics.Append(result.Identity.Set(ctx, Identity{types.StringValue(t.Slug)})...)
	if req.IncludeResource {
		model := NewModel(t.Slug)
		model.fromTenant(t)
		result.Diagnostics.Append(result.Resource.Set(ctx, model)...)
	}
	return result
}
