package engine_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/customization"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

// killsRunning is how many kills TestSoakCustomization_killedRunning makes on each
// server, unless LANDLORD_SOAK ends it before.
const killsRunning = 34

// TestCustomization_killedRunning kills the provider and the server while the server
// works on a statement of a tenant's own customization, once each.
func TestCustomization_killedRunning(t *testing.T) {
	t.Parallel()
	killRunning(t, mysqltest.One(t).Kind, 2, time.Minute)
}

// TestSoakCustomization_killedRunning does so many times, on each server.
func TestSoakCustomization_killedRunning(t *testing.T) {
	soak(t)
	length, err := time.ParseDuration(os.Getenv("LANDLORD_SOAK"))
	if err != nil {
		t.Skip("LANDLORD_SOAK is no duration")
	}
	for _, kind := range mysqltest.Kinds(t) {
		t.Run(string(kind), func(t *testing.T) { killRunning(t, kind, killsRunning, length) })
	}
}

// killRunning kills so many times, and wants each tenant, once the next run has
// completed it, to be what an undisturbed one is. What the server was working on at the
// moment of each kill is in the log of the test.
func killRunning(t *testing.T, kind instance.Kind, kills int, length time.Duration) {
	t.Helper()
	s := mysqltest.Private(t, kind)
	publish(t, engineOn(t, s.Server), landlord.TemplateSpec{Name: "docs", Version: "1.0.0", ExtensionPoints: []string{"docs"},
		Core: map[string]string{"1.sql": "CREATE TABLE docs (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, body VARCHAR(120) NOT NULL);"}})
	undisturbed, hit := "", 0
	seen := map[string]int{}
	for end, round := time.Now().Add(length), 0; hit < kills && time.Now().Before(end); round++ {
		slug := fmt.Sprintf("k%d", round)
		t.Run(slug, func(t *testing.T) { // its connections end with it
			spec := longCustomization(t, s.Server, slug)
			if round == 0 {
				mustCustomize(t, engineOn(t, s.Server), spec, nil)
				undisturbed = ownState(t, s.Server, slug)
				return
			}
			running := interruptRunning(t, s, spec, round)
			if running == "" {
				return // it was quicker
			}
			if complete(t, s.Server, spec, running) {
				hit++
				seen[regexp.MustCompile(`^\w+ \w+`).FindString(running)]++
			}
			if diff := cmp.Diff(undisturbed, ownState(t, s.Server, slug)); diff != "" {
				t.Errorf("killed during %s (-undisturbed +killed and completed):\n%s", running, diff)
			}
		})
		if t.Failed() {
			return
		}
	}
	t.Logf("%d kills hit a running statement: %v", hit, seen)
	if hit < min(kills, 2) {
		t.Errorf("only %d of %d kills hit a running statement", hit, kills)
	}
}

// longCustomization makes a tenant with many rows, and returns a customization whose
// statements take a while.
func longCustomization(t *testing.T, s *mysqltest.Server, slug string) customization.Spec {
	t.Helper()
	create(t, engineOn(t, s), landlord.TenantSpec{Slug: slug, Name: slug, Template: "docs@1.0.0"})
	table := mysqltest.QuoteName(s.Prefix+slug) + ".docs"
	s.Exec(t, "INSERT INTO "+table+" (body) VALUES (REPEAT('a', 100)), (REPEAT('b', 100))")
	for range 15 {
		s.Exec(t, "INSERT INTO "+table+" (body) SELECT CONCAT(id, LEFT(body, 90)) FROM "+table)
	}
	return customization.Spec{Tenant: slug, Name: "own", Reason: "to be cut off", Patch: landlord.CustomizationPatch{
		Columns: []landlord.CustomizationColumn{
			{Table: "docs", Name: "length", Definition: "INT AS (CHAR_LENGTH(body)) STORED"},
			{Table: "docs", Name: "note", Definition: "VARCHAR(40) NOT NULL DEFAULT 'none'"},
		},
		Indexes: []landlord.CustomizationIndex{{Table: "docs", Name: "ix_body", Columns: []string{"body", "note"}}, {Table: "docs", Name: "ix_length", Columns: []string{"length"}}},
		Tables:  map[string]string{"copies": "CREATE TABLE copies (id INT NOT NULL PRIMARY KEY, doc INT NULL, CONSTRAINT fk_doc FOREIGN KEY (doc) REFERENCES docs (id))"},
		SQL:     "ALTER TABLE copies ADD KEY ix_both (id, doc);",
	}}
}

// interruptRunning applies a customization in another process, and kills that, or the
// server, while the server works on a statement in the tenant's database. It returns
// the statement, empty when all were over before.
func interruptRunning(t *testing.T, s *mysqltest.PrivateServer, spec customization.Spec, round int) string {
	t.Helper()
	cmd := victim{Config: configOf(s.Server), Customize: &spec}.command(t)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	wait := time.Duration(rand.IntN(400)) * time.Millisecond //nolint:gosec // not for secrets
	var first time.Time
	for {
		select {
		case <-ended:
			return ""
		default:
		}
		rows := s.QueryRows(t, "SELECT ID, INFO FROM information_schema.PROCESSLIST WHERE DB = ? AND (INFO LIKE 'ALTER TABLE%' OR INFO LIKE 'CREATE %')", s.Prefix+spec.Tenant)
		if len(rows) > 0 && first.IsZero() {
			first = time.Now()
		}
		if len(rows) == 0 || time.Since(first) < wait {
			continue
		}
		what := "the provider"
		if round%2 == 0 {
			what = "the server"
			s.Kill(t)
		}
		_ = cmd.Process.Kill()
		<-ended
		if round%2 == 0 {
			s.Restart(t)
		}
		t.Logf("killed %s while connection %s ran %s", what, rows[0][0], rows[0][1])
		return rows[0][1]
	}
}

// complete lets the next run do the rest, and says whether the kill met a migration
// under way: then the ledger has the statement that was cut off as one that was begun.
func complete(t *testing.T, s *mysqltest.Server, spec customization.Spec, running string) (hit bool) {
	t.Helper()
	begun := s.QueryRows(t, "SELECT COUNT(*) FROM "+s.LandlordDatabase+".tenant_migrations_history h JOIN "+s.LandlordDatabase+".tenant_migration_steps st ON st.migration_id = h.id"+
		" WHERE h.tenant_slug = ? AND h.running IS NOT NULL AND st.state = 'intent'", spec.Tenant)
	hit = begun[0][0] != "0"
	next := engineOn(t, s)
	half, err := next.Customization(t.Context(), spec.Tenant, spec.Name)
	if err != nil {
		t.Fatal(explain(err))
	}
	if hit && (half == nil || half.Status != landlord.CustomizationApplying) {
		t.Fatalf("killed during %s, the customization is %+v", running, half)
	}
	_, _, err = customize(t, next, spec, half)
	if err != nil && strings.Contains(explain(err), "Customization changed since the plan") { // the server ended the statement between the two
		t.Log("planned while the server still worked")
		_, _, err = customize(t, engineOn(t, s), spec, half)
	}
	if err != nil {
		t.Fatalf("killed during %s: %s", running, explain(err))
	}
	noDrift(t, engineOn(t, s), spec.Tenant)
	return hit
}

// ownState writes what a tenant of longCustomization is, in a form that is equal for
// equal tenants.
func ownState(t *testing.T, s *mysqltest.Server, slug string) string {
	t.Helper()
	db := mysqltest.QuoteName(s.Prefix + slug)
	rows := s.QueryRows(t, "SELECT COUNT(*), SUM(length), SUM(CRC32(body)), COUNT(DISTINCT note) FROM "+db+".docs")
	return strings.Join(schemaLines(t, s, s.Prefix+slug), "\n") + fmt.Sprint(rows,
		s.QueryRows(t, "SELECT c.name, c.status FROM "+s.LandlordDatabase+".tenant_customizations c JOIN "+s.LandlordDatabase+".tenants t ON c.tenant_id = t.id WHERE t.slug = ?", slug),
		s.QueryRows(t, "SELECT migration_name, status, COALESCE(running, 'none') FROM "+s.LandlordDatabase+".tenant_migrations_history WHERE tenant_slug = ? ORDER BY id", slug))
}
