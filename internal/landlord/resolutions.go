package landlord

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

// allDecisions returns the decisions of all tenants. One statement reads them,
// once in a run.
func (e *Engine) allDecisions(ctx context.Context) (*decisions, error) {
	s := e.estate
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.decisions == nil {
		all, err := e.registry.readDecisions(ctx, e.main())
		if err != nil {
			return nil, unreachable(e.main(), "reading earlier decisions", err)
		}
		s.decisions = all
	}
	return s.decisions, nil
}

func (e *Engine) decisionsOf(ctx context.Context, tenant uint64) (tenantDecisions, error) {
	all, err := e.allDecisions(ctx)
	if err != nil {
		return nil, err
	}
	return all.byTenant[tenant], nil
}

// propose adds to open conflicts what another tenant with the same one decided.
// The list is changed in place: it is the caller's copy.
func (e *Engine) propose(ctx context.Context, list []Conflict) error {
	if !slices.ContainsFunc(list, func(c Conflict) bool { return c.Open() }) {
		return nil
	}
	all, err := e.allDecisions(ctx)
	if err != nil {
		return err
	}
	for i := range list {
		if d, ok := all.byClash[list[i].Clash]; ok && list[i].Open() {
			list[i].Proposal = d.hcl()
		}
	}
	return nil
}

// checkResolutions refuses decisions on what neither the tenant nor the template
// has or had: a typing error that would decide nothing.
func (c *change) checkResolutions(m *meeting, out outcome) error {
	for _, r := range out.unused {
		known := false
		for _, s := range []ddl.Schema{m.old, m.next, m.before, m.live} {
			known = known || slices.ContainsFunc(s.Objects, func(o ddl.Object) bool { return key(o) == r.Object })
		}
		if !known {
			return problem(FieldResolutions, "Resolution names an unknown object",
				fmt.Sprintf("Tenant `%s` has a decision on `%s`, but neither its database nor its template has that object.", c.spec.Slug, r.Key()),
				"Correct the key of `resolutions`: kind and name as in the warning about the conflict, for example `table users column phone` or `view report`.")
		}
	}
	return nil
}

// unusedNote says which decisions decide nothing, apart from those that did
// their work before.
func (m *migration) unusedNote(slug string, earlier tenantDecisions) []Note {
	var keys []string
	for _, r := range m.unused {
		if !slices.ContainsFunc(earlier, func(d decided) bool { return d.Object == r.Object && (d.Element == r.Element || r.Element == "") }) {
			keys = append(keys, r.Key())
		}
	}
	if len(keys) == 0 {
		return nil
	}
	return []Note{{Severity: Warning, Field: FieldResolutions, Summary: "Resolution is not needed",
		Detail: fmt.Sprintf("Tenant `%s`: the update meets no conflict at %s, so there is nothing to decide there.", slug, quoted(keys))}}
}

// remake carries out the decisions that are statements: on a scratch database
// with what the update would otherwise make of the tenant. What they make of
// their object becomes the goal; nothing else may change.
func (c *change) remake(ctx context.Context, out outcome) (ddl.Schema, error) {
	if len(out.sql) == 0 {
		return out.goal, nil
	}
	goal := out.goal
	err := c.e.trial(ctx, c.srv, c.info, func(t *twin) error {
		made, err := t.make(ctx, goal)
		if err != nil {
			return err
		}
		for _, p := range sortedKeys(out.sql) {
			if err := c.runDecision(ctx, t, p, out.sql[p]); err != nil {
				return err
			}
		}
		after, err := dumpSchema(ctx, t.session, t.info, t.name)
		if err != nil {
			return err
		}
		if err := checkRemade(out.sql, ddl.Compare(made.schema, after, dialect(c.info))); err != nil {
			return err
		}
		goal = after
		return nil
	})
	return goal, err
}

func (c *change) runDecision(ctx context.Context, t *twin, p ddl.Place, text string) error {
	statements, err := decisionStatements(p, text, dialect(c.info))
	if err != nil {
		return err
	}
	for _, st := range statements {
		if err := t.exec(ctx, Step{SQL: st.SQL}); err != nil {
			return &Problem{Field: FieldResolutions, Summary: "Resolution does not run", Detail: []string{
				fmt.Sprintf("Trying the decision on `%s` in a scratch database, on top of what the template makes of it.", p), shorten(st.SQL),
				"Cause: " + withoutName(err, t.name).Error(), "Correct `sql`: it starts from the template's version, or from nothing where the template has none."}, Err: err}
		}
	}
	return nil
}

// decisionStatements reads the statements of a decision. They only say what the
// object is to become, so that those that change rows would change nothing.
func decisionStatements(p ddl.Place, text string, srv ddl.Server) ([]ddl.Statement, error) {
	refuse := func(cause string) error {
		return problem(FieldResolutions, "Resolution SQL cannot be used", fmt.Sprintf("The decision on `%s`.", p), sentence(cause),
			"Write `CREATE`, `ALTER` or `DROP` statements that make the object what it is to become.")
	}
	statements, faults := ddl.Parse(text, srv)
	for _, st := range statements {
		faults = append(faults, ddl.Guard(st, ddl.Rules{Layer: ddl.LayerMigration})...)
		if !slices.Contains([]string{"CREATE", "ALTER", "DROP"}, st.Verb) {
			return nil, refuse(fmt.Sprintf("%s: `%s` changes no structure", st.Position, st.Verb))
		}
	}
	for _, f := range faults {
		if f.Severity == ddl.SeverityError {
			return nil, refuse(fmt.Sprintf("%s: %s", f.Position, f.Detail))
		}
	}
	if len(statements) == 0 {
		return nil, refuse("it holds no statement")
	}
	return statements, nil
}

// checkRemade refuses decisions whose statements change what they are not about.
func checkRemade(decisions map[ddl.Place]string, changes []ddl.ElementChange) error {
	mine := map[string]bool{}
	for p := range decisions {
		mine[p.Object] = true
	}
	var others []string
	for _, c := range changes {
		if !mine[c.Object] && !slices.Contains(others, c.Object) {
			others = append(others, c.Object)
		}
	}
	if len(others) == 0 {
		return nil
	}
	var keys []string
	for _, p := range sortedKeys(decisions) {
		keys = append(keys, p.String())
	}
	return problem(FieldResolutions, "Resolution changes another object",
		fmt.Sprintf("The decisions on %s also change %s.", quoted(keys), quoted(others)),
		"What a tenant has in addition is a `landlord_tenant_customization`. Let `sql` change nothing but the object of its key.")
}

// conflictNote says why a tenant stays where it is, and how to go on.
func conflictNote(slug string, row *tenantRow, want string, list []Conflict) Note {
	at := "as it is"
	if row != nil && row.applied != "" {
		at = "at `" + row.appliedTemplate() + "`"
	}
	lines := []string{fmt.Sprintf("Tenant `%s` stays %s: the update to `%s` meets what the tenant has of its own.", slug, at, want)}
	undecidable := false
	for i := range list {
		c := &list[i]
		if !c.Open() {
			continue
		}
		lines = append(lines, "- "+c.sentence())
		undecidable = undecidable || c.fixed
	}
	lines = append(lines, "", "Decide with `resolutions` of the tenant, for example:")
	for i := range list {
		c := &list[i]
		switch {
		case !c.Open() || c.fixed:
		case c.Proposal != "":
			lines = append(lines, "  "+c.Proposal+" # as another tenant did")
		default:
			lines = append(lines, "  "+Resolution{Object: c.Object, Element: c.Element, Decision: KeepTenant}.hcl()+` # or "take_template", or "sql"`)
		}
	}
	if undecidable && !slices.ContainsFunc(list, func(c Conflict) bool { return c.Open() && !c.fixed }) {
		lines = lines[:len(lines)-1]
		lines = append(lines, "No decision settles this: change or remove the customization, or repair the drift.")
	}
	return Note{Severity: Warning, Field: FieldTemplate, Summary: "Template update conflicts with a tenant", Detail: strings.Join(lines, "\n")}
}
