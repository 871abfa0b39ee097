package diff_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
)

// TestDiff_computed changes columns that are computed from each other: in a
// circle, which a merge may ask for and a server refuses, and in a chain, each
// link of which stands twice in the next one.
func TestDiff_computed(t *testing.T) {
	t.Parallel()
	for _, srv := range []ddl.Server{{Product: ddl.MySQL, Version: "9.7.4"}, {Product: ddl.MariaDB, Version: "10.11.9"}} {
		table := func(columns ...string) ddl.Schema {
			sql := "CREATE TABLE `t` (\n  " + strings.Join(columns, ",\n  ") + ",\n  CONSTRAINT `low` CHECK ((`a` < 100))\n)"
			return ddl.Schema{Objects: []ddl.Object{{Kind: ddl.KindTable, Name: "t", SQL: sql}}}
		}
		computed := func(name, expr string) string {
			return "`" + name + "` int GENERATED ALWAYS AS (" + expr + ") STORED"
		}
		const links = 60
		chain := func(start string) []string {
			columns := []string{"`id` int NOT NULL", "`a` int NOT NULL DEFAULT '" + start + "'", computed("c0", "`a` + "+start)}
			for i := range links {
				columns = append(columns, computed(fmt.Sprintf("c%d", i+1), fmt.Sprintf("`c%d` + 1", i)))
			}
			return columns
		}
		cases := map[string][2]ddl.Schema{
			"a circle":     {table("`id` int NOT NULL", "`a` int NOT NULL", "`b` int NOT NULL"), table("`id` int NOT NULL", computed("a", "`b` + 1"), computed("b", "`a` + 1"))},
			"of itself":    {table("`id` int NOT NULL", "`a` int NOT NULL"), table("`id` int NOT NULL", computed("a", "`a` + 1"))},
			"a long chain": {table(chain("1")...), table(chain("2")...)},
		}
		for name, c := range cases {
			if _, err := diff.Diff(c[0], c[1], srv, diff.Options{}); err != nil {
				t.Logf("%s, %s: %v", srv.Product, name, err) // refusing is fine; ending is what counts
			}
		}
	}
}
