package access

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
)

// seen is what a run has read of accounts: the rows of the landlord database in
// one statement, and per server what it has of those in two, however many there
// are. What the run changes itself is put in its place.
type seen struct {
	mu   sync.Mutex
	rows map[accountKey]*registry.AccountRow       // nil: not read yet
	live map[string]map[string][]privilege.Account // by server and user name
}

// accountKey names an account in the whole estate.
type accountKey struct{ server, name string }

// manyNames is the number of accounts from which on a server is asked for all of
// its accounts, and no more by their names.
const manyNames = 1000

// look returns what is recorded of an account, nil for nothing, and what its
// server has under the name.
func (a *Accesses) look(ctx context.Context, srv *registry.Server, name string) (*registry.AccountRow, []privilege.Account, error) {
	a.seen.mu.Lock()
	defer a.seen.mu.Unlock()
	if err := a.readRows(ctx); err != nil {
		return nil, nil, err
	}
	of := a.seen.live[srv.Key]
	if of == nil {
		of = map[string][]privilege.Account{}
		var names []string
		for key := range a.seen.rows {
			if key.server == srv.Key {
				names, of[key.name] = append(names, key.name), nil
			}
		}
		slices.Sort(names)
		if err := readLive(ctx, srv, srv, of, names); err != nil {
			return nil, nil, err
		}
		a.seen.live[srv.Key] = of
	}
	if _, known := of[name]; !known {
		of[name] = nil
		if err := readLive(ctx, srv, srv, of, []string{name}); err != nil {
			delete(of, name)
			return nil, nil, err
		}
	}
	return a.seen.rows[accountKey{srv.Key, name}], of[name], nil
}

// readRows reads the rows of all accounts once. The caller holds the mutex.
func (a *Accesses) readRows(ctx context.Context) error {
	if a.seen.rows != nil {
		return nil
	}
	all, err := a.Registry.ReadAccounts(ctx, a.Servers.Main())
	if err != nil {
		return registry.Unreachable(a.Servers.Main(), "reading the accounts of tenants", err)
	}
	a.seen.rows, a.seen.live = map[accountKey]*registry.AccountRow{}, map[string]map[string][]privilege.Account{}
	for _, r := range all {
		a.seen.rows[accountKey{r.Server, r.Name}] = r
	}
	return nil
}

// learn puts what is true of an account now in the place of what was read; a nil
// row and no accounts for one that is gone.
func (a *Accesses) learn(server, name string, row *registry.AccountRow, live []privilege.Account) {
	a.seen.mu.Lock()
	defer a.seen.mu.Unlock()
	if a.seen.rows == nil {
		return
	}
	delete(a.seen.rows, accountKey{server, name})
	if row != nil {
		a.seen.rows[accountKey{server, name}] = row
	}
	if of := a.seen.live[server]; of != nil {
		of[name] = live
	}
}

// forget makes the run read everything again.
func (a *Accesses) forget() {
	a.seen.mu.Lock()
	defer a.seen.mu.Unlock()
	a.seen.rows, a.seen.live = nil, nil
}

// readLive reads the accounts with the given names from a server.
func readLive(ctx context.Context, srv *registry.Server, q mysql.Queryer, into map[string][]privilege.Account, names []string) error {
	if len(names) == 0 {
		return nil
	}
	info, err := srv.Info(ctx)
	if err != nil {
		return registry.Unreachable(srv, "reading the accounts", err)
	}
	asked := names
	if len(names) > manyNames {
		asked = nil
	}
	all, err := privilege.Accounts(ctx, q, info, asked...)
	var hidden *privilege.HiddenGrantsError
	switch {
	case errors.As(err, &hidden):
		return &landlord.Problem{Summary: "Accounts of the server cannot be read", Detail: []string{
			fmt.Sprintf("Reading the accounts %s of server `%s`.", landlord.Quoted(names), srv.Endpoint()),
			landlord.Sentence(hidden.Error()),
			"Run this as an administrator: GRANT SELECT ON `mysql`.* TO " + mysql.AccountName(mysql.SplitAccount(info.Account)),
		}, Err: err}
	case err != nil:
		return registry.Unreachable(srv, "reading the accounts", err)
	}
	for _, one := range all {
		if _, wanted := into[one.User]; wanted {
			into[one.User] = append(into[one.User], one)
		}
	}
	return nil
}

// fingerprintOf returns a fingerprint of what a server has under the name of an account.
// Locks are left out, because whoever changes the status of the tenant changes
// them; passwords, because what could be made of their hashes is nobody's business.
func fingerprintOf(live []privilege.Account) string {
	var b strings.Builder
	for _, a := range live {
		fmt.Fprintf(&b, "%s tls=%s connections=%d former=%t plugin=%s\n", a.Name(), a.TLS, a.MaxUserConnections, a.FormerPassword, a.Password.Plugin)
		for _, r := range a.Rights {
			fmt.Fprintf(&b, " %s\n", r)
		}
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:])
}

// describe joins what is recorded of an account with what its server has; nil
// when the server has nothing that the landlord has made.
func (w *wish) describe(row *registry.AccountRow, live []privilege.Account) *landlord.TenantAccount {
	out := &landlord.TenantAccount{
		Tenant: w.Spec.Tenant, Name: w.Spec.Name, Database: w.Database, Status: landlord.AccountUnmanaged,
		Fingerprint: fingerprintOf(live), Drift: []string{}, OtherHosts: []string{}, Hosts: []string{}, Locked: true,
	}
	if row != nil {
		out.Server, out.Role, out.CreatedAt, out.Status = row.Server, row.Role, row.CreatedAt, landlord.AccountReady
		out.RequireTLS, out.MaxUserConnections = row.RequireTLS, row.MaxUserConnections
		if !row.Ready {
			out.Status = landlord.AccountIncomplete
		}
	} else if len(live) > 0 {
		out.Role, out.RequireTLS, out.MaxUserConnections = w.roleOf(live), live[0].TLS != "", live[0].MaxUserConnections
	}
	for _, a := range live {
		if row != nil && !slices.Contains(row.Hosts, a.Host) {
			out.OtherHosts = append(out.OtherHosts, a.Host)
			continue
		}
		out.Hosts = append(out.Hosts, a.Host)
		out.Locked, out.FormerPassword = out.Locked && a.Locked, out.FormerPassword || a.FormerPassword
		if row != nil && (a.TLS != "") != row.RequireTLS {
			out.RequireTLS = !row.RequireTLS
		}
		if row != nil && a.MaxUserConnections != row.MaxUserConnections {
			out.MaxUserConnections = a.MaxUserConnections
		}
	}
	if len(out.Hosts) == 0 {
		return nil
	}
	slices.Sort(out.Hosts)
	slices.Sort(out.OtherHosts)
	if row != nil {
		out.Drift = w.drift(live)
	}
	return out
}
