package landlord_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// TestCustomizationPatch_words lists what could be a name. A word too many is
// harmless; one that is missing hides that a customization needs another one.
func TestCustomizationPatch_words(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		patch landlord.CustomizationPatch
		names []string // that have to be among the words
	}{
		"table":            {landlord.CustomizationPatch{Tables: map[string]string{"Visits": "CREATE TABLE Visits (id INT, FOREIGN KEY (id) REFERENCES Users (id))"}}, []string{"visits", "users", "id"}},
		"column":           {landlord.CustomizationPatch{Columns: []landlord.CustomizationColumn{{Table: "Users", Name: "my phone", Definition: "VARCHAR(9)"}}}, []string{"users", "my phone", "varchar"}},
		"index":            {landlord.CustomizationPatch{Indexes: []landlord.CustomizationIndex{{Table: "t", Name: "k", Columns: []string{"`a b`(10)", "Phone DESC"}}}}, []string{"t", "k", "a b", "phone"}},
		"view":             {landlord.CustomizationPatch{Views: map[string]string{"V": "SELECT `x y`.z FROM `x y`"}}, []string{"v", "x y", "z"}},
		"quoted with dots": {landlord.CustomizationPatch{SQL: "SELECT `a.b`.`c-d` FROM `a.b`"}, []string{"a.b", "c-d"}},
		"other alphabets":  {landlord.CustomizationPatch{SQL: "CREATE TABLE Größe (名前 INT, a$b INT, 1a INT)"}, []string{"größe", "名前", "a$b", "1a"}},
		"signs":            {landlord.CustomizationPatch{SQL: "SELECT preis€ FROM t"}, []string{"preis€"}},
		"doubled backtick": {landlord.CustomizationPatch{SQL: "SELECT `a``b`, `c d` FROM `t```"}, []string{"a`b", "c d", "t`"}},
		"backtick in text": {landlord.CustomizationPatch{SQL: "SELECT 'it`s', `x y` FROM `z z`"}, []string{"x y", "z z"}},
		"backtick comment": {landlord.CustomizationPatch{SQL: "-- it`s\nSELECT `x y`"}, []string{"x y"}},
		"nothing":          {landlord.CustomizationPatch{}, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			words := c.patch.Words()
			for _, want := range c.names {
				if !words[want] {
					t.Errorf("`%s` is missing among %q", want, slices.Sorted(maps.Keys(words)))
				}
			}
		})
	}
}
