package account_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestReserve: accounts that are made and dropped together reach no more than others,
// and each serves one run.
func TestReserve(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		databases := []string{s.Prefix + "a", s.Prefix + "b", s.Prefix + "c"}
		for _, db := range databases {
			s.Exec(t, "CREATE DATABASE "+db, "CREATE TABLE "+db+".t (a INT)")
		}
		username, password := s.ProviderAccount(t)
		b := newBed(t, s, username, password)
		reserve, err := b.accounts.Reserve(t.Context(), b.x, 2, databases[0])
		if err != nil {
			t.Fatal(err)
		}
		seen := map[account.Name]bool{}
		for i, own := range databases {
			texts := b.accounts.Runner(b.x, own, account.OnText).From(reserve)
			x, err := texts.Session(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var user string
			if err := x.Row(t.Context(), "SELECT CURRENT_USER()").Scan(&user); err != nil {
				t.Fatal(err)
			}
			if name := (account.Name{User: user}); seen[name] {
				t.Errorf("%s serves a second run", user)
			} else {
				seen[name] = true
			}
			for _, other := range databases {
				_, err := x.Exec(t.Context(), "INSERT INTO "+other+".t VALUES (1)")
				if own == other && err != nil || own != other && !mysql.IsAccessDenied(err) {
					t.Errorf("the account of `%s` in `%s`: %v", own, other, err)
				}
			}
			texts.Close()
			// The third one is made by its run and dropped with it.
			if left := b.left(t); left != 2 {
				t.Errorf("after %d runs there are %d accounts", i+1, left)
			}
			for end := time.Now().Add(10 * time.Second); len(s.QueryRows(t, "SELECT ID FROM information_schema.PROCESSLIST WHERE USER = SUBSTRING_INDEX(?, '@', 1)", user)) > 0; time.Sleep(20 * time.Millisecond) {
				if time.Now().After(end) { // a server notices a moment later that a client is gone
					t.Fatalf("%s is still connected", user)
				}
			}
		}
		reserve.Close()
		if left := b.left(t); left != 0 {
			t.Errorf("%d accounts are left", left)
		}
	})
}

// TestReserve_unused: accounts that no run has needed go too.
func TestReserve_unused(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	b := newBed(t, s, s.Username, s.Password)
	reserve, err := b.accounts.Reserve(t.Context(), b.x, 3, s.Prefix+"a")
	if err != nil {
		t.Fatal(err)
	}
	if made := b.left(t); made != 3 {
		t.Errorf("%d accounts are there", made)
	}
	reserve.Close()
	if left := b.left(t); left != 0 {
		t.Errorf("%d accounts are left", left)
	}
}

// TestMakeOwners: owners that are made together are what each would be by itself. One
// that is somebody else's keeps nobody from theirs.
func TestMakeOwners(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		b := newOwningBed(t, s)
		var databases []string
		for _, name := range []string{"a", "b", "c", "d"} {
			databases = append(databases, s.Prefix+name)
			s.Exec(t, "CREATE DATABASE "+s.Prefix+name)
		}
		if _, err := b.accounts.DefinerOf(t.Context(), b.x, databases[1]); err != nil {
			t.Fatal(err)
		}
		taken, _ := b.accounts.OwnerOf(databases[2])
		s.Exec(t, "CREATE USER "+taken.String()) // not locked
		if err := b.accounts.MakeOwners(t.Context(), b.x, databases...); err != nil {
			t.Fatal(err)
		}
		for _, database := range databases {
			owner, _ := b.accounts.OwnerOf(database)
			err := b.x.Use(t.Context(), database)
			if err == nil {
				_, err = b.x.Exec(t.Context(), "CREATE VIEW v AS SELECT 1 AS one")
			}
			var p *landlord.Problem
			if database == databases[2] {
				if !errors.As(err, &p) || p.Summary != "Owner account is somebody else's" {
					t.Errorf("%s: %v", database, err)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			definer := s.QueryRows(t, "SELECT DEFINER FROM information_schema.VIEWS WHERE TABLE_SCHEMA = ?", database)
			if len(definer) != 1 || definer[0][0] != owner.User+"@"+owner.Host {
				t.Errorf("the view of %s belongs to %v", database, definer)
			}
			if again, err := b.accounts.DefinerOf(t.Context(), b.x, database); err != nil || again != owner.String() {
				t.Errorf("%s is no exact owner: %v", again, err)
			}
			if login := s.QueryRows(t, "SHOW CREATE USER "+owner.String()); len(login) != 1 || !strings.Contains(login[0][0], "ACCOUNT LOCK") {
				t.Errorf("%v", login)
			}
		}
		for _, database := range databases {
			s.Exec(t, "DROP DATABASE "+database)
			owner, _ := b.accounts.OwnerOf(database)
			s.Exec(t, "DROP USER IF EXISTS "+owner.String())
		}
	})
}
