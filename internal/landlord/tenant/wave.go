package tenant

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// Member is a tenant that is to be updated together with others.
type Member struct {
	Spec  landlord.TenantSpec
	Prior landlord.PriorTenant
	Plan  *apply.TenantPlan
}

// WaveKey says with which others a tenant can be updated together: those that
// have the same key. It is empty for one that has to be updated by itself.
func WaveKey(plan *apply.TenantPlan, spec landlord.TenantSpec, row *registry.TenantRow) string {
	if row == nil || plan == nil || plan.Move != nil || row.Server != spec.Server || !apply.Wavy(plan) || plan.UpdateStatus != landlord.UpdateCurrent ||
		len(plan.Migration.Owned) > 0 || row.Running != "" ||
		row.Name != spec.Name || !maps.Equal(row.Metadata, spec.Metadata) || spec.Status != "" && spec.Status != row.Status {
		return ""
	}
	return strings.Join([]string{spec.Server, plan.Digest, row.AppliedTemplate(), row.Desired, plan.Template, strings.Join(spec.Modules, " ")}, "\x00")
}

// wave is one attempt to update tenants together.
type wave struct {
	*apply.Wave
	room    *Tenants
	updates map[*apply.Job]*update
	left    []Member // to be updated one by one
}

// UpdateWave updates tenants that have the same WaveKey: what is looked at and
// recorded of all of them is one statement. Each is told when it is done, or why
// not, with its position. What is not as it was planned, or in other hands, is
// updated by itself, as UpdateTenant does. No further one is begun when enough
// says so; those are told nothing. A run killed anywhere goes on where it stopped.
func (t *Tenants) UpdateWave(ctx context.Context, members []Member, enough func() bool, done func(n int, err error)) {
	at := make(map[string]int, len(members))
	places := make([]registry.Place, len(members))
	for i, m := range members {
		at[m.Spec.Slug] = i
		places[i] = registry.Place{Server: m.Spec.Server, Database: m.Plan.DatabaseName}
	}
	tell := func(slug string, err error) { done(at[slug], err) }
	left := members
	if turn, err := t.Servers.Queue.Take(ctx, places...); err == nil {
		left = t.updateWave(ctx, members, enough, tell)
		turn()
	}
	for _, m := range left {
		if enough() || ctx.Err() != nil {
			return
		}
		_, err := t.UpdateTenant(ctx, m.Spec, m.Prior, m.Plan.Digest)
		tell(m.Spec.Slug, err)
	}
}

// updateWave returns those that are left to be updated by themselves, when the
// locks of the others are free again.
func (t *Tenants) updateWave(ctx context.Context, members []Member, enough func() bool, tell func(slug string, err error)) []Member {
	w := &wave{room: t, updates: map[*apply.Job]*update{}}
	todo := w.plan(ctx, members)
	if len(todo) == 0 {
		return members
	}
	if err := w.open(ctx, todo); err != nil {
		return members
	}
	defer w.Close()
	w.left = slices.DeleteFunc(slices.Clone(members), func(m Member) bool {
		return slices.ContainsFunc(w.Jobs, func(j *apply.Job) bool { return j.Slug == m.Spec.Slug })
	})
	if len(w.Jobs) == 0 {
		return w.left
	}
	if err := w.record(ctx); err != nil {
		return members
	}
	t.Servers.Fault("after intent")
	w.run(ctx, enough, tell)
	return w.left
}

// plan makes the plans again: what others of this process have done meanwhile is
// done. It returns the updates of those that are what they were planned to be.
func (w *wave) plan(ctx context.Context, members []Member) []*update {
	var todo []*update
	for _, m := range members {
		plan, want, err := w.room.planTenant(ctx, m.Spec, &m.Prior)
		if err != nil || plan.Digest != m.Plan.Digest || !apply.Wavy(plan) {
			continue
		}
		seen, err := w.room.Estate.Snapshot.Row(ctx, m.Spec.Slug)
		if err != nil || WaveKey(plan, m.Spec, seen) == "" {
			continue
		}
		todo = append(todo, &update{room: w.room, spec: m.Spec, prior: m.Prior, plan: plan, want: want, seen: seen, final: plan.Migration.Final, base: plan.Migration.Base})
	}
	return todo
}

// open opens the tenants, and leaves those that are not what their plan was made
// from, or whose data forbids a step.
func (w *wave) open(ctx context.Context, todo []*update) (err error) {
	srv, err := w.room.Servers.Server(todo[0].spec.Server)
	if err != nil {
		return err
	}
	goals, by := make([]apply.Goal, len(todo)), map[string]*update{}
	for i, u := range todo {
		by[u.spec.Slug] = u
		goals[i] = apply.Goal{
			Srv: srv, Slug: u.spec.Slug, Database: u.plan.DatabaseName, Lock: w.room.Servers.TenantLock(u.plan.DatabaseName), Turn: true,
			Field: landlord.FieldSlug, Doing: fmt.Sprintf("Updating tenant `%s`", u.spec.Slug),
		}
	}
	if w.Wave, err = w.room.Jobs.OpenWave(ctx, goals...); err != nil {
		return err
	}
	w.Keep(func(j *apply.Job) bool {
		u := by[j.Slug]
		u.Job, w.updates[j] = j, u
		return u.plan.From() == j.Live.Whole && u.compareRecord(ctx) == nil && u.ask(ctx) == nil
	})
	return nil
}

// record records the migrations of all tenants before the first statement.
func (w *wave) record(ctx context.Context) error {
	first := w.updates[w.Jobs[0]]
	m := first.plan.Migration
	if err := first.Share(ctx, first.want, first.plan.Steps, m.Start, m.Final, m.Base); err != nil {
		return err
	}
	for _, j := range w.Jobs {
		u := w.updates[j]
		u.Steps = apply.RecordSteps(u.plan.Steps, u.plan.Migration.States)
	}
	return w.Intend(ctx, fmt.Sprintf("recording the migration of %s", landlord.Several(len(w.Jobs), "tenant")),
		func(j *apply.Job) registry.Intent { return w.updates[j].intent() },
		func(q mysql.Queryer) error {
			return w.room.Registry.SetTenantsUpdating(ctx, q, w.ids(w.Jobs), first.plan.Digest, first.want.ID.Version)
		})
}

func (w *wave) ids(jobs []*apply.Job) []uint64 {
	ids := make([]uint64, len(jobs))
	for i, j := range jobs {
		ids[i] = j.Row.ID
	}
	return ids
}

// run runs the steps tenant by tenant, proves and records the results.
func (w *wave) run(ctx context.Context, enough func() bool, tell func(slug string, err error)) {
	var ran []*apply.Job
	asked := ctx // that is ended by whoever wants no more
	ends := func() bool { return enough() || asked.Err() != nil }
	next := 0
	for ; next < len(w.Jobs) && w.Whole() && !ends(); next++ {
		j := w.Jobs[next]
		if err := w.Run(ctx, j, w.updates[j].task()); err != nil && (w.Whole() || !mysql.IsConnectionLost(err)) {
			w.failed(j, err, tell)
			continue
		}
		ran = append(ran, j)
	}
	ctx = context.WithoutCancel(ctx) // what has run is recorded, however the run is asked to end
	rest := w.Jobs[next:]
	if w.Whole() {
		var err error
		if ran, err = w.finish(ctx, ran, tell); err == nil && len(rest) > 0 {
			err = w.withdraw(ctx, rest)
		}
		if err == nil {
			return
		}
		if !mysql.IsConnectionLost(err) {
			w.room.Config.Log(ctx, "What was done with tenants together could not be recorded", map[string]any{"error": err.Error()})
			for _, j := range ran {
				w.failed(j, err, tell)
			}
			return
		}
	}
	w.alone(ctx, slices.Concat(ran, rest), len(ran), ends, tell)
}

// failed tells that a tenant was not updated. A session that it has got of its own
// is given back: those that go on may need the connection.
func (w *wave) failed(j *apply.Job, err error, tell func(slug string, err error)) {
	if j.X != w.X {
		j.Release()
	}
	w.room.Estate.Snapshot.Forget(j.Slug, j.Srv.Key, j.Database)
	tell(j.Slug, err)
}

// finish proves what has run and writes the results. The error says that they
// could not be written, or read again; then there are the tenants of which nobody is told yet.
func (w *wave) finish(ctx context.Context, ran []*apply.Job, tell func(slug string, err error)) ([]*apply.Job, error) {
	if len(ran) == 0 {
		return nil, nil
	}
	wrong, err := w.Prove(ctx, ran, func(j *apply.Job) apply.Task { return w.updates[j].task() }, w.updates[ran[0]].final)
	if err != nil {
		return ran, err
	}
	for j, err := range wrong {
		w.failed(j, err, tell)
	}
	ran = slices.DeleteFunc(ran, func(j *apply.Job) bool { return wrong[j] != nil })
	if len(ran) == 0 {
		return nil, nil
	}
	if err := w.writeResults(ctx, ran); err != nil {
		return ran, err
	}
	w.room.Servers.Fault("after finish")
	if err := w.learn(ctx, ran, tell); err != nil {
		return ran, err
	}
	return nil, nil
}

// writeResults writes the results of tenants: the ledger of their server, then
// the registry.
func (w *wave) writeResults(ctx context.Context, done []*apply.Job) error {
	u := w.updates[done[0]]
	last := landlord.LastMigration{Digest: u.plan.Digest, From: u.Row.AppliedTemplate(), To: u.want.ID.String(), Steps: int64(len(u.Steps)), AppliedAt: w.room.Config.Now()}
	rows, deletions := make([]*registry.TenantRow, len(done)), map[uint64]registry.Deletion{}
	for i, j := range done {
		rows[i] = j.Row
		deletions[j.Row.ID] = deletionOf(w.updates[j].spec)
		last.AppliedAt = j.Row.Last.After(last.AppliedAt)
	}
	change := registry.TenantChange{
		Applied: &registry.AppliedVersion{Template: u.want.ID.Name, Version: u.want.ID.Version, Modules: u.spec.Modules, Composition: u.want.Composition.Digest},
		Current: u.base.Fingerprint.Whole, Last: &last,
	}
	store, ids := w.room.Registry, w.ids(done)
	local := func(q mysql.Queryer) error {
		if err := w.CloseMigrations(ctx, q, done); err != nil {
			return err
		}
		return store.WriteEventOfAll(ctx, q, rows, "migrated", w.room.Servers.Author(u.Info), u.detail())
	}
	return u.Afterwards(ctx, fmt.Sprintf("recording %s", landlord.Several(len(done), "tenant")), local, func(q mysql.Queryer) error {
		if err := store.AdvanceTenants(ctx, q, ids, change); err != nil {
			return err
		}
		if err := store.ClearStandings(ctx, q, ids); err != nil {
			return err
		}
		return store.WriteDeletions(ctx, q, deletions)
	})
}

// learn makes known what was made of tenants.
func (w *wave) learn(ctx context.Context, done []*apply.Job, tell func(slug string, err error)) error {
	slugs := make([]string, len(done))
	for i, j := range done {
		slugs[i] = j.Slug
	}
	rows, err := w.room.Registry.ReadTenantsOf(ctx, done[0].OnMain(), slugs)
	if err != nil {
		return err
	}
	w.room.Jobs.Purge(ctx, done[0])
	for _, j := range done {
		w.room.Estate.Run.Recorded(j.Slug)
		w.room.Estate.Snapshot.Learn(j.Slug, rows[j.Slug], j.Srv.Key, j.Database, j.Live)
		tell(j.Slug, nil)
	}
	return nil
}

// withdraw takes the intents of tenants back that were not begun. Those of which that
// fails are as a run that was cut off leaves them: the next one goes on with them.
func (w *wave) withdraw(ctx context.Context, jobs []*apply.Job) error {
	migrations := make([]uint64, len(jobs))
	for i, j := range jobs {
		migrations[i] = j.Migration
		w.room.Estate.Snapshot.Forget(j.Slug, j.Srv.Key, j.Database)
	}
	return jobs[0].Both(ctx, "closing migrations that have not begun", func(main, local mysql.Queryer) error {
		if err := w.room.Registry.SetTenantsUpdating(ctx, main, w.ids(jobs), "", jobs[0].Row.Desired); err != nil {
			return err
		}
		return w.room.Registry.WithdrawIntents(ctx, local, migrations)
	})
}

// alone goes on with tenants whose session was lost, each on one of its own. The
// first ones have begun; of the others no further one is begun when ends says
// so: they wait for the next run. Who has a session already comes first and gives
// it back, so that no more than one connection is held.
func (w *wave) alone(ctx context.Context, jobs []*apply.Job, begun int, ends func() bool, tell func(slug string, err error)) {
	slices.SortStableFunc(jobs[:begun], func(a, b *apply.Job) int { return cmp.Compare(w.waits(a), w.waits(b)) })
	for n, j := range jobs {
		if n >= begun && ends() {
			return
		}
		if err := w.goOn(ctx, w.updates[j]); err != nil {
			w.failed(j, err, tell)
			continue
		}
		tell(j.Slug, nil)
	}
}

// waits is 1 for a tenant that has to wait for a session, 0 for one that has its own.
func (w *wave) waits(j *apply.Job) int {
	if j.X == w.X {
		return 1
	}
	return 0
}

// goOn completes an update on a session of its own.
func (w *wave) goOn(ctx context.Context, u *update) error {
	defer u.Close()
	if u.X == w.X || u.X.Poisoned() {
		if err := u.TakeUp(ctx, errors.New("the connection was lost")); err != nil {
			return err
		}
	}
	row, err := w.room.Registry.ReadTenant(ctx, u.OnMain(), u.spec.Slug)
	if err != nil {
		return err
	}
	running, err := w.room.Registry.Unfinished(ctx, u.X, []uint64{u.Row.ID})
	if err != nil {
		return err
	}
	switch {
	case row != nil && row.ID == u.Row.ID && running[row.ID] == u.Migration:
	case row != nil && row.Running == "" && row.Composition == u.want.Composition.Digest && row.CurrentSchema == u.base.Fingerprint.Whole:
		w.room.Estate.Run.Recorded(row.Slug)
		w.room.Estate.Snapshot.Learn(row.Slug, row, u.Srv.Key, u.Database, u.Live)
		return nil // the result was written before the connection was lost
	default:
		return landlord.ChangedSincePlan(landlord.FieldTemplate, u.spec.Slug, "Plan again.")
	}
	if err := u.Migrate(ctx, u.task(), u.final); err != nil {
		return err
	}
	if err := u.finish(ctx); err != nil {
		return err
	}
	_, err = u.result(ctx)
	return err
}
