package account

import (
	"context"
	"errors"
	"fmt"
	"strings"

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

// runAccounts returns the run accounts of this landlord, and those that end
// connections in the name of an owner. An account that may not
// see them cannot drop them either.
func (a *Accounts) runAccounts(ctx context.Context, x *mysql.Session) (out []Name, err error) {
	rows, err := x.Query(ctx, "SELECT User, Host FROM mysql.user WHERE User LIKE ? OR User LIKE ? AND Host <> 'localhost'",
		mysql.LikePrefix(a.Names.RunPrefix()), mysql.LikePrefix(a.Names.ownerPrefix()))
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
		if a.Names.IsRun(n.User) || strings.HasPrefix(n.User, a.Names.ownerPrefix()) {
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
	if !a.Names.IsRun(n.User) { // it has ended connections, and has no rights
		if has, err := databasesOf(ctx, x, n); err != nil || len(has) > 0 { // else it is somebody else's
			return err
		}
		return Drop(ctx, x, n)
	}
	password, err := changePassword(ctx, x, info, n)
	if err != nil || password == "" {
		return err
	}
	// An account that cannot log in here has no connection of ours.
	e := &ending{accounts: a, on: x, info: info, of: n, password: password}
	if err := e.all(ctx); err != nil && !mysql.IsAccessDenied(err) {
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
