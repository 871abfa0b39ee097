package account

import (
	"sync"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// Accounts makes the accounts of one landlord on its servers. One serves all
// runs of a process. It is safe for concurrent use.
type Accounts struct {
	Config *landlord.Config
	Names  Names

	mu    sync.Mutex
	known map[*mysql.Server]*known
}

// known is what a process has learnt about one server.
type known struct {
	mu     sync.Mutex
	rights *Rights
	swept  bool
	exact  bool // run accounts are for the very host that this process comes from
}

// New returns the accounts of a landlord.
func New(cfg *landlord.Config) *Accounts {
	return &Accounts{
		Config: cfg, Names: NamesOf(cfg.Database),
		known: map[*mysql.Server]*known{},
	}
}

func (a *Accounts) of(srv *mysql.Server) *known {
	a.mu.Lock()
	defer a.mu.Unlock()
	k := a.known[srv]
	if k == nil {
		k = &known{}
		a.known[srv] = k
	}
	return k
}

// sweepAgain lets the next run account look for those that are left.
func (k *known) sweepAgain() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.swept = false
}

// lockOf names the lock of whoever uses a run account.
func lockOf(user string) string { return mysql.LockName("landlord run", user) }
