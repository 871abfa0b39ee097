package tenant

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/session"
)

var (
	_ resource.ResourceWithConfigure   = (*tenantResource)(nil)
	_ resource.ResourceWithIdentity    = (*tenantResource)(nil)
	_ resource.ResourceWithImportState = (*tenantResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*tenantResource)(nil)
	_ resource.ResourceWithMoveState   = (*tenantResource)(nil)
)

// Engine is what tenants need of the engine.
type Engine interface {
	tenants
	tenantList
	driftRepairs
}

// tenants makes, updates and removes tenants.
type tenants interface {
	session.Seer
	PlanTenant(ctx context.Context, spec landlord.TenantSpec, prior *landlord.PriorTenant) (*apply.TenantPlan, error)
	PlanDelete(ctx context.Context, slug string, opt landlord.DeleteOptions) error
	CreateTenant(ctx context.Context, spec landlord.TenantSpec, digest string) (*landlord.Tenant, error)
	ReadTenant(ctx context.Context, slug string, prior landlord.PriorTenant) (*landlord.Tenant, error)
	TenantsOn(ctx context.Context, server string) ([]string, error)
	UpdateTenant(ctx context.Context, spec landlord.TenantSpec, prior landlord.PriorTenant, digest string) (*landlord.Tenant, error)
	DeleteTenant(ctx context.Context, slug string, opt landlord.DeleteOptions) error
}

// tenantResource manages one tenant. The framework makes a new one for each
// call; what lasts is in the session.
type tenantResource struct {
	session *session.Session
	engine  tenants // nil while the session has none

	movers func(context.Context) []resource.StateMover // from other resources
}

// NewResource returns the resource. The movers make a tenant of another
// resource, which knows tenants and not the other way round.
func NewResource(movers func(context.Context) []resource.StateMover) resource.Resource {
	return &tenantResource{movers: movers}
}

// Metadata names the resource.
func (r *tenantResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = session.TypeName + "_tenant"
}

// Configure takes the session.
func (r *tenantResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.session, r.engine = session.From[tenants](req.ProviderData, &resp.Diagnostics)
}

// Schema describes the attributes.
func (r *tenantResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = Schema(ctx)
}

// IdentitySchema describes what names a tenant.
func (r *tenantResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = tenantIdentitySchema()
}

// Create makes the database. On failure nothing is saved: Terraform would
// taint the half and drop the database with the next plan. The ledger in the
// landlord database knows the half, and the next Create goes on from there.
func (r *tenantResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan Model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() || !session.Configured(r.session, "Creating a tenant", &resp.Diagnostics) {
		return
	}
	timeout, diags := plan.Timeouts.Create(ctx, attribute.CreateTimeout)
	resp.Diagnostics.Append(diags...)
	work, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	tenant, err := r.engine.CreateTenant(work, plan.ToSpec(), plan.MigrationDigest.ValueString())
	if err != nil {
		r.report(ctx, &resp.Diagnostics).Problem(err, "Tenant could not be created")
		return
	}
	plan.resolve(tenant)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, Identity{plan.Slug})...)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// Read looks at the tenant. The identity is set first: a core that stores none
// sends null, and the framework refuses an answer without one even when the
// tenant is gone.
func (r *tenantResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state Model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, Identity{state.Slug})...)
	if resp.Diagnostics.HasError() || !r.session.Ready() {
		return
	}
	tenant, err := r.engine.ReadTenant(ctx, state.Slug.ValueString(), priorOf(ctx, &state, req.Private, &resp.Diagnostics))
	switch {
	case errors.Is(err, landlord.ErrNotFound):
		resp.State.RemoveResource(ctx)
	case err != nil:
		r.notRead(ctx, err, state.Server.ValueString(), r.report(ctx, &resp.Diagnostics))
	case tenant.DatabaseMissing:
		resp.Diagnostics.AddAttributeWarning(path.Root("slug"), "Tenant database is missing", strings.Join([]string{
			fmt.Sprintf("The landlord database knows the tenant `%s`, but its server has no database `%s`. Somebody dropped it, or the provider looks at another server.", tenant.Slug, tenant.DatabaseName),
			"The plan creates it anew, without the data. To get the data back, restore the database from a backup instead and plan again.",
		}, "\n\n"))
		resp.State.RemoveResource(ctx)
	default:
		session.Keep(ctx, resp.Private, keptFingerprint, "", &resp.Diagnostics)
		session.Keep(ctx, resp.Private, keptLast, "", &resp.Diagnostics)
		keepBehind(ctx, tenant, resp.Private, &resp.Diagnostics)
		keepFleet(ctx, tenant, &state, resp.Private, &resp.Diagnostics)
		session.KeepSeen(ctx, r.engine, resp.Private, r.report(ctx, &resp.Diagnostics), tenant.Slug)
		former := state
		state.fromTenant(tenant)
		r.reportBehind(ctx, tenant, &resp.Diagnostics)
		if !reflect.DeepEqual(former, state) { // writing a state costs more than comparing it
			resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
		}
		reportDrift(tenant, state.DriftPolicy.ValueString(), &resp.Diagnostics)
	}
}

// notRead reports why a tenant was not read. That its server cannot be reached is so
// for all tenants there: it is one error of the run, which ends with it, and the
// others stay what the state has.
func (r *tenantResource) notRead(ctx context.Context, err error, server string, report session.Reporter) {
	endpoint, unreached := landlord.Unreached(err)
	if !unreached {
		report.Problem(err, "Tenant could not be read")
		return
	}
	if !r.session.Misses(endpoint) {
		return
	}
	whose := "That is so for all tenants of this run, and said once."
	if slugs, failed := r.engine.TenantsOn(ctx, server); failed == nil {
		whose = fmt.Sprintf("That is so for %s on %s, and said once: %s.", landlord.Several(len(slugs), "tenant"), landlord.ServerName(server), landlord.FirstOf(slugs))
	}
	var p *landlord.Problem
	if errors.As(err, &p) {
		own := *p
		own.Detail = append(slices.Clone(p.Detail), whose)
		err = &own
	}
	report.Problem(err, "Tenant could not be read")
}

// reportBehind says that the landlord database knows less of the tenant than the
// state: it was lost, brought back from an older dump, or is another one.
func (r *tenantResource) reportBehind(ctx context.Context, t *landlord.Tenant, diags *diag.Diagnostics) {
	switch {
	case !t.Behind:
	case t.Registered:
		r.report(ctx, diags).Notes([]landlord.Note{landlord.Behind(t.Slug, t.Template)})
	default:
		r.report(ctx, diags).Notes([]landlord.Note{landlord.NotRegistered(t.Slug, t.Template, t.DatabaseName)})
	}
}

// reportDrift says what somebody else changed. The other policies than
// reporting show it in the plan.
func reportDrift(t *landlord.Tenant, policy string, diags *diag.Diagnostics) {
	if len(t.Drift) == 0 || policy != string(landlord.DriftReport) {
		return
	}
	lines := []string{fmt.Sprintf("Tenant `%s` differs from what was recorded after its last migration:", t.Slug)}
	for _, d := range t.Drift {
		lines = append(lines, "- "+writeDifference(d))
	}
	lines = append(lines, "", "Nothing is done about it. `drift_policy = \"repair\"` plans to undo it; the data source `landlord_tenant_drift` shows the definitions and how to take it in.")
	diags.AddAttributeWarning(path.Root("drift_policy"), "Tenant schema has drifted", strings.Join(lines, "\n"))
}

// writeDifference says on one line what differs and what that breaks.
func writeDifference(d landlord.Difference) string {
	line := fmt.Sprintf("%s (%s): %s.", d.Name(), d.Kind, d.Detail)
	switch d.Harm {
	case landlord.HarmCore:
		line += " Breaks the core: " + d.HarmReason
	case landlord.HarmCustomization:
		line += fmt.Sprintf(" Breaks the customization `%s`: %s", d.Customization, d.HarmReason)
	case landlord.HarmNone:
		line += " Harmless."
	}
	return line
}

// Update brings the tenant to what was planned.
func (r *tenantResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, prior Model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, Identity{prior.Slug})...)
	if resp.Diagnostics.HasError() || !session.Configured(r.session, "Changing a tenant", &resp.Diagnostics) {
		return
	}
	timeout, diags := plan.Timeouts.Update(ctx, attribute.UpdateTimeout)
	resp.Diagnostics.Append(diags...)
	work, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	before := priorOf(ctx, &prior, req.Private, &resp.Diagnostics)
	tenant, err := r.engine.UpdateTenant(work, plan.ToSpec(), before, session.Kept(ctx, req.Private, keptDigest, &resp.Diagnostics))
	if err != nil {
		r.report(ctx, &resp.Diagnostics).Problem(err, "Tenant could not be changed")
		return
	}
	r.report(ctx, &resp.Diagnostics).Notes(tenant.Notes)
	plan.resolve(tenant)
	keepResult(ctx, tenant, resp.Private, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// Delete does what the deletion policy of the last apply says.
func (r *tenantResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state Model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !session.Configured(r.session, "Destroying a tenant", &resp.Diagnostics) {
		return
	}
	timeout, diags := state.Timeouts.Delete(ctx, attribute.DeleteTimeout)
	resp.Diagnostics.Append(diags...)
	work, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	err := r.engine.DeleteTenant(work, state.Slug.ValueString(), state.ToDeleteOptions())
	if err != nil && !errors.Is(err, landlord.ErrNotFound) {
		r.report(ctx, &resp.Diagnostics).Problem(err, "Tenant could not be destroyed")
	}
}

// MoveState makes a tenant of what a `moved` block names.
func (r *tenantResource) MoveState(ctx context.Context) []resource.StateMover { return r.movers(ctx) }

// ImportState takes the slug, from the identifier or the identity. The identifier can
// say which database becomes the tenant's.
func (r *tenantResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if !session.Configured(r.session, "Importing a tenant", &resp.Diagnostics) {
		return
	}
	slug, server, database := landlord.ParseTenantImport(req.ID)
	if database == "" {
		resource.ImportStatePassthroughWithIdentity(ctx, path.Root("slug"), path.Root("slug"), req, resp)
		return
	}
	for _, err := range []error{engine.CheckSlug(slug), landlord.CheckDatabase(database)} {
		if err != nil {
			r.report(ctx, &resp.Diagnostics).Problem(err, "Tenant could not be read")
			return
		}
	}
	resp.Diagnostics.Append(resp.Identity.Set(ctx, Identity{types.StringValue(slug)})...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("slug"), slug)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("database_name"), database)...)
	if server != "" {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("server"), server)...)
	}
}

// report returns the translator of the engine's words.
func (r *tenantResource) report(ctx context.Context, diags *diag.Diagnostics) session.Reporter {
	return session.NewReporter(diags, func(name string) bool { _, ok := Schema(ctx).Attributes[name]; return ok })
}
