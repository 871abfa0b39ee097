package account

import (
	"context"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// A Reserve is run accounts that are made and dropped together: what a server does
// for that is the same for one as for twenty. Each serves one run, with rights on what
// that run may touch, as any other. It is not safe for concurrent use.
type Reserve struct {
	accounts *Accounts
	on       *mysql.Session
	free     []*Run
	over     []Name // of runs that have ended
}

// Reserve makes accounts for some runs on a database of that kind, which the session
// is going to open. Close has to be called before the session is given back.
func (a *Accounts) Reserve(ctx context.Context, on *mysql.Session, runs int, database string) (*Reserve, error) {
	if err := a.Check(ctx, on, database); err != nil {
		return nil, err
	}
	if err := a.sweepOnce(ctx, on); err != nil {
		return nil, err
	}
	info, err := on.Info(ctx)
	if err != nil {
		return nil, err
	}
	k := a.of(on.Server())
	k.mu.Lock()
	exact := k.exact
	k.mu.Unlock()
	r := &Reserve{accounts: a, on: on}
	if r.free, err = a.make(ctx, on, info, exact, runs); err != nil {
		return nil, err
	}
	for _, run := range r.free {
		run.from = r
	}
	return r, nil
}

// next returns an account that nobody has logged in as; nil when there is none that
// the session has made.
func (r *Reserve) next(on *mysql.Session) *Run {
	if r == nil || r.on != on || len(r.free) == 0 {
		return nil
	}
	run := r.free[0]
	r.free = r.free[1:]
	return run
}

// Close drops the accounts, but for those of runs that did not end: like accounts
// that cannot be dropped they are left for the next run that makes one. Their locks
// go with the session.
func (r *Reserve) Close() {
	if r == nil {
		return
	}
	for _, run := range r.free {
		r.over = append(r.over, run.Account)
	}
	if r.free = nil; len(r.over) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), tidyTimeout)
	defer cancel()
	if err := Drop(ctx, r.on, r.over...); err != nil {
		r.accounts.of(r.on.Server()).sweepAgain()
		r.accounts.Config.Log(ctx, "Accounts of runs could not be dropped", map[string]any{"accounts": len(r.over), "error": mysql.Message(err)})
	}
	r.over = nil
}
