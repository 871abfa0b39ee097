package tenant

import (
	"context"
	"fmt"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// CreationKey says with which others a tenant can be made together: those that
// have the same key. It is empty for one that has to be made by itself.
func CreationKey(plan *apply.TenantPlan, spec landlord.TenantSpec, row *registry.TenantRow) string {
	if plan == nil || !plan.Create || plan.Unseen || row != nil {
		return ""
	}
	return strings.Join([]string{spec.Server, plan.Digest, plan.Template, strings.Join(spec.Modules, " "), string(spec.Status)}, "\x00")
}

// creations is one attempt to make tenants together.
type creations struct {
	*apply.Wave
	room *Tenants
	want *estate.Target
	by   map[*apply.Job]*creation
	tell func(slug string, err error)
}

// CreateWave makes tenants that have the same CreationKey. What is looked at and
// recorded of all of them is one statement; the database of each is made, proven
// and filled with its seeds by itself, whose transaction is marked in the ledger.
// Each is told when it is done, or why not, with its position. What is not as it
// was planned, or in other hands, is made by itself, as CreateTenant does. No
// further one is begun when enough says so; those are told nothing. A run killed
// anywhere goes on where it stopped.
func (t *Tenants) CreateWave(ctx context.Context, members []Member, enough func() bool, done func(n int, err error)) {
	at, todo := make(map[string]int, len(members)), map[string]Member{}
	places := make([]registry.Place, len(members))
	for i, m := range members {
		at[m.Spec.Slug], todo[m.Spec.Slug] = i, m
		places[i] = registry.Place{Server: m.Spec.Server, Database: m.Plan.DatabaseName}
	}
	turn, err := t.Servers.Queue.Take(ctx, places...)
	if err != nil {
		return // asked to end while others had the turn
	}
	defer turn()
	tell := func(slug string, err error) {
		delete(todo, slug)
		done(at[slug], err)
	}
	t.createWave(ctx, members, enough, tell)
	for _, m := range members {
		if _, left := todo[m.Spec.Slug]; !left || enough() || ctx.Err() != nil {
			continue
		}
		_, err := t.createTenant(ctx, m.Spec, m.Plan.Digest)
		tell(m.Spec.Slug, err)
	}
}

// createWave makes those that it can. Those that are told nothing are left, or
// were begun when their session was lost.
func (t *Tenants) createWave(ctx context.Context, members []Member, enough func() bool, tell func(slug string, err error)) {
	w := &creations{room: t, by: map[*apply.Job]*creation{}, tell: tell}
	if err := w.open(ctx, members); err != nil {
		return
	}
	defer w.Close()
	if len(w.Jobs) == 0 || w.record(ctx) != nil {
		return
	}
	t.Servers.Fault("after intent")
	w.Prepare(ctx, w.by[w.Jobs[0]].all)
	w.run(ctx, enough)
}

// open opens the tenants that are as they were planned.
func (w *creations) open(ctx context.Context, members []Member) (err error) {
	srv, err := w.room.Servers.Server(members[0].Spec.Server)
	if err != nil {
		return err
	}
	if w.want, err = w.room.Planner.Target(ctx, srv, members[0].Spec, nil); err != nil {
		return err
	}
	if w.want.Rendered == nil {
		return landlord.ErrNotFound // the first one is rendered in its own database
	}
	var goals []apply.Goal
	by := map[string]landlord.TenantSpec{}
	for _, m := range members {
		if w.room.checkDatabaseFree(ctx, m.Spec, m.Plan.DatabaseName) != nil || m.Plan.Digest != createDigest(w.want) {
			continue
		}
		by[m.Spec.Slug] = m.Spec
		goals = append(goals, w.room.creationGoal(srv, m.Spec, m.Plan.DatabaseName))
	}
	if len(goals) == 0 {
		return landlord.ErrNotFound
	}
	if w.Wave, err = w.room.Jobs.OpenNewWave(ctx, goals...); err != nil {
		return err
	}
	for _, j := range w.Jobs {
		w.by[j] = &creation{Job: j, room: w.room, spec: by[j.Slug], want: w.want, digest: createDigest(w.want), all: createSteps(j.Database, w.want.Composition, false, 0)}
	}
	return nil
}

// record records the intents: the rows of the tenants and the running migrations.
func (w *creations) record(ctx context.Context) error {
	first := w.by[w.Jobs[0]]
	if err := first.Share(ctx, w.want, first.all[1:]); err != nil {
		return err
	}
	return w.Intend(ctx, "recording "+landlord.Several(len(w.Jobs), "tenant"),
		func(j *apply.Job) registry.Intent { return w.by[j].intent() },
		func(q mysql.Queryer) error {
			rows := make([]*registry.TenantRow, len(w.Jobs))
			for i, j := range w.Jobs {
				rows[i] = w.by[j].newRow()
				j.Row = rows[i]
			}
			return w.room.Registry.InsertTenants(ctx, q, rows)
		})
}

// run makes the databases one by one and records the results together. Those that
// were begun when the session was lost are told nothing.
func (w *creations) run(ctx context.Context, enough func() bool) {
	var made []*apply.Job
	lost, next := false, 0
	for ; next < len(w.Jobs) && !lost && !enough() && ctx.Err() == nil; next++ {
		j := w.Jobs[next]
		err := w.by[j].make(ctx)
		lost = mysql.IsConnectionLost(err) || w.X.Poisoned()
		switch {
		case err == nil:
			made = append(made, j)
		case !lost:
			w.failed(j, err)
		}
	}
	w.EndTexts()
	ctx = context.WithoutCancel(ctx) // what has been made is recorded, however the run is asked to end
	err := w.finish(ctx, made)
	if err == nil && !lost && next < len(w.Jobs) {
		err = w.withdraw(ctx, w.Jobs[next:])
	}
	if err != nil || lost {
		for _, j := range w.Jobs {
			w.room.Estate.Snapshot.Forget(j.Slug, j.Srv.Key, j.Database)
		}
	}
}

// failed tells that a tenant was not made.
func (w *creations) failed(j *apply.Job, err error) {
	w.room.Estate.Snapshot.Forget(j.Slug, j.Srv.Key, j.Database)
	w.tell(j.Slug, err)
}

// make makes the database, proves it and runs the seeds, whose transaction closes
// the migration in the ledger.
func (c *creation) make(ctx context.Context) error {
	err := c.build(ctx)
	if err == nil {
		err = c.room.Servers.Retry(ctx, func() error {
			if err := c.beforeSeeds(ctx); err != nil {
				return err
			}
			return c.AfterwardsOnce(ctx, fmt.Sprintf("recording tenant `%s`", c.spec.Slug), c.seeding(ctx), func(q mysql.Queryer) error { return c.finishMigration(ctx, q) }, nil)
		})
	}
	if err != nil {
		c.room.Registry.FailMigration(ctx, c.X, c.Migration, err)
	}
	_ = c.EndTexts() // the next run that makes an account ends what is left
	return err
}

// finish records that tenants are made.
func (w *creations) finish(ctx context.Context, made []*apply.Job) error {
	if len(made) == 0 {
		return nil
	}
	w.room.Servers.Fault("between ledger and registry")
	first := w.by[made[0]]
	slugs, ids, deletions := make([]string, len(made)), make([]uint64, len(made)), map[uint64]registry.Deletion{}
	for i, j := range made {
		slugs[i], ids[i] = j.Slug, j.Row.ID
		deletions[j.Row.ID] = deletionOf(w.by[j].spec)
	}
	created := first.created(first.last())
	store := w.room.Registry
	err := first.Afterwards(ctx, "recording "+landlord.Several(len(made), "tenant"), func(mysql.Queryer) error { return nil }, func(q mysql.Queryer) error {
		if err := w.room.Estate.StoreSchemaOnce(ctx, q, w.want.Rendered); err != nil {
			return err
		}
		if err := store.FinishTenants(ctx, q, ids, created); err != nil {
			return err
		}
		return store.WriteDeletions(ctx, q, deletions)
	})
	if err != nil {
		return err
	}
	rows, err := store.ReadTenantsOf(ctx, first.OnMain(), slugs)
	if err != nil {
		return err
	}
	w.room.Servers.Fault("after finish")
	for _, j := range made {
		w.room.Estate.Snapshot.Learn(j.Slug, rows[j.Slug], j.Srv.Key, j.Database, &w.want.Rendered.Fingerprint)
		w.tell(j.Slug, nil)
	}
	return nil
}

// withdraw takes the intents of tenants back that were not begun.
func (w *creations) withdraw(ctx context.Context, jobs []*apply.Job) error {
	var migrations []uint64
	for _, j := range jobs {
		migrations = append(migrations, j.Migration)
		w.room.Estate.Snapshot.Forget(j.Slug, j.Srv.Key, j.Database)
	}
	err := jobs[0].Both(ctx, "closing creations that have not begun", func(main, local mysql.Queryer) error {
		for _, j := range jobs {
			if err := w.room.Registry.DeleteTenant(ctx, main, j.Row.ID); err != nil {
				return err
			}
		}
		return w.room.Registry.WithdrawIntents(ctx, local, migrations)
	})
	for _, j := range jobs { // one that stays is taken by whoever makes the tenant
		_ = w.room.Accounts.DropOwner(ctx, w.X, j.Database)
	}
	return err
}
