package registry

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
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// trip is one test of the statements on a table: values go in through the
// functions of the registry and come back equal.
type trip struct {
	*testing.T
	r *Store
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
		"landlord_settings":         tripSettings,
		"landlord_servers":          tripServers,
		"pool_tenants":              tripPool,
		"schemas":                   tripSchemas,
		"template_renderings":       tripRenderings,
		"tenant_templates":          tripTemplates,
		"tenants":                   tripTenants,
		"tenant_accounts":           tripAccounts,
		"tenant_standings":          tripStandings,
		"tenant_samples":            tripSamples,
		"plan_findings":             tripFindings,
		"tenant_migrations_history": func(t *trip) { tripMigrations(t); tripPast(t) },
		"tenant_migration_steps":    tripSteps,
		"migration_statements":      tripStatements,
		"tenant_events":             tripEvents,
		"tenant_customizations":     tripCustomizations,
		"tenant_checkpoints":        tripCheckpoints,
		"tenant_deletions":          tripDeletions,
		"tenant_restores":           tripRestores,
		"tenant_data_copies":        tripDataCopies,
		"tenant_data_copy_tables":   tripCopyProgress,
		"migration_approvals":       tripApprovals,
		"tenant_resolutions":        tripResolutions,
		"retired_objects":           tripRetired,
		"fleet_tenants":             tripFleets,
		"rollout_wishes":            tripWishes,
		"notification_outbox":       tripOutbox,
		"tenant_moves":              tripMoves,
		"rollouts":                  func(t *trip) { tripRollouts(t, "gyms") },
		"rollout_tenants":           func(t *trip) { tripRollouts(t, "saunas") },
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
				for _, column := range emptyColumns(t, s, r.Database, table) {
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
				r.Database += fmt.Sprint("_", old.version)
				s.Exec(t, "CREATE DATABASE "+mysql.Quote(r.Database)+landlord.WithTenantCharacters)
				u := &trip{T: t, r: r, x: x}
				u.ok(x.Use(t.Context(), r.Database))
				for _, up := range upgrades {
					if up.version > old.version {
						break
					}
					for _, statement := range up.statements {
						_, err := x.Exec(t.Context(), statement)
						u.ok(err)
					}
				}
				s.Exec(t, "INSERT INTO "+r.table("landlord_versions")+fmt.Sprintf(" (version, provider_version) VALUES (%d, 'old')", old.version))
				want := &TenantRow{Slug: "acme", Name: "Acme", Database: "tenant_acme", Status: landlord.StatusCreating, Template: "shop", Desired: "1.0.0", Running: "d"}
				want.ID, err = r.InsertTenant(t.Context(), x, want)
				u.ok(err)
				read := func(version int) {
					t.Helper()
					got, err := r.SchemaVersion(t.Context(), x)
					u.ok(err)
					u.same("version", got, version)
					row, err := r.ReadTenant(t.Context(), x, "acme")
					u.ok(err)
					u.made(&row.CreatedAt)
					u.same("tenant", row, want)
					checkpoints, err := r.ReadCheckpoints(t.Context(), x)
					u.ok(err)
					u.same("checkpoints", len(checkpoints), 0)
					decisions, err := r.ReadDecisions(t.Context(), x)
					u.ok(err)
					u.same("decisions", len(decisions.ByClash), 0)
				}
				read(old.version)
				u.ok(r.open(t.Context(), x))
				read(registryVersion)
				u.ok(r.InsertCheckpoint(t.Context(), x, &CheckpointRow{Tenant: want.ID, Slug: "acme", Name: "after"}))
			})
		}
	})
}

// registryTables returns the tables of the landlord database, sorted.
func registryTables(t *testing.T) []string {
	t.Helper()
	names, err := fs.Glob(registryFiles, "*.sql")
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
func bareRegistry(t *testing.T, s *mysqltest.Server) (*Store, *mysql.Session) {
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
	return &Store{Database: s.LandlordDatabase, version: "test", lockTimeout: landlord.DefaultLockTimeout, now: time.Now,
		log: func(context.Context, string, map[string]any) {}}, x
}

func openRegistry(t *testing.T, s *mysqltest.Server) (*Store, *mysql.Session) {
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
	version, err := t.r.SchemaVersion(t.Context(), t.x)
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
		t.ok(t.r.WriteSchema(t.Context(), t.x, f, schema))
	}
	got, err := t.r.ReadSchema(t.Context(), t.x, f.Whole)
	t.ok(err)
	t.same("schema", got, &StoredSchema{Fingerprint: f, Schema: schema})
	objects, err := t.r.ReadSchemaObjects(t.Context(), t.x, []string{f.Whole, "none"})
	t.ok(err)
	t.same("objects", objects, map[string]map[string]string{f.Whole: f.Objects})
	got, err = t.r.ReadSchema(t.Context(), t.x, "none")
	t.ok(err)
	t.same("no schema", got, (*StoredSchema)(nil))
}

func tripRenderings(t *trip) {
	f, schema := testSchema("rendered")
	t.ok(t.r.WriteRendering(t.Context(), t.x, "composition", "key", f, schema))
	got, err := t.r.ReadRendering(t.Context(), t.x, "composition", "key")
	t.ok(err)
	t.same("rendering", got, &StoredSchema{Fingerprint: f, Schema: schema})
	got, err = t.r.ReadRendering(t.Context(), t.x, "composition", "another")
	t.ok(err)
	t.same("of another server", got, (*StoredSchema)(nil))
}

func tripTemplates(t *trip) {
	f, schema := testSchema("template")
	shop := &template.Template{Name: "shop", Version: "1.0.0", Type: "web", Description: "a shop", Extends: "base@2.0.0",
		Core: []template.File{{Name: "a.sql", SQL: "CREATE TABLE t (a INT)"}}, FrozenTables: []string{"t"}}
	sum, err := t.r.ReadTemplateChecksum(t.Context(), t.x, shop.ID())
	t.ok(err)
	t.same("no checksum", sum, "")
	t.ok(t.r.InsertTemplate(t.Context(), t.x, shop, f.Whole, schema))
	next := *shop
	next.Version = "1.1.0"
	t.ok(t.r.InsertTemplate(t.Context(), t.x, &next, "", ddl.Schema{}))
	shop.Description, shop.Type = "another text", "shop"
	t.ok(t.r.DescribeTemplate(t.Context(), t.x, shop))
	got, err := t.r.ReadTemplate(t.Context(), t.x, shop.ID())
	t.ok(err)
	t.same("template", got, shop)
	sum, err = t.r.ReadTemplateChecksum(t.Context(), t.x, shop.ID())
	t.ok(err)
	t.same("checksum", sum, shop.Checksum())
	t.ok(t.r.SetTemplateDatabase(t.Context(), t.x, next.ID(), "shop_copy"))
	copies, err := t.r.ReadTemplateDatabases(t.Context(), t.x, "shop")
	t.ok(err)
	t.same("copies", copies, map[string]string{"1.1.0": "shop_copy"})
	all, err := t.r.ReadTemplates(t.Context(), t.x)
	t.ok(err)
	t.same("all", all, map[template.ID]Published{
		shop.ID(): {id: shop.ID(), TemplateType: "shop", parent: "base@2.0.0", Checksum: shop.Checksum(), Fingerprint: f.Whole},
		next.ID(): {id: next.ID(), TemplateType: "web", parent: "base@2.0.0", Checksum: next.Checksum(), Database: "shop_copy"},
	})
	children, err := t.r.ReadTemplateChildren(t.Context(), t.x, "base")
	t.ok(err)
	t.same("children", children, []string{"shop@1.0.0", "shop@1.1.0"})
	had, err := t.r.DeleteTemplate(t.Context(), t.x, "base")
	t.ok(err)
	t.same("had none to delete", had, false)
}

func tripTenants(t *trip) {
	ctx := t.Context()
	want := &TenantRow{Slug: "acme", Name: "Acme", Database: "tenant_acme", Server: "eu", Status: landlord.StatusCreating,
		Metadata: map[string]string{"plan": "gold", "größe": "ü"}, Template: "shop", Desired: "1.0.0", Modules: []string{"loyalty"}, Running: "d1"}
	var err error
	want.ID, err = t.r.InsertTenant(ctx, t.x, want)
	t.ok(err)
	_, err = t.r.InsertTenant(ctx, t.x, want)
	t.same("a second one of the slug is a duplicate", mysql.IsDuplicateKey(err), true)
	last := landlord.LastMigration{Digest: "d1", From: "", To: "shop@1.0.0", Steps: 3, AppliedAt: time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)}
	later := landlord.LastMigration{Digest: "d2", From: "shop@1.0.0", To: "shop@2.0.0", Steps: 1, AppliedAt: last.AppliedAt.Add(time.Hour)}
	grants := []privilege.DatabaseGrant{{User: "u", Host: "%", Database: "tenant_acme", Privileges: []string{"SELECT"}, Grantable: true}}
	steps := []struct {
		name string
		do   func() error
		want func(*TenantRow)
	}{
		{"inserted", func() error { return nil }, func(*TenantRow) {}},
		{"finished", func() error {
			return t.r.FinishTenant(ctx, t.x, want.ID, CreatedTenant{Status: landlord.StatusActive, Version: "1.0.0", Composition: "c1", Fingerprint: "f1", Last: last})
		}, func(w *TenantRow) {
			w.Status, w.Applied, w.Composition, w.InitialSchema, w.CurrentSchema, w.Running, w.Last = landlord.StatusActive, "1.0.0", "c1", "f1", "f1", "", &last
		}},
		{"updating", func() error { return t.r.SetTenantUpdating(ctx, t.x, want.ID, "d2", "2.0.0") }, func(w *TenantRow) { w.Running, w.Desired = "d2", "2.0.0" }},
		{"updated", func() error {
			return t.r.UpdateTenant(ctx, t.x, want.ID, TenantChange{Name: "Acme 2", Metadata: map[string]string{"plan": "none"}, Current: "f2", Last: &later,
				Applied: &AppliedVersion{Template: "shop", Version: "2.0.0", Modules: []string{"a", "b"}, Composition: "c2"}})
		}, func(w *TenantRow) {
			w.Name, w.Metadata, w.Applied, w.Modules, w.Composition, w.CurrentSchema = "Acme 2", map[string]string{"plan": "none"}, "2.0.0", []string{"a", "b"}, "c2", "f2"
			w.Running, w.Last = "", &later
		}},
		{"only wants another version", func() error {
			return t.r.UpdateTenant(ctx, t.x, want.ID, TenantChange{Name: "Acme 3", Desired: "3.0.0"})
		}, func(w *TenantRow) { w.Name, w.Metadata, w.Desired = "Acme 3", nil, "3.0.0" }},
		{"running", func() error { return t.r.SetTenantRunning(ctx, t.x, want.ID, "d3") }, func(w *TenantRow) { w.Running = "d3" }},
		{"given up", func() error { return t.r.SetTenantRunning(ctx, t.x, want.ID, "") }, func(w *TenantRow) { w.Running = "" }},
		{"schema", func() error { return t.r.SetTenantSchema(ctx, t.x, want.ID, "f3") }, func(w *TenantRow) { w.CurrentSchema = "f3" }},
		{"renamed", func() error { return t.r.RenameTenant(ctx, t.x, "acme", "Acme 4", map[string]string{"a": "b"}) },
			func(w *TenantRow) { w.Name, w.Metadata = "Acme 4", map[string]string{"a": "b"} }},
		{"status", func() error { return t.r.SetTenantStatus(ctx, t.x, want.ID, landlord.StatusSuspended) }, func(w *TenantRow) { w.Status = landlord.StatusSuspended }},
		{"reverted", func() error {
			return t.r.RevertTenant(ctx, t.x, &TenantRow{ID: want.ID, Template: "shop", Desired: "1.0.0", Applied: "1.0.0", Modules: []string{"m"},
				Composition: "c1", CurrentSchema: "f1", Last: &last})
		}, func(w *TenantRow) {
			w.Desired, w.Applied, w.Modules, w.Composition, w.CurrentSchema, w.Last = "1.0.0", "1.0.0", []string{"m"}, "c1", "f1", &last
		}},
		{"created again", func() error {
			return t.r.RecreateTenant(ctx, t.x, &TenantRow{ID: want.ID, Name: "New", Template: "base", Desired: "9.0.0", Running: "d9"})
		}, func(w *TenantRow) {
			w.Name, w.Status, w.Metadata, w.Template, w.Desired, w.Applied, w.Modules, w.Running = "New", landlord.StatusCreating, nil, "base", "9.0.0", "", nil, "d9"
		}},
		{"has its privileges", func() error { return t.r.SetTenantLockedOut(ctx, t.x, want.ID, nil) }, func(*TenantRow) {}},
	}
	for _, s := range steps {
		t.ok(s.do())
		s.want(want)
		got, err := t.r.ReadTenant(ctx, t.x, "acme")
		t.ok(err)
		t.made(&got.CreatedAt)
		t.same(s.name, got, want)
	}
	t.ok(t.r.SetTenantLockedOut(ctx, t.x, want.ID, grants))
	adopted := &TenantRow{Slug: "old", Name: "Old", Database: "old_db", Metadata: map[string]string{"x": "y"}}
	t.ok(t.r.InsertAdopted(ctx, t.x, adopted, "f0"))
	all, err := t.r.ReadTenants(ctx, t.x)
	t.ok(err)
	slices.SortFunc(all, func(a, b *TenantRow) int { return int(a.ID) - int(b.ID) })
	var taken []privilege.DatabaseGrant
	t.ok(json.Unmarshal(all[0].LockedOut, &taken))
	t.same("privileges", taken, grants)
	want.LockedOut = all[0].LockedOut
	adopted.ID, adopted.Status, adopted.InitialSchema, adopted.CurrentSchema = all[1].ID, landlord.StatusActive, "f0", "f0"
	t.made(&all[0].CreatedAt, &all[1].CreatedAt)
	t.same("all", all, []*TenantRow{want, adopted})
	t.ok(t.r.UpdateTenant(ctx, t.x, want.ID, TenantChange{Name: "All", Metadata: map[string]string{"a": "b"}, Current: "f", Last: &last,
		Applied: &AppliedVersion{Template: "shop", Version: "1.0.0", Modules: []string{"m"}, Composition: "c"}}))
	t.ok(t.r.SetTenantUpdating(ctx, t.x, want.ID, "d", "9.0.0"))
	t.ok(t.r.DeleteTenant(ctx, t.x, adopted.ID))
	got, err := t.r.ReadTenant(ctx, t.x, "old")
	t.ok(err)
	t.same("deleted", got, (*TenantRow)(nil))
}
