package template

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/record"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/session"
)

var (
	_ resource.ResourceWithConfigure   = (*templateResource)(nil)
	_ resource.ResourceWithIdentity    = (*templateResource)(nil)
	_ resource.ResourceWithImportState = (*templateResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*templateResource)(nil)
)

// Engine publishes versions of templates.
type Engine interface {
	PlanTemplate(ctx context.Context, spec landlord.TemplateSpec) (*landlord.TemplateVersion, error)
	PublishTemplate(ctx context.Context, spec landlord.TemplateSpec) (*landlord.TemplateVersion, error)
	Template(ctx context.Context, id string) (*landlord.TemplateVersion, error)
	PublishedSpec(ctx context.Context, id string) (landlord.TemplateSpec, error)
	NewestTemplate(ctx context.Context, name string) (string, error)
	DeleteTemplate(ctx context.Context, name string) error
}

// templateResource manages the versions of one template.
type templateResource struct {
	session *session.Session
	engine  Engine // nil while the session has none
}

// NewResource returns the resource of a template.
func NewResource() resource.Resource { return &templateResource{} }

// NewListResource returns the list of templates.
func NewListResource() list.ListResource {
	return record.NewList(landlord.RecordTemplate, func() record.Importable { return &templateResource{} }, "The templates, each with its newest published version. A generated configuration has their files inline.")
}

// Metadata names the resource.
func (r *templateResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = session.TypeName + "_tenant_template"
}

// Configure takes the session.
func (r *templateResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.session, r.engine = session.From[Engine](req.ProviderData, &resp.Diagnostics)
}

// Schema describes the attributes.
func (r *templateResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = templateSchema()
}

// IdentitySchema describes what names a template: not a version, which is another one
// after an update.
func (r *templateResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = attribute.NamedIdentitySchema("Name of the template. An import takes its newest published version.")
}

// ModifyPlan composes the version, so that its ID and schema are known to the
// tenants of the same plan. It runs even when the configuration did not
// change, because the files of a source directory may have.
func (r *templateResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	unchanged := req.Plan.Raw.Equal(req.State.Raw)
	if unchanged && !r.session.Ready() {
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
	if !r.session.Ready() || !plan.isPlannable() {
		plan.forget()
		resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
		return
	}
	version, err := r.engine.PlanTemplate(ctx, plan.toSpec())
	if err != nil {
		r.report(&resp.Diagnostics).Problem(err, "Template could not be planned")
		return
	}
	r.report(&resp.Diagnostics).Notes(version.Notes)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.fromPlan(version, prior)
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// Create publishes the version.
func (r *templateResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.publish(ctx, req.Plan, &resp.State, resp.Identity, &resp.Diagnostics)
}

// Read looks the version up. The identity is set first, as for tenants.
func (r *templateResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state templateModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
	if resp.Diagnostics.HasError() || !r.session.Ready() {
		return
	}
	version, err := r.engine.Template(ctx, state.ID.ValueString())
	imported := state.Name.IsNull()
	if err == nil && imported {
		var spec landlord.TemplateSpec
		spec, err = r.engine.PublishedSpec(ctx, state.ID.ValueString())
		state.fromSpec(spec)
	}
	switch {
	case errors.Is(err, landlord.ErrNotFound) && imported:
		resp.State.RemoveResource(ctx)
	case errors.Is(err, landlord.ErrNotFound):
		state.unpublish()
		resp.Diagnostics.AddAttributeWarning(path.Root("version"), "Template version is not published any more", strings.Join([]string{
			fmt.Sprintf("The landlord database does not know template `%s`, which was published by Terraform's state. A landlord database that was lost or brought back from an older dump leaves this, and so does another run that destroyed the template.", state.ID.ValueString()),
			"The plan publishes it anew. Look first whether `landlord_database` of the provider names the right one.",
		}, "\n\n"))
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	case err != nil:
		r.report(&resp.Diagnostics).Problem(err, "Template could not be read")
	default:
		state.fromRegistry(version)
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	}
}

// Update publishes another version beside the former ones, or changes what is
// said about the one that is there.
func (r *templateResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	r.publish(ctx, req.Plan, &resp.State, resp.Identity, &resp.Diagnostics)
}

// Delete takes all versions of the template out of the landlord database.
func (r *templateResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state templateModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !session.Configured(r.session, "Destroying a template", &resp.Diagnostics) {
		return
	}
	err := r.engine.DeleteTemplate(ctx, state.Name.ValueString())
	if err != nil && !errors.Is(err, landlord.ErrNotFound) {
		r.report(&resp.Diagnostics).Problem(err, "Template could not be destroyed")
	}
}

// ImportState takes `name@version`, or the identity for the newest version.
func (r *templateResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if !session.Configured(r.session, "Importing a template", &resp.Diagnostics) {
		return
	}
	id := req.ID
	if id == "" && req.Identity != nil {
		id = r.newest(ctx, req.Identity, &resp.Diagnostics)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if err := engine.CheckTemplateID(id); err != nil {
		resp.Diagnostics.AddError("Template reference cannot be read", attribute.Sentence(err.Error()))
		return
	}
	state := templateModel{ID: types.StringValue(id)}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), state.ID)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
}

// newest returns the ID of the newest version of the template that an identity names.
func (r *templateResource) newest(ctx context.Context, identity *tfsdk.ResourceIdentity, diags *diag.Diagnostics) string {
	var named attribute.NamedIdentity
	diags.Append(identity.Get(ctx, &named)...)
	if diags.HasError() {
		return ""
	}
	id, err := r.engine.NewestTemplate(ctx, named.Name.ValueString())
	switch {
	case errors.Is(err, landlord.ErrNotFound):
		diags.AddError("Template to import is not known", "Importing template `"+named.Name.ValueString()+"`: the landlord database has no published version of it.\n\n"+
			"Import a template that is published, by its name. Without an import the resource publishes a new one.")
	case err != nil:
		r.report(diags).Problem(err, "Template could not be read")
	}
	return id
}

// publish is what Create and Update have in common.
func (r *templateResource) publish(ctx context.Context, from tfsdk.Plan, to *tfsdk.State, identity *tfsdk.ResourceIdentity, diags *diag.Diagnostics) {
	var plan templateModel
	diags.Append(from.Get(ctx, &plan)...)
	if diags.HasError() || !session.Configured(r.session, "Publishing a template", diags) {
		return
	}
	version, err := r.engine.PublishTemplate(ctx, plan.toSpec())
	if err != nil {
		r.report(diags).Problem(err, "Template could not be published")
		return
	}
	plan.resolve(version)
	diags.Append(identity.Set(ctx, plan.identity())...)
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
func (r *templateResource) report(diags *diag.Diagnostics) session.Reporter {
	return session.NewReporter(diags, func(name string) bool { _, ok := templateSchema().Attributes[name]; return ok })
}
