package record

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
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/session"
)

var _ list.ListResourceWithConfigure = (*recordsListResource)(nil)

// Engine lists what there is.
type Engine interface {
	Records(ctx context.Context, kind landlord.RecordKind, slug string) ([]landlord.Record, error)
}

// Importable is a resource that reads what its identity names.
type Importable interface {
	resource.ResourceWithConfigure
	resource.ResourceWithIdentity
	resource.ResourceWithImportState
}

// recordsListResource finds things that have a name, in a tenant or altogether, for
// `terraform query`. What each of them is, the managed resource imports and reads.
type recordsListResource struct {
	kind        landlord.RecordKind
	managed     func() Importable
	description string

	session *session.Session
	engine  Engine // nil while the session has none
}

// NewList returns the list resource of a kind of records; managed makes the
// resource that it lists.
func NewList(kind landlord.RecordKind, managed func() Importable, description string) list.ListResource {
	return &recordsListResource{kind: kind, managed: managed, description: description}
}

// Metadata names the list resource as the resource that it lists.
func (l *recordsListResource) Metadata(ctx context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	l.managed().Metadata(ctx, req, resp)
}

// Configure takes the session.
func (l *recordsListResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	l.session, l.engine = session.From[Engine](req.ProviderData, &resp.Diagnostics)
}

// ListResourceConfigSchema describes a list block.
func (l *recordsListResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{MarkdownDescription: l.description, Attributes: map[string]schema.Attribute{}}
	if l.kind.OfTenant() {
		resp.Schema.Attributes["tenant"] = schema.StringAttribute{Optional: true, MarkdownDescription: "Only those of the tenant with this slug. Default: of all.", Validators: []validator.String{attribute.IsSlug()}}
	}
}

// List sends what is found.
func (l *recordsListResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var diags diag.Diagnostics
	var tenant types.String
	if l.kind.OfTenant() {
		diags.Append(req.Config.GetAttribute(ctx, path.Root("tenant"), &tenant)...)
	}
	if diags.HasError() || !session.Configured(l.session, "Listing "+string(l.kind)+"s", &diags) {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	found, err := l.engine.Records(ctx, l.kind, tenant.ValueString())
	if err != nil {
		session.NewReporter(&diags, nil).Problem(err, "Records could not be listed")
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
	result.DisplayName = record.Name
	if l.kind.OfTenant() {
		result.DisplayName = record.Tenant + "/" + record.Name
		result.Diagnostics.Append(result.Identity.SetAttribute(ctx, path.Root("tenant"), record.Tenant)...)
	}
	result.Diagnostics.Append(result.Identity.SetAttribute(ctx, path.Root("name"), record.Name)...)
	if !req.IncludeResource || result.Diagnostics.HasError() {
		return result
	}
	state := tfsdk.State{Schema: result.Resource.Schema, Raw: tftypes.NewValue(result.Resource.Schema.Type().TerraformType(ctx), nil)}
	managed := l.managed()
	managed.Configure(ctx, resource.ConfigureRequest{ProviderData: l.session}, &resource.ConfigureResponse{})
	imported := resource.ImportStateResponse{State: state, Identity: result.Identity}
	managed.ImportState(ctx, resource.ImportStateRequest{Identity: result.Identity}, &imported)
	result.Diagnostics.Append(imported.Diagnostics...)
	if result.Diagnostics.HasError() {
		return result
	}
	read := resource.ReadResponse{State: imported.State, Identity: imported.Identity}
	managed.Read(ctx, resource.ReadRequest{State: imported.State, Identity: imported.Identity}, &read)
	result.Diagnostics.Append(read.Diagnostics...)
	result.Resource.Raw = read.State.Raw
	return result
}
