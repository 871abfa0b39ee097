package engine_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/restore"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/program"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// ofAccount matches a statement about an account.
var ofAccount = regexp.MustCompile(`(?i)^(CREATE|ALTER|DROP) USER `)

// structural keeps the statements that change a structure.
func structural(statements []string) []string {
	var out []string
	for _, sql := range statements {
		if ofAccount.MatchString(sql) {
			continue // the owner of programs, whom the session names as their definer, is no step
		}
		sql, _ = program.WithDefiner(sql, "")
		if slices.Contains([]string{"CREATE", "DROP", "ALTER", "RENAME"}, strings.ToUpper(strings.Fields(sql)[0])) {
			out = append(out, sql)
		}
	}
	return out
}

// statementsOf returns the texts of steps.
func statementsOf(steps []landlord.Step) []string {
	var out []string
	for _, s := range steps {
		out = append(out, s.SQL)
	}
	return out
}

// beforeInPlace is what the names of databases have that pass through when acme
// returns in place to its checkpoint `before`, as a whole.
const beforeInPlace = "979c5f53"

// planRestore plans a restore of acme in place, twice: both plans are the same.
func planRestore(t *testing.T, e *engine.Engine, spec landlord.RestoreSpec) *restore.Plan {
	t.Helper()
	plan, err := e.PlanRestore(t.Context(), spec)
	if err != nil {
		t.Fatal(explain(err))
	}
	again, err := e.PlanRestore(t.Context(), spec)
	if err != nil {
		t.Fatal(explain(err))
	}
	if diff := cmp.Diff(statementsOf(plan.Steps), statementsOf(again.Steps)); diff != "" || plan.Digest != again.Digest || plan.Known != again.Known {
		t.Errorf("planned again (-first +second):\n%s", diff)
	}
	return plan
}

// TestRestore_planned compares the plan of a restore in place with what the log
// of the server has afterwards, and with the ledger.
func TestRestore_planned(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		tables        []string
		mariaDB       bool
		before, after func(t *testing.T, s *mysqltest.Server, e *engine.Engine, tenant *landlord.Tenant)
		want          []string // operations of some of the steps
	}{
		"upgraded": {
			after: func(t *testing.T, s *mysqltest.Server, e *engine.Engine, tenant *landlord.Tenant) {
				t.Helper()
				upgraded(t, s, e, tenant)
				s.Exec(t, "CREATE VIEW "+tenant.DatabaseName+".late AS SELECT 1", "CREATE TRIGGER "+tenant.DatabaseName+".late BEFORE INSERT ON "+tenant.DatabaseName+".parcels FOR EACH ROW SET NEW.order_id = 1")
			},
			want: []string{"drop_trigger trigger `late`", "drop_view view `late`", "create_trigger trigger `orders_log`"},
		},
		"some tables": {
			tables: []string{"points", "orders", "customers"},
			after: func(t *testing.T, s *mysqltest.Server, _ *engine.Engine, tenant *landlord.Tenant) {
				t.Helper()
				s.Exec(t, "DELETE FROM "+tenant.DatabaseName+".points")
			},
			want: []string{"drop_trigger trigger `orders_log`", "create_trigger trigger `orders_log`"},
		},
		"sequences": {
			mariaDB: true,
			before: func(t *testing.T, s *mysqltest.Server, _ *engine.Engine, tenant *landlord.Tenant) {
				t.Helper()
				db := tenant.DatabaseName
				s.Exec(t, "CREATE SEQUENCE "+db+".numbers START WITH 100", "CREATE SEQUENCE "+db+".`a ``gone`` one`",
					"CREATE TABLE "+db+".tickets (id INT PRIMARY KEY DEFAULT (NEXT VALUE FOR "+db+".numbers), `the DEFAULT ``b``` INT DEFAULT (10 + NEXTVAL("+db+".`a ``gone`` one`)) COMMENT 'x DEFAULT y',"+
						" what VARCHAR(40) DEFAULT (CONCAT('it''s ', NEXTVAL("+db+".numbers), ' ')) CHECK (what <> ' DEFAULT '))")
				s.Exec(t, "INSERT INTO "+db+".tickets (id) VALUES (1)")
			},
			after: func(t *testing.T, s *mysqltest.Server, _ *engine.Engine, tenant *landlord.Tenant) {
				t.Helper()
				s.Exec(t, "DROP TABLE "+tenant.DatabaseName+".tickets", "DROP SEQUENCE "+tenant.DatabaseName+".`a ``gone`` one`")
			},
			want: []string{"modify_column table `tickets`", "modify_column table `tickets`", "modify_column table `tickets`"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
				if c.mariaDB && !s.Kind.IsMariaDB() {
					t.Skip("there are no sequences")
				}
				directory := t.TempDir()
				e := copying(t, s, directory)
				tenant := stocked(t, s, e, "acme")
				if c.before != nil {
					c.before(t, s, e, tenant)
				}
				take(t, e, "acme", "before")
				c.after(t, s, e, tenant)
				log := s.Record(t)
				recorded := func(c *landlord.Config) { c.Main.Username, c.Main.Password = log.Username, log.Password }
				spec := landlord.RestoreSpec{Tenant: "acme", Checkpoint: "before", Mode: landlord.RestoreInPlace, Tables: c.tables, AllowDestructive: true}
				plan := planRestore(t, copying(t, s, directory, recorded), spec)
				if len(plan.Notes) > 0 || !plan.Known || plan.Digest == "" {
					t.Fatalf("plan: %+v", plan)
				}
				for _, operation := range c.want {
					if !slices.Contains(operations(plan.Steps), operation) {
						t.Errorf("no `%s` in %q", operation, operations(plan.Steps))
					}
				}
				if got := structural(log.Statements(t)); len(got) > 0 {
					t.Errorf("planning sent %q", got)
				}
				log.Reset(t)
				if _, err := copying(t, s, directory, recorded).Restore(t.Context(), spec, plan.Digest); err != nil {
					t.Fatal(explain(err))
				}
				first, swap, last := plan.Steps[0], statementsOf(plan.Steps[1:]), plan.Steps[len(plan.Steps)-1]
				sent := structural(log.Statements(t))
				begin := slices.Index(sent, swap[0])
				if begin < 0 || sent[0] != first.SQL {
					t.Fatalf("planned %q and %q, sent %q", first.SQL, swap[0], sent)
				}
				if diff := cmp.Diff(swap, sent[begin:]); diff != "" {
					t.Errorf("sent (-planned +sent):\n%s", diff)
				}
				for _, sql := range sent[:begin] { // the copy is made in its own database
					if strings.Contains(sql, "`"+tenant.DatabaseName+"`") {
						t.Errorf("sent while loading: %s", sql)
					}
				}
				history, err := copying(t, s, directory).History(t.Context(), "acme", landlord.HistoryOptions{Limit: 1, Steps: true})
				if err != nil {
					t.Fatal(explain(err))
				}
				var ledger []string
				for _, step := range history.Migrations[0].Statements {
					ledger = append(ledger, step.SQL)
				}
				if diff := cmp.Diff(swap[:len(swap)-1], ledger); diff != "" {
					t.Errorf("the ledger (-planned +recorded):\n%s", diff)
				}
				side := strings.TrimPrefix(first.Object, "database ")
				if passing := map[bool]string{true: beforeInPlace}[c.tables == nil]; !strings.HasPrefix(side, "`"+tenant.DatabaseName+"__restore_"+passing) {
					t.Errorf("the copy beside is %s", side)
				}
				if first.Operation != "create_database" || first.Object != "database "+side || last.SQL != "DROP DATABASE IF EXISTS "+side || last.Operation != "drop_database" {
					t.Errorf("the copy beside: %+v, %+v", first, last)
				}
				at := s.QueryRows(t, "SELECT DATE_FORMAT(consistent_at, '%Y-%m-%dT%H:%i:%sZ') FROM "+s.LandlordDatabase+".tenant_checkpoints WHERE name = 'before'")[0][0]
				rows := map[bool]string{false: "7 rows in 4 tables", true: "5 rows in 3 tables"}[c.tables != nil]
				if c.mariaDB {
					rows = "8 rows in 5 tables"
				}
				if want := "Checkpoint `before` of " + at + " (" + rows + ") is loaded into it and compared."; first.Reason != want {
					t.Errorf("reason: %q, want %q", first.Reason, want)
				}
			})
		})
	}
}

// TestRestore_changedSincePlan refuses a plan that is not true any more, before
// anything is loaded and again right before the tables change places.
func TestRestore_changedSincePlan(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		directory := t.TempDir()
		e := copying(t, s, directory)
		tenant := stocked(t, s, e, "acme")
		db := tenant.DatabaseName
		take(t, e, "acme", "before")
		spec := landlord.RestoreSpec{Tenant: "acme", Checkpoint: "before", Mode: landlord.RestoreInPlace, AllowDestructive: true}
		const refused = "Tenant changed since the plan [tenant]\nAnother run has worked on tenant `acme` since the plan was made, so the planned steps are not what is left to do.\n\n"
		databases := func() string {
			var names []string
			for _, row := range s.QueryRows(t, "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE ? OR SCHEMA_NAME LIKE ? ORDER BY 1", s.Prefix+"acme%", s.LandlordDatabase+"_retired%") {
				names = append(names, strings.TrimPrefix(row[0], s.Prefix))
			}
			return strings.Join(names, " ")
		}
		for name, change := range map[string]func(){
			"a table":   func() { s.Exec(t, "CREATE TABLE "+db+".late (id INT PRIMARY KEY)") },
			"a trigger": func() { s.Exec(t, "DROP TRIGGER "+db+".orders_log") },
		} {
			plan := planRestore(t, copying(t, s, directory), spec)
			change()
			present := contents(t, s, db)
			_, err := copying(t, s, directory).Restore(t.Context(), spec, plan.Digest)
			wantProblem(t, err, refused+"Nothing was run. Plan again.")
			if diff := cmp.Diff(present, contents(t, s, db)); diff != "" || databases() != "acme" {
				t.Errorf("%s: databases %s, the tenant (-as it was +after):\n%s", name, databases(), diff)
			}
		}
		// While the copy is loaded the tenant is not locked.
		next := copying(t, s, directory)
		plan := planRestore(t, next, spec)
		next.OnFault(func(point string) {
			if point == "after load" {
				s.Exec(t, "CREATE VIEW "+db+".late_view AS SELECT 1")
			}
		})
		_, err := next.Restore(t.Context(), spec, plan.Digest)
		wantProblem(t, err, refused+"The tenant was not touched, and the copy beside it waits. Plan again.")
		copied := strings.Trim(strings.Fields(plan.Steps[0].SQL)[2], "`")
		if databases() != "acme "+strings.TrimPrefix(copied, s.Prefix) {
			t.Errorf("databases: %s", databases())
		}
		again := planRestore(t, copying(t, s, directory), spec)
		if first := again.Steps[0]; first.Operation != "create_database" || strings.Contains(first.SQL, copied) || !slices.Contains(operations(again.Steps), "drop_view view `late_view`") {
			t.Errorf("planned again: %q", statementsOf(again.Steps))
		}
		if _, err := copying(t, s, directory).Restore(t.Context(), spec, again.Digest); err != nil {
			t.Fatal(explain(err))
		}
		if rows := s.QueryRows(t, "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME LIKE 'late%'", db); len(rows) > 0 {
			t.Errorf("left: %v", rows)
		}
	})
}

// TestRestore_plannedTogether restores one tenant beside and in place by one run:
// the plan of the second is the same before the first is done and afterwards.
func TestRestore_plannedTogether(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	directory := t.TempDir()
	e := copying(t, s, directory)
	stocked(t, s, e, "acme")
	take(t, e, "acme", "before")
	look := landlord.RestoreSpec{Tenant: "acme", Checkpoint: "before"}
	spec := landlord.RestoreSpec{Tenant: "acme", Checkpoint: "before", Mode: landlord.RestoreInPlace, AllowDestructive: true}
	both := func(e *engine.Engine, between func()) *restore.Plan {
		planRestore(t, e, look)
		between()
		return planRestore(t, e, spec)
	}
	plan := both(copying(t, s, directory), func() {})
	next := copying(t, s, directory)
	again := both(next, func() {
		if done, err := next.Restore(t.Context(), look, ""); err != nil || done.ID != "acme/1" {
			t.Fatalf("beside: %+v, %v", done, err)
		}
	})
	if diff := cmp.Diff(statementsOf(plan.Steps), statementsOf(again.Steps)); diff != "" || plan.Digest != again.Digest || plan.Digest != planRestore(t, copying(t, s, directory), spec).Digest {
		t.Errorf("planned %q (-plan +apply):\n%s", plan.Steps[0].SQL, diff)
	}
	if done, err := next.Restore(t.Context(), spec, plan.Digest); err != nil || done.ID != "acme/2" {
		t.Errorf("in place: %+v, %v", done, err)
	}
}

// TestRestore_plannedLater leaves open what a plan cannot know.
func TestRestore_plannedLater(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		directory := t.TempDir()
		e := copying(t, s, directory)
		tenant := stocked(t, s, e, "acme")
		before := contents(t, s, tenant.DatabaseName)
		taken := take(t, e, "acme", "before")
		spec := landlord.RestoreSpec{Tenant: "acme", Checkpoint: "before", Mode: landlord.RestoreInPlace, AllowDestructive: true}

		// The same run changes the tenant first.
		next := copying(t, s, directory)
		p := prior(tenant)
		if _, err := next.PlanTenant(t.Context(), landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "store@2.0.0", AllowDestructive: true}, &p); err != nil {
			t.Fatal(explain(err))
		}
		if plan := planRestore(t, next, spec); plan.Known || plan.Digest != "" || len(plan.Steps) > 0 {
			t.Errorf("behind an update: %+v", plan)
		}
		// Another restore of the same run comes first.
		next = copying(t, s, directory)
		other := spec
		other.Keepers = map[string]string{"other": "1"}
		if plan := planRestore(t, next, other); !plan.Known {
			t.Errorf("the first of two: %+v", plan)
		}
		if plan := planRestore(t, next, spec); plan.Known {
			t.Errorf("the second of two: %+v", plan)
		}
		// The run takes the checkpoint anew.
		next = copying(t, s, directory)
		if _, err := next.PlanCheckpoint(t.Context(), checkpointing.Spec{Tenant: "acme", Name: "before", Contents: landlord.CheckpointData}); err != nil {
			t.Fatal(explain(err))
		}
		if plan := planRestore(t, next, spec); plan.Known {
			t.Errorf("from a checkpoint that is to come: %+v", plan)
		}

		version := rewritten(t, s, taken.Location)
		next = copying(t, s, directory)
		plan, err := next.PlanRestore(t.Context(), spec)
		if err != nil {
			t.Fatal(explain(err))
		}
		want := []landlord.Note{{Severity: landlord.Warning, Field: landlord.FieldMode, Summary: "Statements are known only after loading",
			Detail: "Tenant `acme` is restored in place from checkpoint `before`, which another version of the server has written (" + version + ".1, now " + version + "). How this one prints its tables and programs shows when they are loaded, so the statements are not in this plan." + following}}
		if diff := cmp.Diff(want, plan.Notes); diff != "" || plan.Known || plan.Digest != "" {
			t.Errorf("%+v (-want +got):\n%s", plan, diff)
		}
		if plan := planRestore(t, next, spec); len(plan.Notes) > 0 {
			t.Errorf("told again: %+v", plan.Notes)
		}
		if _, err := next.Restore(t.Context(), spec, plan.Digest); err != nil {
			t.Fatal(explain(err))
		}
		if diff := cmp.Diff(before, contents(t, s, tenant.DatabaseName)); diff != "" {
			t.Errorf("the tenant (-before +restored):\n%s", diff)
		}
	})
}

// following is what a plan says of statements that it cannot list.
const following = " They are: CREATE DATABASE for the copy beside and for the tables that give way, DROP TRIGGER and CREATE TRIGGER, one RENAME TABLE by which all tables change places, " +
	"the changes of views, routines and events that are not the same, and DROP DATABASE of the copy."

// rewritten makes a checkpoint one of another version of the server, and returns
// the present one.
func rewritten(t *testing.T, s *mysqltest.Server, location string) string {
	t.Helper()
	file := filepath.Join(location, "manifest.json")
	text, err := os.ReadFile(file)
	must(t, err)
	var m checkpoint.Manifest
	must(t, json.Unmarshal(text, &m))
	version := m.Version
	m.Version, m.Checksum = version+".1", ""
	text, err = json.Marshal(&m)
	must(t, err)
	sum := sha256.Sum256(text)
	m.Checksum = hex.EncodeToString(sum[:])
	text, err = json.Marshal(&m)
	must(t, err)
	must(t, os.WriteFile(file, text, 0o600))
	s.Exec(t, "UPDATE "+s.LandlordDatabase+".tenant_checkpoints SET checksum = '"+m.Checksum+"'")
	return version
}
