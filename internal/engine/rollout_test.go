package engine_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/fleet"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestRollout_notWithdrawn: what is recorded of tenants that were not begun cannot be
// taken back. Those that are done stay told as done.
func TestRollout_notWithdrawn(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	spec := fleetOf(t, s, 6)
	spec.Rollout = fleet.Rollout{MaxParallel: 1}
	e := engineOn(t, s, pooled, func(c *landlord.Config) { c.Main.LockTimeout = time.Second })
	conn, err := s.DB().Conn(t.Context())
	must(t, err)
	defer conn.Close()
	e.OnFault(func(at string) {
		switch at {
		case "after intent":
			s.Exec(t, "CREATE TABLE IF NOT EXISTS "+s.Prefix+"w02.notes (id INT)") // the wave ends with it
		case "after finish":
			for _, text := range []string{"START TRANSACTION", "UPDATE " + s.LandlordDatabase + ".tenants SET name = 'locked' WHERE slug = 'w04'"} {
				_, err := conn.ExecContext(t.Context(), text)
				must(t, err)
			}
		}
	})
	_, err = e.ApplyFleet(t.Context(), spec, priorFleet(spec), "")
	_, undone := conn.ExecContext(t.Context(), "ROLLBACK")
	must(t, undone)
	refuses(t, s, err, "Tenant migration stopped [template]\nMigrating tenant `w02` to template `shop@1.1.0` stopped at statement 3 of 3.\n\n"+
		"CREATE TABLE `notes` (`id` int NOT NULL, `body` text COLLATE utf8mb4_unicode_ci, PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci\n\n"+
		"Cause: Table 'notes' already exists\n\nWhat is done is kept and recorded. Correct the cause and apply again: the migration goes on where it stopped.")
	want := [][]string{{"w00", "done"}, {"w01", "done"}, {"w02", "failed"}, {"w03", "pending"}, {"w04", "pending"}, {"w05", "pending"}}
	got := s.QueryRows(t, "SELECT tenant_slug, status FROM "+s.LandlordDatabase+".rollout_tenants ORDER BY tenant_slug")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	s.Exec(t, "DROP TABLE "+s.Prefix+"w02.notes")
	if _, err := engineOn(t, s, pooled).ApplyFleet(t.Context(), spec, priorFleet(spec), ""); err != nil {
		t.Fatal(explain(err))
	}
	inForce(t, s, spec, "1.1.0")
}
