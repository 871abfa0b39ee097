package migrate

import (
	"context"
	"encoding/json"
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

// change is the question what it takes to bring a tenant to its template.
type change struct {
	e    *Planner
	srv  *registry.Server
	info mysql.Info
	spec landlord.TenantSpec
	want *estate.Target
	row  *registry.TenantRow // nil for a database that is being adopted
	live *ddl.Fingerprint
	from template.ID // in force; the zero value for none

	aside          []landlord.Retired
	customizations []registry.Customization
	decisions      []merge.Remembered

	scripts script         // that the tenant has not seen
	past    *registry.Past // nil where nothing hangs on it
	doubts  []string       // reasons to ask before statements on rows run
}

// Change returns the migration of a tenant, computed once for all tenants with
// the same schemas.
func (p *Planner) Change(ctx context.Context, srv *registry.Server, spec landlord.TenantSpec, want *estate.Target, row *registry.TenantRow, live *ddl.Fingerprint) (*Migration, error) {
	info, err := srv.Info(ctx)
	if err != nil {
		return nil, registry.Unreachable(srv, "planning a migration", err)
	}
	c := &change{e: p, srv: srv, info: info, spec: spec, want: want, row: row, live: live}
	if row != nil && row.Applied != "" {
		c.from = template.ID{Name: row.Template, Version: row.Applied}
	}
	if c.aside, err = p.Servers.RetiredOf(ctx, srv, row); err != nil {
		return nil, err
	}
	if row != nil {
		if c.customizations, err = p.Estate.CustomizationsOf(ctx, row.ID); err != nil {
			return nil, err
		}
		if c.decisions, err = p.Estate.DecisionsOf(ctx, row.ID); err != nil {
			return nil, err
		}
	}
	if err := c.way(ctx); err != nil {
		return nil, err
	}
	class, err := c.class()
	if err != nil {
		return nil, err
	}
	m, err := p.Migrations.Get(ctx, class, func() (*Migration, error) { return c.compute(context.WithoutCancel(ctx)) })
	if err != nil {
		return nil, err
	}
	if m, err = c.handOver(ctx, class, m); err != nil {
		return nil, err
	}
	return c.keepGrants(ctx, m)
}

// way finds the explicit steps and the seeds that the tenant has not seen.
func (c *change) way(ctx context.Context) error {
	key := []string{c.info.RenderKey(), c.from.String(), c.want.ID.String(), c.want.Composition.Digest}
	if c.row != nil {
		key = append(key, c.row.Composition, strings.Join(c.row.Modules, " "))
	}
	all, err := c.e.ways.Get(ctx, strings.Join(key, "\x00"), func() (script, error) {
		return c.e.scripts(context.WithoutCancel(ctx), c.want, c.from, c.row, c.info)
	})
	if c.scripts = all; err != nil || c.row == nil || len(all.before)+len(all.after) == 0 {
		return err
	}
	if c.past, err = c.e.Past(ctx, c.srv, c.row, c.live); err != nil {
		return err
	}
	c.scripts, c.doubts = all.beyond(c.past)
	return nil
}

// class names everything that the migration follows from.
func (c *change) class() (string, error) {
	recorded := registry.TenantRow{}
	if c.row != nil {
		recorded = *c.row
	}
	owned := map[string][]merge.OwnedElement{}
	for i := range c.customizations {
		owned[c.customizations[i].Name] = c.customizations[i].Elements()
	}
	texts, err := json.Marshal([]any{c.aside, owned, c.decisions, c.spec.Resolutions, c.past})
	if err != nil {
		return "", err
	}
	return strings.Join([]string{c.srv.Key, c.info.RenderKey(), c.live.Whole, c.from.String(), c.want.ID.String(), c.want.Composition.Digest,
		recorded.CurrentSchema, recorded.Composition, recorded.Running, fmt.Sprint(c.spec.DriftPolicy == landlord.DriftRepair, c.spec.DestructiveMode == landlord.Drop, c.spec.Consents), string(texts)}, "\x00"), nil
}

// compute makes the migration, or finds out that somebody has to decide first.
// Which views of the tenant break, the server says one at a time, of a migration
// that was tried: each is told to the comparison, which starts anew.
func (c *change) compute(ctx context.Context) (*Migration, error) {
	s, err := c.sides(ctx)
	if err != nil {
		return nil, err
	}
	in := c.input(s)
	refused, err := c.step(ctx, &in, c.scripts.before)
	if err != nil {
		return nil, migrationProblem(c.want, err)
	}
	if refused != nil {
		return c.conflicted(s, []merge.Conflict{stepConflict(merge.Compare(in), refused)}, nil), nil
	}
	in.Broken = map[string]string{}
	for {
		made, err := c.attempt(ctx, s, in)
		var view *BrokenViewError
		if !errors.As(err, &view) || in.Broken[view.View] != "" {
			return made, err
		}
		in.Broken[view.View] = view.Message
	}
}

// attempt makes the migration, with what is known of views that break.
func (c *change) attempt(ctx context.Context, s estate.Sides, in merge.Input) (*Migration, error) {
	m := merge.Compare(in)
	out := m.Merge()
	if err := c.checkResolutions(m, out.Unused); err != nil {
		return nil, err
	}
	if merge.VerdictOf(out.Conflicts) == merge.VerdictMerge {
		return c.conflicted(s, out.Conflicts, out.Unused), nil
	}
	made, err := c.migration(ctx, s, in, out)
	if refusal := refusalConflict(m, err); refusal != nil {
		return c.conflicted(s, append([]merge.Conflict{*refusal}, out.Conflicts...), out.Unused), nil
	}
	return made, err
}

// stepConflict is the conflict of an explicit step that fails on the tenant and
// not on the template.
func stepConflict(m *merge.Comparison, e *landlord.StatementError) merge.Conflict {
	object := string(e.Statement.Kind) + " " + e.Statement.Object
	if e.Statement.Kind == "" {
		object = string(ddl.KindTable) + " " + e.Statement.Table
	}
	return m.InTheWay(object, fmt.Sprintf("a step of `%s` fails on this tenant: %s: %s", e.Statement.File, landlord.Shorten(e.Statement.SQL), e.Err.Error()))
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
		conflict = m.InTheWay(strings.ReplaceAll(trial.Step.Object, "`", ""), "the server refuses a step of the update: "+landlord.Shorten(trial.Step.SQL)+": "+trial.Err.Error())
	case errors.As(err, &rest):
		conflict = m.InTheWay(rest.Object, "the server makes something else of it; it would still need: "+landlord.Shorten(strings.Join(rest.Statements, "; ")))
	default:
		return nil
	}
	return &conflict
}

// sides collects the schemas.
func (c *change) sides(ctx context.Context) (estate.Sides, error) {
	s := estate.Sides{New: c.want.Rendered}
	var err error
	if c.want.Rendered.Fingerprint.Whole == c.live.Whole {
		s.Live = c.want.Rendered
	} else if s.Live, err = c.e.Estate.LiveRendering(ctx, c.srv, c.info, c.e.Estate.DatabaseOf(c.spec, c.row), c.live); err != nil {
		return s, err
	}
	if s.Old, s.Base, err = c.e.recordedSides(ctx, c.srv, c.info, c.want, c.row); err != nil {
		return s, err
	}
	if c.row != nil && c.row.Running != "" {
		err = c.e.acceptOwn(ctx, c.srv, c.info, c.row, &s)
	}
	return s, err
}

// input puts together what is compared: the schemas of the template and the
// tenant, decisions and customizations.
func (c *change) input(s estate.Sides) merge.Input {
	srv, customizations := registry.Dialect(c.info), registry.ForMerge(c.customizations)
	in := merge.Input{Server: srv, Adoption: s.Old == nil, Next: s.New.Schema, Before: s.Live.Schema,
		Customizations: customizations, Resolutions: c.spec.Resolutions, Decisions: c.decisions}
	if !in.Adoption {
		in.Old = s.Old.Schema
	}
	switch {
	case c.spec.DriftPolicy == landlord.DriftRepair && s.Base != nil:
		in.Before = merge.Take(s.Base.Schema, s.Live.Schema, srv, merge.InterruptedPlaces(customizations)...)
	case !in.Adoption:
		in.Drift = slices.DeleteFunc(s.Drift(srv), func(d diff.ElementChange) bool { return merge.Interrupted(customizations, d, false) })
	}
	in.Live = in.Before
	return in
}

// step puts the template in force and the tenant behind the explicit steps. A
// statement that works on the template and not on the tenant is returned: what
// the tenant has of its own is in its way.
func (c *change) step(ctx context.Context, in *merge.Input, steps []template.Statement) (refused *landlord.StatementError, err error) {
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
	err := c.e.trial(ctx, c.srv, c.info, func(t *Twin) error {
		if err := t.copyTexts(ctx, from); err != nil {
			return err
		}
		for i, st := range steps {
			if err := t.exec(ctx, StepOf(st)); err != nil {
				return t.refusedStatement(st, i+1, len(steps), err)
			}
		}
		var err error
		to, err = t.schema(ctx)
		return err
	})
	return to, err
}

// conflicted is what is planned for a tenant that stays as it is, because
// somebody has to decide first.
func (c *change) conflicted(s estate.Sides, conflicts []merge.Conflict, unused []merge.Resolution) *Migration {
	return &Migration{Conflicts: conflicts, Unused: unused, Verdict: merge.VerdictMerge, States: []string{c.live.Whole}, Final: s.Live, Base: s.Live}
}

// migration makes the migration of an update in which nobody has to decide.
func (c *change) migration(ctx context.Context, s estate.Sides, in merge.Input, out merge.Outcome) (*Migration, error) {
	goal, err := c.rewrite(ctx, out)
	if err != nil {
		return nil, err
	}
	o := Order{Sides: s, Merged: goal, scripts: c.scripts, kept: out.Kept, origins: c.e.origins(ctx, c.want, c.row, c.info),
		Retire: c.spec.DestructiveMode != landlord.Drop, Modes: c.spec.Consents, Zeros: takesZeroDates(c.want.Composition.SQLMode), Retired: slices.Clone(c.aside)}
	if c.past != nil {
		o.formerModules = c.past.Modules
	}
	c.ownOrigins(o.origins, s)
	for _, d := range diff.Compare(in.Next, goal, in.Server) {
		if name, isView := strings.CutPrefix(d.Object, string(ddl.KindView)+" "); isView && d.Kind != diff.ChangeMissing {
			o.own = append(o.own, name)
		}
	}
	made, err := c.e.MakeMigration(ctx, c.srv, c.info, o)
	if err != nil {
		return nil, migrationProblem(c.want, err)
	}
	made.Conflicts, made.Unused, made.Verdict, made.Decided = out.Conflicts, out.Unused, merge.VerdictOf(out.Conflicts), out.Decisions
	made.Past, made.Doubts = c.past, c.doubts
	renames, err := c.renames(ctx, in)
	if err != nil {
		return nil, err
	}
	made.Notes = append(made.Notes, renames...)
	if doubt := c.ahead(s); doubt != "" {
		made.Doubts = append(slices.Clone(c.doubts), doubt)
	}
	if len(made.Doubts) > 0 && made.Verdict == merge.VerdictAuto {
		made.Verdict = merge.VerdictReview
	}
	if made.Before = s.Live.Schema; s.Base != nil {
		made.Before = s.Base.Schema
	}
	made.Owned = c.ownedAfter(made)
	made.Digest = migrationDigest(made, c.want)
	return made, nil
}

// takesZeroDates says whether a sql_mode keeps dates without a month or a day; the
// one of a template that names none does not.
func takesZeroDates(mode string) bool {
	return mode != "" && !strings.Contains(mode, "NO_ZERO_DATE") && !strings.Contains(mode, "NO_ZERO_IN_DATE")
}

// ownOrigins adds the objects that are the tenant's own: those of customizations
// and, when drift is repaired, those that somebody made by hand.
func (c *change) ownOrigins(to origins, s estate.Sides) {
	add := func(object, from string) {
		if _, ofTemplate := to[object]; !ofTemplate {
			to[object] = origin{level: 3, from: from}
		}
	}
	for i := range c.customizations {
		for _, o := range c.customizations[i].Elements() {
			if o.Element == "" {
				add(o.Object, "customization `"+c.customizations[i].Name+"`")
			}
		}
	}
	for _, d := range s.Drift(registry.Dialect(c.info)) {
		if d.Element == "" && d.Kind == diff.ChangeExtra {
			add(d.Object, "drift")
		}
	}
}

// ownedAfter says what the customizations of the tenant own after a migration.
func (c *change) ownedAfter(m *Migration) map[string][]merge.OwnedElement {
	if len(c.customizations) == 0 {
		return nil
	}
	rewritten := map[ddl.Place]bool{}
	for _, d := range m.Decided {
		rewritten[d.Place()] = d.Decision == merge.DecideSQL
	}
	o := merge.NewOwnership(c.want.Rendered.Schema, m.Before, m.Base.Schema, rewritten, registry.Dialect(c.info))
	out := map[string][]merge.OwnedElement{}
	for _, x := range c.customizations {
		out[x.Name] = o.After(x.Objects)
	}
	return out
}

func migrationProblem(want *estate.Target, err error) error {
	var rest *RestError
	var trial *TrialError
	var twin *TwinError
	doing := fmt.Sprintf("Planning the migration to template `%s`.", want.ID)
	switch {
	case errors.As(err, &rest):
		return &landlord.Problem{Field: landlord.FieldTemplate, Summary: "Migration does not reach its goal", Detail: []string{doing, landlord.Sentence(rest.Error()),
			"Nothing was run. This is a fault of the provider: please report it with both versions of the template. An explicit step in `migrations/` helps until then."}, Err: err}
	case errors.As(err, &trial):
		return &landlord.Problem{Field: landlord.FieldTemplate, Summary: "Migration fails on an empty copy", Detail: []string{doing, landlord.Shorten(trial.Step.SQL), "Cause: " + trial.Err.Error(),
			"Nothing was run. " + landlord.NextStep(trial.Err, "Reach the change in smaller versions, or with an explicit step in `migrations/`.")}, Err: err}
	case errors.As(err, &twin):
		return &landlord.Problem{Field: landlord.FieldTemplate, Summary: "Tenant schema cannot be copied", Detail: []string{doing, landlord.Sentence(twin.Error()),
			"Nothing was run. Drop or correct the object that the server refuses, and plan again."}, Err: err}
	}
	return render.StatementProblem(landlord.FieldTemplate, strings.TrimSuffix(doing, "."), err)
}

// migrationDigest names what a migration does, from where, by which decisions,
// and where it ends. Whoever approves it approves all of that.
func migrationDigest(m *Migration, want *estate.Target) string {
	parts := []string{"migrate", want.ID.String(), want.Composition.Digest, m.States[0], m.Final.Fingerprint.Whole}
	for _, s := range m.Steps {
		parts = append(parts, s.SQL)
	}
	for _, d := range m.Decided {
		parts = append(parts, d.Clash, string(d.Decision), d.SQL)
	}
	return landlord.Digest(parts...)
}
