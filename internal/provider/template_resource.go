package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

var (
	_ resource.ResourceWithConfigure   = (*templateResource)(nil)
	_ resource.ResourceWithImportState = (*templateResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*templateResource)(nil)
)

// templates publishes versions of templates.
type templates interface {
	PlanTemplate(ctx context.Context, spec landlord.TemplateSpec) (*landlord.TemplateVersion, error)
	PublishTemplate(ctx context.Context, spec landlord.TemplateSpec) (*landlord.TemplateVersion, error)
	Template(ctx context.Context, id string) (*landlord.TemplateVersion, error)
	DeleteTemplate(ctx context.Context, name string) error
}

// templateResource manages the versions of one template.
type templateResource struct {
	session *session
	engine  templates // nil while the session has none
}

func newTemplateResource() resource.Resource { return &templateResource{} }

// Metadata names the resource.
func (r *templateResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = typeName + "_tenant_template"
}

// Configure takes the session.
func (r *templateResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.session = sessionFrom(req.ProviderData, &resp.Diagnostics)
	r.engine = r.session.connected()
}

// Schema describes the attributes.
func (r *templateResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = templateSchema()
}

// ModifyPlan composes the version, so that its ID and schema are known to the
// tenants of the same plan. It runs even when the configuration did not
// change, because the files of a source directory may have.
func (r *templateResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	unchanged := req.Plan.Raw.Equal(req.State.Raw)
	if unchanged && !r.session.ready() {
		return
	}
	var plan templateModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	prior := priorTemplate(ctx, req.State, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if prior != nil && !prior.Name.Equal(plan.Name) {
		prior = nil // the new half of a replacement
	}
	if !r.session.ready() || !plan.isPlannable() {
		plan.forget()
		resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
		return
	}
	version, err := r.engine.PlanTemplate(ctx, plan.toSpec())
	if err != nil {
		r.report(&resp.Diagnostics).problem(err, "Template could not be planned")
		return
	}
	r.report(&resp.Diagnostics).notes(version.Notes)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.fromPlan(version, prior)
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// Create publishes the version.
func (r *templateResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.publish(ctx, req.Plan, &resp.State, &resp.Diagnostics)
}

// Read looks the version up.
func (r *templateResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state templateModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !r.session.ready() {
		return
	}
	version, err := r.engine.Template(ctx, state.ID.ValueString())
	switch {
	case errors.Is(err, landlord.ErrNotFound) && state.Name.IsNull(): // an import
		resp.State.RemoveResource(ctx)
	case errors.Is(err, landlord.ErrNotFound):
		state.unpublish()
		resp.Diagnostics.AddAttributeWarning(path.Root("version"), "Template version is not published any more", strings.Join([]string{
			fmt.Sprintf("The landlord database does not know template `%s`, which was published by Terraform's state. A landlord database that was lost or brought back from an older dump leaves this, and so does another run that destroyed the template.", state.ID.ValueString()),
			"The plan publishes it anew. Look first whether `landlord_database` of the provider names the right one.",
		}, "\n\n"))
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	case err != nil:
		r.report(&resp.Diagnostics).problem(err, "Template could not be read")
	default:
		state.fromRegistry(version)
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	}
}

// Update publishes another version beside the former ones, or changes what is
// said about the one that is there.
func (r *templateResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	r.publish(ctx, req.Plan, &resp.State, &resp.Diagnostics)
}

// Delete takes all versions of the template out of the landlord database.
func (r *templateResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state templateModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !configured(r.session, "Destroying a template", &resp.Diagnostics) {
		return
	}
	err := r.engine.DeleteTemplate(ctx, state.Name.ValueString())
	if err != nil && !errors.Is(err, landlord.ErrNotFound) {
		r.report(&resp.Diagnostics).problem(err, "Template could not be destroyed")
	}
}

// ImportState takes `name@version`.
func (r *templateResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if !configured(r.session, "Importing a template", &resp.Diagnostics) {
		return
	}
	if err := engine.CheckTemplateID(req.ID); err != nil {
		resp.Diagnostics.AddError("Template reference cannot be read", sentence(err.Error()))
		return
	}
	resource.ImportStatePassthroughID(ctx, path.Root("id"), req, resp)
}

// publish is what Create and Update have in common.
func (r *templateResource) publish(ctx context.Context, from tfsdk.Plan, to *tfsdk.State, diags *diag.Diagnostics) {
	var plan templateModel
	diags.Append(from.Get(ctx, &plan)...)
	if diags.HasError() || !configured(r.session, "Publishing a template", diags) {
		return
	}
	version, err := r.engine.PublishTemplate(ctx, plan.toSpec())
	if err != nil {
		r.report(diags).problem(err, "Template could not be published")
		return
	}
	plan.resolve(version)
	diags.Append(to.Set(ctx, plan)...)
}

// priorTemplate returns the template of a state, nil when there is none.
func priorTemplate(ctx context.Context, state tfsdk.State, diags *diag.Diagnostics) *templateModel {
	if state.Raw.IsNull() {
		return nil
	}
	var prior templateModel
	diags.Append(state.Get(ctx, &prior)...)
	return &prior
}

// report returns the translator of the engine's words.
func (r *templateResource) report(diags *diag.Diagnostics) reporter {
	return reporter{diags, func(name string) bool { _, ok := templateSchema().Attributes[name]; return ok }}
}
