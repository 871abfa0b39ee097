package landlord

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
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/binlog"
)

// sourceBefore returns the newest checkpoint with data from which a moment can
// be reached by replaying the binary log.
func (e *Engine) sourceBefore(ctx context.Context, spec RestoreSpec) (*checkpointRow, error) {
	if spec.PointInTime.After(e.cfg.Now()) {
		return nil, problem(FieldPointInTime, "Point in time lies ahead",
			fmt.Sprintf("Tenant `%s` is to return to %s, which has not come yet.", spec.Tenant, moment(spec.PointInTime)), "Name a moment that has passed.")
	}
	rows, err := e.checkpointRows(ctx)
	if err != nil {
		return nil, err
	}
	tenant, err := e.estate.row(ctx, spec.Tenant)
	if err != nil {
		return nil, err
	}
	if tenant == nil {
		return nil, tenantUnknown(spec.Tenant)
	}
	var before []*checkpointRow
	for _, r := range rows {
		if r.slug == spec.Tenant && r.contents == CheckpointData && r.status == CheckpointReady && !r.expired && len(r.tables) == 0 &&
			!r.consistentAt.After(spec.PointInTime) && r.server == tenant.server && r.database == tenant.database {
			before = append(before, r)
		}
	}
	if len(before) == 0 {
		return nil, problem(FieldPointInTime, "No checkpoint before the point in time",
			fmt.Sprintf("Tenant `%s` is to return to %s, but it has no checkpoint with all of its data from before that moment. %s", spec.Tenant, moment(spec.PointInTime), oldest(rows, spec.Tenant)),
			"Name a later moment. A `landlord_tenant_checkpoint` with data that is taken regularly, by way of its `keepers`, keeps the moments after it within reach.")
	}
	slices.SortFunc(before, func(a, b *checkpointRow) int { return b.consistentAt.Compare(a.consistentAt) })
	var refused error
	for _, r := range before {
		err := e.checkLog(ctx, spec, r)
		if err == nil {
			return r, nil
		}
		if refused == nil {
			refused = err // what the newest one lacks
		}
	}
	return nil, refused
}

func moment(at time.Time) string { return at.UTC().Format(time.RFC3339Nano) }

// oldest says since when there are checkpoints with data.
func oldest(rows map[string]*checkpointRow, tenant string) string {
	var first *checkpointRow
	for _, r := range rows {
		if r.slug == tenant && r.contents == CheckpointData && len(r.tables) == 0 && !r.expired && (first == nil || r.consistentAt.Before(first.consistentAt)) {
			first = r
		}
	}
	if first == nil {
		return "It has none at all."
	}
	return fmt.Sprintf("The oldest one, `%s`, is of %s.", first.name, moment(first.consistentAt))
}

// checkLog asks whether the binary log can be replayed from a checkpoint on.
func (e *Engine) checkLog(ctx context.Context, spec RestoreSpec, r *checkpointRow) error {
	refuse := func(why string) error {
		return problem(FieldPointInTime, "Binary log cannot be replayed",
			fmt.Sprintf("Tenant `%s` is to return to %s, from checkpoint `%s` of %s and the binary log since then.", spec.Tenant, moment(spec.PointInTime), r.name, moment(r.consistentAt)),
			"Cause: "+why+".", "The tenant can return to the checkpoint itself: `checkpoint = \""+r.slug+"/"+r.name+"\"`.")
	}
	m, err := checkpoint.Read(r.location)
	if err != nil {
		return unusable(r, CheckpointDamaged, err.Error())
	}
	if m.Position == nil {
		return refuse(m.NoPosition)
	}
	srv, err := e.server(r.server)
	if err != nil {
		return err
	}
	info, err := srv.Info(ctx)
	if err != nil {
		return unreachable(srv, "looking at the binary log", err)
	}
	err = binlog.Check(ctx, srv, info, replay.LogPosition(m))
	var no *binlog.UnusableError
	if errors.As(err, &no) {
		return refuse(no.Error())
	}
	if err != nil {
		return unreachable(srv, "looking at the binary log", err)
	}
	return nil
}

// fillUntil loads the tables of the checkpoint, replays what the binary log says
// of the tenant since then, and makes the programs of that moment.
func (r *restoring) fillUntil(ctx context.Context) error {
	loaded, err := checkpoint.Load(ctx, r.srv.Server, checkpoint.LoadRequest{
		Directory: r.source.location, Checksum: r.source.checksum, Database: r.r.side, TablesOnly: true, Session: r.x,
		Progress: r.progress(ctx, "Loading a checkpoint"),
	})
	if err != nil {
		return err
	}
	r.report(loaded)
	compared, err := checkpoint.Compare(ctx, r.srv.Server, checkpoint.CompareRequest{
		Manifest: loaded.Manifest, Database: r.r.side, TablesOnly: true, Session: r.x, Progress: r.progress(ctx, "Comparing a restored database with its checkpoint"),
	})
	if err != nil {
		return err
	}
	if !compared.OK() {
		return problem(FieldCheckpoint, "Restored database differs from the checkpoint",
			fmt.Sprintf("Checkpoint `%s` was loaded into `%s`, which differs from what was copied:\n%s", r.source.name, r.r.side, listReport(compared)),
			"The tenant was not touched. Please report this with the differences above.")
	}
	schema, err := loaded.Manifest.Schema()
	if err != nil {
		return err
	}
	replayed, err := replay.Run(ctx, r.srv.Server, replay.Request{
		Source: r.source.database, Target: r.r.side, Programs: *schema, From: replay.LogPosition(loaded.Manifest), Until: r.r.pointInTime,
		Config: r.e.configOf(r.srv), EventsDisabled: true, Session: r.x, Progress: r.replaying(ctx),
	})
	if err != nil {
		return r.unreplayable(err)
	}
	return r.atMoment(ctx, replayed)
}

// configOf returns the configuration with which a server is reached.
func (e *Engine) configOf(srv *server) mysql.Config {
	if srv.key == "" {
		return e.cfg.Main
	}
	return e.cfg.Servers[srv.key]
}

func (r *restoring) replaying(ctx context.Context) func(replay.Progress) {
	return func(p replay.Progress) {
		r.e.cfg.Log(ctx, "Replaying the binary log", map[string]any{
			"tenant": r.row.slug, "database": r.r.side, "transactions": p.Transactions, "rows": p.Rows, "time": moment(p.Time), "position": p.Position.String(),
		})
	}
}

func (r *restoring) unreplayable(err error) error {
	var no *binlog.UnusableError
	var stuck *replay.UnreplayableError
	if !errors.As(err, &no) && !errors.As(err, &stuck) {
		return err
	}
	return &Problem{Field: FieldPointInTime, Summary: "Binary log cannot be replayed", Detail: []string{
		fmt.Sprintf("Tenant `%s` is to return to %s, from checkpoint `%s` of %s and the binary log since then.", r.row.slug, moment(r.r.pointInTime), r.source.name, moment(r.source.consistentAt)),
		"Cause: " + err.Error() + ".",
		"The tenant was not touched. Name a moment before that, or return to a checkpoint.",
	}, Err: err}
}

// atMoment takes down what the replay has made, and what the tenant was at that
// moment.
func (r *restoring) atMoment(ctx context.Context, replayed *replay.Result) error {
	report := &r.r.report
	report.Transactions, report.Position = int64(replayed.Transactions), replayed.Position.String()
	report.Skipped = append(report.Skipped, replayed.Notes...)
	schema := structureOf(&replayed.Schema)
	if len(r.r.tables) > 0 {
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
	if r.r.mode != RestoreInPlace {
		return nil
	}
	var err error
	if r.r.labels, err = r.labelsAt(ctx, schema); err != nil || len(r.r.tables) > 0 {
		return err
	}
	return r.keepGoal(ctx, schema)
}

// keepOnly drops what was not asked for: a replay needs all tables.
func (r *restoring) keepOnly(ctx context.Context, schema ddl.Schema) error {
	for _, name := range r.r.tables {
		if !hasTable(schema, name) {
			return problem(FieldTables, "Tenant had no such table", fmt.Sprintf("At %s tenant `%s` had no table `%s`.", moment(r.r.pointInTime), r.row.slug, name),
				"Correct `tables`; names are written as in the database.")
		}
	}
	if err := r.x.CheckForeignKeys(ctx, false); err != nil {
		return err
	}
	defer func() { _ = r.x.CheckForeignKeys(context.WithoutCancel(ctx), true) }()
	for _, o := range schema.Objects {
		table := o.Name
		if o.Kind == ddl.KindTrigger {
			table = o.Table
		}
		wanted := (o.Kind == ddl.KindTable || o.Kind == ddl.KindTrigger) && slices.Contains(r.r.tables, table)
		if wanted || o.Kind == ddl.KindPackageBody { // it goes with its package
			continue
		}
		if _, err := r.x.Exec(ctx, "DROP "+strings.ToUpper(string(o.Kind))+" IF EXISTS "+mysql.Qualified(r.r.side, o.Name)); err != nil {
			return fmt.Errorf("dropping what was not asked for: %w", err)
		}
	}
	return nil
}

// keepGoal stores the schema of that moment. Its fingerprint leaves the events
// out, which are disabled in the database beside the tenant.
func (r *restoring) keepGoal(ctx context.Context, schema ddl.Schema) error {
	f, err := r.e.liveFingerprint(ctx, r.srv, r.x, r.r.side)
	if err != nil {
		return err
	}
	if f == nil {
		return fmt.Errorf("database `%s` is gone", r.r.side)
	}
	goal := withoutEvents(*f)
	r.r.goal = goal.Whole
	return r.e.registry.writeSchema(ctx, r.onMain(), goal, schema)
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
func (r *restoring) labelsAt(ctx context.Context, schema ddl.Schema) (labels, error) {
	l := r.source.labels
	past, err := r.e.registry.stateAt(ctx, r.x, r.row.slug, r.source.consistentAt, r.r.pointInTime)
	if err != nil {
		return l, err
	}
	if past != nil {
		l.Template, l.Composition, l.Base, l.Modules = past.template, past.composition, past.base, past.modules
		// The ledger has them with those that they require.
		switch l.Composition {
		case r.source.labels.Composition:
			l.Modules = r.source.labels.Modules
		case r.row.composition:
			l.Modules = r.row.modules
		}
	}
	all, err := r.e.registry.readCustomizations(ctx, r.onMain(), r.row.id)
	if err != nil {
		return l, err
	}
	l.Customizations = customizationsAt(l.Customizations, all[r.row.id], r.r.pointInTime, schema)
	return l, nil
}

// customizationsAt returns the customizations that a tenant had at a moment:
// those of the checkpoint and those that came since, as far as what they made
// was there.
func customizationsAt(former []labelledCustomization, present []customization, at time.Time, schema ddl.Schema) []labelledCustomization {
	var out []labelledCustomization
	there := func(objects []merge.OwnedElement) bool {
		for _, o := range objects {
			if !slices.ContainsFunc(schema.Objects, func(s ddl.Object) bool { return key(s) == o.Object }) {
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
		known := slices.ContainsFunc(former, func(f labelledCustomization) bool { return f.Name == c.name })
		if !known && c.createdAt.Before(at) && there(c.objects) {
			out = append(out, labelledCustomization{
				Name: c.name, Reason: c.reason, Patch: c.patch, Objects: c.objects, Checksum: c.checksum, Author: c.author, Status: CustomizationActive, CreatedAt: c.createdAt,
			})
		}
	}
	return out
}
