package engine_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/customization"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

var workingConnection = regexp.MustCompile(`connection [0-9]+ of \S+@\S* \((\w+) for [0-9.]+m?s\)`)

// TestPlan_stillRunning: a plan tells of the statement that the server still works on
// for a run that was killed, of a customization and of a migration.
func TestPlan_stillRunning(t *testing.T) {
	t.Parallel()
	for _, kind := range mysqltest.Kinds(t) {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			s := mysqltest.Private(t, kind)
			docs := landlord.TemplateSpec{Name: "docs", Version: "1.0.0", ExtensionPoints: []string{"docs"},
				Core: map[string]string{"1.sql": "CREATE TABLE docs (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, body VARCHAR(120) NOT NULL);"}}
			publish(t, engineOn(t, s.Server), docs)
			docs.Version, docs.Core = "2.0.0", map[string]string{"1.sql": "CREATE TABLE docs (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, body VARCHAR(120) NOT NULL, extra VARCHAR(40));"}
			publish(t, engineOn(t, s.Server), docs)
			create(t, engineOn(t, s.Server), landlord.TenantSpec{Slug: "own", Name: "own", Template: "docs@1.0.0"})
			_, tenant := create(t, engineOn(t, s.Server), landlord.TenantSpec{Slug: "moved", Name: "moved", Template: "docs@1.0.0"})

			spec := customization.Spec{Tenant: "own", Name: "own", Reason: "to be cut off", Patch: landlord.CustomizationPatch{Columns: []landlord.CustomizationColumn{{Table: "docs", Name: "note", Definition: "VARCHAR(40)"}}}}
			killHeld(t, s, "own", victim{Config: configOf(s.Server), Customize: &spec})
			plan, err := engineOn(t, s.Server).PlanCustomization(t.Context(), spec, nil)
			must(t, err)
			told(t, plan.Notes, "own", plan.Steps)

			to := landlord.TenantSpec{Slug: "moved", Name: "moved", Template: "docs@2.0.0"}
			before := prior(tenant)
			killHeld(t, s, "moved", victim{Config: configOf(s.Server), Spec: to, Prior: &before})
			updated, err := engineOn(t, s.Server).PlanTenant(t.Context(), to, &before)
			must(t, err)
			told(t, updated.Notes, "moved", updated.Steps)
		})
	}
}

// killHeld kills a process while its statement waits for a table that somebody reads,
// and leaves the statement there.
func killHeld(t *testing.T, s *mysqltest.PrivateServer, slug string, v victim) {
	t.Helper()
	tx, err := s.DB().BeginTx(t.Context(), nil)
	must(t, err)
	t.Cleanup(func() { _ = tx.Rollback() })
	var n int
	must(t, tx.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM `"+s.Prefix+slug+"`.docs").Scan(&n))
	cmd := v.command(t)
	must(t, cmd.Start())
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if rows := s.QueryRows(t, "SELECT ID FROM information_schema.PROCESSLIST WHERE DB = ? AND INFO LIKE 'ALTER TABLE%'", s.Prefix+slug); len(rows) > 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("no statement waits")
		}
	}
	must(t, cmd.Process.Kill())
	_ = cmd.Wait()
}

// told wants the only note of a plan to tell of the statement.
func told(t *testing.T, notes []landlord.Note, slug string, steps []landlord.Step) {
	t.Helper()
	if len(notes) == 0 || len(steps) == 0 {
		t.Fatalf("notes %v, steps %v", notes, steps)
	}
	same(t, notes[0].Summary+"\n"+workingConnection.ReplaceAllString(notes[0].Detail, "CONNECTION ($1)"), "Statement of a former run is still running\nTenant `"+slug+"`: the server still works on what a run before has begun, for CONNECTION (Query).\n"+
		steps[0].SQL+"\nThis plan is made from what is there now. An apply gives the statement 2 seconds, then ends it, and looks at what took effect; "+
		"where that is not what this plan starts from, it runs nothing and asks for another plan. To let the statement come to its end, wait for it and plan again.")
}
