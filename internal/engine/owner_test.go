package engine_test

import (
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// definers returns the definer of each program of a database, by kind and name.
func definers(t *testing.T, s *mysqltest.Server, database string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, row := range s.QueryRows(t, "SELECT CONCAT('view ', TABLE_NAME), DEFINER FROM information_schema.VIEWS WHERE TABLE_SCHEMA = ?"+
		" UNION ALL SELECT CONCAT(LOWER(ROUTINE_TYPE), ' ', ROUTINE_NAME), DEFINER FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ?"+
		" UNION ALL SELECT CONCAT('trigger ', TRIGGER_NAME), DEFINER FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ?"+
		" UNION ALL SELECT CONCAT('event ', EVENT_NAME), DEFINER FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ?", database, database, database, database) {
		out[row[0]] = row[1]
	}
	return out
}

// owned wants every program of a database to belong to its owner account, and
// at least so many of them.
func owned(t *testing.T, s *mysqltest.Server, database string, least int) {
	t.Helper()
	owner := s.LandlordDatabase + "_owner_" + strings.TrimPrefix(database, s.Prefix) + "@localhost"
	all := definers(t, s, database)
	if len(all) < least {
		t.Errorf("%s has %d programs: %v", database, len(all), all)
	}
	for program, definer := range all {
		if definer != owner {
			t.Errorf("%s of %s belongs to %s, not to %s", program, database, definer, owner)
		}
	}
}

// ownersOf returns the owner accounts that there are.
func ownersOf(t *testing.T, s *mysqltest.Server) (out []string) {
	t.Helper()
	for _, row := range s.QueryRows(t, "SELECT User FROM mysql.user WHERE User LIKE '"+s.LandlordDatabase+`_owner_%' ORDER BY 1`) {
		out = append(out, row[0])
	}
	return out
}

// TestOwner follows the definers of a tenant's programs through its life.
func TestOwner(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		directory := t.TempDir()
		e := copying(t, s, directory)
		for _, version := range []string{"1.0.0", "2.0.0"} {
			template := store(version)
			template.Optional["extra.sql"] = "CREATE TABLE extras (id INT NOT NULL PRIMARY KEY, n INT);\n" +
				"CREATE TRIGGER extras_n BEFORE INSERT ON extras FOR EACH ROW SET NEW.n = 1;\nCREATE VIEW all_extras AS SELECT id FROM extras;"
			publish(t, e, template)
		}
		to := landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "store@1.0.0", Modules: []string{"extra"}, AllowDestructive: true}
		_, tenant := create(t, e, to)
		owned(t, s, tenant.DatabaseName, 7)
		custom := small("alpha")
		custom.Patch.Views = map[string]string{"alphas": "SELECT id, alpha FROM customers"}
		mustCustomize(t, copying(t, s, directory), custom, nil)
		owned(t, s, tenant.DatabaseName, 9)
		for _, modules := range [][]string{nil, {"extra"}} { // a table with its trigger goes aside, and returns
			to.Modules = modules
			var err error
			if _, tenant, err = update(t.Context(), copying(t, s, directory), to, noDrift(t, copying(t, s, directory), "acme")); err != nil {
				t.Fatal(explain(err))
			}
			owned(t, s, tenant.DatabaseName, 7)
		}
		owned(t, s, tenant.DatabaseName, 9)
		e = copying(t, s, directory)
		take(t, e, "acme", "before")
		_, tenant, err := update(t.Context(), e, landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "store@2.0.0", Modules: []string{"extra"}, AllowDestructive: true}, tenant)
		must(t, err)
		owned(t, s, tenant.DatabaseName, 9)
		restored, err := copying(t, s, directory).Restore(t.Context(), landlord.RestoreSpec{Tenant: "acme", Checkpoint: "before"}, "")
		must(t, err)
		owned(t, s, restored.DatabaseName, 9)
		if got := ownersOf(t, s); len(got) != 2 {
			t.Errorf("owners: %v", got)
		}
		must(t, copying(t, s, directory).DeleteRestore(t.Context(), restored.ID))
		_, err = copying(t, s, directory).Restore(t.Context(), landlord.RestoreSpec{Tenant: "acme", Checkpoint: "before", Mode: landlord.RestoreInPlace, AllowDestructive: true}, "")
		must(t, err)
		owned(t, s, tenant.DatabaseName, 9)
		noDrift(t, copying(t, s, directory), "acme")
		must(t, copying(t, s, directory).DeleteTenant(t.Context(), "acme", landlord.DeleteOptions{Policy: landlord.DeletionDrop, AllowDestructive: true}))
		if got := ownersOf(t, s); len(got) != 0 {
			t.Errorf("owners: %v", got)
		}
	})
}

// TestOwner_deletion completes a deletion that was cut off when the database was
// gone: the owner account goes too.
func TestOwner_deletion(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		_, tenant := shopTenant(t, s, "acme")
		if got := ownersOf(t, s); len(got) != 1 {
			t.Errorf("owners: %v", got)
		}
		s.Exec(t, "UPDATE "+s.LandlordDatabase+".tenants SET status = 'dropping'", "DROP DATABASE "+tenant.DatabaseName)
		err := engineOn(t, s).DeleteTenant(t.Context(), "acme", landlord.DeleteOptions{Policy: landlord.DeletionDrop})
		if err != nil {
			t.Fatal(explain(err))
		}
		if got := ownersOf(t, s); len(got) != 0 {
			t.Errorf("owners: %v", got)
		}
	})
}
