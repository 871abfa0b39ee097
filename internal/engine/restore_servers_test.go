package engine_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestRestore_otherServer keeps the registry on one server and the tenant on
// another, of another make, and kills the restore between the two.
func TestRestore_otherServer(t *testing.T) {
	t.Parallel()
	kinds := mysqltest.Kinds(t)
	if len(kinds) < 2 {
		t.Skip("one kind of server is there only")
	}
	main, eu := mysqltest.On(t, kinds[0]), mysqltest.On(t, kinds[1])
	there := func(c *landlord.Config) {
		c.Servers = map[string]engine.ServerConfig{"eu": {Endpoint: eu.Endpoint(), Username: eu.Username, Password: eu.Password, MaxConnections: 1}}
	}
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		for _, name := range []string{main.LandlordDatabase, main.LandlordDatabase + "_retired", main.LandlordDatabase + "_retired_1_" + beforeInPlace, main.Prefix + "acme", main.Prefix + "acme__restore_" + beforeInPlace} {
			if _, err := eu.DB().ExecContext(ctx, "DROP DATABASE IF EXISTS "+name); err != nil {
				t.Error(err)
			}
		}
	})
	directory := t.TempDir()
	e := copying(t, main, directory, there)
	publish(t, e, store("1.0.0"))
	publish(t, e, nextStore())
	_, tenant := create(t, e, landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "store@1.0.0", Server: "eu"})
	db := tenant.DatabaseName
	eu.Exec(t, "INSERT INTO "+db+".orders (customer_id, total) VALUES (1, 10)")
	want := contents(t, eu, db)
	take(t, e, "acme", "before")
	spec := landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "store@2.0.0", Server: "eu", AllowDestructive: true}
	if _, _, err := update(t.Context(), e, spec, tenant); err != nil {
		t.Fatal(explain(err))
	}
	v := copyingVictim(main, directory)
	there(&v.Config)
	v.Restore = &landlord.RestoreSpec{Tenant: "acme", Checkpoint: "before", Mode: landlord.RestoreInPlace, AllowDestructive: true}
	v.KillAt = "between ledger and registry"
	if !v.run(t) {
		t.Fatal("the process was not killed")
	}
	next := copying(t, main, directory, there)
	half, err := next.Tenant(t.Context(), "acme")
	if err != nil || half.UpdateStatus != landlord.UpdateInterrupted {
		t.Fatalf("interrupted: %+v, %v", half, err)
	}
	if _, err := next.Restore(t.Context(), *v.Restore, ""); err != nil {
		t.Fatal(explain(err))
	}
	if diff := cmp.Diff(want, contents(t, eu, db)); diff != "" {
		t.Errorf("the tenant (-before +restored):\n%s", diff)
	}
	back, err := copying(t, main, directory, there).Tenant(t.Context(), "acme")
	if err != nil || back.Template != "store@1.0.0" || back.UpdateStatus != landlord.UpdateCurrent || len(back.Drift) != 0 {
		t.Errorf("tenant: %+v, %v", back, err)
	}
}

// TestRestore_sequence brings a tenant back whose table takes its numbers from a
// sequence, which MariaDB names with its database.
func TestRestore_sequence(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		if !s.Kind.IsMariaDB() {
			t.Skip("there are no sequences")
		}
		e := copying(t, s, t.TempDir())
		tenant := stocked(t, s, e, "acme")
		db := tenant.DatabaseName
		s.Exec(t, "CREATE SEQUENCE "+db+".numbers START WITH 100", "CREATE TABLE "+db+".tickets (id INT PRIMARY KEY DEFAULT (NEXT VALUE FOR "+db+".numbers), what VARCHAR(10))",
			"INSERT INTO "+db+".tickets (what) VALUES ('a'), ('b')")
		want := s.QueryRows(t, "SELECT * FROM "+db+".tickets ORDER BY 1")
		take(t, e, "acme", "before")
		s.Exec(t, "DELETE FROM "+db+".tickets")
		_, err := e.Restore(t.Context(), landlord.RestoreSpec{Tenant: "acme", Checkpoint: "before", Mode: landlord.RestoreInPlace, AllowDestructive: true}, "")
		if err != nil {
			t.Fatal(explain(err))
		}
		if diff := cmp.Diff(want, s.QueryRows(t, "SELECT * FROM "+db+".tickets ORDER BY 1")); diff != "" {
			t.Errorf("tickets (-before +restored):\n%s", diff)
		}
		s.Exec(t, "INSERT INTO "+db+".tickets (what) VALUES ('c')")
	})
}
