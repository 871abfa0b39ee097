package restore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
)

// PlanRestore says what a restore will do. It writes nothing but scratch
// databases. Errors are Problems.
func (rs *Restores) PlanRestore(ctx context.Context, spec landlord.RestoreSpec) (*Plan, error) {
	row, err := rs.Estate.Snapshot.Row(ctx, spec.Tenant)
	switch {
	case err != nil:
		return nil, err
	case row == nil && rs.Estate.Run.Claimed(spec.Tenant) == "":
		return nil, landlord.TenantUnknown(spec.Tenant)
	case row == nil:
		return &Plan{}, nil // this run makes it
	}
	return rs.planRestore(ctx, spec, row)
}

func (rs *Restores) planRestore(ctx context.Context, spec landlord.RestoreSpec, row *registry.TenantRow) (*Plan, error) {
	alone := spec.EffectiveMode() == landlord.RestoreInPlace && rs.findsAsItIs(spec)
	plan := &Plan{}
	source, err := rs.restoreSource(ctx, spec, true)
	if err != nil || source == nil {
		return plan, err // this run takes the checkpoint
	}
	plan.Known = true
	if source.Contents == landlord.CheckpointSchema {
		return plan, rs.planSchemaRestore(ctx, spec, row, source, plan)
	}
	manifest, err := rs.checkSource(ctx, spec, source)
	if err != nil {
		return nil, err
	}
	if spec.EffectiveMode() == landlord.RestoreSideBySide {
		plan.Digest = landlord.Digest(spec.Request(), fmt.Sprint(source.ID))
		return plan, nil
	}
	return plan, rs.planInPlace(ctx, inPlace{room: rs, spec: spec, row: row, source: source, manifest: manifest, plan: plan}, alone)
}

// AsPlanned refuses, in our words, a restore in place that is not the one of the
// plan that is being applied: Terraform has no prior state of it whose fingerprint
// could be compared, plans once more in the apply, and would take other statements
// for a fault of the provider. So a run that refreshes, as a plan does and an apply
// does not, records what it plans, and one that does not compares. Where that is a
// plan without a refresh, the next one begins anew. Errors are Problems.
func (rs *Restores) AsPlanned(ctx context.Context, spec landlord.RestoreSpec, digest string) error {
	if digest == "" || spec.EffectiveMode() != landlord.RestoreInPlace {
		return nil
	}
	main, subject := rs.Servers.Main(), landlord.Cut("restore "+spec.Request(), 190)
	refreshes := rs.Estate.Run.Refreshes()
	if !refreshes {
		known, err := rs.Registry.ReadFindings(ctx, main, spec.Tenant, subject, digest, new([]landlord.Finding))
		if err != nil || known {
			return err
		}
		recently, err := rs.Registry.PlannedRecently(ctx, main, spec.Tenant, subject)
		if err != nil {
			return err
		}
		if recently {
			return errors.Join(landlord.ChangedSincePlan(landlord.FieldTenant, spec.Tenant, "Nothing was run. Plan again."), rs.Registry.ForgetPlans(ctx, main, spec.Tenant, subject))
		}
	}
	x, err := main.Session(ctx)
	if err != nil {
		return registry.Unreachable(main, "recording a plan", err)
	}
	defer x.Close()
	err = registry.CheckWritable(ctx, x)
	if err == nil && refreshes {
		err = rs.Registry.ForgetPlans(ctx, x, spec.Tenant, subject)
	}
	if err == nil {
		_, err = rs.Registry.WriteFindings(ctx, x, spec.Tenant, subject, digest, []landlord.Finding{})
	}
	if err != nil { // a replica, an account that may only read, or a landlord database of a former version
		rs.Config.Log(ctx, "what is planned is not recorded", map[string]any{"tenant": spec.Tenant, "cause": mysql.Message(err)})
	}
	return nil
}

func (rs *Restores) planSchemaRestore(ctx context.Context, spec landlord.RestoreSpec, row *registry.TenantRow, source *registry.CheckpointRow, plan *Plan) error {
	var err error
	switch {
	case spec.EffectiveMode() != landlord.RestoreInPlace:
		return landlord.NewProblem(landlord.FieldMode, "Schema checkpoint restores in place only",
			fmt.Sprintf("Checkpoint `%s` of tenant `%s` holds a schema and no rows.", source.Name, source.Slug), "Set `mode = \"in_place\"`, or choose a checkpoint with data.")
	case len(spec.Tables) > 0:
		return landlord.NewProblem(landlord.FieldTables, "Schema checkpoint is restored as a whole",
			fmt.Sprintf("Checkpoint `%s` of tenant `%s` holds a schema and no rows.", source.Name, source.Slug), "Leave `tables` out, or choose a checkpoint with data.")
	case registry.IsRestore(row.Running):
		plan.Known = false
		return nil // it is completed first, and what is left then cannot be known
	}
	plan.rollback, err = rs.planRollback(ctx, spec, row, source)
	if err != nil {
		return err
	}
	plan.Steps, plan.Digest = plan.rollback.todo, plan.rollback.m.Digest
	plan.Notes, err = plan.rollback.judge(ctx)
	plan.Open = plan.rollback.open
	return err
}

// restoreSource returns the checkpoint that a restore begins with: the named
// one, or the newest one with data before a point in time. It is nil when this
// run is yet to take it.
func (rs *Restores) restoreSource(ctx context.Context, spec landlord.RestoreSpec, planning bool) (*registry.CheckpointRow, error) {
	if !spec.PointInTime.IsZero() {
		return rs.sourceBefore(ctx, spec)
	}
	if tenant, _, ok := landlord.SplitCheckpointID(spec.Checkpoint); ok && tenant != spec.Tenant {
		return nil, landlord.NewProblem(landlord.FieldCheckpoint, "Checkpoint is of another tenant",
			fmt.Sprintf("Checkpoint `%s` is not one of tenant `%s`.", spec.Checkpoint, spec.Tenant), "A tenant returns to a checkpoint of its own. `landlord_tenant_data_copy` brings rows from one tenant to another.")
	}
	public := spec.Tenant + "/" + spec.CheckpointName()
	rows, err := rs.Checkpoints.CheckpointRows(ctx)
	if err != nil {
		return nil, err
	}
	r := rows[public]
	if _, planned := rs.Checkpoints.PlannedCheckpoints.Load(public); planned && planning {
		return nil, nil // also anew: what has the name now is not what is restored
	}
	switch {
	case r == nil:
		return nil, rs.unknownCheckpoint(spec, rows)
	case r.Expired || r.Status != landlord.CheckpointReady:
		return nil, checkpointing.Unusable(r, landlord.CheckpointExpired, "its retention is over")
	}
	return r, nil
}

func (rs *Restores) unknownCheckpoint(spec landlord.RestoreSpec, rows map[string]*registry.CheckpointRow) error {
	var names []string
	for _, r := range rows {
		if r.Slug == spec.Tenant {
			names = append(names, r.Name)
		}
	}
	next := "Refer to `id` of a `landlord_tenant_checkpoint`, so that Terraform takes it first."
	if len(names) > 0 {
		slices.Sort(names)
		next = fmt.Sprintf("Its checkpoints are %s. %s", landlord.Quoted(names), next)
	}
	return landlord.NewProblem(landlord.FieldCheckpoint, "Checkpoint does not exist", fmt.Sprintf("Tenant `%s` has no checkpoint `%s`.", spec.Tenant, spec.CheckpointName()), next)
}

// checkSource looks at the files of a checkpoint.
func (rs *Restores) checkSource(ctx context.Context, spec landlord.RestoreSpec, source *registry.CheckpointRow) (*checkpoint.Manifest, error) {
	if status, fault := checkpointing.LookAtFiles(ctx, source); status != landlord.CheckpointReady {
		return nil, checkpointing.Unusable(source, status, fault)
	}
	m, err := checkpoint.Read(source.Location)
	if err != nil {
		return nil, checkpointing.Unusable(source, landlord.CheckpointDamaged, err.Error())
	}
	if !spec.PointInTime.IsZero() {
		return m, nil // a table may have come since
	}
	for _, name := range spec.Tables {
		if !slices.ContainsFunc(m.Tables, func(t checkpoint.Table) bool { return t.Name == name }) {
			return nil, landlord.NewProblem(landlord.FieldTables, "Checkpoint has no such table",
				fmt.Sprintf("Checkpoint `%s` of tenant `%s` has no table `%s`.", source.Name, source.Slug, name), "Correct `tables`; names are written as in the database.")
		}
	}
	return m, nil
}

// Restore brings a tenant back, or a copy of it beside. The digest is that of
// the plan; empty accepts whatever there is to do. A run that was cut off
// anywhere is taken up. Errors are Problems.
func (rs *Restores) Restore(ctx context.Context, spec landlord.RestoreSpec, planned string) (*Restore, error) {
	done, err := rs.Jobs.TurnOf(ctx, func(ctx context.Context) ([]registry.Place, error) {
		row, err := rs.Checkpoints.TenantOf(ctx, rs.Servers.Main(), spec.Tenant)
		if err != nil {
			return nil, err
		}
		return []registry.Place{{Server: row.Server, Database: row.Database}}, nil
	})
	if err != nil {
		return nil, err
	}
	defer done()
	row, err := rs.Checkpoints.TenantOf(ctx, rs.Servers.Main(), spec.Tenant)
	if err == nil {
		err = rs.Jobs.CheckMove(ctx, rs.Servers.Main(), landlord.FieldTenant, row)
	}
	if err != nil {
		return nil, err
	}
	srv, err := rs.Servers.Server(row.Server)
	if err != nil {
		return nil, err
	}
	if row, err = rs.finishFormer(ctx, srv, row, spec); err != nil {
		return nil, err
	}
	source, err := rs.restoreSource(ctx, spec, false)
	if err != nil {
		return nil, err
	}
	if source.Contents == landlord.CheckpointSchema {
		return rs.restoreSchema(ctx, spec, row.Slug, source, planned)
	}
	return rs.restoreData(ctx, srv, row, spec, source, planned)
}

// finishFormer completes another restore of the tenant that was cut off in the
// middle of its swap. It returns the tenant as it is then.
func (rs *Restores) finishFormer(ctx context.Context, srv *registry.Server, row *registry.TenantRow, spec landlord.RestoreSpec) (*registry.TenantRow, error) {
	id := registry.RunningRestore(row.Running)
	if id == 0 {
		return row, nil
	}
	old, err := rs.Registry.ReadRestore(ctx, rs.Servers.Main(), id)
	if err != nil {
		return nil, registry.Unreachable(rs.Servers.Main(), "reading the restores", err)
	}
	if old == nil || old.Request == spec.Request() {
		return row, nil // it is taken up below
	}
	_, err = rs.swapIn(ctx, srv, old, swapOrder{retention: spec.EffectiveRetention()})
	rs.afterSwap(row)
	if err != nil {
		return nil, err
	}
	return rs.Checkpoints.TenantOf(ctx, rs.Servers.Main(), spec.Tenant)
}

// afterSwap makes this process look at a tenant again.
func (rs *Restores) afterSwap(row *registry.TenantRow) {
	rs.Estate.Snapshot.Forget(row.Slug, row.Server, row.Database)
	if srv, err := rs.Servers.Server(row.Server); err == nil {
		srv.ForgetRetired()
	}
}

func (rs *Restores) restoreSchema(ctx context.Context, spec landlord.RestoreSpec, slug string, source *registry.CheckpointRow, planned string) (*Restore, error) {
	former, err := rs.Registry.DoneRestores(ctx, rs.Servers.Main(), slug, spec.Request())
	if err != nil {
		return nil, registry.Unreachable(rs.Servers.Main(), "reading the restores", err)
	}
	row, err := rs.Estate.Snapshot.Row(ctx, slug)
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, landlord.TenantUnknown(slug)
	}
	for _, old := range slices.Backward(former) {
		if old.Recent && old.Tenant == row.ID && row.Running == "" {
			done := rs.toRestore(old, nil)
			done.Earlier = true
			return done, nil
		}
	}
	plan := &Plan{}
	if err := rs.planSchemaRestore(ctx, spec, row, source, plan); err != nil {
		return nil, err
	}
	if planned != "" && planned != plan.Digest {
		return nil, landlord.ChangedSincePlan(landlord.FieldTenant, slug, "Nothing was run. Plan again.")
	}
	if plan.rollback == nil { // another run completes, or has completed, what is under way
		rs.Estate.Snapshot.Forget(slug, row.Server, row.Database)
		return nil, landlord.ChangedSincePlan(landlord.FieldTenant, slug, "Nothing was run. Plan again.")
	}
	recorded, notes, err := plan.rollback.perform(ctx)
	rs.afterSwap(row)
	if err != nil {
		return nil, err
	}
	return rs.restored(ctx, recorded.ID, notes)
}

func (rs *Restores) restoreData(ctx context.Context, srv *registry.Server, row *registry.TenantRow, spec landlord.RestoreSpec, source *registry.CheckpointRow, planned string) (*Restore, error) {
	spec.Tables = slices.Sorted(slices.Values(spec.Tables))
	if !registry.IsRestore(row.Running) {
		manifest, err := rs.checkSource(ctx, spec, source)
		if err != nil {
			return nil, err
		}
		now := &Plan{}
		if spec.EffectiveMode() == landlord.RestoreInPlace {
			if err := rs.planInPlace(ctx, inPlace{room: rs, spec: spec, row: row, source: source, manifest: manifest, plan: now, applies: true}, planned != ""); err != nil {
				return nil, err
			}
			if planned != "" && planned != now.Digest {
				return nil, landlord.ChangedSincePlan(landlord.FieldTenant, spec.Tenant, "Nothing was run. Plan again.")
			}
		}
	}
	r, err := rs.load(ctx, srv, row, spec, source)
	if err != nil {
		return nil, err
	}
	notes := r.notes
	if r.r.Mode == landlord.RestoreInPlace && r.r.Status != landlord.RestoreDone {
		s, err := rs.swapIn(ctx, srv, r.r, swapOrder{retention: spec.EffectiveRetention(), planned: planned})
		rs.afterSwap(row)
		if err != nil {
			return nil, err
		}
		notes = append(notes, s.notes...)
	}
	done, err := rs.restored(ctx, r.r.ID, notes)
	if err != nil {
		return nil, err
	}
	done.Earlier = r.earlier
	return done, nil
}

// restored reads a restore again.
func (rs *Restores) restored(ctx context.Context, id uint64, notes []landlord.Note) (*Restore, error) {
	r, err := rs.Registry.ReadRestore(ctx, rs.Servers.Main(), id)
	if err != nil {
		return nil, registry.Unreachable(rs.Servers.Main(), "reading a restore", err)
	}
	if r == nil {
		return nil, landlord.ErrNotFound
	}
	return rs.toRestore(r, notes), nil
}

func (rs *Restores) toRestore(r *registry.RestoreRow, notes []landlord.Note) *Restore {
	out := &Restore{
		ID: r.PublicID(), Tenant: r.Slug, Mode: r.Mode, Checkpoint: r.Checkpoint, PointInTime: r.PointInTime, Tables: r.Tables, DatabaseName: r.Database,
		Report: r.Report, Notes: notes, CreatedAt: r.CreatedAt,
	}
	if r.Mode == landlord.RestoreSideBySide {
		out.DatabaseName = r.Side
	}
	if out.Report.Skipped == nil {
		out.Report.Skipped = []string{}
	}
	return out
}

// RestoreState returns a restore by its ID. ErrNotFound when the landlord
// database does not know it, or has it as removed.
func (rs *Restores) RestoreState(ctx context.Context, id string) (*Restore, error) {
	r, err := rs.Servers.ReadRestoreID(ctx, id)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, landlord.ErrNotFound
	}
	out := rs.toRestore(r, nil)
	if r.Mode != landlord.RestoreSideBySide {
		return out, nil
	}
	srv, err := rs.Servers.Server(r.Server)
	if err != nil {
		return nil, err
	}
	there, err := catalog.ListDatabases(ctx, srv, catalog.Databases{Names: []string{r.Side}})
	if err != nil {
		return nil, registry.Unreachable(srv, "reading a restore", err)
	}
	out.Missing = len(there) == 0
	return out, nil
}

// OfItsOwn returns a specification that is not taken for any restore of the tenant
// that was done before, whatever was asked for then. It is the same until the next one
// in its mode is done, so a run that was cut off is still known again. Errors are
// Problems.
func (rs *Restores) OfItsOwn(ctx context.Context, spec landlord.RestoreSpec) (landlord.RestoreSpec, error) {
	newest, err := rs.Registry.NewestRestore(ctx, rs.Servers.Main(), spec.Tenant, spec.EffectiveMode())
	if err != nil {
		return spec, registry.Unreachable(rs.Servers.Main(), "reading the restores", err)
	}
	keepers := map[string]string{"newest restore": fmt.Sprint(newest)}
	maps.Copy(keepers, spec.Keepers)
	spec.Keepers = keepers
	return spec, nil
}

// KeepRestore changes how long what a restore in place has set aside is kept,
// from the moment at which it was done. ErrNotFound when the landlord database
// does not know it.
func (rs *Restores) KeepRestore(ctx context.Context, id string, retention time.Duration) error {
	r, err := rs.Servers.ReadRestoreID(ctx, id)
	if err != nil {
		return err
	}
	if r == nil {
		return landlord.ErrNotFound
	}
	if retention <= 0 {
		retention = landlord.DefaultRetention
	}
	return rs.Jobs.Write(ctx, rs.Servers.Main(), "changing a restore", func(q mysql.Queryer) error { return rs.Registry.SetRestoreRetention(ctx, q, r.ID, retention) })
}

// DeleteRestore drops the database that a restore made beside its tenant. A
// restore in place leaves nothing to take back: it is only forgotten.
// ErrNotFound when the landlord database does not know it.
func (rs *Restores) DeleteRestore(ctx context.Context, id string) error {
	r, err := rs.Servers.ReadRestoreID(ctx, id)
	if err != nil {
		return err
	}
	if r == nil {
		return landlord.ErrNotFound
	}
	if r.Mode == landlord.RestoreInPlace {
		return rs.Jobs.Write(ctx, rs.Servers.Main(), "forgetting a restore", func(q mysql.Queryer) error {
			return rs.Registry.SetRestoreForgotten(ctx, q, r.ID) // the same may be asked for again
		})
	}
	srv, err := rs.Servers.Server(r.Server)
	if err != nil {
		return err
	}
	j, err := rs.Jobs.Open(ctx, apply.Goal{
		Srv: srv, Database: r.Database, Lock: rs.Servers.RestoreLock(r.Database), Field: landlord.FieldTenant, Doing: fmt.Sprintf("Removing the restored database `%s`", r.Side),
	})
	if err != nil {
		return err
	}
	defer j.Close()
	err = rs.sweepRestore(ctx, j.OnMain(), j.X, r)
	j.Release() // what follows may need a connection of the pool
	rs.Estate.Snapshot.ForgetDatabase(r.Server, r.Side)
	if err != nil {
		return landlord.NewProblem(landlord.FieldNone, "Restored database cannot be dropped",
			fmt.Sprintf("Dropping database `%s`, which restore `%s` made.", r.Side, id), "Destroy it again to go on.").BecauseOf(mysql.Message(err), err)
	}
	return nil
}

// Restore is a tenant, or a part of it, that was brought back.
type Restore struct {
	ID           string // tenant and number: `acme/7`
	Tenant       string
	Mode         landlord.RestoreMode
	Checkpoint   string    // that it came from
	PointInTime  time.Time // zero without one
	Tables       []string  // none: all
	DatabaseName string    // that holds what was restored
	Missing      bool      // the database beside the tenant is gone
	Earlier      bool      // an earlier run has done it a short time ago, and this one nothing
	Report       landlord.RestoreReport
	Notes        []landlord.Note
	CreatedAt    time.Time // UTC
}

// Plan is what a restore will do.
type Plan struct {
	Steps  []landlord.Step // in their order, those of the copy beside included; a restore side by side changes nothing that exists and has none
	Digest string          // of the steps; empty when they are not known
	Known  bool            // the steps are what will run
	Open   bool            // nobody can promise that planning once more finds the same in the data
	Notes  []landlord.Note

	rollback *rollback // of the schema; nil else
}
