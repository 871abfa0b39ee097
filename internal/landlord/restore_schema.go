package landlord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// rollback brings the schema of a tenant back to that of a checkpoint and keeps
// its rows: a migration like any other, whose goal is a checkpoint.
type rollback struct {
	run
	spec    RestoreSpec
	started time.Time

	row      *tenantRow
	source   *checkpointRow
	m        *migration
	todo     []Step // of the migration, with the names of this tenant
	base     *rendering
	recorded *restoreRow
}

// planRollback computes the way from what a tenant is to a checkpoint.
func (e *Engine) planRollback(ctx context.Context, spec RestoreSpec, row *tenantRow, source *checkpointRow) (*rollback, error) {
	srv, err := e.server(row.server)
	if err != nil {
		return nil, err
	}
	info, err := srv.Info(ctx)
	if err != nil {
		return nil, unreachable(srv, "planning a restore", err)
	}
	live, err := e.estate.fingerprint(ctx, row.server, row.database)
	if err != nil {
		return nil, err
	}
	if live == nil {
		return nil, problem(FieldTenant, "Tenant database is gone", fmt.Sprintf("Database `%s` of tenant `%s` does not exist any more.", row.database, row.slug),
			"Apply the tenant first: it is created anew.")
	}
	r := &rollback{spec: spec, row: row, source: source, started: e.cfg.Now()}
	r.run = run{e: e, srv: srv, info: info, slug: row.slug, database: row.database, live: live}
	if !spec.AllowDestructive {
		r.refuse = r.wouldLose
	}
	if r.m, err = e.wayBack(ctx, srv, info, row, source, live); err != nil {
		return nil, err
	}
	if r.base, err = e.labelledBase(ctx, source); err != nil {
		return nil, err
	}
	all, err := e.retirements(ctx, srv)
	if err != nil {
		return nil, err
	}
	r.todo = r.m.instantiate(row.database, fmt.Sprint(row.slug, all.count[row.slug]))
	return r, nil
}

// labelledBase is what was recorded as true of a tenant when a checkpoint was
// taken.
func (e *Engine) labelledBase(ctx context.Context, source *checkpointRow) (*rendering, error) {
	for _, fingerprint := range []string{source.labels.Base, source.fingerprint} {
		stored, err := e.storedSchema(ctx, fingerprint)
		if err != nil {
			return nil, err
		}
		if stored != nil {
			return &rendering{fingerprint: stored.Fingerprint, schema: stored.Schema, stored: true}, nil
		}
	}
	return nil, problem(FieldCheckpoint, "Schema of the checkpoint is not stored",
		fmt.Sprintf("The landlord database has lost the schema `%s` of checkpoint `%s`.", source.fingerprint, source.name), "Choose another checkpoint.")
}

// wayBack returns the migration to the schema of a checkpoint, computed once
// for all tenants that are the same and go to the same.
func (e *Engine) wayBack(ctx context.Context, srv *server, info mysql.Info, row *tenantRow, source *checkpointRow, live *ddl.Fingerprint) (*migration, error) {
	goal, err := e.storedSchema(ctx, source.fingerprint)
	if err != nil {
		return nil, err
	}
	if goal == nil {
		_, err := e.labelledBase(ctx, &checkpointRow{name: source.name, fingerprint: source.fingerprint})
		return nil, err
	}
	aside, err := e.retiredOf(ctx, srv, row)
	if err != nil {
		return nil, err
	}
	asideKey, err := json.Marshal(aside)
	if err != nil {
		return nil, err
	}
	classKey := strings.Join([]string{"way back", srv.key, info.RenderKey(), live.Whole, goal.Fingerprint.Whole, string(asideKey)}, "\x00")
	return e.migrations.get(classKey, func() (*migration, error) {
		ctx := context.WithoutCancel(ctx)
		present, err := e.liveRendering(ctx, srv, info, row.database, live)
		if err != nil {
			return nil, err
		}
		s := sides{live: present, new: &rendering{fingerprint: goal.Fingerprint, schema: goal.Schema, stored: true}}
		m, err := e.makeMigration(ctx, srv, info, order{sides: s, merged: goal.Schema, retire: true, retired: aside})
		if err != nil {
			return nil, rollbackProblem(source, err)
		}
		parts := []string{"way back", m.states[0], m.final.fingerprint.Whole}
		for i := range m.steps {
			if m.steps[i].Origin != "retirement" {
				m.steps[i].Level, m.steps[i].Origin = 1, "checkpoint"
			}
			parts = append(parts, m.steps[i].SQL)
		}
		m.digest = digest(parts...)
		return m, nil
	})
}

func rollbackProblem(source *checkpointRow, err error) error {
	var p *Problem
	if errors.As(err, &p) {
		return err
	}
	return &Problem{Field: FieldCheckpoint, Summary: "Way back to the checkpoint is not found", Detail: []string{
		fmt.Sprintf("Planning the rollback of the schema of tenant `%s` to checkpoint `%s`.", source.slug, source.name), sentence(err.Error()),
		"Nothing was run. A data checkpoint can be restored side by side.",
	}, Err: err}
}

func (r *rollback) wouldLose(s Step) error {
	return problem(FieldAllowDestructive, "Rollback would lose data",
		fmt.Sprintf("The schema of tenant `%s` is to go back to checkpoint `%s`.", r.slug, r.source.name), s.SQL, "Lost: "+s.lost+".",
		"Set `allow_destructive = true` to agree; what is lost is then set aside for the `retention`.")
}

// judge says what stands in the way of a rollback, and what the data says.
func (r *rollback) judge(ctx context.Context) ([]Note, error) {
	var notes []Note
	if needsRetirement(r.todo) {
		notes = append(notes, schedulerNote(r.info)...)
	}
	notes = append(notes, r.m.notes...)
	if r.refuse != nil {
		lost, err := r.e.firstLoss(ctx, r.srv, r.database, r.todo)
		if err != nil {
			return nil, err
		}
		if lost != nil {
			return nil, r.refuse(*lost)
		}
	}
	if r.spec.SkipProbes {
		return notes, nil
	}
	findings, err := r.e.probe(ctx, r.srv, r.database, r.todo)
	return append(notes, probeNotes(r.slug, findings)...), err
}

// perform runs the rollback.
func (r *rollback) perform(ctx context.Context) error {
	doing := fmt.Sprintf("Restoring tenant `%s`", r.slug)
	if err := r.e.readyMain(ctx, r.srv); err != nil {
		return err
	}
	x, err := r.srv.Session(ctx)
	if err != nil {
		return unreachable(r.srv, doing, err)
	}
	r.x = x
	defer func() { r.x.Close() }() // it may be another one by then
	if err := checkWritable(ctx, x); err != nil {
		return err
	}
	if err := r.e.openRegistry(ctx, r.srv, x); err != nil {
		return err
	}
	if err := x.Lock(ctx, r.e.tenantLock(r.database), r.e.cfg.LockTimeout); err != nil {
		return lockProblem(FieldTenant, doing, err)
	}
	if err := r.look(ctx); err != nil {
		return err
	}
	if len(r.todo) > 0 {
		if err := r.migrate(ctx); err != nil {
			return err
		}
	}
	err = r.record(ctx)
	if err == nil {
		r.e.purge(ctx, r.srv, r.x, r.info)
	}
	return err
}

// look makes sure, under the lock, that the tenant is what the plan was made
// from.
func (r *rollback) look(ctx context.Context) error {
	row, err := r.e.tenantOf(ctx, r.e.registryOf(r.srv, r.x), r.slug)
	if err != nil {
		return err
	}
	r.row = row
	old, err := r.e.registry.readRunning(ctx, r.x, row.id)
	if err != nil {
		return err
	}
	if old != nil {
		if err := r.e.fence(ctx, r.x, r.info, old); err != nil {
			return err
		}
	}
	live, err := r.e.liveFingerprint(ctx, r.srv, r.x, r.database)
	if err != nil {
		return err
	}
	if live == nil || live.Whole != r.m.states[0] {
		return problem(FieldTenant, "Tenant schema changed since the plan",
			fmt.Sprintf("The schema of tenant `%s` is not the one that the plan was made from.", r.slug), "Nothing was run. Plan again.")
	}
	r.live = live
	if r.spec.SkipProbes {
		return nil
	}
	findings, err := r.e.probeOn(ctx, r.x, r.info, r.database, r.todo)
	if err != nil {
		return err
	}
	for _, f := range findings {
		if f.blocks {
			return problem(FieldCheckpoint, "Data forbids a step of the rollback",
				fmt.Sprintf("The schema of tenant `%s` cannot go back to checkpoint `%s`: %s.", r.slug, r.source.name, f.text), shorten(f.step.SQL),
				"Nothing was run. Correct the data and plan again.")
		}
	}
	return nil
}

// migrate records the steps and runs them.
func (r *rollback) migrate(ctx context.Context) error {
	if needsRetirement(r.todo) {
		if err := r.e.openRetirement(ctx, r.x); err != nil {
			return err
		}
	}
	if err := r.intend(ctx); err != nil {
		return err
	}
	r.e.fault("after intent")
	if err := r.x.Use(ctx, r.database); err != nil {
		return err
	}
	if err := r.send(ctx); err != nil {
		r.e.registry.failMigration(ctx, r.x, r.migration, err)
		return r.stopped(err)
	}
	live, err := r.e.liveFingerprint(ctx, r.srv, r.x, r.database)
	if err != nil {
		return err
	}
	if predicted := r.steps[len(r.steps)-1].after; live == nil || live.Whole != predicted {
		err := problem(FieldCheckpoint, "Tenant schema is not what was predicted",
			fmt.Sprintf("All statements of the rollback of tenant `%s` to checkpoint `%s` ran, but the result is another one.", r.slug, r.source.name),
			"Somebody changed the schema meanwhile. Plan again.")
		r.e.registry.failMigration(ctx, r.x, r.migration, err)
		return err
	}
	r.live = live
	return nil
}

func (r *rollback) intend(ctx context.Context) error {
	for i, s := range r.todo {
		r.steps = append(r.steps, recordedStep{Step: s, number: i + 1, before: r.m.states[i], after: r.m.states[i+1], state: "planned"})
	}
	r.steps[0].state = "intent"
	registry := r.e.registryOf(r.srv, r.x)
	for _, schema := range []*rendering{r.m.start, r.m.final} {
		if err := r.e.storeSchemaOnce(ctx, registry, schema); err != nil {
			return err
		}
	}
	if err := r.e.registry.writeTexts(ctx, r.x, r.todo, &r.srv.texts); err != nil {
		return err
	}
	kept := r.source.labels
	return r.e.both(ctx, r.srv, r.x, fmt.Sprintf("recording the restore of tenant `%s`", r.slug), func(registry, local mysql.Queryer) error {
		if err := r.e.registry.setTenantRunning(ctx, registry, r.row.id, r.m.digest); err != nil {
			return err
		}
		if err := r.e.registry.abandon(ctx, local, r.row); err != nil {
			return err
		}
		var err error
		r.migration, err = r.e.registry.writeIntent(ctx, local, intent{
			tenant: r.row, name: "restore " + r.source.name, level: 1, digest: r.m.digest, from: r.row.appliedTemplate(), to: kept.Template,
			modules: kept.Modules, composition: kept.Composition, fromSchema: r.live.Whole, toSchema: r.m.final.fingerprint.Whole, recorded: r.base.fingerprint.Whole,
			author: r.e.author(r.info), serverUUID: r.info.UUID, connection: r.x.ID(),
		})
		if err != nil {
			return err
		}
		if err := r.e.registry.writePlannedSteps(ctx, local, r.migration, r.steps); err != nil {
			return err
		}
		return r.e.registry.planRetired(ctx, local, r.row, r.migration, r.steps, r.spec.retention())
	})
}

func (r *rollback) stopped(err error) error {
	var p *Problem
	if errors.As(err, &p) {
		return err
	}
	s := r.steps[r.next]
	return &Problem{Field: FieldCheckpoint, Summary: "Tenant restore stopped", Detail: []string{
		fmt.Sprintf("The rollback of the schema of tenant `%s` to checkpoint `%s` stopped at statement %d of %d.", r.slug, r.source.name, s.number, len(r.steps)),
		shorten(s.SQL), "Cause: " + mysql.Message(err),
		"What is done is kept and recorded. Correct the cause and apply again: the restore goes on where it stopped.",
	}, Err: err}
}

// record writes the result: the registry follows the checkpoint.
func (r *rollback) record(ctx context.Context) error {
	kept := r.source.labels
	kept.Base = r.base.fingerprint.Whole
	local := func(q mysql.Queryer) error {
		if r.migration != 0 {
			if err := r.e.registry.closeMigration(ctx, q, r.migration, r.live.Whole, r.steps, r.started); err != nil {
				return err
			}
			if err := r.e.registry.recordRetired(ctx, q, r.steps); err != nil {
				return err
			}
		} else if err := r.e.registry.abandon(ctx, q, r.row); err != nil {
			return err // nothing was left to do
		}
		return r.e.registry.writeEvent(ctx, q, r.row, "restored", r.e.author(r.info), map[string]any{"checkpoint": r.source.name, "contents": r.source.contents})
	}
	last := LastMigration{Digest: r.m.digest, From: r.row.appliedTemplate(), To: kept.Template, Steps: int64(len(r.steps)), AppliedAt: r.e.cfg.Now().UTC().Truncate(time.Microsecond)}
	registry := func(q mysql.Queryer) error {
		if err := r.e.follow(ctx, q, r.row, kept, last, true); err != nil {
			return err
		}
		r.recorded = r.restoreRow()
		if err := r.e.registry.insertRestore(ctx, q, r.recorded); err != nil {
			return err
		}
		return r.e.registry.setRestoreSwapped(ctx, q, r.recorded.id, r.recorded.report)
	}
	return r.e.retry(ctx, func() error {
		return r.e.afterwards(ctx, r.srv, r.x, fmt.Sprintf("recording the restore of tenant `%s`", r.slug), local, registry)
	})
}

func (r *rollback) restoreRow() *restoreRow {
	return &restoreRow{
		tenant: r.row.id, slug: r.slug, server: r.row.server, database: r.database, mode: RestoreInPlace, request: r.spec.request(),
		checkpointID: r.source.id, checkpoint: r.source.name, status: restoreDone, author: r.e.author(r.info),
		report: RestoreReport{Checkpoint: r.source.name, Skipped: []string{}, DurationMS: r.e.cfg.Now().Sub(r.started).Milliseconds()},
	}
}
