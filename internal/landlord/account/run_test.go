package account_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestRun_walls tries, as a run account, everything that is none of its business.
func TestRun_walls(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		b := newBed(t, s, s.Username, s.Password)
		own, other, twin := s.Prefix+"a_b", s.Prefix+"c", s.Prefix+"aXb"
		for _, name := range []string{own, other, twin, s.LandlordDatabase} {
			s.Exec(t, "CREATE DATABASE "+name, "CREATE TABLE "+name+".t (a INT)", "INSERT INTO "+name+".t VALUES (1)")
		}
		r := b.open(t, own, account.Grant{Database: own, Privileges: account.OnDatabase})
		ctx := t.Context()
		for _, sql := range []string{
			"INSERT INTO t VALUES (2)", "CREATE TABLE n AS SELECT * FROM t", "ALTER TABLE n ADD b INT", "CREATE INDEX i ON n (b)",
			"CREATE TEMPORARY TABLE m (a INT)", "UPDATE " + own + ".t SET a = 3", "RENAME TABLE n TO o", "DROP TABLE o",
			"LOCK TABLES t WRITE", "UNLOCK TABLES",
		} {
			if _, err := r.Session.Exec(ctx, sql); err != nil {
				t.Errorf("%s: %v", sql, err)
			}
		}
		denied := []string{
			"CREATE USER evil", "CREATE DATABASE " + s.Prefix + "evil", "SET GLOBAL max_connections = 10", "FLUSH TABLES",
			"SELECT * FROM mysql.user", "INSERT INTO mysql.user (Host, User) VALUES ('%', 'evil')", "SELECT 1 INTO OUTFILE '/tmp/landlord_never'",
			"LOAD DATA INFILE '/etc/passwd' INTO TABLE t", "GRANT SELECT ON " + own + ".* TO PUBLIC", "GRANT SELECT ON " + own + ".* TO CURRENT_USER()",
			"CREATE PROCEDURE p() SELECT 1", "CREATE EVENT e ON SCHEDULE EVERY 1 SECOND DO SELECT 1",
			fmt.Sprintf("KILL %d", b.x.ID()), "SHOW BINARY LOGS", "PURGE BINARY LOGS BEFORE NOW()", "RESET MASTER",
			"CREATE DEFINER = " + mysqltest.QuoteName(s.Username) + "@'%' VIEW v AS SELECT 1",
			"RENAME TABLE t TO " + other + ".u", "CREATE VIEW v AS SELECT * FROM " + other + ".t",
		}
		for _, name := range []string{other, twin, s.LandlordDatabase} {
			denied = append(denied, "SELECT * FROM "+name+".t", "INSERT INTO "+name+".t VALUES (9)", "UPDATE "+name+".t SET a = 9",
				"DELETE FROM "+name+".t", "DROP TABLE "+name+".t", "DROP DATABASE "+name, "CREATE TABLE "+name+".n (a INT)", "USE "+name,
				"UPDATE t, "+name+".t AS o SET o.a = 9", "CREATE TABLE n LIKE "+name+".t", "LOCK TABLES "+name+".t READ",
				"ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES "+name+".t (a)", "CREATE TABLE c (a INT, FOREIGN KEY (a) REFERENCES "+name+".t (a))")
		}
		for _, sql := range denied {
			if _, err := r.Session.Exec(ctx, sql); !mysql.IsAccessDenied(err) && !mysql.IsSyntax(err) {
				t.Errorf("%s: %v", sql, err)
			}
		}
		if _, err := r.Session.Exec(ctx, "DO 1; DO 2"); !mysql.IsSyntax(err) {
			t.Errorf("two statements at once: %v", err)
		}
		if _, err := r.Session.Exec(ctx, "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE t"); err == nil {
			t.Error("a file of this machine was read")
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		for _, name := range []string{other, twin, s.LandlordDatabase} {
			var sum, tables int
			if err := s.DB().QueryRowContext(ctx, "SELECT SUM(a) FROM "+name+".t").Scan(&sum); err != nil || sum != 1 {
				t.Errorf("%s: %d, %v", name, sum, err)
			}
			if err := s.DB().QueryRowContext(ctx, "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?", name).Scan(&tables); err != nil || tables != 1 {
				t.Errorf("%s: %d tables, %v", name, tables, err)
			}
		}
		if n := b.left(t); n != 0 {
			t.Errorf("%d accounts are left", n)
		}
	})
}

// TestRun_table gives rights on single tables, before they exist.
func TestRun_table(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		b := newBed(t, s, s.Username, s.Password)
		own := s.Prefix + "a"
		s.Exec(t, "CREATE DATABASE "+own, "CREATE TABLE "+own+".core (id INT PRIMARY KEY)")
		r := b.open(t, own, account.Grant{Database: own, Table: "ext", Privileges: account.OnTable},
			account.Grant{Database: own, Table: "core", Privileges: "SELECT, REFERENCES"})
		defer func() {
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		}()
		ctx := t.Context()
		for _, sql := range []string{
			"CREATE TABLE ext (a INT, FOREIGN KEY (a) REFERENCES core (id))", "ALTER TABLE ext ADD b INT, ADD KEY (b)", "INSERT INTO ext VALUES (NULL, 1)",
			"DROP TABLE ext", "CREATE TABLE ext AS SELECT * FROM core",
		} {
			if _, err := r.Session.Exec(ctx, sql); err != nil {
				t.Errorf("%s: %v", sql, err)
			}
		}
		for _, sql := range []string{
			"INSERT INTO core VALUES (1)", "DELETE FROM core", "ALTER TABLE core ADD b INT", "CREATE INDEX i ON core (id)", "DROP TABLE core",
			"CREATE TABLE other (a INT)", "TRUNCATE TABLE core", "RENAME TABLE ext TO other", "DROP DATABASE " + own,
			"ALTER DATABASE " + own + " CHARACTER SET latin1",
		} {
			if _, err := r.Session.Exec(ctx, sql); !mysql.IsAccessDenied(err) {
				t.Errorf("%s: %v", sql, err)
			}
		}
	})
}

// endless takes longer than anybody waits, and does not sleep: a sleep that is
// ended counts as over.
const endless = "INSERT INTO t SELECT COUNT(*) FROM information_schema.COLLATIONS a, information_schema.COLLATIONS b," +
	" information_schema.COLLATIONS c, information_schema.COLLATIONS d"

// TestRun_canceled ends what the server would go on with.
func TestRun_canceled(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		b := newBed(t, s, s.Username, s.Password)
		own := s.Prefix + "a"
		s.Exec(t, "CREATE DATABASE "+own, "CREATE TABLE "+own+".t (a INT)")
		r := b.open(t, own, account.Grant{Database: own, Privileges: account.OnRows})
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := r.Session.Exec(ctx, endless); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v", err)
		}
		begun := time.Now()
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		if took := time.Since(begun); took > 10*time.Second {
			t.Errorf("it took %s", took)
		}
		var running, rows int
		for { // a connection that was told to end does so at its next look
			if err := s.DB().QueryRowContext(t.Context(), "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = ?", r.Account.User).Scan(&running); err != nil {
				t.Fatal(err)
			}
			if running == 0 || time.Since(begun) > 10*time.Second {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		if running != 0 {
			t.Errorf("%d connections are left", running)
		}
		if err := s.DB().QueryRowContext(t.Context(), "SELECT COUNT(*) FROM "+own+".t").Scan(&rows); err != nil || rows != 0 {
			t.Errorf("%d rows were written, %v", rows, err)
		}
		if n := b.left(t); n != 0 {
			t.Errorf("%d accounts are left", n)
		}
	})
}

// TestSweep drops what killed runs left, ends what it still does, and leaves
// what is in use.
func TestSweep(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		ctx := t.Context()
		own := s.Prefix + "a"
		s.Exec(t, "CREATE DATABASE "+own, "CREATE TABLE "+own+".t (a INT)")
		killed, living := newBed(t, s, s.Username, s.Password), newBed(t, s, s.Username, s.Password)
		grant := account.Grant{Database: own, Privileges: account.OnRows}
		dead, alive := killed.open(t, own, grant), living.open(t, own, grant)
		ended := make(chan error, 1)
		go func() {
			_, err := dead.Session.Exec(context.WithoutCancel(ctx), endless)
			ended <- err
		}()
		time.Sleep(100 * time.Millisecond)
		killed.x.Discard()                                                // the process is gone, and its statement goes on
		for free := "0"; free != "1"; time.Sleep(10 * time.Millisecond) { // a server notices a moment later
			free = s.QueryRows(t, "SELECT IS_FREE_LOCK(?)", account.LockOf(dead))[0][0]
		}

		next := newBed(t, s, s.Username, s.Password)
		r := next.open(t, own, grant)
		if err := <-ended; err == nil {
			t.Error("the statement of the killed run came to its end")
		}
		if n := next.left(t); n != 2 {
			t.Errorf("%d accounts, want those of the two runs that live", n)
		}
		for _, r := range []*account.Run{alive, r} {
			if _, err := r.Session.Exec(ctx, "INSERT INTO t VALUES (1)"); err != nil {
				t.Error(err)
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		}
		if n := next.left(t); n != 0 {
			t.Errorf("%d accounts are left", n)
		}
	})
}

// TestRun_secret looks for the password of a run account wherever a server might
// keep it.
func TestRun_secret(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		rec := s.Record(t)
		b := newBed(t, s, rec.Username, rec.Password)
		own := s.Prefix + "a"
		s.Exec(t, "CREATE DATABASE "+own)
		r := b.open(t, own, account.Grant{Database: own, Privileges: account.OnRows})
		password := account.PasswordOf(r)
		if len(password) < 20 {
			t.Fatalf("the password has %d letters", len(password))
		}
		places := []string{"SELECT argument FROM mysql.general_log", "SELECT INFO FROM information_schema.PROCESSLIST WHERE INFO IS NOT NULL"}
		if b.info.Product == mysql.MySQL {
			places = append(places, "SELECT SQL_TEXT FROM performance_schema.events_statements_history_long WHERE SQL_TEXT IS NOT NULL",
				"SELECT SQL_TEXT FROM performance_schema.events_statements_history WHERE SQL_TEXT IS NOT NULL",
				"SELECT SQL_TEXT FROM performance_schema.events_statements_current WHERE SQL_TEXT IS NOT NULL", "SELECT authentication_string FROM mysql.user")
		}
		seen := 0
		for _, query := range places {
			for _, text := range column(t, s, query) {
				seen++
				if strings.Contains(text, password) {
					t.Errorf("%s: %s", query, text)
				}
			}
		}
		if all := strings.Join(column(t, s, "SELECT argument FROM mysql.general_log"), "\n"); !strings.Contains(all, r.Account.User) || seen < 5 {
			t.Error("the log does not hold what it should")
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
}

func column(t *testing.T, s *mysqltest.Server, query string) (out []string) {
	t.Helper()
	rows, err := s.DB().QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		out = append(out, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestRun_canceledInProgram ends a text that has set off a program of the tenant's
// owner. To a server the connection is then the owner's: the run account may not
// end it, and MariaDB does not even show it. Close returns when it is gone, as the
// account of the documentation.
func TestRun_canceledInProgram(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		own := s.Prefix + "a"
		s.Exec(t, "CREATE DATABASE "+own, "CREATE TABLE "+own+".t (a INT)")
		username, password := s.ProviderAccount(t)
		b := newBed(t, s, username, password)
		owner, _ := b.accounts.OwnerOf(own)
		provider := mysqltest.QuoteName(username) + "@`%`"
		s.Exec(t, "CREATE USER "+owner.String()+" ACCOUNT LOCK", "GRANT ALL ON "+own+".* TO "+owner.String(),
			"CREATE DEFINER = "+owner.String()+" TRIGGER "+own+".slow BEFORE INSERT ON "+own+".t FOR EACH ROW BEGIN DECLARE e DATETIME DEFAULT SYSDATE() + INTERVAL 60 SECOND; WHILE SYSDATE() < e DO DO 1; END WHILE; END")
		defer s.Exec(t, "DROP DATABASE "+own, "DROP USER "+owner.String())
		// MariaDB leaves out the database of a connection that it cannot look at without waiting.
		works := func() bool {
			for range 40 {
				if len(s.QueryRows(t, "SELECT ID FROM information_schema.PROCESSLIST WHERE DB = ?", own)) > 0 {
					return true
				}
				time.Sleep(25 * time.Millisecond)
			}
			return false
		}
		run := func() *account.Run {
			r := b.open(t, own, account.Grant{Database: own, Privileges: account.OnText})
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if _, err := r.Session.Exec(ctx, "INSERT INTO t VALUES (1)"); err == nil {
				t.Error("the trigger has ended before it was canceled")
			}
			if !works() {
				t.Fatal("nothing is at work any more: the test shows nothing")
			}
			return r
		}
		err := run().Close()
		if s.Kind == "mariadb-11.8" { // which wants the very account, that nobody can log in as
			if err == nil || !strings.HasSuffix(err.Error(), " is still there after 20s: it is in a program of another account, which takes GRANT CONNECTION ADMIN ON *.* TO "+provider) || !works() {
				t.Errorf("got %v", err)
			}
			for _, row := range s.QueryRows(t, "SELECT ID FROM information_schema.PROCESSLIST WHERE DB = ?", own) {
				s.Exec(t, "KILL "+row[0])
			}
			return
		}
		if err != nil {
			t.Error(err)
		}
		if works() {
			t.Error("the text is still at work after Close")
		}
		// A process that was killed closes nothing; the next one sweeps.
		killed := run()
		if err := b.x.Unlock(t.Context(), account.LockOf(killed)); err != nil {
			t.Fatal(err)
		}
		if err := b.accounts.Sweep(t.Context(), b.x); err != nil {
			t.Error(err)
		}
		if works() {
			t.Error("the text is still at work after the sweep")
		}
		if left := s.QueryRows(t, "SELECT User, Host FROM mysql.user WHERE User LIKE ? AND Host <> 'localhost'", s.LandlordDatabase+`_%`); len(left) > 0 {
			t.Errorf("accounts are left: %q", left)
		}
	})
}
