package restore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/replay"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/migrate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/render"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/binlog"
)

// sourceBefore returns the newest checkpoint with data from which a moment can
// be reached by replaying the binary log.
func (rs *Restores) sourceBefore(ctx context.Context, spec landlord.RestoreSpec) (*registry.CheckpointRow, error) {
	if spec.PointInTime.After(rs.Config.Now()) {
		return nil, landlord.NewProblem(landlord.FieldPointInTime, "Point in time lies ahead",
			fmt.Sprintf("Tenant `%s` is to return to %s, which has not come yet.", spec.Tenant, landlord.Moment(spec.PointInTime)), "Name a moment that has passed.")
	}
	rows, err := rs.Checkpoints.CheckpointRows(ctx)
	if err != nil {
		return nil, err
	}
	tenant, err := rs.Estate.Snapshot.Row(ctx, spec.Tenant)
	if err != nil {
		return nil, err
	}
	if tenant == nil {
		return nil, landlord.TenantUnknown(spec.Tenant)
	}
	var before []*registry.CheckpointRow
	for _, r := range rows {
		if r.Slug == spec.Tenant && r.Contents == landlord.CheckpointData && r.Status == landlord.CheckpointReady && !r.Expired && len(r.Tables) == 0 &&
			!r.ConsistentAt.After(spec.PointInTime) && r.Server == tenant.Server && r.Database == tenant.Database {
			before = append(before, r)
		}
	}
	if len(before) == 0 {
		return nil, landlord.NewProblem(landlord.FieldPointInTime, "No checkpoint before the point in time",
			fmt.Sprintf("Tenant `%s` is to return to %s, but it has no checkpoint with all of its data from before that moment. %s", spec.Tenant, landlord.Moment(spec.PointInTime), oldest(rows, spec.Tenant)),
			"Name a later moment. A `landlord_tenant_checkpoint` with data that is taken regularly, by way of its `keepers`, keeps the moments after it within reach.")
	}
	slices.SortFunc(before, func(a, b *registry.CheckpointRow) int { return b.ConsistentAt.Compare(a.ConsistentAt) })
	exchanges, err := rs.Registry.Exchanges(ctx, rs.Servers.Main(), spec.Tenant)
	if err != nil {
		return nil, registry.Unreachable(rs.Servers.Main(), "reading the restores", err)
	}
	var refused error
	for _, r := range before {
		err := within(spec, r, exchanges)
		if err == nil {
			err = rs.checkLog(ctx, spec, r)
		}
		if err == nil {
			return r, nil
		}
		if refused == nil {
			refused = err // what the newest one lacks
		}
	}
	return nil, refused
}

// oldest says since when there are checkpoints with data.
func oldest(rows map[string]*registry.CheckpointRow, tenant string) string {
	var first *registry.CheckpointRow
	for _, r := range rows {
		if r.Slug == tenant && r.Contents == landlord.CheckpointData && len(r.Tables) == 0 && !r.Expired && (first == nil || r.ConsistentAt.Before(first.ConsistentAt)) {
			first = r
		}
	}
	if first == nil {
		return "It has none at all."
	}
	return fmt.Sprintf("The oldest one, `%s`, is of %s.", first.Name, landlord.Moment(first.ConsistentAt))
}

// within refuses a checkpoint that was taken while a copy was being loaded that
// changed places with the tenant before the moment: what the copy had by then is
// not in the log behind the checkpoint.
func within(spec landlord.RestoreSpec, r *registry.CheckpointRow, exchanges []*registry.RestoreRow) error {
	for _, x := range exchanges {
		if x.CreatedAt.Before(r.ConsistentAt) && x.FinishedAt.After(r.ConsistentAt) && x.FinishedAt.Before(spec.PointInTime) {
			return notReplayed(spec, r, fmt.Sprintf("the checkpoint was taken while the copy of restore `%s` was being loaded, which changed places with the tenant before that moment", x.PublicID()))
		}
	}
	return nil
}

// notReplayed says that a moment cannot be reached from a checkpoint.
func notReplayed(spec landlord.RestoreSpec, r *registry.CheckpointRow, why string) error {
	return landlord.NewProblem(landlord.FieldPointInTime, "Binary log cannot be replayed",
		fmt.Sprintf("Tenant `%s` is to return to %s, from checkpoint `%s` of %s and the binary log since then.", spec.Tenant, landlord.Moment(spec.PointInTime), r.Name, landlord.Moment(r.ConsistentAt)),
		"Cause: "+why+".", "The tenant can return to the checkpoint itself: `checkpoint = \""+r.Slug+"/"+r.Name+"\"`.")
}

// checkLog asks whether the binary log can be replayed from a checkpoint on.
func (rs *Restores) checkLog(ctx context.Context, spec landlord.RestoreSpec, r *registry.CheckpointRow) error {
	refuse := func(why string) error { return notReplayed(spec, r, why) }
	m, err := checkpoint.Read(r.Location)
	if err != nil {
		return checkpointing.Unusable(r, landlord.CheckpointDamaged, err.Error())
	}
	if m.Position == nil {
		return refuse(m.NoPosition)
	}
	srv, err := rs.Servers.Server(r.Server)
	if err != nil {
		return err
	}
	info, err := srv.Info(ctx)
	if err != nil {
		return registry.Unreachable(srv, "looking at the binary log", err)
	}
	err = binlog.Check(ctx, srv, info, replay.LogPosition(m))
	var no *binlog.UnusableError
	if errors.As(err, &no) {
		return refuse(no.Error())
	}
	if err != nil {
		return registry.Unreachable(srv, "looking at the binary log", err)
	}
	return nil
}

// fillUntil loads the tables of the checkpoint, replays what the binary log says
// of the tenant since then, and makes the programs of that moment.
func (r *restoring) fillUntil(ctx context.Context) error {
	loaded, err := checkpoint.Load(ctx, r.Srv.Server, checkpoint.LoadRequest{
		Directory: r.source.Location, Checksum: r.source.Checksum, Database: r.r.Side, TablesOnly: true, Session: r.X,
		Progress: r.progress(ctx, "Loading a checkpoint"),
	})
	if err != nil {
		return err
	}
	r.report(loaded)
	compared, err := checkpoint.Compare(ctx, r.Srv.Server, checkpoint.CompareRequest{
		Manifest: loaded.Manifest, Database: r.r.Side, TablesOnly: true, Session: r.X, Progress: r.progress(ctx, "Comparing a restored database with its checkpoint"),
	})
	if err != nil {
		return err
	}
	if !compared.OK() {
		return landlord.NewProblem(landlord.FieldCheckpoint, "Restored database differs from the checkpoint",
			fmt.Sprintf("Checkpoint `%s` was loaded into `%s`, which differs from what was copied:\n%s", r.source.Name, r.r.Side, checkpointing.ListReport(compared)),
			"The tenant was not touched. Please report this with the differences above.")
	}
	schema, err := loaded.Manifest.Schema()
	if err != nil {
		return err
	}
	beside := &asides{r: r}
	defer func() { beside.drop(context.WithoutCancel(ctx)) }()
	replayed, err := replay.Run(ctx, r.Srv.Server, replay.Request{
		Companion: r.room.companionOf(r.Row), Aside: beside.make,
		Source: r.source.Database, Target: r.r.Side, Programs: *schema, From: replay.LogPosition(loaded.Manifest), Until: r.r.PointInTime,
		Config: r.Srv.Here(), EventsDisabled: true, Session: r.X, Progress: r.replaying(ctx),
	})
	if err != nil {
		return r.unreplayable(err)
	}
	return r.atMoment(ctx, replayed)
}

func (r *restoring) replaying(ctx context.Context) func(replay.Progress) {
	return func(p replay.Progress) {
		r.room.Config.Progress.Report(ctx, landlord.Event{
			Tenant: r.Row.Slug, What: "Replaying the binary log", Of: r.source.Name, Object: fmt.Sprintf("%s, %s", p.Position, landlord.Moment(p.Time)), Rows: p.Rows,
		})
	}
}

func (r *restoring) unreplayable(err error) error {
	var no *binlog.UnusableError
	var stuck *replay.UnreplayableError
	if !errors.As(err, &no) && !errors.As(err, &stuck) {
		return err
	}
	return &landlord.Problem{Field: landlord.FieldPointInTime, Summary: "Binary log cannot be replayed", Detail: []string{
		fmt.Sprintf("Tenant `%s` is to return to %s, from checkpoint `%s` of %s and the binary log since then.", r.Row.Slug, landlord.Moment(r.r.PointInTime), r.source.Name, landlord.Moment(r.source.ConsistentAt)),
		"Cause: " + err.Error() + ".",
		"The tenant was not touched. Name a moment before that, or return to a checkpoint.",
	}, Err: err}
}

// atMoment takes down what the replay has made, and what the tenant was at that
// moment.
func (r *restoring) atMoment(ctx context.Context, replayed *replay.Result) error {
	report := &r.r.Report
	report.Transactions, report.Position = int64(replayed.Transactions), replayed.Position.String()
	report.Skipped = append(report.Skipped, replayed.Notes...)
	schema := checkpointing.StructureOf(&replayed.Schema)
	if len(r.r.Tables) > 0 {
		if err := r.keepOnly(ctx, schema); err != nil {
			return err
		}
	} else {
		report.Tables = 0
		for _, o := range schema.Objects {
			if o.Kind == ddl.KindTable {
				report.Tables++
			}
		}
	}
	if r.r.Mode != landlord.RestoreInPlace {
		return nil
	}
	var err error
	if r.r.Labels, err = r.labelsAt(ctx, schema); err != nil || len(r.r.Tables) > 0 {
		return err
	}
	return r.keepGoal(ctx, schema)
}

// keepOnly drops what was not asked for: a replay needs all tables.
func (r *restoring) keepOnly(ctx context.Context, schema ddl.Schema) error {
	for _, name := range r.r.Tables {
		if !migrate.HasTable(schema, name) {
			return landlord.NewProblem(landlord.FieldTables, "Tenant had no such table", fmt.Sprintf("At %s tenant `%s` had no table `%s`.", landlord.Moment(r.r.PointInTime), r.Row.Slug, name),
				"Correct `tables`; names are written as in the database.")
		}
	}
	if err := r.X.CheckForeignKeys(ctx, false); err != nil {
		return err
	}
	defer func() { _ = r.X.CheckForeignKeys(context.WithoutCancel(ctx), true) }()
	for _, o := range schema.Objects {
		table := o.Name
		if o.Kind == ddl.KindTrigger {
			table = o.Table
		}
		wanted := (o.Kind == ddl.KindTable || o.Kind == ddl.KindTrigger) && slices.Contains(r.r.Tables, table)
		if wanted || o.Kind == ddl.KindPackageBody { // it goes with its package
			continue
		}
		drop := "DROP " + strings.ToUpper(string(o.Kind)) + " IF EXISTS " + mysql.Qualified(r.r.Side, o.Name)
		if err := render.Exec(ctx, r.X, drop, ddl.Settings{SQLMode: o.SQLMode}); err != nil { // MariaDB before 11.4 knows packages in no other mode
			return fmt.Errorf("dropping what was not asked for: %w", err)
		}
	}
	return nil
}

// keepGoal stores the schema of that moment. Its fingerprint leaves the events
// out, which are disabled in the database beside the tenant.
func (r *restoring) keepGoal(ctx context.Context, schema ddl.Schema) error {
	f, err := r.room.Estate.LiveFingerprint(ctx, r.Srv, r.X, r.r.Side)
	if err != nil {
		return err
	}
	if f == nil {
		return fmt.Errorf("database `%s` is gone", r.r.Side)
	}
	goal := withoutEvents(*f)
	r.r.Goal = goal.Whole
	return r.room.Registry.WriteSchema(ctx, r.OnMain(), goal, schema)
}

// withoutEvents is the fingerprint of a schema but for its events.
func withoutEvents(f ddl.Fingerprint) ddl.Fingerprint {
	objects := maps.Clone(f.Objects)
	maps.DeleteFunc(objects, func(object, _ string) bool { return strings.HasPrefix(object, string(ddl.KindEvent)+" ") })
	return ddl.FingerprintOf(objects)
}

// labelsAt returns what the registry knew of the tenant at the moment: from the
// ledger, where a migration was completed since the checkpoint, else from the
// checkpoint.
func (r *restoring) labelsAt(ctx context.Context, schema ddl.Schema) (registry.Labels, error) {
	l := r.source.Labels
	past, err := r.room.Registry.StateAt(ctx, r.X, r.Row.Slug, r.source.ConsistentAt, r.r.PointInTime)
	if err != nil {
		return l, err
	}
	if past != nil {
		l.Template, l.Composition, l.Base, l.Modules = past.Template, past.Composition, past.Base, past.Modules
		// The ledger has them with those that they require.
		switch l.Composition {
		case r.source.Labels.Composition:
			l.Modules = r.source.Labels.Modules
		case r.Row.Composition:
			l.Modules = r.Row.Modules
		}
	}
	all, err := r.room.Registry.ReadCustomizations(ctx, r.OnMain(), r.Row.ID)
	if err != nil {
		return l, err
	}
	l.Customizations = customizationsAt(l.Customizations, all[r.Row.ID], r.r.PointInTime, schema)
	return l, nil
}

// customizationsAt returns the customizations that a tenant had at a moment:
// those of the checkpoint and those that came since, as far as what they made
// was there.
func customizationsAt(former []registry.LabelledCustomization, present []registry.Customization, at time.Time, schema ddl.Schema) []registry.LabelledCustomization {
	var out []registry.LabelledCustomization
	there := func(objects []merge.OwnedElement) bool {
		for _, o := range objects {
			if !slices.ContainsFunc(schema.Objects, func(s ddl.Object) bool { return landlord.Key(s) == o.Object }) {
				return false
			}
		}
		return true
	}
	for _, c := range former {
		if there(c.Objects) {
			out = append(out, c)
		}
	}
	for _, c := range present {
		known := slices.ContainsFunc(former, func(f registry.LabelledCustomization) bool { return f.Name == c.Name })
		if !known && c.CreatedAt.Before(at) && there(c.Objects) {
			out = append(out, registry.LabelledCustomization{
				Name: c.Name, Reason: c.Reason, Patch: c.Patch, Objects: c.Objects, Checksum: c.Checksum, Author: c.Author, Status: landlord.CustomizationActive, CreatedAt: c.CreatedAt,
			})
		}
	}
	return out
}
