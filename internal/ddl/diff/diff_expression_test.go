package diff_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestDiff_expressions makes checks, generated columns and views of many
// expressions, again of what the server prints of them, and once more. Servers
// rewrite expressions; whatever they make of them must be taken for the same.
func TestDiff_expressions(t *testing.T) {
	t.Parallel()
	if os.Getenv(soakVariable) == "" {
		t.Skipf("a long test, which %s asks for", soakVariable)
	}
	text, err := os.ReadFile("testdata/expressions.txt")
	if err != nil {
		t.Fatal(err)
	}
	expressions := strings.Split(strings.TrimSpace(string(text)), "\n")
	const (
		columns = "id INT PRIMARY KEY, i INT, b BIGINT, u INT UNSIGNED, v VARCHAR(20), d DECIMAL(8,2), f DOUBLE, dt DATETIME, da DATE, ti TINYINT(1), j JSON, bl VARBINARY(10)"
		wider   = "id INT PRIMARY KEY, i BIGINT, b BIGINT, u BIGINT UNSIGNED, v VARCHAR(30), d DECIMAL(10,3), f DOUBLE, dt DATETIME(3), da DATE, ti TINYINT(1), j JSON, bl VARBINARY(20)"
	)
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		b := newBench(t, s, s.Prefix)
		first := b.express(t, b.databases[0], columns, expressions)
		b.migrate(t, b.build(t, b.databases[1], "", ""), first)
		second := b.dump(t, b.databases[1])
		b.migrate(t, b.build(t, b.databases[0], "", ""), second)
		for _, sides := range [][2]ddl.Schema{{first, second}, {second, b.dump(t, b.databases[0])}} {
			if m := b.diff(t, sides[0], sides[1]); !m.Empty() {
				t.Errorf("left to do:\n%s", strings.Join(m.Statements(), "\n"))
			}
		}
		to := b.express(t, b.databases[1], wider, expressions)
		b.migrate(t, b.express(t, b.databases[0], columns, expressions), to)
	})
}

// express makes what it can of the expressions: servers differ in what they
// allow where.
func (b *bench) express(t *testing.T, database, columns string, expressions []string) ddl.Schema {
	t.Helper()
	b.build(t, database, "CREATE TABLE base ("+columns+")", "")
	made := 0
	for n, expr := range expressions {
		for _, sql := range []string{
			"CREATE TABLE c%d (" + columns + ", CONSTRAINT ck%[1]d CHECK (%[2]s))",
			"CREATE TABLE g%d (" + columns + ", g VARCHAR(50) AS (%s) VIRTUAL)",
			"CREATE VIEW v%d AS SELECT %[2]s AS r FROM base WHERE %[2]s",
		} {
			if b.exec(t.Context(), fmt.Sprintf(sql, n, expr)) == nil {
				made++
			}
		}
	}
	if made < 200 {
		t.Errorf("%d objects made", made)
	}
	return b.dump(t, database)
}
