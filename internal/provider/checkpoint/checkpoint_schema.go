package checkpoint

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
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

// checkpointIdentitySchema describes what names a checkpoint for an import.
func checkpointIdentitySchema() identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"tenant": identityschema.StringAttribute{RequiredForImport: true, Description: "Slug of the tenant."},
		"name":   identityschema.StringAttribute{RequiredForImport: true, Description: "Name of the checkpoint."},
	}}
}

// checkpointSchema describes the resource.
func checkpointSchema(ctx context.Context) schema.Schema {
	attributes := checkpointInputs()
	for name, attribute := range checkpointResults() {
		attributes[name] = attribute
	}
	attributes["timeouts"] = copyTimeouts(ctx, "Longest time to take the checkpoint", "Longest time to take it anew or to verify it", "Longest time to remove it")
	return schema.Schema{
		MarkdownDescription: "A checkpoint: a copy of one tenant to which it can return. With data it is a directory under the provider's `checkpoint_directory`, " +
			"whose files the standard client loads by itself; the copy is consistent, and nobody but this tenant waits, for an instant. With the schema alone it is kept in the landlord database. " +
			"Destroying the resource removes the checkpoint, unless the `deletion_checkpoint` of the tenant names it or the tenant is protected from deletion: then it leaves Terraform's state alone and stays for its `retention`, or 30 days.",
		Attributes: attributes,
	}
}

func checkpointInputs() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"tenant": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Slug of the tenant; refer to the `slug` of a `landlord_tenant`, so that Terraform knows the order.",
			Validators:          []validator.String{attribute.IsSlug()},
			PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"name": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Name of the checkpoint, once for each tenant: letters, digits, `.`, `_` and `-`, at most 100 characters.",
			Validators:          []validator.String{isCheckpointName()},
			PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"contents": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(string(landlord.CheckpointData)),
			MarkdownDescription: "`data`: structure and rows, for a return to what the tenant was; needs the provider's `checkpoint_directory`. `schema`: all objects without rows, for a rollback of the schema that keeps the rows. A change takes the checkpoint anew. Default: `data`.",
			Validators:          []validator.String{attribute.OneOf(landlord.CheckpointSchema, landlord.CheckpointData)},
		},
		"tables": schema.SetAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Tables to copy, with their triggers; views, routines and events are left out then. A change takes the checkpoint anew. Default: the whole tenant.",
			Validators:          []validator.Set{setvalidator.SizeAtLeast(1), setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))},
		},
		"keepers": schema.MapAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Any values: a change takes the checkpoint anew. The former one is removed when the new one is complete. Default: none, the checkpoint stays as it was taken.",
		},
		"verify": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "Whether the checkpoint is restored into a scratch database, which is compared with what was copied and dropped again. Default: `false`; the files are compared with their checksums before every restore in any case.",
		},
		"retention": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "How long the checkpoint is kept, as a duration from the moment at which it was taken; a later apply then removes its files. Default: none, until the resource is destroyed.",
			Validators:          []validator.String{attribute.IsDuration()},
		},
	}
}

func checkpointResults() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":                 schema.StringAttribute{Computed: true, MarkdownDescription: "Tenant and name: `tenant/name`."},
		"status":             schema.StringAttribute{Computed: true, MarkdownDescription: "`ready`; `missing` or `damaged` when files are gone or altered; `expired` when the retention is over. A refresh looks; a plan proposes nothing by itself: change `keepers` to take it anew."},
		"schema_fingerprint": schema.StringAttribute{Computed: true, MarkdownDescription: "Fingerprint of the tenant's schema."},
		"template":           schema.StringAttribute{Computed: true, MarkdownDescription: "Template version that was in force, as `name@version`; null for none."},
		"position":           schema.StringAttribute{Computed: true, MarkdownDescription: "Place of the copy in the binary log of the server, for a restore to a point in time; null for a schema, or without a binary log."},
		"rows":               schema.Int64Attribute{Computed: true, MarkdownDescription: "Number of rows."},
		"size_bytes":         schema.Int64Attribute{Computed: true, MarkdownDescription: "Size in bytes, compressed."},
		"checksum":           schema.StringAttribute{Computed: true, MarkdownDescription: "SHA-256 over everything that the checkpoint holds."},
		"location":           schema.StringAttribute{Computed: true, MarkdownDescription: "Directory of the files; null for a schema."},
		"created_at":         schema.StringAttribute{Computed: true, MarkdownDescription: "When it was taken (RFC 3339, UTC)."},
		"expires_at":         schema.StringAttribute{Computed: true, MarkdownDescription: "When its retention is over (RFC 3339, UTC); null for never."},
	}
}

// copyTimeouts describes how long work with copies may take.
func copyTimeouts(ctx context.Context, create, update, remove string) schema.Attribute {
	attribute, ok := timeouts.Attributes(ctx, timeouts.Opts{
		Create: true, Update: true, Delete: true,
		CreateDescription: create + ", as a duration. Default: `" + attribute.CopyTimeout.String() + "`.",
		UpdateDescription: update + ", as a duration. Default: `" + attribute.CopyTimeout.String() + "`.",
		DeleteDescription: remove + ", as a duration. Default: `" + attribute.DeleteTimeout.String() + "`.",
	}).(schema.SingleNestedAttribute)
	if ok {
		attribute.MarkdownDescription = "How long operations may take. Default: those of each."
	}
	return attribute
}
