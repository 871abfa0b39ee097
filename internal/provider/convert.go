package provider

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

// textOrNull returns null for an empty text.
func textOrNull(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

// timeOrNull returns a time as RFC 3339 in UTC, null for the zero time.
func timeOrNull(t time.Time) types.String {
	if t.IsZero() {
		return types.StringNull()
	}
	return types.StringValue(t.UTC().Format(time.RFC3339))
}

func textValues(texts []string) []attr.Value {
	values := make([]attr.Value, len(texts))
	for i, text := range texts {
		values[i] = types.StringValue(text)
	}
	return values
}

// fromTexts returns a list, never null.
func fromTexts(texts []string) types.List {
	return types.ListValueMust(types.StringType, textValues(texts))
}

// setOrNull returns a set, null for none.
func setOrNull(texts []string) types.Set {
	if len(texts) == 0 {
		return types.SetNull(types.StringType)
	}
	sorted := slices.Compact(slices.Sorted(slices.Values(texts)))
	return types.SetValueMust(types.StringType, textValues(sorted))
}

// mapOrNull returns a map, null for none.
func mapOrNull(texts map[string]string) types.Map {
	if len(texts) == 0 {
		return types.MapNull(types.StringType)
	}
	values := make(map[string]attr.Value, len(texts))
	for key, text := range texts {
		values[key] = types.StringValue(text)
	}
	return types.MapValueMust(types.StringType, values)
}

// toTexts returns the known texts of a set, sorted; nil for none.
func toTexts(set types.Set) []string {
	var texts []string
	for _, value := range set.Elements() {
		if text, ok := value.(types.String); ok && !text.IsUnknown() {
			texts = append(texts, text.ValueString())
		}
	}
	slices.Sort(texts)
	return texts
}

// toMap returns the known texts of a map; nil for none.
func toMap(m types.Map) map[string]string {
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

// keepSet returns the former value when it says the same: null and the empty
// set are one thing to the landlord, but not to Terraform.
func keepSet(former types.Set, now []string) types.Set {
	sorted := slices.Sorted(slices.Values(now))
	if !former.IsUnknown() && slices.Equal(toTexts(former), sorted) {
		return former
	}
	return setOrNull(now)
}

// keepMap returns the former value when it says the same.
func keepMap(former types.Map, now map[string]string) types.Map {
	if !former.IsUnknown() && maps.Equal(toMap(former), now) {
		return former
	}
	return mapOrNull(now)
}

// wholly says whether all values, with everything inside them, are known.
func wholly(values ...attr.Value) bool {
	for _, value := range values {
		if value.IsUnknown() {
			return false
		}
		switch v := value.(type) {
		case types.Set:
			if !wholly(v.Elements()...) {
				return false
			}
		case types.List:
			if !wholly(v.Elements()...) {
				return false
			}
		case types.Object:
			if !wholly(slices.Collect(maps.Values(v.Attributes()))...) {
				return false
			}
		case types.Map:
			if !wholly(slices.Collect(maps.Values(v.Elements()))...) {
				return false
			}
		}
	}
	return true
}

// keepText returns the former value when it says the same.
func keepText(former types.String, now string) types.String {
	if !former.IsUnknown() && former.ValueString() == now {
		return former
	}
	return textOrNull(now)
}

func resolveText(value *types.String, now types.String) {
	if value.IsUnknown() {
		*value = now
	}
}

func resolveBool(value *types.Bool, now types.Bool) {
	if value.IsUnknown() {
		*value = now
	}
}

func resolveList(value *types.List, now types.List) {
	if value.IsUnknown() {
		*value = now
	}
}

// listedTexts returns the known texts of a list, in order.
func listedTexts(list types.List) []string {
	var texts []string
	for _, value := range list.Elements() {
		if text, ok := value.(types.String); ok {
			texts = append(texts, text.ValueString())
		}
	}
	return texts
}

func noSteps() types.List { return fromTexts(nil) }

// fromSteps returns the steps of a migration, one line each, never null.
func fromSteps(steps []landlord.Step) types.List {
	lines := make([]string, len(steps))
	for i := range steps {
		lines[i] = steps[i].Line()
	}
	return fromTexts(lines)
}
