package restore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
)

// restoring is one attempt to load a data checkpoint into a database beside its
// tenant.
type restoring struct {
	*apply.Job
	room   *Restores
	spec   landlord.RestoreSpec
	source *registry.CheckpointRow

	r       *registry.RestoreRow
	earlier bool // an earlier run has done it
	notes   []landlord.Note
}

// load brings a restore to the point where the database beside the tenant is
// complete, or finds that an earlier run has come that far or further. The
// caller has the turn.
func (rs *Restores) load(ctx context.Context, srv *registry.Server, row *registry.TenantRow, spec landlord.RestoreSpec, source *registry.CheckpointRow) (*restoring, error) {
	j, err := rs.Jobs.Open(ctx, apply.Goal{
		Srv: srv, Slug: spec.Tenant, Database: row.Database, Lock: rs.Servers.RestoreLock(row.Database), Turn: true,
		Field: landlord.FieldTenant, Doing: fmt.Sprintf("Restoring tenant `%s`", spec.Tenant),
	})
	if err != nil {
		return nil, err
	}
	defer j.Close()
	if err := j.Complete(); err != nil {
		return nil, err
	}
	r := &restoring{Job: j, room: rs, spec: spec, source: source}
	if err := r.lookBack(ctx); err != nil || r.r != nil {
		return r, err
	}
	rs.Jobs.Expire(ctx, j)
	return r, r.begin(ctx)
}

// lookBack looks for an earlier run of the same restore that was cut off, and
// removes what others left. The lock says that nobody works on any of them.
func (r *restoring) lookBack(ctx context.Context) error {
	all, err := r.room.Registry.OpenRestores(ctx, r.OnMain(), r.spec.Tenant, r.spec.Request())
	if err != nil {
		return err
	}
	for _, old := range all {
		same := isSame(old, r.spec, r.Row)
		switch {
		case isAbandoned(old, same, r.Row):
			if err := r.room.sweepRestore(ctx, r.OnMain(), r.X, old); err != nil {
				return err
			}
		case same && (old.Status != landlord.RestoreDone || old.Recent):
			r.r = old // the newest one counts
		}
	}
	if r.r != nil && r.r.Status == landlord.RestoreDone {
		r.earlier = true
		r.notes = append(r.notes, landlord.Note{Severity: landlord.Warning, Field: landlord.FieldTenant, Summary: "Tenant was restored by an earlier run",
			Detail: fmt.Sprintf("Tenant `%s` was restored at %s exactly as configured. An apply that was cut off before Terraform wrote its state leaves this, so it is taken over and nothing is restored again. To restore again, change `keepers`.",
				r.r.Slug, r.r.FinishedAt.UTC().Format(time.RFC3339))})
	}
	return nil
}

// isSame says whether a restore is the one that a specification asks for.
func isSame(old *registry.RestoreRow, spec landlord.RestoreSpec, row *registry.TenantRow) bool {
	return old.Request == spec.Request() && old.Tenant == row.ID
}

// isAbandoned says whether nobody will go on with a restore, so that the next one
// of the tenant removes what it left.
func isAbandoned(old *registry.RestoreRow, same bool, row *registry.TenantRow) bool {
	switch old.Status {
	case landlord.RestoreBeginning, landlord.RestoreLoading:
		return true
	case landlord.RestoreLoaded:
		return !same
	case landlord.RestoreSwapping:
		return row.Running != old.Mark()
	}
	return false
}

// begin records the restore and fills the database beside the tenant.
func (r *restoring) begin(ctx context.Context) error {
	row := &registry.RestoreRow{
		Tenant: r.Row.ID, Slug: r.Row.Slug, Server: r.Row.Server, Database: r.Row.Database, Mode: r.spec.EffectiveMode(), Request: r.spec.Request(),
		CheckpointID: r.source.ID, Checkpoint: r.source.Name, PointInTime: r.spec.PointInTime, Tables: effectiveTables(r.spec, r.source),
		Author: r.room.Servers.Author(r.Info), Labels: r.source.Labels, Goal: r.source.Fingerprint,
		Status: landlord.RestoreBeginning,
	}
	row.Side = besideName(row)
	if err := r.room.Registry.InsertRestore(ctx, r.OnMain(), row); err != nil {
		return err
	}
	r.r = row
	err := r.makeBeside(ctx)
	if err == nil {
		err = r.fill(ctx)
	}
	if err != nil {
		r.undo(context.WithoutCancel(ctx))
		return r.failed(err)
	}
	r.room.Servers.Fault("after load")
	return r.complete(ctx)
}

// makeBeside makes the database beside the tenant. Somebody else may make one of
// the name at the same moment, which is then nobody's to fill or to drop. So it is
// recorded as made only when it is; a run that is killed in between leaves an
// empty database behind.
func (r *restoring) makeBeside(ctx context.Context) (err error) {
	for {
		if r.r.Side, err = r.room.freeDatabase(ctx, r.X, besideName(r.r), nil); err != nil {
			return err
		}
		if err := r.room.Registry.SetRestoreSide(ctx, r.OnMain(), r.r.ID, r.r.Side); err != nil {
			return err
		}
		r.room.Servers.Fault("after loading")
		_, err := r.X.Exec(ctx, "CREATE DATABASE "+mysql.Quote(r.r.Side)+landlord.WithTenantCharacters)
		switch {
		case mysql.IsDatabaseExists(err):
			continue
		case err != nil:
			return fmt.Errorf("creating database `%s`: %w", r.r.Side, err)
		}
		r.r.Status = landlord.RestoreLoading
		return r.room.Registry.SetRestoreMade(ctx, r.OnMain(), r.r.ID)
	}
}

// besideName names the database that a restore fills: by its number when it
// stays, and by what is asked for when it only passes through.
func besideName(r *registry.RestoreRow) string {
	suffix := besideMark + passing(r)
	if r.Mode == landlord.RestoreSideBySide {
		suffix = fmt.Sprint(besideMark, r.Number)
	}
	return landlord.Cut(r.Database, landlord.MaxDatabaseName-len(suffix)-3) + suffix
}

// passing is a part of the names of a restore in place. It follows from what is
// asked for alone: a number would depend on the order in which Terraform comes to
// the restores of a tenant, which is another one in the plan and in the apply.
func passing(r *registry.RestoreRow) string {
	const digits = 8
	_, sum, _ := strings.Cut(r.Request, ":")
	return sum[:min(digits, len(sum))]
}

// fill loads the checkpoint, brings it to the point in time if there is one, and
// proves it.
func (r *restoring) fill(ctx context.Context) error {
	if !r.r.PointInTime.IsZero() {
		return r.fillUntil(ctx)
	}
	loaded, err := checkpoint.Load(ctx, r.Srv.Server, checkpoint.LoadRequest{
		Directory: r.source.Location, Checksum: r.source.Checksum, Database: r.r.Side, Tables: r.r.Tables, EventsDisabled: true, Session: r.X,
		Progress: r.progress(ctx, "Loading a checkpoint"),
	})
	if err != nil {
		return err
	}
	r.report(loaded)
	report, err := checkpoint.Compare(ctx, r.Srv.Server, checkpoint.CompareRequest{
		Manifest: loaded.Manifest, Database: r.r.Side, Tables: r.r.Tables, EventsDisabled: true, Without: loaded.Without, Session: r.X,
		Progress: r.progress(ctx, "Comparing a restored database with its checkpoint"),
	})
	if err != nil {
		return err
	}
	r.r.Report.Skipped = append(r.r.Report.Skipped, report.Notes...)
	if !report.OK() {
		return landlord.NewProblem(landlord.FieldCheckpoint, "Restored database differs from the checkpoint",
			fmt.Sprintf("Checkpoint `%s` was loaded into `%s`, which differs from what was copied:\n%s", r.source.Name, r.r.Side, checkpointing.ListReport(report)),
			"The tenant was not touched. Please report this with the differences above.")
	}
	return r.findGoal(ctx, loaded.Manifest)
}

func (r *restoring) progress(ctx context.Context, message string) func(checkpoint.Progress) {
	return r.room.Checkpoints.Copying(ctx, landlord.Event{Tenant: r.Slug, What: message, Of: r.source.Name})
}

// report takes down what was loaded.
func (r *restoring) report(loaded *checkpoint.Loaded) {
	tables := len(loaded.Manifest.Tables)
	if len(r.r.Tables) > 0 {
		tables = len(r.r.Tables)
	}
	r.r.Report = landlord.RestoreReport{
		Rows: loaded.Rows, Tables: int64(tables), Checkpoint: r.source.Name, Position: r.source.Position,
		Skipped: append([]string{}, loaded.Notes...),
	}
}

// findGoal stores the schema that a tenant has after it is restored in place.
func (r *restoring) findGoal(ctx context.Context, m *checkpoint.Manifest) error {
	if r.r.Mode != landlord.RestoreInPlace || len(r.r.Tables) > 0 || m.Partial {
		return nil
	}
	schema, err := m.Schema()
	if err != nil {
		return err
	}
	r.r.Goal = m.Fingerprint.Whole
	if m.Version == r.Info.Version {
		return r.room.Registry.WriteSchema(ctx, r.OnMain(), m.Fingerprint, checkpointing.StructureOf(schema))
	}
	// Another version of the server prints another text: what it made of the
	// checkpoint is the goal, with the events as they are to be.
	return r.goalFromSide(ctx, checkpointing.StructureOf(schema))
}

// goalFromSide takes what the server made of a checkpoint for the goal, but for
// the events, which are disabled there.
func (r *restoring) goalFromSide(ctx context.Context, original ddl.Schema) error {
	schema, err := estate.DumpSchema(ctx, r.X, r.Info, r.r.Side)
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
	row.Status = landlord.RestoreLoaded
	if r.r.Mode == landlord.RestoreSideBySide {
		row.Status = landlord.RestoreDone
	}
	row.Report.DurationMS = r.room.Config.Now().Sub(r.Started).Milliseconds()
	if err := r.room.Registry.SetRestoreLoaded(ctx, r.OnMain(), &row); err != nil {
		return err
	}
	*r.r = row
	return nil
}

// undo drops what did not come about. What fails is swept by the next run.
func (r *restoring) undo(ctx context.Context) {
	if r.X.Poisoned() {
		return
	}
	if err := r.room.sweepRestore(ctx, r.OnMain(), r.X, r.r); err != nil {
		r.room.Config.Log(ctx, "A restore that failed could not be removed yet", map[string]any{"database": r.r.Side, "error": mysql.Message(err)})
	}
}

// sweepRestore drops the database that an unfinished restore made beside its
// tenant.
func (rs *Restores) sweepRestore(ctx context.Context, registry mysql.Queryer, x *mysql.Session, r *registry.RestoreRow) error {
	if err := rs.dropBeside(ctx, x, r); err != nil {
		return err
	}
	return rs.Registry.SetRestoreRemoved(ctx, registry, r.ID)
}

// dropBeside drops the database that a restore made beside its tenant. One of
// which nobody knows whether the restore made it is left.
func (rs *Restores) dropBeside(ctx context.Context, x *mysql.Session, r *registry.RestoreRow) error {
	if r.Status != landlord.RestoreBeginning {
		if err := rs.dropMade(ctx, x, r.Side); err != nil || r.PointInTime.IsZero() {
			return err
		}
		return rs.dropAsides(ctx, x, r.Side)
	}
	there, err := catalog.ListDatabases(ctx, x, catalog.Databases{Names: []string{r.Side}})
	if err != nil {
		return fmt.Errorf("looking for database `%s`: %w", r.Side, err)
	}
	if len(there) > 0 {
		rs.Config.Log(ctx, "A database has the name that an interrupted restore had chosen. The restore may have made it or somebody else, so it is left; if it is empty, drop it", map[string]any{"tenant": r.Slug, "database": r.Side})
	}
	return nil
}

// failed describes why nothing was restored.
func (r *restoring) failed(err error) error {
	var p *landlord.Problem
	if errors.As(err, &p) || mysql.IsUnanswered(err) {
		return err
	}
	var damaged *checkpoint.DamagedError
	if errors.As(err, &damaged) {
		status, fault := checkpointing.StatusOfFiles(err)
		return checkpointing.Unusable(r.source, status, fault)
	}
	var noTable *checkpoint.NoTableError
	if errors.As(err, &noTable) {
		return landlord.NewProblem(landlord.FieldTables, "Checkpoint has no such table",
			fmt.Sprintf("Checkpoint `%s` of tenant `%s` has no table `%s`.", r.source.Name, r.source.Slug, noTable.Table), "Correct `tables`; names are written as in the database.")
	}
	cause, next := checkpointing.CauseOf(err)
	return &landlord.Problem{Field: landlord.FieldTenant, Summary: "Tenant could not be restored", Detail: []string{
		fmt.Sprintf("Restoring tenant `%s` from checkpoint `%s` into database `%s`.", r.Row.Slug, r.source.Name, r.r.Side),
		cause, "The tenant was not touched, and nothing is left of the copy. " + next,
	}, Err: err}
}
