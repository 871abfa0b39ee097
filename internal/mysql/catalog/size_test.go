package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/sessiontest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestTableSizes asks for tables of all shapes: partitions are one table, names are as
// they are written, and what InnoDB keeps no numbers of is left out.
func TestTableSizes(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		srv := sessiontest.Open(t, sessiontest.Config(s))
		one, two := s.Prefix+"a-b c", s.Prefix+"ü"
		quoted := mysqltest.QuoteName
		for _, db := range []string{one, two} {
			s.Exec(t, "CREATE DATABASE "+quoted(db), "CREATE TABLE "+quoted(db)+".parts (id INT NOT NULL PRIMARY KEY, k INT, KEY (k)) PARTITION BY HASH (id) PARTITIONS 3",
				"CREATE TABLE "+quoted(db)+".`ö x` (id INT NOT NULL PRIMARY KEY)", "CREATE TABLE "+quoted(db)+".other (id INT NOT NULL PRIMARY KEY)",
				"CREATE TABLE "+quoted(db)+".old (id INT NOT NULL PRIMARY KEY) ENGINE=MyISAM")
			defer s.Exec(t, "DROP DATABASE "+quoted(db))
		}
		s.Exec(t, "INSERT INTO "+quoted(one)+".parts VALUES (1, 1), (2, 2), (3, 3), (4, 4)", "INSERT INTO "+quoted(two)+".`ö x` VALUES (1), (2)",
			"ANALYZE TABLE "+quoted(one)+".parts", "ANALYZE TABLE "+quoted(two)+".`ö x`")
		got, err := catalog.TableSizes(t.Context(), srv, []string{one, two, "nothing"}, []string{"parts", "ö x", "old", "none"})
		if err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(got, func(a, b catalog.TableSize) int {
			return strings.Compare(a.Database+"."+a.Table, b.Database+"."+b.Table)
		})
		const page = 16 << 10
		want := []catalog.TableSize{
			{Database: one, Table: "parts", Rows: 4, Bytes: 6 * page}, {Database: one, Table: "ö x", Bytes: page},
			{Database: two, Table: "parts", Bytes: 6 * page}, {Database: two, Table: "ö x", Rows: 2, Bytes: page},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("sizes (-want +got):\n%s", diff)
		}
	})
}
