package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
)

// idleName is that of a provider that does nothing: what Terraform takes for it,
// no provider can save. This program is that provider when it has its name.
const idleName = "idle"

// idleHost is where Terraform believes that it comes from.
const idleHost = "registry.terraform.io"

func isIdle() bool {
	return strings.HasPrefix(filepath.Base(os.Args[0]), "terraform-provider-"+idleName)
}

// serveIdle serves it until Terraform ends it. It writes no log that nobody reads,
// as the provider does not.
func serveIdle() error {
	if err := os.Setenv("TF_LOG_SDK", "OFF"); err != nil {
		return fmt.Errorf("turning the log off: %w", err)
	}
	return tf6server.Serve(idleHost+"/landlord-db/"+idleName, func() tfprotov6.ProviderServer {
		return providerserver.NewProtocol6(idleProvider{})()
	})
}

// layOutIdle puts this program into a mirror as that provider.
func layOutIdle(root string) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding this program: %w", err)
	}
	program, err := os.ReadFile(self)
	if err != nil {
		return fmt.Errorf("reading this program: %w", err)
	}
	return layOut(root, idleName, program)
}

type idleProvider struct{}

// Metadata names the provider.
func (idleProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = idleName
}

// Schema has no settings.
func (idleProvider) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

// Configure has nothing to do.
func (idleProvider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

// DataSources are none.
func (idleProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }

// Resources is one.
func (idleProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return idleResource{} }}
}

// idleResource keeps a text in the state.
type idleResource struct{}

// Metadata names the resource.
func (idleResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = idleName + "_thing"
}

// Schema has a text and an identifier.
func (idleResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"input": schema.StringAttribute{Required: true},
		"id":    schema.StringAttribute{Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()}},
	}}
}

type idleModel struct {
	Input types.String `tfsdk:"input"`
	ID    types.String `tfsdk:"id"`
}

// Create keeps what is planned.
func (idleResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.Diagnostics.Append(keepIdle(ctx, req.Plan, &resp.State)...)
}

// Read finds it as it was.
func (idleResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

// Update keeps what is planned.
func (idleResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.Append(keepIdle(ctx, req.Plan, &resp.State)...)
}

// Delete forgets it.
func (idleResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

func keepIdle(ctx context.Context, plan tfsdk.Plan, state *tfsdk.State) diag.Diagnostics {
	var m idleModel
	diags := plan.Get(ctx, &m)
	m.ID = types.StringValue(idleName)
	return append(diags, state.Set(ctx, m)...)
}
