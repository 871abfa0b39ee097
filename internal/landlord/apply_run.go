package landlord

import (
	"context"
	"errors"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// runSteps runs the steps of the job from the next one up to another one, which
// it leaves out. The tenant's database is selected. Where the ledger has the
// schema before and after each step, a lost connection is survived; else the
// verb opens the database anew and looks.
func (j *job) runSteps(ctx context.Context, to int) error {
	for j.next < to {
		err := j.step(ctx)
		switch {
		case err == nil:
			j.next++
		case mysql.IsConnectionLost(err):
			if err := j.reconnect(ctx, err); err != nil {
				return err
			}
		case j.covered:
			return err
		default: // the session is the same, and holds the lock
			j.e.registry.haltSteps(ctx, j.x, j.migration, j.steps[j.next].number)
			return err
		}
	}
	return nil
}

// step runs one statement. The ledger has it as intended before it is sent; the
// row of a statement that changes rows is written in its own transaction. What
// one intent covers as a whole runs as it is.
func (j *job) step(ctx context.Context) error {
	s := &j.steps[j.next]
	j.report(ctx, s)
	if j.covered {
		return j.e.execute(ctx, j.x, s.Step)
	}
	if err := checkWritable(ctx, j.x); err != nil {
		return err
	}
	if s.data {
		return j.change(ctx, s)
	}
	if err := j.stillEmpty(ctx, s.Step); err != nil {
		return err
	}
	if s.state != "intent" {
		last := together(j.steps, j.next)
		if err := j.e.registry.markSteps(ctx, j.x, j.migration, s.number-1, j.steps[last-1].number); err != nil {
			return err
		}
		setIntent(j.steps[j.next:last])
	}
	return j.e.execute(ctx, j.x, s.Step)
}

// change runs a statement that changes rows, in the transaction of its mark.
// The mark says too what is intended next: that costs no commit of its own.
func (j *job) change(ctx context.Context, s *recordedStep) error {
	last := max(together(j.steps, j.next+1), j.next+1)
	err := j.e.retry(ctx, func() error {
		return inTransaction(ctx, j.x, fmt.Sprintf("running step %d", s.number), func(tx mysql.Queryer) error {
			j.e.fault("before " + s.Operation + " " + s.Object)
			if _, err := tx.Exec(ctx, s.SQL); err != nil {
				return err
			}
			j.e.fault("after " + s.Operation + " " + s.Object)
			return j.e.registry.markSteps(ctx, tx, j.migration, s.number, j.steps[last-1].number)
		})
	})
	if err == nil {
		setIntent(j.steps[j.next+1 : last])
	}
	return err
}

// stillEmpty looks once more, right before a step that loses rows runs without
// leave because there were none.
func (j *job) stillEmpty(ctx context.Context, s Step) error {
	if !s.Destructive || j.refuse == nil || s.table == "" {
		return nil
	}
	empty, err := isEmpty(ctx, j.x, j.database, s.table)
	if err != nil || empty {
		return err
	}
	return j.refuse(s)
}

// mostReconnects bounds how often one migration survives a lost connection.
const mostReconnects = 3

// reconnect takes a migration up on a new connection. The statement that was
// under way may have taken effect, or may still be running: the lock and the
// fence wait for its end, and the live schema says which statement is next.
func (j *job) reconnect(ctx context.Context, lost error) error {
	if j.reconnects++; j.reconnects > mostReconnects || j.steps[j.next].after == "" {
		return lost
	}
	old := running{connection: j.x.ID(), serverUUID: j.info.UUID}
	j.x.Discard()
	x, err := j.srv.Session(ctx)
	if err != nil {
		return lost
	}
	if j.x = x; j.main != nil {
		j.main = x
	}
	if err := j.take(ctx, fmt.Sprintf("Going on with the migration of tenant `%s` after its connection was lost", j.slug)); err != nil {
		return err
	}
	if err := j.e.fence(ctx, x, j.info, &old); err != nil {
		return err
	}
	if j.live, err = j.e.liveFingerprint(ctx, j.srv, x, j.database); err != nil || j.live == nil {
		return errors.Join(lost, err)
	}
	steps, err := j.e.registry.readSteps(ctx, x, j.migration)
	if err != nil {
		return err
	}
	next := position(steps, j.live.Whole)
	if next < 0 {
		j.release() // what follows may need a connection of the pool
		return schemaChanged(j.slug, "The schema on the server is not the one that the plan was made from.")
	}
	if j.steps, j.next = steps, next; next < len(steps) && steps[next].state == "intent" && !steps[next].data {
		j.steps[next].state = "planned" // the statements before it are marked as done with its own mark
	}
	if err := j.e.registry.setConnection(ctx, x, j.migration, x.ID()); err != nil {
		return err
	}
	j.e.cfg.Log(ctx, "Went on after a lost connection", map[string]any{"tenant": j.slug, "statement": next + 1})
	return x.Use(ctx, j.database)
}

// reopen repeats what opens a database for itself as long as it loses its
// connection: what that one has done is found out like after a crash.
func reopen[T any](ctx context.Context, attempt func() (T, error), again func()) (T, error) {
	for n := 0; ; n++ {
		made, err := attempt()
		if !mysql.IsConnectionLost(err) || ctx.Err() != nil || n == mostReconnects {
			return made, err
		}
		again()
	}
}
