package provider_test

import (
	"fmt"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// application makes an account with nothing but what is granted to it on one
// object of the landlord database, and returns how it logs in.
func application(t *testing.T, s *mysqltest.Server, grant string) (username, password string) {
	t.Helper()
	username, password = s.Prefix+"app", "Application_1"
	s.Exec(t, "CREATE USER "+mysqltest.QuoteName(username)+"@'%' IDENTIFIED BY '"+password+"'",
		fmt.Sprintf(grant, mysqltest.QuoteName(s.LandlordDatabase))+" TO "+mysqltest.QuoteName(username)+"@'%'")
	return username, password
}

// TestDirectory has an application read where tenants are, and nothing else. The
// account of the provider has what its documentation asks for.
func TestDirectory(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		environment := environmentOf(s)
		environment["LANDLORD_USERNAME"], environment["LANDLORD_PASSWORD"] = s.ProviderAccount(t)
		c := coreWith(t, environment)
		c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
		c.must("landlord_tenant", nil, acme(values{"metadata": values{"tier": "gold"}}))
		c.must("landlord_tenant", nil, acme(values{"slug": "beta", "name": "Beta", "status": "suspended"}))
		s.Exec(t, "INSERT INTO "+mysqltest.QuoteName(s.LandlordDatabase)+".tenants (slug, name, database_name, status) VALUES ('half', 'Half', 'half', 'creating')")

		username, password := application(t, s, "GRANT SELECT ON %s.tenant_directory")
		db := s.Open(t, username, password, s.LandlordDatabase)
		rows, err := db.QueryContext(t.Context(), "SELECT d.slug, d.database, d.server, d.host, d.port, d.status, d.template, d.version, REPLACE(COALESCE(d.metadata, ''), ' ', ''), d.name FROM tenant_directory d ORDER BY slug")
		must(t, err)
		defer rows.Close()
		var got []string
		for rows.Next() {
			texts := make([]string, 10)
			to := make([]any, len(texts))
			for i := range texts {
				to[i] = &texts[i]
			}
			must(t, rows.Scan(to...))
			got = append(got, strings.Join(texts, "|"))
		}
		must(t, rows.Err())
		want := []string{
			"acme|" + s.Prefix + "acme||" + s.Host + "|" + s.Port + `|active|shop|1.0.0|{"tier":"gold"}|Acme`,
			"beta|" + s.Prefix + "beta||" + s.Host + "|" + s.Port + "|suspended|shop|1.0.0||Beta",
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		for _, denied := range []string{
			"SELECT * FROM tenants", "SELECT * FROM landlord_servers", "UPDATE tenant_directory SET name = 'x'", "DELETE FROM tenant_directory",
			"SELECT * FROM tenant_migrations_history", "SELECT * FROM " + mysqltest.QuoteName(s.Prefix+"acme") + ".users",
		} {
			if _, err := db.ExecContext(t.Context(), denied); err == nil || !strings.Contains(err.Error(), "denied") {
				t.Errorf("%s: %v", denied, err)
			}
		}
		var seen int
		must(t, db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA NOT IN ('information_schema', 'performance_schema')").Scan(&seen))
		if seen != 1 {
			t.Errorf("the application sees %d tables", seen)
		}

		// Who owns the view cannot log in, and may do just that.
		definer := s.QueryRows(t, "SELECT DEFINER FROM information_schema.VIEWS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = 'tenant_directory'", s.LandlordDatabase)[0][0]
		if definer != s.LandlordDatabase+"_clerk@localhost" {
			t.Errorf("the view belongs to %s", definer)
		}
		for _, row := range s.QueryRows(t, "SHOW GRANTS FOR '"+s.LandlordDatabase+"_clerk'@localhost") {
			if !strings.HasPrefix(row[0], "GRANT USAGE ON *.* ") && !strings.Contains(strings.ReplaceAll(row[0], `"`, "`"), mysqltest.QuoteName(s.LandlordDatabase)+".`") {
				t.Errorf("the owner of the view has: %s", row[0])
			}
		}

		locked := "SELECT account_locked FROM mysql.user WHERE User = ?"
		if s.Kind.IsMariaDB() {
			locked = "SELECT IF(JSON_VALUE(Priv, '$.account_locked'), 'Y', 'N') FROM mysql.global_priv WHERE User = ?"
		}
		if rows := s.QueryRows(t, locked, s.LandlordDatabase+"_clerk"); len(rows) != 1 || rows[0][0] != "Y" {
			t.Errorf("the owner of the view is locked: %v", rows)
		}

		// A dump without the view: the next run that writes makes it again.
		s.Exec(t, "DROP VIEW "+mysqltest.QuoteName(s.LandlordDatabase)+".tenant_directory")
		coreWith(t, environment).must("landlord_tenant", nil, acme(values{"slug": "gamma", "name": "Gamma"}))
		var slugs int
		must(t, db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM tenant_directory").Scan(&slugs))
		if slugs != 3 {
			t.Errorf("the view has %d tenants", slugs)
		}
	})
}

// TestDirectory_without: an account that may make no accounts works all the same.
func TestDirectory_without(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	username := s.Prefix + "poor"
	s.Exec(t, "CREATE USER "+mysqltest.QuoteName(username)+"@'%' IDENTIFIED BY 'Provider_1'",
		"GRANT ALL PRIVILEGES ON "+mysqltest.QuoteName(s.LandlordDatabase)+".* TO "+mysqltest.QuoteName(username)+"@'%'")
	environment := environmentOf(s)
	environment["LANDLORD_USERNAME"], environment["LANDLORD_PASSWORD"] = username, "Provider_1"
	coreWith(t, environment).must("landlord_migration_approval", nil, values{"digest": "sha256:" + strings.Repeat("0", 64)})
	if rows := s.QueryRows(t, "SELECT 1 FROM information_schema.VIEWS WHERE TABLE_SCHEMA = ?", s.LandlordDatabase); len(rows) > 0 {
		t.Error("there is a view")
	}
	coreOn(t, s).must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	if rows := s.QueryRows(t, "SELECT 1 FROM information_schema.VIEWS WHERE TABLE_SCHEMA = ?", s.LandlordDatabase); len(rows) != 1 {
		t.Error("there is no view")
	}
}
