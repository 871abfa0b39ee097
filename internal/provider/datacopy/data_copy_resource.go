package datacopy

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/datacopy"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/session"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/value"
)

var (
	_ resource.ResourceWithConfigure      = (*dataCopyResource)(nil)
	_ resource.ResourceWithIdentity       = (*dataCopyResource)(nil)
	_ resource.ResourceWithImportState    = (*dataCopyResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*dataCopyResource)(nil)
	_ resource.ResourceWithValidateConfig = (*dataCopyResource)(nil)
)

// Engine copies rows between tenants.
type Engine interface {
	PlanDataCopy(ctx context.Context, spec landlord.DataCopySpec) (*datacopy.Plan, error)
	CopyData(ctx context.Context, spec landlord.DataCopySpec) (*landlord.DataCopy, error)
	DataCopyState(ctx context.Context, id string) (*landlord.DataCopy, error)
	ForgetDataCopy(ctx context.Context, id string) error
}

// dataCopyResource manages one copy of rows between tenants.
type dataCopyResource struct {
	session *session.Session
	engine  Engine // nil while the session has none
}

// NewResource returns the resource of a copy of rows.
func NewResource() resource.Resource { return &dataCopyResource{} }

// Metadata names the resource.
func (r *dataCopyResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = session.TypeName + "_tenant_data_copy"
}

// Configure takes the session.
func (r *dataCopyResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.session, r.engine = session.From[Engine](req.ProviderData, &resp.Diagnostics)
}

// Schema describes the attributes.
func (r *dataCopyResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = dataCopySchema(ctx)
}

// IdentitySchema describes what names a copy.
func (r *dataCopyResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = dataCopyIdentitySchema()
}

// ValidateConfig finds what does not fit together without asking a server.
func (r *dataCopyResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config dataCopyModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || !value.Known(config.Source, config.Target, config.Tables, config.Where) {
		return
	}
	if err := config.toSpec().Check(); err != nil {
		r.report(ctx, &resp.Diagnostics).Problem(err, "Data copy could not be planned")
	}
}

// ModifyPlan finds out early whether the rows fit, and says what stays.
func (r *dataCopyResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || req.Plan.Raw.Equal(req.State.Raw) {
		return
	}
	var plan dataCopyModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	var prior *dataCopyModel
	if !req.State.Raw.IsNull() {
		prior = &dataCopyModel{}
		resp.Diagnostics.Append(req.State.Get(ctx, prior)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if !plan.copies(prior) {
		plan.takeResultOf(prior)
		resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
		return
	}
	plan.forget()
	if r.session.Ready() && plan.isPlannable() {
		report := r.report(ctx, &resp.Diagnostics)
		answer, err := r.engine.PlanDataCopy(ctx, plan.toSpec())
		if err != nil {
			report.Problem(err, "Data copy could not be planned")
			return
		}
		report.Notes(answer.Notes)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// Create copies. On failure nothing is saved: the landlord database knows how far
// the copy came, and the next Create goes on from there.
func (r *dataCopyResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan dataCopyModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() || !session.Configured(r.session, "Copying rows", &resp.Diagnostics) {
		return
	}
	timeout, diags := plan.Timeouts.Create(ctx, attribute.CopyTimeout)
	resp.Diagnostics.Append(diags...)
	work, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	report := r.report(ctx, &resp.Diagnostics)
	made, err := r.engine.CopyData(work, plan.toSpec())
	if err != nil {
		report.Problem(err, "Rows could not be copied")
		return
	}
	report.Notes(made.Notes)
	plan.fromCopy(made)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, dataCopyIdentity{plan.ID})...)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// Read asks for what an import does not know. A copy that is known was made,
// whatever became of its rows, so that nothing is asked about it.
func (r *dataCopyResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state dataCopyModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, dataCopyIdentity{state.ID})...)
	if resp.Diagnostics.HasError() || !r.session.Ready() || !state.Source.IsNull() {
		return
	}
	found, err := r.engine.DataCopyState(ctx, state.ID.ValueString())
	switch {
	case errors.Is(err, landlord.ErrNotFound):
		resp.State.RemoveResource(ctx)
	case err != nil:
		r.report(ctx, &resp.Diagnostics).Problem(err, "Data copy could not be read")
	default:
		state.fromCopy(found)
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	}
}

// Update takes over what does not say what is copied.
func (r *dataCopyResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan dataCopyModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, dataCopyIdentity{plan.ID})...)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// Delete lets the same be copied again. The rows stay where they are.
func (r *dataCopyResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state dataCopyModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !session.Configured(r.session, "Forgetting a data copy", &resp.Diagnostics) {
		return
	}
	err := r.engine.ForgetDataCopy(ctx, state.ID.ValueString())
	if err != nil && !errors.Is(err, landlord.ErrNotFound) {
		r.report(ctx, &resp.Diagnostics).Problem(err, "Data copy could not be forgotten")
	}
}

// ImportState takes the ID, from the identifier or the identity.
func (r *dataCopyResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if !session.Configured(r.session, "Importing a data copy", &resp.Diagnostics) {
		return
	}
	resource.ImportStatePassthroughWithIdentity(ctx, path.Root("id"), path.Root("id"), req, resp)
}

// report returns the translator of the engine's words.
func (r *dataCopyResource) report(ctx context.Context, diags *diag.Diagnostics) session.Reporter {
	return session.NewReporter(diags, session.KnowsAnyOf(dataCopySchema(ctx).Attributes))
}
