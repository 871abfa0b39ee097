package provider_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
	"github.com/landlord-db/terraform-provider-landlord/tools/shared"
)

// boardSchema returns the schema of a program: a small one of our own, or one that
// people run, that of Kanboard, where the shared cases are.
func boardSchema(t *testing.T, large bool) []string {
	t.Helper()
	path := filepath.Join("testdata", "adopt", "shop.sql")
	if found := shared.Paths(t, "corpus", "kanboard", "mysql.sql"); large && len(found) > 0 {
		path = found[0]
	}
	text, err := os.ReadFile(path)
	must(t, err)
	all, err := engine.SplitSQL(string(text))
	must(t, err)
	return slices.DeleteFunc(all, func(s string) bool { return !strings.HasPrefix(s, "CREATE TABLE") })
}

// in runs statements in one database, tables in any order.
func in(t *testing.T, s *mysqltest.Server, database string, statements ...string) {
	t.Helper()
	conn, err := s.DB().Conn(t.Context())
	must(t, err)
	defer func() { _ = conn.Raw(func(any) error { return fmt.Errorf("not to be used again") }) }()
	for _, statement := range append([]string{"SET foreign_key_checks = 0, sql_mode = 'NO_ENGINE_SUBSTITUTION'", "USE " + mysqltest.QuoteName(database)}, statements...) {
		if _, err := conn.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %s: %v", database, statement, err)
		}
	}
	must(t, conn.Close())
}

// adoption is a database of the estate and what is special about it.
type adoption struct {
	name    string
	release int
	local   []string
}

// estateOf returns 50 databases with three releases and what grows in the course of
// years.
func estateOf(prefix string) []adoption {
	var all []adoption
	for i := range 50 {
		a := adoption{name: fmt.Sprintf("%sshop%02d", prefix, i), release: 3}
		if i%10 < 5 {
			a.release = 2
		}
		if i%10 < 2 {
			a.release = 1
		}
		all = append(all, a)
	}
	for i, local := range [][]string{
		{"CREATE TABLE loyalty (id INT NOT NULL PRIMARY KEY, points INT NOT NULL DEFAULT 0) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"},
		{"ALTER TABLE users ADD COLUMN vat VARCHAR(30) NULL AFTER id"},
		{"ALTER TABLE users ADD INDEX by_name (name)"},
		{"ALTER TABLE users ALTER COLUMN is_active SET DEFAULT 0"},
		{"ALTER TABLE tasks DROP INDEX idx_task_active"},
		{"CREATE VIEW admins AS SELECT id FROM users WHERE role = 'app-admin'"},
		{"CREATE TRIGGER stamp BEFORE INSERT ON users FOR EACH ROW SET NEW.name = TRIM(NEW.name)"},
		{"CREATE TABLE visits (id INT NOT NULL, at DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00', PRIMARY KEY (id)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4", "INSERT INTO visits (id) VALUES (1)"},
		{"ALTER TABLE users ADD COLUMN legacy INT NOT NULL", "CREATE EVENT tidy ON SCHEDULE EVERY 1 DAY DO DELETE FROM loyalty2"},
	} {
		all[3*i+1].local = local
	}
	return all
}

// releaseOf returns what the databases of a release lack of the newest one.
func releaseOf(release int) []string {
	var out []string
	if release < 3 {
		out = append(out, "ALTER TABLE users DROP COLUMN filter, ADD COLUMN old_filter VARCHAR(20) NULL")
	}
	if release < 2 {
		out = append(out, "DROP TABLE invites", "ALTER TABLE tasks DROP INDEX tasks_reference_idx")
	}
	return out
}

// dropAll drops the databases of a test.
func dropAll(t *testing.T, s *mysqltest.Server) {
	t.Helper()
	for _, row := range s.QueryRows(t, "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE ?", s.Prefix+"%") {
		if _, err := s.DB().ExecContext(t.Context(), "DROP DATABASE "+mysqltest.QuoteName(row[0])); err != nil {
			t.Error(err)
		}
	}
}

// statementsOf returns all statements of a saved plan, and what it destroys.
func (c *cli) statementsOf(plan string) []string {
	c.t.Helper()
	var shown struct {
		ResourceChanges []struct {
			Address string
			Change  struct {
				Actions []string
				After   struct {
					Migration []string
					Plans     []struct{ Steps []string }
				}
			}
		} `json:"resource_changes"`
	}
	must(c.t, json.Unmarshal(c.showJSON(plan), &shown))
	var all []string
	for _, r := range shown.ResourceChanges {
		if slices.Contains(r.Change.Actions, "delete") {
			all = append(all, r.Address+": destroyed")
		}
		lines := r.Change.After.Migration
		for _, p := range r.Change.After.Plans {
			lines = append(lines, p.Steps...)
		}
		for _, line := range lines {
			all = append(all, r.Address+": "+line)
		}
	}
	if len(shown.ResourceChanges) == 0 {
		c.t.Error("the plan changes nothing")
	}
	return all
}

// contents sums up what databases hold: their structure and their rows.
func contents(t *testing.T, s *mysqltest.Server, prefix string) string {
	t.Helper()
	var all strings.Builder
	for _, row := range s.QueryRows(t, "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES WHERE TABLE_SCHEMA LIKE ? ORDER BY 1, 2", prefix+"%") {
		name := mysqltest.QuoteName(row[0]) + "." + mysqltest.QuoteName(row[1])
		fmt.Fprintln(&all, name, s.QueryRows(t, "SHOW CREATE TABLE "+name))
		if row[2] == "BASE TABLE" {
			fmt.Fprintln(&all, s.QueryRows(t, "CHECKSUM TABLE "+name))
		}
	}
	for _, source := range []string{
		"SELECT TRIGGER_SCHEMA, TRIGGER_NAME, ACTION_STATEMENT, DEFINER FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA LIKE ? ORDER BY 1, 2",
		"SELECT EVENT_SCHEMA, EVENT_NAME, EVENT_DEFINITION, DEFINER, STATUS FROM information_schema.EVENTS WHERE EVENT_SCHEMA LIKE ? ORDER BY 1, 2",
		"SELECT ROUTINE_SCHEMA, ROUTINE_NAME, ROUTINE_DEFINITION, DEFINER FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA LIKE ? ORDER BY 1, 2",
	} {
		fmt.Fprintln(&all, s.QueryRows(t, source, strings.ReplaceAll(prefix, "_", `\_`)+"%"))
	}
	return all.String()
}

// TestAccCLI_adopt takes over an estate of 50 databases that grew by hand, as fleets
// and as a resource each: what the subcommand wrote plans no statement, and applying
// it changes none of them.
func TestAccCLI_adopt(t *testing.T) {
	t.Parallel()
	t.Run("fleets", func(t *testing.T) { t.Parallel(); adoptEstate(t, true) })
	t.Run("single", func(t *testing.T) { t.Parallel(); adoptEstate(t, false, "--fleet-at-least", "0") })
}

func adoptEstate(t *testing.T, large bool, flags ...string) {
	t.Helper()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		c := newCLI(t, s)
		base := boardSchema(t, large)
		defer dropAll(t, s) // they are more than the cleanup of a test has the time for
		for _, a := range estateOf(s.Prefix) {
			s.Exec(t, "CREATE DATABASE "+mysqltest.QuoteName(a.name)+" CHARACTER SET utf8mb4")
			in(t, s, a.name, slices.Concat(base, releaseOf(a.release), a.local)...)
		}
		// What is there beside them: nothing of it is left out without a word.
		for _, other := range []struct{ name, sql string }{
			{"shop_empty", ""}, {"shopBlog", "CREATE TABLE entries (id INT NOT NULL PRIMARY KEY)"},
		} {
			s.Exec(t, "CREATE DATABASE "+mysqltest.QuoteName(s.Prefix+other.name))
			if other.sql != "" {
				in(t, s, s.Prefix+other.name, other.sql)
			}
		}
		for i, name := range []string{"Shop-`1`; DROP", "shop ${path.module} %{if}", "\u202eshop é"} { // hostile, and old
			s.Exec(t, "CREATE DATABASE "+mysqltest.QuoteName(s.Prefix+name))
			in(t, s, s.Prefix+name, slices.Concat(base, releaseOf(1+i))...)
		}
		before := contents(t, s, s.Prefix)
		recording := s.Record(t)
		environment := environmentOf(s)
		environment["LANDLORD_USERNAME"], environment["LANDLORD_PASSWORD"] = recording.Username, recording.Password
		status, out := programWith(t, environment, append([]string{"adopt", "--databases", strings.ReplaceAll(s.Prefix, "_", `\_`) + "%", "--out", c.directory, "--template", "board"}, flags...)...)
		t.Log(out)
		if status != 0 {
			t.FailNow()
		}
		statements := recording.Statements(t)
		for _, statement := range statements {
			if verb, _, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(statement, "/*M!100100 SET STATEMENT tx_read_only = 1 FOR */")), " "); !slices.Contains([]string{"SELECT", "SHOW", "SET"}, verb) {
				t.Errorf("adopt sends: %s", statement)
			}
		}
		t.Logf("%d statements", len(statements))
		c.run("init")
		c.run("plan", "-out", "first.tfplan")
		for _, line := range c.statementsOf("first.tfplan") {
			t.Errorf("the first plan has a statement: %s", line)
		}
		c.run("apply", "first.tfplan")
		c.noChanges()
		if changed := cmp.Diff(strings.Split(before, "\n"), strings.Split(contents(t, s, s.Prefix), "\n")); changed != "" {
			t.Errorf("an apply has changed the databases:\n%s", changed)
		}
	})
}
