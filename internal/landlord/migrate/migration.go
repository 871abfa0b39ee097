package migrate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/render"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// Migration is what turns one schema into another, for all tenants that have
// the one and want the other. It was tried, statement by statement, on an
// empty twin in a scratch database.
type Migration struct {
	Steps     []landlord.Step
	States    []string                        // fingerprints: before the first step, then after each
	Start     *estate.Rendering               // the schema that it begins with
	Final     *estate.Rendering               // the schema afterwards
	Base      *estate.Rendering               // what is recorded as true afterwards: final without drift
	Conflicts []merge.Conflict                // where the update meets what the tenant has of its own
	Unused    []merge.Resolution              // decisions of the configuration on what is no conflict
	Decided   []merge.Remembered              // decisions that it follows
	Verdict   string                          // auto, review or merge
	Before    ddl.Schema                      // what was recorded of the tenants before it
	Owned     map[string][]merge.OwnedElement // by the customizations of the tenant afterwards
	Notes     []landlord.Note                 // that are the same for all tenants of the class
	Past      *registry.Past                  // of each tenant of the class; nil where nothing hangs on it
	Doubts    []string                        // reasons to ask before it runs, in words without an end
	Digest    string
}

// script is an explicit part of a migration: steps of a template's migration
// files, which run before the difference is computed, or seeds of new modules,
// which run last.
type script struct {
	before, after []template.Statement
}

// Order is everything that a migration is made from.
type Order struct {
	estate.Sides
	Merged  ddl.Schema
	own     []string    // views that the tenant has beyond its template
	kept    []ddl.Place // drift that somebody decided for
	scripts script
	origins origins
	Retire  bool               // set data aside instead of destroying it
	Zeros   bool               // tables are altered under a mode that takes zero dates
	Modes   landlord.Consents  // that say something else of single tables and columns
	Retired []landlord.Retired // what former migrations of the tenant set aside

	formerModules []string // that the tenant has had
}

// MakeMigration computes a migration and tries it on an empty twin. Where there is
// nothing to do there is nothing to try.
func (p *Planner) MakeMigration(ctx context.Context, srv *registry.Server, info mysql.Info, o Order) (*Migration, error) {
	if m, err := o.nothing(info); m != nil || err != nil {
		return m, err
	}
	s, scripts, merged := o.Sides, o.scripts, o.Merged
	twin, err := p.OpenTwin(ctx, srv, info, s.Live)
	if err != nil {
		return nil, err
	}
	defer twin.Close(ctx)
	twin.Order = o
	m := &Migration{States: []string{s.Live.Fingerprint.Whole}, Start: s.Live}
	current, err := twin.WithTablesBack(ctx, m, s.Live.Schema, merged)
	if err != nil {
		return nil, err
	}
	if len(scripts.before) > 0 {
		joined, _ := template.Joined(scripts.before)
		for i, st := range scripts.before {
			step, err := o.explicit(st)
			if err != nil {
				return nil, err
			}
			step.Joined = joined[i]
			if err := twin.tryExplicit(ctx, m, st, current, step); err != nil {
				return nil, twin.refusedStatement(st, len(m.Steps)+1, len(scripts.before), err)
			}
		}
		if current, err = twin.schema(ctx); err != nil {
			return nil, err
		}
	}
	if err := twin.Follow(ctx, m, current, merged); err != nil {
		return nil, err
	}
	seeds, notes := o.seedsOf(m, current)
	m.Notes = append(m.Notes, notes...)
	joined, _ := template.Joined(seeds)
	for i, st := range seeds {
		step := StepOf(st)
		step.Joined = joined[i]
		if err := twin.Try(ctx, m, step); err != nil {
			return nil, twin.refusedStatement(st, len(m.Steps)+1, len(seeds), err)
		}
	}
	return m, twin.prove(ctx, m, merged, s)
}

// nothing returns the migration of tenants that are as they should be, as nearly
// all are in nearly every plan; nil when there is something to do, or drift to
// record.
func (o *Order) nothing(info mysql.Info) (*Migration, error) {
	if len(o.scripts.before)+len(o.scripts.after) > 0 || o.Base != nil && o.Base.Fingerprint.Whole != o.Live.Fingerprint.Whole || slices.ContainsFunc(o.Retired, func(r landlord.Retired) bool { return brings(r, o.Live.Schema, o.Merged) }) {
		return nil, nil
	}
	rest, err := diff.Diff(o.Live.Schema, o.Merged, registry.Dialect(info), diff.Options{ZeroDates: o.Zeros})
	if err != nil {
		return nil, fmt.Errorf("comparing the schemas: %w", err)
	}
	if !rest.Empty() {
		return nil, nil
	}
	return &Migration{States: []string{o.Live.Fingerprint.Whole}, Start: o.Live, Final: o.Live, Base: o.Live}, nil
}

// WithTablesBack brings tables back that were set aside and are wanted again, and
// returns the schema then.
func (t *Twin) WithTablesBack(ctx context.Context, m *Migration, from, to ddl.Schema) (ddl.Schema, error) {
	back, err := t.bringTablesBack(ctx, m, from, to)
	if err != nil || !back {
		return from, err
	}
	return t.schema(ctx)
}

// Follow tries each change between two schemas, with what keeps its data.
func (t *Twin) Follow(ctx context.Context, m *Migration, from, to ddl.Schema) error {
	diff, err := diff.Diff(from, to, registry.Dialect(t.info), diff.Options{ZeroDates: t.Order.Zeros})
	if err != nil {
		return fmt.Errorf("comparing the schemas: %w", err)
	}
	for _, c := range diff.Changes {
		if err := t.setAside(ctx, m, c); err != nil {
			return err
		}
		if err := t.tryChange(ctx, m, c); err != nil {
			return t.failed(ChangeStep(c), err)
		}
		if err := t.bringColumnsBack(ctx, m, c); err != nil {
			return err
		}
		if err := t.noteNarrowed(ctx, m, c); err != nil {
			return err
		}
	}
	return nil
}

// explicit shows a statement of a migration script as a step. What it loses is
// lost: only the comparison knows how to set data aside, so in the mode that
// promises to keep data such a statement is refused.
func (o *Order) explicit(st template.Statement) (landlord.Step, error) {
	step := StepOf(st)
	effect := st.Effect()
	step.Origin = registry.OriginScript
	step.Data = !st.ChangesStructure()
	step.Destructive, step.Reversible, step.Lost = effect.Lost != "", effect.Reversible, effect.Lost
	if !step.Destructive {
		return step, nil
	}
	step.Reason = "Lost: " + effect.Lost + "."
	if !o.Retire {
		return step, nil
	}
	return step, landlord.NewProblem(landlord.FieldTemplate, "Migration script destroys data",
		fmt.Sprintf("%s:%d:%d: %s", st.File, st.Line, st.Column, landlord.Shorten(st.SQL)), "Lost: "+effect.Lost+".",
		"What a script drops cannot be set aside. Leave the dropping to the comparison of the two versions, which sets aside what goes; or set `destructive_mode = \"drop\"` and `allow_destructive = true` to destroy it.")
}

// TrialError is a statement of a computed migration that failed on the empty
// Twin of the tenant.
type TrialError struct {
	Step landlord.Step
	Err  error
}

// failed is the error of a step that failed on the twin. A Problem is no refusal
// of the server, and stays what it is.
func (t *Twin) failed(step landlord.Step, err error) error {
	var p *landlord.Problem
	if errors.As(err, &p) {
		return err
	}
	return &TrialError{Step: step, Err: render.WithoutName(err, t.Name)}
}

// refusedStatement is failed for a statement as a user wrote it, one of several.
func (t *Twin) refusedStatement(st template.Statement, number, total int, err error) error {
	var p *landlord.Problem
	if errors.As(err, &p) {
		return err
	}
	return &landlord.StatementError{Statement: st, Number: number, Total: total, Err: render.WithoutName(err, t.Name)}
}

// Error returns the statement and the server's words.
func (e *TrialError) Error() string {
	return fmt.Sprintf("trying `%s`: %v", landlord.Shorten(e.Step.SQL), e.Err)
}

// Unwrap returns the server's error.
func (e *TrialError) Unwrap() error { return e.Err }

// Twin is a scratch database with the schema of a tenant and no rows.
type Twin struct {
	*render.Scratch
	e     *Planner
	srv   *registry.Server
	info  mysql.Info
	Order Order

	carried map[string]carried // by object, as steps name it
}

// OpenTwin builds the schema of a tenant in a scratch database.
func (p *Planner) OpenTwin(ctx context.Context, srv *registry.Server, info mysql.Info, live *estate.Rendering) (*Twin, error) {
	s, err := p.Renderer.OpenScratch(ctx, srv)
	if err != nil {
		return nil, err
	}
	t := &Twin{Scratch: s, e: p, srv: srv, info: info}
	if err := t.build(ctx, live); err != nil {
		t.Close(ctx)
		return nil, err
	}
	return t, nil
}

func (t *Twin) build(ctx context.Context, live *estate.Rendering) error {
	if err := t.copySchema(ctx, live.Schema); err != nil {
		return err
	}
	f, err := t.e.Estate.LiveFingerprint(ctx, t.srv, t.Session, t.Name)
	if err != nil || f.Whole == live.Fingerprint.Whole {
		return err
	}
	if rest := t.carryRest(live, f); len(rest) > 0 {
		return &TwinError{Differences: rest}
	}
	return nil
}

// construct builds a schema on the twin, which is empty.
func (t *Twin) construct(ctx context.Context, schema ddl.Schema) error {
	empty := ddl.Schema{CharacterSet: landlord.TenantCharacterSet, Collation: landlord.TenantCollation}
	creation, err := diff.Diff(empty, schema, registry.Dialect(t.info), diff.Options{})
	if err != nil {
		return fmt.Errorf("building a twin of the tenant: %w", err)
	}
	for _, c := range creation.Changes {
		if err := t.exec(ctx, ChangeStep(c)); err != nil {
			return t.failed(ChangeStep(c), err)
		}
	}
	return nil
}

// TwinError says that the server does not build what it printed.
type TwinError struct{ Differences []landlord.Difference }

// Error names the objects.
func (e *TwinError) Error() string {
	return "the schema that the server printed does not come out the same in a scratch database: " + landlord.ListDifferences(e.Differences)
}

// exec runs a step, or what stands for it on a twin, under its session
// settings.
func (t *Twin) exec(ctx context.Context, step landlord.Step) error {
	if step.Trial == NoTrial || t.passes(step) {
		return nil
	}
	if step.Trial != "" {
		step.SQL = step.Trial
	}
	// A twin has no rows that others could refer to.
	if err := t.CheckForeignKeys(ctx, !step.Data); err != nil {
		return err
	}
	x, err := t.For(ctx, step.SQL)
	if err != nil {
		return err
	}
	if err := t.Settle(ctx, RunStep(ctx, x, step)); err != nil {
		return err
	}
	delete(t.carried, step.Object)
	return nil
}

// Try runs a step and records the state after it.
func (t *Twin) Try(ctx context.Context, m *Migration, step landlord.Step) error {
	if err := t.exec(ctx, step); err != nil {
		return err
	}
	state := m.States[len(m.States)-1]
	if !step.Data {
		f, err := t.fingerprint(ctx)
		if err != nil {
			return err
		}
		state = f.Whole
	}
	m.Steps = append(m.Steps, step)
	m.States = append(m.States, state)
	return nil
}

// algorithms are the ways to run an ALTER, the cheapest first.
func algorithms() []struct{ clause, algorithm, locks string } {
	return []struct{ clause, algorithm, locks string }{
		{", ALGORITHM=INSTANT", landlord.AlgorithmInstant, landlord.LocksNone},
		{", ALGORITHM=INPLACE, LOCK=NONE", landlord.AlgorithmInplace, landlord.LocksNone},
		{", ALGORITHM=INPLACE, LOCK=SHARED", landlord.AlgorithmInplace, landlord.LocksWrites},
		{", ALGORITHM=COPY", landlord.AlgorithmCopy, landlord.LocksWrites},
	}
}

// tryChange runs a change of the diff; for an ALTER of a table that exists it
// asks the server for the cheapest algorithm that it takes, and fixes it in the
// statement, so that the tenant's server cannot choose a dearer one.
func (t *Twin) tryChange(ctx context.Context, m *Migration, c diff.Change) error {
	step := ChangeStep(c)
	step.Level, step.Origin = t.Order.origins.of(c)
	if c.Operation == diff.OpDropTable && t.Order.retires(takes(c)...) {
		return t.retireTable(ctx, m, step)
	}
	if c.Destructive && len(lostColumns(c)) > 0 && t.Order.retires(takes(c)...) {
		aside := "; the values are set aside by the steps before"
		if step.Reversible = returnsByItself(c); !step.Reversible {
			aside += ", and do not come back by themselves"
		}
		step.Reason = strings.TrimSpace("Goes: " + c.Lost + aside + ". " + c.Reason)
	}
	if !c.AskAlgorithm {
		return t.Try(ctx, m, step)
	}
	for _, a := range algorithms() {
		with := step
		with.SQL, with.Algorithm, with.Locks = step.SQL+a.clause, a.algorithm, a.locks
		with.Probes = probesFor(step.Probes, a.algorithm)
		err := t.Try(ctx, m, with)
		switch {
		case err == nil:
			return nil
		case mysql.IsAlgorithmUnsupported(err):
			continue
		case mysql.IsSyntax(err): // partitioning takes no such clause
			step.Algorithm, step.Locks, step.Probes = landlord.AlgorithmCopy, landlord.LocksWrites, probesFor(step.Probes, landlord.AlgorithmCopy)
			return t.Try(ctx, m, step)
		}
		return err
	}
	step.Algorithm, step.Locks, step.Probes = landlord.AlgorithmCopy, landlord.LocksAll, probesFor(step.Probes, landlord.AlgorithmCopy)
	return t.Try(ctx, m, step)
}

func probesFor(all []diff.Probe, algorithm string) []diff.Probe {
	return slices.DeleteFunc(slices.Clone(all), func(p diff.Probe) bool { return !p.Concerns(algorithm) })
}

// prove compares the twin with what was wanted and keeps what it has become.
func (t *Twin) prove(ctx context.Context, m *Migration, merged ddl.Schema, s estate.Sides) error {
	if err := t.checkViews(ctx); err != nil {
		return err
	}
	final, err := t.Read(ctx)
	if err != nil {
		return err
	}
	rest, err := diff.Diff(final.Schema, merged, registry.Dialect(t.info), diff.Options{})
	if err != nil {
		return fmt.Errorf("comparing the result with what is wanted: %w", err)
	}
	if !rest.Empty() {
		return &RestError{Statements: rest.Statements(), Object: rest.Changes[0].Object}
	}
	m.Final = final
	m.Base = t.recordedAfter(ctx, s, final, t.Order.kept)
	return nil
}

// checkViews asks the server whether it can still open the views that the tenant
// has beyond its template. CHECK TABLE resolves a view and runs nothing of it.
func (t *Twin) checkViews(ctx context.Context) error {
	for _, name := range t.Order.own {
		if c, ok := t.carried[string(ddl.KindView)+" "+mysql.Quote(name)]; ok && !c.there {
			continue // which was broken before
		}
		rows, err := t.Session.Query(ctx, "CHECK TABLE "+mysql.Quote(name)+" FAST")
		if err != nil {
			return err
		}
		broken := ""
		for rows.Next() {
			var table, op, kind, text string
			if err := rows.Scan(&table, &op, &kind, &text); err != nil {
				rows.Close()
				return err
			}
			if strings.EqualFold(kind, "error") && broken == "" {
				broken = text
			}
		}
		if err := rows.Err(); err != nil {
			return err
		}
		rows.Close()
		if broken != "" {
			return &BrokenViewError{View: name, Message: strings.ReplaceAll(broken, t.Name+".", "")}
		}
	}
	return nil
}

// BrokenViewError is a view of the tenant that the server cannot open after the
// migration.
type BrokenViewError struct{ View, Message string }

// Error returns the view and the server's words.
func (e *BrokenViewError) Error() string { return fmt.Sprintf("view `%s`: %s", e.View, e.Message) }

// RestError says that a computed migration does not reach its goal: a fault of
// this provider.
type RestError struct {
	Statements []string
	Object     string // kind and name of the first thing that differs
}

// Error lists what is left.
func (e *RestError) Error() string {
	return "after the migration these statements would still be needed: " + strings.Join(e.Statements, "; ")
}

// ChangeStep shows a change of a diff as a step.
func ChangeStep(c diff.Change) landlord.Step {
	kind, name, _ := strings.Cut(c.Object, " ")
	object := kind
	if name != "" {
		object += " " + mysql.Quote(name)
	}
	table := c.Table
	if table == "" && c.Kind == ddl.KindTable {
		table = name
	}
	reason := c.Reason
	if c.Destructive {
		reason = strings.TrimSpace("Lost: " + c.Lost + ". " + reason)
	}
	step := landlord.Step{
		SQL: c.SQL, Object: object, Operation: string(c.Operation), Destructive: c.Destructive, Reversible: c.Reversible, Reason: reason,
		Data: c.Operation == diff.OpBackfill, Settings: c.Settings, Probes: c.Probes, Lost: c.Lost, Table: table,
	}
	if c.Destructive {
		step.Losses, step.Takes = c.Losses(), takes(c)
	}
	return step
}
