package account_test

import (
	"testing"
	"time"

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
