package account

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
)

// endPause is the time between two attempts to end a connection, endTimeout that of
// all of them.
const (
	endPause   = 100 * time.Millisecond
	endTimeout = 20 * time.Second
)

// ending ends connections of a run account as that account itself: each may end its
// own, others' only with privileges that the provider need not have. To a server, a
// connection in a program is the definer's, and nobody else's: so what a text has
// set off in a tenant is ended in the name of the owner of its programs. MariaDB 11.8
// wants the very account, which nobody can log in as: there the account of the
// provider needs the privilege.
type ending struct {
	accounts  *Accounts
	on        *mysql.Session // of the provider's account
	info      mysql.Info
	of        Name
	password  string
	databases []string // in which it has rights; nil: nobody has looked
}

// all ends all connections of the account, and returns when they are gone.
func (e *ending) all(ctx context.Context) error { return e.end(ctx, nil) }

// end ends some connections of the account, or all with nil.
func (e *ending) end(ctx context.Context, ids []uint64) error {
	doing := fmt.Sprintf("end the connections of the account %s", e.of)
	w, err := e.on.Server().LogIn(ctx, e.of.User, e.password, "")
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	defer w.Discard()
	killers := []*mysql.Session{w}
	if !e.on.Poisoned() { // it may have the privilege
		killers = append(killers, e.on)
	}
	if ids == nil {
		if ids, err = e.connections(ctx, w); err != nil {
			return fmt.Errorf("%s: %w", doing, err)
		}
	}
	for limit, asked := time.Now().Add(endTimeout), false; ; time.Sleep(endPause) {
		var denied bool
		if ids, denied, err = killAll(ctx, ids, killers); err != nil {
			return fmt.Errorf("%s: %w", doing, err)
		}
		if len(ids) == 0 {
			return nil
		}
		if time.Now().After(limit) {
			return fmt.Errorf("%s: connection %d is still there after %s%s", doing, ids[0], endTimeout, e.advice(denied))
		}
		if !denied || asked {
			continue
		}
		asked = true
		more, done, err := e.asOwners(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", doing, err)
		}
		defer done()
		killers = append(killers, more...)
	}
}

// advice says what would let the account of the provider end a connection that it
// may not end.
func (e *ending) advice(denied bool) string {
	if !denied {
		return ""
	}
	privilege := "CONNECTION ADMIN"
	if e.info.Product == mysql.MySQL {
		privilege = "CONNECTION_ADMIN"
	}
	return ": it is in a program of another account, which takes GRANT " + privilege + " ON *.* TO " + provider(e.info)
}

// killAll tells connections to end, and returns those that are not gone, and
// whether some of them are in a program of another account than all of these.
func killAll(ctx context.Context, ids []uint64, killers []*mysql.Session) (left []uint64, denied bool, err error) {
	for _, id := range ids {
		gone, all := false, true
		for _, x := range killers {
			var no bool
			if gone, no, err = mysql.TryKill(ctx, x, id); err != nil {
				return nil, false, err
			}
			all = all && no
			if gone {
				break
			}
		}
		if !gone {
			left, denied = append(left, id), denied || all
		}
	}
	return left, denied, nil
}

// asOwners logs in under the names of the owners of the databases in which the
// account has rights.
func (e *ending) asOwners(ctx context.Context) (sessions []*mysql.Session, done func(), err error) {
	owners, err := e.owners(ctx)
	var tidy []func()
	done = func() {
		for _, f := range tidy {
			f()
		}
	}
	for _, owner := range owners {
		x, f, asErr := e.as(ctx, owner)
		if asErr != nil {
			err = errors.Join(err, asErr)
			continue
		}
		sessions, tidy = append(sessions, x), append(tidy, f)
	}
	if err != nil {
		done()
		return nil, nil, err
	}
	return sessions, done, nil
}

// owners returns the owner accounts of the databases in which the account has
// rights.
func (e *ending) owners(ctx context.Context) (out []Name, err error) {
	if e.databases == nil {
		if e.databases, err = databasesOf(ctx, e.on, e.of); err != nil {
			return nil, err
		}
	}
	for _, database := range e.databases {
		if owner, ok := e.accounts.OwnerOf(database); ok && !slices.Contains(out, owner) {
			out = append(out, owner)
		}
	}
	return out, nil
}

// databasesOf returns the databases in which an account has rights.
func databasesOf(ctx context.Context, x *mysql.Session, n Name) (out []string, err error) {
	rows, err := x.Query(ctx, "SELECT Db FROM mysql.db WHERE User = ? AND Host = ?", n.User, n.Host)
	if err != nil {
		return nil, fmt.Errorf("ask for the rights of the account %s: %w", n, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		out = append(out, privilege.UngrantedName(name))
	}
	return out, rows.Err()
}

// as logs in under the user name of an owner account, from the host of the run
// account: to KILL a user name is all that counts. The account has no rights, and
// goes again; one that a killed run has left is swept as run accounts are.
func (e *ending) as(ctx context.Context, owner Name) (x *mysql.Session, done func(), err error) {
	n := Name{User: owner.User, Host: e.of.Host}
	if n == owner {
		return nil, nil, fmt.Errorf("programs of %s cannot be ended from this host", owner)
	}
	if err := e.on.Lock(ctx, lockOf(n.User), tidyTimeout); err != nil { // another run may do the same
		return nil, nil, err
	}
	drop := func() {
		ctx, cancel := context.WithTimeout(context.Background(), tidyTimeout)
		defer cancel()
		if err := errors.Join(Drop(ctx, e.on, n), e.on.Unlock(ctx, lockOf(n.User))); err != nil {
			e.accounts.Config.Log(ctx, "An account that ends connections could not be dropped", map[string]any{"account": n.String(), "error": mysql.Message(err)})
		}
	}
	if err := Drop(ctx, e.on, n); err != nil { // a killed run's
		drop()
		return nil, nil, err
	}
	passwords, err := Create(ctx, e.on, e.info, n)
	if err != nil {
		drop()
		return nil, nil, err
	}
	if x, err = e.on.Server().LogIn(ctx, n.User, passwords[0], ""); err != nil {
		drop()
		return nil, nil, fmt.Errorf("log in as the account %s: %w", n, err)
	}
	return x, func() { x.Discard(); drop() }, nil
}

// connections returns the other connections of the session's account. MariaDB does
// not show one in a program, so there the lock tells which one it is.
func (e *ending) connections(ctx context.Context, w *mysql.Session) (ids []uint64, err error) {
	query, args := "SELECT ID FROM performance_schema.processlist WHERE USER = SUBSTRING_INDEX(USER(), '@', 1) AND ID <> CONNECTION_ID()", []any{}
	if e.info.Product == mysql.MariaDB {
		query = "SELECT ID FROM information_schema.PROCESSLIST WHERE USER = SUBSTRING_INDEX(USER(), '@', 1) AND ID <> CONNECTION_ID()" +
			" UNION SELECT id FROM (SELECT IS_USED_LOCK(?) AS id) l WHERE id IS NOT NULL"
		args = append(args, connectedLock(e.of.User))
	}
	rows, err := w.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var id uint64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// connectedLock names the lock that the connection of a run account itself holds.
func connectedLock(user string) string { return mysql.LockName("landlord run connection", user) }
