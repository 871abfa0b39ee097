package template_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

func TestMain(m *testing.M) { mysqltest.Run(m) }

// servers are those whose SQL the built-in templates have to fit.
var servers = []ddl.Server{
	mysql97,
	{Product: ddl.MariaDB, Version: "10.11.19-MariaDB"},
	{Product: ddl.MariaDB, Version: "11.8.9-MariaDB"},
}

// builtinLineage resolves a built-in template under its own name.
func builtinLineage(t testing.TB, name string) *template.Lineage {
	t.Helper()
	sources, err := template.LoadBuiltin(name)
	if err != nil {
		t.Fatal(err)
	}
	made, err := template.New(template.Metadata{Name: name, Version: "1.0.0"}, sources)
	if err != nil {
		t.Fatal(err)
	}
	l, err := template.Resolve(made, nil)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestBuiltin_isValid(t *testing.T) {
	t.Parallel()
	for _, name := range template.Builtins() {
		for _, srv := range servers {
			t.Run(fmt.Sprintf("%s on %s %s", name, srv.Product, srv.Version), func(t *testing.T) {
				t.Parallel()
				diff(t, texts(builtinLineage(t, name).Validate(srv)), "")
			})
		}
	}
}

func TestBuiltin_modulesAreDescribed(t *testing.T) {
	t.Parallel()
	got := map[string][]string{}
	for _, name := range template.Builtins() {
		l := builtinLineage(t, name)
		for _, m := range l.Modules() {
			if m.Description == "" || len(m.Files) == 0 {
				t.Errorf("module %s of %s has no description or no files", m.Name, name)
			}
			if _, own := l.Template().Module(m.Name); own {
				got[name] = append(got[name], m.Name)
			}
		}
	}
	diff(t, got, map[string][]string{
		"basic":           {"election_features", "financial_features", "membership_features"},
		"ngo":             {"grant_management"},
		"political_party": {"primary_elections"},
		"corporate":       {"time_tracking", "timesheets"},
	})
}

// TestBuiltin_onServers builds every built-in template with the modules that do
// not go together with those of TestBuiltin_views, and looks at what came out.
// With LANDLORD_TEST_EXHAUSTIVE it builds every combination, which takes minutes.
func TestBuiltin_onServers(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		for _, name := range template.Builtins() {
			l := builtinLineage(t, name)
			choices := l.Coverings()[2:]
			if os.Getenv("LANDLORD_TEST_EXHAUSTIVE") != "" {
				choices = l.Combinations()
			}
			for i, modules := range choices {
				database := fmt.Sprintf("%s%s_%d", s.Prefix, name, i)
				c := build(t, s, database, l, modules)
				t.Run(name+" with "+strings.Join(c.Modules, " "), func(t *testing.T) { lookAt(t, s, database) })
				s.Exec(t, "DROP DATABASE "+mysqltest.QuoteName(database))
			}
		}
	})
}

// build runs a composition in a new database.
func build(t *testing.T, s *mysqltest.Server, database string, l *template.Lineage, modules []string) *template.Composition {
	t.Helper()
	srv := mysql97
	if s.Kind.IsMariaDB() {
		srv = servers[1]
	}
	c, findings := l.Compose(modules, srv)
	if c == nil || len(findings) > 0 {
		t.Fatalf("composing %s with %v: %s", l.Template().ID(), modules, texts(findings))
	}
	conn := connect(t, s)
	run(t, conn, "CREATE DATABASE "+mysqltest.QuoteName(database)+" CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
	run(t, conn, "USE "+mysqltest.QuoteName(database))
	for _, st := range c.Statements {
		if _, err := conn.ExecContext(t.Context(), st.SQL); err != nil {
			t.Fatalf("%s:%s of %s with %v: %v", st.File, st.Position, l.Template().ID(), modules, err)
		}
	}
	return c
}

// connect opens a connection with the settings that tenants are built with.
func connect(t *testing.T, s *mysqltest.Server) *sql.Conn {
	t.Helper()
	conn, err := s.DB().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	run(t, conn, "SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci")
	run(t, conn, "SET SESSION time_zone = '+00:00', sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,NO_ZERO_DATE,NO_ZERO_IN_DATE,ONLY_FULL_GROUP_BY'")
	return conn
}

func run(t *testing.T, conn *sql.Conn, statement string) {
	t.Helper()
	if _, err := conn.ExecContext(context.WithoutCancel(t.Context()), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// lookAt asks the server for what a person of the trade would look at first.
func lookAt(t *testing.T, s *mysqltest.Server, database string) {
	t.Helper()
	none := map[string]string{
		"table without InnoDB, utf8mb4 or comment": `SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE = 'BASE TABLE'
			AND (ENGINE <> 'InnoDB' OR TABLE_COLLATION <> 'utf8mb4_unicode_ci' OR TABLE_COMMENT = '')`,
		"table without a primary key": `SELECT t.TABLE_NAME FROM information_schema.TABLES t LEFT JOIN information_schema.TABLE_CONSTRAINTS c
			ON c.TABLE_SCHEMA = t.TABLE_SCHEMA AND c.TABLE_NAME = t.TABLE_NAME AND c.CONSTRAINT_TYPE = 'PRIMARY KEY'
			WHERE t.TABLE_SCHEMA = ? AND t.TABLE_TYPE = 'BASE TABLE' AND c.CONSTRAINT_NAME IS NULL`,
		"constraint or index with a made-up name": `SELECT CONSTRAINT_NAME FROM information_schema.TABLE_CONSTRAINTS WHERE TABLE_SCHEMA = ?
			AND CONSTRAINT_TYPE IN ('FOREIGN KEY', 'UNIQUE') AND CONSTRAINT_NAME NOT LIKE 'fk\_%' AND CONSTRAINT_NAME NOT LIKE 'uq\_%'
			UNION SELECT INDEX_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = '` + database + `'
			AND INDEX_NAME <> 'PRIMARY' AND INDEX_NAME NOT LIKE 'ix\_%' AND INDEX_NAME NOT LIKE 'uq\_%'`,
		"money without a scale or currency": `SELECT CONCAT(TABLE_NAME, '.', COLUMN_NAME) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ?
			AND (COLUMN_NAME LIKE '%amount' OR COLUMN_NAME IN ('price', 'fee', 'annual_fee')) AND TABLE_NAME NOT IN (SELECT TABLE_NAME FROM information_schema.VIEWS WHERE TABLE_SCHEMA = '` + database + `')
			AND COLUMN_TYPE <> 'decimal(19,4)'`,
		"password in a seed": `SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND EXISTS (SELECT 1 FROM ` + mysqltest.QuoteName(database) + `.users)`,
	}
	for what, query := range none {
		if rows := s.QueryRows(t, query, database); len(rows) > 0 {
			t.Errorf("%s: %v", what, rows)
		}
	}
	for _, view := range s.QueryRows(t, "SELECT TABLE_NAME FROM information_schema.VIEWS WHERE TABLE_SCHEMA = ?", database) {
		s.QueryRows(t, "SELECT * FROM "+mysqltest.QuoteName(database)+"."+mysqltest.QuoteName(view[0]))
	}
	// Whoever is to administrate a tenant may do all that can be allowed.
	rows := s.QueryRows(t, "SELECT p.code FROM "+mysqltest.QuoteName(database)+".permissions p WHERE NOT EXISTS (SELECT 1 FROM "+
		mysqltest.QuoteName(database)+".role_permissions rp JOIN "+mysqltest.QuoteName(database)+".roles r ON r.id = rp.role_id WHERE rp.permission_id = p.id AND r.code = 'administrator')")
	if len(rows) > 0 {
		t.Errorf("administrators lack %v", rows)
	}
}

// question is what a view is asked, and what it has to answer.
type question struct {
	query string // the view comes behind the first FROM
	want  [][]string
}

// TestBuiltin_views builds every built-in template with as many modules as go
// together, looks at what came out, and asks the views about a few rows.
func TestBuiltin_views(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		rows      []string
		questions map[string]question
	}{
		"basic": {
			rows: []string{
				"INSERT INTO users (id, email, display_name, status) VALUES (1, 'a@example.org', 'A', 'active'), (2, 'b@example.org', 'B', 'suspended'), (3, 'c@example.org', 'C', 'active')",
				"INSERT INTO user_roles (user_id, role_id, expires_at) SELECT u.id, r.id, IF(u.id = 3, '2000-01-01', NULL) FROM users u JOIN roles r ON r.code = 'member'",

				"INSERT INTO organizational_units (id, parent_id, code, name) VALUES (1, NULL, 'north', 'North'), (2, 1, 'city', 'City'), (3, 2, 'ward', 'Ward'), (4, NULL, 'south', 'South')",

				"INSERT INTO elections (id, title, status, opens_at, closes_at) VALUES (1, 'Board', 'closed', '2026-01-01', '2026-01-02'), (2, 'Next', 'voting', '2026-01-01', '2026-01-02')",
				"INSERT INTO election_offices (id, election_id, title) VALUES (1, 1, 'Chair'), (2, 2, 'Chair')",
				"INSERT INTO election_candidates (id, office_id, user_id, status) VALUES (1, 1, 1, 'accepted'), (2, 1, 2, 'accepted'), (3, 2, 1, 'accepted')",
				"INSERT INTO election_ballots (id, office_id) VALUES (REPEAT('a', 16), 1), (REPEAT('b', 16), 1), (REPEAT('c', 16), 2)",
				"INSERT INTO election_votes (ballot_id, candidate_id, office_id, preference) VALUES (REPEAT('a', 16), 1, 1, 1), (REPEAT('a', 16), 2, 1, 2), (REPEAT('b', 16), 1, 1, 1), (REPEAT('c', 16), 3, 2, 1)",

				"INSERT INTO financial_transactions (id, booked_on, description, status, posted_at) VALUES (1, '2026-01-01', 'Gift', 'posted', '2026-01-01'), (2, '2026-01-02', 'Not yet', 'draft', NULL)",
				"INSERT INTO financial_entries (transaction_id, line_number, account_id, amount, currency) SELECT t.id, a.id, a.id, IF(a.code = '1100', 10, -10), 'USD' FROM financial_accounts a JOIN financial_transactions t WHERE a.code IN ('1100', '4000')",

				"INSERT INTO membership_plans (id, code, name, currency, period_months) VALUES (1, 'gold', 'Gold', 'USD', NULL)",
				"INSERT INTO membership_subscriptions (user_id, plan_id, status, starts_on, ends_on, price, currency) VALUES (1, 1, 'active', '2000-01-01', NULL, 1, 'USD'), (2, 1, 'active', '2000-01-01', '2001-01-01', 1, 'USD'), (3, 1, 'pending', '2000-01-01', NULL, 1, 'USD')",
			},
			questions: map[string]question{
				"neither suspended users nor expired roles count": {
					"SELECT user_id, permission_code FROM user_permissions ORDER BY 1, 2",
					[][]string{{"1", "elections.read"}, {"1", "organization.read"}, {"1", "users.read"}},
				},
				"paths": {
					"SELECT id, root_id, depth, path FROM organizational_unit_paths WHERE path LIKE 'north/%' ORDER BY id",
					[][]string{{"2", "1", "1", "north/city"}, {"3", "1", "2", "north/city/ward"}},
				},
				"closed elections only": {
					"SELECT candidate_id, first_choices FROM election_results ORDER BY 1",
					[][]string{{"1", "2"}, {"2", "0"}},
				},
				"drafts do not count": {
					"SELECT account_code, balance FROM financial_account_balances WHERE balance <> 0 ORDER BY 1",
					[][]string{{"1100", "10.0000"}, {"4000", "-10.0000"}},
				},
				"active and not over": {
					"SELECT user_id, plan_code FROM current_membership_subscriptions",
					[][]string{{"1", "gold"}},
				},
			},
		},
		"ngo": {
			rows: []string{
				"INSERT INTO donors (id, name) VALUES (1, 'D')",
				"INSERT INTO donations (donor_id, received_on, amount, currency, payment_method, status) VALUES (1, '2026-03-01', 10, 'EUR', 'cash', 'received'), (1, '2026-04-01', 5.5, 'EUR', 'cash', 'received'), (1, '2026-04-01', 7, 'USD', 'cash', 'received'), (1, '2025-04-01', 1, 'EUR', 'cash', 'refunded')",
				"INSERT INTO members (id, member_number, given_name, family_name, joined_on, left_on) VALUES (1, 'M1', 'A', 'A', '2000-01-01', NULL), (2, 'M2', 'B', 'B', '2000-01-01', '2001-01-01')",
				"INSERT INTO memberships (member_id, membership_type_id, starts_on, currency) SELECT m.id, t.id, '2000-01-01', 'USD' FROM members m JOIN membership_types t ON t.code = 'regular'",
				"INSERT INTO grants (id, grantor_name, title, status, requested_amount, awarded_amount, currency) VALUES (1, 'G', 'T', 'awarded', 30, 20, 'USD')",
				"INSERT INTO grant_installments (grant_id, number, due_on, amount) VALUES (1, 1, '2026-01-01', 15), (1, 2, '2027-01-01', 5)",
			},
			questions: map[string]question{
				"totals a year and currency": {
					"SELECT donation_year, currency, donations, total_amount FROM donation_totals ORDER BY 2",
					[][]string{{"2026", "EUR", "2", "15.5000"}, {"2026", "USD", "1", "7.0000"}},
				},
				"who left is no member": {
					"SELECT member_number, membership_type_code FROM current_members", [][]string{{"M1", "regular"}},
				},
				"what is to come of a grant": {
					"SELECT received_amount, outstanding_amount FROM grant_balances", [][]string{{"0.0000", "20.0000"}},
				},
			},
		},
		"political_party": {
			rows: []string{
				"INSERT INTO users (id, email, display_name) VALUES (1, 'a@example.org', 'A')",
				"INSERT INTO party_position_holders (position_id, user_id, starts_on, ends_on) SELECT id, 1, '2000-01-01', IF(code = 'chair', NULL, '2001-01-01') FROM party_positions WHERE code IN ('chair', 'treasurer')",
				"INSERT INTO campaigns (id, code, name, campaign_type, starts_on, budget_amount, currency) VALUES (1, 'c', 'C', 'election', '2026-01-01', 100, 'EUR')",
				"INSERT INTO campaign_expenses (campaign_id, category, payee, spent_on, amount) VALUES (1, 'print', 'P', '2026-01-02', 30), (1, 'web', 'W', '2026-01-02', 12)",
			},
			questions: map[string]question{
				"vacant positions stay": {
					"SELECT position_code, user_id FROM current_party_positions WHERE position_code IN ('chair', 'treasurer') ORDER BY 1",
					[][]string{{"chair", "1"}, {"treasurer", "NULL"}},
				},
				"budget": {
					"SELECT spent_amount, remaining_amount FROM campaign_spending", [][]string{{"42.0000", "58.0000"}},
				},
			},
		},
		"corporate": {
			rows: []string{
				"INSERT INTO users (id, email, display_name, employee_number) VALUES (1, 'a@example.org', 'A', 'E1'), (2, 'b@example.org', 'B', 'E2')",
				"INSERT INTO organizational_units (id, code, name) VALUES (1, 'it', 'IT')",
				"INSERT INTO departments (id, organizational_unit_id, code, name) VALUES (1, 1, 'it', 'IT')",
				"INSERT INTO employees (id, user_id, department_id, manager_id, job_title, hired_on) VALUES (1, 1, 1, NULL, 'Lead', '2000-01-01'), (2, 2, 1, 1, 'Engineer', '2000-01-01')",
				"INSERT INTO time_entries (employee_id, started_at, stopped_at, break_minutes) VALUES (1, '2026-01-01 08:00', '2026-01-01 12:00', 15), (1, '2026-01-01 13:00', '2026-01-01 13:10', 30)",
			},
			questions: map[string]question{
				"directory": {
					"SELECT employee_number, department_code, manager_name FROM employee_directory ORDER BY 1",
					[][]string{{"E1", "it", "NULL"}, {"E2", "it", "A"}},
				},
				"a break longer than the work": {
					"SELECT worked_on, worked_minutes FROM daily_working_time", [][]string{{"2026-01-01", "205"}},
				},
			},
		},
	}
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		for name, test := range tests {
			database := s.Prefix + name
			l := builtinLineage(t, name)
			c := build(t, s, database, l, l.Coverings()[1])
			t.Run(name+" with "+strings.Join(c.Modules, " "), func(t *testing.T) { lookAt(t, s, database) })
			conn := connect(t, s)
			run(t, conn, "USE "+mysqltest.QuoteName(database))
			for _, row := range test.rows {
				run(t, conn, row)
			}
			_ = conn.Close()
			for what, q := range test.questions {
				t.Run(name+" "+what, func(t *testing.T) {
					query := strings.Replace(q.query, " FROM ", " FROM "+mysqltest.QuoteName(database)+".", 1)
					diff(t, s.QueryRows(t, query), q.want)
				})
			}
		}
	})
}

// TestBuiltin_checksums keeps the SQL of published built-in versions as it is:
// tenants were made from it. A change is a new version in builtins().
func TestBuiltin_checksums(t *testing.T) {
	t.Parallel()
	sums := map[string]string{}
	for _, name := range template.Builtins() {
		sums[name] = builtinLineage(t, name).Template().Checksum()[:19]
	}
	diff(t, sums, map[string]string{
		"basic": "sha256:23a4e9717e12", "ngo": "sha256:59e6dbbd7ad5", "political_party": "sha256:80f7743e28d0", "corporate": "sha256:16cb0433348d",
	})
}
