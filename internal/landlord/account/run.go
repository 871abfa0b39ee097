package account

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// tidyTimeout bounds what ends a run when the caller's context is over.
const tidyTimeout = 30 * time.Second

// Purpose says what a run account is made for.
type Purpose struct {
	On       *mysql.Session // of the provider's account, on the server: makes and drops the run account, and holds its lock meanwhile
	Database string         // the default database
	Grants   []Grant
	From     *Reserve // of accounts that are made already; nil: one is made
}

// A Run is an account that was made for one run of SQL that a user wrote, and a
// connection as that account, which serves nothing else before or after.
type Run struct {
	Session *mysql.Session // of the run account, with the database selected
	Account Name

	accounts  *Accounts
	on        *mysql.Session
	info      mysql.Info
	known     *known
	databases []string // in which it has rights
	password  string
	from      *Reserve // that drops the account; nil: Close does
	left      bool     // leave was called
	still     error    // why what it ran may still run
}

// Open makes a run account and logs in. Close has to be called.
func (a *Accounts) Open(ctx context.Context, p Purpose) (*Run, error) {
	if r := p.From.next(p.On); r != nil {
		err := r.logIn(ctx, p)
		if err == nil {
			return r, nil
		}
		if !mysql.IsAccessDenied(err) {
			return nil, err
		}
	}
	if err := a.sweepOnce(ctx, p.On); err != nil {
		return nil, err
	}
	info, err := p.On.Info(ctx)
	if err != nil {
		return nil, err
	}
	k := a.of(p.On.Server())
	k.mu.Lock()
	exact := k.exact
	k.mu.Unlock()
	r, err := a.open(ctx, p, info, exact)
	if err == nil || exact || !mysql.IsAccessDenied(err) {
		return r, err
	}
	// An anonymous account for this very machine comes before one for a pattern:
	// MariaDB makes one when it is installed.
	if r, exactErr := a.open(ctx, p, info, true); exactErr == nil {
		k.mu.Lock()
		k.exact = true
		k.mu.Unlock()
		return r, nil
	}
	return nil, err
}

func (a *Accounts) open(ctx context.Context, p Purpose, info mysql.Info, exact bool) (*Run, error) {
	made, err := a.make(ctx, p.On, info, exact, 1)
	if err != nil {
		return nil, err
	}
	if err := made[0].logIn(ctx, p); err != nil {
		return nil, err
	}
	return made[0], nil
}

// make makes accounts for a run each, without rights, and takes their locks: one
// statement for all of either.
func (a *Accounts) make(ctx context.Context, on *mysql.Session, info mysql.Info, exact bool, n int) (made []*Run, err error) {
	account := info.Account
	if exact {
		if err := on.Row(ctx, "SELECT USER()").Scan(&account); err != nil {
			return nil, fmt.Errorf("ask for the name of this machine: %w", err)
		}
	}
	_, host := mysql.SplitAccount(account)
	names, locks := make([]Name, n), make([]string, n)
	for i := range n {
		names[i] = Name{User: a.Names.Run(), Host: host}
		locks[i] = lockOf(names[i].User)
	}
	if _, _, err := on.LockFreeToWrite(ctx, locks...); err != nil { // names are random: all are free
		return nil, err
	}
	for i := range n {
		made = append(made, &Run{Account: names[i], accounts: a, on: on, info: info, known: a.of(on.Server())})
	}
	passwords, err := Create(ctx, on, info, names...)
	if err != nil {
		for _, r := range made {
			err = errors.Join(err, r.Close())
		}
		return nil, err
	}
	for i, r := range made {
		r.password = passwords[i]
	}
	return made, nil
}

// logIn gives the account its rights and logs in. After an error the run is closed.
func (r *Run) logIn(ctx context.Context, p Purpose) (err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, r.Close())
		}
	}()
	r.databases = []string{p.Database}
	if err := r.Give(ctx, p.Grants...); err != nil {
		return err
	}
	if r.Session, err = p.On.Server().LogIn(ctx, r.Account.User, r.password, p.Database); err != nil {
		return fmt.Errorf("log in as the account %s: %w", r.Account, err)
	}
	if r.info.Product == mysql.MariaDB {
		return r.Session.Lock(ctx, connectedLock(r.Account.User), 0)
	}
	return nil
}

// Give grants more to the account. It counts for the next statement.
func (r *Run) Give(ctx context.Context, grants ...Grant) error {
	return Give(ctx, r.on, r.info, r.Account, grants...)
}

// leave ends the connection, and what still runs on it.
func (r *Run) leave() error {
	if r.Session == nil || r.left {
		return r.still
	}
	r.left = true
	ctx, cancel := context.WithTimeout(context.Background(), tidyTimeout)
	defer cancel()
	if r.Session.Poisoned() {
		r.still = r.end(ctx)
	}
	r.Session.Discard()
	return r.still
}

// Close ends the connection and drops the account, whatever the context of the
// caller is. A statement that still runs is ended first: the server would go on
// with it. An account of a reserve is dropped with the others.
func (r *Run) Close() error {
	err := r.leave()
	ctx, cancel := context.WithTimeout(context.Background(), tidyTimeout)
	defer cancel()
	switch {
	case err != nil || r.on.Poisoned():
	case r.from != nil:
		r.from.over = append(r.from.over, r.Account)
	default:
		err = errors.Join(Drop(ctx, r.on, r.Account), r.on.Unlock(ctx, lockOf(r.Account.User)))
	}
	if err != nil || r.on.Poisoned() {
		r.known.sweepAgain()
	}
	return err
}

// end ends what the account's connection still does.
func (r *Run) end(ctx context.Context) error {
	e := &ending{accounts: r.accounts, on: r.on, info: r.info, of: r.Account, password: r.password, databases: r.databases}
	return e.end(ctx, []uint64{r.Session.ID()})
}
