package apply

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/migrate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/program"
)

// Intention is what is recorded of a migration before its first statement.
type Intention struct {
	registry.Intent                // what the job knows itself is filled in
	Doing           string         // for errors
	Retention       time.Duration  // of what the steps set aside
	Want            *estate.Target // what other tenants have in common with this one; may be nil
	Schemas         []*estate.Rendering
	TellRegistry    func(ctx context.Context, registry mysql.Queryer) error // in the same transaction, where it is one
}

// Intend records the steps of the job before the first of them runs, and closes
// what an earlier run has left. Where the job goes on with the migration of an
// earlier run, the steps take the place of those that are not done.
func (j *Job) Intend(ctx context.Context, in Intention) error {
	steps := registry.StepsOf(j.Steps)
	if migrate.NeedsRetirement(steps) {
		if err := j.E.Planner.OpenRetirement(ctx, j.X); err != nil {
			return err
		}
	}
	if err := j.Share(ctx, in.Want, steps, in.Schemas...); err != nil {
		return err
	}
	in.Tenant, in.From, in.ServerUUID, in.Connection = j.Row, j.Row.AppliedTemplate(), j.Info.UUID, j.X.ID()
	if in.Author == "" {
		in.Author = j.E.Servers.Author(j.Info)
	}
	former := j.Migration
	return j.Both(ctx, in.Doing, func(registry, local mysql.Queryer) error {
		if err := in.TellRegistry(ctx, registry); err != nil {
			return err
		}
		if err := j.writeIntent(ctx, local, in.Intent, former); err != nil {
			return err
		}
		if err := j.E.Registry.WritePlannedSteps(ctx, local, j.Migration, j.Steps); err != nil {
			return err
		}
		return j.E.Registry.PlanRetired(ctx, local, j.Row, j.Migration, j.Steps, in.Retention)
	})
}

func (j *Job) writeIntent(ctx context.Context, q mysql.Queryer, in registry.Intent, former uint64) (err error) {
	if former != 0 {
		done, err := j.E.Registry.TakeOverSteps(ctx, q, former, in)
		for i := range j.Steps {
			j.Steps[i].Number = done + i + 1
		}
		return err
	}
	if j.Row.Running != "" || j.Old != nil { // else there is nothing to close, and looking would lock what others insert
		if err := j.abandon(ctx, q); err != nil {
			return err
		}
	}
	j.Migration, err = j.E.Registry.WriteIntent(ctx, q, in)
	return err
}

// abandon closes the migration that an earlier run has left. Which of its steps
// took effect the live schema tells now, and nobody can tell later.
func (j *Job) abandon(ctx context.Context, q mysql.Queryer) error {
	if j.Old != nil && j.Live != nil {
		steps, err := j.E.Registry.ReadSteps(ctx, q, j.Old.ID)
		if err != nil {
			return err
		}
		if next := migrate.Position(steps, j.Live.Whole); next > 0 {
			if err := j.E.Registry.MarkSteps(ctx, q, j.Old.ID, steps[next-1].Number, steps[next-1].Number); err != nil {
				return err
			}
		}
	}
	return j.E.Registry.Abandon(ctx, q, j.Row)
}

// TakeOver goes on with the migration of an earlier run.
func (j *Job) TakeOver(ctx context.Context, r *Rest) error {
	j.Migration, j.Steps, j.Next = r.Running.ID, r.Steps, r.Next
	return j.E.Registry.TakeOver(ctx, j.X, j.Migration, registry.Intent{Author: j.E.Servers.Author(j.Info), ServerUUID: j.Info.UUID, Connection: j.X.ID()})
}

// RecordSteps turns planned steps into those that the ledger has, with the
// fingerprints of the schema between them.
func RecordSteps(steps []landlord.Step, states []string) []registry.RecordedStep {
	out := make([]registry.RecordedStep, 0, len(steps))
	for i, s := range steps {
		r := registry.RecordedStep{Step: s, Number: i + 1, State: "planned"}
		if states != nil {
			r.Before, r.After = states[i], states[i+1]
		}
		out = append(out, r)
	}
	registry.SetIntent(out[:together(out, 0)])
	return out
}

// CloseMigration marks the migration of the job as done, with all steps and what
// they have set aside.
func (j *Job) CloseMigration(ctx context.Context, q mysql.Queryer) error {
	if err := j.E.Registry.CloseMigration(ctx, q, j.Migration, j.Live.Whole, j.Steps, j.Started); err != nil {
		return err
	}
	return j.E.Registry.RecordRetired(ctx, q, j.Steps)
}

// Share stores what all tenants of a composition have in common: the texts of
// the statements and the rendered schemas. It happens once in a process, and
// outside of the tenants' transactions, which would wait for each other. What
// names the tenant's own database, like its CREATE DATABASE, is not shared: it
// is written with the tenant's steps.
func (j *Job) Share(ctx context.Context, want *estate.Target, steps []landlord.Step, schemas ...*estate.Rendering) error {
	e, srv := j.E, j.Srv
	srv.ShareMu.Lock()
	defer srv.ShareMu.Unlock()
	if err := e.Registry.WriteTexts(ctx, j.X, steps, &srv.Texts); err != nil {
		return err
	}
	srv.Texts.Add(steps)
	for _, r := range schemas {
		if r == nil {
			continue
		}
		if err := e.Estate.StoreSchemaOnce(ctx, j.OnMain(), r); err != nil {
			return err
		}
		r.Stored = true
	}
	if want == nil || want.Rendered == nil || want.Rendered.Stored {
		return nil
	}
	if err := e.Registry.WriteRendering(ctx, j.OnMain(), want.Composition.Digest, j.Info.RenderKey(), want.Rendered.Fingerprint, want.Rendered.Schema); err != nil {
		return err
	}
	want.Rendered.Stored = true
	return nil
}

// Both runs writes to the registry and to the ledger of the tenant's server: in
// one transaction where they are the same database, else in one on each, of which
// the registry's commits first. What runs may run again after a deadlock, when its
// transaction was undone; the registry's may be committed then.
func (j *Job) Both(ctx context.Context, doing string, run func(registry, local mysql.Queryer) error) error {
	return j.E.Servers.Retry(ctx, func() error {
		return InTransaction(ctx, j.X, doing, func(tx mysql.Queryer) error {
			if j.Srv.Key == "" {
				return run(tx, tx)
			}
			return j.inMain(ctx, doing, func(registry mysql.Queryer) error { return run(registry, tx) })
		})
	})
}

// Afterwards runs the result of a migration: the tenant's server first, because
// only what is done there may be recorded as done. Where that is the main
// server it is one transaction, else one on each. What runs may run again after a
// deadlock.
func (j *Job) Afterwards(ctx context.Context, doing string, local, registry func(mysql.Queryer) error) error {
	return j.E.Servers.Retry(ctx, func() error { return j.AfterwardsOnce(ctx, doing, nil, local, registry) })
}

// AfterwardsOnce does what Afterwards does, without a retry: for callers that
// retry more than this themselves. Rows are changes that users wrote, which share
// the transaction; nil for none. Without registry it is told later.
func (j *Job) AfterwardsOnce(ctx context.Context, doing string, rows, local, registry func(mysql.Queryer) error) error {
	if j.Srv.Key == "" {
		return j.transact(ctx, doing, rows, func(tx mysql.Queryer) error {
			if err := local(tx); err != nil || registry == nil {
				return err
			}
			return registry(tx)
		})
	}
	if err := j.transact(ctx, doing, rows, local); err != nil || registry == nil {
		return err
	}
	j.E.Servers.Fault("between ledger and registry")
	return j.inMain(ctx, doing, registry)
}

// inMain runs writes to the landlord database of the main server in one
// transaction, for a tenant that lives elsewhere.
func (j *Job) inMain(ctx context.Context, doing string, run func(mysql.Queryer) error) error {
	if j.main != nil {
		return InTransaction(ctx, j.main, doing, run)
	}
	x, err := j.E.Servers.Main().Session(ctx)
	if err != nil {
		return registry.Unreachable(j.E.Servers.Main(), doing, err)
	}
	defer x.Close()
	return InTransaction(ctx, x, doing, run)
}

// InTransaction runs what it is given in one transaction of the session.
func InTransaction(ctx context.Context, x *mysql.Session, doing string, run func(mysql.Queryer) error) error {
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

// Task names what a job does to a tenant's schema, for when it stops or ends in
// another schema than it should.
type Task struct {
	Field   landlord.Field // of a statement that stopped
	Unlike  landlord.Field // of a schema that is another one than it should be
	Stopped string         // summary: `Tenant migration stopped`
	Doing   string         // begins a sentence: "Migrating tenant `x` to template `y`"
	Thing   string         // goes on where it stopped: `the migration`
	Work    string         // whose statements ran: "the migration of tenant `x` to template `y`"
	After   string         // what to know when the schema is another one
	Next    string         // what to do about one that stopped; empty: it goes on
}

// Migrate runs the steps that are recorded and compares the result with what was
// predicted: final, or the fingerprint after the last step where that is nil.
func (j *Job) Migrate(ctx context.Context, t Task, final *estate.Rendering) error {
	j.E.Servers.Fault("after intent")
	if err := j.runRecorded(ctx, t); err != nil {
		return err
	}
	live, err := j.E.Estate.LiveFingerprint(ctx, j.Srv, j.X, j.Database)
	if err == nil {
		err = j.judge(live, t, final)
	}
	if err != nil {
		j.fail(ctx, err)
	}
	return err
}

// runRecorded runs the steps that are recorded.
func (j *Job) runRecorded(ctx context.Context, t Task) error {
	err := j.X.Use(ctx, j.Database)
	switch {
	case mysql.IsConnectionLost(err):
		err = j.reconnect(ctx, err)
	case err == nil:
		err = j.prepareOwner(ctx)
	default:
		return err
	}
	if err == nil {
		err = j.RunSteps(ctx, len(j.Steps))
	}
	if err != nil {
		err = j.Stopped(t, err)
		j.fail(ctx, err)
	}
	return err
}

// fail records why the migration of the job stopped.
func (j *Job) fail(ctx context.Context, err error) {
	j.E.Registry.FailMigration(ctx, j.X, j.Migration, cause(err))
}

// prepareOwner makes the owner account of the database before the first step,
// where one of them makes a program: what a step drops must not be missing
// because no account could be made.
func (j *Job) prepareOwner(ctx context.Context) error {
	if !slices.ContainsFunc(j.Steps[j.Next:], func(s registry.RecordedStep) bool { return program.Makes(s.SQL) }) {
		return nil
	}
	return j.X.PrepareDefiner(ctx, j.Database)
}

// cause returns why a migration stopped, without what is said to people.
func cause(err error) error {
	var p *landlord.Problem
	if errors.As(err, &p) && p.Err != nil {
		return p.Err
	}
	return err
}

// Stopped describes the statement that failed.
func (j *Job) Stopped(t Task, err error) error {
	var p *landlord.Problem
	if errors.As(err, &p) {
		return err
	}
	s := j.Steps[j.Next]
	return &landlord.Problem{Field: t.Field, Summary: t.Stopped, Detail: []string{
		fmt.Sprintf("%s stopped at statement %d of %d.", t.Doing, s.Number, max(j.Total, len(j.Steps))),
		landlord.Shorten(s.SQL),
		"Cause: " + mysql.Message(err),
		cmp.Or(t.Next, "What is done is kept and recorded. Correct the cause and apply again: "+t.Thing+" goes on where it stopped."),
	}, Err: err}
}

// judge compares what the server has now with what was predicted.
func (j *Job) judge(live *ddl.Fingerprint, t Task, final *estate.Rendering) error {
	if live != nil && live.Whole == j.Steps[len(j.Steps)-1].After {
		j.Live = live
		return nil
	}
	detail := "The database is gone."
	if live != nil {
		detail = "The schema differs from the predicted one."
		if final != nil {
			detail = landlord.ListDifferences(landlord.Differences(final.Fingerprint.Objects, live.Objects))
		}
	}
	return landlord.NewProblem(t.Unlike, "Tenant schema is not what was predicted",
		fmt.Sprintf("All statements of %s ran, but the result is another one.", t.Work), detail, t.After)
}
