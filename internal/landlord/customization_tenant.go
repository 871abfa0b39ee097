package landlord

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// customTenant is the tenant of a customization: what is in force in it, or will
// be when this run has applied what it plans for the tenant itself.
type customTenant struct {
	slug        string
	srv         *server
	info        mysql.Info
	database    string
	row         *tenantRow // nil: this run creates it
	template    template.ID
	composition *template.Composition // nil when the template is stored no longer
	frozen      []string
	core        *rendering
	live        *ddl.Fingerprint // nil: there is no database yet
	future      *rendering       // what this run makes of the database before; nil: it leaves it alone
	recorded    []customization
}

// customTenant looks a tenant up for a customization, or for the removal of one,
// which a database that is gone does not stop. The error is a *Problem.
func (e *Engine) customTenant(ctx context.Context, slug string, remove bool) (*customTenant, error) {
	row, err := e.estate.row(ctx, slug)
	if err != nil {
		return nil, err
	}
	planned, inRun := e.world.tenant(slug)
	switch {
	case row == nil && !inRun:
		return nil, tenantUnknown(slug)
	case e.cfg.Rendering == RenderingParser:
		return nil, problem(FieldTenant, "Customization needs a scratch database",
			"Whether a customization keeps to its rules is seen in a scratch database, but plans are made by the parser alone.",
			"Set `plan_rendering = \"server\"` in the provider and let its account create databases `"+e.registry.scratchPrefix()+"…`.")
	}
	t := &customTenant{slug: slug, row: row}
	key := planned.server
	if row != nil {
		key = row.server
	}
	if t.srv, err = e.server(key); err != nil {
		return nil, err
	}
	if t.info, err = t.srv.Info(ctx); err != nil {
		return nil, unreachable(t.srv, "planning a customization", err)
	}
	if t.database = planned.database; row != nil {
		t.database = row.database
		if t.recorded, err = e.customizationsOf(ctx, row.id); err != nil {
			return nil, err
		}
	}
	if err := e.inForce(ctx, t, planned, inRun, remove); err != nil {
		return nil, err
	}
	return t, nil
}

// inForce finds out what is in force in the tenant, and what its database is.
func (e *Engine) inForce(ctx context.Context, t *customTenant, planned plannedTenant, inRun, remove bool) (err error) {
	if err := t.usable(inRun); err != nil {
		return err
	}
	if inRun {
		t.template, t.composition, t.core, t.frozen = planned.template, planned.composition, planned.rendered, planned.lineage.FrozenTables()
	} else if err := e.recordedCore(ctx, t); err != nil {
		return err
	}
	if t.core == nil {
		return problem(FieldTenant, "Tenant follows no template yet",
			fmt.Sprintf("Nothing is in force in tenant `%s` that a customization could add to.", t.slug), "Apply the tenant's template first.")
	}
	if t.row == nil || t.row.status == StatusCreating {
		return nil
	}
	t.live, err = e.estate.fingerprint(ctx, t.row.server, t.row.database)
	if err == nil && inRun && planned.after != nil && t.live != nil && t.live.Whole == planned.after.start {
		e.foresee(t, planned.after)
	}
	if err == nil && t.live == nil && !inRun && !remove {
		return problem(FieldTenant, "Tenant database is gone",
			fmt.Sprintf("Database `%s` of tenant `%s` does not exist any more.", t.database, t.slug), "Apply the tenant first.")
	}
	return err
}

// foresee takes the tenant as the migration leaves it that this run has planned
// and not yet applied.
func (e *Engine) foresee(t *customTenant, after *plannedSchema) {
	t.live, t.future = &after.final.fingerprint, after.final
	row := *t.row
	row.currentSchema = after.base.fingerprint.Whole
	e.schemas.Store(row.currentSchema, &storedSchema{Fingerprint: after.base.fingerprint, Schema: after.base.schema})
	t.row = &row
	t.recorded = slices.Clone(t.recorded)
	for i, c := range t.recorded {
		if owned, ok := after.owned[c.name]; ok {
			t.recorded[i].objects = owned
		}
	}
}

// usable refuses a tenant that is on its way in or out, unless this run brings
// it to an end first.
func (t *customTenant) usable(inRun bool) error {
	switch {
	case t.row == nil || inRun && t.row.status != StatusDropping:
		return nil
	case t.row.status == StatusDropping:
		return problem(FieldTenant, "Tenant is being dropped", fmt.Sprintf("The dropping of tenant `%s` was interrupted.", t.slug), "Destroy it again to complete it.")
	case t.row.status == StatusCreating, t.row.running != "":
		return problem(FieldTenant, "Tenant has an interrupted migration",
			fmt.Sprintf("The last migration of tenant `%s` was interrupted and comes first.", t.slug), "Apply the tenant, then this customization.")
	}
	return nil
}

// recordedCore sets what is recorded as in force.
func (e *Engine) recordedCore(ctx context.Context, t *customTenant) error {
	row := t.row
	if row.applied == "" {
		return nil
	}
	t.template = template.ID{Name: row.template, Version: row.applied}
	stored, err := e.find(ctx, t.template)
	if err != nil {
		return err
	}
	if stored != nil {
		lineage, err := e.lineage(ctx, *stored)
		if err != nil {
			return lineageProblem(err)
		}
		t.frozen = lineage.FrozenTables()
		if t.composition, err = e.compose(lineage, row.modules, e.guarding(t.info)); err != nil {
			return err
		}
	}
	if row.composition != "" {
		if t.core, err = e.renderedOnce(ctx, t.srv, row.composition, t.info.RenderKey()); err != nil {
			return err
		}
	}
	if t.core == nil && t.composition != nil {
		t.core, err = e.render(ctx, t.srv, t.composition)
	}
	return err
}

// renderedOnce looks a rendering up, in this process first.
func (e *Engine) renderedOnce(ctx context.Context, srv *server, composition, key string) (*rendering, error) {
	cacheKey := srv.key + "\x00" + key + "\x00" + composition
	e.renders.mu.Lock()
	r := e.renders.done[cacheKey]
	e.renders.mu.Unlock()
	if r != nil {
		return r, nil
	}
	r, err := e.storedRendering(ctx, composition, key)
	if r != nil {
		e.renders.mu.Lock()
		e.renders.done[cacheKey] = r
		e.renders.mu.Unlock()
	}
	return r, err
}

// customization returns the recorded customization of a name, nil when there is
// none.
func (t *customTenant) customization(name string) *customization {
	at := slices.IndexFunc(t.recorded, func(c customization) bool { return c.name == name })
	if at < 0 {
		return nil
	}
	return &t.recorded[at]
}

// sibling is another customization of a tenant, as it will be after this run as
// far as that is known.
type sibling struct {
	name  string
	owned []merge.OwnedElement
	patch *parsedPatch        // when this run plans it
	wants *CustomizationPatch // else what is recorded
	stays bool                // false: this run takes it away
}

// siblings returns the other customizations of a tenant, by name.
func siblings(name string, recorded []customization, planned map[string]*plannedChange) []sibling {
	all := map[string]sibling{}
	for _, c := range recorded {
		all[c.name] = sibling{name: c.name, owned: c.elements(), wants: &c.patch, stays: true}
	}
	for other, c := range planned {
		s := sibling{name: other, owned: c.owned, patch: c.patch, stays: c.patch != nil}
		if was, recorded := all[other]; recorded && !s.stays {
			s.owned, s.wants = was.owned, was.wants
		}
		all[other] = s
	}
	delete(all, name)
	out := make([]sibling, 0, len(all))
	for _, s := range all {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b sibling) int { return strings.Compare(a.name, b.name) })
	return out
}

// claimed returns which other customization makes one of these elements, or will
// when this run is over, and the element.
func claimed(name string, owned []merge.OwnedElement, recorded []customization, planned map[string]*plannedChange, srv ddl.Server) (other string, at ddl.Place) {
	for _, s := range siblings(name, recorded, planned) {
		if !s.stays {
			continue
		}
		if at, taken := collides(owned, s.owned, srv); taken {
			return s.name, at
		}
	}
	return "", ddl.Place{}
}

// collides says whether two lists of elements hold the same thing, or things
// that cannot have one name.
func collides(a, b []merge.OwnedElement, srv ddl.Server) (ddl.Place, bool) {
	taken := map[string]bool{}
	for _, o := range b {
		if !o.Transferred {
			for _, name := range claims(o, srv) {
				taken[name] = true
			}
		}
	}
	for _, o := range a {
		for _, name := range claims(o, srv) {
			if taken[name] && !o.Transferred {
				return o.Place(), true
			}
		}
	}
	return ddl.Place{}, false
}

// claims returns the names that an element takes. Tables, views and sequences
// share theirs; those of foreign keys, and on MySQL of checks, count for the
// whole database.
func claims(o merge.OwnedElement, srv ddl.Server) []string {
	kind, name, _ := strings.Cut(o.Object, " ")
	of, part, _ := strings.Cut(o.Element, " `")
	switch {
	case o.Element == "" && slices.Contains([]ddl.Kind{ddl.KindTable, ddl.KindView, ddl.KindSequence}, ddl.Kind(kind)):
		out := []string{"relation " + name}
		for p := range merge.Parts([]merge.OwnedElement{o}, srv) {
			of, part, _ := strings.Cut(p.Element, " `")
			if of == "foreign key" || of == "check" && srv.Product == ddl.MySQL {
				out = append(out, of+" "+part)
			}
		}
		return out
	case o.Element == "" && ddl.Kind(kind) == ddl.KindTrigger:
		return []string{o.Object}
	case o.Element == "":
		return []string{strings.ToLower(o.Object)}
	case of == "foreign key", of == "check" && srv.Product == ddl.MySQL:
		return []string{of + " " + part, o.Object + "\x00" + o.Element}
	}
	return []string{o.Object + "\x00" + o.Element}
}

// names says whether a text that holds certain words may refer to one of the
// elements.
func names(words map[string]bool, owned []merge.OwnedElement) bool {
	for _, o := range owned {
		_, name, _ := strings.Cut(o.Object, " ")
		if o.Element != "" {
			_, name, _ = strings.Cut(o.Element, " `")
			name = strings.TrimSuffix(name, "`")
		}
		if !o.Transferred && words[strings.ToLower(name)] {
			return true
		}
	}
	return false
}

// below returns the patches of other customizations that the present and the
// former patch of this one refer to, and what those refer to, in the order in
// which they stand on each other. What goes in this run counts for the former
// patch only.
func (e *Engine) below(t *customTenant, name string, patch, was *parsedPatch) []*parsedPatch {
	others := siblings(name, t.recorded, e.world.changes(t.slug))
	var out []*parsedPatch
	seen := map[string]bool{}
	var add func(words map[string]bool, former bool)
	add = func(words map[string]bool, former bool) {
		for _, s := range others {
			if seen[s.name] || !s.stays && !former || !names(words, s.owned) {
				continue
			}
			patch := s.patch
			if patch == nil && s.wants != nil {
				patch, _ = readPatch(*s.wants, e.guarding(t.info)) // nil: interrupted before it made anything
			}
			if patch == nil {
				continue
			}
			seen[s.name] = true
			add(patch.words, former)
			out = append(out, patch)
		}
	}
	if patch != nil {
		add(patch.words, false)
	}
	if was != nil {
		add(was.words, true)
	}
	return out
}

// groundOf returns the schema that a customization stands on: the template's,
// with the customizations below it.
func (e *Engine) groundOf(ctx context.Context, t *customTenant, below []*parsedPatch) (ground, error) {
	g := ground{srv: t.srv, info: t.info, schema: t.core, frozen: t.frozen}
	for _, p := range below {
		c, err := e.customize(ctx, g, p, nil)
		if err != nil {
			return g, fmt.Errorf("putting another customization on the template, which this one names: %w", err)
		}
		g.schema = c.rendering
	}
	return g, nil
}
