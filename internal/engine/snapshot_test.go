package engine_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/drift"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
	"github.com/landlord-db/terraform-provider-landlord/tools/shared"
)

// takeSnapshot takes a snapshot with an engine of its own.
func takeSnapshot(t *testing.T, s *mysqltest.Server, source drift.SnapshotSource) *drift.Snapshot {
	t.Helper()
	taken, err := engineOn(t, s).Snapshot(t.Context(), source)
	if err != nil {
		t.Fatal(explain(err))
	}
	return taken
}

// loadsBack loads a snapshot into empty databases, statement by statement and as
// a script, and compares.
func loadsBack(t *testing.T, s *mysqltest.Server, what string, taken *drift.Snapshot) {
	t.Helper()
	if taken.Obstacle != "" {
		t.Errorf("%s: %s", what, taken.Obstacle)
		return
	}
	script, err := engine.SplitSQL(taken.SQL)
	if err != nil {
		t.Fatalf("%s: %s", what, explain(err))
	}
	for way, statements := range map[string][]string{"statements": taken.Statements, "script": script} {
		database := s.Prefix + "back"
		s.Exec(t, "CREATE DATABASE "+database+" CHARACTER SET ascii")
		runIn(t, s, database, statements...)
		again := takeSnapshot(t, s, drift.SnapshotSource{Database: database})
		if again.Fingerprint != taken.Fingerprint {
			t.Errorf("%s, loaded from %s: another fingerprint\n%s", what, way, cmp.Diff(texts(taken), texts(again)))
		}
		s.Exec(t, "DROP DATABASE "+database)
	}
}

// texts are the texts of a snapshot.
func texts(s *drift.Snapshot) []string {
	out := []string{s.CharacterSet + " " + s.Collation}
	for _, o := range s.Tables {
		out = append(out, o.SQL)
	}
	for _, o := range s.Objects {
		out = append(out, o.SQL)
	}
	return out
}

func TestSnapshot_loads(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		publish(t, e, zoo(s))
		create(t, e, landlord.TenantSpec{Slug: "zoo", Name: "Zoo", Template: "zoo@1.0.0"})
		taken := takeSnapshot(t, s, drift.SnapshotSource{Tenant: "zoo"})
		loadsBack(t, s, "zoo", taken)
		rendered := takeSnapshot(t, s, drift.SnapshotSource{Template: "zoo@1.0.0"})
		if rendered.Fingerprint != taken.Fingerprint || rendered.DatabaseName != "" || taken.DatabaseName != s.Prefix+"zoo" {
			t.Errorf("the template has %q, the tenant %q", rendered.Fingerprint, taken.Fingerprint)
		}
		for _, folder := range shared.Paths(t, "corpus", "*") {
			if strings.Contains(folder, "torture") {
				continue // with settings of the server that only a session could have
			}
			database := s.Prefix + filepath.Base(folder)
			load(t, s, database, folder)
			loadsBack(t, s, folder, takeSnapshot(t, s, drift.SnapshotSource{Database: database}))
		}
	})
}

// TestSnapshot_origins has something of everybody in one schema.
func TestSnapshot_origins(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		spec := shop("1.0.0")
		spec.Optional["delivery.sql"] = "CREATE TABLE couriers (id INT NOT NULL PRIMARY KEY);\nALTER TABLE orders ADD COLUMN courier_id INT NULL, ADD KEY ix_courier (courier_id), ADD FOREIGN KEY (courier_id) REFERENCES couriers (id);"
		spec.Optional["loyalty.sql"] += "\nALTER TABLE orders ADD COLUMN earned INT NOT NULL DEFAULT 0;"
		publish(t, e, spec)
		create(t, e, landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0", Modules: []string{"delivery", "loyalty"}})
		mustCustomize(t, e, visits("acme"), nil)
		runIn(t, s, s.Prefix+"acme", "CREATE TABLE hand (id INT NOT NULL PRIMARY KEY)", "ALTER TABLE visits ADD COLUMN by_hand INT NULL", "ALTER TABLE orders ADD COLUMN by_hand INT NULL, ADD CONSTRAINT ck_hand CHECK (by_hand > 0)")

		got := takeSnapshot(t, s, drift.SnapshotSource{Tenant: "acme"})
		want := []string{
			"couriers module delivery", "customers core", "customers.ix_vip customization visits", "customers.vip_level customization visits",
			"hand unknown", "order_totals core", "orders core", "orders.by_hand unknown", "orders.ck_hand unknown", "orders.courier_id module delivery",
			"orders.earned module loyalty", "orders.ix_courier module delivery", "orders.orders_ibfk_1 module delivery", "orders_vip customization visits", "points module loyalty",
			"vip_customers customization visits", "vip_of customization visits", "visits customization visits", "visits.by_hand unknown",
		}
		if diff := cmp.Diff(want, originsIn(got)); diff != "" {
			t.Errorf("origins (-want +got):\n%s", diff)
		}
		text, err := got.JSON()
		if err != nil {
			t.Fatal(err)
		}
		checkJSON(t, text)
		whole := takeSnapshot(t, s, drift.SnapshotSource{Database: s.Prefix + "acme"})
		if diff := cmp.Diff(want, originsIn(whole)); diff != "" {
			t.Errorf("origins of the tenant's database (-want +got):\n%s", diff)
		}
		template := takeSnapshot(t, s, drift.SnapshotSource{Template: "shop@1.0.0", Modules: []string{"loyalty"}})
		if diff := cmp.Diff([]string{"customers core", "order_totals core", "orders core", "orders.earned module loyalty", "points module loyalty"}, originsIn(template)); diff != "" {
			t.Errorf("origins of the template (-want +got):\n%s", diff)
		}
		foreign := takeSnapshot(t, s, drift.SnapshotSource{Database: s.LandlordDatabase})
		if i := slices.IndexFunc(foreign.Tables, func(x drift.SnapshotTable) bool { return x.Name == "tenants" }); i < 0 || foreign.Tables[i].Origin != "unknown" {
			t.Errorf("the landlord database: %v", originsIn(foreign))
		}
	})
}

// originsIn lists objects, and the elements that come from elsewhere.
func originsIn(s *drift.Snapshot) []string {
	var out []string
	for i := range s.Tables {
		x := &s.Tables[i]
		out = append(out, x.Name+" "+x.Origin)
		note := func(name, origin string) {
			if origin != x.Origin {
				out = append(out, x.Name+"."+name+" "+origin)
			}
		}
		for _, c := range x.Columns {
			note(c.Name, x.OriginOf(c.Element()))
		}
		for _, k := range x.Keys {
			note(k.Name, x.OriginOf(k.Element()))
		}
		for _, f := range x.ForeignKeys {
			note(f.Name, x.OriginOf(f.Element()))
		}
		for _, c := range x.Checks {
			note(c.Name, x.OriginOf(c.Element()))
		}
	}
	for _, o := range s.Objects {
		out = append(out, o.Name+" "+o.Origin)
	}
	slices.Sort(out)
	return out
}

func checkJSON(t *testing.T, text string) {
	t.Helper()
	var got struct {
		Collation string
		Tables    []struct {
			Name, Origin, SQL string
			Columns           []struct{ Name, Type string }
			Origins           map[string]string
		}
		Objects []struct{ Kind, Name, Table, Origin string }
	}
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(got.Tables, func(x struct {
		Name, Origin, SQL string
		Columns           []struct{ Name, Type string }
		Origins           map[string]string
	}) bool {
		return x.Name == "customers"
	})
	if i < 0 || got.Tables[i].Columns[0].Name != "id" || got.Tables[i].SQL == "" {
		t.Fatalf("JSON: %s", text)
	}
	if diff := cmp.Diff(map[string]string{"column `vip_level`": "customization visits", "key `ix_vip`": "customization visits"}, got.Tables[i].Origins); diff != "" {
		t.Errorf("origins in JSON (-want +got):\n%s", diff)
	}
	var others []string
	for _, o := range got.Objects {
		others = append(others, fmt.Sprint(o.Kind, " ", o.Name, " ", o.Table))
	}
	if diff := cmp.Diff([]string{"function vip_of ", "trigger orders_vip orders", "view order_totals ", "view vip_customers "}, others); diff != "" {
		t.Errorf("objects in JSON (-want +got):\n%s", diff)
	}
	if got.Collation != "utf8mb4_unicode_ci" {
		t.Errorf("collation %q", got.Collation)
	}
}

func TestSnapshot_refused(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := engineOn(t, s)
	publish(t, e, shop("1.0.0"))
	spec := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "shop@1.0.0"}
	tests := map[string]struct {
		source drift.SnapshotSource
		want   string
	}{
		"tenant": {drift.SnapshotSource{Tenant: "nobody"}, "Tenant is not known [tenant]\nThe landlord database has no tenant `nobody`, and no tenant of this run that was planned so far has that slug.\n\n" +
			"Refer to `slug` of a `landlord_tenant`, so that Terraform knows the order, or correct the slug."},
		"database": {drift.SnapshotSource{Database: "nothing_of_that_name"}, "Database cannot be read [database]\nThe server has no database `nothing_of_that_name`, or it belongs to the server itself.\n\nCorrect `database`, or `server`."},
		"server's": {drift.SnapshotSource{Database: "sys"}, "Database cannot be read [database]\nThe server has no database `sys`, or it belongs to the server itself.\n\nCorrect `database`, or `server`."},
	}
	for name, test := range tests {
		_, err := engineOn(t, s).Snapshot(t.Context(), test.source)
		if err == nil || explain(err) != test.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := e.PlanTenant(t.Context(), spec, nil); err != nil {
		t.Fatal(explain(err))
	}
	_, err := e.Snapshot(t.Context(), drift.SnapshotSource{Tenant: "acme"})
	wantProblem(t, err, "Tenant does not exist yet [tenant]\nThis run creates the tenant `acme`; there is no schema to read before.\n\n"+
		"Let the data source depend on the tenant with `depends_on`, so that it is read after the apply, or take the snapshot of the template.")
	create(t, e, spec)
	s.Exec(t, "DROP DATABASE "+s.Prefix+"acme")
	_, err = engineOn(t, s).Snapshot(t.Context(), drift.SnapshotSource{Tenant: "acme"})
	wantProblem(t, err, "Tenant database is missing [tenant]\nThe server has no database `"+s.Prefix+"acme` of tenant `acme`.\n\nApply the tenant to make it anew, or restore it.")
}
