package landlord

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// intention is what is recorded of a migration before its first statement.
type intention struct {
	intent                     // what the job knows itself is filled in
	doing        string        // for errors
	retention    time.Duration // of what the steps set aside
	want         *target       // what other tenants have in common with this one; may be nil
	schemas      []*rendering
	tellRegistry func(ctx context.Context, registry mysql.Queryer) error // in the same transaction, where it is one
}

// intend records the steps of the job before the first of them runs, and closes
// what an earlier run has left. Where the job goes on with the migration of an
// earlier run, the steps take the place of those that are not done.
func (j *job) intend(ctx context.Context, in intention) error {
	steps := make([]Step, 0, len(j.steps))
	for _, s := range j.steps {
		steps = append(steps, s.Step)
	}
	if needsRetirement(steps) {
		if err := j.e.openRetirement(ctx, j.x); err != nil {
			return err
		}
	}
	if err := j.share(ctx, in.want, steps, in.schemas...); err != nil {
		return err
	}
	in.tenant, in.from, in.serverUUID, in.connection = j.row, j.row.appliedTemplate(), j.info.UUID, j.x.ID()
	if in.author == "" {
		in.author = j.e.author(j.info)
	}
	former := j.migration
	return j.both(ctx, in.doing, func(registry, local mysql.Queryer) error {
		if err := in.tellRegistry(ctx, registry); err != nil {
			return err
		}
		if err := j.writeIntent(ctx, local, in.intent, former); err != nil {
			return err
		}
		if err := j.e.registry.writePlannedSteps(ctx, local, j.migration, j.steps); err != nil {
			return err
		}
		return j.e.registry.planRetired(ctx, local, j.row, j.migration, j.steps, in.retention)
	})
}

func (j *job) writeIntent(ctx context.Context, q mysql.Queryer, in intent, former uint64) (err error) {
	if former != 0 {
		done, err := j.e.registry.takeOverSteps(ctx, q, former, in)
		for i := range j.steps {
			j.steps[i].number = done + i + 1
		}
		return err
	}
	if j.row.running != "" || j.old != nil { // else there is nothing to close, and looking would lock what others insert
		if err := j.e.registry.abandon(ctx, q, j.row); err != nil {
			return err
		}
	}
	j.migration, err = j.e.registry.writeIntent(ctx, q, in)
	return err
}

// takeOver goes on with the migration of an earlier run.
func (j *job) takeOver(ctx context.Context, r *rest) error {
	j.migration, j.steps, j.next = r.running.id, r.steps, r.next
	return j.e.registry.takeOver(ctx, j.x, j.migration, intent{author: j.e.author(j.info), serverUUID: j.info.UUID, connection: j.x.ID()})
}

// recordSteps turns planned steps into those that the ledger has, with the
// fingerprints of the schema between them.
func recordSteps(steps []Step, states []string) []recordedStep {
	out := make([]recordedStep, 0, len(steps))
	for i, s := range steps {
		r := recordedStep{Step: s, number: i + 1, state: "planned"}
		if states != nil {
			r.before, r.after = states[i], states[i+1]
		}
		out = append(out, r)
	}
	setIntent(out[:together(out, 0)])
	return out
}

// closeMigration marks the migration of the job as done, with all steps and what
// they have set aside.
func (j *job) closeMigration(ctx context.Context, q mysql.Queryer) error {
	if err := j.e.registry.closeMigration(ctx, q, j.migration, j.live.Whole, j.steps, j.started); err != nil {
		return err
	}
	return j.e.registry.recordRetired(ctx, q, j.steps)
}

// share stores what all tenants of a composition have in common: the texts of
// the statements and the rendered schemas. It happens once in a process, and
// outside of the tenants' transactions, which would wait for each other. What
// names the tenant's own database, like its CREATE DATABASE, is not shared: it
// is written with the tenant's steps.
func (j *job) share(ctx context.Context, want *target, steps []Step, schemas ...*rendering) error {
	e, srv := j.e, j.srv
	srv.shareMu.Lock()
	defer srv.shareMu.Unlock()
	if err := e.registry.writeTexts(ctx, j.x, steps, &srv.texts); err != nil {
		return err
	}
	srv.texts.add(steps)
	for _, r := range schemas {
		if r == nil {
			continue
		}
		if err := e.storeSchemaOnce(ctx, j.onMain(), r); err != nil {
			return err
		}
		r.stored = true
	}
	if want == nil || want.rendered == nil || want.rendered.stored {
		return nil
	}
	if err := e.registry.writeRendering(ctx, j.onMain(), want.composition.Digest, j.info.RenderKey(), want.rendered.fingerprint, want.rendered.schema); err != nil {
		return err
	}
	want.rendered.stored = true
	return nil
}

// both runs writes to the registry and to the ledger of the tenant's server: in
// one transaction where they are the same database, else the registry first.
// What runs may run again after a deadlock, when its transaction was undone.
func (j *job) both(ctx context.Context, doing string, run func(registry, local mysql.Queryer) error) error {
	return j.e.retry(ctx, func() error {
		return inTransaction(ctx, j.x, doing, func(tx mysql.Queryer) error {
			if j.srv.key == "" {
				return run(tx, tx)
			}
			return run(j.onMain(), tx)
		})
	})
}

// afterwards runs the result of a migration: the tenant's server first, because
// only what is done there may be recorded as done. Where that is the main
// server it is one transaction. What runs may run again after a deadlock.
func (j *job) afterwards(ctx context.Context, doing string, local, registry func(mysql.Queryer) error) error {
	return j.e.retry(ctx, func() error { return j.afterwardsOnce(ctx, doing, local, registry) })
}

func (j *job) afterwardsOnce(ctx context.Context, doing string, local, registry func(mysql.Queryer) error) error {
	if j.srv.key == "" {
		return inTransaction(ctx, j.x, doing, func(tx mysql.Queryer) error {
			if err := local(tx); err != nil {
				return err
			}
			return registry(tx)
		})
	}
	if err := inTransaction(ctx, j.x, doing, local); err != nil {
		return err
	}
	j.e.fault("between ledger and registry")
	return registry(j.onMain())
}

// inTransaction runs what it is given in one transaction of the session.
func inTransaction(ctx context.Context, x *mysql.Session, doing string, run func(mysql.Queryer) error) error {
	tx, err := x.Begin(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	if err := run(tx); err != nil {
		tx.Rollback()
		return fmt.Errorf("%s: %w", doing, err)
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// task names what a job does to a tenant's schema, for when it stops or ends in
// another schema than it should.
type task struct {
	field   Field  // of a statement that stopped
	unlike  Field  // of a schema that is another one than it should be
	stopped string // summary: `Tenant migration stopped`
	doing   string // begins a sentence: "Migrating tenant `x` to template `y`"
	thing   string // goes on where it stopped: `the migration`
	work    string // whose statements ran: "the migration of tenant `x` to template `y`"
	after   string // what to know when the schema is another one
}

// migrate runs the steps that are recorded and compares the result with what was
// predicted: final, or the fingerprint after the last step where that is nil.
func (j *job) migrate(ctx context.Context, t task, final *rendering) error {
	j.e.fault("after intent")
	if err := j.x.Use(ctx, j.database); err != nil {
		return err
	}
	err := j.runSteps(ctx, len(j.steps))
	if err != nil {
		err = j.stopped(t, err)
	} else {
		err = j.verify(ctx, t, final)
	}
	if err != nil {
		j.e.registry.failMigration(ctx, j.x, j.migration, cause(err))
	}
	return err
}

// cause returns why a migration stopped, without what is said to people.
func cause(err error) error {
	var p *Problem
	if errors.As(err, &p) && p.Err != nil {
		return p.Err
	}
	return err
}

// stopped describes the statement that failed.
func (j *job) stopped(t task, err error) error {
	var p *Problem
	if errors.As(err, &p) {
		return err
	}
	s := j.steps[j.next]
	return &Problem{Field: t.field, Summary: t.stopped, Detail: []string{
		fmt.Sprintf("%s stopped at statement %d of %d.", t.doing, s.number, max(j.total, len(j.steps))),
		shorten(s.SQL),
		"Cause: " + mysql.Message(err),
		"What is done is kept and recorded. Correct the cause and apply again: " + t.thing + " goes on where it stopped.",
	}, Err: err}
}

// verify compares what the server has now with what was predicted.
func (j *job) verify(ctx context.Context, t task, final *rendering) error {
	live, err := j.e.liveFingerprint(ctx, j.srv, j.x, j.database)
	if err != nil {
		return err
	}
	if live != nil && live.Whole == j.steps[len(j.steps)-1].after {
		j.live = live
		return nil
	}
	detail := "The database is gone."
	if live != nil {
		detail = "The schema differs from the predicted one."
		if final != nil {
			detail = listDifferences(differences(final.fingerprint.Objects, live.Objects))
		}
	}
	return problem(t.unlike, "Tenant schema is not what was predicted",
		fmt.Sprintf("All statements of %s ran, but the result is another one.", t.work), detail, t.after)
}
