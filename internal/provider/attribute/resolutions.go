package attribute

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
)

// ResolutionTypes are the types of a decision on a conflict.
func ResolutionTypes() map[string]attr.Type {
	return map[string]attr.Type{"decision": types.StringType, "sql": types.StringType}
}

// ToResolutions returns the decisions of a map, in the order of its keys. What
// the validators refuse is left out.
func ToResolutions(m types.Map) []merge.Resolution {
	var out []merge.Resolution
	elements := m.Elements()
	for _, key := range slices.Sorted(maps.Keys(elements)) {
		object, ok := elements[key].(types.Object)
		if !ok || object.IsNull() || object.IsUnknown() {
			continue
		}
		decision, _ := object.Attributes()["decision"].(types.String)
		sql, _ := object.Attributes()["sql"].(types.String)
		if r, err := merge.ResolutionFor(key, merge.Decision(decision.ValueString()), sql.ValueString()); err == nil {
			out = append(out, r)
		}
	}
	return out
}

// IsPlace is the validator of a key of `resolutions`.
func IsPlace() validator.String {
	return Checked{Summary: "Resolution key cannot be read", Wants: "kind and name of an object, and for a table a part of it, for example `table users column phone`", Check: func(text string) error {
		_, err := merge.ResolutionFor(text, merge.KeepTenant, "")
		return err
	}}
}

// DecisionHasSQL is the validator of one decision: `sql` stands with the
// decision `sql`, and with no other.
type DecisionHasSQL struct{}

var _ validator.Object = DecisionHasSQL{}

// Description says what the object has to be.
func (DecisionHasSQL) Description(context.Context) string {
	return "`sql` if and only if the decision is `sql`"
}

// MarkdownDescription says what the object has to be.
func (v DecisionHasSQL) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateObject reports a text without its decision, and the reverse.
func (DecisionHasSQL) ValidateObject(_ context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	decision, _ := req.ConfigValue.Attributes()["decision"].(types.String)
	sql, _ := req.ConfigValue.Attributes()["sql"].(types.String)
	if decision.IsNull() || decision.IsUnknown() || sql.IsUnknown() {
		return
	}
	wants := decision.ValueString() == string(merge.DecideSQL)
	switch {
	case wants && sql.IsNull():
		missing(resp, req.Path, "The decision `sql` needs the statements in `sql`.")
	case !wants && !sql.IsNull():
		missing(resp, req.Path.AtName("sql"), "`sql` is of no use with the decision `"+decision.ValueString()+"`. Set `decision = \"sql\"`, or remove the statements.")
	}
}

func missing(resp *validator.ObjectResponse, at path.Path, detail string) {
	resp.Diagnostics.AddAttributeError(at, "Decision and statements do not fit", detail)
}

// ResolutionObject describes a decision on a conflict.
func ResolutionObject() schema.NestedAttributeObject {
	return schema.NestedAttributeObject{
		Attributes: map[string]schema.Attribute{
			"decision": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "`keep_tenant`: the tenant's stays and the template's change is waived, a drop too. `take_template`: the template's wins; what the tenant loses needs `allow_destructive` and is retired. `sql`: it becomes what `sql` makes of it.",
				Validators:          []validator.String{OneOf(merge.KeepTenant, merge.TakeTemplate, merge.DecideSQL)},
			},
			"sql": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "For `decision = \"sql\"`: statements that make the object what it is to become, on top of the template's version or, where it has none, of nothing. They are tried in a scratch database; the migration is the difference. Default: none.",
				Validators:          NotEmpty(),
			},
		},
		Validators: []validator.Object{DecisionHasSQL{}},
	}
}
