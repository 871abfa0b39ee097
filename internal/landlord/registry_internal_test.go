package landlord

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// trip is one test of the statements on a table: values go in through the
// functions of the registry and come back equal.
type trip struct {
	*testing.T
	r *registry
	x *mysql.Session
}

// ok ends the test when a statement failed.
func (t *trip) ok(err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// same compares two values of the registry, unexported fields included.
func (t *trip) same(what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got, cmp.Exporter(func(reflect.Type) bool { return true })); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// made checks a time that the server wrote, and clears it for a comparison.
func (t *trip) made(at ...*time.Time) {
	t.Helper()
	for _, a := range at {
		if d := time.Since(*a); d > time.Hour || d < -time.Hour {
			t.Errorf("the server wrote %s", a)
		}
		*a = time.Time{}
	}
}

// trips are the tests by table. Every table of the landlord database has one.
func trips() map[string]func(*trip) {
	return map[string]func(*trip){
		"landlord_versions":         tripVersions,
		"schemas":                   tripSchemas,
		"template_renderings":       tripRenderings,
		"tenant_templates":          tripTemplates,
		"tenants":                   tripTenants,
		"tenant_migrations_history": tripMigrations,
		"tenant_migration_steps":    tripSteps,
		"migration_statements":      tripStatements,
		"tenant_events":             tripEvents,
		"tenant_customizations":     tripCustomizations,
		"tenant_checkpoints":        tripCheckpoints,
		"tenant_restores":           tripRestores,
		"tenant_data_copies":        tripDataCopies,
		"tenant_data_copy_tables":   tripCopyProgress,
		"migration_approvals":       tripApprovals,
		"tenant_resolutions":        tripResolutions,
		"retired_objects":           tripRetired,
	}
}

// neverWritten are the columns that no statement writes.
var neverWritten = []string{"tenant_migration_steps.error"}

func TestRegistry_roundTrip(t *testing.T) {
	t.Parallel()
	if got, want := slices.Sorted(maps.Keys(trips())), registryTables(t); !slices.Equal(got, want) {
		t.Fatalf("the tables are %q, the tests are for %q", want, got)
	}
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		r, x := openRegistry(t, s)
		for _, table := range registryTables(t) {
			t.Run(table, func(t *testing.T) {
				trips()[table](&trip{T: t, r: r, x: x})
				for _, column := range emptyColumns(t, s, r.database, table) {
					if !slices.Contains(neverWritten, table+"."+column) {
						t.Errorf("nothing writes column `%s`", column)
					}
				}
			})
		}
	})
}

// TestRegistry_upgrade brings a landlord database of every earlier version to
// the present one: what it holds stays, and is read before and afterwards.
func TestRegistry_upgrade(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		upgrades, err := registryUpgrades()
		if err != nil {
			t.Fatal(err)
		}
		for _, old := range upgrades[:len(upgrades)-1] {
			t.Run(fmt.Sprint("from ", old.version), func(t *testing.T) {
				r, x := bareRegistry(t, s)
				r.database += fmt.Sprint("_", old.version)
				s.Exec(t, "CREATE DATABASE "+mysql.Quote(r.database)+withTenantCharacters)
				u := &trip{T: t, r: r, x: x}
				u.ok(x.Use(t.Context(), r.database))
				for _, up := range upgrades[:old.version] {
					for _, statement := range up.statements {
						_, err := x.Exec(t.Context(), statement)
						u.ok(err)
					}
				}
				s.Exec(t, "INSERT INTO "+r.table("landlord_versions")+fmt.Sprintf(" (version, provider_version) VALUES (%d, 'old')", old.version))
				want := &tenantRow{slug: "acme", name: "Acme", database: "tenant_acme", status: StatusCreating, template: "shop", desired: "1.0.0", running: "d"}
				want.id, err = r.insertTenant(t.Context(), x, want)
				u.ok(err)
				read := func(version int) {
					t.Helper()
					got, err := r.schemaVersion(t.Context(), x)
					u.ok(err)
					u.same("version", got, version)
					row, err := r.readTenant(t.Context(), x, "acme")
					u.ok(err)
					u.made(&row.createdAt)
					u.same("tenant", row, want)
					checkpoints, err := r.readCheckpoints(t.Context(), x)
					u.ok(err)
					u.same("checkpoints", len(checkpoints), 0)
					decisions, err := r.readDecisions(t.Context(), x)
					u.ok(err)
					u.same("decisions", len(decisions.byClash), 0)
				}
				read(old.version)
				u.ok(r.open(t.Context(), x))
				read(registryVersion)
				u.ok(r.insertCheckpoint(t.Context(), x, &checkpointRow{tenant: want.id, slug: "acme", name: "after"}))
			})
		}
	})
}

// registryTables returns the tables of the landlord database, sorted.
func registryTables(t *testing.T) []string {
	t.Helper()
	names, err := fs.Glob(registryFiles, "registry/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, name := range names {
		text, err := registryFiles.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile("CREATE TABLE (?:IF NOT EXISTS )?`?([a-z_]+)`? ").FindAllStringSubmatch(string(text), -1) {
			found[m[1]] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// bareRegistry returns a registry on a server that has no landlord database.
func bareRegistry(t *testing.T, s *mysqltest.Server) (*registry, *mysql.Session) {
	t.Helper()
	srv, err := mysql.Open(mysql.Config{Endpoint: s.Endpoint(), Username: s.Username, Password: s.Password})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = srv.Close() })
	x, err := srv.Session(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(x.Close)
	return &registry{database: s.LandlordDatabase, version: "test", lockTimeout: DefaultLockTimeout, now: time.Now,
		log: func(context.Context, string, map[string]any) {}}, x
}

func openRegistry(t *testing.T, s *mysqltest.Server) (*registry, *mysql.Session) {
	t.Helper()
	r, x := bareRegistry(t, s)
	if err := r.open(t.Context(), x); err != nil {
		t.Fatal(err)
	}
	return r, x
}

// emptyColumns returns the columns of a table that are NULL in every row.
func emptyColumns(t *testing.T, s *mysqltest.Server, database, table string) []string {
	t.Helper()
	var out []string
	const columns = "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION"
	for _, row := range s.QueryRows(t, columns, database, table) {
		filled := s.QueryRows(t, "SELECT COUNT("+mysql.Quote(row[0])+") > 0 FROM "+mysql.Qualified(database, table))
		if filled[0][0] != "1" {
			out = append(out, row[0])
		}
	}
	return out
}

func tripVersions(t *trip) {
	version, err := t.r.schemaVersion(t.Context(), t.x)
	t.ok(err)
	t.same("version", version, registryVersion)
	t.ok(t.r.open(t.Context(), t.x)) // nothing is left to do
}

func testSchema(column string) (ddl.Fingerprint, ddl.Schema) {
	schema := ddl.Schema{CharacterSet: "utf8mb4", Collation: "utf8mb4_bin", Objects: []ddl.Object{
		{Kind: ddl.KindTable, Name: "t", SQL: "CREATE TABLE `t` (`" + column + "` int)"},
		{Kind: ddl.KindView, Name: "v", SQL: "select 1", SQLMode: "ANSI", CharacterSetClient: "utf8mb4", CollationConnection: "utf8mb4_bin"},
	}}
	return ddl.FingerprintOf(map[string]string{"table t": column, "view v": "2"}), schema
}

func tripSchemas(t *trip) {
	f, schema := testSchema("größe")
	for range 2 { // once per fingerprint
		t.ok(t.r.writeSchema(t.Context(), t.x, f, schema))
	}
	got, err := t.r.readSchema(t.Context(), t.x, f.Whole)
	t.ok(err)
	t.same("schema", got, &storedSchema{Fingerprint: f, Schema: schema})
	objects, err := t.r.readSchemaObjects(t.Context(), t.x, []string{f.Whole, "none"})
	t.ok(err)
	t.same("objects", objects, map[string]map[string]string{f.Whole: f.Objects})
	got, err = t.r.readSchema(t.Context(), t.x, "none")
	t.ok(err)
	t.same("no schema", got, (*storedSchema)(nil))
}

func tripRenderings(t *trip) {
	f, schema := testSchema("rendered")
	t.ok(t.r.writeRendering(t.Context(), t.x, "composition", "key", f, schema))
	got, err := t.r.readRendering(t.Context(), t.x, "composition", "key")
	t.ok(err)
	t.same("rendering", got, &storedSchema{Fingerprint: f, Schema: schema})
	got, err = t.r.readRendering(t.Context(), t.x, "composition", "another")
	t.ok(err)
	t.same("of another server", got, (*storedSchema)(nil))
}

func tripTemplates(t *trip) {
	f, schema := testSchema("template")
	shop := &template.Template{Name: "shop", Version: "1.0.0", Type: "web", Description: "a shop", Extends: "base@2.0.0",
		Core: []template.File{{Name: "a.sql", SQL: "CREATE TABLE t (a INT)"}}, FrozenTables: []string{"t"}}
	sum, err := t.r.readTemplateChecksum(t.Context(), t.x, shop.ID())
	t.ok(err)
	t.same("no checksum", sum, "")
	t.ok(t.r.insertTemplate(t.Context(), t.x, shop, f.Whole, schema))
	next := *shop
	next.Version = "1.1.0"
	t.ok(t.r.insertTemplate(t.Context(), t.x, &next, "", ddl.Schema{}))
	shop.Description, shop.Type = "another text", "shop"
	t.ok(t.r.describeTemplate(t.Context(), t.x, shop))
	got, err := t.r.readTemplate(t.Context(), t.x, shop.ID())
	t.ok(err)
	t.same("template", got, shop)
	sum, err = t.r.readTemplateChecksum(t.Context(), t.x, shop.ID())
	t.ok(err)
	t.same("checksum", sum, shop.Checksum())
	t.ok(t.r.setTemplateDatabase(t.Context(), t.x, next.ID(), "shop_copy"))
	copies, err := t.r.readTemplateDatabases(t.Context(), t.x, "shop")
	t.ok(err)
	t.same("copies", copies, map[string]string{"1.1.0": "shop_copy"})
	all, err := t.r.readTemplates(t.Context(), t.x)
	t.ok(err)
	t.same("all", all, map[template.ID]published{
		shop.ID(): {id: shop.ID(), templateType: "shop", parent: "base@2.0.0", checksum: shop.Checksum(), fingerprint: f.Whole},
		next.ID(): {id: next.ID(), templateType: "web", parent: "base@2.0.0", checksum: next.Checksum(), database: "shop_copy"},
	})
	children, err := t.r.readTemplateChildren(t.Context(), t.x, "base")
	t.ok(err)
	t.same("children", children, []string{"shop@1.0.0", "shop@1.1.0"})
	had, err := t.r.deleteTemplate(t.Context(), t.x, "base")
	t.ok(err)
	t.same("had none to delete", had, false)
}

func tripTenants(t *trip) {
	ctx := t.Context()
	want := &tenantRow{slug: "acme", name: "Acme", database: "tenant_acme", server: "eu", status: StatusCreating,
		metadata: map[string]string{"plan": "gold", "größe": "ü"}, template: "shop", desired: "1.0.0", modules: []string{"loyalty"}, running: "d1"}
	var err error
	want.id, err = t.r.insertTenant(ctx, t.x, want)
	t.ok(err)
	_, err = t.r.insertTenant(ctx, t.x, want)
	t.same("a second one of the slug is a duplicate", mysql.IsDuplicateKey(err), true)
	last := LastMigration{Digest: "d1", From: "", To: "shop@1.0.0", Steps: 3, AppliedAt: time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)}
	later := LastMigration{Digest: "d2", From: "shop@1.0.0", To: "shop@2.0.0", Steps: 1, AppliedAt: last.AppliedAt.Add(time.Hour)}
	grants := []mysql.DatabaseGrant{{User: "u", Host: "%", Database: "tenant_acme", Privileges: []string{"SELECT"}, Grantable: true}}
	steps := []struct {
		name string
		do   func() error
		want func(*tenantRow)
	}{
		{"inserted", func() error { return nil }, func(*tenantRow) {}},
		{"finished", func() error {
			return t.r.finishTenant(ctx, t.x, want.id, createdTenant{status: StatusActive, version: "1.0.0", composition: "c1", fingerprint: "f1", last: last})
		}, func(w *tenantRow) {
			w.status, w.applied, w.composition, w.initialSchema, w.currentSchema, w.running, w.last = StatusActive, "1.0.0", "c1", "f1", "f1", "", &last
		}},
		{"updating", func() error { return t.r.setTenantUpdating(ctx, t.x, want.id, "d2", "2.0.0") }, func(w *tenantRow) { w.running, w.desired = "d2", "2.0.0" }},
		{"updated", func() error {
			return t.r.updateTenant(ctx, t.x, want.id, tenantChange{name: "Acme 2", metadata: map[string]string{"plan": "none"}, current: "f2", last: &later,
				applied: &appliedVersion{template: "shop", version: "2.0.0", modules: []string{"a", "b"}, composition: "c2"}})
		}, func(w *tenantRow) {
			w.name, w.metadata, w.applied, w.modules, w.composition, w.currentSchema = "Acme 2", map[string]string{"plan": "none"}, "2.0.0", []string{"a", "b"}, "c2", "f2"
			w.running, w.last = "", &later
		}},
		{"only wants another version", func() error {
			return t.r.updateTenant(ctx, t.x, want.id, tenantChange{name: "Acme 3", desired: "3.0.0"})
		}, func(w *tenantRow) { w.name, w.metadata, w.desired = "Acme 3", nil, "3.0.0" }},
		{"running", func() error { return t.r.setTenantRunning(ctx, t.x, want.id, "d3") }, func(w *tenantRow) { w.running = "d3" }},
		{"given up", func() error { return t.r.setTenantRunning(ctx, t.x, want.id, "") }, func(w *tenantRow) { w.running = "" }},
		{"schema", func() error { return t.r.setTenantSchema(ctx, t.x, want.id, "f3") }, func(w *tenantRow) { w.currentSchema = "f3" }},
		{"renamed", func() error { return t.r.renameTenant(ctx, t.x, "acme", "Acme 4", map[string]string{"a": "b"}) },
			func(w *tenantRow) { w.name, w.metadata = "Acme 4", map[string]string{"a": "b"} }},
		{"status", func() error { return t.r.setTenantStatus(ctx, t.x, want.id, StatusSuspended) }, func(w *tenantRow) { w.status = StatusSuspended }},
		{"reverted", func() error {
			return t.r.revertTenant(ctx, t.x, &tenantRow{id: want.id, template: "shop", desired: "1.0.0", applied: "1.0.0", modules: []string{"m"},
				composition: "c1", currentSchema: "f1", last: &last})
		}, func(w *tenantRow) {
			w.desired, w.applied, w.modules, w.composition, w.currentSchema, w.last = "1.0.0", "1.0.0", []string{"m"}, "c1", "f1", &last
		}},
		{"created again", func() error {
			return t.r.recreateTenant(ctx, t.x, &tenantRow{id: want.id, name: "New", template: "base", desired: "9.0.0", running: "d9"})
		}, func(w *tenantRow) {
			w.name, w.status, w.metadata, w.template, w.desired, w.applied, w.modules, w.running = "New", StatusCreating, nil, "base", "9.0.0", "", nil, "d9"
		}},
		{"has its privileges", func() error { return t.r.setTenantLockedOut(ctx, t.x, want.id, nil) }, func(*tenantRow) {}},
	}
	for _, s := range steps {
		t.ok(s.do())
		s.want(want)
		got, err := t.r.readTenant(ctx, t.x, "acme")
		t.ok(err)
		t.made(&got.createdAt)
		t.same(s.name, got, want)
	}
	t.ok(t.r.setTenantLockedOut(ctx, t.x, want.id, grants))
	adopted := &tenantRow{slug: "old", name: "Old", database: "old_db", metadata: map[string]string{"x": "y"}}
	t.ok(t.r.insertAdopted(ctx, t.x, adopted, "f0"))
	all, err := t.r.readTenants(ctx, t.x)
	t.ok(err)
	slices.SortFunc(all, func(a, b *tenantRow) int { return int(a.id) - int(b.id) })
	var taken []mysql.DatabaseGrant
	t.ok(json.Unmarshal(all[0].lockedOut, &taken))
	t.same("privileges", taken, grants)
	want.lockedOut = all[0].lockedOut
	adopted.id, adopted.status, adopted.initialSchema, adopted.currentSchema = all[1].id, StatusActive, "f0", "f0"
	t.made(&all[0].createdAt, &all[1].createdAt)
	t.same("all", all, []*tenantRow{want, adopted})
	t.ok(t.r.updateTenant(ctx, t.x, want.id, tenantChange{name: "All", metadata: map[string]string{"a": "b"}, current: "f", last: &last,
		applied: &appliedVersion{template: "shop", version: "1.0.0", modules: []string{"m"}, composition: "c"}}))
	t.ok(t.r.setTenantUpdating(ctx, t.x, want.id, "d", "9.0.0"))
	t.ok(t.r.deleteTenant(ctx, t.x, adopted.id))
	got, err := t.r.readTenant(ctx, t.x, "old")
	t.ok(err)
	t.same("deleted", got, (*tenantRow)(nil))
}
