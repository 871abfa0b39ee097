package command_test

import (
	"context"
	"database/sql"
	"reflect"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/command"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// estateOf returns the configuration for the names of a test, after a first sample.
func estateOf(t *testing.T, s *mysqltest.Server) landlord.Config {
	t.Helper()
	cfg := landlord.Config{Main: mysql.Config{Endpoint: s.Endpoint(), Username: s.Username, Password: s.Password}, Database: s.LandlordDatabase, Prefix: s.Prefix, Version: "test"}
	if status, out, errs := subcommand(t, cfg, "sample"); status != command.StatusDone {
		t.Fatalf("%d %q %q", status, out, errs)
	}
	return cfg
}

// tenantsWithSamples are a tenant with a table, one without and one without a database,
// each with a sample.
func tenantsWithSamples(t *testing.T, s *mysqltest.Server) {
	t.Helper()
	s.Exec(t, "CREATE DATABASE "+s.Prefix+"acme", "CREATE TABLE "+s.Prefix+"acme.notes (id INT NOT NULL PRIMARY KEY)", "CREATE DATABASE "+s.Prefix+"empty",
		"INSERT INTO "+s.LandlordDatabase+".tenants (slug, name, database_name, status, template, desired_version) VALUES ('acme', 'Acme', '"+s.Prefix+"acme', 'active', 'shop', '1.0.0'),"+
			" ('empty', 'Empty', '"+s.Prefix+"empty', 'active', 'shop', '1.0.0'), ('gone', 'Gone', '"+s.Prefix+"gone', 'active', 'shop', '1.0.0')",
		"INSERT INTO "+s.LandlordDatabase+".tenant_samples (tenant_id, sampled_at, score, expires_at) SELECT id, UTC_TIMESTAMP(6) - INTERVAL 1 HOUR, 90, UTC_TIMESTAMP(6) + INTERVAL 1 DAY FROM "+s.LandlordDatabase+".tenants")
}

// asProcedure makes a procedure of what the event does, and returns its name.
func asProcedure(t *testing.T, s *mysqltest.Server, cfg landlord.Config) string {
	t.Helper()
	status, out, errs := subcommand(t, cfg, "sample", "--event", "15m")
	_, body, found := strings.Cut(out, " DO BEGIN\n")
	if status != command.StatusDone || !found {
		t.Fatalf("%d %q %q", status, out, errs)
	}
	name := s.LandlordDatabase + ".keep_now"
	s.Exec(t, "CREATE PROCEDURE "+name+"() BEGIN\n"+strings.TrimSuffix(body, "//\nDELIMITER ;\n"))
	return name
}

// keptNow are the tenants that have a new sample, with what a query asks of it.
func keptNow(t *testing.T, s *mysqltest.Server, columns string) [][]string {
	t.Helper()
	return s.QueryRows(t, "SELECT t.slug, "+columns+" FROM "+s.LandlordDatabase+".tenant_samples AS n JOIN "+s.LandlordDatabase+".tenants AS t ON t.id = n.tenant_id WHERE n.sampled_at > UTC_TIMESTAMP(6) - INTERVAL 10 MINUTE ORDER BY t.slug")
}

// session is a connection of its own, which waits a second for a lock and begins
// transactions that it does not commit.
func session(t *testing.T, s *mysqltest.Server, statements ...string) *sql.Conn {
	t.Helper()
	c, err := s.DB().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = c.ExecContext(context.Background(), "ROLLBACK")
		_ = c.Close()
	})
	for _, statement := range append([]string{"SET SESSION innodb_lock_wait_timeout = 1, autocommit = 0"}, statements...) {
		if _, err := c.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	return c
}

// TestSampleEvent_locks: what the event reads of tenants keeps no apply waiting, and no
// apply keeps the event waiting. A tenant without a table has a sample too.
func TestSampleEvent_locks(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		cfg := estateOf(t, s)
		tenantsWithSamples(t, s)
		keep := asProcedure(t, s, cfg)
		tenants := s.LandlordDatabase + ".tenants"

		keeper := session(t, s, "CALL "+keep+"()") // and has not committed what it kept
		other := session(t, s)
		if _, err := other.ExecContext(t.Context(), "UPDATE "+tenants+" SET name = CONCAT(name, '!'), database_name = CONCAT(database_name, '_x')"); err != nil {
			t.Errorf("the event has locked tenants: %v", err)
		}
		if _, err := keeper.ExecContext(t.Context(), "ROLLBACK"); err != nil {
			t.Fatal(err)
		}
		if _, err := keeper.ExecContext(t.Context(), "CALL "+keep+"()"); err != nil {
			t.Fatalf("the event waits for tenants that an apply has locked: %v", err)
		}
		if _, err := keeper.ExecContext(t.Context(), "COMMIT"); err != nil {
			t.Fatal(err)
		}
		want := [][]string{{"acme", "90", "1", "0"}, {"empty", "90", "0", "0"}}
		if got := keptNow(t, s, "n.score, n.size_bytes > 0, n.free_bytes"); !reflect.DeepEqual(got, want) {
			t.Errorf("the event kept %v, not %v", got, want)
		}
	})
}

// TestSampleEvent_statements: with a binary log of statements the event keeps samples too.
// What a tenant did is not known when what the server counts had no room for all.
func TestSampleEvent_statements(t *testing.T) {
	t.Parallel()
	for _, kind := range mysqltest.Kinds(t) {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			s := mysqltest.Private(t, kind, mysqltest.Args("--log-bin=binlog", "--server-id=1", "--binlog-format=STATEMENT", "--log-bin-trust-function-creators=1",
				"--performance-schema=ON", "--performance-schema-digests-size=5")).Server
			cfg := estateOf(t, s)
			tenantsWithSamples(t, s)
			s.Exec(t, "CALL "+asProcedure(t, s, cfg)+"()")
			want := [][]string{{"acme", "0", "NULL", "NULL"}, {"empty", "0", "NULL", "NULL"}}
			if got := keptNow(t, s, "n.table_rows, n.statements, n.rows_changed"); !reflect.DeepEqual(got, want) {
				t.Errorf("the event kept %v, not %v", got, want)
			}
		})
	}
}
