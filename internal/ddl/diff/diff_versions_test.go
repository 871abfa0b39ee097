package diff_test

import (
	"fmt"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestDiff_rowVersions: a table that MySQL has changed 255 times without writing its
// rows takes no more of that.
func TestDiff_rowVersions(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		b := newBench(t, s, s.Prefix)
		if b.ddl.Product == ddl.MariaDB {
			t.Skip("MariaDB does not count them")
		}
		after := b.build(t, b.databases[1], "CREATE TABLE t (id INT PRIMARY KEY, v INT, w INT)", "")
		before := b.build(t, b.databases[0], "CREATE TABLE t (id INT PRIMARY KEY, v INT)", "INSERT INTO t VALUES (1, 1)")
		m, err := diff.Diff(before, after, b.ddl, diff.Options{})
		if err != nil {
			t.Fatal(err)
		}
		asked := func(want int) {
			t.Helper()
			found, blocked := b.probe(t, m.Changes[0], "instant")
			err := b.exec(t.Context(), m.Changes[0].SQL+", ALGORITHM=INSTANT")
			if len(found) != want || blocked != (want > 0) || (err != nil) != blocked {
				t.Errorf("found %q, %v", found, err)
			}
		}
		for i := range 128 {
			b.must(t, fmt.Sprintf("ALTER TABLE t ADD COLUMN c%d INT, ALGORITHM=INSTANT", i))
			if i < 127 {
				b.must(t, fmt.Sprintf("ALTER TABLE t DROP COLUMN c%d, ALGORITHM=INSTANT", i))
			}
		}
		asked(1)
		b.must(t, "ALTER TABLE t FORCE")
		asked(0)
	})
}
