package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

var _ list.ListResourceWithConfigure = (*recordsListResource)(nil)

// records lists what tenants have.
type records interface {
	Records(ctx context.Context, kind landlord.RecordKind, slug string) ([]landlord.Record, error)
}

// recordsListResource finds things that tenants have, for `terraform query`. What
// each of them is, the managed resource reads, as after an import.
type recordsListResource struct {
	kind        landlord.RecordKind
	managed     func() resource.Resource
	description string

	session *session
	engine  records // nil while the session has none
}

func newCustomizationListResource() list.ListResource {
	return &recordsListResource{kind: landlord.RecordCustomization, managed: newCustomizationResource,
		description: "The customizations of tenants."}
}

func newCheckpointListResource() list.ListResource {
	return &recordsListResource{kind: landlord.RecordCheckpoint, managed: newCheckpointResource,
		description: "The checkpoints of tenants, without those that a run took by itself before it changed or dropped something."}
}

func newAccountListResource() list.ListResource {
	return &recordsListResource{kind: landlord.RecordAccount, managed: newAccountResource,
		description: "The accounts of tenants, without those that exist for one run."}
}

// Metadata names the list resource as the resource that it lists.
func (l *recordsListResource) Metadata(ctx context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	l.managed().Metadata(ctx, req, resp)
}

// Configure takes the session.
func (l *recordsListResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	l.session = sessionFrom(req.ProviderData, &resp.Diagnostics)
	l.engine = l.session.connected()
}

// ListResourceConfigSchema describes a list block.
func (l *recordsListResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: l.description,
		Attributes: map[string]schema.Attribute{
			"tenant": schema.StringAttribute{Optional: true, MarkdownDescription: "Only those of the tenant with this slug. Default: of all.", Validators: []validator.String{isSlug()}},
		},
	}
}

// List sends what is found.
func (l *recordsListResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var diags diag.Diagnostics
	var tenant types.String
	diags.Append(req.Config.GetAttribute(ctx, path.Root("tenant"), &tenant)...)
	if diags.HasError() || !configured(l.session, "Listing what tenants have", &diags) {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	found, err := l.engine.Records(ctx, l.kind, tenant.ValueString())
	if err != nil {
		reporter{diags: &diags}.problem(err, "Records could not be listed")
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	stream.Results = func(push func(list.ListResult) bool) {
		for i, record := range found {
			if int64(i) >= req.Limit || !push(l.result(ctx, req, record)) {
				return
			}
		}
	}
}

// result returns one result, with the whole resource if it is asked for.
func (l *recordsListResource) result(ctx context.Context, req list.ListRequest, record landlord.Record) list.ListResult {
	result := req.NewListResult(ctx)
	result.DisplayName = record.Tenant + "/" + record.Name
	for name, value := range map[string]string{"tenant": record.Tenant, "name": record.Name} {
		result.Diagnostics.Append(result.Identity.SetAttribute(ctx, path.Root(name), value)...)
	}
	if !req.IncludeResource || result.Diagnostics.HasError() {
		return result
	}
	state := tfsdk.State{Schema: result.Resource.Schema, Raw: tftypes.NewValue(result.Resource.Schema.Type().TerraformType(ctx), nil)}
	for name, value := range map[string]string{"tenant": record.Tenant, "name": record.Name} {
		result.Diagnostics.Append(state.SetAttribute(ctx, path.Root(name), value)...)
	}
	managed := l.managed()
	if configurable, ok := managed.(resource.ResourceWithConfigure); ok {
		configurable.Configure(ctx, resource.ConfigureRequest{ProviderData: l.session}, &resource.ConfigureResponse{})
	}
	read := resource.ReadResponse{State: state, Identity: result.Identity}
	managed.Read(ctx, resource.ReadRequest{State: state, Identity: result.Identity}, &read)
	result.Diagnostics.Append(read.Diagnostics...)
	result.Resource.Raw = read.State.Raw
	return result
}
