package source_test

import (
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source/catalog"
)

// TestParse_deep: what would overflow the stack of a recursive parser, which
// ends the process, is refused or left to the server.
func TestParse_deep(t *testing.T) {
	t.Parallel()
	chain := source.MaxParsed/4 - 100
	cases := map[string]string{
		"queries":     "SELECT " + strings.Repeat("(SELECT ", 500_000),
		"functions":   "CREATE VIEW v AS SELECT " + strings.Repeat("ABS(", 200_000) + "1",
		"parentheses": "CREATE TABLE t (a INT CHECK (" + strings.Repeat("(", 100_000) + "a" + strings.Repeat(")", 100_000) + "))",
		"sum":         "CREATE VIEW v AS SELECT a" + strings.Repeat(" + 1", chain) + " AS b FROM t",
		"conditions":  "CREATE VIEW v AS SELECT a FROM t WHERE a" + strings.Repeat(" OR", chain/2) + " a",
		"negations":   "CREATE VIEW v AS SELECT " + strings.Repeat("NOT ", chain) + "a AS b FROM t",
		"signs":       "CREATE VIEW v AS SELECT " + strings.Repeat("- ", chain) + "a AS b FROM t",
		"cases":       "CREATE VIEW v AS SELECT " + strings.Repeat("CASE WHEN ", chain/4) + "a" + strings.Repeat(" THEN 1 END", chain/4) + " AS b FROM t",
		"unions":      "CREATE VIEW v AS SELECT 1 AS a" + strings.Repeat(" UNION SELECT 1", chain/4),
		"joins":       "CREATE VIEW v AS SELECT a FROM t" + strings.Repeat(" JOIN t", chain/2),
		"too long":    "CREATE VIEW v AS SELECT a" + strings.Repeat(" + 1", source.MaxParsed) + " AS b FROM t",
	}
	for name, text := range cases {
		t.Run(name, func(t *testing.T) {
			statements, _ := source.Parse(text, ddl.Server{Product: ddl.MySQL, Version: "9.7.4"})
			var defined catalog.Catalog
			for _, st := range statements {
				source.Guard(st, source.Rules{Layer: source.LayerCustomization})
				defined.Add(st, catalog.Origin{})
			}
			defined.Finish()
		})
	}
}
