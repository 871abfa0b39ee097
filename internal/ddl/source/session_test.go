package source_test

import (
	"fmt"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
)

// TestSessionUse reads from statements what they take from the session and leave
// there.
func TestSessionUse(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ sql, variables, set, former string }{
		"nothing":                  {sql: "UPDATE t SET a = 1"},
		"set":                      {"SET @A = (SELECT MAX(id) FROM t)", "[@a]", "[@a]", ""},
		"set, other sign":          {"SET @a := 1, @`b` = 2", "[@a @b]", "[@a @b]", ""},
		"set by itself":            {"SET @a = @a + 1, @b = 0", "[@a @b]", "[@b]", ""},
		"set by another":           {"SET @a = @b", "[@a @b]", "[@a]", ""},
		"list in a call":           {"SET @a = IF(@c, @b, 2)", "[@a @b @c]", "[@a]", ""},
		"setting":                  {"SET @@sql_safe_updates = 0", "", "", ""},
		"read":                     {"UPDATE t SET a = @a WHERE b = @B", "[@a @b]", "", ""},
		"into leaves it sometimes": {"SELECT id INTO @a FROM t", "[@a]", "", ""},
		"inside":                   {"UPDATE t SET n = (@r := @r + 1)", "[@r]", "", ""},
		"in a text":                {"UPDATE t SET a = '@a', b = \"@b\"", "", "", ""},
		"in a comment":             {"UPDATE t SET a = 1 /* @a */", "", "", ""},
		"executed comment":         {"UPDATE t SET a = /*!50000 @a */ 1", "[@a]", "", ""},
		"quoted names":             {"UPDATE t SET a = @'x', b = @\"y\"", "[@x @y]", "", ""},
		"last insert":              {"INSERT INTO u VALUES (last_insert_id( ))", "", "", "[LAST_INSERT_ID()]"},
		"last insert, given":       {"UPDATE s SET id = LAST_INSERT_ID(id + 1)", "", "", ""},
		"rows":                     {"INSERT INTO log SELECT ROW_COUNT(), FOUND_ROWS()", "", "", "[FOUND_ROWS() ROW_COUNT()]"},
		"column of the name":       {"UPDATE t SET row_count = 1", "", "", ""},
		"broken":                   {"SET @a = 1,", "[@a]", "[@a]", ""},
	}
	text := func(list []string) string {
		if len(list) == 0 {
			return ""
		}
		return fmt.Sprint(list)
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			statements, _ := source.Parse(c.sql, ddl.Server{Product: ddl.MySQL, Version: "9.7.0"})
			if len(statements) != 1 {
				t.Fatalf("%d statements", len(statements))
			}
			use := statements[0].SessionUse()
			got := [3]string{text(use.Variables), text(use.Set), text(use.Former)}
			if want := [3]string{c.variables, c.set, c.former}; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			if statements[0].ChangesStructure() {
				t.Error("a statement on rows changes the structure")
			}
		})
	}
}
