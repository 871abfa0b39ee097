package engine_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestDrift_thorough changes what the catalogs of the servers do not show: only
// the thorough comparison finds it. What even that does not find means nothing.
func TestDrift_thorough(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		on, do, undo string
		want         []string
	}{
		"column format": {
			"MySQL", "ALTER TABLE aside MODIFY body VARCHAR(20) COLUMN_FORMAT FIXED NULL", "ALTER TABLE aside MODIFY body VARCHAR(20) NULL",
			[]string{"changed table `aside`, column `body`" + core},
		},
		"parser of a fulltext key": {
			"MySQL", "ALTER TABLE customers DROP KEY ft_notes; ALTER TABLE customers ADD FULLTEXT KEY ft_notes (notes) WITH PARSER ngram", "ALTER TABLE customers DROP KEY ft_notes, ADD FULLTEXT KEY ft_notes (notes)",
			[]string{"changed table `customers`, key `ft_notes`" + core},
		},
		"block size of a key": {
			"MariaDB", "ALTER TABLE customers DROP KEY ix_city, ADD KEY ix_city (city) KEY_BLOCK_SIZE=8 COMMENT 'for reports'", "ALTER TABLE customers DROP KEY ix_city, ADD KEY ix_city (city) COMMENT 'for reports'",
			nil, // the server gives a key the block size of its table, so that it says nothing
		},
		"room of a table": {
			"MySQL", "ALTER TABLE aside AUTOEXTEND_SIZE=4M", "ALTER TABLE aside AUTOEXTEND_SIZE=0",
			[]string{"extra table `aside`, option autoextend_size" + harmless},
		},
		"algorithm of a view": {
			"MySQL", "ALTER ALGORITHM=TEMPTABLE VIEW order_totals AS SELECT customer_id, SUM(total) AS total FROM orders GROUP BY customer_id", "",
			[]string{"changed view `order_totals`" + core},
		},
		"order of keys": {"", "ALTER TABLE customers DROP KEY ix_city, ADD KEY ix_city (city) COMMENT 'for reports'", "", nil},
		"read only":     {"MySQL", "ALTER DATABASE READ ONLY=1", "ALTER DATABASE READ ONLY=0", nil},
	}
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		publish(t, e, zoo(s))
		for name, test := range tests {
			if test.on != "" && (test.on == "MariaDB") != isMariaDB(s) {
				continue
			}
			create(t, e, landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "zoo@1.0.0"})
			runIn(t, s, s.Prefix+"acme", append([]string{"SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci"}, strings.Split(test.do, "; ")...)...)
			driftIs(t, s, "acme", name+", by fingerprint", nil)
			found, err := engineOn(t, s).Drift(t.Context(), "acme", true)
			if err != nil {
				t.Fatal(explain(err))
			}
			var got []string
			for _, d := range found.Differences {
				got = append(got, string(d.Kind)+" "+d.Name()+" "+string(d.Harm))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s, by text (-want +got):\n%s", name, diff)
			}
			if test.undo != "" {
				runIn(t, s, s.Prefix+"acme", test.undo)
			}
			if err := e.DeleteTenant(t.Context(), "acme", landlord.DeleteOptions{Policy: landlord.DeletionDrop, AllowDestructive: true}); err != nil {
				t.Fatal(explain(err))
			}
		}
	})
}
