package landlord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
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
	decisions      []merge.Remembered
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
	return e.migrations.get(class, func() (*migration, error) { return c.compute(context.WithoutCancel(ctx)) })
}

// class names everything that the migration follows from.
func (c *change) class() (string, error) {
	recorded := tenantRow{}
	if c.row != nil {
		recorded = *c.row
	}
	owned := map[string][]merge.OwnedElement{}
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

// compute makes the migration, or finds out that somebody has to decide first.
// Which views of the tenant break, the server says one at a time, of a migration
// that was tried: each is told to the comparison, which starts anew.
func (c *change) compute(ctx context.Context) (*migration, error) {
	s, scripts, err := c.sides(ctx)
	if err != nil {
		return nil, err
	}
	in := c.input(s)
	refused, err := c.step(ctx, &in, scripts.before)
	if err != nil {
		return nil, migrationProblem(c.want, err)
	}
	if refused != nil {
		return c.conflicted(s, []merge.Conflict{stepConflict(merge.Compare(in), refused)}, nil), nil
	}
	in.Broken = map[string]string{}
	for {
		made, err := c.attempt(ctx, s, scripts, in)
		var view *BrokenViewError
		if !errors.As(err, &view) || in.Broken[view.View] != "" {
			return made, err
		}
		in.Broken[view.View] = view.Message
	}
}

// attempt makes the migration, with what is known of views that break.
func (c *change) attempt(ctx context.Context, s sides, scripts script, in merge.Input) (*migration, error) {
	m := merge.Compare(in)
	out := m.Merge()
	if err := c.checkResolutions(m, out.Unused); err != nil {
		return nil, err
	}
	if merge.VerdictOf(out.Conflicts) == merge.VerdictMerge {
		return c.conflicted(s, out.Conflicts, out.Unused), nil
	}
	made, err := c.migration(ctx, s, scripts, in, out)
	if refusal := refusalConflict(m, err); refusal != nil {
		return c.conflicted(s, append([]merge.Conflict{*refusal}, out.Conflicts...), out.Unused), nil
	}
	return made, err
}

// stepConflict is the conflict of an explicit step that fails on the tenant and
// not on the template.
func stepConflict(m *merge.Comparison, e *StatementError) merge.Conflict {
	object := string(e.Statement.Kind) + " " + e.Statement.Object
	if e.Statement.Kind == "" {
		object = string(ddl.KindTable) + " " + e.Statement.Table
	}
	return m.InTheWay(object, fmt.Sprintf("a step of `%s` fails on this tenant: %s: %s", e.Statement.File, shorten(e.Statement.SQL), e.Err.Error()))
}

// refusalConflict is the conflict of a migration that the server refuses, or does
// not take to its goal, with a tenant that has things of its own; nil when the
// error is none of that.
func refusalConflict(m *merge.Comparison, err error) *merge.Conflict {
	var trial *TrialError
	var rest *RestError
	var conflict merge.Conflict
	switch {
	case err == nil || !m.HasOwn():
		return nil
	case errors.As(err, &trial):
		conflict = m.InTheWay(strings.ReplaceAll(trial.Step.Object, "`", ""), "the server refuses a step of the update: "+shorten(trial.Step.SQL)+": "+trial.Err.Error())
	case errors.As(err, &rest):
		conflict = m.InTheWay(rest.Object, "the server makes something else of it; it would still need: "+shorten(strings.Join(rest.Statements, "; ")))
	default:
		return nil
	}
	return &conflict
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

// input puts together what is compared: the schemas of the template and the
// tenant, decisions and customizations.
func (c *change) input(s sides) merge.Input {
	srv, customizations := dialect(c.info), forMerge(c.customizations)
	in := merge.Input{Server: srv, Adoption: s.old == nil, Next: s.new.schema, Before: s.live.schema,
		Customizations: customizations, Resolutions: c.spec.Resolutions, Decisions: c.decisions}
	if !in.Adoption {
		in.Old = s.old.schema
	}
	switch {
	case c.spec.DriftPolicy == DriftRepair && s.base != nil:
		in.Before = merge.Take(s.base.schema, s.live.schema, srv, merge.InterruptedPlaces(customizations)...)
	case !in.Adoption:
		in.Drift = slices.DeleteFunc(s.drift(srv), func(d diff.ElementChange) bool { return merge.Interrupted(customizations, d, false) })
	}
	in.Live = in.Before
	return in
}

// step puts the template in force and the tenant behind the explicit steps. A
// statement that works on the template and not on the tenant is returned: what
// the tenant has of its own is in its way.
func (c *change) step(ctx context.Context, in *merge.Input, steps []template.Statement) (refused *StatementError, err error) {
	if len(steps) == 0 {
		return nil, nil
	}
	if !in.Adoption {
		old, err := c.after(ctx, in.Old, steps)
		if err != nil {
			return nil, err
		}
		in.Stepped = map[string]bool{}
		for _, change := range diff.Compare(in.Old, old, in.Server) {
			in.Stepped[change.Object] = true
		}
		in.Old = old
	}
	live, err := c.after(ctx, in.Before, steps)
	if errors.As(err, &refused) && !in.Adoption {
		return refused, nil
	}
	if err != nil {
		return nil, err
	}
	in.Live = live
	return nil, nil
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

// conflicted is what is planned for a tenant that stays as it is, because
// somebody has to decide first.
func (c *change) conflicted(s sides, conflicts []merge.Conflict, unused []merge.Resolution) *migration {
	return &migration{conflicts: conflicts, unused: unused, verdict: merge.VerdictMerge, states: []string{c.live.Whole}, final: s.live, base: s.live}
}

// migration makes the migration of an update in which nobody has to decide.
func (c *change) migration(ctx context.Context, s sides, scripts script, in merge.Input, out merge.Outcome) (*migration, error) {
	goal, err := c.rewrite(ctx, out)
	if err != nil {
		return nil, err
	}
	o := order{sides: s, merged: goal, scripts: scripts, kept: out.Kept, origins: c.e.origins(ctx, c.want, c.row, c.info),
		retire: c.spec.DestructiveMode != Drop, retired: slices.Clone(c.aside)}
	c.ownOrigins(o.origins, s)
	for _, d := range diff.Compare(in.Next, goal, in.Server) {
		if name, isView := strings.CutPrefix(d.Object, string(ddl.KindView)+" "); isView && d.Kind != diff.ChangeMissing {
			o.own = append(o.own, name)
		}
	}
	made, err := c.e.makeMigration(ctx, c.srv, c.info, o)
	if err != nil {
		return nil, migrationProblem(c.want, err)
	}
	made.conflicts, made.unused, made.verdict, made.decided = out.Conflicts, out.Unused, merge.VerdictOf(out.Conflicts), out.Decisions
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
		if d.Element == "" && d.Kind == diff.ChangeExtra {
			add(d.Object, "drift")
		}
	}
}

// ownedAfter says what the customizations of the tenant own after a migration.
func (c *change) ownedAfter(m *migration) map[string][]merge.OwnedElement {
	if len(c.customizations) == 0 {
		return nil
	}
	rewritten := map[ddl.Place]bool{}
	for _, d := range m.decided {
		rewritten[d.Place()] = d.Decision == merge.DecideSQL
	}
	o := merge.NewOwnership(c.want.rendered.schema, m.before, m.base.schema, rewritten, dialect(c.info))
	out := map[string][]merge.OwnedElement{}
	for _, x := range c.customizations {
		out[x.name] = o.After(x.objects)
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
			"Nothing was run. Drop or correct the object that the server refuses, and plan again."}, Err: err}
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
