package landlord

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// PlanRestore says what a restore will do. It writes nothing but scratch
// databases. Errors are Problems.
func (e *Engine) PlanRestore(ctx context.Context, spec RestoreSpec) (*RestorePlan, error) {
	row, err := e.estate.row(ctx, spec.Tenant)
	switch {
	case err != nil:
		return nil, err
	case row == nil && e.world.claimed(spec.Tenant) == "":
		return nil, tenantUnknown(spec.Tenant)
	case row == nil:
		return &RestorePlan{}, nil // this run makes it
	}
	return e.planRestore(ctx, spec, row)
}

func (e *Engine) planRestore(ctx context.Context, spec RestoreSpec, row *tenantRow) (*RestorePlan, error) {
	alone := spec.mode() == RestoreInPlace && e.findsAsItIs(spec)
	plan := &RestorePlan{}
	source, err := e.restoreSource(ctx, spec, true)
	if err != nil || source == nil {
		return plan, err // this run takes the checkpoint
	}
	plan.Known = true
	if source.contents == CheckpointSchema {
		return plan, e.planSchemaRestore(ctx, spec, row, source, plan)
	}
	manifest, err := e.checkSource(ctx, spec, source)
	if err != nil {
		return nil, err
	}
	if spec.mode() == RestoreSideBySide {
		plan.Digest = digest(spec.request(), fmt.Sprint(source.id))
		return plan, nil
	}
	return plan, e.planInPlace(ctx, inPlace{e: e, spec: spec, row: row, source: source, manifest: manifest, plan: plan}, alone)
}

func (e *Engine) planSchemaRestore(ctx context.Context, spec RestoreSpec, row *tenantRow, source *checkpointRow, plan *RestorePlan) error {
	var err error
	switch {
	case spec.mode() != RestoreInPlace:
		return problem(FieldMode, "Schema checkpoint restores in place only",
			fmt.Sprintf("Checkpoint `%s` of tenant `%s` holds a schema and no rows.", source.name, source.slug), "Set `mode = \"in_place\"`, or choose a checkpoint with data.")
	case len(spec.Tables) > 0:
		return problem(FieldTables, "Schema checkpoint is restored as a whole",
			fmt.Sprintf("Checkpoint `%s` of tenant `%s` holds a schema and no rows.", source.name, source.slug), "Leave `tables` out, or choose a checkpoint with data.")
	case isRestore(row.running):
		plan.Known = false
		return nil // it is completed first, and what is left then cannot be known
	}
	plan.rollback, err = e.planRollback(ctx, spec, row, source)
	if err != nil {
		return err
	}
	plan.Steps, plan.Digest = plan.rollback.todo, plan.rollback.m.digest
	plan.Notes, err = plan.rollback.judge(ctx)
	return err
}

// restoreSource returns the checkpoint that a restore begins with: the named
// one, or the newest one with data before a point in time. It is nil when this
// run is yet to take it.
func (e *Engine) restoreSource(ctx context.Context, spec RestoreSpec, planning bool) (*checkpointRow, error) {
	if !spec.PointInTime.IsZero() {
		return e.sourceBefore(ctx, spec)
	}
	if tenant, _, ok := SplitCheckpointID(spec.Checkpoint); ok && tenant != spec.Tenant {
		return nil, problem(FieldCheckpoint, "Checkpoint is of another tenant",
			fmt.Sprintf("Checkpoint `%s` is not one of tenant `%s`.", spec.Checkpoint, spec.Tenant), "A tenant returns to a checkpoint of its own. `landlord_tenant_data_copy` brings rows from one tenant to another.")
	}
	public := spec.Tenant + "/" + spec.checkpoint()
	rows, err := e.checkpointRows(ctx)
	if err != nil {
		return nil, err
	}
	r := rows[public]
	if _, planned := e.plannedCheckpoints.Load(public); planned && planning {
		return nil, nil // also anew: what has the name now is not what is restored
	}
	switch {
	case r == nil:
		return nil, e.unknownCheckpoint(spec, rows)
	case r.expired || r.status != CheckpointReady:
		return nil, unusable(r, CheckpointExpired, "its retention is over")
	}
	return r, nil
}

func (e *Engine) unknownCheckpoint(spec RestoreSpec, rows map[string]*checkpointRow) error {
	var names []string
	for _, r := range rows {
		if r.slug == spec.Tenant {
			names = append(names, r.name)
		}
	}
	next := "Refer to `id` of a `landlord_tenant_checkpoint`, so that Terraform takes it first."
	if len(names) > 0 {
		slices.Sort(names)
		next = fmt.Sprintf("Its checkpoints are %s. %s", quoted(names), next)
	}
	return problem(FieldCheckpoint, "Checkpoint does not exist", fmt.Sprintf("Tenant `%s` has no checkpoint `%s`.", spec.Tenant, spec.checkpoint()), next)
}

// checkSource looks at the files of a checkpoint.
func (e *Engine) checkSource(ctx context.Context, spec RestoreSpec, source *checkpointRow) (*checkpoint.Manifest, error) {
	if status, fault := lookAtFiles(ctx, source); status != CheckpointReady {
		return nil, unusable(source, status, fault)
	}
	m, err := checkpoint.Read(source.location)
	if err != nil {
		return nil, unusable(source, CheckpointDamaged, err.Error())
	}
	if !spec.PointInTime.IsZero() {
		return m, nil // a table may have come since
	}
	for _, name := range spec.Tables {
		if !slices.ContainsFunc(m.Tables, func(t checkpoint.Table) bool { return t.Name == name }) {
			return nil, problem(FieldTables, "Checkpoint has no such table",
				fmt.Sprintf("Checkpoint `%s` of tenant `%s` has no table `%s`.", source.name, source.slug, name), "Correct `tables`; names are written as in the database.")
		}
	}
	return m, nil
}

// Restore brings a tenant back, or a copy of it beside. The digest is that of
// the plan; empty accepts whatever there is to do. A run that was cut off
// anywhere is taken up. Errors are Problems.
func (e *Engine) Restore(ctx context.Context, spec RestoreSpec, planned string) (*Restore, error) {
	row, err := e.tenantOf(ctx, e.main(), spec.Tenant)
	if err != nil {
		return nil, err
	}
	srv, err := e.server(row.server)
	if err != nil {
		return nil, err
	}
	done, err := e.world.queue.take(ctx, place{server: row.server, database: row.database})
	if err != nil {
		return nil, err
	}
	defer done()
	if row, err = e.finishFormer(ctx, srv, row, spec); err != nil {
		return nil, err
	}
	source, err := e.restoreSource(ctx, spec, false)
	if err != nil {
		return nil, err
	}
	if source.contents == CheckpointSchema {
		return e.restoreSchema(ctx, spec, row.slug, source, planned)
	}
	return e.restoreData(ctx, srv, row, spec, source, planned)
}

// finishFormer completes another restore of the tenant that was cut off in the
// middle of its swap. It returns the tenant as it is then.
func (e *Engine) finishFormer(ctx context.Context, srv *server, row *tenantRow, spec RestoreSpec) (*tenantRow, error) {
	id := runningRestore(row.running)
	if id == 0 {
		return row, nil
	}
	old, err := e.registry.readRestore(ctx, e.main(), id)
	if err != nil {
		return nil, unreachable(e.main(), "reading the restores", err)
	}
	if old == nil || old.request == spec.request() {
		return row, nil // it is taken up below
	}
	_, err = e.swapIn(ctx, srv, old, swapOrder{retention: spec.retention()})
	e.afterSwap(row)
	if err != nil {
		return nil, err
	}
	return e.tenantOf(ctx, e.main(), spec.Tenant)
}

// afterSwap makes this process look at a tenant again.
func (e *Engine) afterSwap(row *tenantRow) {
	e.estate.forget(row.slug, row.server, row.database)
	if srv, err := e.server(row.server); err == nil {
		srv.forgetRetired()
	}
}

func (e *Engine) restoreSchema(ctx context.Context, spec RestoreSpec, slug string, source *checkpointRow, planned string) (*Restore, error) {
	former, err := e.registry.doneRestores(ctx, e.main(), slug, spec.request())
	if err != nil {
		return nil, unreachable(e.main(), "reading the restores", err)
	}
	row, err := e.estate.row(ctx, slug)
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, tenantUnknown(slug)
	}
	for _, old := range slices.Backward(former) {
		if old.recent && old.tenant == row.id && row.running == "" {
			return e.toRestore(old, nil), nil
		}
	}
	plan := &RestorePlan{}
	if err := e.planSchemaRestore(ctx, spec, row, source, plan); err != nil {
		return nil, err
	}
	if planned != "" && planned != plan.Digest {
		return nil, changedSincePlan(FieldTenant, slug, "Nothing was run. Plan again.")
	}
	recorded, err := plan.rollback.perform(ctx)
	e.afterSwap(row)
	if err != nil {
		return nil, err
	}
	return e.restored(ctx, recorded.id, nil)
}

func (e *Engine) restoreData(ctx context.Context, srv *server, row *tenantRow, spec RestoreSpec, source *checkpointRow, planned string) (*Restore, error) {
	spec.Tables = slices.Sorted(slices.Values(spec.Tables))
	if !isRestore(row.running) {
		manifest, err := e.checkSource(ctx, spec, source)
		if err != nil {
			return nil, err
		}
		now := &RestorePlan{}
		if spec.mode() == RestoreInPlace {
			if err := e.planInPlace(ctx, inPlace{e: e, spec: spec, row: row, source: source, manifest: manifest, plan: now}, planned != ""); err != nil {
				return nil, err
			}
			if planned != "" && planned != now.Digest {
				return nil, changedSincePlan(FieldTenant, spec.Tenant, "Nothing was run. Plan again.")
			}
		}
	}
	r, err := e.load(ctx, srv, row, spec, source)
	if err != nil {
		return nil, err
	}
	notes := r.notes
	if r.r.mode == RestoreInPlace && r.r.status != restoreDone {
		s, err := e.swapIn(ctx, srv, r.r, swapOrder{retention: spec.retention(), planned: planned})
		e.afterSwap(row)
		if err != nil {
			return nil, err
		}
		notes = append(notes, s.notes...)
	}
	return e.restored(ctx, r.r.id, notes)
}

// restored reads a restore again.
func (e *Engine) restored(ctx context.Context, id uint64, notes []Note) (*Restore, error) {
	r, err := e.registry.readRestore(ctx, e.main(), id)
	if err != nil {
		return nil, unreachable(e.main(), "reading a restore", err)
	}
	if r == nil {
		return nil, ErrNotFound
	}
	return e.toRestore(r, notes), nil
}

func (e *Engine) toRestore(r *restoreRow, notes []Note) *Restore {
	out := &Restore{
		ID: r.publicID(), Tenant: r.slug, Mode: r.mode, Checkpoint: r.checkpoint, PointInTime: r.pointInTime, Tables: r.tables, DatabaseName: r.database,
		Report: r.report, Notes: notes, CreatedAt: r.createdAt,
	}
	if r.mode == RestoreSideBySide {
		out.DatabaseName = r.side
	}
	if out.Report.Skipped == nil {
		out.Report.Skipped = []string{}
	}
	return out
}

// RestoreState returns a restore by its ID. ErrNotFound when the landlord
// database does not know it, or has it as removed.
func (e *Engine) RestoreState(ctx context.Context, id string) (*Restore, error) {
	r, err := e.readRestoreID(ctx, id)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, ErrNotFound
	}
	out := e.toRestore(r, nil)
	if r.mode != RestoreSideBySide {
		return out, nil
	}
	srv, err := e.server(r.server)
	if err != nil {
		return nil, err
	}
	there, err := mysql.ListDatabases(ctx, srv, mysql.Databases{Names: []string{r.side}})
	if err != nil {
		return nil, unreachable(srv, "reading a restore", err)
	}
	out.Missing = len(there) == 0
	return out, nil
}

// KeepRestore changes how long what a restore in place has set aside is kept,
// from the moment at which it was done. ErrNotFound when the landlord database
// does not know it.
func (e *Engine) KeepRestore(ctx context.Context, id string, retention time.Duration) error {
	r, err := e.readRestoreID(ctx, id)
	if err != nil {
		return err
	}
	if r == nil {
		return ErrNotFound
	}
	if retention <= 0 {
		retention = DefaultRetention
	}
	return e.write(ctx, e.main(), "changing a restore", func(q mysql.Queryer) error { return e.registry.setRestoreRetention(ctx, q, r.id, retention) })
}

// DeleteRestore drops the database that a restore made beside its tenant. A
// restore in place leaves nothing to take back: it is only forgotten.
// ErrNotFound when the landlord database does not know it.
func (e *Engine) DeleteRestore(ctx context.Context, id string) error {
	r, err := e.readRestoreID(ctx, id)
	if err != nil {
		return err
	}
	if r == nil {
		return ErrNotFound
	}
	if r.mode == RestoreInPlace {
		return e.write(ctx, e.main(), "forgetting a restore", func(q mysql.Queryer) error {
			return e.registry.setRestoreForgotten(ctx, q, r.id) // the same may be asked for again
		})
	}
	srv, err := e.server(r.server)
	if err != nil {
		return err
	}
	j, err := e.open(ctx, goal{
		srv: srv, database: r.database, lock: e.restoreLock(r.database), field: FieldTenant, doing: fmt.Sprintf("Removing the restored database `%s`", r.side),
	})
	if err != nil {
		return err
	}
	defer j.close()
	err = e.sweepRestore(ctx, j.onMain(), j.x, r)
	j.release() // what follows may need a connection of the pool
	e.estate.forgetDatabase(r.server, r.side)
	if err != nil {
		return problem(FieldNone, "Restored database cannot be dropped",
			fmt.Sprintf("Dropping database `%s`, which restore `%s` made.", r.side, id), "Destroy it again to go on.").because(errors.New(mysql.Message(err)))
	}
	return nil
}
