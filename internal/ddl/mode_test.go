package ddl_test

import (
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

// TestObject_Plain takes the modes away that a program was made under.
func TestObject_Plain(t *testing.T) {
	t.Parallel()
	const strict = "STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION"
	tests := map[string]struct {
		kind                          ddl.Kind // a function, where there is none
		sql, modes                    string
		wantSQL, wantModes, wantFault string
	}{
		"no such mode": {sql: `CREATE FUNCTION f() RETURNS text RETURN "a\"b" || 1`, modes: strict, wantSQL: `CREATE FUNCTION f() RETURNS text RETURN "a\"b" || 1`, wantModes: strict},
		"names between double quotes": {
			sql: `CREATE DEFINER="a"@"%" FUNCTION "f""g"("n" int) RETURNS text RETURN (SELECT '"x" it''s' FROM t /* "y" */ WHERE "t"."n" = "n")`, modes: "ANSI_QUOTES," + strict,
			wantSQL: "CREATE DEFINER=`a`@\"%\" FUNCTION `f\"g`(`n` int) RETURNS text RETURN (SELECT '\"x\" it''s' FROM t /* \"y\" */ WHERE `t`.`n` = `n`)", wantModes: strict,
		},
		"all that ANSI stands for": {sql: `CREATE PROCEDURE "p"() SELECT 1`, modes: "REAL_AS_FLOAT,PIPES_AS_CONCAT,ANSI_QUOTES,IGNORE_SPACE,ANSI", wantSQL: "CREATE PROCEDURE `p`() SELECT 1", wantModes: "REAL_AS_FLOAT,IGNORE_SPACE"},
		"ANSI alone":               {sql: `CREATE PROCEDURE p() SELECT 1`, modes: "ANSI", wantFault: "ANSI"},
		"pipes":                    {sql: `CREATE FUNCTION "f"() RETURNS text RETURN 'a' || 'b'`, modes: "PIPES_AS_CONCAT,ANSI_QUOTES", wantFault: "PIPES_AS_CONCAT"},
		"no pipes":                 {sql: `CREATE FUNCTION f() RETURNS text RETURN 'a'`, modes: "PIPES_AS_CONCAT", wantSQL: `CREATE FUNCTION f() RETURNS text RETURN 'a'`},
		"a backslash at the end":   {sql: `CREATE FUNCTION f() RETURNS text RETURN CONCAT('a\', 'b')`, modes: "NO_BACKSLASH_ESCAPES", wantFault: "NO_BACKSLASH_ESCAPES"},
		"a backslash in a comment": {sql: `CREATE FUNCTION f() RETURNS text /* \ */ RETURN 'a'`, modes: "NO_BACKSLASH_ESCAPES", wantSQL: `CREATE FUNCTION f() RETURNS text /* \ */ RETURN 'a'`},
		"a pattern":                {sql: `CREATE FUNCTION f(a text) RETURNS int RETURN a LIKE 'x%'`, modes: "NO_BACKSLASH_ESCAPES", wantFault: "NO_BACKSLASH_ESCAPES"},
		"a name with a backslash":  {sql: `CREATE PROCEDURE "a\"() SELECT 1`, modes: "ANSI_QUOTES,NO_BACKSLASH_ESCAPES", wantFault: "NO_BACKSLASH_ESCAPES"},
		"another language":         {sql: "CREATE PROCEDURE p AS BEGIN NULL; END", modes: "PIPES_AS_CONCAT,ANSI_QUOTES,IGNORE_SPACE,ORACLE", wantFault: "ORACLE"},
		"a view":                   {kind: ddl.KindView, sql: "CREATE VIEW `v` AS select concat('a','b') AS `x`", modes: "ANSI", wantSQL: "CREATE VIEW `v` AS select concat('a','b') AS `x`", wantModes: "ANSI"},
	}
	for name, c := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.kind == "" {
				c.kind = ddl.KindFunction
			}
			got, fault := ddl.Object{Kind: c.kind, SQL: c.sql, SQLMode: c.modes}.Plain()
			if fault != c.wantFault {
				t.Errorf("fault %q, want %q", fault, c.wantFault)
			}
			if c.wantFault == "" && (got.SQL != c.wantSQL || got.SQLMode != c.wantModes) {
				t.Errorf("got %s, of %q\nwant %s, of %q", got.SQL, got.SQLMode, c.wantSQL, c.wantModes)
			}
		})
	}
}
