package datacopy

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/setplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/datacopy"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
)

// maxCopyChunk bounds a transaction: it holds locks on its rows.
const maxCopyChunk = 100_000

// dataCopyIdentitySchema describes what names a copy for an import.
func dataCopyIdentitySchema() identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"id": identityschema.StringAttribute{RequiredForImport: true, Description: "Target and number of the copy: `target/number`."},
	}}
}

// dataCopySchema describes the resource.
func dataCopySchema(ctx context.Context) schema.Schema {
	attributes := dataCopyInputs()
	for name, attribute := range dataCopyResults() {
		attributes[name] = attribute
	}
	attributes["timeouts"] = dataCopyTimeouts(ctx)
	return schema.Schema{
		MarkdownDescription: "A copy of rows: brings rows of named tables from one tenant into another, also on another server, parents before children. " +
			"The plan compares the tables of both tenants and says what does not fit. Rows are copied in chunks; each one is read back and compared before it is committed, together with how far the copy is, " +
			"so a run that is cut off anywhere is taken up by the next apply, and no row comes twice. While rows are copied neither tenant is migrated; applications go on working.\n\n" +
			"A copy is an event. It is made once; what becomes of the rows later is not looked at. A change of what is copied makes a new copy; the rows of the former one stay. Destroying the resource changes nothing in either tenant.",
		Attributes: attributes,
	}
}

func dataCopyInputs() map[string]schema.Attribute {
	once := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	named := stringvalidator.LengthAtLeast(1)
	return map[string]schema.Attribute{
		"source": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Slug of the tenant whose rows are copied; refer to the `slug` of a `landlord_tenant`, so that Terraform knows the order. It may be suspended, so that nobody writes there meanwhile.",
			Validators:          []validator.String{attribute.IsSlug()}, PlanModifiers: once,
		},
		"target": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Slug of the tenant that gets them, on the same server or another one.",
			Validators:          []validator.String{attribute.IsSlug()}, PlanModifiers: once,
		},
		"tables": schema.SetAttribute{
			Required: true, ElementType: types.StringType,
			MarkdownDescription: "Tables to copy, in any order. Columns of the same name are copied; the plan says what differs.",
			Validators:          []validator.Set{setvalidator.SizeAtLeast(1), setvalidator.ValueStringsAre(named)}, PlanModifiers: []planmodifier.Set{setplanmodifier.RequiresReplace()},
		},
		"where": schema.MapAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "By table, an SQL condition on the rows to copy, for example `{ orders = \"placed_at >= '2026-01-01'\" }`. It may read other tables of the source in subqueries, and call built-in functions only. Default: none, all rows.",
			Validators:          []validator.Map{mapvalidator.ValueStringsAre(named)}, PlanModifiers: []planmodifier.Map{mapplanmodifier.RequiresReplace()},
		},
		"on_conflict": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(string(landlord.CopyFail)),
			MarkdownDescription: "What happens to a row that is in the target already: `fail` ends the copy, `skip` keeps the row of the target, `replace` gives the row with the same primary key the values of the source. A row that meets another one in a unique key is left out by `skip`, and an error otherwise. Default: `fail`.",
			Validators:          []validator.String{attribute.OneOf(landlord.CopyFail, landlord.CopySkip, landlord.CopyReplace)}, PlanModifiers: once,
		},
		"keepers": schema.MapAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Any values, which the landlord database keeps: a change copies again. Default: none.",
			PlanModifiers:       []planmodifier.Map{mapplanmodifier.RequiresReplace()},
		},
		"chunk_rows": schema.Int64Attribute{
			Optional: true, Computed: true, Default: int64default.StaticInt64(datacopy.DefaultCopyChunk),
			MarkdownDescription: "How many rows are copied in one transaction; a change copies nothing by itself. Default: `1000`.",
			Validators:          []validator.Int64{int64validator.Between(1, maxCopyChunk)},
		},
	}
}

func dataCopyResults() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":       schema.StringAttribute{Computed: true, MarkdownDescription: "Target and number of the copy: `target/number`."},
		"rows":     schema.Int64Attribute{Computed: true, MarkdownDescription: "Number of rows that were inserted or replaced."},
		"checksum": schema.StringAttribute{Computed: true, MarkdownDescription: "SHA-256 over those rows; source and target agree in it."},
		"copied": schema.MapNestedAttribute{
			Computed:            true,
			MarkdownDescription: "By table, what became of its rows.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"read":     schema.Int64Attribute{Computed: true, MarkdownDescription: "Number of rows read from the source."},
				"inserted": schema.Int64Attribute{Computed: true, MarkdownDescription: "Number of rows inserted into the target."},
				"skipped":  schema.Int64Attribute{Computed: true, MarkdownDescription: "Number of rows left out because of what the target had."},
				"replaced": schema.Int64Attribute{Computed: true, MarkdownDescription: "Number of rows of the target that took other values."},
				"checksum": schema.StringAttribute{Computed: true, MarkdownDescription: "Checksum of the rows that were inserted or replaced."},
			}},
		},
		"finished_at": schema.StringAttribute{Computed: true, MarkdownDescription: "When the copy was complete (RFC 3339, UTC)."},
	}
}

func copiedTypes() map[string]attr.Type {
	return map[string]attr.Type{
		"read": types.Int64Type, "inserted": types.Int64Type, "skipped": types.Int64Type, "replaced": types.Int64Type, "checksum": types.StringType,
	}
}

// dataCopyTimeouts describes how long a copy may take. Nothing else of it takes
// long.
func dataCopyTimeouts(ctx context.Context) schema.Attribute {
	attribute, ok := timeouts.Attributes(ctx, timeouts.Opts{
		Create: true, CreateDescription: "Longest time to copy, as a duration. Default: `" + attribute.CopyTimeout.String() + "`.",
	}).(schema.SingleNestedAttribute)
	if ok {
		attribute.MarkdownDescription = "How long operations may take. Default: those of each."
	}
	return attribute
}
