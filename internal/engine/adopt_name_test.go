package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestAdopt_name takes databases over under the names that they have, and no
// others.
func TestAdopt_name(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		publish(t, e, landlord.TemplateSpec{Name: "old", Version: "1.0.0", Core: map[string]string{"1.sql": "CREATE TABLE a (id INT NOT NULL PRIMARY KEY);"}})
		old := s.Prefix + "Old `Shop`"
		s.Exec(t, "CREATE DATABASE "+mysqltest.QuoteName(old))
		old = s.QueryRows(t, "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE ?", s.Prefix+"%`")[0][0] // some servers keep all names in lower case
		shown := "tenant_" + strings.TrimPrefix(old, s.Prefix)
		runIn(t, s, old, "CREATE TABLE a (id INT NOT NULL PRIMARY KEY) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci", "INSERT INTO a VALUES (7)")
		spec := landlord.TenantSpec{Slug: "ann", Name: "Ann", Template: "old@1.0.0", Database: old}

		_, err := e.PlanTenant(t.Context(), spec, nil)
		refuses(t, s, err, "Database name is not for new tenants [database_name]\nTenant `ann` is to be made, and `database_name` is `"+shown+"`. "+
			"A name that the slug does not make is for a database that is there already, and keeps its name when it is adopted.\n\n"+
			"To adopt the database, import it with the ID `ann="+shown+"`. To make a new one, leave `database_name` out.")
		ours := spec
		ours.Database = s.LandlordDatabase
		_, err = e.PlanTenant(t.Context(), ours, nil)
		refuses(t, s, err, "Database cannot be adopted [database_name]\nThe database `landlord` is one that the provider makes for itself.\n\nCorrect `database_name`.")

		found, err := e.ReadTenant(t.Context(), "ann", landlord.PriorTenant{Database: old})
		if err != nil || found.DatabaseName != old || found.Registered {
			t.Fatalf("found is %+v, %v", found, err)
		}
		before := landlord.PriorTenant{Database: old}
		plan, err := e.PlanTenant(t.Context(), spec, &before)
		if err != nil || !plan.Adopt || len(plan.Steps) > 0 || plan.DatabaseName != old {
			t.Fatalf("planned is %+v, %s", plan, said(err))
		}
		if _, err := e.UpdateTenant(t.Context(), spec, before, plan.Digest); err != nil {
			t.Fatal(explain(err))
		}
		standing := func() string {
			return fmt.Sprint(s.QueryRows(t, "SELECT slug, database_name, applied_version FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".tenants"), s.QueryRows(t, "SELECT id FROM "+mysqltest.QuoteName(old)+".a"))
		}
		want := fmt.Sprintf("[[ann %s 1.0.0]] [[7]]", old)
		if got := standing(); got != want {
			t.Errorf("adopted: %s", got)
		}

		second := spec
		second.Slug = "bob"
		_, err = e.PlanTenant(t.Context(), second, &before)
		refuses(t, s, err, "Two tenants would share a database [database_name]\nThe database `"+shown+"` is that of tenant `ann`, and `database_name` of tenant `bob`.\n\n"+
			"Correct `database_name`, or remove one of the two tenants.")
		other := spec
		other.Database = s.Prefix + "other"
		known, err := e.Tenant(t.Context(), "ann")
		if err != nil {
			t.Fatal(explain(err))
		}
		state := prior(known)
		state.Database = old
		_, err = e.PlanTenant(t.Context(), other, &state)
		refuses(t, s, err, "Database of a tenant keeps its name [database_name]\nThe database of tenant `ann` is `"+shown+"`, and `database_name` is `tenant_other`.\n\n"+
			"Set `database_name = \""+shown+"\"`, or leave it out. Another database is another tenant, with another slug.")
		plain := spec
		plain.Database = ""
		if plan, err := e.PlanTenant(t.Context(), plain, &state); err != nil || plan.HasWork() || plan.DatabaseName != old {
			t.Errorf("without the name: %+v, %s", plan, said(err))
		}

		s.Exec(t, "DROP DATABASE "+mysqltest.QuoteName(s.LandlordDatabase)) // the state is all that is left
		later := engineOn(t, s)
		publish(t, later, landlord.TemplateSpec{Name: "old", Version: "1.0.0", Core: map[string]string{"1.sql": "CREATE TABLE a (id INT NOT NULL PRIMARY KEY);"}})
		lost, err := later.ReadTenant(t.Context(), "ann", state)
		if err != nil || !lost.Behind || lost.DatabaseName != old {
			t.Fatalf("lost is %+v, %s", lost, said(err))
		}
		state.Fingerprint = lost.SchemaFingerprint
		if plan, err = later.PlanTenant(t.Context(), spec, &state); err != nil || len(plan.Steps) > 0 {
			t.Fatalf("planned anew: %+v, %s", plan, said(err))
		}
		err = later.PlanDelete(t.Context(), "ann", landlord.DeleteOptions{Policy: landlord.DeletionDrop, AllowDestructive: true, At: landlord.Whereabouts{Database: old}})
		refuses(t, s, err, "Tenant to destroy is not registered [slug]\nThe landlord database does not know tenant `ann`, and its database `"+shown+"` is on the main server. Nothing was touched.\n\n"+
			"Apply the tenant first, which registers it anew, and destroy it then. To only forget it in Terraform, use a `removed` block with `destroy = false`.")
		if _, err := later.UpdateTenant(t.Context(), spec, state, plan.Digest); err != nil {
			t.Fatal(explain(err))
		}
		if got := standing(); got != want {
			t.Errorf("registered anew: %s", got)
		}
		if err := later.NewRun().DeleteTenant(t.Context(), "ann", landlord.DeleteOptions{Policy: landlord.DeletionDrop, AllowDestructive: true}); err != nil {
			t.Fatal(explain(err))
		}
		if len(s.QueryRows(t, "SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?", old)) > 0 {
			t.Error("the database is left")
		}
	})
}

// TestAdopt_names reads many tenants under names of their own with as many statements
// as a few.
func TestAdopt_names(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	apart := func(c *landlord.Config) { c.Prefix = s.Prefix + "new_" }
	e := engineOn(t, s, apart)
	publish(t, e, landlord.TemplateSpec{Name: "old", Version: "1.0.0", Core: map[string]string{"1.sql": "CREATE TABLE a (id INT NOT NULL PRIMARY KEY);"}})
	recording := s.Record(t)
	count := func(tenants int) int {
		t.Helper()
		e := engineOn(t, s, apart, func(c *landlord.Config) { c.Main.Username, c.Main.Password = recording.Username, recording.Password })
		recording.Reset(t)
		for i := range tenants {
			if found, err := e.Tenant(t.Context(), fmt.Sprintf("t%d", i)); err != nil || !found.Registered || found.DatabaseMissing {
				t.Fatalf("%+v, %s", found, said(err))
			}
		}
		return recording.Count(t)
	}
	var few int
	for i := range 9 {
		name := fmt.Sprintf("%sshop%d", s.Prefix, i)
		s.Exec(t, "CREATE DATABASE "+mysqltest.QuoteName(name), "CREATE TABLE "+mysqltest.QuoteName(name)+".a (id INT NOT NULL PRIMARY KEY) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci")
		before := landlord.PriorTenant{Database: name}
		if _, err := e.UpdateTenant(t.Context(), landlord.TenantSpec{Slug: fmt.Sprintf("t%d", i), Name: "T", Template: "old@1.0.0", Database: name}, before, ""); err != nil {
			t.Fatal(explain(err))
		}
		if i == 1 {
			few = count(2)
		}
	}
	if many := count(9); many != few {
		t.Errorf("2 tenants are read with %d statements, 9 with %d", few, many)
	}
}
