package report

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/tenant"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/session"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/value"
)

var _ datasource.DataSourceWithConfigure = (*previewDataSource)(nil)

// previews tells what an update would do.
type previews interface {
	Preview(ctx context.Context, p tenant.PreviewSpec) (*tenant.Preview, error)
}

// previewDataSource says what moving a tenant to a template version would do.
type previewDataSource struct {
	session *session.Session
	engine  previews // nil while the session has none
}

// NewPreviewDataSource returns the data source of what a migration would do.
func NewPreviewDataSource() datasource.DataSource { return &previewDataSource{} }

// previewModel is the data source as Terraform has it.
type previewModel struct {
	Tenant          types.String `tfsdk:"tenant"`
	Template        types.String `tfsdk:"template"`
	Modules         types.Set    `tfsdk:"modules"`
	Resolutions     types.Map    `tfsdk:"resolutions"`
	DriftPolicy     types.String `tfsdk:"drift_policy"`
	DestructiveMode types.String `tfsdk:"destructive_mode"`

	From      types.String `tfsdk:"from"`
	Verdict   types.String `tfsdk:"verdict"`
	Conflicts types.List   `tfsdk:"conflicts"`
	Steps     types.List   `tfsdk:"steps"`
	Script    types.String `tfsdk:"script"`
	Digest    types.String `tfsdk:"digest"`
	Loses     types.Bool   `tfsdk:"destructive"`
	Impact    types.Map    `tfsdk:"impact"`
}

// Metadata names the data source.
func (d *previewDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = session.TypeName + "_migration_preview"
}

// Configure takes the session.
func (d *previewDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.session, d.engine = session.From[previews](req.ProviderData, &resp.Diagnostics)
}

// Schema describes the attributes.
func (d *previewDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := previewInputs()
	for name, attribute := range previewResults() {
		attributes[name] = attribute
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "What moving a tenant to a template version would do: where the update meets what the tenant has of its own, and every statement. It changes nothing and follows no policy. " +
			"A template that the same run publishes can be looked at before it is published. The preview starts from the tenant as it is before the run.",
		Attributes: attributes,
	}
}

func previewInputs() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"tenant":   schema.StringAttribute{Required: true, MarkdownDescription: "Slug of the tenant. One that does not exist yet is shown as a creation.", Validators: []validator.String{attribute.IsSlug()}},
		"template": schema.StringAttribute{Required: true, MarkdownDescription: "Template version, as `name@version`.", Validators: []validator.String{attribute.IsTemplateID()}},
		"modules": schema.SetAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Optional modules. Default: those that the tenant has.",
			Validators: []validator.Set{setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))}},
		"resolutions": schema.MapNestedAttribute{
			Optional: true, MarkdownDescription: "Decisions on conflicts, as in `landlord_tenant`. Default: those that the tenant made before.",
			Validators: []validator.Map{mapvalidator.KeysAre(attribute.IsPlace())},
			NestedObject: schema.NestedAttributeObject{
				Validators: []validator.Object{attribute.DecisionHasSQL{}},
				Attributes: map[string]schema.Attribute{
					"decision": schema.StringAttribute{Required: true, MarkdownDescription: "`keep_tenant`, `take_template` or `sql`.", Validators: []validator.String{attribute.OneOf(merge.KeepTenant, merge.TakeTemplate, merge.DecideSQL)}},
					"sql":      schema.StringAttribute{Optional: true, MarkdownDescription: "Statements of the decision `sql`. Default: none.", Validators: attribute.NotEmpty()},
				},
			},
		},
		"drift_policy": schema.StringAttribute{Optional: true, MarkdownDescription: "`repair` undoes drift first, as it does in `landlord_tenant`. Default: `report`.",
			Validators: []validator.String{attribute.OneOf(landlord.DriftReport, landlord.DriftRepair)}},
		"destructive_mode": schema.StringAttribute{Optional: true, MarkdownDescription: "`retire` or `drop`, as in `landlord_tenant`. Default: `retire`.",
			Validators: []validator.String{attribute.OneOf(landlord.Retire, landlord.Drop)}},
	}
}

func previewResults() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"from":    schema.StringAttribute{Computed: true, MarkdownDescription: "Template version in force, as `name@version`; null when there is none."},
		"verdict": schema.StringAttribute{Computed: true, MarkdownDescription: "`auto`: nothing is in the way, `review`: it works and something of the tenant stands on what changes, `merge`: somebody has to decide first."},
		"conflicts": schema.ListNestedAttribute{
			Computed: true, MarkdownDescription: "Where the update meets what the tenant has of its own, the gravest first; empty when it does not.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"key":      schema.StringAttribute{Computed: true, MarkdownDescription: "The thing, as a key of `resolutions`."},
				"verdict":  schema.StringAttribute{Computed: true, MarkdownDescription: "`commutes`: neither minds the other, `identical`: both made the same, `depends`: it stands on what changes or goes, `clashes`: both want different things."},
				"open":     schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether somebody has to look at it, and nobody has decided."},
				"breaks":   schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether it cannot work afterwards."},
				"reason":   schema.StringAttribute{Computed: true, MarkdownDescription: "Why, in words."},
				"who":      schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Whose it is: ``customization `x` ``, `drift`, or `the tenant` by an earlier decision."},
				"base":     schema.StringAttribute{Computed: true, MarkdownDescription: "The definition before the update; of what depends on something else, the one of that. Null where there is none."},
				"template": schema.StringAttribute{Computed: true, MarkdownDescription: "The same as the template wants it."},
				"own":      schema.StringAttribute{Computed: true, MarkdownDescription: "The definition that the tenant has."},
				"clash":    schema.StringAttribute{Computed: true, MarkdownDescription: "Digest of the conflict: tenants with the same one can follow each other's decision."},
				"decision": schema.StringAttribute{Computed: true, MarkdownDescription: "The decision that settles it; null without one."},
				"proposal": schema.StringAttribute{Computed: true, MarkdownDescription: "What another tenant with the same conflict decided, as a line for `resolutions`; null when nobody has."},
			}},
		},
		"steps": schema.ListNestedAttribute{
			Computed: true, MarkdownDescription: "The statements, in their order; empty when there is nothing to do, or somebody has to decide first.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"sql":         schema.StringAttribute{Computed: true, MarkdownDescription: "The statement."},
				"object":      schema.StringAttribute{Computed: true, MarkdownDescription: "The object that it changes."},
				"operation":   schema.StringAttribute{Computed: true, MarkdownDescription: "What it does, for example `create_table` or `add_column`."},
				"origin":      schema.StringAttribute{Computed: true, MarkdownDescription: "Where it comes from, for example `core` or ``module `x` ``."},
				"level":       schema.Int64Attribute{Computed: true, MarkdownDescription: "`1` template, `2` optional module, `3` the tenant's own."},
				"algorithm":   schema.StringAttribute{Computed: true, MarkdownDescription: "How the server does it: `instant`, `inplace` or `copy`; null where it does not apply."},
				"locks":       schema.StringAttribute{Computed: true, MarkdownDescription: "What waits meanwhile: `none`, `writes` or `all`; null where it does not apply."},
				"destructive": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether data or objects are lost."},
				"reversible":  schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the inverse migration brings everything back."},
				"reason":      schema.StringAttribute{Computed: true, MarkdownDescription: "Why it costs or loses something; null where there is nothing to say."},
			}},
		},
		"script":      schema.StringAttribute{Computed: true, MarkdownDescription: "The statements as one text, with comments; null when there are none."},
		"digest":      schema.StringAttribute{Computed: true, MarkdownDescription: "Digest of the migration, for a `landlord_migration_approval`; null when there is nothing to do. It is that of the tenant's plan when the tenant has the same modules, resolutions, `drift_policy` and `destructive_mode`."},
		"destructive": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether a statement loses data."},
		"impact": schema.MapNestedAttribute{
			Computed: true, MarkdownDescription: "What the update means for each customization of the tenant, by name.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"verdict": schema.StringAttribute{Computed: true, MarkdownDescription: "The gravest verdict of its parts; `commutes` when the update does not come near it."},
				"open":    schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether somebody has to look at it."},
				"what":    schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "What happens to it, one sentence for each part."},
			}},
		},
	}
}

// Read asks the engine.
func (d *previewDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model previewModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() || !session.Configured(d.session, "Previewing a migration", &resp.Diagnostics) {
		return
	}
	preview, err := d.engine.Preview(ctx, model.toSpec())
	if err != nil {
		session.NewReporter(&resp.Diagnostics, session.KnowsAnyOf(previewInputs())).Problem(err, "Migration could not be previewed")
		return
	}
	model.fromPreview(preview)
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

func (m *previewModel) toSpec() tenant.PreviewSpec {
	spec := tenant.PreviewSpec{
		Slug: m.Tenant.ValueString(), Template: m.Template.ValueString(), Resolutions: attribute.ToResolutions(m.Resolutions),
		DriftPolicy: landlord.DriftPolicy(m.DriftPolicy.ValueString()), DestructiveMode: landlord.DestructiveMode(m.DestructiveMode.ValueString()),
	}
	if !m.Modules.IsNull() {
		spec.Modules = append([]string{}, value.ToTexts(m.Modules)...)
	}
	return spec
}

func (m *previewModel) fromPreview(p *tenant.Preview) {
	m.From, m.Verdict = value.TextOrNull(p.From), types.StringValue(p.Verdict)
	m.Steps, m.Script, m.Digest = fromStepDetails(p.Steps), value.TextOrNull(p.Script), value.TextOrNull(p.Digest)
	m.Loses = types.BoolValue(p.Loses)
	conflicts := make([]attr.Value, len(p.Conflicts))
	for i := range p.Conflicts {
		conflicts[i] = fromConflict(&p.Conflicts[i])
	}
	m.Conflicts = types.ListValueMust(types.ObjectType{AttrTypes: conflictTypes()}, conflicts)
	impact := make(map[string]attr.Value, len(p.Impact))
	for _, i := range p.Impact {
		impact[i.Customization] = types.ObjectValueMust(impactTypes(), map[string]attr.Value{
			"verdict": types.StringValue(string(i.Verdict)), "open": types.BoolValue(i.Open), "what": value.FromTexts(i.What),
		})
	}
	m.Impact = types.MapValueMust(types.ObjectType{AttrTypes: impactTypes()}, impact)
}

func conflictTypes() map[string]attr.Type {
	return map[string]attr.Type{
		"key": types.StringType, "verdict": types.StringType, "open": types.BoolType, "breaks": types.BoolType, "reason": types.StringType,
		"who": types.ListType{ElemType: types.StringType}, "base": types.StringType, "template": types.StringType, "own": types.StringType,
		"clash": types.StringType, "decision": types.StringType, "proposal": types.StringType,
	}
}

func impactTypes() map[string]attr.Type {
	return map[string]attr.Type{"verdict": types.StringType, "open": types.BoolType, "what": types.ListType{ElemType: types.StringType}}
}

func fromConflict(c *merge.Conflict) types.Object {
	return types.ObjectValueMust(conflictTypes(), map[string]attr.Value{
		"key": types.StringValue(c.Place()), "verdict": types.StringValue(string(c.Verdict)), "open": types.BoolValue(c.Open()),
		"breaks": types.BoolValue(c.Breaks), "reason": types.StringValue(c.Reason), "who": value.FromTexts(c.Who),
		"base": value.TextOrNull(c.Base), "template": value.TextOrNull(c.Template), "own": value.TextOrNull(c.Tenant), "clash": types.StringValue(c.Clash),
		"decision": value.TextOrNull(string(c.Decision)), "proposal": value.TextOrNull(c.Proposal),
	})
}

func stepTypes() map[string]attr.Type {
	return map[string]attr.Type{
		"sql": types.StringType, "object": types.StringType, "operation": types.StringType, "origin": types.StringType,
		"level": types.Int64Type, "algorithm": types.StringType, "locks": types.StringType,
		"destructive": types.BoolType, "reversible": types.BoolType, "reason": types.StringType,
	}
}

// fromStepDetails returns the steps of a migration with everything that is known
// of them, never null.
func fromStepDetails(steps []landlord.Step) types.List {
	of := stepTypes()
	values := make([]attr.Value, len(steps))
	for i, s := range steps {
		values[i] = types.ObjectValueMust(of, map[string]attr.Value{
			"sql": types.StringValue(s.SQL), "object": types.StringValue(s.Object), "operation": types.StringValue(s.Operation),
			"origin": types.StringValue(s.Origin), "level": types.Int64Value(s.Level),
			"algorithm": value.TextOrNull(s.Algorithm), "locks": value.TextOrNull(s.Locks),
			"destructive": types.BoolValue(s.Destructive), "reversible": types.BoolValue(s.Reversible),
			"reason": value.TextOrNull(s.Reason),
		})
	}
	return types.ListValueMust(types.ObjectType{AttrTypes: of}, values)
}
