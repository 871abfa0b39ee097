package provider

import (
	"context"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/approval"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/customization"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/datacopy"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/fleet"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/report"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/session"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/template"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/tenant"
)

var (
	_ provider.ProviderWithActions            = (*Provider)(nil)
	_ provider.ProviderWithEphemeralResources = (*Provider)(nil)
	_ provider.ProviderWithFunctions          = (*Provider)(nil)
	_ provider.ProviderWithListResources      = (*Provider)(nil)
)

// Provider is the Terraform provider. Make it with New.
type Provider struct {
	version string
	getenv  func(string) string
	open    Open

	mu      sync.Mutex
	engines []Engine // of every Configure so far, for Close
	last    Engine   // of the last Configure; nil when it has none
}

// New returns the provider of the given version, which reads the environment
// of the process.
func New(version string) *Provider { return NewWith(version, os.Getenv, nil) }

// NewWith returns a provider that takes environment variables from a function,
// so that tests need not change those of the process. With an open that is not
// nil it opens its engines with that, so that tests see what is asked of an engine
// and decide what it answers.
func NewWith(version string, getenv func(string) string, open Open) *Provider {
	if open == nil {
		open = openEngine
	}
	return &Provider{version: version, getenv: getenv, open: open}
}

// Close closes the connections of everything that was configured. Terraform
// ends the process instead; tests, which make many providers in one, call it.
func (p *Provider) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var first error
	for _, engine := range p.engines {
		if err := engine.Close(); err != nil && first == nil {
			first = err
		}
	}
	p.engines = nil
	return first
}

// settle waits until people were told of what was applied, at most for the
// patience.
func (p *Provider) settle(patience time.Duration) {
	if last := p.current(); last != nil {
		last.Settle(patience)
	}
}

// End ends everything that was configured, as Engine.End does.
func (p *Provider) End(patience time.Duration) {
	p.mu.Lock()
	engines := p.engines
	p.engines = nil
	p.mu.Unlock()
	var all sync.WaitGroup
	for _, engine := range engines {
		all.Go(func() { engine.End(patience) })
	}
	all.Wait()
}

// current returns the engine of the last Configure; nil without one.
func (p *Provider) current() Engine {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last
}

// Metadata names the provider.
func (p *Provider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = session.TypeName
	resp.Version = p.version
}

// Schema describes the configuration of the provider.
func (p *Provider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = providerSchema()
}

// Configure makes the engine. Values that are unknown while planning leave the
// session without one: falling back to defaults would plan against a server
// that nobody meant.
func (p *Provider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var engine Engine
	if req.Config.Raw.IsFullyKnown() {
		engine = p.engine(ctx, req, &resp.Diagnostics)
	} else {
		resp.Diagnostics.AddWarning(session.SummaryNotConnectable, strings.Join([]string{
			"The provider's configuration holds values that are known only after apply, probably because its server is made in the same run.",
			"Everything that needs the server is planned as known after apply. Plan again when the server is there to see the exact migrations.",
		}, "\n\n"))
	}
	p.mu.Lock()
	p.last = engine
	p.mu.Unlock()
	current := session.New(engine)
	resp.ResourceData = current
	resp.DataSourceData = current
	resp.ListResourceData = current
	resp.ActionData = current
	resp.EphemeralResourceData = current
}

// engine makes the engine from a configuration without unknown values.
func (p *Provider) engine(ctx context.Context, req provider.ConfigureRequest, diags *diag.Diagnostics) Engine {
	var model providerModel
	diags.Append(req.Config.Get(ctx, &model)...)
	if diags.HasError() {
		return nil
	}
	cfg := environment{getenv: p.getenv, diags: diags, version: p.version}.config(model)
	if diags.HasError() {
		return nil
	}
	if cfg.ExecutionAccount == landlord.ExecutionOwn {
		diags.AddAttributeWarning(path.Root("execution_account"), "SQL of users runs as the provider", strings.Join([]string{
			"With `execution_account = \"own\"` seeds, scripts and conditions run with all rights of the account `" + cfg.Main.Username + "`. Nothing but the reading of their text keeps them from other tenants and from the landlord database.",
			"Let the account make accounts for them, as the documentation of the provider says, and leave `execution_account` out.",
		}, "\n\n"))
	}
	engine, err := p.open(cfg)
	if err != nil {
		session.NewReporter(diags, session.KnowsAnyOf(providerSchema().Attributes)).Problem(err, "Provider configuration cannot be used")
		return nil
	}
	p.mu.Lock()
	p.engines = append(p.engines, engine)
	p.mu.Unlock()
	return engine
}

// Resources lists the managed resources.
func (p *Provider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		approval.NewResource,
		template.NewResource,
		func() resource.Resource { return tenant.NewResource(fleet.ToTenant) },
		fleet.NewResource,
		customization.NewResource,
		checkpoint.NewResource,
		checkpoint.NewRestoreResource,
		datacopy.NewResource,
		account.NewResource,
	}
}

// DataSources lists the data sources.
func (p *Provider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		tenant.NewDataSource,
		report.NewPreviewDataSource,
		report.NewTenantDriftDataSource,
		report.NewFleetDriftDataSource,
		report.NewIsolationReportDataSource,
		report.NewTenantHealthDataSource,
		account.NewConnectionDataSource,
		report.NewSnapshotDataSource,
		report.NewHistoryDataSource,
	}
}

// ListResources lists what `terraform query` can find.
func (p *Provider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{
		template.NewListResource,
		tenant.NewListResource,
		fleet.NewListResource,
		customization.NewListResource,
		checkpoint.NewListResource,
		account.NewListResource,
	}
}

// Actions lists what somebody can have done at once.
func (p *Provider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{
		checkpoint.NewAction,
		approval.NewAction,
		checkpoint.NewRestoreAction,
		checkpoint.NewRollBackAction,
		tenant.NewRepairAction,
		fleet.NewRolloutAction,
		fleet.NewClaimAction,
	}
}

// EphemeralResources lists what exists for one run.
func (p *Provider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{
		account.NewCredentialsEphemeral,
	}
}

// Functions lists the functions. Terraform runs them in a process of their
// own that is never configured.
func (p *Provider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{
		newDatabaseNameFunction,
		newSplitSQLFunction,
		newSchemaDiffFunction,
		newSchemaValidateFunction,
	}
}
