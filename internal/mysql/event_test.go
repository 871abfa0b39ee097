package mysql_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/sessiontest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestHoldEvents makes events that are due at once, once as anybody makes them
// and once held: these never run, and read the same.
func TestHoldEvents(t *testing.T) {
	t.Parallel()
	for _, kind := range mysqltest.Kinds(t) {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			s := mysqltest.Private(t, kind, mysqltest.Args("--event-scheduler=ON"))
			events := []string{
				"CREATE TABLE seen (what VARCHAR(20))",
				"CREATE EVENT often ON SCHEDULE EVERY 1 SECOND DO INSERT INTO seen VALUES ('often')",
				"CREATE EVENT once ON SCHEDULE AT CURRENT_TIMESTAMP ON COMPLETION PRESERVE DO INSERT INTO seen VALUES ('once')",
				"CREATE EVENT past ON SCHEDULE EVERY 1 SECOND STARTS '2020-01-01 00:00:00' ENABLE COMMENT 'DISABLE' DO INSERT INTO seen VALUES ('past')",
				"CREATE EVENT gone ON SCHEDULE EVERY 1 DAY STARTS '2020-01-01 00:00:00' ENDS '2020-02-01 00:00:00' ON COMPLETION PRESERVE DO INSERT INTO seen VALUES ('gone')",
				"CREATE EVENT idle ON SCHEDULE EVERY 1 SECOND DISABLE DO INSERT INTO seen VALUES ('idle')",
				"CREATE EVENT later ON SCHEDULE EVERY 1 SECOND STARTS '2020-01-01 00:00:00' DISABLE DO INSERT INTO seen VALUES ('later')",
				"ALTER EVENT later ENABLE", "ALTER EVENT later RENAME TO Renamed", "CREATE EVENT IF NOT EXISTS renamed ON SCHEDULE EVERY 1 DAY DO DO 1",
				"CREATE EVENT IF NOT EXISTS idle ON SCHEDULE EVERY 1 SECOND DO INSERT INTO seen VALUES ('idle')",
				"CREATE EVENT IF NOT EXISTS new ON SCHEDULE EVERY 1 SECOND DO INSERT INTO seen VALUES ('new')",
				"CREATE EVENT replaced ON SCHEDULE EVERY 1 SECOND DO INSERT INTO seen VALUES ('replaced')", "DROP EVENT replaced",
				"CREATE EVENT replaced ON SCHEDULE EVERY 1 SECOND DISABLE DO INSERT INTO seen VALUES ('replaced')",
			}
			free, held := sessiontest.NewBench(t, s.Server, "free"), sessiontest.NewBench(t, s.Server, "held")
			held.HoldEvents("held")
			free.Run(t, events...)
			held.Run(t, events...)
			read := func(b *sessiontest.Bench) map[string]string {
				texts := map[string]string{}
				dump, err := catalog.DumpDatabase(t.Context(), b, b.Info, b.Name)
				if err != nil {
					t.Fatal(err)
				}
				for _, o := range dump.Objects {
					if o.Name != "once" { // the server disables it when it has run
						texts[o.Name] = o.SQL
					}
				}
				err = catalog.Describe(t.Context(), b, b.Info, catalog.Databases{Names: []string{b.Name}}, func(r catalog.DescribeRow) error {
					if r.Kind == "event" && r.Object != "once" {
						texts["status of "+r.Object] = string(r.Values[10])
					}
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
				return texts
			}
			if diff := cmp.Diff(read(free), read(held)); diff != "" {
				t.Errorf("events (-made by anybody +held):\n%s", diff)
			}
			sessiontest.Until(t, "events that run", func() bool {
				return len(s.QueryRows(t, "SELECT DISTINCT what FROM free.seen WHERE what IN ('often', 'once', 'past', 'later')")) == 4
			})
			time.Sleep(1100 * time.Millisecond) // one more second of the schedule
			if rows := s.QueryRows(t, "SELECT DISTINCT what FROM held.seen"); len(rows) != 0 {
				t.Errorf("held events have run: %v", rows)
			}
			held.ReleaseEvents("held")
			if got := read(held)["status of often"]; got != "DISABLED" {
				t.Errorf("released: %s", got)
			}
		})
	}
}
