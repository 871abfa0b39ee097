package report

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/drift"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/session"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/value"
)

var (
	_ datasource.DataSourceWithConfigure        = (*snapshotDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*snapshotDataSource)(nil)
)

// snapshots reads schemas with the origin of each object.
type snapshots interface {
	Snapshot(ctx context.Context, source drift.SnapshotSource) (*drift.Snapshot, error)
}

// snapshotDataSource reads a schema as data.
type snapshotDataSource struct {
	session *session.Session
	engine  snapshots // nil while the session has none
}

// NewSnapshotDataSource returns the data source of schemas.
func NewSnapshotDataSource() datasource.DataSource { return &snapshotDataSource{} }

// snapshotModel is the data source as Terraform has it.
type snapshotModel struct {
	Tenant   types.String `tfsdk:"tenant"`
	Template types.String `tfsdk:"template"`
	Modules  types.Set    `tfsdk:"modules"`
	Database types.String `tfsdk:"database"`
	Server   types.String `tfsdk:"server"`

	DatabaseName types.String `tfsdk:"database_name"`
	Fingerprint  types.String `tfsdk:"fingerprint"`
	CharacterSet types.String `tfsdk:"character_set"`
	Collation    types.String `tfsdk:"collation"`
	Tables       types.Map    `tfsdk:"tables"`
	Views        types.Map    `tfsdk:"views"`
	Routines     types.List   `tfsdk:"routines"`
	Triggers     types.Map    `tfsdk:"triggers"`
	Events       types.Map    `tfsdk:"events"`
	Sequences    types.Map    `tfsdk:"sequences"`
	Statements   types.List   `tfsdk:"statements"`
	SQL          types.String `tfsdk:"sql"`
	JSON         types.String `tfsdk:"json"`
}

// Metadata names the data source.
func (d *snapshotDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = session.TypeName + "_schema_snapshot"
}

// Configure takes the session.
func (d *snapshotDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.session, d.engine = session.From[snapshots](req.ProviderData, &resp.Diagnostics)
}

// Schema describes the attributes.
func (d *snapshotDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A schema as data: of a tenant, of a template version, or of any database. Everything says where it comes from: `core`, `module <name>`, `customization <name>`, or `unknown` for what nobody recorded.",
		Attributes:          snapshotAttributes(),
	}
}

// ConfigValidators wants exactly one source.
func (d *snapshotDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{
		datasourcevalidator.ExactlyOneOf(path.MatchRoot("tenant"), path.MatchRoot("template"), path.MatchRoot("database")),
	}
}

func snapshotAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"tenant":   schema.StringAttribute{Optional: true, MarkdownDescription: "Slug of a tenant, whose live schema is read. Exactly one of `tenant`, `template` and `database` is set. Default: none.", Validators: []validator.String{attribute.IsSlug()}},
		"template": schema.StringAttribute{Optional: true, MarkdownDescription: "Template version, as `name@version`, published or planned in this run. Default: none.", Validators: []validator.String{attribute.IsTemplateID()}},
		"modules": schema.SetAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Optional modules of the template. Default: none.",
			Validators: []validator.Set{setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1)), setvalidator.AlsoRequires(path.MatchRoot("template"))}},
		"database": schema.StringAttribute{Optional: true, MarkdownDescription: "Name of a database. Default: none.", Validators: attribute.NotEmpty()},
		"server": schema.StringAttribute{Optional: true, MarkdownDescription: "Key of the provider's `servers` that has the database. Default: the main server.",
			Validators: []validator.String{attribute.IsServerKey(), stringvalidator.AlsoRequires(path.MatchRoot("database"))}},
		"database_name": schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the database; null for a template."},
		"fingerprint":   schema.StringAttribute{Computed: true, MarkdownDescription: "Fingerprint of the schema; equal schemas on one product have equal ones."},
		"character_set": schema.StringAttribute{Computed: true, MarkdownDescription: "Default character set of the database."},
		"collation":     schema.StringAttribute{Computed: true, MarkdownDescription: "Default collation of the database."},
		"tables":        snapshotTablesAttribute(),
		"views":         snapshotObjectsAttribute("Views, by name."),
		"routines": schema.ListNestedAttribute{
			Computed: true, MarkdownDescription: "Procedures and functions, on MariaDB also packages and their bodies, by kind and name.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"kind":   schema.StringAttribute{Computed: true, MarkdownDescription: "`procedure`, `function`, `package` or `package body`."},
				"name":   schema.StringAttribute{Computed: true, MarkdownDescription: "Name."},
				"sql":    schema.StringAttribute{Computed: true, MarkdownDescription: "The definition."},
				"origin": schema.StringAttribute{Computed: true, MarkdownDescription: "Where it comes from."},
			}},
		},
		"triggers": schema.MapNestedAttribute{
			Computed: true, MarkdownDescription: "Triggers, by name.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"table":  schema.StringAttribute{Computed: true, MarkdownDescription: "Its table."},
				"sql":    schema.StringAttribute{Computed: true, MarkdownDescription: "The definition."},
				"origin": schema.StringAttribute{Computed: true, MarkdownDescription: "Where it comes from."},
			}},
		},
		"events":     snapshotObjectsAttribute("Events, by name."),
		"sequences":  snapshotObjectsAttribute("Sequences of MariaDB, by name."),
		"statements": schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Statements that make the schema in an empty database, in their order and without a delimiter. Empty when some object of the schema is not understood."},
		"sql":        schema.StringAttribute{Computed: true, MarkdownDescription: "The same as one text for the standard client (`mysql --comments`), which loads it into an empty database as it is."},
		"json":       schema.StringAttribute{Computed: true, MarkdownDescription: "Everything but `sql` and `statements` as JSON, with the origins of parts of tables."},
	}
}

func snapshotObjectsAttribute(description string) schema.MapNestedAttribute {
	return schema.MapNestedAttribute{
		Computed: true, MarkdownDescription: description,
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"sql":    schema.StringAttribute{Computed: true, MarkdownDescription: "The definition."},
			"origin": schema.StringAttribute{Computed: true, MarkdownDescription: "Where it comes from."},
		}},
	}
}

// Read takes the snapshot.
func (d *snapshotDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model snapshotModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() || !session.Configured(d.session, "Taking a snapshot", &resp.Diagnostics) {
		return
	}
	report := session.NewReporter(&resp.Diagnostics, session.KnowsAnyOf(snapshotAttributes()))
	taken, err := d.engine.Snapshot(ctx, drift.SnapshotSource{
		Tenant: model.Tenant.ValueString(), Template: model.Template.ValueString(), Modules: value.ToTexts(model.Modules),
		Database: model.Database.ValueString(), Server: model.Server.ValueString(),
	})
	if err != nil {
		report.Problem(err, "Snapshot could not be taken")
		return
	}
	if err := model.fromSnapshot(taken); err != nil {
		report.Problem(err, "Snapshot could not be taken")
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

func (m *snapshotModel) fromSnapshot(s *drift.Snapshot) error {
	text, err := s.JSON()
	if err != nil {
		return err
	}
	m.DatabaseName, m.Fingerprint = value.TextOrNull(s.DatabaseName), types.StringValue(s.Fingerprint)
	m.CharacterSet, m.Collation = types.StringValue(s.CharacterSet), types.StringValue(s.Collation)
	m.Tables = fromSnapshotTables(s.Tables)
	views, triggers, events, sequences := map[string]attr.Value{}, map[string]attr.Value{}, map[string]attr.Value{}, map[string]attr.Value{}
	routines := []attr.Value{}
	for _, o := range s.Objects {
		sql, origin := types.StringValue(o.SQL), types.StringValue(o.Origin)
		plain := types.ObjectValueMust(snapshotObjectTypes(), map[string]attr.Value{"sql": sql, "origin": origin})
		switch o.Kind {
		case "view":
			views[o.Name] = plain
		case "event":
			events[o.Name] = plain
		case "sequence":
			sequences[o.Name] = plain
		case "trigger":
			triggers[o.Name] = types.ObjectValueMust(snapshotObjectTypes("table"), map[string]attr.Value{"table": types.StringValue(o.Table), "sql": sql, "origin": origin})
		default:
			routines = append(routines, types.ObjectValueMust(snapshotObjectTypes("kind", "name"),
				map[string]attr.Value{"kind": types.StringValue(o.Kind), "name": types.StringValue(o.Name), "sql": sql, "origin": origin}))
		}
	}
	of := types.ObjectType{AttrTypes: snapshotObjectTypes()}
	m.Views, m.Events, m.Sequences = types.MapValueMust(of, views), types.MapValueMust(of, events), types.MapValueMust(of, sequences)
	m.Triggers = types.MapValueMust(types.ObjectType{AttrTypes: snapshotObjectTypes("table")}, triggers)
	m.Routines = types.ListValueMust(types.ObjectType{AttrTypes: snapshotObjectTypes("kind", "name")}, routines)
	m.Statements, m.SQL, m.JSON = value.FromTexts(s.Statements), value.TextOrNull(s.SQL), types.StringValue(text)
	return nil
}

// snapshotObjectTypes are the types of an object with further texts.
func snapshotObjectTypes(more ...string) map[string]attr.Type {
	all := map[string]attr.Type{}
	for _, name := range append([]string{"sql", "origin"}, more...) {
		all[name] = types.StringType
	}
	return all
}
