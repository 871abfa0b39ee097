package move

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/access"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// moving is one attempt to move a tenant, or to complete a move that was cut off.
// Until the registry names the new server, an error leads back; from then on there
// is only the way forward.
type moving struct {
	room     *Moves
	spec     landlord.TenantSpec
	m        *registry.MoveRow
	want     *registry.StoredSchema // what moves
	again    bool                   // an attempt before has made something on the other server
	copied   []string               // quoted names of the accounts that this attempt has made there
	from, to *apply.Job             // from is nil where the former server does not answer
	row      *registry.TenantRow
	lock     *mysql.Session // holds the tables of the former server; nil when nothing is locked
	paused   time.Time      // since when nobody can write
	notes    []landlord.Note
}

// Moved is what a move has come to.
type Moved struct {
	Tenant uint64 // the number of the tenant in the landlord database
	Notes  []landlord.Note
}

// Move moves a tenant as it was planned, completes a move, or takes one back. What
// was read of the tenant is forgotten, whatever comes of it.
func (r *Moves) Move(ctx context.Context, spec landlord.TenantSpec, plan *apply.TenantPlan) (*Moved, error) {
	mv := &moving{room: r, spec: spec, m: plan.Move.Row}
	mv.again = mv.m != nil && (mv.m.Status == registry.MoveCopying || mv.m.Status == registry.MoveRetiring)
	err := mv.run(ctx, plan)
	for _, server := range plan.Move.Servers() {
		r.Estate.Snapshot.Forget(spec.Slug, server, plan.DatabaseName)
	}
	r.Accesses.Forget()
	if err != nil {
		return nil, err
	}
	moved := &Moved{Tenant: mv.row.ID, Notes: mv.notes}
	if mv.m.Status == registry.MoveLeft {
		moved.Notes = append(moved.Notes, leftNote(mv.m))
	}
	return moved, nil
}

func (mv *moving) run(ctx context.Context, plan *apply.TenantPlan) error {
	r := mv.room
	goals := make([]apply.Goal, 0, 2)
	for _, key := range plan.Move.Servers() {
		srv, err := r.Servers.Server(key)
		if err != nil {
			return err
		}
		goals = append(goals, apply.Goal{
			Srv: srv, Slug: mv.spec.Slug, Database: plan.DatabaseName, Lock: r.Servers.TenantLock(plan.DatabaseName), Turn: true, Anywhere: true,
			Field: landlord.FieldServer, Doing: fmt.Sprintf("Moving tenant `%s`", mv.spec.Slug),
		})
	}
	jobs, err := r.Jobs.OpenAll(ctx, goals...)
	if err != nil {
		return err
	}
	mv.to, mv.row = jobs[len(jobs)-1], jobs[0].Row
	if !plan.Move.Alone {
		mv.from = jobs[0]
	}
	defer func() {
		mv.unlock()
		for _, j := range jobs {
			j.Close()
		}
	}()
	if err := mv.compare(ctx, plan); err != nil {
		return err
	}
	if plan.Move.Back {
		return mv.takeBack(ctx)
	}
	if mv.m == nil || mv.m.Status != registry.MoveSwitched {
		if err := mv.bring(ctx, plan); err != nil {
			return mv.failed(ctx, err)
		}
	}
	if err := mv.finish(ctx); err != nil {
		return err
	}
	if plan.CheckpointBehind {
		mv.notes = r.Checkpoints.TakeBehind(ctx, mv.to, mv.row, checkpointing.AutomaticCheckpoint{Wish: mv.spec.Automatic, Origin: landlord.OriginMove, Retention: mv.spec.Retention})
	}
	return nil
}

// compare compares, under the locks, what there is with what the plan was made
// from.
func (mv *moving) compare(ctx context.Context, plan *apply.TenantPlan) error {
	changed := landlord.ChangedSincePlan(landlord.FieldServer, mv.spec.Slug, "Nothing was run. Plan again.")
	if mv.row == nil {
		return changed
	}
	open, err := mv.room.Registry.OpenMove(ctx, mv.to.OnMain(), mv.row.ID)
	if err != nil {
		return err
	}
	if (open == nil) != (mv.m == nil) || open != nil && (open.ID != mv.m.ID || open.Status != mv.m.Status) {
		return changed
	}
	if open == nil && (mv.row.Running != "" || mv.from.Old != nil || mv.row.Status == landlord.StatusCreating || mv.row.Status == landlord.StatusDropping) {
		return changed // work of another run, cut off: recording a move would forget it
	}
	at := mv.from
	if open != nil && open.Status == registry.MoveSwitched {
		at = mv.to
	}
	if mv.row.Server != at.Srv.Key {
		return changed
	}
	live, err := mv.room.Estate.LiveFingerprint(ctx, at.Srv, at.X, mv.row.Database)
	if err != nil {
		return err
	}
	if live == nil || live.Whole != plan.Move.Live {
		return changed
	}
	return nil
}

// bring brings the tenant to the other server and makes that one the tenant's.
func (mv *moving) bring(ctx context.Context, plan *apply.TenantPlan) error {
	fault := mv.room.Servers.Fault
	if err := mv.comeBack(ctx); err != nil {
		return err
	}
	if err := mv.begin(ctx, plan); err != nil {
		return err
	}
	fault("after beginning to move")
	if err := mv.make(ctx); err != nil {
		return err
	}
	fault("after making the moved database")
	if err := mv.hold(ctx); err != nil {
		return err
	}
	fault("after holding off writers")
	taken, err := mv.checkpoint(ctx)
	if err != nil {
		return err
	}
	fault("after the checkpoint of a move")
	copied, err := mv.load(ctx, taken)
	if err != nil {
		return err
	}
	fault("after loading the moved database")
	if err := mv.accounts(ctx); err != nil {
		return err
	}
	if err := mv.ledger(ctx); err != nil {
		return err
	}
	fault("before setting aside")
	if err := mv.retire(ctx); err != nil {
		return err
	}
	if err := mv.prove(ctx, copied); err != nil {
		return err
	}
	fault("before the switch")
	return mv.change(ctx)
}

// begin records the move and the schema that moves, or takes a move up that was cut
// off. Accounts that others have made on the other server since the plan are not
// the move's.
func (mv *moving) begin(ctx context.Context, plan *apply.TenantPlan) error {
	if !mv.again {
		if err := mv.accountsFree(ctx); err != nil {
			return err
		}
	}
	if err := mv.room.accountsThere(ctx, mv.from.OnMain(), mv.from.X, mv.from.Info, mv.from.Srv, mv.to.Srv.Key, mv.row); err != nil {
		return err
	}
	if err := mv.keepSchema(ctx); err != nil {
		return err
	}
	if mv.m != nil {
		mv.m.Schema = mv.want.Fingerprint.Whole
		return nil
	}
	mv.m = &registry.MoveRow{
		Tenant: mv.row.ID, Slug: mv.row.Slug, Database: mv.row.Database, From: plan.Move.From, To: plan.Move.To, Status: registry.MoveBeginning,
		Schema: mv.want.Fingerprint.Whole, Retired: plan.Move.Retired, MayDrop: mv.spec.AllowDestructive, Author: mv.room.Servers.Author(mv.from.Info),
	}
	return mv.onMain(ctx, func(q mysql.Queryer) error { return mv.room.Registry.BeginMove(ctx, q, mv.m) })
}

// onMain writes to the registry in one transaction.
func (mv *moving) onMain(ctx context.Context, run func(q mysql.Queryer) error) error {
	return mv.to.Both(ctx, fmt.Sprintf("recording the move of tenant `%s`", mv.row.Slug), func(registry, _ mysql.Queryer) error { return run(registry) })
}

// make makes the database on the other server. One that an attempt before has
// filled in part is made anew.
func (mv *moving) make(ctx context.Context) error {
	if mv.m.Status == registry.MoveCopying {
		if err := mv.drop(ctx); err != nil {
			return err
		}
	}
	ctx = context.WithoutCancel(ctx) // whose the database is has to be recorded
	if _, err := mv.to.X.Exec(ctx, "CREATE DATABASE "+mysql.Quote(mv.m.Database)+landlord.WithTenantCharacters); err != nil {
		return fmt.Errorf("creating database `%s` on %s: %w", mv.m.Database, landlord.ServerName(mv.m.To), err)
	}
	mv.m.Status, mv.again = registry.MoveCopying, false
	return mv.room.Registry.SetMove(ctx, mv.from.OnMain(), mv.m)
}

// drop removes what the move has made on the other server.
func (mv *moving) drop(ctx context.Context) error {
	if mv.m.Status != registry.MoveCopying {
		return nil
	}
	if err := mv.dropRetired(ctx); err != nil {
		return err
	}
	err := mv.room.Servers.Retry(ctx, func() error { // a copy that was given up may be writing still
		_, err := mv.to.X.Exec(mysql.Patient(ctx), landlord.DropDatabase(mv.m.Database))
		return err
	})
	if err != nil {
		return fmt.Errorf("dropping the copy of tenant `%s`: %w", mv.m.Slug, err)
	}
	if mv.again {
		if err := mv.room.Accesses.DropCopies(ctx, mv.to, mv.row.ID); err != nil {
			return err
		}
	} else if err := access.DropAccounts(ctx, mv.to.X, mv.copied); err != nil {
		return err
	}
	mv.copied = nil
	return mv.room.Accounts.DropOwner(ctx, mv.to.X, mv.m.Database)
}

// hold locks the accounts of the tenant out and then its tables, so that
// administrators and events wait too. The connection that holds the tables is no
// one of the pool, which may have one only.
func (mv *moving) hold(ctx context.Context) error {
	mv.paused = time.Now()
	if err := mv.room.Accesses.LockOut(ctx, mv.from); err != nil {
		return err
	}
	tables, err := tablesIn(ctx, mv.from.X, mv.m.Database)
	if err != nil || len(tables) == 0 {
		return err
	}
	if mv.lock, err = mv.from.Srv.Beside(ctx); err != nil {
		return err
	}
	return mv.room.Servers.Retry(ctx, func() error {
		_, err := mv.lock.Exec(ctx, lockStatement(mv.m.Database, tables, "READ"))
		return err
	})
}

// unlock lets the tables go.
func (mv *moving) unlock() {
	if mv.lock != nil {
		mv.lock.Discard()
		mv.lock = nil
	}
}

// checkpoint takes the checkpoint that moves, and stays for its retention.
func (mv *moving) checkpoint(ctx context.Context) (*registry.CheckpointRow, error) {
	name, err := mv.room.Checkpoints.TakeAutomatic(ctx, mv.from, checkpointing.AutomaticCheckpoint{Wish: landlord.AutomaticData, Origin: landlord.OriginMove, Retention: mv.spec.Retention})
	if err != nil {
		return nil, checkpointing.NoCheckpoint(err, fmt.Sprintf("Tenant `%s` moves by way of a checkpoint, which could not be taken.", mv.m.Slug))
	}
	mv.m.Checkpoint = name
	return mv.room.Registry.ReadCheckpoint(ctx, mv.from.OnMain(), mv.m.Slug, name)
}

// load fills the database on the other server, proves it, and returns what it was
// filled with.
func (mv *moving) load(ctx context.Context, taken *registry.CheckpointRow) (*checkpoint.Manifest, error) {
	progress := func(what string) func(checkpoint.Progress) {
		return mv.room.Checkpoints.Copying(ctx, landlord.Event{Tenant: mv.m.Slug, What: what, Of: taken.Name})
	}
	loaded, err := checkpoint.Load(ctx, mv.to.Srv.Server, checkpoint.LoadRequest{
		Directory: taken.Location, Checksum: taken.Checksum, Database: mv.m.Database, EventsDisabled: true, Session: mv.to.X, Progress: progress("Loading a moved tenant"),
	})
	if err != nil {
		return nil, err
	}
	mv.room.Servers.Fault("after filling the moved database")
	report, err := checkpoint.Compare(ctx, mv.to.Srv.Server, checkpoint.CompareRequest{
		Manifest: loaded.Manifest, Database: mv.m.Database, EventsDisabled: true, Without: loaded.Without, Session: mv.to.X, Progress: progress("Comparing a moved tenant"),
	})
	if err != nil {
		return nil, err
	}
	mv.m.Rows = loaded.Rows
	if len(loaded.Without) > 0 {
		return nil, fmt.Errorf("what does not work on %s cannot move: %s", landlord.ServerName(mv.m.From), landlord.Quoted(loaded.Without))
	}
	if !report.OK() {
		return nil, landlord.NewProblem(landlord.FieldServer, "Moved tenant differs from its checkpoint",
			fmt.Sprintf("Tenant `%s` was loaded on %s, which differs from what was copied:\n%s", mv.m.Slug, landlord.ServerName(mv.m.To), checkpointing.ListReport(report)),
			"The tenant stays where it is. Please report this with the differences above.")
	}
	return loaded.Manifest, nil
}

// accounts makes the accounts of the tenant on the other server, locked as they
// are by now.
func (mv *moving) accounts(ctx context.Context) error {
	err := mv.accountsFree(ctx)
	if err != nil {
		return err
	}
	// What they may do is copied as it is by now.
	if err := mv.room.accountsWithin(ctx, mv.from.OnMain(), mv.from.X, mv.from.Info, mv.from.Srv, mv.to.Srv.Key, mv.row); err != nil {
		return err
	}
	mv.copied, err = mv.room.Accesses.CopyTo(ctx, mv.from, mv.to)
	return err
}

// accountsFree refuses accounts on the other server that the move did not make.
func (mv *moving) accountsFree(ctx context.Context) error {
	return mv.room.accountsFree(ctx, mv.from.OnMain(), mv.to.X, mv.to.Info, mv.to.Srv.Key, mv.row)
}

// ledger brings the ledger and the events of the tenant along.
func (mv *moving) ledger(ctx context.Context) error {
	return apply.InTransaction(ctx, mv.to.X, fmt.Sprintf("copying the ledger of tenant `%s`", mv.m.Slug), func(tx mysql.Queryer) error {
		return mv.room.Registry.CopyLedger(ctx, mv.from.X, tx, mv.m.Tenant)
	})
}

// change makes the other server the tenant's. What it was cannot be reached by its
// name any more, and is what was copied.
func (mv *moving) change(ctx context.Context) error {
	fingerprint, err := mv.recorded(ctx)
	if err != nil {
		return err
	}
	switched := *mv.m // until it is committed, there is a way back
	if err := mv.onMain(ctx, func(q mysql.Queryer) error { return mv.room.Registry.SwitchTenant(ctx, q, &switched, fingerprint) }); err != nil {
		return err
	}
	mv.m = &switched
	return nil
}

// failed takes a move back that did not come to the other server, also one that was
// asked to end or whose time is over: until then nobody reaches the tenant. Where a
// server does not answer any more, the next apply does what is left.
func (mv *moving) failed(ctx context.Context, cause error) error {
	if mv.m == nil || mv.m.ID == 0 {
		return cause
	}
	ctx = context.WithoutCancel(ctx)
	if err := mv.reopen(ctx); err != nil {
		return cause
	}
	if mv.m.Status == registry.MoveSwitched {
		return mv.finish(ctx)
	}
	mv.unlock()
	err := mv.takeBack(ctx)
	var p *landlord.Problem
	switch {
	case landlord.IsStopped(cause) && err == nil:
		return fmt.Errorf("moving tenant `%s` from %s to %s, which was taken back: %w", mv.m.Slug, landlord.ServerName(mv.m.From), landlord.ServerName(mv.m.To), cause)
	case errors.As(cause, &p):
		return errors.Join(cause, err)
	}
	why, next := checkpointing.CauseOf(cause)
	next = "The tenant is where it was, and applications reach it again. " + next
	if err != nil {
		next = fmt.Sprintf("Going back did not work either (%s). Apply again: the move goes on, or is taken back where `server` is set back.", mysql.Message(err))
	}
	return &landlord.Problem{Field: landlord.FieldServer, Summary: "Tenant could not be moved", Detail: []string{
		fmt.Sprintf("Moving tenant `%s` from %s to %s.", mv.m.Slug, landlord.ServerName(mv.m.From), landlord.ServerName(mv.m.To)),
		why, next,
	}, Err: cause}
}

// reopen opens both servers anew where what was sent on a connection may have an
// effect still, and reads how far the move has come: the switch may be committed.
func (mv *moving) reopen(ctx context.Context) error {
	if !mv.from.X.Poisoned() && !mv.to.X.Poisoned() && (mv.lock == nil || !mv.lock.Poisoned()) {
		return nil
	}
	var beside []*mysql.Session
	if mv.lock != nil {
		beside, mv.lock = append(beside, mv.lock), nil
	}
	if err := mv.room.Jobs.OpenAgain(ctx, []*apply.Job{mv.from, mv.to}, beside...); err != nil {
		return err
	}
	open, err := mv.room.Registry.OpenMove(ctx, mv.from.OnMain(), mv.m.Tenant)
	if err != nil {
		return err
	}
	if open == nil || open.ID != mv.m.ID {
		return fmt.Errorf("the move of tenant `%s` is not recorded any more", mv.m.Slug)
	}
	mv.m = open
	return nil
}

// takeBack brings back what was set aside, removes what a move has made, and lets
// applications in again.
func (mv *moving) takeBack(ctx context.Context) error {
	if err := mv.comeBack(ctx); err != nil {
		return err
	}
	if err := mv.drop(ctx); err != nil {
		return err
	}
	if mv.row.Status == landlord.StatusActive {
		row, err := mv.room.Registry.ReadTenant(ctx, mv.from.OnMain(), mv.row.Slug) // with what was taken from accounts
		if err != nil {
			return err
		}
		mv.from.Row = row
		if err := mv.room.Accesses.LetIn(ctx, mv.from); err != nil {
			return err
		}
	}
	mv.m.Status = registry.MoveAbandoned
	return mv.onMain(ctx, func(q mysql.Queryer) error { return mv.room.Registry.EndMove(ctx, q, mv.m, 0) })
}
