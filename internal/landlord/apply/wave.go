package apply

import (
	"context"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/program"
)

// A Wave is several tenants of one server that are open for the same work, on one
// session that holds all their locks. What is looked at and recorded of them is
// one statement for all, or one transaction; what is run is run tenant by tenant.
type Wave struct {
	E    *Jobs
	X    *mysql.Session
	Jobs []*Job // of the tenants that are open
	srv  *registry.Server

	reserve *account.Reserve // of accounts that run what users wrote
}

// Wavy says whether a migration is one that a wave may run: its steps change the
// structure alone and give schemas that differ from each other, so that one
// intent covers all of them, set nothing aside that would be recorded, and need no
// checkpoint behind them.
func Wavy(p *TenantPlan) bool {
	m := p.Migration
	if m == nil || !p.HasWork() || p.CheckpointBehind || p.Waits || p.Adopt || p.Unseen || p.Rest != nil || p.Restore != nil || p.Recorded != nil || m.Past != nil || len(m.Decided) > 0 {
		return false
	}
	steps := RecordSteps(p.Steps, m.States)
	return together(steps, 0) == len(steps) && !slices.ContainsFunc(steps, func(s registry.RecordedStep) bool {
		return s.Data || s.Written || s.Destructive || s.Retires != nil || s.Returns != nil
	})
}

// OpenWave opens those of several tenants of one server that are free: nobody
// else works on them, and no earlier run has left anything. They have a row and a
// database. The others are left to be opened one by one, which tells what is the
// matter; the server has to take writes. The turns are the caller's.
func (j *Jobs) OpenWave(ctx context.Context, goals ...Goal) (*Wave, error) {
	return j.openWave(ctx, (*Wave).look, goals)
}

// OpenNewWave is OpenWave for tenants to make: they have neither row nor database.
func (j *Jobs) OpenNewWave(ctx context.Context, goals ...Goal) (*Wave, error) {
	return j.openWave(ctx, (*Wave).lookForNone, goals)
}

func (j *Jobs) openWave(ctx context.Context, look func(*Wave, context.Context) error, goals []Goal) (w *Wave, err error) {
	srv := goals[0].Srv
	if err := j.Servers.ReadyMain(ctx, srv); err != nil {
		return nil, err
	}
	first, err := j.ConnectAll(ctx, goals[0])
	if err != nil {
		return nil, err
	}
	w = &Wave{E: j, X: first[0].X, srv: srv}
	defer func() {
		if err != nil {
			w.Close()
		}
	}()
	locks := make([]string, len(goals))
	for i := range goals {
		locks[i] = goals[i].Lock
	}
	taken, readOnly, err := w.X.LockFreeToWrite(ctx, locks...)
	if err != nil || readOnly {
		return w, err
	}
	if err := j.Servers.OpenRegistry(ctx, srv, w.X); err != nil {
		return w, err
	}
	for i, g := range goals {
		if taken[i] {
			w.Jobs = append(w.Jobs, &Job{Goal: g, E: j, Started: j.Config.Now(), X: w.X, Info: first[0].Info, main: first[0].main})
		}
	}
	if len(w.Jobs) == 0 {
		return w, nil
	}
	return w, look(w, ctx)
}

// look reads what is recorded of the tenants and what they have. Those of which
// something is unfinished are left.
func (w *Wave) look(ctx context.Context) error {
	slugs, databases := w.names()
	rows, err := w.E.Registry.ReadTenantsOf(ctx, w.Jobs[0].OnMain(), slugs)
	if err != nil {
		return err
	}
	w.Jobs = slices.DeleteFunc(w.Jobs, func(j *Job) bool {
		j.Row = rows[j.Slug]
		return j.Row == nil || j.Row.Running != "" || j.Row.Server != j.Srv.Key || j.Row.Database != j.Database
	})
	if len(w.Jobs) == 0 {
		return nil
	}
	unfinished, err := w.E.Registry.Unfinished(ctx, w.X, w.tenants())
	if err != nil {
		return err
	}
	live, err := w.E.Estate.LiveFingerprints(ctx, w.srv, w.X, databases...)
	if err != nil {
		return err
	}
	w.Jobs = slices.DeleteFunc(w.Jobs, func(j *Job) bool {
		j.Live = live[j.Database]
		return unfinished[j.Row.ID] != 0 || j.Live == nil
	})
	return nil
}

// lookForNone leaves tenants that have a row or a database.
func (w *Wave) lookForNone(ctx context.Context) error {
	slugs, databases := w.names()
	rows, err := w.E.Registry.ReadTenantsOf(ctx, w.Jobs[0].OnMain(), slugs)
	if err != nil {
		return err
	}
	there, err := catalog.ListDatabases(ctx, w.X, catalog.Databases{Names: databases})
	if err != nil {
		return err
	}
	w.Jobs = slices.DeleteFunc(w.Jobs, func(j *Job) bool { return rows[j.Slug] != nil || slices.Contains(there, j.Database) })
	return nil
}

// names returns the slugs and the databases of the tenants.
func (w *Wave) names() (slugs, databases []string) {
	for _, j := range w.Jobs {
		slugs, databases = append(slugs, j.Slug), append(databases, j.Database)
	}
	return slugs, databases
}

// tenants returns the numbers of the tenants.
func (w *Wave) tenants() []uint64 {
	ids := make([]uint64, len(w.Jobs))
	for i, j := range w.Jobs {
		ids[i] = j.Row.ID
	}
	return ids
}

// Keep leaves the tenants that are not chosen.
func (w *Wave) Keep(chosen func(*Job) bool) {
	w.Jobs = slices.DeleteFunc(w.Jobs, func(j *Job) bool { return !chosen(j) })
}

// Intend records the steps of all tenants before the first of them runs. What is
// told to the registry comes first and shares the transaction, where it is one.
func (w *Wave) Intend(ctx context.Context, doing string, intent func(*Job) registry.Intent, tell func(registry mysql.Queryer) error) error {
	return w.Jobs[0].Both(ctx, doing, func(main, local mysql.Queryer) error {
		if err := tell(main); err != nil {
			return err
		}
		intents := make([]registry.Intent, len(w.Jobs))
		for i, j := range w.Jobs {
			in := intent(j)
			in.Tenant, in.From, in.ServerUUID, in.Connection, in.Author = j.Row, j.Row.AppliedTemplate(), j.Info.UUID, j.X.ID(), w.E.Servers.Author(j.Info)
			intents[i] = in
		}
		ids, err := w.E.Registry.WriteIntents(ctx, local, intents)
		if err != nil {
			return err
		}
		steps := make([]registry.PlannedSteps, len(w.Jobs))
		for i, j := range w.Jobs {
			j.Migration = ids[j.Row.ID]
			steps[i] = registry.PlannedSteps{Migration: j.Migration, Steps: j.Steps}
		}
		return w.E.Registry.WriteStepsOf(ctx, local, steps)
	})
}

// Prepare makes the accounts of all tenants that their steps need, as far as it can:
// who has none makes its own, or tells why that cannot be. The owners of programs
// have rights on one database each, and so have those who run what users wrote.
func (w *Wave) Prepare(ctx context.Context, steps []landlord.Step) {
	if slices.ContainsFunc(steps, func(s landlord.Step) bool { return program.Makes(s.SQL) }) {
		_, databases := w.names()
		_ = w.E.Accounts.MakeOwners(ctx, w.X, databases...)
	}
	if w.E.Config.ExecutionAccount == landlord.ExecutionOwn || !slices.ContainsFunc(steps, func(s landlord.Step) bool { return s.Written }) {
		return
	}
	w.reserve, _ = w.E.Accounts.Reserve(ctx, w.X, len(w.Jobs), w.Jobs[0].Database)
	for _, j := range w.Jobs {
		j.reserve = w.reserve
	}
}

// EndTexts drops the accounts that ran what users wrote, when all of it has run: a
// run that is killed before leaves them together with unfinished work, so the next
// one looks for them.
func (w *Wave) EndTexts() { w.reserve.Close() }

// Run runs the recorded steps of one tenant. What was done is proven by Prove. A
// session that was lost on the way is another one of the job's own afterwards;
// the others of the wave have none then.
func (w *Wave) Run(ctx context.Context, j *Job, t Task) error { return j.runRecorded(ctx, t) }

// Whole says whether the session that holds the locks is there.
func (w *Wave) Whole() bool {
	return !w.X.Poisoned() && !slices.ContainsFunc(w.Jobs, func(j *Job) bool { return j.X != w.X })
}

// Prove compares what the server has now with what was predicted, for the tenants
// whose steps have run. What is wrong is told by tenant.
func (w *Wave) Prove(ctx context.Context, ran []*Job, task func(*Job) Task, final *estate.Rendering) (wrong map[*Job]error, err error) {
	databases := make([]string, len(ran))
	for i, j := range ran {
		databases[i] = j.Database
	}
	live, err := w.E.Estate.LiveFingerprints(ctx, w.srv, w.X, databases...)
	if err != nil {
		return nil, err
	}
	wrong = map[*Job]error{}
	for _, j := range ran {
		if err := j.judge(live[j.Database], task(j), final); err != nil {
			j.fail(ctx, err)
			wrong[j] = err
		}
	}
	return wrong, nil
}

// CloseMigrations marks the migrations of tenants as done, with all steps.
func (w *Wave) CloseMigrations(ctx context.Context, q mysql.Queryer, done []*Job) error {
	all := make([]registry.Closing, len(done))
	for i, j := range done {
		all[i] = registry.Closing{ID: j.Migration, ToSchema: j.Live.Whole, Steps: len(j.Steps), Started: j.Started}
	}
	return w.E.Registry.CloseMigrations(ctx, q, all)
}

// TakeUp goes on with a tenant of a wave whose session was lost, on a session of
// its own: the live schema says which statement is next.
func (j *Job) TakeUp(ctx context.Context, lost error) error { return j.reconnect(ctx, lost) }

// Close gives the session back, and the locks.
func (w *Wave) Close() {
	for _, j := range w.Jobs {
		if j.X != w.X {
			j.Close()
		}
	}
	w.EndTexts()
	w.X.Close()
}
