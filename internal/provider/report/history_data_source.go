package report

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/session"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/value"
)

var _ datasource.DataSourceWithConfigure = (*historyDataSource)(nil)

// histories tells what was done to a tenant.
type histories interface {
	History(ctx context.Context, slug string, opt landlord.HistoryOptions) (*landlord.History, error)
}

// historyDataSource tells what happened to a tenant.
type historyDataSource struct {
	session *session.Session
	engine  histories // nil while the session has none
}

// NewHistoryDataSource returns the data source of what happened to a tenant.
func NewHistoryDataSource() datasource.DataSource { return &historyDataSource{} }

// historyModel is the data source as Terraform has it.
type historyModel struct {
	Tenant types.String `tfsdk:"tenant"`
	Limit  types.Int64  `tfsdk:"limit"`
	Steps  types.Bool   `tfsdk:"steps"`

	Migrations     types.List `tfsdk:"migrations"`
	Customizations types.List `tfsdk:"customizations"`
	Events         types.List `tfsdk:"events"`
}

// mostHistory bounds what a state is filled with.
const mostHistory = 1000

// Metadata names the data source.
func (d *historyDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = session.TypeName + "_tenant_history"
}

// Configure takes the session.
func (d *historyDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.session, d.engine = session.From[histories](req.ProviderData, &resp.Diagnostics)
}

// Schema describes the attributes.
func (d *historyDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.Attribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	number := func(description string) schema.Attribute {
		return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "What happened to a tenant: its migrations, customizations and events, the newest first. The tenants that had the slug before are part of it.",
		Attributes: map[string]schema.Attribute{
			"tenant": schema.StringAttribute{Required: true, MarkdownDescription: "Slug of the tenant.", Validators: []validator.String{attribute.IsSlug()}},
			"limit": schema.Int64Attribute{Optional: true, MarkdownDescription: "Most entries of each list, at most 1000. Default: `50`.",
				Validators: []validator.Int64{int64validator.Between(1, mostHistory)}},
			"steps": schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether the statements of the migrations are read. Default: `false`."},
			"migrations": schema.ListNestedAttribute{
				Computed: true, MarkdownDescription: "Migrations, creations included.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"name": text("Name for people, for example `shop@1.0.0 to shop@1.1.0`."), "digest": text("Digest, as in the plan."),
					"level": number("`1` template, `2` optional module, `3` the tenant's own."), "from": text("Template version before, null for a new database."), "to": text("Template version after."),
					"status": text("`running`, `done`, `failed`: the next apply goes on, or `abandoned` for another one."), "steps": number("Number of statements; 0 before the end."),
					"started_at": text("When it began (RFC 3339, UTC)."), "applied_at": text("When it was finished; null before."), "duration_ms": number("How long it took, in milliseconds; null before the end."),
					"author": text("Who ran it."), "error": text("Why it stopped."),
					"statements": schema.ListNestedAttribute{
						Computed: true, MarkdownDescription: "Its statements; null without `steps`.",
						NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
							"number": number("Place in the order, from 1."), "sql": text("The statement."), "object": text("The object that it changes."), "operation": text("What it does."),
							"origin": text("Where it comes from."), "level": number("`1` template, `2` optional module, `3` the tenant's own."), "state": text("`planned`, `intent` (sent, perhaps not done) or `done`."),
						}},
					},
				}},
			},
			"customizations": schema.ListNestedAttribute{
				Computed: true, MarkdownDescription: "Customizations that the tenant has or had.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"name": text("Name."), "reason": text("Why it is there."), "author": text("Who made, or removed, it."), "status": text("`active`, `removed`; `applying` or `removing` after an interrupted run."),
					"objects":    schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "What it made; empty for a removed one."},
					"created_at": text("When it was made (RFC 3339, UTC); null for a removed one."), "updated_at": text("When it was last changed, or removed."),
				}},
			},
			"events": schema.ListNestedAttribute{
				Computed: true, MarkdownDescription: "Events.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"event": text("What happened, for example `created`, `migrated` or `suspended`."), "detail": text("More about it, as JSON."), "author": text("Who did it."), "at": text("When (RFC 3339, UTC)."),
				}},
			},
		},
	}
}

// Read reads the history.
func (d *historyDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model historyModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() || !session.Configured(d.session, "Reading the history of a tenant", &resp.Diagnostics) {
		return
	}
	steps := model.Steps.ValueBool()
	history, err := d.engine.History(ctx, model.Tenant.ValueString(), landlord.HistoryOptions{Limit: int(model.Limit.ValueInt64()), Steps: steps})
	if err != nil {
		session.NewReporter(&resp.Diagnostics, isTenantField).Problem(err, "History could not be read")
		return
	}
	model.Migrations = listed(pastMigrationTypes(), history.Migrations, func(m *landlord.PastMigration) map[string]attr.Value { return fromPastMigration(m, steps) })
	model.Customizations = listed(pastCustomizationTypes(), history.Customizations, fromPastCustomization)
	model.Events = listed(pastEventTypes(), history.Events, fromPastEvent)
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

// historyTypes returns the types of an object of texts and numbers.
func historyTypes(texts, numbers []string) map[string]attr.Type {
	all := map[string]attr.Type{}
	for _, name := range texts {
		all[name] = types.StringType
	}
	for _, name := range numbers {
		all[name] = types.Int64Type
	}
	return all
}

func pastMigrationTypes() map[string]attr.Type {
	all := historyTypes([]string{"name", "digest", "from", "to", "status", "started_at", "applied_at", "author", "error"}, []string{"level", "steps", "duration_ms"})
	all["statements"] = types.ListType{ElemType: types.ObjectType{AttrTypes: pastStepTypes()}}
	return all
}

func pastStepTypes() map[string]attr.Type {
	return historyTypes([]string{"sql", "object", "operation", "origin", "state"}, []string{"number", "level"})
}

func pastCustomizationTypes() map[string]attr.Type {
	all := historyTypes([]string{"name", "reason", "author", "status", "created_at", "updated_at"}, nil)
	all["objects"] = types.ListType{ElemType: types.StringType}
	return all
}

func pastEventTypes() map[string]attr.Type {
	return historyTypes([]string{"event", "detail", "author", "at"}, nil)
}

func fromPastMigration(m *landlord.PastMigration, steps bool) map[string]attr.Value {
	statements := types.ListNull(types.ObjectType{AttrTypes: pastStepTypes()})
	if steps {
		statements = listed(pastStepTypes(), m.Statements, func(s *landlord.PastStep) map[string]attr.Value {
			return map[string]attr.Value{
				"number": types.Int64Value(s.Number), "sql": value.TextOrNull(s.SQL), "object": value.TextOrNull(s.Object), "operation": value.TextOrNull(s.Operation),
				"origin": value.TextOrNull(s.Origin), "level": types.Int64Value(s.Level), "state": value.TextOrNull(s.State),
			}
		})
	}
	duration := types.Int64Null()
	if !m.AppliedAt.IsZero() {
		duration = types.Int64Value(m.Duration.Milliseconds())
	}
	return map[string]attr.Value{
		"name": types.StringValue(m.Name), "digest": types.StringValue(m.Digest), "level": types.Int64Value(m.Level), "from": value.TextOrNull(m.From), "to": value.TextOrNull(m.To),
		"status": types.StringValue(m.Status), "steps": types.Int64Value(m.Steps), "started_at": value.TimeOrNull(m.StartedAt), "applied_at": value.TimeOrNull(m.AppliedAt),
		"duration_ms": duration, "author": value.TextOrNull(m.Author), "error": value.TextOrNull(m.Error), "statements": statements,
	}
}

func fromPastCustomization(c *landlord.PastCustomization) map[string]attr.Value {
	return map[string]attr.Value{
		"name": types.StringValue(c.Name), "reason": value.TextOrNull(c.Reason), "author": value.TextOrNull(c.Author), "status": types.StringValue(c.Status),
		"objects": value.FromTexts(c.Objects), "created_at": value.TimeOrNull(c.CreatedAt), "updated_at": value.TimeOrNull(c.UpdatedAt),
	}
}

func fromPastEvent(e *landlord.PastEvent) map[string]attr.Value {
	return map[string]attr.Value{"event": types.StringValue(e.Event), "detail": value.TextOrNull(e.Detail), "author": value.TextOrNull(e.Author), "at": value.TimeOrNull(e.At)}
}
