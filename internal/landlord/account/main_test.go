package account_test

import (
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

func TestMain(m *testing.M) { mysqltest.Run(m) }

// bed is a server with the accounts of one landlord, and a session of the
// provider's account.
type bed struct {
	*mysqltest.Server
	accounts *account.Accounts
	srv      *registry.Server
	x        *mysql.Session
	info     mysql.Info
}

// newBed opens a process of its own, so to say, as that account.
func newBed(t *testing.T, s *mysqltest.Server, username, password string) *bed {
	t.Helper()
	return bedOf(t, s, landlord.Config{
		Main:     mysql.Config{Endpoint: s.Endpoint(), Username: username, Password: password},
		Database: s.LandlordDatabase, Prefix: s.Prefix,
	})
}

// newOwningBed is newBed for the account of the tests, with owners of programs.
func newOwningBed(t *testing.T, s *mysqltest.Server) *bed {
	t.Helper()
	cfg := landlord.Config{
		Main:     mysql.Config{Endpoint: s.Endpoint(), Username: s.Username, Password: s.Password},
		Database: s.LandlordDatabase, Prefix: s.Prefix,
	}
	return bedOf(t, s, account.New(&cfg).Owning(cfg))
}

func bedOf(t *testing.T, s *mysqltest.Server, cfg landlord.Config) *bed {
	t.Helper()
	cfg = cfg.WithDefaults()
	servers, err := registry.Open(&cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = servers.Close() })
	b := &bed{Server: s, accounts: account.New(&cfg), srv: servers.Main()}
	if b.x, err = b.srv.Session(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.x.Close)
	if b.info, err = b.x.Info(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b
}

// open makes a run account with rights on the rows of a database.
func (b *bed) open(t *testing.T, database string, grants ...account.Grant) *account.Run {
	t.Helper()
	r, err := b.accounts.Open(t.Context(), account.Purpose{On: b.x, Database: database, Grants: grants})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// left counts the run accounts that there are.
func (b *bed) left(t *testing.T) int {
	t.Helper()
	var n int
	if err := b.DB().QueryRowContext(t.Context(), "SELECT COUNT(*) FROM mysql.user WHERE User LIKE ?", b.LandlordDatabase+`_run_%`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
