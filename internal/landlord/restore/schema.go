package restore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/migrate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// rollback brings the schema of a tenant back to that of a checkpoint and keeps
// its rows: a migration like any other, whose goal is a checkpoint.
type rollback struct {
	room   *Restores
	srv    *registry.Server
	info   mysql.Info
	row    *registry.TenantRow
	spec   landlord.RestoreSpec
	source *registry.CheckpointRow
	m      *migrate.Migration
	todo   []landlord.Step // of the migration, with the names of this tenant
	base   *estate.Rendering
	behind bool // a checkpoint is taken behind it, since no log is replayed across it
	open   bool // nobody can promise that planning once more finds the same in the data
}

// planRollback computes the way from what a tenant is to a checkpoint.
func (rs *Restores) planRollback(ctx context.Context, spec landlord.RestoreSpec, row *registry.TenantRow, source *registry.CheckpointRow) (*rollback, error) {
	srv, err := rs.Servers.Server(row.Server)
	if err != nil {
		return nil, err
	}
	info, err := srv.Info(ctx)
	if err != nil {
		return nil, registry.Unreachable(srv, "planning a restore", err)
	}
	live, err := rs.Estate.Snapshot.Fingerprint(ctx, row.Server, row.Database)
	if err != nil {
		return nil, err
	}
	if live == nil {
		return nil, landlord.NewProblem(landlord.FieldTenant, "Tenant database is gone", fmt.Sprintf("Database `%s` of tenant `%s` does not exist any more.", row.Database, row.Slug),
			"Apply the tenant first: it is created anew.")
	}
	r := &rollback{room: rs, srv: srv, info: info, row: row, spec: spec, source: source}
	if r.m, err = rs.wayBack(ctx, srv, info, row, source, live); err != nil {
		return nil, err
	}
	if r.base, err = rs.labelledBase(ctx, source); err != nil {
		return nil, err
	}
	all, err := rs.Servers.Retirements(ctx, srv)
	if err != nil {
		return nil, err
	}
	r.todo = r.m.Instantiate(row.Database, fmt.Sprint(row.Slug, all.Count[row.Slug]))
	return r, rs.Planner.HoldReturning(ctx, srv, r.todo)
}

// labelledBase is what was recorded as true of a tenant when a checkpoint was
// taken.
func (rs *Restores) labelledBase(ctx context.Context, source *registry.CheckpointRow) (*estate.Rendering, error) {
	for _, fingerprint := range []string{source.Labels.Base, source.Fingerprint} {
		stored, err := rs.Estate.StoredSchema(ctx, fingerprint)
		if err != nil {
			return nil, err
		}
		if stored != nil {
			return &estate.Rendering{Fingerprint: stored.Fingerprint, Schema: stored.Schema, Stored: true}, nil
		}
	}
	return nil, landlord.NewProblem(landlord.FieldCheckpoint, "Schema of the checkpoint is not stored",
		fmt.Sprintf("The landlord database has lost the schema `%s` of checkpoint `%s`.", source.Fingerprint, source.Name), "Choose another checkpoint.")
}

// wayBack returns the migration to the schema of a checkpoint, computed once
// for all tenants that are the same and go to the same.
func (rs *Restores) wayBack(ctx context.Context, srv *registry.Server, info mysql.Info, row *registry.TenantRow, source *registry.CheckpointRow, live *ddl.Fingerprint) (*migrate.Migration, error) {
	goal, err := rs.Estate.StoredSchema(ctx, source.Fingerprint)
	if err != nil {
		return nil, err
	}
	if goal == nil {
		_, err := rs.labelledBase(ctx, &registry.CheckpointRow{Name: source.Name, Fingerprint: source.Fingerprint})
		return nil, err
	}
	aside, err := rs.Servers.RetiredOf(ctx, srv, row)
	if err != nil {
		return nil, err
	}
	asideKey, err := json.Marshal(aside)
	if err != nil {
		return nil, err
	}
	classKey := strings.Join([]string{"way back", srv.Key, info.RenderKey(), live.Whole, goal.Fingerprint.Whole, string(asideKey)}, "\x00")
	return rs.Planner.Migrations.Get(ctx, classKey, func() (*migrate.Migration, error) {
		ctx := context.WithoutCancel(ctx)
		present, err := rs.Estate.LiveRendering(ctx, srv, info, row.Database, live)
		if err != nil {
			return nil, err
		}
		s := estate.Sides{Live: present, New: &estate.Rendering{Fingerprint: goal.Fingerprint, Schema: goal.Schema, Stored: true}}
		m, err := rs.Planner.MakeMigration(ctx, srv, info, migrate.Order{Sides: s, Merged: goal.Schema, Retire: true, Retired: aside})
		if err != nil {
			return nil, rollbackProblem(source, err)
		}
		parts := []string{"way back", m.States[0], m.Final.Fingerprint.Whole}
		for i := range m.Steps {
			if m.Steps[i].Origin != "retirement" {
				m.Steps[i].Level, m.Steps[i].Origin = 1, "checkpoint"
			}
			parts = append(parts, m.Steps[i].SQL)
		}
		m.Digest = landlord.Digest(parts...)
		return m, nil
	})
}

func rollbackProblem(source *registry.CheckpointRow, err error) error {
	var p *landlord.Problem
	if errors.As(err, &p) {
		return err
	}
	detail := []string{fmt.Sprintf("Planning the rollback of the schema of tenant `%s` to checkpoint `%s`.", source.Slug, source.Name)}
	var trial *migrate.TrialError
	if errors.As(err, &trial) {
		detail = append(detail, landlord.Shorten(trial.Step.SQL), "Cause: "+trial.Err.Error())
	} else {
		detail = append(detail, landlord.Sentence(err.Error()))
	}
	return &landlord.Problem{Field: landlord.FieldCheckpoint, Summary: "Way back to the checkpoint is not found",
		Detail: append(detail, "Nothing was run. A data checkpoint can be restored side by side."), Err: err}
}

func (r *rollback) wouldLose(lost ...landlord.Step) error {
	detail := append([]string{fmt.Sprintf("The schema of tenant `%s` is to go back to checkpoint `%s`.", r.row.Slug, r.source.Name)}, landlord.LossText(lost)...)
	return landlord.NewProblem(landlord.FieldAllowDestructive, "Rollback would lose data", append(detail,
		"Set `allow_destructive = true` to agree; what is lost is then set aside for the `retention`.")...)
}

// judge says what stands in the way of a rollback, and what the data says.
func (r *rollback) judge(ctx context.Context) ([]landlord.Note, error) {
	var notes []landlord.Note
	if migrate.NeedsRetirement(r.todo) {
		notes = append(notes, migrate.SchedulerNote(r.info)...)
	}
	notes = append(notes, r.m.Notes...)
	if !r.spec.AllowDestructive {
		lost, err := r.room.Planner.Losses(ctx, r.srv, r.row.Database, r.todo)
		if err != nil {
			return nil, err
		}
		if len(lost) > 0 {
			return nil, r.wouldLose(lost...)
		}
	}
	takes, ends, err := r.room.Checkpoints.Cross(ctx, r.srv, checkpointing.Crossing{
		Field: landlord.FieldCheckpoint, Row: r.row, Steps: r.todo, Bare: true, Begun: r.row.Running != "",
	})
	if err != nil {
		return nil, err
	}
	r.behind, notes = takes, append(notes, ends...)
	if r.spec.SkipProbes {
		return notes, nil
	}
	found, known, err := r.room.Planner.AskData(ctx, r.srv, migrate.Question{
		Slug: r.row.Slug, Database: r.row.Database, Subject: "restore " + r.source.Name, Digest: r.m.Digest, Steps: r.todo, Cure: "Correct the rows and plan again.",
	})
	r.open = !known
	return append(notes, landlord.DataNotes(landlord.FieldCheckpoint, r.row.Slug, found, r.todo)...), err
}

// rollingBack is one attempt to carry a rollback out.
type rollingBack struct {
	*apply.Job
	room     *Restores
	plan     *rollback
	recorded *registry.RestoreRow
}

// perform runs the rollback, for who has the turn. It returns what is recorded
// of it, and what is to be said.
func (r *rollback) perform(ctx context.Context) (*registry.RestoreRow, []landlord.Note, error) {
	j, err := r.room.Jobs.Open(ctx, apply.Goal{
		Srv: r.srv, Slug: r.row.Slug, Database: r.row.Database, Lock: r.room.Servers.TenantLock(r.row.Database), Turn: true,
		Field: landlord.FieldTenant, Doing: fmt.Sprintf("Restoring tenant `%s`", r.row.Slug),
	})
	if err != nil {
		return nil, nil, err
	}
	defer j.Close()
	w := &rollingBack{Job: j, room: r.room, plan: r}
	if err := w.run(ctx); err != nil {
		return nil, nil, err
	}
	var notes []landlord.Note
	if r.behind {
		row, err := r.room.Checkpoints.TenantOf(ctx, j.OnMain(), r.row.Slug)
		if err != nil {
			return nil, nil, err
		}
		notes = r.room.Checkpoints.TakeBehind(ctx, j, row, checkpointing.AutomaticCheckpoint{Origin: landlord.OriginMigration, Retention: r.spec.EffectiveRetention()})
	}
	r.room.Jobs.Purge(ctx, j)
	return w.recorded, notes, nil
}

func (r *rollingBack) run(ctx context.Context) error {
	if !r.plan.spec.AllowDestructive {
		r.Refuse = func(s landlord.Step) error { return r.plan.wouldLose(s) }
	}
	if err := r.compare(ctx); err != nil {
		return err
	}
	if len(r.plan.todo) > 0 {
		if err := r.record(ctx); err != nil {
			return err
		}
		if err := r.Migrate(ctx, r.task(), r.plan.m.Final); err != nil {
			return err
		}
	}
	return r.finish(ctx)
}

// compare makes sure, under the lock, that the tenant is what the plan was made
// from.
func (r *rollingBack) compare(ctx context.Context) error {
	if err := r.Complete(); err != nil {
		return err
	}
	live, err := r.room.Estate.LiveFingerprint(ctx, r.Srv, r.X, r.Database)
	if err != nil {
		return err
	}
	if live == nil || live.Whole != r.plan.m.States[0] {
		return landlord.NewProblem(landlord.FieldTenant, "Tenant schema changed since the plan",
			fmt.Sprintf("The schema of tenant `%s` is not the one that the plan was made from.", r.Slug), "Nothing was run. Plan again.")
	}
	r.Live = live
	if r.plan.spec.SkipProbes {
		return nil
	}
	findings, err := r.room.Planner.Probe(ctx, r.X, r.Info, r.Database, r.plan.todo)
	if err != nil {
		return err
	}
	for _, f := range findings {
		if f.Blocks {
			return landlord.NewProblem(landlord.FieldCheckpoint, "Data forbids a step of the rollback",
				fmt.Sprintf("The schema of tenant `%s` cannot go back to checkpoint `%s`: %s.", r.Slug, r.plan.source.Name, f.Detail), landlord.Shorten(r.plan.todo[f.Statement-1].SQL),
				"Nothing was run. Correct the data and plan again.")
		}
	}
	return nil
}

// record records the steps before the first of them runs.
func (r *rollingBack) record(ctx context.Context) error {
	m, kept := r.plan.m, r.plan.source.Labels
	r.Steps = apply.RecordSteps(r.plan.todo, m.States)
	return r.Intend(ctx, apply.Intention{
		Doing: fmt.Sprintf("recording the restore of tenant `%s`", r.Slug),
		Intent: registry.Intent{
			Name: "restore " + r.plan.source.Name, Level: 1, Digest: m.Digest, To: kept.Template, Modules: kept.Modules, Composition: kept.Composition,
			FromSchema: r.Live.Whole, ToSchema: m.Final.Fingerprint.Whole, Recorded: r.plan.base.Fingerprint.Whole,
		},
		Retention: r.plan.spec.EffectiveRetention(), Schemas: []*estate.Rendering{m.Start, m.Final},
		TellRegistry: func(ctx context.Context, registry mysql.Queryer) error {
			return r.room.Registry.SetTenantRunning(ctx, registry, r.Row.ID, m.Digest)
		},
	})
}

func (r *rollingBack) task() apply.Task {
	what := fmt.Sprintf("rollback of the schema of tenant `%s` to checkpoint `%s`", r.Slug, r.plan.source.Name)
	return apply.Task{
		Field: landlord.FieldCheckpoint, Unlike: landlord.FieldCheckpoint, Stopped: "Tenant restore stopped", Thing: "the restore", Doing: "The " + what,
		Work:  fmt.Sprintf("the rollback of tenant `%s` to checkpoint `%s`", r.Slug, r.plan.source.Name),
		After: "Somebody changed the schema meanwhile. Plan again.",
	}
}

// finish writes the result: the registry follows the checkpoint.
func (r *rollingBack) finish(ctx context.Context) error {
	source, kept := r.plan.source, r.plan.source.Labels
	kept.Base = r.plan.base.Fingerprint.Whole
	local := func(q mysql.Queryer) error {
		if r.Migration != 0 {
			if err := r.CloseMigration(ctx, q); err != nil {
				return err
			}
		} else if err := r.room.Registry.Abandon(ctx, q, r.Row); err != nil {
			return err // nothing was left to do
		}
		return r.room.Registry.WriteEvent(ctx, q, r.Row, "restored", r.room.Servers.Author(r.Info), map[string]any{"checkpoint": source.Name, "contents": source.Contents})
	}
	last := landlord.LastMigration{
		Digest: r.plan.m.Digest, From: r.Row.AppliedTemplate(), To: kept.Template, Steps: int64(len(r.Steps)), AppliedAt: r.Row.Last.After(r.room.Config.Now()),
	}
	registry := func(q mysql.Queryer) error {
		if err := r.room.follow(ctx, q, r.Row, kept, last, true); err != nil {
			return err
		}
		r.recorded = r.restoreRow()
		if err := r.room.Registry.InsertRestore(ctx, q, r.recorded); err != nil {
			return err
		}
		return r.room.Registry.SetRestoreSwapped(ctx, q, r.recorded.ID, r.recorded.Report)
	}
	return r.Afterwards(ctx, fmt.Sprintf("recording the restore of tenant `%s`", r.Slug), local, registry)
}

func (r *rollingBack) restoreRow() *registry.RestoreRow {
	spec, source := r.plan.spec, r.plan.source
	return &registry.RestoreRow{
		Tenant: r.Row.ID, Slug: r.Slug, Server: r.Row.Server, Database: r.Database, Mode: landlord.RestoreInPlace, Request: spec.Request(),
		CheckpointID: source.ID, Checkpoint: source.Name, Status: landlord.RestoreDone, Author: r.room.Servers.Author(r.Info),
		Report: landlord.RestoreReport{Checkpoint: source.Name, Skipped: []string{}, DurationMS: r.room.Config.Now().Sub(r.Started).Milliseconds()},
	}
}
