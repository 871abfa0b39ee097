package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/customization"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestCustomization_ownDatabase names the tenant's own database in every part of
// a customization. Trying it touches a scratch database only, and what is made
// does not hold the name.
func TestCustomization_ownDatabase(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e, tenant := shopTenant(t, s, "acme")
		db := tenant.DatabaseName
		qualified := strings.NewReplacer("own.", mysqltest.QuoteName(db)+" . ", "OWN.", db+".").Replace
		spec := customization.Spec{Tenant: "acme", Name: "notes", Reason: "a test", Patch: landlord.CustomizationPatch{
			Tables:  map[string]string{"notes": qualified("CREATE TABLE own.notes (id INT PRIMARY KEY, customer_id INT, CONSTRAINT fk_notes FOREIGN KEY (customer_id) REFERENCES OWN.customers (id))")},
			Columns: []landlord.CustomizationColumn{{Table: "customers", Name: "tag", Definition: "VARCHAR(20) NULL"}},
			Views:   map[string]string{"noted": qualified("SELECT own.customers.id, n.id AS note FROM OWN.customers, own.notes n")},
			SQL: qualified("CREATE TRIGGER own.stamp BEFORE INSERT ON OWN.notes FOR EACH ROW UPDATE OWN.customers SET tag = 'x' WHERE OWN.customers.id = NEW.customer_id;\n" +
				"CREATE PROCEDURE OWN.tidy() DELETE FROM OWN.notes WHERE id < 0;\n" +
				"CREATE EVENT OWN.nightly ON SCHEDULE EVERY 1 DAY DO DELETE FROM own.notes WHERE id < 0;\n" +
				"CREATE INDEX ix_tag ON OWN.customers (tag)"),
		}}
		before := s.QueryRows(t, "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?", db)
		if _, err := e.PlanCustomization(t.Context(), spec, nil); err != nil {
			t.Fatal(explain(err))
		}
		if after := s.QueryRows(t, "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?", db); after[0][0] != before[0][0] {
			t.Errorf("the plan has made tables: %v, then %v", before, after)
		}
		_, made := mustCustomize(t, engineOn(t, s), spec, nil)
		if len(made.Objects) != 7 {
			t.Errorf("made: %v", objects(made.Objects))
		}
		noDrift(t, engineOn(t, s), "acme")
		for _, text := range s.QueryRows(t, "SELECT ROUTINE_DEFINITION FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ? UNION ALL SELECT EVENT_DEFINITION FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ?"+
			" UNION ALL SELECT ACTION_STATEMENT FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ?", db, db, db) {
			if strings.Contains(text[0], db) || strings.Contains(text[0], "  ") {
				t.Errorf("a program holds the name of the database, or what is left of it: %s", text[0])
			}
		}
		spec.Name, spec.Patch = "other", landlord.CustomizationPatch{Views: map[string]string{"v": "SELECT " + db + ".id FROM " + db + ".customers AS " + db}}
		_, err := engineOn(t, s).PlanCustomization(t.Context(), spec, nil)
		wantProblem(t, err, fmt.Sprintf("Customization cannot be used [views.v]\nviews.v:1:%d: Another database is named: `%s` is the tenant's own database, and stands for something else here. "+
			"Choose another name, or leave the database out where it is named: it is the default.", len("SELECT .id FROM .customers AS ")+2*len(db)+1, db))
	})
}

// TestGuard_databasesOfTheServer: what is new names no database of the server,
// whoever's it is; what is recorded stays usable when such a database is made. They
// are listed once in a run.
func TestGuard_databasesOfTheServer(t *testing.T) {
	t.Parallel()
	s := mysqltest.On(t, mysqltest.Kinds(t)[0])
	shopTenant(t, s, "acme")
	billing := s.LandlordDatabase + "x_billing" // neither the prefix of tenants nor one of the landlord's
	recording := s.Record(t)
	run := func() *engine.Engine {
		return engineOn(t, s, func(c *landlord.Config) { c.Main.Username, c.Main.Password = recording.Username, recording.Password })
	}
	view := func(name string) customization.Spec {
		return customization.Spec{Tenant: "acme", Name: name, Reason: "a test", Patch: landlord.CustomizationPatch{
			Views: map[string]string{name: "SELECT " + billing + ".id FROM customers AS " + billing}}}
	}
	first := view("first")
	_, made := mustCustomize(t, run(), first, nil)
	published := shop("1.1.0")
	published.Core["009_view.sql"] = "CREATE VIEW named AS SELECT " + billing + ".id FROM customers AS " + billing
	publish(t, run(), published)

	s.Exec(t, "CREATE DATABASE "+billing)
	t.Cleanup(func() { _, _ = s.DB().ExecContext(context.Background(), "DROP DATABASE IF EXISTS "+billing) })
	recording.Reset(t)
	e := run()
	if _, err := e.PlanCustomization(t.Context(), first, &customization.PriorCustomization{Objects: made.Objects}); err != nil {
		t.Errorf("a recorded customization is refused: %s", explain(err))
	}
	if _, err := e.PlanTemplate(t.Context(), published); err != nil {
		t.Errorf("a published template is refused: %s", explain(err))
	}
	const why = "is a database of others, or has a name that is kept for them. Everything has to stay in the tenant's own database: if it is an alias or a table here, choose another name."
	_, err := e.PlanCustomization(t.Context(), view("second"), nil)
	wantProblem(t, err, "Customization cannot be used [views.second]\nviews.second:1:8: Another database is named: `"+billing+"` "+why)
	next := published
	next.Version = "1.2.0"
	next.Core = shop("1.2.0").Core
	next.Core["009_view.sql"] = "CREATE VIEW named AS SELECT " + billing + ".email FROM customers AS " + billing
	_, err = e.PlanTemplate(t.Context(), next)
	wantProblem(t, err, "Template does not fit together []\ncore/009_view.sql:1:29: error: Another database is named: `"+billing+"` "+why)
	asked := 0
	for _, statement := range recording.Statements(t) {
		if strings.HasSuffix(statement, "FROM information_schema.SCHEMATA") {
			asked++
		}
	}
	if asked != 1 {
		t.Errorf("the databases are listed %d times: %q", asked, recording.Statements(t))
	}
}
