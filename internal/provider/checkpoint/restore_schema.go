package checkpoint

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/setplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
)

// restoreIdentitySchema describes what names a restore for an import.
func restoreIdentitySchema() identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"id": identityschema.StringAttribute{RequiredForImport: true, Description: "Tenant and number of the restore: `tenant/number`."},
	}}
}

// restoreSchema describes the resource.
func restoreSchema(ctx context.Context) schema.Schema {
	attributes := restoreInputs()
	for name, attribute := range restoreResults() {
		attributes[name] = attribute
	}
	attributes["timeouts"] = copyTimeouts(ctx, "Longest time to restore", "Longest time for a change", "Longest time to drop what was restored side by side")
	return schema.Schema{
		MarkdownDescription: "A restore: brings one tenant back to a checkpoint or to a moment, alone, while its neighbors go on working. Side by side it makes a database of its own that destroying the resource drops again. " +
			"In place the tenant is restored beside, compared with the checkpoint, and changes places with it: the applications see either the old or the new tables, and the old ones are kept aside for `retention`; the plan lists the statements. " +
			"The landlord database follows, so the next plan shows the way back up. A schema checkpoint is restored in place by a migration that keeps the rows and is part of the plan. Destroying a restore in place changes nothing.",
		Attributes: attributes,
	}
}

func restoreInputs() map[string]schema.Attribute {
	once := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	return map[string]schema.Attribute{
		"tenant": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Slug of the tenant; refer to the `slug` of a `landlord_tenant`, so that Terraform knows the order.",
			Validators:          []validator.String{attribute.IsSlug()}, PlanModifiers: once,
		},
		"checkpoint": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Checkpoint of the tenant: the `id` of a `landlord_tenant_checkpoint`, or its name. Automatic checkpoints are named `auto-…`. Default: none, then `point_in_time` says when.",
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1), stringvalidator.ExactlyOneOf(path.MatchRoot("checkpoint"), path.MatchRoot("point_in_time"))}, PlanModifiers: once,
		},
		"point_in_time": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Moment to return to (RFC 3339): the newest checkpoint with data before it is loaded, and what the tenant's binary log holds up to it is replayed. What was committed before that moment is in the result; the log of MariaDB counts whole seconds. Default: none, then `checkpoint` says what.",
			Validators:          []validator.String{attribute.IsTime()}, PlanModifiers: once,
		},
		"mode": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(string(landlord.RestoreSideBySide)),
			MarkdownDescription: "`side_by_side` makes a new database beside the tenant, `in_place` puts it in the tenant's place. Default: `side_by_side`.",
			Validators:          []validator.String{attribute.OneOf(landlord.RestoreSideBySide, landlord.RestoreInPlace)}, PlanModifiers: once,
		},
		"tables": schema.SetAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Tables to bring back. In place, their structure has to be what it was, and tables that foreign keys tie to them have to be named too. Default: all.",
			Validators:          []validator.Set{setvalidator.SizeAtLeast(1), setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))}, PlanModifiers: []planmodifier.Set{setplanmodifier.RequiresReplace()},
		},
		"keepers": schema.MapAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Any values: a change restores again. Default: none.",
			PlanModifiers:       []planmodifier.Map{mapplanmodifier.RequiresReplace()},
		},
		"allow_destructive": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "Whether a restore in place may take rows away that were written since; they are set aside for `retention`. Default: `false`.",
		},
		"retention": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(attribute.DefaultRetention),
			MarkdownDescription: "How long a restore in place keeps aside what gave way, as a duration; a later apply then drops it. Default: `" + attribute.DefaultRetention + "` (30 days).",
			Validators:          []validator.String{attribute.IsDuration()},
		},
	}
}

func restoreResults() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":            schema.StringAttribute{Computed: true, MarkdownDescription: "Tenant and number of the restore: `tenant/number`."},
		"database_name": schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the database that holds what was restored: the tenant's, or the one beside it."},
		"report": schema.SingleNestedAttribute{
			Computed:            true,
			MarkdownDescription: "What the restore did.",
			Attributes: map[string]schema.Attribute{
				"checkpoint":       schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the checkpoint that it came from."},
				"tables":           schema.Int64Attribute{Computed: true, MarkdownDescription: "Number of tables; 0 for a schema checkpoint."},
				"rows":             schema.Int64Attribute{Computed: true, MarkdownDescription: "Number of rows loaded from the checkpoint."},
				"transactions":     schema.Int64Attribute{Computed: true, MarkdownDescription: "Number of transactions replayed from the binary log."},
				"position":         schema.StringAttribute{Computed: true, MarkdownDescription: "Place in the binary log of the last change that is in it; null when it is not known."},
				"skipped":          schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "What could not be brought back, and why; empty when nothing is missing."},
				"retired_database": schema.StringAttribute{Computed: true, MarkdownDescription: "Database that keeps the tables that gave way; null when none did."},
				"duration":         schema.StringAttribute{Computed: true, MarkdownDescription: "How long it took."},
			},
		},
		"findings":         attribute.Findings(),
		"migration":        restoreMigration(),
		"migration_digest": schema.StringAttribute{Computed: true, MarkdownDescription: "Digest of the pending statements, and of the tenant that they are for; null when none is pending. Apply refuses when they are not what is left to do."},
		"created_at":       schema.StringAttribute{Computed: true, MarkdownDescription: "When the restore began (RFC 3339, UTC)."},
	}
}

// restoreMigration describes the statements of a restore.
func restoreMigration() schema.ListAttribute {
	a := attribute.Migration()
	a.MarkdownDescription = "What is pending: the statements that the next apply sends, in their order. Of a restore in place these are the rollback of the schema, or how the tables of the loaded copy take the places of the tenant's; " +
		"the copy itself is one step, and the checkpoint says what is in it. They are known after apply only when a binary log has to be replayed first, when another version of the server wrote the checkpoint, " +
		"when the same run changes the tenant or takes the checkpoint first, or when an earlier run of this restore was cut off or is done; the first two give a warning. Empty for a restore side by side, which changes nothing that exists. Each refresh empties it, so that a plan shows new steps only."
	return a
}

func reportTypes() map[string]attr.Type {
	return map[string]attr.Type{
		"checkpoint": types.StringType, "tables": types.Int64Type, "rows": types.Int64Type, "transactions": types.Int64Type, "position": types.StringType,
		"skipped": types.ListType{ElemType: types.StringType}, "retired_database": types.StringType, "duration": types.StringType,
	}
}
