package restore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// inPlace plans a restore in place from a checkpoint with data.
type inPlace struct {
	room     *Restores
	srv      *registry.Server
	info     mysql.Info
	spec     landlord.RestoreSpec
	row      *registry.TenantRow
	source   *registry.CheckpointRow
	manifest *checkpoint.Manifest
	plan     *Plan
	applies  bool // what is planned is run at once, with this account
}

// findsAsItIs makes known that this run restores a tenant in place, and says
// whether it is the first that changes the tenant. A plan that is made again gets
// the same answer.
func (rs *Restores) findsAsItIs(spec landlord.RestoreSpec) bool {
	first := spec.Request()
	if rs.Estate.Run.Touches(spec.Tenant) {
		first = ""
	}
	known, _ := rs.exchanges.LoadOrStore(spec.Tenant, first)
	rs.Estate.Run.Touch(spec.Tenant)
	return known == spec.Request()
}

// planInPlace says what a restore in place will send. Alone says that nothing
// else in this run changes the tenant before.
func (rs *Restores) planInPlace(ctx context.Context, p inPlace, alone bool) error {
	var err error
	if p.srv, err = rs.Servers.Server(p.row.Server); err != nil {
		return err
	}
	if p.info, err = p.srv.Info(ctx); err != nil {
		return registry.Unreachable(p.srv, "planning a restore", err)
	}
	if err := p.allowed(ctx); err != nil {
		return err
	}
	p.plan.Known = false
	switch {
	case !p.spec.PointInTime.IsZero():
		p.later("Statements are known only after the replay",
			fmt.Sprintf("Tenant `%s` is restored in place to %s. What its tables and programs were then shows when the binary log has been replayed, so the statements are not in this plan.",
				p.row.Slug, landlord.Moment(p.spec.PointInTime)))
		return nil
	case !alone, registry.IsRestore(p.row.Running):
		return nil // what is there when its turn comes cannot be known
	}
	if err := p.steps(ctx); err != nil {
		return err
	}
	if rs.Config.Rendering == landlord.RenderingParser && !p.applies { // whose account need not be one that applies
		return nil
	}
	return rs.Accounts.CheckPrograms(ctx, p.srv.Server, &rs.Planner.Owners, p.row.Database, landlord.FieldMode, p.plan.Steps)
}

// later says, once in a run, that statements will follow which no plan lists.
func (p *inPlace) later(summary, why string) {
	if _, told := p.room.toldRestores.LoadOrStore(p.spec.Request(), true); told {
		return
	}
	p.plan.Notes = append(p.plan.Notes, landlord.Note{Severity: landlord.Warning, Field: landlord.FieldMode, Summary: summary,
		Detail: why + " They are: CREATE DATABASE for the copy beside and for the tables that give way, DROP TRIGGER and CREATE TRIGGER, one RENAME TABLE by which all tables change places, " +
			"the changes of views, routines and events that are not the same, and DROP DATABASE of the copy."})
}

// allowed refuses an exchange that takes rows away without leave, or that
// foreign keys forbid. What gives way is set aside, and yet the applications see
// it no longer: so it takes the same word as any other loss.
func (p *inPlace) allowed(ctx context.Context) error {
	tables := effectiveTables(p.spec, p.source)
	leaving, err := tablesOf(ctx, p.srv, p.row.Database)
	if err != nil {
		return registry.Unreachable(p.srv, "planning a restore", err)
	}
	if len(tables) > 0 {
		leaving = slices.DeleteFunc(leaving, func(name string) bool { return !slices.Contains(tables, name) })
	}
	r := &registry.RestoreRow{Slug: p.row.Slug, Database: p.row.Database, Tables: tables}
	if err := p.room.checkMovable(ctx, p.srv, r, &swapView{leaving: leaving}); err != nil {
		return err
	}
	if p.spec.AllowDestructive {
		return nil
	}
	for _, name := range leaving {
		empty, err := registry.IsEmpty(ctx, p.srv, p.row.Database, name)
		if err != nil {
			return registry.Unreachable(p.srv, fmt.Sprintf("looking into table `%s`", name), err)
		}
		if !empty {
			return wouldGiveWay(p.row, p.source, name)
		}
	}
	return nil
}

func wouldGiveWay(row *registry.TenantRow, source *registry.CheckpointRow, table string) error {
	return landlord.NewProblem(landlord.FieldAllowDestructive, "Restore in place sets rows aside",
		fmt.Sprintf("Tenant `%s` is to be restored in place from checkpoint `%s` of %s. What was written since then, in table `%s` for example, is not in it.",
			row.Slug, source.Name, source.ConsistentAt.UTC().Format(time.RFC3339), table),
		"Set `allow_destructive = true` to agree; the present tables are then set aside for the `retention`. Or restore side by side first and look.")
}

// effectiveTables returns the tables that a restore brings back, none for all. A
// checkpoint of some tables brings back these.
func effectiveTables(spec landlord.RestoreSpec, source *registry.CheckpointRow) []string {
	if len(spec.Tables) > 0 {
		return slices.Sorted(slices.Values(spec.Tables))
	}
	return source.Tables
}

// steps computes the statements as the swap will, before there is a copy: what
// the copy will be, the checkpoint says.
func (p *inPlace) steps(ctx context.Context) error {
	r, err := p.upcoming(ctx)
	if err != nil {
		return err
	}
	if r.Status == landlord.RestoreDone { // an earlier run has done it, a short time ago
		return p.done(ctx, r)
	}
	whole := len(r.Tables) == 0
	if whole && r.Status != landlord.RestoreLoaded && p.manifest.Version != p.info.Version {
		p.later("Statements are known only after loading",
			fmt.Sprintf("Tenant `%s` is restored in place from checkpoint `%s`, which another version of the server has written (%s, now %s). How this one prints its tables and programs shows when they are loaded, so the statements are not in this plan.",
				p.row.Slug, p.source.Name, p.manifest.Version, p.info.Version))
		return nil
	}
	kept, err := p.manifest.Schema()
	if err != nil {
		return checkpointing.Unusable(p.source, landlord.CheckpointDamaged, err.Error())
	}
	view, err := p.room.viewSwap(ctx, p.srv, p.srv, p.info, r)
	if err != nil {
		return registry.Unreachable(p.srv, "planning a restore", err)
	}
	if r.Status != landlord.RestoreLoaded {
		view.expect(r, checkpointing.StructureOf(kept).Objects)
		if err := p.same(r, view); err != nil {
			return err
		}
	}
	goal := view.live.Schema
	if whole {
		if goal, err = p.goal(ctx, r, checkpointing.StructureOf(kept)); err != nil {
			return err
		}
	}
	todo, err := view.steps(r, goal, registry.Dialect(p.info))
	if err != nil {
		return err
	}
	p.plan.Known, p.plan.Digest = true, todo.digest(r, view)
	p.plan.Steps = p.around(r, todo)
	return nil
}

// done lists what an earlier run has done. It may have come between this plan and
// its apply, for which Terraform plans once more and takes another list for a fault
// of the provider.
func (p *inPlace) done(ctx context.Context, r *registry.RestoreRow) error {
	id, mark, err := p.room.Registry.NewestDone(ctx, p.srv, p.row, 1, migrationName(r.Checkpoint))
	if err != nil || id == 0 || mark != r.Mark() {
		return err
	}
	recorded, err := p.room.Registry.ReadSteps(ctx, p.srv, id)
	if err != nil {
		return err
	}
	was := *r
	was.Status, was.Side = landlord.RestoreLoading, besideName(r)
	var todo swapSteps
	for _, s := range recorded {
		todo.prepare = append(todo.prepare, s.Step)
	}
	before := &swapView{live: &estate.Rendering{Fingerprint: ddl.Fingerprint{Whole: r.StartSchema}}}
	p.plan.Known, p.plan.Digest = true, todo.digest(&was, before)
	p.plan.Steps = p.around(&was, todo)
	return nil
}

// migrationName names the migration of a restore in the ledger.
func migrationName(checkpoint string) string { return landlord.Cut("restore "+checkpoint, 190) }

// upcoming is the row that the restore will have: a new one, or that of an
// earlier run of the same restore, which the next run takes up.
func (p *inPlace) upcoming(ctx context.Context) (*registry.RestoreRow, error) {
	main := p.room.Servers.Main()
	former, err := p.room.Registry.LoadedRestores(ctx, main, p.row.ID, p.spec.Request())
	if err != nil {
		return nil, registry.Unreachable(main, "reading the restores", err)
	}
	r := &registry.RestoreRow{
		Tenant: p.row.ID, Slug: p.row.Slug, Server: p.row.Server, Database: p.row.Database, Mode: p.spec.EffectiveMode(), Request: p.spec.Request(),
		CheckpointID: p.source.ID, Checkpoint: p.source.Name, Tables: effectiveTables(p.spec, p.source), Status: landlord.RestoreLoading,
	}
	for _, old := range former {
		if old.Status == landlord.RestoreLoaded || old.Recent {
			r = old // the newest one counts
		}
	}
	if r.Status == landlord.RestoreLoading {
		going, err := p.abandoned(ctx)
		if err != nil {
			return nil, err
		}
		if r.Side, err = p.room.freeDatabase(ctx, p.srv, besideName(r), going); err != nil {
			return nil, registry.Unreachable(p.srv, "planning a restore", err)
		}
	}
	if r.Retired, err = p.room.freeDatabase(ctx, p.srv, p.room.asideName(r), nil); err != nil {
		return nil, registry.Unreachable(p.srv, "planning a restore", err)
	}
	return r, nil
}

// abandoned returns the databases that restores of the tenant left which were cut
// off: the apply drops them before it chooses a name.
func (p *inPlace) abandoned(ctx context.Context) ([]string, error) {
	main := p.room.Servers.Main()
	all, err := p.room.Registry.OpenRestores(ctx, main, p.row.Slug, p.spec.Request())
	if err != nil {
		return nil, registry.Unreachable(main, "reading the restores", err)
	}
	var names []string
	for _, old := range all {
		if old.Status != landlord.RestoreBeginning && isAbandoned(old, isSame(old, p.spec, p.row), p.row) {
			names = append(names, old.Side)
		}
	}
	return names, nil
}

// goal is the schema of the tenant afterwards.
func (p *inPlace) goal(ctx context.Context, r *registry.RestoreRow, kept ddl.Schema) (ddl.Schema, error) {
	fingerprint := p.manifest.Fingerprint.Whole
	if r.Status == landlord.RestoreLoaded {
		fingerprint = r.Goal
	}
	stored, err := p.room.Estate.StoredSchema(ctx, fingerprint)
	if err != nil || stored == nil {
		return kept, err
	}
	return stored.Schema, nil // the swap takes it too
}

// same refuses early what the swap would refuse: tables whose structure is not
// what it was. Fingerprints of another version cannot be compared.
func (p *inPlace) same(r *registry.RestoreRow, view *swapView) error {
	if len(r.Tables) == 0 || p.manifest.Version != p.info.Version {
		return nil
	}
	return sameTables(r, p.manifest.Fingerprint, view.live.Fingerprint)
}

// around adds the copy beside to the steps of a swap.
func (p *inPlace) around(r *registry.RestoreRow, todo swapSteps) []landlord.Step {
	step := func(operation, sql, reason string) landlord.Step {
		return landlord.Step{SQL: sql, Object: "database " + mysql.Quote(r.Side), Operation: operation, Origin: "checkpoint " + r.Checkpoint, Level: 1, Reversible: true, Reason: reason}
	}
	var steps []landlord.Step
	if r.Status != landlord.RestoreLoaded {
		rows, tables := p.size(r)
		steps = append(steps, step("create_database", "CREATE DATABASE "+mysql.Quote(r.Side)+landlord.WithTenantCharacters,
			fmt.Sprintf("Checkpoint `%s` of %s (%s in %s) is loaded into it and compared.", p.source.Name, p.source.ConsistentAt.UTC().Format(time.RFC3339), landlord.Several(rows, "row"), landlord.Several(tables, "table"))))
	}
	steps = append(steps, todo.all()...)
	return append(steps, step("drop_database", landlord.DropDatabase(r.Side), "Its tables have taken the places of the tenant's."))
}

// size counts what a restore loads.
func (p *inPlace) size(r *registry.RestoreRow) (rows int64, tables int) {
	for _, t := range p.manifest.Tables {
		if len(r.Tables) == 0 || slices.Contains(r.Tables, t.Name) {
			rows, tables = rows+t.Rows, tables+1
		}
	}
	return rows, tables
}

// expect makes a view of what the database beside a tenant will hold when a
// checkpoint is loaded.
func (v *swapView) expect(r *registry.RestoreRow, kept []ddl.Object) {
	v.coming, v.sideTriggers = nil, nil // of an attempt that was cut off
	var tables []ddl.Object
	for _, o := range kept {
		if len(r.Tables) == 0 && moves(o.Kind) || o.Kind == ddl.KindTable && slices.Contains(r.Tables, o.Name) {
			tables, v.coming = append(tables, o), append(v.coming, o.Name)
		}
	}
	for _, o := range kept {
		if o.Kind == ddl.KindTrigger && slices.Contains(v.coming, o.Table) {
			v.sideTriggers = append(v.sideTriggers, o.Name)
		}
	}
	slices.Sort(v.coming)
	slices.Sort(v.sideTriggers)
	v.sequences = sequenceDefaults(tables)
}

// digest names the steps of a swap, what they are for, and what the tenant was
// when they were computed.
func (s swapSteps) digest(r *registry.RestoreRow, v *swapView) string {
	parts := []string{"exchange", r.Request, fmt.Sprint(r.CheckpointID), r.Side, v.live.Fingerprint.Whole}
	for _, step := range s.all() {
		parts = append(parts, step.SQL)
	}
	return landlord.Digest(parts...)
}
