package engine_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/tenant"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestAccount_killed cuts an account off at each of its statements: the next run
// completes it, whatever its password is, and no account is left that nobody knows.
func TestAccount_killed(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		withTenants(t, s, "acme")
		spec := accountOf(landlord.RoleApplication)
		spec.Name = s.Prefix + "app"
		var points []string
		e := engineOn(t, s)
		e.OnFault(func(point string) { points = append(points, point) })
		if _, err := e.ApplyAccount(t.Context(), spec, "", nil); err != nil {
			t.Fatal(explain(err))
		}
		if len(points) < 4 {
			t.Fatalf("points: %v", points)
		}
		if err := e.RemoveAccount(t.Context(), "acme", spec.Name); err != nil {
			t.Fatal(explain(err))
		}
		for _, point := range points {
			ctx, cancel := context.WithCancel(t.Context())
			e := engineOn(t, s)
			e.OnFault(func(at string) {
				if at == point {
					cancel()
				}
			})
			if _, err := e.ApplyAccount(ctx, spec, "", nil); err == nil {
				t.Errorf("%s: it went on", point)
			}
			cancel()
			if known := s.QueryRows(t, "SELECT COUNT(*) FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".tenant_accounts WHERE account = ?", spec.Name); known[0][0] != "1" {
				t.Errorf("%s: the account is not recorded", point)
			}
			next := spec
			next.Password = "An0ther-horse-battery"
			give(t, s, next, "")
			if !logs(t, s, spec.Name, "An0ther-horse-battery") || logs(t, s, spec.Name, firstPassword) {
				t.Errorf("%s: another password is in force", point)
			}
			if err := engineOn(t, s).RemoveAccount(t.Context(), "acme", spec.Name); err != nil {
				t.Fatal(explain(err))
			}
		}
	})
}

// TestAccount_rights makes an account with the privileges of the documentation,
// and is told which are missing.
func TestAccount_rights(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		account, password := s.Prefix+"a", "Tr-0ub4dor-x"
		pattern := func(name string) string { return mysqltest.QuoteName(strings.ReplaceAll(name, "_", `\_`) + "%") }
		s.Exec(t, "CREATE USER "+account+" IDENTIFIED BY '"+password+"'",
			"GRANT ALL PRIVILEGES ON "+mysqltest.QuoteName(s.LandlordDatabase)+".* TO "+account,
			"GRANT ALL PRIVILEGES ON "+pattern(s.LandlordDatabase+"_")+".* TO "+account,
			"GRANT SELECT, INSERT, CREATE, ALTER, DROP, REFERENCES, INDEX, CREATE VIEW, SHOW VIEW, UPDATE, DELETE ON "+pattern(s.Prefix)+".* TO "+account)
		start := func() *engine.Engine {
			return engineOn(t, s, func(c *landlord.Config) { c.Main.Username, c.Main.Password = account, password })
		}
		withTenants(t, s, "acme")
		spec := accountOf(landlord.RoleReadOnly)
		provider := mysqltest.QuoteName(account) + "@`%`"
		_, err := start().PlanAccount(t.Context(), spec, "")
		if err == nil || !strings.HasPrefix(explain(err), "Accounts of the server cannot be read []\nReading the accounts `"+s.Prefix+"acme_read` of server `"+s.Endpoint()+"`.\n\nThe account of the provider does not see what other accounts were granted, it lacks SELECT on `mysql.*`: ") ||
			!strings.HasSuffix(explain(err), "\n\nRun this as an administrator: GRANT SELECT ON `mysql`.* TO "+provider) {
			t.Errorf("blind: %s", said(err))
		}
		s.Exec(t, "GRANT SELECT ON mysql.* TO "+account)
		_, err = start().PlanAccount(t.Context(), spec, "")
		wantProblem(t, err, "Provider may not make this account []\nThe account `"+s.Prefix+"acme_read` of tenant `acme` with the role `read_only` needs rights that the account of the provider does not have.\n\n"+
			"Run this as an administrator:\nGRANT CREATE USER ON *.* TO "+provider+"\nGRANT SELECT, SHOW VIEW ON "+escaped(s.Prefix+"acme")+".* TO "+provider+" WITH GRANT OPTION")
		s.Exec(t, "GRANT CREATE USER ON *.* TO "+account, "GRANT ALL PRIVILEGES ON "+pattern(s.Prefix)+".* TO "+account+" WITH GRANT OPTION")
		e := start()
		plan, err := e.PlanAccount(t.Context(), spec, "")
		if err != nil || len(plan.Notes) > 0 {
			t.Fatal(said(err))
		}
		without := spec
		without.Password = ""
		_, err = e.ApplyAccount(t.Context(), without, "", plan.Statements)
		wantProblem(t, err, "Account needs a password [password_wo]\nAccount `"+plan.Name+"` of tenant `acme` is made, or gets another password, and the configuration has none.\n\n"+
			"Set `password_wo` and `password_wo_version`. Neither plan nor state holds the password.")
		made, err := e.ApplyAccount(t.Context(), spec, "", plan.Statements)
		if err != nil {
			t.Fatal(explain(err))
		}
		if !logs(t, s, made.Name, firstPassword) {
			t.Error("it does not log in")
		}
		_, err = start().ApplyAccount(t.Context(), spec, made.Fingerprint, []string{"DROP USER x"})
		wantProblem(t, err, "Account changed since the plan []\nAccount `"+made.Name+"` of tenant `acme` was changed by somebody else. The planned statements are not what is left to do.\n\nNothing was run. Plan again.")
		spec.Hosts, spec.Name = []string{"10.%"}, made.Name
		plan, err = start().PlanAccount(t.Context(), spec, made.Fingerprint)
		if err != nil {
			t.Fatal(explain(err))
		}
		admin := "CONNECTION_ADMIN"
		if s.Kind.IsMariaDB() {
			admin = "CONNECTION ADMIN"
		}
		if diff := cmp.Diff("Open connections keep their rights []\nRights of account `"+made.Name+"` of tenant `acme` are taken away. The account of the provider may not end connections, so those that are open keep what they have until they end.\n\n"+
			"Run this as an administrator: GRANT PROCESS, "+admin+" ON *.* TO "+provider, written(plan.Notes)); diff != "" {
			t.Error(diff)
		}
		definer := "SET_ANY_DEFINER"
		if s.Kind.IsMariaDB() {
			definer = "SET USER"
		}
		s.Exec(t, "GRANT "+definer+" ON *.* TO "+account, "GRANT ALL PRIVILEGES ON "+pattern(s.LandlordDatabase)+".* TO "+account+" WITH GRANT OPTION",
			"GRANT ALL PRIVILEGES ON "+pattern(s.LandlordDatabase+"_")+".* TO "+account+" WITH GRANT OPTION")
		row, err := start().Tenant(t.Context(), "acme")
		if err != nil {
			t.Fatal(explain(err))
		}
		locked, err := start().PlanTenant(t.Context(), landlord.TenantSpec{Slug: "acme", Name: row.Name, Template: row.Template, Status: landlord.StatusSuspended},
			&landlord.PriorTenant{Name: row.Name, Status: row.Status, Template: row.Template})
		if err != nil {
			t.Fatal(explain(err))
		}
		if diff := cmp.Diff("Open connections go on [status]\nTenant `acme` is locked out: nobody logs in any more. The account of the provider may not see and end the connections of others, so those that are open go on until they end.\n\n"+
			"Run this as an administrator: GRANT PROCESS, "+admin+" ON *.* TO "+provider, written(locked.Notes)); diff != "" {
			t.Error(diff)
		}
		if err := start().RemoveAccount(t.Context(), "acme", made.Name); err != nil {
			t.Fatal(explain(err))
		}
	})
}

// TestAccount_stopped shows what a change says that does not come to its end, or
// to another one.
func TestAccount_stopped(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	withTenants(t, s, "acme")
	spec := accountOf(landlord.RoleReadOnly)
	spec.Name = s.Prefix + "app"
	name, on := mysqltest.QuoteName(spec.Name)+"@`%`", escaped(s.Prefix+"acme")+".*"
	grant := "GRANT SELECT, SHOW VIEW ON " + on + " TO " + name
	meddle := func(point, sql string) error {
		e := engineOn(t, s)
		e.OnFault(func(at string) {
			if at == point {
				s.Exec(t, sql)
			}
		})
		_, err := e.ApplyAccount(t.Context(), spec, "", nil)
		return err
	}
	cause := map[bool]string{false: "You are not allowed to create a user with GRANT", true: "Can't find any matching row in the user table"}[s.Kind.IsMariaDB()]
	wantProblem(t, meddle("before "+grant, "DROP USER "+name), "Account change stopped []\nChanging account `"+spec.Name+"` of tenant `acme` stopped at statement 2 of 2.\n\n"+grant+
		"\n\nCause: "+cause+"\n\nWhat is done is kept and recorded. Correct the cause and apply again: the change goes on where it stopped.")
	wantProblem(t, meddle("after "+grant, "GRANT PROCESS ON *.* TO "+name), "Account is not what was predicted []\nAll statements for account `"+spec.Name+"` of tenant `acme` ran, and these would be needed still:\n\n"+
		"REVOKE PROCESS ON *.* FROM "+name+"\n\nSomebody changed the account meanwhile. It is recorded as incomplete. Plan again.")
	incomplete, err := engineOn(t, s).Account(t.Context(), "acme", spec.Name)
	if err != nil || incomplete.Status != landlord.AccountIncomplete {
		t.Errorf("afterwards it is %+v, %v", incomplete, err)
	}
	give(t, s, spec, incomplete.Fingerprint)

	account, password := s.Prefix+"a", "Tr-0ub4dor-x"
	s.Exec(t, "CREATE USER "+account+" IDENTIFIED BY '"+password+"'", "GRANT ALL PRIVILEGES ON "+mysqltest.QuoteName(s.LandlordDatabase)+".* TO "+account,
		"GRANT ALL PRIVILEGES ON "+mysqltest.QuoteName(s.Prefix+"acme")+".* TO "+account, "GRANT SELECT ON mysql.user TO "+account)
	start := func() *engine.Engine {
		return engineOn(t, s, func(c *landlord.Config) { c.Main.Username, c.Main.Password = account, password })
	}
	_, err = start().Account(t.Context(), "acme", spec.Name)
	first := s.QueryRows(t, "SELECT MIN(CONCAT('''', User, '''@''', Host, '''')) FROM mysql.user WHERE Host <> '' AND User <> ?", account)[0][0]
	wantProblem(t, err, "Accounts of the server cannot be read []\nReading the accounts `"+spec.Name+"` of server `"+s.Endpoint()+"`.\n\n"+
		"The account of the provider does not see what other accounts were granted, it lacks SELECT on `mysql.*`: those of "+first+" are not shown.\n\n"+
		"Run this as an administrator: GRANT SELECT ON `mysql`.* TO `"+account+"`@`%`")
	wantProblem(t, start().RemoveAccount(t.Context(), "acme", spec.Name), "Accounts cannot be dropped []\nDropping the accounts `"+spec.Name+"` of tenant `acme`.\n\nDROP USER IF EXISTS "+name+
		"\n\nCause: Access denied; you need (at least one of) the CREATE USER privilege(s) for this operation\n\nThe account of the provider needs `CREATE USER`. On MySQL an account stays that is the definer of programs: `drift_policy = \"repair\"` of the tenant gives them to its owner account. Destroy it again to go on.")
	if !logs(t, s, spec.Name, firstPassword) {
		t.Error("the account is gone")
	}
}

// TestAccount_secret looks for a password wherever a server might keep it.
func TestAccount_secret(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		withTenants(t, s, "acme")
		rec := s.Record(t)
		recorded := func() *engine.Engine {
			return engineOn(t, s, func(c *landlord.Config) { c.Main.Username, c.Main.Password = rec.Username, rec.Password })
		}
		// Passwords that no other test writes into the log of this server.
		first, second := s.Prefix+"F1rst-horse-battery", s.Prefix+"Sec0nd-horse-battery"
		spec := accountOf(landlord.RoleApplication)
		spec.Password = landlord.Secret(first)
		made, err := recorded().ApplyAccount(t.Context(), spec, "", nil)
		if err != nil {
			t.Fatal(explain(err))
		}
		spec.Name, spec.NewPassword, spec.Password = made.Name, true, landlord.Secret(second)
		if _, err := recorded().ApplyAccount(t.Context(), spec, made.Fingerprint, nil); err != nil {
			t.Fatal(explain(err))
		}
		places := []string{"SELECT argument FROM mysql.general_log", "SELECT INFO FROM information_schema.PROCESSLIST WHERE INFO IS NOT NULL",
			"SELECT CAST(detail AS CHAR) FROM " + mysqltest.QuoteName(s.LandlordDatabase) + ".tenant_events"}
		if !s.Kind.IsMariaDB() {
			places = append(places, "SELECT SQL_TEXT FROM performance_schema.events_statements_history_long WHERE SQL_TEXT IS NOT NULL",
				"SELECT SQL_TEXT FROM performance_schema.events_statements_history WHERE SQL_TEXT IS NOT NULL")
		}
		seen := false
		for _, query := range places {
			for _, row := range s.QueryRows(t, query) {
				seen = seen || strings.Contains(row[0], "ALTER USER `"+made.Name)
				for _, password := range []string{first, second} {
					if strings.Contains(row[0], password) && !strings.Contains(row[0], "mysql.general_log") {
						t.Errorf("%s: %s", query, row[0])
					}
				}
			}
		}
		if !seen {
			t.Error("the log does not hold what it should")
		}
	})
}

// TestAccount_statements counts what refreshing and planning accounts costs.
func TestAccount_statements(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		withTenants(t, s, "acme", "beta")
		rec := s.Record(t)
		var specs []landlord.TenantAccountSpec
		count := func() int {
			e := engineOn(t, s, func(c *landlord.Config) { c.Main.Username, c.Main.Password = rec.Username, rec.Password })
			if _, err := e.Tenants(t.Context(), tenant.Filter{}); err != nil {
				t.Fatal(explain(err))
			}
			rec.Reset(t)
			for _, spec := range specs {
				seen, err := e.Account(t.Context(), spec.Tenant, spec.Name)
				if err != nil {
					t.Fatal(explain(err))
				}
				if plan, err := e.PlanAccount(t.Context(), spec, seen.Fingerprint); err != nil || len(plan.Statements) > 0 {
					t.Fatalf("%+v, %v", plan, err)
				}
			}
			n := 0
			for _, sql := range rec.Statements(t) {
				if !strings.Contains(sql, "NOT IN (SELECT GRANTEE") { // asked again while another test makes an account
					n++
				}
			}
			return n
		}
		add := func(slug string, role landlord.AccountRole) {
			spec := accountOf(role)
			spec.Tenant = slug
			plan, made := give(t, s, spec, "")
			spec.Name = made.Name
			specs = append(specs, spec)
			_ = plan
		}
		add("acme", landlord.RoleApplication)
		one := count()
		add("acme", landlord.RoleReadOnly)
		add("acme", landlord.RoleMigrator)
		add("beta", landlord.RoleApplication)
		if four := count(); four != one || one == 0 {
			t.Errorf("%d statements for one account, %d for four", one, four)
		}
	})
}
