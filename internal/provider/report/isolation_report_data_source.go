package report

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/isolation"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/session"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/value"
)

var _ datasource.DataSourceWithConfigure = (*isolationReportDataSource)(nil)

// isolationReports tells what reaches across tenants.
type isolationReports interface {
	IsolationReport(ctx context.Context, server *string) (*isolation.Report, error)
}

// isolationReportDataSource tells how well tenants are kept apart.
type isolationReportDataSource struct {
	session *session.Session
	engine  isolationReports // nil while the session has none
}

// NewIsolationReportDataSource returns the data source of what reaches across tenants.
func NewIsolationReportDataSource() datasource.DataSource { return &isolationReportDataSource{} }

// isolationReportModel is the data source as Terraform has it.
type isolationReportModel struct {
	Server types.String `tfsdk:"server"`

	Isolated       types.Bool   `tfsdk:"isolated"`
	Counts         types.Object `tfsdk:"counts"`
	Findings       types.List   `tfsdk:"findings"`
	Administrators types.List   `tfsdk:"administrators"`
}

// Metadata names the data source.
func (d *isolationReportDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = session.TypeName + "_isolation_report"
}

// Configure takes the session.
func (d *isolationReportDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.session, d.engine = session.From[isolationReports](req.ProviderData, &resp.Diagnostics)
}

// Schema describes the attributes.
func (d *isolationReportDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	count := func(what string) schema.Int64Attribute {
		return schema.Int64Attribute{Computed: true, MarkdownDescription: what}
	}
	text := func(what string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: what}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "What on the servers reaches from one tenant to another, or from somebody else to several: accounts and their grants (for databases, tables, columns and routines, by roles, and by names with `_` or `%` that are patterns), " +
			"definers, views, routines, triggers, events and foreign keys. There are no findings where all is well. The account of the provider and those that it makes for itself are none. " +
			"The number of statements does not depend on the number of tenants. What the account does not see is a finding, and so is a server that cannot be read.",
		Attributes: map[string]schema.Attribute{
			"server":   schema.StringAttribute{Optional: true, MarkdownDescription: "Only this server: a key of the provider's `servers`, or an empty text for the main server. Default: all."},
			"isolated": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether there are no findings."},
			"counts": schema.SingleNestedAttribute{
				Computed: true, MarkdownDescription: "How much was looked at.",
				Attributes: map[string]schema.Attribute{
					"servers": count("Servers."), "tenants": count("Tenants on them."), "accounts": count("Accounts of the servers."),
					"programs": count("Views, routines, triggers and events that the account sees."),
				},
			},
			"findings": schema.ListNestedAttribute{
				Computed: true, MarkdownDescription: "What reaches further than it should, the worst first.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"severity": text("`high`: who has one tenant reaches another or the landlord database. `medium`: somebody who is no tenant reaches several, or a tenant reaches what is nobody's. `low`: nothing is reached as things are, or nobody can see whether it is."),
					"kind": text("`account`: one that can log in and has more than one tenant. `grant`: one on a name that is a pattern. `definer`: a program that runs with rights beyond its database. " +
						"`view`, `routine`, `trigger`, `event`: one that names another database. `foreign_key`: one between databases. `hidden`: what was not seen."),
					"server":    text("Key of the provider's `servers`, null for the main server."),
					"object":    text("What it is about, as a statement names it."),
					"tenants":   schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Slugs of the tenants that are concerned."},
					"detail":    text("What is reached, and how."),
					"statement": text("SQL that ends it, for a person to judge and run; null when there is none."),
				}},
			},
			"administrators": schema.ListAttribute{Computed: true, ElementType: types.StringType,
				MarkdownDescription: "Accounts beside the provider's that administer a server (`SUPER`, `CREATE USER`): they reach everything and are no findings. Those of further servers as `server: account`."},
		},
	}
}

func findingTypes() map[string]attr.Type {
	return map[string]attr.Type{
		"severity": types.StringType, "kind": types.StringType, "server": types.StringType, "object": types.StringType,
		"tenants": types.ListType{ElemType: types.StringType}, "detail": types.StringType, "statement": types.StringType,
	}
}

// Read looks at the servers.
func (d *isolationReportDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model isolationReportModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() || !session.Configured(d.session, "Looking at the isolation of tenants", &resp.Diagnostics) {
		return
	}
	report, err := d.engine.IsolationReport(ctx, model.Server.ValueStringPointer())
	if err != nil {
		session.NewReporter(&resp.Diagnostics, func(attribute string) bool { return attribute == "server" }).Problem(err, "Isolation of tenants could not be looked at")
		return
	}
	model.fromReport(report)
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

func (m *isolationReportModel) fromReport(r *isolation.Report) {
	m.Isolated = types.BoolValue(len(r.Findings) == 0)
	m.Counts = types.ObjectValueMust(
		map[string]attr.Type{"servers": types.Int64Type, "tenants": types.Int64Type, "accounts": types.Int64Type, "programs": types.Int64Type},
		map[string]attr.Value{
			"servers": types.Int64Value(int64(r.Servers)), "tenants": types.Int64Value(int64(r.Tenants)),
			"accounts": types.Int64Value(int64(r.Accounts)), "programs": types.Int64Value(int64(r.Programs)),
		})
	findings := make([]attr.Value, len(r.Findings))
	for i, f := range r.Findings {
		findings[i] = types.ObjectValueMust(findingTypes(), map[string]attr.Value{
			"severity": types.StringValue(string(f.Severity)), "kind": types.StringValue(string(f.Kind)), "server": value.TextOrNull(f.Server), "object": types.StringValue(f.Object),
			"tenants": value.FromTexts(f.Tenants), "detail": types.StringValue(f.Detail), "statement": value.TextOrNull(f.Statement),
		})
	}
	m.Findings = types.ListValueMust(types.ObjectType{AttrTypes: findingTypes()}, findings)
	m.Administrators = value.FromTexts(r.Administrators)
}
