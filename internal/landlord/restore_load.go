package landlord

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// restoring is one attempt to load a data checkpoint into a database beside its
// tenant.
type restoring struct {
	*job
	e      *Engine
	spec   RestoreSpec
	source *checkpointRow

	r     *restoreRow
	notes []Note
}

// load brings a restore to the point where the database beside the tenant is
// complete, or finds that an earlier run has come that far or further. The
// caller has the turn.
func (e *Engine) load(ctx context.Context, srv *server, row *tenantRow, spec RestoreSpec, source *checkpointRow) (*restoring, error) {
	j, err := e.open(ctx, goal{
		srv: srv, slug: spec.Tenant, database: row.database, lock: e.restoreLock(row.database), turn: true,
		field: FieldTenant, doing: fmt.Sprintf("Restoring tenant `%s`", spec.Tenant),
	})
	if err != nil {
		return nil, err
	}
	defer j.close()
	if err := j.complete(); err != nil {
		return nil, err
	}
	r := &restoring{job: j, e: e, spec: spec, source: source}
	if err := r.lookBack(ctx); err != nil || r.r != nil {
		return r, err
	}
	e.expire(ctx, j)
	return r, r.begin(ctx)
}

// lookBack looks for an earlier run of the same restore that was cut off, and
// removes what others left. The lock says that nobody works on any of them.
func (r *restoring) lookBack(ctx context.Context) error {
	all, err := r.e.registry.openRestores(ctx, r.onMain(), r.spec.Tenant, r.spec.request())
	if err != nil {
		return err
	}
	for _, old := range all {
		same := old.request == r.spec.request() && old.tenant == r.row.id
		switch {
		case old.status == restoreLoading, old.status == restoreLoaded && !same, old.status == restoreSwapping && r.row.running != old.mark():
			if err := r.e.sweepRestore(ctx, r.onMain(), r.x, old); err != nil {
				return err
			}
		case same && (old.status != restoreDone || old.recent):
			r.r = old // the newest one counts
		}
	}
	if r.r != nil && r.r.status == restoreDone {
		r.notes = append(r.notes, Note{Severity: Warning, Field: FieldTenant, Summary: "Tenant was restored by an earlier run",
			Detail: fmt.Sprintf("Tenant `%s` was restored at %s exactly as configured. An apply that was cut off before Terraform wrote its state leaves this, so it is taken over and nothing is restored again. To restore again, change `keepers`.",
				r.r.slug, r.r.finishedAt.UTC().Format(time.RFC3339))})
	}
	return nil
}

// begin records the restore and fills the database beside the tenant.
func (r *restoring) begin(ctx context.Context) error {
	row := &restoreRow{
		tenant: r.row.id, slug: r.row.slug, server: r.row.server, database: r.row.database, mode: r.spec.mode(), request: r.spec.request(),
		checkpointID: r.source.id, checkpoint: r.source.name, pointInTime: r.spec.PointInTime, tables: effectiveTables(r.spec, r.source),
		author: r.e.author(r.info), labels: r.source.labels, goal: r.source.fingerprint,
	}
	if err := r.e.registry.insertRestore(ctx, r.onMain(), row); err != nil {
		return err
	}
	var err error
	if row.side, err = r.e.freeDatabase(ctx, r.x, besideName(row)); err != nil {
		return err
	}
	if err := r.e.registry.setRestoreSide(ctx, r.onMain(), row.id, row.side); err != nil {
		return err
	}
	r.e.fault("after loading")
	r.r = row
	if err := r.fill(ctx); err != nil {
		r.undo(context.WithoutCancel(ctx))
		return r.failed(err)
	}
	r.e.fault("after load")
	return r.complete(ctx)
}

// besideName names the database that a restore fills: by its number when it
// stays, and by what is asked for when it only passes through.
func besideName(r *restoreRow) string {
	suffix := "__restore_" + passing(r)
	if r.mode == RestoreSideBySide {
		suffix = fmt.Sprint("__restore_", r.number)
	}
	return cut(r.database, MaxDatabaseName-len(suffix)-3) + suffix
}

// passing is a part of the names of a restore in place. It follows from what is
// asked for alone: a number would depend on the order in which Terraform comes to
// the restores of a tenant, which is another one in the plan and in the apply.
func passing(r *restoreRow) string {
	const digits = 8
	_, sum, _ := strings.Cut(r.request, ":")
	return sum[:min(digits, len(sum))]
}

// fill loads the checkpoint, brings it to the point in time if there is one, and
// proves it.
func (r *restoring) fill(ctx context.Context) error {
	_, err := r.x.Exec(ctx, "CREATE DATABASE "+mysql.Quote(r.r.side)+withTenantCharacters)
	if err != nil {
		return fmt.Errorf("creating database `%s`: %w", r.r.side, err)
	}
	if !r.r.pointInTime.IsZero() {
		return r.fillUntil(ctx)
	}
	loaded, err := checkpoint.Load(ctx, r.srv.Server, checkpoint.LoadRequest{
		Directory: r.source.location, Checksum: r.source.checksum, Database: r.r.side, Tables: r.r.tables, EventsDisabled: true, Session: r.x,
		Progress: r.progress(ctx, "Loading a checkpoint"),
	})
	if err != nil {
		return err
	}
	r.report(loaded)
	report, err := checkpoint.Compare(ctx, r.srv.Server, checkpoint.CompareRequest{
		Manifest: loaded.Manifest, Database: r.r.side, Tables: r.r.tables, EventsDisabled: true, Session: r.x,
		Progress: r.progress(ctx, "Comparing a restored database with its checkpoint"),
	})
	if err != nil {
		return err
	}
	r.r.report.Skipped = append(r.r.report.Skipped, report.Notes...)
	if !report.OK() {
		return problem(FieldCheckpoint, "Restored database differs from the checkpoint",
			fmt.Sprintf("Checkpoint `%s` was loaded into `%s`, which differs from what was copied:\n%s", r.source.name, r.r.side, listReport(report)),
			"The tenant was not touched. Please report this with the differences above.")
	}
	return r.findGoal(ctx, loaded.Manifest)
}

func (r *restoring) progress(ctx context.Context, message string) func(checkpoint.Progress) {
	return r.e.copying(ctx, Event{Tenant: r.slug, What: message, Of: r.source.name})
}

// report takes down what was loaded.
func (r *restoring) report(loaded *checkpoint.Loaded) {
	tables := len(loaded.Manifest.Tables)
	if len(r.r.tables) > 0 {
		tables = len(r.r.tables)
	}
	r.r.report = RestoreReport{
		Rows: loaded.Rows, Tables: int64(tables), Checkpoint: r.source.name, Position: r.source.position,
		Skipped: append([]string{}, loaded.Notes...),
	}
}

// findGoal stores the schema that a tenant has after it is restored in place.
func (r *restoring) findGoal(ctx context.Context, m *checkpoint.Manifest) error {
	if r.r.mode != RestoreInPlace || len(r.r.tables) > 0 || m.Partial {
		return nil
	}
	schema, err := m.Schema()
	if err != nil {
		return err
	}
	r.r.goal = m.Fingerprint.Whole
	if m.Version == r.info.Version {
		return r.e.registry.writeSchema(ctx, r.onMain(), m.Fingerprint, structureOf(schema))
	}
	// Another version of the server prints another text: what it made of the
	// checkpoint is the goal, with the events as they are to be.
	return r.goalFromSide(ctx, structureOf(schema))
}

// goalFromSide takes what the server made of a checkpoint for the goal, but for
// the events, which are disabled there.
func (r *restoring) goalFromSide(ctx context.Context, original ddl.Schema) error {
	schema, err := dumpSchema(ctx, r.x, r.info, r.r.side)
	if err != nil {
		return err
	}
	events := map[string]ddl.Object{}
	for _, o := range original.Objects {
		if o.Kind == ddl.KindEvent {
			events[o.Name] = o
		}
	}
	for i, o := range schema.Objects {
		if original, ok := events[o.Name]; ok && o.Kind == ddl.KindEvent {
			schema.Objects[i] = original
		}
	}
	return r.keepGoal(ctx, schema)
}

// complete records that the database beside the tenant is complete.
func (r *restoring) complete(ctx context.Context) error {
	row := *r.r
	row.status = restoreLoaded
	if r.r.mode == RestoreSideBySide {
		row.status = restoreDone
	}
	row.report.DurationMS = r.e.cfg.Now().Sub(r.started).Milliseconds()
	if err := r.e.registry.setRestoreLoaded(ctx, r.onMain(), &row); err != nil {
		return err
	}
	*r.r = row
	return nil
}

// undo drops what did not come about. What fails is swept by the next run.
func (r *restoring) undo(ctx context.Context) {
	if r.x.Poisoned() {
		return
	}
	if err := r.e.sweepRestore(ctx, r.onMain(), r.x, r.r); err != nil {
		r.e.cfg.Log(ctx, "A restore that failed could not be removed yet", map[string]any{"database": r.r.side, "error": mysql.Message(err)})
	}
}

// sweepRestore drops the database that an unfinished restore made beside its
// tenant.
func (e *Engine) sweepRestore(ctx context.Context, registry mysql.Queryer, x *mysql.Session, r *restoreRow) error {
	if err := e.dropMade(ctx, x, r.side); err != nil {
		return err
	}
	return e.registry.setRestoreRemoved(ctx, registry, r.id)
}

// failed describes why nothing was restored.
func (r *restoring) failed(err error) error {
	var p *Problem
	if errors.As(err, &p) || mysql.IsConnectionLost(err) {
		return err
	}
	var damaged *checkpoint.DamagedError
	if errors.As(err, &damaged) {
		status, fault := statusOfFiles(err)
		return unusable(r.source, status, fault)
	}
	var noTable *checkpoint.NoTableError
	if errors.As(err, &noTable) {
		return problem(FieldTables, "Checkpoint has no such table",
			fmt.Sprintf("Checkpoint `%s` of tenant `%s` has no table `%s`.", r.source.name, r.source.slug, noTable.Table), "Correct `tables`; names are written as in the database.")
	}
	return &Problem{Field: FieldTenant, Summary: "Tenant could not be restored", Detail: []string{
		fmt.Sprintf("Restoring tenant `%s` from checkpoint `%s` into database `%s`.", r.row.slug, r.source.name, r.r.side),
		"Cause: " + strings.TrimSuffix(mysql.Message(err), ".") + ".",
		"The tenant was not touched, and nothing is left of the copy. Correct the cause and apply again.",
	}, Err: err}
}
