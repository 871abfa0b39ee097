package engine_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestRestore_foreignDatabase lets somebody make a database of the very name that
// a restore has chosen, at the moment before the restore makes its own, and
// another time while the restore is dead. Nobody fills or drops it.
func TestRestore_foreignDatabase(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		directory := t.TempDir()
		e := copying(t, s, directory)
		db := stocked(t, s, e, "acme").DatabaseName
		take(t, e, "acme", "before")
		foreign := func(name string) {
			s.Exec(t, "CREATE DATABASE "+name, "CREATE TABLE "+name+".theirs (id INT PRIMARY KEY)")
		}
		untouched := func(name string) {
			t.Helper()
			if got := tableNames(t, s, name); got != "theirs" {
				t.Errorf("the tables of `%s` are %q", name, got)
			}
		}
		spec := landlord.RestoreSpec{Tenant: "acme", Checkpoint: "before"}

		var once sync.Once
		quick := copying(t, s, directory)
		quick.OnFault(func(point string) {
			if point == "after loading" {
				once.Do(func() { foreign(db + "__restore_1") })
			}
		})
		first, err := quick.Restore(t.Context(), spec, "")
		if err != nil {
			t.Fatal(explain(err))
		}
		if first.DatabaseName != db+"__restore_1_2" {
			t.Errorf("restored into `%s`", first.DatabaseName)
		}
		untouched(db + "__restore_1")

		v := copyingVictim(s, directory)
		spec.Keepers = map[string]string{"n": "2"}
		v.Restore, v.KillAt = &spec, "after loading"
		if !v.run(t) {
			t.Fatal("the restore was not killed")
		}
		foreign(db + "__restore_2")
		second, err := copying(t, s, directory).Restore(t.Context(), spec, "")
		if err != nil {
			t.Fatal(explain(err))
		}
		if second.DatabaseName != db+"__restore_3" {
			t.Errorf("restored into `%s`", second.DatabaseName)
		}
		untouched(db + "__restore_2")
		for _, r := range []string{first.ID, second.ID} {
			if err := copying(t, s, directory).DeleteRestore(t.Context(), r); err != nil {
				t.Fatal(explain(err))
			}
		}
		var left []string
		for _, row := range s.QueryRows(t, "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE ? ORDER BY 1", db+"__restore%") {
			left = append(left, row[0])
		}
		if got, want := strings.Join(left, " "), db+"__restore_1 "+db+"__restore_2"; got != want {
			t.Errorf("left are %s, want %s", got, want)
		}
	})
}
