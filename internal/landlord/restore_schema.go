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
	e      *Engine
	srv    *server
	info   mysql.Info
	row    *tenantRow
	spec   RestoreSpec
	source *checkpointRow
	m      *migration
	todo   []Step // of the migration, with the names of this tenant
	base   *rendering
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
	r := &rollback{e: e, srv: srv, info: info, row: row, spec: spec, source: source}
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
	detail := []string{fmt.Sprintf("Planning the rollback of the schema of tenant `%s` to checkpoint `%s`.", source.slug, source.name)}
	var trial *TrialError
	if errors.As(err, &trial) {
		detail = append(detail, shorten(trial.Step.SQL), "Cause: "+trial.Err.Error())
	} else {
		detail = append(detail, sentence(err.Error()))
	}
	return &Problem{Field: FieldCheckpoint, Summary: "Way back to the checkpoint is not found",
		Detail: append(detail, "Nothing was run. A data checkpoint can be restored side by side."), Err: err}
}

func (r *rollback) wouldLose(s Step) error {
	return problem(FieldAllowDestructive, "Rollback would lose data",
		fmt.Sprintf("The schema of tenant `%s` is to go back to checkpoint `%s`.", r.row.slug, r.source.name), s.SQL, "Lost: "+s.lost+".",
		"Set `allow_destructive = true` to agree; what is lost is then set aside for the `retention`.")
}

// judge says what stands in the way of a rollback, and what the data says.
func (r *rollback) judge(ctx context.Context) ([]Note, error) {
	var notes []Note
	if needsRetirement(r.todo) {
		notes = append(notes, schedulerNote(r.info)...)
	}
	notes = append(notes, r.m.notes...)
	if !r.spec.AllowDestructive {
		lost, err := r.e.firstLoss(ctx, r.srv, r.row.database, r.todo)
		if err != nil {
			return nil, err
		}
		if lost != nil {
			return nil, r.wouldLose(*lost)
		}
	}
	if r.spec.SkipProbes {
		return notes, nil
	}
	findings, err := r.e.probe(ctx, r.srv, r.row.database, r.todo)
	return append(notes, probeNotes(r.row.slug, findings)...), err
}

// rollingBack is one attempt to carry a rollback out.
type rollingBack struct {
	*job
	e        *Engine
	plan     *rollback
	recorded *restoreRow
}

// perform runs the rollback, for who has the turn. It returns what is recorded
// of it.
func (r *rollback) perform(ctx context.Context) (*restoreRow, error) {
	j, err := r.e.open(ctx, goal{
		srv: r.srv, slug: r.row.slug, database: r.row.database, lock: r.e.tenantLock(r.row.database), turn: true,
		field: FieldTenant, doing: fmt.Sprintf("Restoring tenant `%s`", r.row.slug),
	})
	if err != nil {
		return nil, err
	}
	defer j.close()
	if !r.spec.AllowDestructive {
		j.refuse = r.wouldLose
	}
	w := &rollingBack{job: j, e: r.e, plan: r}
	if err := w.compare(ctx); err != nil {
		return nil, err
	}
	if len(r.todo) > 0 {
		if err := w.record(ctx); err != nil {
			return nil, err
		}
		if err := j.migrate(ctx, w.task(), r.m.final); err != nil {
			return nil, err
		}
	}
	if err := w.finish(ctx); err != nil {
		return nil, err
	}
	r.e.purge(ctx, j)
	return w.recorded, nil
}

// compare makes sure, under the lock, that the tenant is what the plan was made
// from.
func (r *rollingBack) compare(ctx context.Context) error {
	if err := r.complete(); err != nil {
		return err
	}
	live, err := r.e.liveFingerprint(ctx, r.srv, r.x, r.database)
	if err != nil {
		return err
	}
	if live == nil || live.Whole != r.plan.m.states[0] {
		return problem(FieldTenant, "Tenant schema changed since the plan",
			fmt.Sprintf("The schema of tenant `%s` is not the one that the plan was made from.", r.slug), "Nothing was run. Plan again.")
	}
	r.live = live
	if r.plan.spec.SkipProbes {
		return nil
	}
	findings, err := r.e.probeOn(ctx, r.x, r.info, r.database, r.plan.todo)
	if err != nil {
		return err
	}
	for _, f := range findings {
		if f.blocks {
			return problem(FieldCheckpoint, "Data forbids a step of the rollback",
				fmt.Sprintf("The schema of tenant `%s` cannot go back to checkpoint `%s`: %s.", r.slug, r.plan.source.name, f.text), shorten(f.step.SQL),
				"Nothing was run. Correct the data and plan again.")
		}
	}
	return nil
}

// record records the steps before the first of them runs.
func (r *rollingBack) record(ctx context.Context) error {
	m, kept := r.plan.m, r.plan.source.labels
	r.steps = recordSteps(r.plan.todo, m.states)
	return r.intend(ctx, intention{
		doing: fmt.Sprintf("recording the restore of tenant `%s`", r.slug),
		intent: intent{
			name: "restore " + r.plan.source.name, level: 1, digest: m.digest, to: kept.Template, modules: kept.Modules, composition: kept.Composition,
			fromSchema: r.live.Whole, toSchema: m.final.fingerprint.Whole, recorded: r.plan.base.fingerprint.Whole,
		},
		retention: r.plan.spec.retention(), schemas: []*rendering{m.start, m.final},
		tellRegistry: func(ctx context.Context, registry mysql.Queryer) error {
			return r.e.registry.setTenantRunning(ctx, registry, r.row.id, m.digest)
		},
	})
}

func (r *rollingBack) task() task {
	what := fmt.Sprintf("rollback of the schema of tenant `%s` to checkpoint `%s`", r.slug, r.plan.source.name)
	return task{
		field: FieldCheckpoint, unlike: FieldCheckpoint, stopped: "Tenant restore stopped", thing: "the restore", doing: "The " + what,
		work:  fmt.Sprintf("the rollback of tenant `%s` to checkpoint `%s`", r.slug, r.plan.source.name),
		after: "Somebody changed the schema meanwhile. Plan again.",
	}
}

// finish writes the result: the registry follows the checkpoint.
func (r *rollingBack) finish(ctx context.Context) error {
	source, kept := r.plan.source, r.plan.source.labels
	kept.Base = r.plan.base.fingerprint.Whole
	local := func(q mysql.Queryer) error {
		if r.migration != 0 {
			if err := r.closeMigration(ctx, q); err != nil {
				return err
			}
		} else if err := r.e.registry.abandon(ctx, q, r.row); err != nil {
			return err // nothing was left to do
		}
		return r.e.registry.writeEvent(ctx, q, r.row, "restored", r.e.author(r.info), map[string]any{"checkpoint": source.name, "contents": source.contents})
	}
	last := LastMigration{
		Digest: r.plan.m.digest, From: r.row.appliedTemplate(), To: kept.Template, Steps: int64(len(r.steps)), AppliedAt: r.e.cfg.Now().UTC().Truncate(time.Microsecond),
	}
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
	return r.afterwards(ctx, fmt.Sprintf("recording the restore of tenant `%s`", r.slug), local, registry)
}

func (r *rollingBack) restoreRow() *restoreRow {
	spec, source := r.plan.spec, r.plan.source
	return &restoreRow{
		tenant: r.row.id, slug: r.slug, server: r.row.server, database: r.database, mode: RestoreInPlace, request: spec.request(),
		checkpointID: source.id, checkpoint: source.name, status: restoreDone, author: r.e.author(r.info),
		report: RestoreReport{Checkpoint: source.name, Skipped: []string{}, DurationMS: r.e.cfg.Now().Sub(r.started).Milliseconds()},
	}
}
