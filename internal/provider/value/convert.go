package value

import (
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// The conversions between plain Go values and Terraform's. They build the
// values directly, without reflection: they run for every tenant in every plan.

// TextOrNull returns null for an empty text.
func TextOrNull(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

// TimeOrNull returns a time as RFC 3339 in UTC, null for the zero time.
func TimeOrNull(t time.Time) types.String {
	if t.IsZero() {
		return types.StringNull()
	}
	return types.StringValue(t.UTC().Format(time.RFC3339))
}

// TextValues returns texts as values.
func TextValues(texts []string) []attr.Value {
	values := make([]attr.Value, len(texts))
	for i, text := range texts {
		values[i] = types.StringValue(text)
	}
	return values
}

// FromTexts returns a list, never null.
func FromTexts(texts []string) types.List {
	return types.ListValueMust(types.StringType, TextValues(texts))
}

// SetOrNull returns a set, null for none.
func SetOrNull(texts []string) types.Set {
	if len(texts) == 0 {
		return types.SetNull(types.StringType)
	}
	sorted := slices.Compact(slices.Sorted(slices.Values(texts)))
	return types.SetValueMust(types.StringType, TextValues(sorted))
}

// MapOrNull returns a map, null for none.
func MapOrNull(texts map[string]string) types.Map {
	if len(texts) == 0 {
		return types.MapNull(types.StringType)
	}
	values := make(map[string]attr.Value, len(texts))
	for key, text := range texts {
		values[key] = types.StringValue(text)
	}
	return types.MapValueMust(types.StringType, values)
}

// ToTexts returns the known texts of a set, sorted; nil for none.
func ToTexts(set types.Set) []string {
	var texts []string
	for _, value := range set.Elements() {
		if text, ok := value.(types.String); ok && !text.IsUnknown() {
			texts = append(texts, text.ValueString())
		}
	}
	slices.Sort(texts)
	return texts
}

// ToMap returns the known texts of a map; nil for none.
func ToMap(m types.Map) map[string]string {
	if len(m.Elements()) == 0 {
		return nil
	}
	texts := make(map[string]string, len(m.Elements()))
	for key, value := range m.Elements() {
		if text, ok := value.(types.String); ok && !text.IsUnknown() {
			texts[key] = text.ValueString()
		}
	}
	return texts
}

// KeepSet returns the former value when it says the same: null and the empty
// set are one thing to the landlord, but not to Terraform.
func KeepSet(former types.Set, now []string) types.Set {
	sorted := slices.Sorted(slices.Values(now))
	if !former.IsUnknown() && slices.Equal(ToTexts(former), sorted) {
		return former
	}
	return SetOrNull(now)
}

// KeepMap returns the former value when it says the same.
func KeepMap(former types.Map, now map[string]string) types.Map {
	if !former.IsUnknown() && maps.Equal(ToMap(former), now) {
		return former
	}
	return MapOrNull(now)
}

// Known says whether all values, with everything inside them, are known.
func Known(values ...attr.Value) bool {
	for _, value := range values {
		if value.IsUnknown() {
			return false
		}
		switch v := value.(type) {
		case types.Set:
			if !Known(v.Elements()...) {
				return false
			}
		case types.List:
			if !Known(v.Elements()...) {
				return false
			}
		case types.Object:
			if !Known(slices.Collect(maps.Values(v.Attributes()))...) {
				return false
			}
		case types.Map:
			if !Known(slices.Collect(maps.Values(v.Elements()))...) {
				return false
			}
		}
	}
	return true
}

// KeepText returns the former value when it says the same.
func KeepText(former types.String, now string) types.String {
	if !former.IsUnknown() && former.ValueString() == now {
		return former
	}
	return TextOrNull(now)
}

// ResolveText puts in what is true for a text that a plan left unknown.
func ResolveText(value *types.String, now types.String) {
	if value.IsUnknown() {
		*value = now
	}
}

// ResolveBool does the same for a truth value.
func ResolveBool(value *types.Bool, now types.Bool) {
	if value.IsUnknown() {
		*value = now
	}
}

// ResolveList does the same for a list.
func ResolveList(value *types.List, now types.List) {
	if value.IsUnknown() {
		*value = now
	}
}

// ListedTexts returns the known texts of a list, in order.
func ListedTexts(list types.List) []string {
	var texts []string
	for _, value := range list.Elements() {
		if text, ok := value.(types.String); ok {
			texts = append(texts, text.ValueString())
		}
	}
	return texts
}

// NoSteps is the list of a migration that does nothing, not null.
func NoSteps() types.List { return FromTexts(nil) }

// FromSteps returns the steps of a migration, one line each, never null.
func FromSteps(steps []landlord.Step) types.List {
	lines := make([]string, len(steps))
	for i := range steps {
		lines[i] = steps[i].Line()
	}
	return FromTexts(lines)
}
