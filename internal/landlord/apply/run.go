package apply

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/migrate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/render"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/program"
)

// RunSteps runs the steps of the job from the next one up to another one, which
// it leaves out. The tenant's database is selected. Where the ledger has the
// schema before and after each step, a lost connection is survived; else the
// verb opens the database anew and looks. Who is asked to end ends the statement
// in hand first, so that the ledger knows what became of it.
func (j *Job) RunSteps(ctx context.Context, to int) error {
	for j.Next < to {
		begins := j.Steps[j.Next].Number
		err := context.Cause(ctx)
		if err == nil {
			err = j.step(ctx)
		}
		switch {
		case err == nil:
		case mysql.IsConnectionLost(err):
			if err := j.reconnect(ctx, err); err != nil {
				return err
			}
		case j.Covered:
			return err
		default: // the session is the same, and holds the lock
			j.unlockTables(ctx)
			j.E.Registry.HaltSteps(ctx, j.X, j.Migration, begins)
			return err
		}
	}
	return nil
}

// stillWritable is how long a server that takes writes is not asked again: a
// statement that follows at once meets the same server, and asking is no promise
// for longer.
const stillWritable = time.Second

// step runs the next statement, and those that go with it. The ledger has it as
// intended before it is sent; the row of a statement that changes rows is
// written in its own transaction. What one intent covers as a whole runs as it
// is.
func (j *Job) step(ctx context.Context) error {
	s := &j.Steps[j.Next]
	if j.Covered {
		j.Report(ctx, s)
		return j.execute(ctx, s.Step)
	}
	if err := j.X.Settled(ctx); err != nil {
		return err
	}
	if !j.X.WritableSince(stillWritable) {
		if err := registry.CheckWritable(ctx, j.X); err != nil {
			return err
		}
	}
	if s.Data {
		return j.change(ctx)
	}
	j.Report(ctx, s)
	if err := j.stillKeeps(ctx, s.Step); err != nil {
		return err
	}
	if s.State != "intent" {
		last := together(j.Steps, j.Next)
		if err := j.E.Registry.MarkSteps(ctx, j.X, j.Migration, s.Number-1, j.Steps[last-1].Number); err != nil {
			return err
		}
		registry.SetIntent(j.Steps[j.Next:last])
	}
	return j.execute(ctx, s.Step)
}

// unlockTables lets the tables go that a step has locked, so that the ledger can
// be reached.
func (j *Job) unlockTables(ctx context.Context) {
	for i := j.Next - 1; i >= 0 && j.Steps[i].Operation != landlord.UnlockTables; i-- {
		if j.Steps[i].Operation == landlord.LockTables {
			_, _ = j.X.Exec(context.WithoutCancel(ctx), "UNLOCK TABLES") // a session that is lost has unlocked them
			return
		}
	}
}

// change runs a statement that changes rows and those that are joined to it, in
// the transaction of their mark: whoever goes on after a run that was cut off
// does so in another session, and finds none of them done or all. The mark says
// too what is intended next: that costs no commit of its own.
func (j *Job) change(ctx context.Context) error {
	first, next, stopped := j.Next, j.Next+1, j.Next
	for next < len(j.Steps) && j.Steps[next].Joined {
		next++
	}
	last := max(together(j.Steps, next), next)
	err := j.E.Servers.Retry(ctx, func() error {
		ctx, end := mysql.Uninterrupted(ctx)
		defer end()
		rows := func(tx mysql.Queryer) error {
			for i := first; i < next; i++ {
				if err := j.changeRows(ctx, tx, &j.Steps[i]); err != nil {
					stopped = i
					return err
				}
			}
			stopped = first
			return nil
		}
		mark := func(tx mysql.Queryer) error {
			return j.E.Registry.MarkSteps(ctx, tx, j.Migration, j.Steps[next-1].Number, j.Steps[last-1].Number)
		}
		doing := fmt.Sprintf("running step %d", j.Steps[first].Number)
		if j.Steps[first].Written {
			return j.transact(ctx, doing, rows, mark)
		}
		j.X.Taint() // triggers of the tenant
		return j.transact(ctx, doing, nil, func(tx mysql.Queryer) error {
			if err := rows(tx); err != nil {
				return err
			}
			if err := j.X.Settle(ctx); err != nil {
				return err
			}
			return mark(tx)
		})
	})
	if err != nil {
		j.Next = stopped
		return err
	}
	registry.SetIntent(j.Steps[next:last])
	j.Next = next
	return nil
}

func (j *Job) changeRows(ctx context.Context, tx mysql.Queryer, s *registry.RecordedStep) error {
	j.Report(ctx, s)
	j.E.Servers.Fault("before " + s.Operation + " " + s.Object)
	if err := render.Exec(ctx, tx, s.SQL, s.Settings); err != nil {
		return err
	}
	j.E.Servers.Fault("after " + s.Operation + " " + s.Object)
	return nil
}

// stillKeeps looks once more, right before a step that could lose something runs
// without leave because there was nothing to lose.
func (j *Job) stillKeeps(ctx context.Context, s landlord.Step) error {
	if !s.Destructive || j.Refuse == nil || s.Table == "" {
		return nil
	}
	lost, err := migrate.Loses(ctx, j.X, j.Info, j.Database, s)
	if err != nil || !lost {
		return err
	}
	return j.Refuse(s)
}

// mostReconnects bounds how often one migration survives a lost connection.
const mostReconnects = 3

// reconnect takes a migration up on a new connection. The statement that was
// under way may have taken effect, or may still be running: the lock and the
// fence wait for its end, and the live schema says which statement is next.
func (j *Job) reconnect(ctx context.Context, lost error) error {
	if j.reconnects++; j.reconnects > mostReconnects || j.Steps[0].After == "" {
		return lost
	}
	old := registry.Running{Connection: j.X.ID(), ServerUUID: j.Info.UUID}
	if err := j.endTexts(); err != nil {
		return errors.Join(lost, err)
	}
	j.X.Discard()
	x, err := j.Srv.Session(ctx)
	if err != nil {
		return lost
	}
	if j.X = x; j.main != nil && j.Srv.Key == "" {
		j.main = x
	}
	if err := j.take(ctx, fmt.Sprintf("Going on with the migration of tenant `%s` after its connection was lost", j.Slug)); err != nil {
		return err
	}
	if j.Info, err = x.Info(ctx); err != nil { // another server may have taken over
		return err
	}
	if err := j.E.Servers.Fence(ctx, x, j.Info, &old); err != nil {
		return err
	}
	if j.Live, err = j.E.Estate.LiveFingerprint(ctx, j.Srv, x, j.Database); err != nil || j.Live == nil {
		return errors.Join(lost, err)
	}
	steps, err := j.E.Registry.ReadSteps(ctx, x, j.Migration)
	if err != nil {
		return err
	}
	next := migrate.Position(steps, j.Live.Whole)
	if next < 0 {
		j.Release() // what follows may need a connection of the pool
		return landlord.SchemaChanged(j.Slug, "The schema on the server is not the one that the plan was made from.")
	}
	if j.Steps, j.Next = steps, next; next < len(steps) && steps[next].State == "intent" && !steps[next].Data {
		j.Steps[next].State = "planned" // the statements before it are marked as done with its own mark
	}
	if err := j.E.Registry.SetConnection(ctx, x, j.Migration, x.ID()); err != nil {
		return err
	}
	j.E.Config.Log(ctx, "Went on after a lost connection", map[string]any{"tenant": j.Slug, "statement": next + 1})
	if err := x.Use(ctx, j.Database); err != nil {
		return err
	}
	return j.prepareOwner(ctx)
}

// Reopen repeats what opens a database for itself as long as it loses its
// connection: what that one has done is found out like after a crash.
func Reopen[T any](ctx context.Context, attempt func() (T, error), again func()) (T, error) {
	for n := 0; ; n++ {
		made, err := attempt()
		if !mysql.IsConnectionLost(err) || ctx.Err() != nil || n == mostReconnects {
			return made, err
		}
		again()
	}
}

// ReopenElsewhere is Reopen where one of the servers has several hosts, of which
// another one may take over; elsewhere the first error counts.
func ReopenElsewhere[T any](ctx context.Context, attempt func() (T, error), again func(), on ...*registry.Server) (T, error) {
	for _, srv := range on {
		if srv.Several() {
			return Reopen(ctx, attempt, again)
		}
	}
	return attempt()
}

// execute sends the next statement, which changes the structure.
func (j *Job) execute(ctx context.Context, step landlord.Step) error {
	j.E.Servers.Fault("before " + step.Operation + " " + step.Object)
	err := j.E.Servers.Retry(ctx, func() error {
		ctx, end := mysql.Uninterrupted(ctx)
		defer end()
		x, err := j.sessionFor(ctx, step)
		if err != nil {
			return err
		}
		if program.MakesView(step.SQL) {
			x.Unsettle()
		}
		err = migrate.RunStep(ctx, x, step)
		if step.Written {
			return j.Texts().Settle(ctx, err)
		}
		return err
	})
	if err == nil {
		j.Next++
		j.E.Servers.Fault("after " + step.Operation + " " + step.Object)
	}
	return err
}

// Report tells which step of the job runs.
func (j *Job) Report(ctx context.Context, s *registry.RecordedStep) {
	j.E.Config.Progress.Report(ctx, landlord.Event{Tenant: j.Slug, What: j.Doing, Object: s.Object, Step: s.Number, Steps: max(j.Total, len(j.Steps))})
}
