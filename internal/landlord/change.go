package landlord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// change is the question what it takes to bring a tenant to its template.
type change struct {
	e    *Engine
	srv  *server
	info mysql.Info
	spec TenantSpec
	want *target
	row  *tenantRow // nil for a database that is being adopted
	live *ddl.Fingerprint
	from template.ID // in force; the zero value for none

	aside          []retired
	customizations []customization
	decisions      tenantDecisions
}

// change returns the migration of a tenant, computed once for all tenants with
// the same schemas.
func (e *Engine) change(ctx context.Context, srv *server, spec TenantSpec, want *target, row *tenantRow, live *ddl.Fingerprint) (*migration, error) {
	info, err := srv.Info(ctx)
	if err != nil {
		return nil, unreachable(srv, "planning a migration", err)
	}
	c := &change{e: e, srv: srv, info: info, spec: spec, want: want, row: row, live: live}
	if row != nil && row.applied != "" {
		c.from = template.ID{Name: row.template, Version: row.applied}
	}
	if c.aside, err = e.retiredOf(ctx, srv, row); err != nil {
		return nil, err
	}
	if row != nil {
		if c.customizations, err = e.customizationsOf(ctx, row.id); err != nil {
			return nil, err
		}
		if c.decisions, err = e.decisionsOf(ctx, row.id); err != nil {
			return nil, err
		}
	}
	class, err := c.class()
	if err != nil {
		return nil, err
	}
	return e.classes.migration(class, func() (*migration, error) { return c.compute(context.WithoutCancel(ctx)) })
}

// class names everything that the migration follows from.
func (c *change) class() (string, error) {
	recorded := tenantRow{}
	if c.row != nil {
		recorded = *c.row
	}
	owned := map[string][]OwnedElement{}
	for i := range c.customizations {
		owned[c.customizations[i].name] = c.customizations[i].elements()
	}
	texts, err := json.Marshal([]any{c.aside, owned, c.decisions, c.spec.Resolutions})
	if err != nil {
		return "", err
	}
	return strings.Join([]string{c.srv.key, c.info.RenderKey(), c.live.Whole, c.from.String(), c.want.id.String(), c.want.composition.Digest,
		recorded.currentSchema, recorded.composition, recorded.running, fmt.Sprint(c.spec.DriftPolicy == DriftRepair, c.spec.DestructiveMode == Drop), string(texts)}, "\x00"), nil
}

// compute finds out where the update meets what the tenant has of its own, and
// makes the migration when nobody has to decide first.
func (c *change) compute(ctx context.Context) (*migration, error) {
	s, scripts, err := c.sides(ctx)
	if err != nil {
		return nil, err
	}
	broken := map[string]string{}
	for {
		m, refusal, err := c.meeting(ctx, s, scripts, broken)
		if err != nil {
			return nil, err
		}
		if refusal != nil {
			return c.stuck(s, outcome{conflicts: []Conflict{*refusal}}), nil
		}
		out := m.reconcile()
		if err := c.checkResolutions(m, out); err != nil {
			return nil, err
		}
		if verdictOf(out.conflicts) == VerdictMerge {
			return c.stuck(s, out), nil
		}
		made, err := c.migration(ctx, s, scripts, m, out)
		var view *BrokenViewError
		var trial *TrialError
		var rest *RestError
		switch {
		case errors.As(err, &view) && broken[view.View] == "":
			broken[view.View] = view.Message
		case errors.As(err, &trial) && m.hasOwn():
			out.conflicts = append([]Conflict{m.refused(trial)}, out.conflicts...)
			return c.stuck(s, out), nil
		case errors.As(err, &rest) && m.hasOwn():
			out.conflicts = append([]Conflict{m.inTheWay(rest.Object, "the server makes something else of it; it would still need: "+shorten(strings.Join(rest.Statements, "; ")))}, out.conflicts...)
			return c.stuck(s, out), nil
		default:
			return made, err
		}
	}
}

// sides collects the schemas, and the explicit steps between them.
func (c *change) sides(ctx context.Context) (sides, script, error) {
	s := sides{new: c.want.rendered}
	var err error
	if s.live, err = c.e.liveRendering(ctx, c.srv, c.info, c.e.databaseOf(c.spec, c.row), c.live); err != nil {
		return s, script{}, err
	}
	if s.old, s.base, err = c.e.recordedSides(ctx, c.srv, c.info, c.row); err != nil {
		return s, script{}, err
	}
	scripts, err := c.e.scripts(ctx, c.want, c.from, c.row, c.info)
	if err == nil && c.row != nil && c.row.running != "" {
		err = c.e.acceptOwn(ctx, c.srv, c.info, c.row, &s)
	}
	return s, scripts, err
}

// meeting puts the schemas together that are compared: those of the template
// and the tenant after the explicit steps. When these work on the template and
// not on the tenant, what the tenant has of its own is in their way: a conflict.
func (c *change) meeting(ctx context.Context, s sides, scripts script, broken map[string]string) (*meeting, *Conflict, error) {
	m := &meeting{srv: dialect(c.info), adoption: s.old == nil, next: s.new.schema, before: s.live.schema, broken: broken,
		customizations: c.customizations, decided: c.decisions.places(), resolutions: c.spec.Resolutions, remembered: c.decisions.byClash()}
	repair := c.spec.DriftPolicy == DriftRepair && s.base != nil
	switch {
	case repair:
		m.before = taken(s.base.schema, s.live.schema, m.srv, underwayPlaces(c.customizations)...)
	case !m.adoption:
		m.drift = slices.DeleteFunc(s.drift(m.srv), func(d ddl.ElementChange) bool { return underway(c.customizations, d, false) })
	}
	m.live = m.before
	if !m.adoption {
		m.old = s.old.schema
	}
	if len(scripts.before) == 0 {
		return m, nil, nil
	}
	if !m.adoption {
		old, err := c.after(ctx, m.old, scripts.before)
		if err != nil {
			return nil, nil, migrationProblem(c.want, err)
		}
		m.stepped = map[string]bool{}
		for _, change := range ddl.Compare(m.old, old, m.srv) {
			m.stepped[change.Object] = true
		}
		m.old = old
	}
	live, err := c.after(ctx, m.before, scripts.before)
	var failed *StatementError
	if errors.As(err, &failed) && !m.adoption {
		m.prepare()
		return nil, m.cannotStep(failed), nil
	}
	if err != nil {
		return nil, nil, migrationProblem(c.want, err)
	}
	m.live = live
	return m, nil, nil
}

// after returns what explicit steps make of a schema.
func (c *change) after(ctx context.Context, from ddl.Schema, steps []template.Statement) (ddl.Schema, error) {
	var to ddl.Schema
	err := c.e.trial(ctx, c.srv, c.info, func(t *twin) error {
		if err := t.construct(ctx, from); err != nil {
			return err
		}
		for i, st := range steps {
			if err := t.exec(ctx, stepOf(st)); err != nil {
				return &StatementError{Statement: st, Number: i + 1, Total: len(steps), Err: withoutName(err, t.name)}
			}
		}
		var err error
		to, err = dumpSchema(ctx, t.session, t.info, t.name)
		return err
	})
	return to, err
}

// stuck is what is planned for a tenant that stays as it is.
func (c *change) stuck(s sides, out outcome) *migration {
	return &migration{conflicts: out.conflicts, unused: out.unused, verdict: VerdictMerge, states: []string{c.live.Whole}, final: s.live, base: s.live}
}

// migration makes the migration of a settled meeting.
func (c *change) migration(ctx context.Context, s sides, scripts script, m *meeting, out outcome) (*migration, error) {
	goal, err := c.remake(ctx, out)
	if err != nil {
		return nil, err
	}
	o := order{sides: s, merged: goal, scripts: scripts, kept: out.kept, origins: c.e.origins(ctx, c.want, c.row, c.info),
		retire: c.spec.DestructiveMode != Drop, retired: slices.Clone(c.aside)}
	c.ownOrigins(o.origins, s)
	for _, d := range ddl.Compare(m.next, goal, m.srv) {
		if name, isView := strings.CutPrefix(d.Object, string(ddl.KindView)+" "); isView && d.Kind != ddl.ChangeMissing {
			o.own = append(o.own, name)
		}
	}
	made, err := c.e.makeMigration(ctx, c.srv, c.info, o)
	if err != nil {
		return nil, migrationProblem(c.want, err)
	}
	made.conflicts, made.unused, made.verdict = out.conflicts, out.unused, verdictOf(out.conflicts)
	made.decided = m.decisionsMade()
	if made.before = s.live.schema; s.base != nil {
		made.before = s.base.schema
	}
	made.owned = c.ownedAfter(made)
	made.digest = migrationDigest(made, c.want)
	return made, nil
}

// ownOrigins adds the objects that are the tenant's own: those of customizations
// and, when drift is repaired, those that somebody made by hand.
func (c *change) ownOrigins(to origins, s sides) {
	add := func(object, from string) {
		if _, ofTemplate := to[object]; !ofTemplate {
			to[object] = origin{level: 3, from: from}
		}
	}
	for i := range c.customizations {
		for _, o := range c.customizations[i].elements() {
			if o.Element == "" {
				add(o.Object, "customization `"+c.customizations[i].name+"`")
			}
		}
	}
	for _, d := range s.drift(dialect(c.info)) {
		if d.Element == "" && d.Kind == ddl.ChangeExtra {
			add(d.Object, "drift")
		}
	}
}

// ownedAfter says what the customizations of the tenant own after a migration.
func (c *change) ownedAfter(m *migration) map[string][]OwnedElement {
	if len(c.customizations) == 0 {
		return nil
	}
	remade := map[ddl.Place]bool{}
	for _, d := range m.decided {
		remade[d.place()] = d.Decision == DecideSQL
	}
	o := newOwnership(c.want.rendered.schema, m.before, m.base.schema, remade, dialect(c.info))
	out := map[string][]OwnedElement{}
	for _, x := range c.customizations {
		out[x.name] = o.all(x.objects)
	}
	return out
}

func migrationProblem(want *target, err error) error {
	var rest *RestError
	var trial *TrialError
	var twin *TwinError
	doing := fmt.Sprintf("Planning the migration to template `%s`.", want.id)
	switch {
	case errors.As(err, &rest):
		return &Problem{Field: FieldTemplate, Summary: "Migration does not reach its goal", Detail: []string{doing, sentence(rest.Error()),
			"Nothing was run. This is a fault of the provider: please report it with both versions of the template. An explicit step in `migrations/` helps until then."}, Err: err}
	case errors.As(err, &trial):
		return &Problem{Field: FieldTemplate, Summary: "Migration fails on an empty copy", Detail: []string{doing, shorten(trial.Step.SQL), "Cause: " + trial.Err.Error(),
			"Nothing was run. Reach the change in smaller versions, or with an explicit step in `migrations/`."}, Err: err}
	case errors.As(err, &twin):
		return &Problem{Field: FieldTemplate, Summary: "Tenant schema cannot be copied", Detail: []string{doing, sentence(twin.Error()),
			"Nothing was run."}, Err: err}
	}
	return statementProblem(FieldTemplate, strings.TrimSuffix(doing, "."), err)
}

// migrationDigest names what a migration does, from where, by which decisions,
// and where it ends. Whoever approves it approves all of that.
func migrationDigest(m *migration, want *target) string {
	parts := []string{"migrate", want.id.String(), want.composition.Digest, m.states[0], m.final.fingerprint.Whole}
	for _, s := range m.steps {
		parts = append(parts, s.SQL)
	}
	for _, d := range m.decided {
		parts = append(parts, d.Clash, string(d.Decision), d.SQL)
	}
	return digest(parts...)
}
