package mysql_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/sessiontest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

func TestSession_settings(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		cfg := sessiontest.Config(s)
		cfg.LockTimeout = 2500 * time.Millisecond
		x := sessiontest.Session(t, sessiontest.Open(t, cfg))
		var got [10]string
		err := x.Row(t.Context(), "SELECT @@character_set_client, @@character_set_results, @@collation_connection, @@sql_mode,"+
			" @@time_zone, @@lock_wait_timeout, @@innodb_lock_wait_timeout, @@foreign_key_checks, @@autocommit, @@lc_messages").
			Scan(&got[0], &got[1], &got[2], &got[3], &got[4], &got[5], &got[6], &got[7], &got[8], &got[9])
		if err != nil {
			t.Fatal(err)
		}
		want := [10]string{
			"utf8mb4", "utf8mb4", "utf8mb4_unicode_ci",
			"ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION",
			"+00:00", "3", "3", "1", "1", "en_US",
		}
		// The products order the modes differently.
		got[3], want[3] = sorted(got[3]), sorted(want[3])
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("settings (-want +got):\n%s", diff)
		}
	})
}

// Every statement counts: a plan of a hundred tenants may send twenty.
func TestSession_statements(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		r := s.Record(t)
		cfg := sessiontest.Config(s)
		cfg.Username, cfg.Password, cfg.MaxConnections = r.Username, r.Password, 1
		server := sessiontest.Open(t, cfg)
		sessiontest.Info(t, server)
		sessiontest.Info(t, server)
		for range 2 {
			x := sessiontest.Session(t, server)
			if _, err := x.Exec(t.Context(), "DO ?", "it's \\ ?"); err != nil {
				t.Error(err)
			}
			x.Close()
		}
		want := []string{"SET", "SELECT VERSION()", "SELECT CONNECTION_ID()", `DO 'it\'s \\ ?'`, `DO 'it\'s \\ ?'`}
		got := r.Statements(t)
		if len(got) != len(want) {
			t.Fatalf("sent %d statements, want %d:\n%s", len(got), len(want), strings.Join(got, "\n"))
		}
		for i := range want {
			if !strings.HasPrefix(got[i], want[i]) {
				t.Errorf("statement %d is %s, want %s …", i, got[i], want[i])
			}
		}
	})
}

func TestSession_returnsClean(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		cfg := sessiontest.Config(s)
		cfg.MaxConnections = 1
		server := sessiontest.Open(t, cfg)
		name := s.Prefix + "a"
		s.Exec(t, "CREATE DATABASE "+name)
		ctx := t.Context()

		x := sessiontest.Session(t, server)
		first := x.ID()
		if err := errors.Join(x.Use(ctx, name), x.Lock(ctx, name, 0)); err != nil {
			t.Fatal(err)
		}
		x.Close()
		x.Close()

		x = sessiontest.Session(t, server)
		if x.ID() != first {
			t.Errorf("the connection %d was thrown away, now it is %d", first, x.ID())
		}
		var database string
		var holder *uint64
		if err := x.Row(ctx, "SELECT DATABASE(), IS_USED_LOCK(?)", name).Scan(&database, &holder); err != nil {
			t.Fatal(err)
		}
		if database != "information_schema" || holder != nil {
			t.Errorf("the session came back with the database %q and the lock held by %v", database, holder)
		}
		x.Discard()
		x.Close()

		x = sessiontest.Session(t, server)
		if x.ID() == first {
			t.Error("the session was discarded and came back")
		}
		if err := x.Use(ctx, name+"_gone"); !mysql.IsNoSuchDatabase(err) {
			t.Errorf("using a database that does not exist: %v", err)
		}
	})
}

// TestSession_taint gives a session back that ran somebody's SQL: whoever comes
// next finds neither its variables nor its locks.
func TestSession_taint(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		cfg := sessiontest.Config(s)
		cfg.MaxConnections = 1
		server, ctx := sessiontest.Open(t, cfg), t.Context()
		x := sessiontest.Session(t, server)
		lock := mysql.LockName("test taint", s.Prefix)
		if err := x.Lock(ctx, lock, time.Second); err != nil {
			t.Fatal(err)
		}
		if _, err := x.Exec(ctx, "SET @leak = 'of another tenant', foreign_key_checks = 0"); err != nil {
			t.Fatal(err)
		}
		first := x.ID()
		x.Taint()
		x.Close()
		x = sessiontest.Session(t, server)
		var leak *string
		var checks bool
		var holder *uint64
		if err := x.Row(ctx, "SELECT @leak, @@foreign_key_checks, IS_USED_LOCK(?)", lock).Scan(&leak, &checks, &holder); err != nil {
			t.Fatal(err)
		}
		if leak != nil || !checks || holder != nil || x.ID() == first {
			t.Errorf("@leak is %v, foreign_key_checks %v, the lock is held by %v, connection %d after %d", leak, checks, holder, x.ID(), first)
		}
	})
}

func TestSession_poisoned(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		tests := map[string]func(*testing.T, mysql.Config) (*mysql.Session, error){
			"context": func(t *testing.T, cfg mysql.Config) (*mysql.Session, error) {
				x := sessiontest.Session(t, sessiontest.Open(t, cfg))
				ctx, cancel := contextWithTimeout(t, 100*time.Millisecond)
				defer cancel()
				_, err := x.Exec(ctx, "DO SLEEP(3)")
				if !isContextError(err) {
					t.Errorf("got %v, want the error of the context", err)
				}
				return x, err
			},
			"context between rows": func(t *testing.T, cfg mysql.Config) (*mysql.Session, error) {
				x := sessiontest.Session(t, sessiontest.Open(t, cfg))
				ctx, cancel := contextWithTimeout(t, 300*time.Millisecond)
				defer cancel()
				rows, err := x.Query(ctx, "SELECT REPEAT('x', 1000), SLEEP(0.01) FROM information_schema.COLLATIONS")
				if err != nil {
					return x, err
				}
				defer func() { _ = rows.Close() }()
				for rows.Next() {
				}
				return x, rows.Err()
			},
			"statement timeout": func(t *testing.T, cfg mysql.Config) (*mysql.Session, error) {
				cfg.StatementTimeout = 1500 * time.Millisecond
				x := sessiontest.Session(t, sessiontest.Open(t, cfg))
				_, err := x.Exec(t.Context(), "DO SLEEP(5)")
				want := "the statement took longer than 1.5 seconds and was given up; the server may still be running it"
				if textOf(err) != want {
					t.Errorf("got  %v\nwant %s", err, want)
				}
				return x, err
			},
			"killed": func(t *testing.T, cfg mysql.Config) (*mysql.Session, error) {
				server := sessiontest.Open(t, cfg)
				x := sessiontest.Session(t, server)
				if err := server.Kill(t.Context(), x.ID()); err != nil {
					t.Fatal(err)
				}
				var err error
				sessiontest.Until(t, "the end of the connection", func() bool {
					_, err = x.Exec(t.Context(), "DO 1")
					return err != nil
				})
				if !mysql.IsConnectionLost(err) {
					t.Errorf("got %v, want IsConnectionLost", err)
				}
				return x, err
			},
		}
		for name, run := range tests {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				x, err := run(t, sessiontest.Config(s))
				if err == nil {
					t.Error("there was no error")
				}
				if !x.Poisoned() {
					t.Errorf("the session is not poisoned by %v", err)
				}
			})
		}
		t.Run("error of the server", func(t *testing.T) {
			t.Parallel()
			x := sessiontest.Session(t, sessiontest.Open(t, sessiontest.Config(s)))
			if _, err := x.Exec(t.Context(), "DO no_such_function()"); err == nil || x.Poisoned() {
				t.Errorf("error %v, poisoned %v", err, x.Poisoned())
			}
		})
	})
}

func TestTx(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		ctx := t.Context()
		table := mysql.Qualified(s.Prefix+"a", "t")
		s.Exec(t, "CREATE DATABASE "+s.Prefix+"a", "CREATE TABLE "+table+" (a INT PRIMARY KEY)")
		x := sessiontest.Session(t, sessiontest.Open(t, sessiontest.Config(s)))
		for value, commit := range map[int]bool{1: true, 2: false} {
			tx, err := x.Begin(ctx)
			if err != nil {
				t.Fatal(err)
			}
			res, err := tx.Exec(ctx, "INSERT INTO "+table+" VALUES (?)", value)
			if err != nil || res.RowsAffected != 1 {
				t.Fatal(res, err)
			}
			if commit {
				if err := tx.Commit(ctx); err != nil {
					t.Fatal(err)
				}
			}
			tx.Rollback()
		}
		if diff := cmp.Diff([][]string{{"1"}}, s.QueryRows(t, "SELECT a FROM "+table)); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
		if x.Poisoned() {
			t.Error("the session is poisoned")
		}
	})
}

func TestLock(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		ctx := t.Context()
		server := sessiontest.Open(t, sessiontest.Config(s))
		a, b := sessiontest.Session(t, server), sessiontest.Session(t, server)
		name := mysql.LockName("landlord", s.Prefix)
		if err := a.Lock(ctx, name, time.Second); err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		err := b.Lock(ctx, name, time.Second)
		var held *mysql.LockHeldError
		if !errors.As(err, &held) {
			t.Fatalf("got %v, want a LockHeldError", err)
		}
		if time.Since(begin) < 900*time.Millisecond {
			t.Error("the lock was not waited for")
		}
		if held.Holder == nil || held.Holder.ID != a.ID() || held.Holder.User != s.Username {
			t.Errorf("the holder is %v, want connection %d of %s", held.Holder, a.ID(), s.Username)
		}
		want := fmt.Sprintf("the lock `%s` was not free within 1 second: it is held by connection %d of %s@%s (Sleep for ",
			name, a.ID(), s.Username, held.Holder.Host)
		if !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got  %s\nwant %s…", err, want)
		}

		// It comes free while it is waited for.
		done := make(chan error, 1)
		go func() { done <- b.Lock(ctx, name, 10*time.Second) }()
		sessiontest.Until(t, "the waiting", func() bool {
			c, err := mysql.FindConnection(ctx, a, sessiontest.Info(t, server), b.ID())
			return err == nil && c.State == "User lock"
		})
		if err := a.Unlock(ctx, name); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if err := a.Unlock(ctx, name); textOf(err) != "release the lock `"+name+"`: this session did not hold it" {
			t.Errorf("releasing what is not held: %v", err)
		}
		b.Discard()
		sessiontest.Until(t, "the end of the lock", func() bool { return a.Lock(ctx, name, 0) == nil })
	})
}

func TestLockName(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 64)
	names := map[string]string{
		"plain":       mysql.LockName("landlord", "tenant_acme"),
		"long":        mysql.LockName("landlord", long+"a"),
		"long, other": mysql.LockName("landlord", long+"b"),
		"parts":       mysql.LockName("landlord:tenant_acme"),
		"case":        mysql.LockName("landlord", "Tenant_acme"),
		"unicode":     mysql.LockName("landlord", "ténant"),
		"unicode two": mysql.LockName("landlord", "tènant"),
	}
	seen := map[string]string{}
	for what, name := range names {
		if len(name) > 64 || name != strings.ToLower(name) {
			t.Errorf("%s: `%s` has %d characters", what, name, len(name))
		}
		if other, ok := seen[name]; ok {
			t.Errorf("%s and %s have the same name `%s`", what, other, name)
		}
		seen[name] = what
	}
	if got := names["plain"]; !strings.HasPrefix(got, "landlord:tenant_acme#") {
		t.Errorf("`%s` is not readable", got)
	}
}

func TestFence(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		ctx := t.Context()
		other := s.Prefix + "u"
		s.Exec(t, "CREATE USER "+other+"@'%' IDENTIFIED BY 'Other_1'")
		server := sessiontest.Open(t, sessiontest.Config(s))
		info := sessiontest.Info(t, server)

		t.Run("gone", func(t *testing.T) {
			t.Parallel()
			if err := mysql.Fence(ctx, server, info, 4_000_000_000, 0, 0); err != nil {
				t.Error(err)
			}
		})
		t.Run("leaves by itself", func(t *testing.T) {
			t.Parallel()
			old := sessiontest.Session(t, sessiontest.Open(t, sessiontest.Config(s)))
			time.AfterFunc(300*time.Millisecond, old.Discard)
			if err := mysql.Fence(ctx, server, info, old.ID(), 20*time.Second, 0); err != nil {
				t.Error(err)
			}
		})
		t.Run("is killed while it works", func(t *testing.T) {
			t.Parallel()
			old := sessiontest.Session(t, sessiontest.Open(t, sessiontest.Config(s)))
			failed := make(chan error, 1)
			go func() {
				_, err := old.Exec(ctx, "DO SLEEP(60)")
				failed <- err
			}()
			if err := mysql.Fence(ctx, server, info, old.ID(), 200*time.Millisecond, 20*time.Second); err != nil {
				t.Error(err)
			}
			if err := <-failed; err == nil {
				t.Error("the old connection went on")
			}
		})
		t.Run("belongs to somebody else", func(t *testing.T) {
			t.Parallel()
			cfg := sessiontest.Config(s)
			cfg.Username, cfg.Password = other, "Other_1"
			old := sessiontest.Session(t, sessiontest.Open(t, cfg))
			err := mysql.Fence(ctx, server, info, old.ID(), 200*time.Millisecond, time.Second)
			var fence *mysql.FenceError
			if !errors.As(err, &fence) {
				t.Fatalf("got %v, want a FenceError", err)
			}
			want := fence.Connection.String() + " is still there: it belongs to another account than `" + info.Account + "`, so it was not killed"
			if err.Error() != want {
				t.Errorf("got  %s\nwant %s", err, want)
			}
			if _, err := old.Exec(ctx, "DO 1"); err != nil {
				t.Errorf("the connection of the other account was killed: %v", err)
			}
		})
	})
}

func TestInfo(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		info := sessiontest.Info(t, sessiontest.Open(t, sessiontest.Config(s)))
		product, version, _ := strings.Cut(string(s.Kind), "-")
		if !strings.EqualFold(string(info.Product), product) || !strings.HasPrefix(info.Version, version+".") {
			t.Errorf("%s is %s %s", s.Kind, info.Product, info.Version)
		}
		if info.UUID == "" || info.DefaultEngine != "InnoDB" || info.Host == "" || !strings.HasPrefix(info.Account, s.Username+"@") {
			t.Errorf("incomplete: %+v", info)
		}
		if info.ReadOnly || info.InvisiblePrimaryKey || info.RequirePrimaryKey {
			t.Errorf("wrong: %+v", info)
		}
		key := info.RenderKey()
		if len(key) > 190 || !strings.HasPrefix(key, strings.ToLower(product)+" "+version) {
			t.Errorf("the key is `%s`", key)
		}
		other := info
		other.Account = "somebody@else"
		if other.RenderKey() == key {
			t.Error("the key does not depend on the account")
		}
	})
}

// Settings that a server may have, and that change the key of a rendering.
func TestInfo_settings(t *testing.T) {
	t.Parallel()
	kinds := mysqltest.Kinds(t)
	s := mysqltest.Private(t, kinds[0])
	before := sessiontest.Info(t, sessiontest.Open(t, sessiontest.Config(s.Server)))
	if before.Product != mysql.MySQL {
		t.Skip("needs MySQL")
	}
	s.Exec(t, "SET GLOBAL sql_generate_invisible_primary_key = ON", "SET GLOBAL super_read_only = ON",
		"SET GLOBAL partial_revokes = ON", "SET GLOBAL event_scheduler = OFF")
	after := sessiontest.Info(t, sessiontest.Open(t, sessiontest.Config(s.Server)))
	if !after.InvisiblePrimaryKey || !after.ReadOnly || !after.PartialRevokes || after.EventScheduler || !before.EventScheduler {
		t.Errorf("before: %+v\nafter: %+v", before, after)
	}
	if before.RenderKey() == after.RenderKey() {
		t.Error("the key does not depend on the invisible primary key")
	}
	_, err := sessiontest.Open(t, sessiontest.Config(s.Server)).Exec(t.Context(), "CREATE DATABASE x")
	if want := "--super-read-only option"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want it to tell of the %s", err, want)
	}
}

// TestServer_KillSessions: an account that may end none but its own connections ends
// those of the accounts that it is logged in as, too.
func TestServer_KillSessions(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		const password = "For_the_tests_3"
		for _, user := range []string{s.Prefix + "own", s.Prefix + "guest"} {
			s.Exec(t, "CREATE USER "+user+" IDENTIFIED BY '"+password+"'")
		}
		cfg := sessiontest.Config(s)
		cfg.Username, cfg.Password = s.Prefix+"own", password
		server := sessiontest.Open(t, cfg)
		own := sessiontest.Session(t, server)
		guest, err := server.LogIn(t.Context(), s.Prefix+"guest", password, "")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(guest.Discard)
		ended := make(chan struct{})
		for _, x := range []*mysql.Session{own, guest} {
			go func() {
				_, _ = x.Exec(t.Context(), "DO SLEEP(60)") // MySQL calls it done when it is killed
				ended <- struct{}{}
			}()
		}
		sessiontest.Until(t, "both statements", func() bool {
			return len(s.QueryRows(t, "SELECT 1 FROM information_schema.processlist WHERE info = 'DO SLEEP(60)' AND user IN (?, ?)", s.Prefix+"own", s.Prefix+"guest")) == 2
		})
		server.KillSessions(t.Context())
		for range 2 {
			select {
			case <-ended:
			case <-time.After(20 * time.Second):
				t.Fatal("a statement goes on")
			}
		}
	})
}
