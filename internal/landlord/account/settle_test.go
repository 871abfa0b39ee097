package account_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestRunner_settle: what a text sets in its session, by itself or by what its rows set
// off, is gone before the provider writes there.
func TestRunner_settle(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		own := s.Prefix + "a"
		s.Exec(t, "CREATE DATABASE "+own, "CREATE TABLE "+own+".t (a INT)", "CREATE TABLE "+own+".numbers (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY)")
		b := newOwningBed(t, s)
		if err := b.x.Use(t.Context(), own); err != nil {
			t.Fatal(err)
		}
		texts := b.accounts.Runner(b.x, own, account.OnText)
		defer texts.Close()
		session := func() *mysql.Session {
			x, err := texts.Session(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return x
		}
		settings := func(x *mysql.Session) (out []string) {
			rows, err := x.Query(t.Context(), "SHOW SESSION VARIABLES")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = rows.Close() }()
			for rows.Next() {
				var name, value string
				if err := rows.Scan(&name, &value); err != nil {
					t.Fatal(err)
				}
				if name == "timestamp" {
					value = fmt.Sprint(len(value) > 6)
				}
				if !strings.Contains(name, "gtid") && !slices.Contains([]string{"pseudo_thread_id", "rand_seed1", "rand_seed2", "in_transaction", "last_insert_id", "statement_id"}, name) {
					out = append(out, name+"="+value)
				}
			}
			return out
		}
		send := func(sql string) {
			t.Helper()
			x, err := texts.For(t.Context(), sql)
			if err == nil {
				_, err = x.Exec(t.Context(), sql)
			}
			if err != nil {
				t.Errorf("%s: %v", sql, err)
			}
		}
		before := settings(session())
		for _, text := range []string{
			"SET NAMES gbk", "SET sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES'", "SET character_set_results = latin1, collation_connection = latin1_bin", "SET time_zone = '-11:00', timestamp = 1",
			"SET sql_select_limit = 0, sql_safe_updates = 1, sql_auto_is_null = 1, max_join_size = 1", "SET foreign_key_checks = 0, unique_checks = 0, lock_wait_timeout = 1, sql_quote_show_create = 0",
			"CREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW SET SESSION timestamp = 1, SESSION time_zone = '+05:00', SESSION sql_select_limit = 0", "INSERT INTO t VALUES (1)",
		} {
			send(text)
			if err := texts.Lend(t.Context(), s.LandlordDatabase); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			x := session()
			for i, now := range settings(x) {
				if now != before[i] {
					t.Errorf("%s: %s, was %s", text, now, before[i])
				}
			}
		}
		const want = "what ran in this session has set `insert_id`, which chooses the number of the next row: leave that out"
		send("DROP TRIGGER r")
		send("CREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW SET insert_id = 2000000")
		for _, text := range []string{"SET insert_id = 1000000", "INSERT INTO t VALUES (2)"} {
			send(text)
			if err := texts.Lend(t.Context(), s.LandlordDatabase); err == nil || err.Error() != want {
				t.Errorf("%s: %v", text, err)
			}
			send("INSERT INTO numbers VALUES ()") // uses it up
			if err := texts.Lend(t.Context(), s.LandlordDatabase); err != nil {
				t.Errorf("%s: %v", text, err)
			}
		}
	})
}
