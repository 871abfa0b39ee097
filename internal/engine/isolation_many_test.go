package engine_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestSoakIsolationReport_many reads the report of an estate of 10,000 databases
// with an account each, and counts statements and time; LANDLORD_TEST_MANY is
// another number. docs/design/isolation.md has what was measured.
func TestSoakIsolationReport_many(t *testing.T) {
	t.Parallel()
	if os.Getenv("LANDLORD_SOAK") == "" {
		t.Skip("LANDLORD_SOAK is not set")
	}
	many := 10_000
	if n, err := strconv.Atoi(os.Getenv("LANDLORD_TEST_MANY")); err == nil {
		many = n
	}
	for _, kind := range mysqltest.Kinds(t) {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			p := mysqltest.Private(t, kind, mysqltest.Args("--skip-log-bin", "--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0", "--innodb-file-per-table=0"))
			s := p.Server
			r := s.Record(t)
			as := func(c *landlord.Config) { c.Main.Username, c.Main.Password = r.Username, r.Password }
			e := engineOn(t, s, as)
			publish(t, e, shop("1.0.0"))
			create(t, e, landlord.TenantSpec{Slug: "first", Name: "First", Template: "shop@1.0.0"})
			few, _ := countedReport(t, engineOn(t, s, as), r, 1)
			began := time.Now()
			populate(t, s, many-1)
			t.Logf("%d databases were made in %v", many-1, time.Since(began))
			got, took := countedReport(t, engineOn(t, s, as), r, many)
			if got != few {
				t.Errorf("%d statements for one tenant, %d for %d: %q", few, got, many, r.Statements(t))
			}
			t.Logf("%s: %d statements, %v for %d databases", kind, got, took.Round(10*time.Millisecond), many)
		})
	}
}

// countedReport reads the report of a clean estate.
func countedReport(t *testing.T, e *engine.Engine, r *mysqltest.Recording, tenants int) (statements int, took time.Duration) {
	t.Helper()
	r.Reset(t)
	began := time.Now()
	report, err := e.IsolationReport(t.Context(), nil)
	if err != nil {
		t.Fatal(explain(err))
	}
	took = time.Since(began)
	if report.Tenants != tenants || len(report.Findings) > 0 {
		t.Errorf("%d tenants, findings: %+v", report.Tenants, report.Findings[:min(3, len(report.Findings))])
	}
	return r.Count(t), took
}

// populate makes tenants by hand, with a table, a view and a function each, and an
// account that has one of them.
func populate(t *testing.T, s *mysqltest.Server, n int) {
	t.Helper()
	name := func(i int) string { return fmt.Sprintf("%sn%05d", s.Prefix, i) }
	work := make(chan int, n)
	for i := range n {
		work <- i
	}
	close(work)
	var wg sync.WaitGroup
	const workers = 4
	for range workers {
		wg.Go(func() {
			for i := range work {
				db := name(i)
				for _, sql := range []string{
					"CREATE DATABASE " + db, "CREATE TABLE " + db + ".t (id INT PRIMARY KEY, a VARCHAR(20))",
					"CREATE SQL SECURITY INVOKER VIEW " + db + ".v AS SELECT id FROM " + db + ".t", "CREATE DEFINER = " + mysqltest.QuoteName(db) + "@'%' FUNCTION " + db + ".f() RETURNS INT DETERMINISTIC RETURN 1",
				} {
					if _, err := s.DB().ExecContext(t.Context(), sql); err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	wg.Wait()
	registered := make([]string, n)
	for i := range n {
		registered[i] = fmt.Sprintf("('n%05d', 'N', '%s', 'active', 'shop', '1.0.0')", i, name(i))
	}
	s.Exec(t, "INSERT INTO "+s.LandlordDatabase+".tenants (slug, name, database_name, status, template, desired_version) VALUES "+strings.Join(registered, ", "))
	// Account by account it would take the server an hour: straight into its tables.
	numbers := "WITH RECURSIVE c (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n < " + strconv.Itoa(n-1) + ") "
	user := "CONCAT('" + s.Prefix + "n', LPAD(n, 5, '0'))"
	s.Exec(t, "SET GLOBAL max_connections = 200")
	if isMariaDB(s) {
		s.Exec(t, "SET STATEMENT max_recursive_iterations = 100000 FOR INSERT INTO mysql.global_priv (Host, User, Priv) "+numbers+"SELECT '%', "+user+`, '{"access":0,"plugin":"mysql_native_password","authentication_string":"*0000000000000000000000000000000000000001"}' FROM c`)
	} else {
		s.Exec(t, "INSERT INTO mysql.user (Host, User, ssl_cipher, x509_issuer, x509_subject, plugin, authentication_string) SELECT /*+ SET_VAR(cte_max_recursion_depth = 100000) */ '%', d.u, '', '', '', 'caching_sha2_password', CONCAT('$A$005$', REPEAT('a', 20), REPEAT('B', 43)) FROM ("+
			numbers+"SELECT "+user+" AS u FROM c) AS d")
	}
	s.Exec(t, "INSERT INTO mysql.db (Host, Db, User, Select_priv, Insert_priv, Update_priv, Delete_priv) SELECT '%', REPLACE(User, '_', CONCAT(CHAR(92), '_')), User, 'Y', 'Y', 'Y', 'Y' FROM mysql.user WHERE User LIKE '"+s.Prefix+"n0%'",
		"FLUSH PRIVILEGES")
}
