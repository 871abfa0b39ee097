package landlord

import (
	"context"
	"errors"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// run sends the statements of one migration, whose steps the ledger has, on the
// session that holds the tenant's lock.
type run struct {
	e        *Engine
	srv      *server
	x        *mysql.Session // another one after a lost connection
	info     mysql.Info
	slug     string
	database string
	refuse   func(Step) error // what is said when a step would lose rows; nil: it may

	live       *ddl.Fingerprint
	migration  uint64 // of the ledger
	steps      []recordedStep
	next       int // the step that failed, when one did
	reconnects int
}

// send runs the steps from the next one on. The tenant's database is selected.
func (r *run) send(ctx context.Context) error {
	for r.next < len(r.steps) {
		err := r.step(ctx)
		switch {
		case err == nil:
			r.next++
		case mysql.IsConnectionLost(err):
			if err := r.reconnect(ctx, err); err != nil {
				return err
			}
		default: // the session is the same, and holds the lock
			r.e.registry.haltSteps(ctx, r.x, r.migration, r.steps[r.next].number)
			return err
		}
	}
	return nil
}

// step runs one statement. The ledger has it as intended before it is sent; the
// row of a statement that changes rows is written in its own transaction.
func (r *run) step(ctx context.Context) error {
	s := &r.steps[r.next]
	if err := checkWritable(ctx, r.x); err != nil {
		return err
	}
	if s.data {
		return r.change(ctx, s)
	}
	if err := r.stillEmpty(ctx, s.Step); err != nil {
		return err
	}
	if s.state != "intent" {
		last := together(r.steps, r.next)
		if err := r.e.registry.markSteps(ctx, r.x, r.migration, s.number-1, last); err != nil {
			return err
		}
		setIntent(r.steps[r.next:last])
	}
	return r.e.execute(ctx, r.x, s.Step)
}

// change runs a statement that changes rows, in the transaction of its mark.
// The mark says too what is intended next: that costs no commit of its own.
func (r *run) change(ctx context.Context, s *recordedStep) error {
	last := max(together(r.steps, r.next+1), r.next+1)
	err := r.e.retry(ctx, func() error {
		return r.e.inTransaction(ctx, r.x, fmt.Sprintf("running step %d", s.number), func(tx mysql.Queryer) error {
			r.e.fault("before " + s.Operation + " " + s.Object)
			if _, err := tx.Exec(ctx, s.SQL); err != nil {
				return err
			}
			r.e.fault("after " + s.Operation + " " + s.Object)
			return r.e.registry.markSteps(ctx, tx, r.migration, s.number, last)
		})
	})
	if err == nil {
		setIntent(r.steps[r.next+1 : last])
	}
	return err
}

// stillEmpty looks once more, right before a step that loses rows runs without
// leave because there were none.
func (r *run) stillEmpty(ctx context.Context, s Step) error {
	if !s.Destructive || r.refuse == nil || s.table == "" {
		return nil
	}
	empty, err := isEmpty(ctx, r.x, r.database, s.table)
	if err != nil || empty {
		return err
	}
	return r.refuse(s)
}

// mostReconnects bounds how often one migration survives a lost connection.
const mostReconnects = 3

// reconnect takes a migration up on a new connection. The statement that was
// under way may have taken effect, or may still be running: the lock and the
// fence wait for its end, and the live schema says which statement is next.
func (r *run) reconnect(ctx context.Context, lost error) error {
	if r.reconnects++; r.reconnects > mostReconnects {
		return lost
	}
	old := running{connection: r.x.ID(), serverUUID: r.info.UUID}
	r.x.Discard()
	x, err := r.srv.Session(ctx)
	if err != nil {
		return lost
	}
	r.x = x
	if err := x.Lock(ctx, r.e.tenantLock(r.database), r.e.cfg.LockTimeout); err != nil {
		return lockProblem(FieldSlug, fmt.Sprintf("Going on with the migration of tenant `%s` after its connection was lost", r.slug), err)
	}
	if err := r.e.fence(ctx, x, r.info, &old); err != nil {
		return err
	}
	if r.live, err = r.e.liveFingerprint(ctx, r.srv, x, r.database); err != nil || r.live == nil {
		return errors.Join(lost, err)
	}
	steps, err := r.e.registry.readSteps(ctx, x, r.migration)
	if err != nil {
		return err
	}
	next := position(steps, r.live.Whole)
	if next < 0 {
		r.x.Close() // what follows may need a connection of the pool
		return r.e.changedSince(ctx, r.slug, nil, r.live)
	}
	if r.steps, r.next = steps, next; next < len(steps) && steps[next].state == "intent" && !steps[next].data {
		r.steps[next].state = "planned" // the statements before it are marked as done with its own mark
	}
	if err := r.e.registry.setConnection(ctx, x, r.migration, x.ID()); err != nil {
		return err
	}
	r.e.cfg.Log(ctx, "Went on after a lost connection", map[string]any{"tenant": r.slug, "statement": next + 1})
	return x.Use(ctx, r.database)
}
