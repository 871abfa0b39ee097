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
	left      bool  // leave was called
	still     error // why what it ran may still run
}

// Open makes a run account and logs in. Close has to be called.
func (a *Accounts) Open(ctx context.Context, p Purpose) (*Run, error) {
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

func (a *Accounts) open(ctx context.Context, p Purpose, info mysql.Info, exact bool) (_ *Run, err error) {
	account := info.Account
	if exact {
		if err := p.On.Row(ctx, "SELECT USER()").Scan(&account); err != nil {
			return nil, fmt.Errorf("ask for the name of this machine: %w", err)
		}
	}
	_, host := mysql.SplitAccount(account)
	r := &Run{Account: Name{User: a.Names.Run(), Host: host}, accounts: a, on: p.On, info: info, known: a.of(p.On.Server()), databases: []string{p.Database}}
	if err := p.On.Lock(ctx, lockOf(r.Account.User), 0); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.Close())
		}
	}()
	passwords, err := Create(ctx, p.On, info, r.Account)
	if err != nil {
		return nil, err
	}
	r.password = passwords[0]
	if err := r.Give(ctx, p.Grants...); err != nil {
		return nil, err
	}
	if r.Session, err = p.On.Server().LogIn(ctx, r.Account.User, r.password, p.Database); err != nil {
		return nil, fmt.Errorf("log in as the account %s: %w", r.Account, err)
	}
	if info.Product == mysql.MariaDB {
		return r, r.Session.Lock(ctx, connectedLock(r.Account.User), 0)
	}
	return r, nil
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
// with it.
func (r *Run) Close() error {
	err := r.leave()
	ctx, cancel := context.WithTimeout(context.Background(), tidyTimeout)
	defer cancel()
	if err == nil && !r.on.Poisoned() {
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
