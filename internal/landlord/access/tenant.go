package access

import (
	"context"
	"fmt"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
)

// DropAll drops the accounts that the landlord has made for a tenant that goes.
// Forget comes after it.
func (a *Accesses) DropAll(ctx context.Context, j *apply.Job) error {
	rows, err := a.Registry.ReadTenantAccounts(ctx, j.OnMain(), j.Row.ID)
	if err != nil {
		return err
	}
	defer a.forget()
	return a.dropAll(ctx, j, rows...)
}

// CopyTo makes the accounts that the landlord has made for a tenant on another
// server, with their passwords and rights, as they are. It returns the quoted
// names of those that it has made, with an error too.
func (a *Accesses) CopyTo(ctx context.Context, from, to *apply.Job) (copied []string, err error) {
	rows, err := a.Registry.ReadTenantAccounts(ctx, from.OnMain(), from.Row.ID)
	if err != nil {
		return nil, err
	}
	names, _ := accountNames(rows)
	for _, name := range names {
		made, err := privilege.CopyAccount(ctx, from.X, to.X, from.Info, name)
		if made {
			copied = append(copied, name)
		}
		if err != nil {
			return copied, err
		}
	}
	return copied, nil
}

// Beyond returns the statements that take from the accounts that the landlord has
// made for a tenant what they may do outside its database, by the main server and
// the one that they are on. A grant on a plain name that holds a wildcard is one on
// every database that it matches, of which another server may have others.
func (a *Accesses) Beyond(ctx context.Context, main, q mysql.Queryer, info mysql.Info, row *registry.TenantRow) ([]string, error) {
	rows, err := a.Registry.ReadTenantAccounts(ctx, main, row.ID)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	live, err := liveOf(ctx, q, info, rows)
	if err != nil {
		return nil, err
	}
	w := wish{Info: info, Database: row.Database}
	return w.beyond(live, func(r privilege.Right) bool { return w.own(r) && (r.Database == "" || r.Database == w.on()) }), nil
}

// Missing returns the quoted names of the accounts that the landlord has made for a
// tenant and that are not on its server any more, by the main server and that one.
func (a *Accesses) Missing(ctx context.Context, main, q mysql.Queryer, info mysql.Info, row *registry.TenantRow) ([]string, error) {
	rows, err := a.Registry.ReadTenantAccounts(ctx, main, row.ID)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	live, err := liveOf(ctx, q, info, rows)
	if err != nil {
		return nil, err
	}
	names, logins := accountNames(rows)
	var missing []string
	for i, login := range logins {
		if !slices.ContainsFunc(live, func(one privilege.Account) bool { return one.User == login.User && one.Host == login.Host }) {
			missing = append(missing, names[i])
		}
	}
	return missing, nil
}

// liveOf reads the accounts of some rows, as they are on a server.
func liveOf(ctx context.Context, q mysql.Queryer, info mysql.Info, rows []*registry.AccountRow) ([]privilege.Account, error) {
	users := make([]string, len(rows))
	for i, r := range rows {
		users[i] = r.Name
	}
	live, err := privilege.Accounts(ctx, q, info, users...)
	return slices.DeleteFunc(live, func(one privilege.Account) bool {
		return !slices.ContainsFunc(rows, func(r *registry.AccountRow) bool { return r.Name == one.User && slices.Contains(r.Hosts, one.Host) })
	}), err
}

// DropCopies drops the accounts of a tenant on the server of a job, on which the
// tenant does not live: those that are locked, as the move has left them. What is
// recorded of them stays.
func (a *Accesses) DropCopies(ctx context.Context, j *apply.Job, tenant uint64) error {
	rows, err := a.Registry.ReadTenantAccounts(ctx, j.OnMain(), tenant)
	if err != nil || len(rows) == 0 {
		return err
	}
	live, err := liveOf(ctx, j.X, j.Info, rows)
	if err != nil {
		return err
	}
	var names []string
	for _, one := range live {
		if one.Locked {
			names = append(names, one.Name())
		}
	}
	return DropAccounts(ctx, j.X, names)
}

// DropAccounts drops accounts by their quoted names, where they are there.
func DropAccounts(ctx context.Context, x *mysql.Session, names []string) error {
	for _, name := range names {
		if _, err := x.Exec(ctx, "DROP USER IF EXISTS "+name); err != nil {
			return fmt.Errorf("dropping the account %s: %w", name, err)
		}
	}
	return nil
}

// Forget makes the run read all accounts again.
func (a *Accesses) Forget() { a.forget() }
