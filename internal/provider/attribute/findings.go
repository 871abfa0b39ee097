package attribute

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/value"
)

// The severities of findings.
const (
	severityError   = "error"
	severityWarning = "warning"
)

// Findings describes what a plan has found out, for programs.
func Findings() schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		Computed: true,
		MarkdownDescription: "What a person has to know about what is planned, for programs: everything that the warnings of the plan say, one by one. What another resource of the same run may settle is in the warnings alone. " +
			"Empty when there is nothing to say, and after a refresh, unless what is planned waits.",
		NestedObject: schema.NestedAttributeObject{Attributes: findingAttributes()},
	}
}

// ClassFindings describes what the plan of several tenants has found out.
func ClassFindings() schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		Computed: true,
		MarkdownDescription: "What the statements meet in the data of these tenants, one entry for what is the same in several: `rows` of all of them, the words and the `example` of the first. " +
			"Null for nothing; known after apply where nobody can promise that the apply finds the same, as in a plan without a refresh.",
		NestedObject: schema.NestedAttributeObject{Attributes: findingAttributes()},
	}
}

func findingAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"severity":  schema.StringAttribute{Computed: true, MarkdownDescription: "`error`: what is planned does not happen because of it; `warning`."},
		"kind":      schema.StringAttribute{Computed: true, MarkdownDescription: "The class, for example `conflict`, `approval`, `data_forbids`, `data_changes`, `data_not_checked`, `large_copy`."},
		"object":    schema.StringAttribute{Computed: true, MarkdownDescription: "The object, for example ``table `users` ``; null where it is about none."},
		"statement": schema.Int64Attribute{Computed: true, MarkdownDescription: "Number of the statement in `migration`, 1 for the first; null where it is about none."},
		"rows":      schema.Int64Attribute{Computed: true, MarkdownDescription: "How many rows are affected, at most 1001 of those that are looked for; null where none are counted."},
		"example":   schema.StringAttribute{Computed: true, MarkdownDescription: "Key of one of the rows, or the value that is in the way; null without one."},
		"detail":    schema.StringAttribute{Computed: true, MarkdownDescription: "What was found."},
		"action":    schema.StringAttribute{Computed: true, MarkdownDescription: "What to do; null where nothing has to be done."},
		"base":      schema.StringAttribute{Computed: true, MarkdownDescription: "Of a conflict, the definition before the update; of what depends on something else, the one of that. Null where there is none."},
		"template":  schema.StringAttribute{Computed: true, MarkdownDescription: "Of a conflict, the same as the template wants it; null where it goes."},
		"own":       schema.StringAttribute{Computed: true, MarkdownDescription: "Of a conflict, the definition that the tenant has; null where there is none."},
	}
}

func planFindingTypes() map[string]attr.Type {
	return map[string]attr.Type{
		"severity": types.StringType, "kind": types.StringType, "object": types.StringType, "statement": types.Int64Type, "rows": types.Int64Type,
		"example": types.StringType, "detail": types.StringType, "action": types.StringType, "base": types.StringType, "template": types.StringType, "own": types.StringType,
	}
}

// fromFindings returns findings, never null.
func fromFindings(findings []landlord.Finding) types.List {
	of := planFindingTypes()
	values := make([]attr.Value, len(findings))
	for i := range findings {
		f := &findings[i]
		severity, statement := severityWarning, types.Int64Null()
		if f.Blocks {
			severity = severityError
		}
		if f.Statement > 0 {
			statement = types.Int64Value(f.Statement)
		}
		values[i] = types.ObjectValueMust(of, map[string]attr.Value{
			"severity": types.StringValue(severity), "kind": types.StringValue(f.Kind), "object": value.TextOrNull(f.Object), "statement": statement,
			"rows": types.Int64PointerValue(f.Rows), "example": value.TextOrNull(f.Example), "detail": types.StringValue(f.Detail), "action": value.TextOrNull(f.Action),
			"base": value.TextOrNull(f.Base), "template": value.TextOrNull(f.Template), "own": value.TextOrNull(f.Own),
		})
	}
	return types.ListValueMust(types.ObjectType{AttrTypes: of}, values)
}

// NoFindings is the value of the attribute when there is nothing to say.
func NoFindings() types.List { return fromFindings(nil) }

// PlannedFindings returns what a plan has found. When nobody can promise that
// planning once more finds the same, it is known after apply.
func PlannedFindings(notes []landlord.Note, open bool) types.List {
	if open {
		return UnknownFindings()
	}
	return fromFindings(landlord.FindingsOf(notes))
}

// FindingsOrNull returns what was found, null for nothing: a plan prints nothing of it.
func FindingsOrNull(findings []landlord.Finding) types.List {
	if len(findings) == 0 {
		return types.ListNull(types.ObjectType{AttrTypes: planFindingTypes()})
	}
	return fromFindings(findings)
}

// UnknownFindings is the value of the attribute when only the apply will know.
func UnknownFindings() types.List {
	return types.ListUnknown(types.ObjectType{AttrTypes: planFindingTypes()})
}

// Migration describes the pending migration.
func Migration() schema.ListAttribute {
	return schema.ListAttribute{
		Computed: true, ElementType: types.StringType,
		MarkdownDescription: "What is pending: the statements that the next apply sends, in their order, one line each. Behind ` -- ` stands what a statement costs or loses; a harmless one has nothing there. " +
			"Each refresh empties the list, so that a plan shows new statements only; an output should use the data source `landlord_migration_preview` instead, which has every detail of a step.",
	}
}
