package tenant

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
)

// tenantIdentitySchema describes what names a tenant for an import.
func tenantIdentitySchema() identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"slug": identityschema.StringAttribute{RequiredForImport: true, Description: "Slug of the tenant."},
	}}
}

// Schema describes the resource.
func Schema(ctx context.Context) schema.Schema {
	attributes := tenantInputs()
	for name, attribute := range Policies() {
		attributes[name] = attribute
	}
	for name, attribute := range tenantResults() {
		attributes[name] = attribute
	}
	attributes["timeouts"] = attribute.ChangeTimeouts(ctx)
	return schema.Schema{
		MarkdownDescription: "A tenant: one isolated database made from a template, and its record in the landlord database. " +
			"What a change will do to the database is part of the plan: `migration` lists every statement, and beside it what is not harmless.",
		Attributes: attributes,
	}
}

// tenantInputs are the attributes that say what the tenant is.
func tenantInputs() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"slug": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Short name that makes the database name: lower-case letters, digits, `-` and `_`, a letter first. Another slug is another tenant.",
			Validators:          []validator.String{attribute.IsSlug()},
			PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"name": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Name for people, at most 255 characters.",
			Validators:          []validator.String{stringvalidator.UTF8LengthBetween(1, 255)},
		},
		"template": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Template version that the database follows, as `name@version`; refer to the `id` of a `landlord_tenant_template`, so that one plan shows the change of a template and the migrations of its tenants.",
			Validators:          []validator.String{attribute.IsTemplateID()},
		},
		"modules": schema.SetAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Optional modules of the template; what a module requires comes along. Default: none.",
			Validators:          []validator.Set{setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))},
		},
		"status": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(string(landlord.StatusActive)),
			MarkdownDescription: "`active`, `suspended` or `archived`. Default: `active`.",
			Validators:          []validator.String{attribute.OneOf(landlord.StatusActive, landlord.StatusSuspended, landlord.StatusArchived)},
		},
		"metadata": schema.MapAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Facts about the tenant that are kept in the landlord database. Default: none.",
			Validators:          []validator.Map{mapvalidator.KeysAre(stringvalidator.LengthAtLeast(1))},
		},
		"server": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Key of the provider's `servers` where the database lives. A change moves the tenant there with its accounts and its history: it is locked while a checkpoint of it is loaded and compared on the other server, which has to be of the same product and not older, and what it was is set aside. Needs `checkpoint_directory`. Default: the main server.",
			Validators:          []validator.String{attribute.IsServerKey()},
		},
		"database_name": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "Name of the tenant's database. Set it for a database that is there already and is adopted under a name that the slug does not make: import it with the ID `slug=database`, or `slug@server=database` on a further server. A database keeps its name for life. Default: the provider's `database_prefix` and the slug, with `_` for `-`.",
			Validators:          []validator.String{isAdoptable()},
		},
	}
}

// Policies are the attributes that say what may happen to the tenant.
func Policies() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"update_policy": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(string(landlord.UpdateAuto)),
			MarkdownDescription: "When a migration runs: `auto` with the next apply, unless something of the tenant's own stands on what changes (then it waits like `review`) or clashes with it (then the tenant stays where it is, with `update_status = \"conflict\"`); " +
				"`review` when a `landlord_migration_approval` allows it; `hold` not until the policy changes. Default: `auto`.",
			Validators: []validator.String{attribute.OneOf(landlord.UpdateAuto, landlord.UpdateReview, landlord.UpdateHold)},
		},
		"resolutions": schema.MapNestedAttribute{
			Optional: true,
			MarkdownDescription: "Decisions on conflicts between a template update and what the tenant has of its own, by the thing that they are about: `table users column phone`, `table users key ix_phone`, `view report`, or `table users` for everything about it. " +
				"When a database is adopted, `keep_tenant` leaves what it has otherwise, or lacks, as it is, and a program with its definer. The warning about a conflict has the keys. Decisions are remembered: once applied they can be removed. Default: none.",
			NestedObject: attribute.ResolutionObject(),
			Validators:   []validator.Map{mapvalidator.KeysAre(attribute.IsPlace())},
		},
		"drift_policy": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(string(landlord.DriftReport)),
			MarkdownDescription: "What happens with changes of the schema that came from elsewhere: `report` shows them, `repair` plans to undo them, `fail` stops the plan. Default: `report`.",
			Validators:          []validator.String{attribute.OneOf(landlord.DriftReport, landlord.DriftRepair, landlord.DriftFail)},
		},
		"allow_destructive": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "Whether a migration may take data away. Default: `false`.",
		},
		"destructive_mode": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(string(landlord.Retire)),
			MarkdownDescription: "What an allowed destructive step does with the data: `retire` keeps it aside for `retention`, `drop` destroys it. Default: `retire`.",
			Validators:          []validator.String{attribute.OneOf(landlord.Retire, landlord.Drop)},
		},
		"destructive_objects": schema.MapAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Tables and columns whose data a migration may take away although `allow_destructive` does not say so, and what becomes of it, whatever `destructive_mode` says: `{ \"table users column fax\" = \"drop\", \"table visits\" = \"retire\" }`. What is said of a table counts for its columns. Default: none.",
			Validators:          []validator.Map{mapvalidator.KeysAre(isLosable()), mapvalidator.ValueStringsAre(attribute.OneOf(landlord.Retire, landlord.Drop))},
		},
		"retention": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(attribute.DefaultRetention),
			MarkdownDescription: "How long retired data is kept, as a duration. Default: `" + attribute.DefaultRetention + "` (30 days).",
			Validators:          []validator.String{attribute.IsDuration()},
		},
		"probe_data": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(true),
			MarkdownDescription: "Whether planning asks the data for rows that would make a statement fail, for example duplicates under a new unique key. Default: `true`.",
		},
		"deletion_policy": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(string(landlord.DeletionProtect)),
			MarkdownDescription: "What becomes of the database when the tenant is destroyed: `protect` makes the plan of a destroy an error, `archive` keeps it and locks its users out, `drop` destroys it if `allow_destructive` or `deletion_checkpoint` says so, else the plan of a destroy is an error too. Apply a change of this attribute before the destroy. Default: `protect`.",
			Validators:          []validator.String{attribute.OneOf(landlord.DeletionProtect, landlord.DeletionArchive, landlord.DeletionDrop)},
		},
		"deletion_checkpoint": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Name of a checkpoint with the tenant's data that has to exist before `deletion_policy = \"drop\"` destroys the database; not a reference, which would be a cycle. Its files outlive its resource. Default: none.",
			Validators:          attribute.NotEmpty(),
		},
		"automatic_checkpoint": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "What is kept of the tenant before a migration that takes rows away and before its database is dropped: `data` a checkpoint with all rows, `schema` one of the schema alone, `none` nothing. It is named `auto-…` and kept for `retention`; when it cannot be taken, the migration does not begin. Default: `data` when the provider has a `checkpoint_directory`, else `schema`.",
			Validators:          []validator.String{attribute.OneOf(landlord.AutomaticNone, landlord.AutomaticSchema, landlord.AutomaticData)},
		},
	}
}

// tenantResults are the attributes that the landlord finds out.
func tenantResults() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"applied_template":   schema.StringAttribute{Computed: true, MarkdownDescription: "Template version in force, as `name@version`; null for an adopted database that follows none yet."},
		"update_status":      schema.StringAttribute{Computed: true, MarkdownDescription: "Whether the tenant follows its template: `current`, `pending_approval`, `conflict`, `held` or `interrupted`; `unrecorded` when the landlord database knows less of it than Terraform's state, as after it was brought back from an older dump."},
		"schema_fingerprint": schema.StringAttribute{Computed: true, MarkdownDescription: "Fingerprint of the schema as of the last refresh; tenants with the same one have the same schema."},
		"drift": schema.ListNestedAttribute{
			Computed:            true,
			MarkdownDescription: "Changes of the schema that came from elsewhere; empty when there are none. The data source `landlord_tenant_drift` has their texts and the ways out.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"object":  schema.StringAttribute{Computed: true, MarkdownDescription: "The object, for example ``table `users` ``."},
				"element": schema.StringAttribute{Computed: true, MarkdownDescription: "The part of a table, for example ``column `phone` ``; null for the whole object."},
				"kind":    schema.StringAttribute{Computed: true, MarkdownDescription: "`missing`, `extra`, `changed` or `definer`."},
				"detail":  schema.StringAttribute{Computed: true, MarkdownDescription: "What differs."},
				"harm":    schema.StringAttribute{Computed: true, MarkdownDescription: "What it breaks: `breaks_core`, `breaks_customization` or `harmless`; null where that cannot be decided."},
			}},
		},
		"findings":              attribute.Findings(),
		"migration":             attribute.Migration(),
		"migration_digest":      schema.StringAttribute{Computed: true, MarkdownDescription: "Digest of a migration that waits for an approval, and of a creation; null else. Equal migrations of several tenants have the same one."},
		"migration_verdict":     schema.StringAttribute{Computed: true, MarkdownDescription: "How the pending migration was found: `auto` nothing is in its way, or nothing is pending, `review` it works and something of the tenant stands on what changes, `merge` somebody has to decide with `resolutions`, `blocked` rows of the tenant make a statement fail, so the apply refuses."},
		"migration_algorithm":   schema.StringAttribute{Computed: true, MarkdownDescription: "How the server does the dearest of the pending statements: `instant`, `inplace` or `copy`. For policies, as the three that follow."},
		"migration_locks":       schema.StringAttribute{Computed: true, MarkdownDescription: "What waits during the worst of the pending statements: `none`, `writes` or `all`."},
		"migration_destructive": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether a pending statement loses data or objects."},
		"migration_reversible":  schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the inverse migration brings back everything that the pending statements change."},
		"last_migration": schema.SingleNestedAttribute{
			Computed:            true,
			MarkdownDescription: "Newest finished migration as of the last refresh; null before the first. The data source `landlord_tenant_history` has all.",
			Attributes: map[string]schema.Attribute{
				"digest":     schema.StringAttribute{Computed: true, MarkdownDescription: "Digest of the migration."},
				"from":       schema.StringAttribute{Computed: true, MarkdownDescription: "Template version before, null for a new database."},
				"to":         schema.StringAttribute{Computed: true, MarkdownDescription: "Template version after."},
				"steps":      schema.Int64Attribute{Computed: true, MarkdownDescription: "Number of statements."},
				"applied_at": schema.StringAttribute{Computed: true, MarkdownDescription: "When it was finished (RFC 3339, UTC)."},
			},
		},
		"created_at": schema.StringAttribute{Computed: true, MarkdownDescription: "When the tenant was created or adopted (RFC 3339, UTC)."},
	}
}

// The types of the nested values, as the schema above has them.

func driftTypes() map[string]attr.Type {
	return map[string]attr.Type{
		"object": types.StringType, "element": types.StringType, "kind": types.StringType, "detail": types.StringType, "harm": types.StringType,
	}
}

func lastMigrationTypes() map[string]attr.Type {
	return map[string]attr.Type{
		"digest": types.StringType, "from": types.StringType, "to": types.StringType,
		"steps": types.Int64Type, "applied_at": types.StringType,
	}
}

func isAdoptable() validator.String {
	return attribute.Checked{Summary: "Database cannot be adopted", Wants: "the name of a database", Check: landlord.CheckDatabase}
}
