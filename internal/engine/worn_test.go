package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

// TestFleet_asksCatalog: which tables the server changes no more in place is asked
// once in a run, and not at all where it would have to open too many for an answer.
func TestFleet_asksCatalog(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ others, asked int }{{0, 1}, {200, 0}} {
		t.Run(fmt.Sprint(c.others), func(t *testing.T) {
			t.Parallel()
			s := mysqltest.On(t, instance.MySQL97)
			spec := fleetOf(t, s, 3)
			tenants := s.LandlordDatabase + ".tenants"
			columns := s.QueryRows(t, "SELECT GROUP_CONCAT(COLUMN_NAME) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = 'tenants'"+
				" AND COLUMN_NAME NOT IN ('id', 'slug', 'database_name') AND GENERATION_EXPRESSION = ''", s.LandlordDatabase)[0][0]
			for i := range c.others {
				s.Exec(t, fmt.Sprintf("INSERT INTO %s (slug, database_name, %s) SELECT 'other%d', 'other%d', %s FROM %s WHERE slug = 'w00'", tenants, columns, i, i, columns, tenants))
			}
			log := s.Record(t)
			e := engineOn(t, s, pooled, func(c *landlord.Config) { c.Main.Username, c.Main.Password = log.Username, log.Password })
			if _, err := e.ApplyFleet(t.Context(), spec, priorFleet(spec), ""); err != nil {
				t.Fatal(explain(err))
			}
			asked := 0
			for _, sql := range log.Statements(t) {
				if strings.Contains(sql, "TOTAL_ROW_VERSIONS") {
					asked++
				}
			}
			if asked != c.asked {
				t.Errorf("asked %d times, not %d", asked, c.asked)
			}
			inForce(t, s, spec, "1.1.0")
		})
	}
}
