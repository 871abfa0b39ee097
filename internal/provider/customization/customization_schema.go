package customization

import (
	"context"

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
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/customization"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
)

// customizationIdentitySchema describes what names a customization for an import.
func customizationIdentitySchema() identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"tenant": identityschema.StringAttribute{RequiredForImport: true, Description: "Slug of the tenant."},
		"name":   identityschema.StringAttribute{RequiredForImport: true, Description: "Name of the customization."},
	}}
}

// customizationSchema describes the resource.
func customizationSchema(ctx context.Context) schema.Schema {
	attributes := customizationInputs()
	for name, attribute := range customizationParts() {
		attributes[name] = attribute
	}
	for name, attribute := range customizationPolicies() {
		attributes[name] = attribute
	}
	for name, attribute := range customizationResults() {
		attributes[name] = attribute
	}
	attributes["timeouts"] = attribute.ChangeTimeouts(ctx)
	return schema.Schema{
		MarkdownDescription: "What one tenant has beyond its template: tables, columns, indexes, views and further objects of its own, recorded with a reason. " +
			"It is declarative: editing it plans the difference, destroying it takes its objects away and sets their data aside. " +
			"Nothing of the template is changed: extension columns take NULL or have a default, triggers stand on its own tables and on those that the template opens with `extension_points`, and frozen tables take nothing. " +
			"Several customizations of a tenant are independent of each other; one that uses what another one makes refers to it, or names it in `depends_on`.",
		Attributes: attributes,
	}
}

func customizationInputs() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"tenant": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Slug of the tenant. Refer to `slug` of a `landlord_tenant`, so that Terraform knows the order. Another tenant replaces the customization.",
			PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			Validators:          []validator.String{attribute.IsSlug()},
		},
		"name": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Name of the customization, unique in the tenant: lower-case letters, digits, `-` and `_`, a letter first. Another name replaces the customization: its data is set aside and comes back.",
			PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			Validators:          []validator.String{isCustomizationName()},
		},
		"reason": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Why the tenant differs from its template. It is recorded, and part of the history.",
			Validators:          []validator.String{stringvalidator.LengthBetween(1, 10_000)},
		},
		"author": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "Who is recorded as the author of the last change. Default: the provider's `author` or the account of the connection.",
			Validators:          []validator.String{stringvalidator.LengthBetween(1, 190)},
		},
	}
}

// customizationParts are the attributes that say what the tenant gets.
func customizationParts() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"tables": schema.MapAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Tables of the tenant's own: name to `CREATE TABLE` statement. They may refer to each other and to tables of the template. Default: none.",
		},
		"columns": schema.ListNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Columns that tables of the template get. Default: none.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"table":      schema.StringAttribute{Required: true, MarkdownDescription: "Name of the table."},
				"name":       schema.StringAttribute{Required: true, MarkdownDescription: "Name of the column."},
				"definition": schema.StringAttribute{Required: true, MarkdownDescription: "Type and attributes, for example `VARCHAR(40) NULL`. The column takes NULL, has a default or is generated."},
			}},
		},
		"indexes": schema.ListNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Indexes that tables get. Default: none.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"table":   schema.StringAttribute{Required: true, MarkdownDescription: "Name of the table."},
				"name":    schema.StringAttribute{Required: true, MarkdownDescription: "Name of the index."},
				"columns": schema.ListAttribute{Required: true, ElementType: types.StringType, MarkdownDescription: "Columns in order, each with a length or a direction if wanted (`email(20) DESC`), or an expression in parentheses."},
				"unique":  schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether no two rows may have the same values. Default: `false`."},
			}},
		},
		"views": schema.MapAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Views of the tenant's own: name to `SELECT` statement. They may read each other. Default: none.",
		},
		"sql": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Further additions, as statements: `CREATE TABLE`, `INDEX`, `VIEW`, `TRIGGER`, `PROCEDURE`, `FUNCTION` or `EVENT`, and `ALTER TABLE … ADD`. Bodies need no `DELIMITER`. Default: none.",
			Validators:          attribute.NotEmpty(),
		},
	}
}

// customizationPolicies are the attributes that say what may happen to data.
func customizationPolicies() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"allow_destructive": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "Whether an edit may take rows or values away, and whether a destroy may with `destructive_mode = \"drop\"`. A destroy that sets data aside needs no further leave. Default: `false`.",
		},
		"destructive_mode": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(string(landlord.Retire)),
			MarkdownDescription: "What becomes of the data of what goes: `retire` keeps it aside for `retention`, and it comes back with its table or column; `drop` destroys it. Apply a change of this attribute before the destroy. Default: `retire`.",
			Validators:          []validator.String{attribute.OneOf(landlord.Retire, landlord.Drop)},
		},
		"retention": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(attribute.DefaultRetention),
			MarkdownDescription: "How long retired data is kept, as a duration. Default: `" + attribute.DefaultRetention + "` (30 days).",
			Validators:          []validator.String{attribute.IsDuration()},
		},
	}
}

// customizationResults are the attributes that the landlord finds out.
func customizationResults() map[string]schema.Attribute {
	migration := attribute.Migration()
	return map[string]schema.Attribute{
		"id":     schema.StringAttribute{Computed: true, MarkdownDescription: "Tenant and name, as `tenant/name`."},
		"status": schema.StringAttribute{Computed: true, MarkdownDescription: "`active`; `applying` or `removing` after a run that was interrupted, which the next apply completes."},
		"objects": schema.ListNestedAttribute{
			Computed:            true,
			MarkdownDescription: "What the customization has made.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"object":     schema.StringAttribute{Computed: true, MarkdownDescription: "The object, for example ``table `users` ``."},
				"element":    schema.StringAttribute{Computed: true, MarkdownDescription: "The part of a table of somebody else, for example ``column `phone` ``; null for a whole object."},
				"status":     schema.StringAttribute{Computed: true, MarkdownDescription: "`active`; `promoted` when the template has it by now and it is left to the template; `yielded` when a decision on a conflict gave it up; `missing` or `changed` when somebody else touched it, which the next apply repairs."},
				"definition": schema.StringAttribute{Computed: true, MarkdownDescription: "Its text, as the server prints it."},
				"found":      schema.StringAttribute{Computed: true, MarkdownDescription: "What the server has instead, when it was `changed`; else null."},
			}},
		},
		"findings":         attribute.Findings(),
		"migration":        migration,
		"migration_digest": schema.StringAttribute{Computed: true, MarkdownDescription: "Digest of the pending statements; null when nothing is pending."},
		"summary": schema.SingleNestedAttribute{
			Computed:            true,
			MarkdownDescription: "What destroying the customization would mean.",
			Attributes: map[string]schema.Attribute{
				"can_return": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the tenant can return to what its template and its other customizations say: nothing else names what this one made."},
				"needed_by":  schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Other customizations of the tenant that name what this one made."},
				"loses":      schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "What holds data and would go; it is set aside unless `destructive_mode` is `drop`."},
				"promoted":   schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the template has all of it by now, so that the customization can be removed without any change."},
			},
		},
		"created_at": schema.StringAttribute{Computed: true, MarkdownDescription: "When the customization was first applied (RFC 3339, UTC)."},
		"updated_at": schema.StringAttribute{Computed: true, MarkdownDescription: "When it was last changed (RFC 3339, UTC)."},
	}
}

func isCustomizationName() validator.String {
	return attribute.Checked{Summary: "Customization name cannot be used", Wants: "a name: lower-case letters, digits, `-` and `_`, a letter first", Check: customization.CheckCustomizationName}
}
