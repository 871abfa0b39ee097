package template

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/tenant"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
)

// templateSchema describes the resource.
func templateSchema() schema.Schema {
	attributes := templateInputs()
	for name, attribute := range templateResults() {
		attributes[name] = attribute
	}
	return schema.Schema{
		MarkdownDescription: "A template: a named, versioned blueprint of tenant databases in layers. A published version never changes: edit the SQL and raise `version` together; " +
			"former versions stay for the tenants that use them.",
		Attributes: attributes,
	}
}

// templateInputs are the attributes of the configuration.
func templateInputs() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"name": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Name of the template: lower-case letters, digits, `-` and `_`, a letter first. Another name is another template.",
			Validators:          []validator.String{isTemplateName()},
			PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"version": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Semantic Version of the template, for example `1.0.0`. Another version is published beside the former ones.",
			Validators:          []validator.String{isVersion()},
		},
		"type": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Kind of organization that the template is for, a word of your own, for example `ngo`. Default: none.",
			Validators:          []validator.String{stringvalidator.LengthBetween(1, 64)},
		},
		"description": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "What the template is for. Default: none.",
		},
		"extends": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Template version that this one adds to, as `name@version`: its layers come first. Default: none, or the parent that a built-in template brings along.",
			Validators:          []validator.String{attribute.IsTemplateID()},
		},
		"source": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Where the files are: a directory with the folders `core`, `optional`, `seeds` and `migrations`, or `builtin:<name>` for a template that comes with the provider (`basic`, `ngo`, `political_party`, `corporate`). " +
				"Default: none, the files stand in `core` and the maps beside it.",
			Validators: append(attribute.NotEmpty(), stringvalidator.ExactlyOneOf(path.MatchRoot("source"), path.MatchRoot("core"))),
		},
		"core":       filesAttribute("Inline files of the core: every tenant has it. Default: none, they come from `source`."),
		"optional":   filesAttribute("Inline files of the optional modules: `<module>.sql` or `<module>/<file>.sql`. Default: none."),
		"seeds":      filesAttribute("Inline files with the rows that a new tenant starts with. Default: none."),
		"migrations": filesAttribute("Inline files with explicit steps between two versions, `<from>--<to>.sql`, for what a comparison cannot know: renames and backfills. Default: none."),
		"frozen_tables": schema.SetAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Tables of the core that nothing above it may extend. Default: none.",
			Validators:          []validator.Set{setvalidator.ValueStringsAre(stringvalidator.LengthBetween(1, 64))},
		},
		"extension_points": schema.SetAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Tables of the template, of its core or a module, whose rows customizations may change: by triggers on them, by the statements of programs, and by the rules of foreign keys. Also counts for templates that extend this one. Default: none, a customization changes rows of its own tables only.",
			Validators:          []validator.Set{setvalidator.ValueStringsAre(stringvalidator.LengthBetween(1, 64))},
		},
		"sql_mode": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "`sql_mode` that the files run under where they set none, and that tables of tenants are altered under. For estates with zero dates: `STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO` leaves out `NO_ZERO_DATE` and `NO_ZERO_IN_DATE`. It has to be strict. Also counts for templates that extend this one. Default: the strict mode of the provider.",
		},
		"approval_required": schema.SetAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Changes that do not run on existing tenants without a `landlord_migration_approval`: `core`, `optional` (those of modules) or both. Also counts for templates that extend this one. It can change without a new version. Default: none.",
			Validators:          []validator.Set{setvalidator.ValueStringsAre(stringvalidator.OneOf(tenant.ApprovalCore, tenant.ApprovalOptional))},
		},
		"materialize": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(true),
			MarkdownDescription: "Whether the newest version is also a real database, `<prefix>template_<name>`. Default: `true`.",
		},
	}
}

// templateResults are the attributes that follow from the others.
func templateResults() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":                 schema.StringAttribute{Computed: true, MarkdownDescription: "`name@version`; tenants refer to it."},
		"checksum":           schema.StringAttribute{Computed: true, MarkdownDescription: "Checksum of the files of all layers."},
		"schema_fingerprint": schema.StringAttribute{Computed: true, MarkdownDescription: "Fingerprint of the core's schema; null when the plan is not proven on the server. The data source `landlord_schema_snapshot` has the schema itself."},
		"tables":             schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Tables of the core, with those that it inherits."},
		"modules":            schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Optional modules, with those that it inherits."},
		"database_name":      schema.StringAttribute{Computed: true, MarkdownDescription: "Database with the newest version; null without `materialize`."},
		"published_versions": schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "All published versions, the oldest first."},
	}
}

// filesAttribute describes inline files, by name.
func filesAttribute(description string) schema.MapAttribute {
	return schema.MapAttribute{
		Optional: true, ElementType: types.StringType,
		MarkdownDescription: description,
		Validators: []validator.Map{
			mapvalidator.KeysAre(stringvalidator.LengthAtLeast(1)),
			mapvalidator.ConflictsWith(path.MatchRoot("source")),
		},
	}
}

func isTemplateName() validator.String {
	return attribute.Checked{Summary: "Template name cannot be used", Wants: "a template name: lower-case letters, digits, `-` and `_`, a letter first", Check: engine.CheckTemplateName}
}

func isVersion() validator.String {
	return attribute.Checked{Summary: "Template version cannot be read", Wants: "a Semantic Version, for example `1.0.0`", Check: engine.CheckVersion}
}
