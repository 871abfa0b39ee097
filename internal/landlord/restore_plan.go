package landlord

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// inPlace plans a restore in place from a checkpoint with data.
type inPlace struct {
	e        *Engine
	srv      *server
	info     mysql.Info
	spec     RestoreSpec
	row      *tenantRow
	source   *checkpointRow
	manifest *checkpoint.Manifest
	plan     *RestorePlan
}

// findsAsItIs makes known that this run restores a tenant in place, and says
// whether it is the first that changes the tenant. A plan that is made again gets
// the same answer.
func (e *Engine) findsAsItIs(spec RestoreSpec) bool {
	first := spec.request()
	if e.world.touches(spec.Tenant) {
		first = ""
	}
	known, _ := e.exchanges.LoadOrStore(spec.Tenant, first)
	e.world.touch(spec.Tenant)
	return known == spec.request()
}

// planInPlace says what a restore in place will send. Alone says that nothing
// else in this run changes the tenant before.
func (e *Engine) planInPlace(ctx context.Context, p inPlace, alone bool) error {
	var err error
	if p.srv, err = e.server(p.row.server); err != nil {
		return err
	}
	if p.info, err = p.srv.Info(ctx); err != nil {
		return unreachable(p.srv, "planning a restore", err)
	}
	if err := p.allowed(ctx); err != nil {
		return err
	}
	p.plan.Known = false
	switch {
	case !p.spec.PointInTime.IsZero():
		p.later("Statements are known only after the replay",
			fmt.Sprintf("Tenant `%s` is restored in place to %s. What its tables and programs were then shows when the binary log has been replayed, so the statements are not in this plan.",
				p.row.slug, moment(p.spec.PointInTime)))
		return nil
	case !alone, isRestore(p.row.running):
		return nil // what is there when its turn comes cannot be known
	}
	return p.steps(ctx)
}

// later says, once in a run, that statements will follow which no plan lists.
func (p *inPlace) later(summary, why string) {
	if _, told := p.e.toldRestores.LoadOrStore(p.spec.request(), true); told {
		return
	}
	p.plan.Notes = append(p.plan.Notes, Note{Severity: Warning, Field: FieldMode, Summary: summary,
		Detail: why + " They are: CREATE DATABASE for the copy beside and for the tables that give way, DROP TRIGGER and CREATE TRIGGER, one RENAME TABLE by which all tables change places, " +
			"the changes of views, routines and events that are not the same, and DROP DATABASE of the copy."})
}

// allowed refuses an exchange that takes rows away without leave, or that
// foreign keys forbid. What gives way is set aside, and yet the applications see
// it no longer: so it takes the same word as any other loss.
func (p *inPlace) allowed(ctx context.Context) error {
	tables := effectiveTables(p.spec, p.source)
	leaving, err := tablesOf(ctx, p.srv, p.row.database)
	if err != nil {
		return unreachable(p.srv, "planning a restore", err)
	}
	if len(tables) > 0 {
		leaving = slices.DeleteFunc(leaving, func(name string) bool { return !slices.Contains(tables, name) })
	}
	r := &restoreRow{slug: p.row.slug, database: p.row.database, tables: tables}
	if err := p.e.checkMovable(ctx, p.srv, r, &swapView{leaving: leaving}); err != nil {
		return err
	}
	if p.spec.AllowDestructive {
		return nil
	}
	for _, name := range leaving {
		empty, err := isEmpty(ctx, p.srv, p.row.database, name)
		if err != nil {
			return unreachable(p.srv, fmt.Sprintf("looking into table `%s`", name), err)
		}
		if !empty {
			return wouldGiveWay(p.row, p.source, name)
		}
	}
	return nil
}

func wouldGiveWay(row *tenantRow, source *checkpointRow, table string) error {
	return problem(FieldAllowDestructive, "Restore in place sets rows aside",
		fmt.Sprintf("Tenant `%s` is to be restored in place from checkpoint `%s` of %s. What was written since then, in table `%s` for example, is not in it.",
			row.slug, source.name, source.consistentAt.UTC().Format(time.RFC3339), table),
		"Set `allow_destructive = true` to agree; the present tables are then set aside for the `retention`. Or restore side by side first and look.")
}

// effectiveTables returns the tables that a restore brings back, none for all. A
// checkpoint of some tables brings back these.
func effectiveTables(spec RestoreSpec, source *checkpointRow) []string {
	if len(spec.Tables) > 0 {
		return slices.Sorted(slices.Values(spec.Tables))
	}
	return source.tables
}

// steps computes the statements as the swap will, before there is a copy: what
// the copy will be, the checkpoint says.
func (p *inPlace) steps(ctx context.Context) error {
	r, err := p.upcoming(ctx)
	if err != nil || r.status == restoreDone {
		return err // an earlier run has done it, a short time ago
	}
	whole := len(r.tables) == 0
	if whole && r.status != restoreLoaded && p.manifest.Version != p.info.Version {
		p.later("Statements are known only after loading",
			fmt.Sprintf("Tenant `%s` is restored in place from checkpoint `%s`, which another version of the server has written (%s, now %s). How this one prints its tables and programs shows when they are loaded, so the statements are not in this plan.",
				p.row.slug, p.source.name, p.manifest.Version, p.info.Version))
		return nil
	}
	kept, err := p.manifest.Schema()
	if err != nil {
		return unusable(p.source, CheckpointDamaged, err.Error())
	}
	view, err := p.e.viewSwap(ctx, p.srv, p.srv, p.info, r)
	if err != nil {
		return unreachable(p.srv, "planning a restore", err)
	}
	if r.status != restoreLoaded {
		view.expect(r, structureOf(kept).Objects)
		if err := p.same(r, view); err != nil {
			return err
		}
	}
	goal := view.live.schema
	if whole {
		if goal, err = p.goal(ctx, r, structureOf(kept)); err != nil {
			return err
		}
	}
	todo, err := view.steps(r, goal, dialect(p.info))
	if err != nil {
		return err
	}
	p.plan.Known, p.plan.Digest = true, todo.digest(r, view)
	p.plan.Steps = p.around(r, todo)
	return nil
}

// upcoming is the row that the restore will have: a new one, or that of an
// earlier run of the same restore, which the next run takes up.
func (p *inPlace) upcoming(ctx context.Context) (*restoreRow, error) {
	main := p.e.main()
	former, err := p.e.registry.loadedRestores(ctx, main, p.row.id, p.spec.request())
	if err != nil {
		return nil, unreachable(main, "reading the restores", err)
	}
	r := &restoreRow{
		tenant: p.row.id, slug: p.row.slug, server: p.row.server, database: p.row.database, mode: p.spec.mode(), request: p.spec.request(),
		checkpointID: p.source.id, checkpoint: p.source.name, tables: effectiveTables(p.spec, p.source), status: restoreLoading,
	}
	for _, old := range former {
		if old.status == restoreLoaded || old.recent {
			r = old // the newest one counts
		}
	}
	if r.status == restoreLoading {
		if r.side, err = p.e.freeDatabase(ctx, p.srv, besideName(r)); err != nil {
			return nil, unreachable(p.srv, "planning a restore", err)
		}
	}
	if r.retired, err = p.e.freeDatabase(ctx, p.srv, p.e.asideName(r)); err != nil {
		return nil, unreachable(p.srv, "planning a restore", err)
	}
	return r, nil
}

// goal is the schema of the tenant afterwards.
func (p *inPlace) goal(ctx context.Context, r *restoreRow, kept ddl.Schema) (ddl.Schema, error) {
	fingerprint := p.manifest.Fingerprint.Whole
	if r.status == restoreLoaded {
		fingerprint = r.goal
	}
	stored, err := p.e.storedSchema(ctx, fingerprint)
	if err != nil || stored == nil {
		return kept, err
	}
	return stored.Schema, nil // the swap takes it too
}

// same refuses early what the swap would refuse: tables whose structure is not
// what it was. Fingerprints of another version cannot be compared.
func (p *inPlace) same(r *restoreRow, view *swapView) error {
	if len(r.tables) == 0 || p.manifest.Version != p.info.Version {
		return nil
	}
	return sameTables(r, p.manifest.Fingerprint, view.live.fingerprint)
}

// around adds the copy beside to the steps of a swap.
func (p *inPlace) around(r *restoreRow, todo swapSteps) []Step {
	step := func(operation, sql, reason string) Step {
		return Step{SQL: sql, Object: "database " + mysql.Quote(r.side), Operation: operation, Origin: "checkpoint " + r.checkpoint, Level: 1, Reversible: true, Reason: reason}
	}
	var steps []Step
	if r.status != restoreLoaded {
		rows, tables := p.size(r)
		steps = append(steps, step("create_database", "CREATE DATABASE "+mysql.Quote(r.side)+withTenantCharacters,
			fmt.Sprintf("Checkpoint `%s` of %s (%s in %s) is loaded into it and compared.", p.source.name, p.source.consistentAt.UTC().Format(time.RFC3339), several(rows, "row"), several(tables, "table"))))
	}
	steps = append(steps, todo.all()...)
	return append(steps, step("drop_database", dropDatabase(r.side), "Its tables have taken the places of the tenant's."))
}

// size counts what a restore loads.
func (p *inPlace) size(r *restoreRow) (rows int64, tables int) {
	for _, t := range p.manifest.Tables {
		if len(r.tables) == 0 || slices.Contains(r.tables, t.Name) {
			rows, tables = rows+t.Rows, tables+1
		}
	}
	return rows, tables
}

// expect makes a view of what the database beside a tenant will hold when a
// checkpoint is loaded.
func (v *swapView) expect(r *restoreRow, kept []ddl.Object) {
	var tables []ddl.Object
	for _, o := range kept {
		if len(r.tables) == 0 && moves(o.Kind) || o.Kind == ddl.KindTable && slices.Contains(r.tables, o.Name) {
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
func (s swapSteps) digest(r *restoreRow, v *swapView) string {
	parts := []string{"exchange", r.request, fmt.Sprint(r.checkpointID), r.side, v.live.fingerprint.Whole}
	for _, step := range s.all() {
		parts = append(parts, step.SQL)
	}
	return digest(parts...)
}
