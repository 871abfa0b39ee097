package account

import (
	"context"
	"errors"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// sweepOnce sweeps a server once in a process.
func (a *Accounts) sweepOnce(ctx context.Context, x *mysql.Session) error {
	k := a.of(x.Server())
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.swept {
		return nil
	}
	if err := a.Sweep(ctx, x); err != nil {
		return err
	}
	k.swept = true
	return nil
}

// Sweep drops the run accounts that nobody uses: a killed run left them. What
// their connections still do is ended first, and Sweep returns when it is over.
// An account that is in use has its lock held by whoever made it. The session is
// one of the provider's account and stays the caller's.
func (a *Accounts) Sweep(ctx context.Context, x *mysql.Session) error {
	left, err := a.runAccounts(ctx, x)
	if err != nil {
		return fmt.Errorf("look for accounts of interrupted runs: %w", err)
	}
	if len(left) == 0 {
		return nil
	}
	info, err := x.Info(ctx)
	if err != nil {
		return err
	}
	for _, n := range left {
		if err := a.sweep(ctx, x, info, n); err != nil {
			return fmt.Errorf("drop the account of an interrupted run: %w", err)
		}
	}
	return nil
}

// runAccounts returns the run accounts of this landlord. An account that may not
// see them cannot drop them either.
func (a *Accounts) runAccounts(ctx context.Context, x *mysql.Session) (out []Name, err error) {
	rows, err := x.Query(ctx, "SELECT User, Host FROM mysql.user WHERE User LIKE ?", mysql.LikePrefix(a.Names.RunPrefix()))
	if mysql.IsAccessDenied(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var n Name
		if err := rows.Scan(&n.User, &n.Host); err != nil {
			return nil, err
		}
		if a.Names.IsRun(n.User) {
			out = append(out, n)
		}
	}
	return out, rows.Err()
}

func (a *Accounts) sweep(ctx context.Context, x *mysql.Session, info mysql.Info, n Name) (err error) {
	var held *mysql.LockHeldError
	switch err := x.Lock(ctx, lockOf(n.User), 0); {
	case errors.As(err, &held):
		return nil // of a run that is under way
	case err != nil:
		return err
	}
	defer func() { err = errors.Join(err, x.Unlock(context.WithoutCancel(ctx), lockOf(n.User))) }()
	password, err := changePassword(ctx, x, info, n)
	if err != nil || password == "" {
		return err
	}
	// An account that cannot log in here has no connection of ours.
	if err := endConnections(ctx, x.Server(), info, n, password, 0); err != nil && !mysql.IsAccessDenied(err) {
		return err
	}
	if err := Drop(ctx, x, n); mysql.IsDefiner(err) {
		return nil // its scratch database goes first; nobody knows the password
	} else if err != nil {
		return err
	}
	a.Config.Log(ctx, "Dropped an account that an interrupted run left", map[string]any{"account": n.User})
	return nil
}

// endConnections ends the connections of an account, and returns when they are
// gone. It does so as the account itself: each may see and end its own, others'
// only with privileges that the provider need not have. With a number, that
// connection alone is ended.
func endConnections(ctx context.Context, srv *mysql.Server, info mysql.Info, n Name, password string, only uint64) error {
	w, err := srv.LogIn(ctx, n.User, password, "")
	if err != nil {
		return fmt.Errorf("end the connections of the account %s: %w", n, err)
	}
	defer w.Discard()
	info.Account = n.User + "@" + n.Host // whose connections may be killed
	ids := []uint64{only}
	if only == 0 {
		if ids, err = connections(ctx, w, info); err != nil {
			return fmt.Errorf("look for the connections of the account %s: %w", n, err)
		}
	}
	for _, id := range ids {
		if err := mysql.Fence(ctx, w, info, id, 0, tidyTimeout); err != nil {
			return fmt.Errorf("end the connections of the account %s: %w", n, err)
		}
	}
	return nil
}

// connections returns the other connections of the session's account.
func connections(ctx context.Context, w *mysql.Session, info mysql.Info) (ids []uint64, err error) {
	table := "information_schema.PROCESSLIST"
	if info.Product == mysql.MySQL {
		table = "performance_schema.processlist"
	}
	rows, err := w.Query(ctx, "SELECT ID FROM "+table+" WHERE USER = SUBSTRING_INDEX(USER(), '@', 1) AND ID <> CONNECTION_ID()")
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
