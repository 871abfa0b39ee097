package landlord

import (
	"context"
	"fmt"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// migration is what turns one schema into another, for all tenants that have
// the one and want the other. It was tried, statement by statement, on an
// empty twin in a scratch database.
type migration struct {
	steps     []Step
	states    []string                        // fingerprints: before the first step, then after each
	start     *rendering                      // the schema that it begins with
	final     *rendering                      // the schema afterwards
	base      *rendering                      // what is recorded as true afterwards: final without drift
	conflicts []merge.Conflict                // where the update meets what the tenant has of its own
	unused    []merge.Resolution              // decisions of the configuration on what is no conflict
	decided   []merge.Remembered              // decisions that it follows
	verdict   string                          // auto, review or merge
	before    ddl.Schema                      // what was recorded of the tenants before it
	owned     map[string][]merge.OwnedElement // by the customizations of the tenant afterwards
	notes     []Note                          // that are the same for all tenants of the class
	digest    string
}

// script is an explicit part of a migration: steps of a template's migration
// files, which run before the difference is computed, or seeds of new modules,
// which run last.
type script struct {
	before, after []template.Statement
}

// order is everything that a migration is made from.
type order struct {
	sides
	merged  ddl.Schema
	own     []string    // views that the tenant has beyond its template
	kept    []ddl.Place // drift that somebody decided for
	scripts script
	origins origins
	retire  bool      // set data aside instead of destroying it
	retired []retired // what former migrations of the tenant set aside
}

// makeMigration computes a migration and tries it on an empty twin.
func (e *Engine) makeMigration(ctx context.Context, srv *server, info mysql.Info, o order) (*migration, error) {
	s, scripts, merged := o.sides, o.scripts, o.merged
	twin, err := e.openTwin(ctx, srv, info, s.live)
	if err != nil {
		return nil, err
	}
	defer twin.close(ctx)
	twin.order = o
	m := &migration{states: []string{s.live.fingerprint.Whole}, start: s.live}
	current, err := twin.withTablesBack(ctx, m, s.live.schema, merged)
	if err != nil {
		return nil, err
	}
	if len(scripts.before) > 0 {
		for _, st := range scripts.before {
			step, err := o.explicit(st)
			if err != nil {
				return nil, err
			}
			if err := twin.try(ctx, m, step); err != nil {
				return nil, &StatementError{Statement: st, Number: len(m.steps) + 1, Total: len(scripts.before), Err: withoutName(err, twin.name)}
			}
		}
		if current, err = dumpSchema(ctx, twin.session, info, twin.name); err != nil {
			return nil, err
		}
	}
	if err := twin.follow(ctx, m, current, merged); err != nil {
		return nil, err
	}
	for _, st := range scripts.after {
		if err := twin.try(ctx, m, stepOf(st)); err != nil {
			return nil, &StatementError{Statement: st, Number: len(m.steps) + 1, Total: len(scripts.after), Err: withoutName(err, twin.name)}
		}
	}
	return m, twin.prove(ctx, m, merged, s)
}

// withTablesBack brings tables back that were set aside and are wanted again, and
// returns the schema then.
func (t *twin) withTablesBack(ctx context.Context, m *migration, from, to ddl.Schema) (ddl.Schema, error) {
	back, err := t.bringTablesBack(ctx, m, from, to)
	if err != nil || !back {
		return from, err
	}
	return dumpSchema(ctx, t.session, t.info, t.name)
}

// follow tries each change between two schemas, with what keeps its data.
func (t *twin) follow(ctx context.Context, m *migration, from, to ddl.Schema) error {
	diff, err := diff.Diff(from, to, dialect(t.info), diff.Options{})
	if err != nil {
		return fmt.Errorf("comparing the schemas: %w", err)
	}
	for _, c := range diff.Changes {
		if err := t.setAside(ctx, m, c); err != nil {
			return err
		}
		if err := t.tryChange(ctx, m, c); err != nil {
			return &TrialError{Step: changeStep(c), Err: withoutName(err, t.name)}
		}
		if err := t.bringColumnsBack(ctx, m, c); err != nil {
			return err
		}
	}
	return nil
}

// explicit shows a statement of a migration script as a step. What it loses is
// lost: only the comparison knows how to set data aside, so in the mode that
// promises to keep data such a statement is refused.
func (o *order) explicit(st template.Statement) (Step, error) {
	step := stepOf(st)
	effect := st.Effect()
	step.Origin = "migration script"
	step.data = st.Verb != "CREATE" && st.Verb != "ALTER" && st.Verb != "DROP" && st.Verb != "RENAME"
	step.Destructive, step.Reversible, step.lost = effect.Lost != "", effect.Reversible, effect.Lost
	if !step.Destructive {
		return step, nil
	}
	step.Reason = "Lost: " + effect.Lost + "."
	if !o.retire {
		return step, nil
	}
	return step, problem(FieldTemplate, "Migration script destroys data",
		fmt.Sprintf("%s:%d:%d: %s", st.File, st.Line, st.Column, shorten(st.SQL)), "Lost: "+effect.Lost+".",
		"What a script drops cannot be set aside. Leave the dropping to the comparison of the two versions, which sets aside what goes; or set `destructive_mode = \"drop\"` and `allow_destructive = true` to destroy it.")
}

// TrialError is a statement of a computed migration that failed on the empty
// twin of the tenant.
type TrialError struct {
	Step Step
	Err  error
}

// Error returns the statement and the server's words.
func (e *TrialError) Error() string {
	return fmt.Sprintf("trying `%s`: %v", shorten(e.Step.SQL), e.Err)
}

// Unwrap returns the server's error.
func (e *TrialError) Unwrap() error { return e.Err }

// twin is a scratch database with the schema of a tenant and no rows.
type twin struct {
	*scratch
	e     *Engine
	srv   *server
	info  mysql.Info
	order order
}

// openTwin builds the schema of a tenant in a scratch database.
func (e *Engine) openTwin(ctx context.Context, srv *server, info mysql.Info, live *rendering) (*twin, error) {
	s, err := e.openScratch(ctx, srv)
	if err != nil {
		return nil, err
	}
	t := &twin{scratch: s, e: e, srv: srv, info: info}
	if err := t.build(ctx, live); err != nil {
		t.close(ctx)
		return nil, err
	}
	return t, nil
}

func (t *twin) build(ctx context.Context, live *rendering) error {
	if err := t.construct(ctx, live.schema); err != nil {
		return err
	}
	f, err := t.e.liveFingerprint(ctx, t.srv, t.session, t.name)
	if err != nil {
		return err
	}
	if f.Whole != live.fingerprint.Whole {
		return &TwinError{Differences: differences(live.fingerprint.Objects, f.Objects)}
	}
	return nil
}

// construct builds a schema on the twin, which is empty.
func (t *twin) construct(ctx context.Context, schema ddl.Schema) error {
	empty := ddl.Schema{CharacterSet: tenantCharacterSet, Collation: tenantCollation}
	creation, err := diff.Diff(empty, schema, dialect(t.info), diff.Options{})
	if err != nil {
		return fmt.Errorf("building a twin of the tenant: %w", err)
	}
	for _, c := range creation.Changes {
		if err := t.exec(ctx, changeStep(c)); err != nil {
			return &TrialError{Step: changeStep(c), Err: withoutName(err, t.name)}
		}
	}
	return nil
}

// TwinError says that the server does not build what it printed.
type TwinError struct{ Differences []Difference }

// Error names the objects.
func (e *TwinError) Error() string {
	return "the schema that the server printed does not come out the same in a scratch database: " + listDifferences(e.Differences)
}

// exec runs a step, or what stands for it on a twin, under its session
// settings.
func (t *twin) exec(ctx context.Context, step Step) error {
	if step.trial == noTrial {
		return nil
	}
	if step.trial != "" {
		step.SQL = step.trial
	}
	// A twin has no rows that others could refer to.
	if err := t.session.CheckForeignKeys(ctx, !step.data); err != nil {
		return err
	}
	return runStep(ctx, t.session, step)
}

// try runs a step and records the state after it.
func (t *twin) try(ctx context.Context, m *migration, step Step) error {
	if err := t.exec(ctx, step); err != nil {
		return err
	}
	state := m.states[len(m.states)-1]
	if !step.data {
		f, err := t.e.liveFingerprint(ctx, t.srv, t.session, t.name)
		if err != nil {
			return err
		}
		state = f.Whole
	}
	m.steps = append(m.steps, step)
	m.states = append(m.states, state)
	return nil
}

// algorithms are the ways to run an ALTER, the cheapest first.
func algorithms() []struct{ clause, algorithm, locks string } {
	return []struct{ clause, algorithm, locks string }{
		{", ALGORITHM=INSTANT", "instant", "none"},
		{", ALGORITHM=INPLACE, LOCK=NONE", "inplace", "none"},
		{", ALGORITHM=INPLACE, LOCK=SHARED", "inplace", "writes"},
		{", ALGORITHM=COPY", "copy", "writes"},
	}
}

// tryChange runs a change of the diff; for an ALTER of a table that exists it
// asks the server for the cheapest algorithm that it takes, and fixes it in the
// statement, so that the tenant's server cannot choose a dearer one.
func (t *twin) tryChange(ctx context.Context, m *migration, c diff.Change) error {
	step := changeStep(c)
	step.Level, step.Origin = t.order.origins.of(c)
	if t.order.retire && c.Operation == diff.OpDropTable {
		return t.retireTable(ctx, m, step)
	}
	if t.order.retire && c.Destructive && len(lostColumns(c)) > 0 {
		step.Reason = strings.TrimSpace("Goes: " + c.Lost + "; the values are set aside by the steps before. " + c.Reason)
		step.Reversible = true
	}
	if !c.AskAlgorithm {
		return t.try(ctx, m, step)
	}
	for _, a := range algorithms() {
		with := step
		with.SQL, with.Algorithm, with.Locks = step.SQL+a.clause, a.algorithm, a.locks
		err := t.try(ctx, m, with)
		switch {
		case err == nil:
			return nil
		case mysql.IsAlgorithmUnsupported(err):
			continue
		case mysql.IsSyntax(err): // partitioning takes no such clause
			step.Algorithm, step.Locks = "copy", "writes"
			return t.try(ctx, m, step)
		}
		return err
	}
	step.Algorithm, step.Locks = "copy", "all"
	return t.try(ctx, m, step)
}

// prove compares the twin with what was wanted and keeps what it has become.
func (t *twin) prove(ctx context.Context, m *migration, merged ddl.Schema, s sides) error {
	if err := t.checkViews(ctx); err != nil {
		return err
	}
	final, err := t.read(ctx)
	if err != nil {
		return err
	}
	rest, err := diff.Diff(final.schema, merged, dialect(t.info), diff.Options{})
	if err != nil {
		return fmt.Errorf("comparing the result with what is wanted: %w", err)
	}
	if !rest.Empty() {
		return &RestError{Statements: rest.Statements(), Object: rest.Changes[0].Object}
	}
	m.final = final
	m.base = t.recordedAfter(ctx, s, final, t.order.kept)
	return nil
}

// checkViews asks the server whether it can still open the views that the tenant
// has beyond its template. CHECK TABLE resolves a view and runs nothing of it.
func (t *twin) checkViews(ctx context.Context) error {
	for _, name := range t.order.own {
		rows, err := t.session.Query(ctx, "CHECK TABLE "+mysql.Quote(name)+" FAST")
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
			return &BrokenViewError{View: name, Message: strings.ReplaceAll(broken, t.name+".", "")}
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

// changeStep shows a change of a diff as a step.
func changeStep(c diff.Change) Step {
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
	return Step{
		SQL: c.SQL, Object: object, Operation: string(c.Operation), Destructive: c.Destructive, Reversible: c.Reversible, Reason: reason,
		data: c.Operation == diff.OpBackfill, settings: c.Settings, probes: c.Probes, lost: c.Lost, table: table,
	}
}
