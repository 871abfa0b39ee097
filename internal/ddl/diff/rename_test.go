package diff_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
)

func TestRenames(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		before, after string
		want          []diff.Rename
	}{
		"nothing":                 {"`a` int, `b` int", "`b` int, `a` int", nil},
		"a column comes":          {"`a` int", "`a` int, `b` int", nil},
		"a column goes":           {"`a` int, `b` int", "`a` int", nil},
		"another name":            {"`a` int, `b` varchar(9)", "`a` int, `c` varchar(9)", []diff.Rename{{Table: "t", From: "b", To: "c"}}},
		"and a longer type":       {"`a` int, `b` varchar(9)", "`a` int, `c` text", []diff.Rename{{Table: "t", From: "b", To: "c"}}},
		"another kind of type":    {"`a` int, `b` varchar(9)", "`a` int, `c` datetime", nil},
		"the same type first":     {"`a` int, `b` varchar(9)", "`a` int, `c` text, `d` varchar(9)", []diff.Rename{{Table: "t", From: "b", To: "d"}}},
		"each once":               {"`a` int, `b` int, `c` int", "`a` int, `d` int", []diff.Rename{{Table: "t", From: "b", To: "d"}}},
		"two in their order":      {"`a` int, `b` int, `c` int", "`a` int, `d` int, `e` int", []diff.Rename{{Table: "t", From: "b", To: "d"}, {Table: "t", From: "c", To: "e"}}},
		"case alone":              {"`a` int, `b` int", "`a` int, `B` int", nil},
		"what is computed is not": {"`a` int, `b` int", "`a` int, `c` int GENERATED ALWAYS AS (`a`) VIRTUAL", nil},
	}
	schema := func(columns string) ddl.Schema {
		return ddl.Schema{Objects: []ddl.Object{{Kind: ddl.KindTable, Name: "t", SQL: "CREATE TABLE `t` (" + columns + ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"}}}
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(c.want, diff.Renames(schema(c.before), schema(c.after), ddl.Server{})); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}
