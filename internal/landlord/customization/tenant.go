package customization

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// customTenant is the tenant of a customization: what is in force in it, or will
// be when this run has applied what it plans for the tenant itself.
type customTenant struct {
	slug        string
	srv         *registry.Server
	info        mysql.Info
	database    string
	row         *registry.TenantRow // nil: this run creates it
	template    template.ID
	composition *template.Composition // nil when the template is stored no longer
	frozen      []string
	open        []string // tables of the template whose rows customizations may change
	core        *estate.Rendering
	live        *ddl.Fingerprint  // nil: there is no database yet
	future      *estate.Rendering // what this run makes of the database before; nil: it leaves it alone
	recorded    []registry.Customization
}

// customTenant looks a tenant up for a customization, or for the removal of one,
// which a database that is gone does not stop. The error is a *Problem.
func (c *Customizations) customTenant(ctx context.Context, slug string, remove bool) (*customTenant, error) {
	row, err := c.Estate.Snapshot.Row(ctx, slug)
	if err != nil {
		return nil, err
	}
	planned, inRun := c.Estate.Run.Tenant(slug)
	if inRun && planned.Row != nil {
		row = planned.Row
	}
	switch {
	case row == nil && !inRun:
		return nil, landlord.TenantUnknown(slug)
	case c.Config.Rendering == landlord.RenderingParser:
		return nil, landlord.NewProblem(landlord.FieldTenant, "Customization needs a scratch database",
			"Whether a customization keeps to its rules is seen in a scratch database, and `plan_rendering` is `parser`.",
			"Nothing was run. Apply with `plan_rendering = \"server\"` and the account of the provider, which may create databases `"+c.Registry.ScratchPrefix()+"…`.")
	}
	t := &customTenant{slug: slug, row: row}
	key := planned.Server
	if row != nil {
		key = row.Server
	}
	if t.srv, err = c.Servers.Server(key); err != nil {
		return nil, err
	}
	if t.info, err = t.srv.Info(ctx); err != nil {
		return nil, registry.Unreachable(t.srv, "planning a customization", err)
	}
	if t.database = planned.Database; row != nil {
		t.database = row.Database
		if t.recorded, err = c.Estate.CustomizationsOf(ctx, row.ID); err != nil {
			return nil, err
		}
	}
	if err := c.inForce(ctx, t, planned, inRun, remove); err != nil {
		return nil, err
	}
	return t, nil
}

// inForce finds out what is in force in the tenant, and what its database is.
func (c *Customizations) inForce(ctx context.Context, t *customTenant, planned estate.PlannedTenant, inRun, remove bool) (err error) {
	if err := t.usable(inRun); err != nil {
		return err
	}
	if inRun {
		t.template, t.composition, t.core = planned.Template, planned.Composition, planned.Rendered
		t.frozen, t.open = planned.Lineage.FrozenTables(), planned.Lineage.ExtensionPoints()
	} else if err := c.recordedCore(ctx, t); err != nil {
		return err
	}
	if t.core == nil {
		return landlord.NewProblem(landlord.FieldTenant, "Tenant follows no template yet",
			fmt.Sprintf("Nothing is in force in tenant `%s` that a customization could add to.", t.slug), "Apply the tenant's template first.")
	}
	if t.row == nil || t.row.Status == landlord.StatusCreating {
		return nil
	}
	t.live, err = c.Estate.Snapshot.Fingerprint(ctx, t.row.Server, t.row.Database)
	if err == nil && inRun && planned.After != nil && t.live != nil && t.live.Whole == planned.After.Start {
		c.foresee(t, planned.After)
	}
	if err == nil && t.live == nil && !inRun && !remove {
		return landlord.NewProblem(landlord.FieldTenant, "Tenant database is gone",
			fmt.Sprintf("Database `%s` of tenant `%s` does not exist any more.", t.database, t.slug), "Apply the tenant first.")
	}
	return err
}

// foresee takes the tenant as the migration leaves it that this run has planned
// and not yet applied.
func (c *Customizations) foresee(t *customTenant, after *estate.PlannedSchema) {
	t.live, t.future = &after.Final.Fingerprint, after.Final
	row := *t.row
	row.CurrentSchema = after.Base.Fingerprint.Whole
	c.Estate.Schemas.Store(row.CurrentSchema, &registry.StoredSchema{Fingerprint: after.Base.Fingerprint, Schema: after.Base.Schema})
	t.row = &row
	t.recorded = slices.Clone(t.recorded)
	for i, c := range t.recorded {
		if owned, ok := after.Owned[c.Name]; ok {
			t.recorded[i].Objects = owned
		}
	}
}

// usable refuses a tenant that is on its way in or out, unless this run brings
// it to an end first.
func (t *customTenant) usable(inRun bool) error {
	switch {
	case t.row == nil || inRun && t.row.Status != landlord.StatusDropping:
		return nil
	case t.row.Status == landlord.StatusDropping:
		return landlord.NewProblem(landlord.FieldTenant, "Tenant is being dropped", fmt.Sprintf("The dropping of tenant `%s` was interrupted.", t.slug), "Destroy it again to complete it.")
	case t.row.Status == landlord.StatusCreating, t.row.Running != "":
		return landlord.NewProblem(landlord.FieldTenant, "Tenant has an interrupted migration",
			fmt.Sprintf("The last migration of tenant `%s` was interrupted and comes first.", t.slug), "Apply the tenant, then this customization.")
	}
	return nil
}

// recordedCore sets what is recorded as in force.
func (c *Customizations) recordedCore(ctx context.Context, t *customTenant) error {
	row := t.row
	if row.Applied == "" {
		return nil
	}
	t.template = template.ID{Name: row.Template, Version: row.Applied}
	stored, err := c.Estate.Find(ctx, t.template)
	if err != nil {
		return err
	}
	if stored != nil {
		lineage, err := c.Estate.Lineage(ctx, *stored)
		if err != nil {
			return estate.LineageProblem(err)
		}
		t.frozen, t.open = lineage.FrozenTables(), lineage.ExtensionPoints()
		if t.composition, err = c.Renderer.Compose(lineage, row.Modules, c.Servers.Guarding(t.info)); err != nil {
			return err
		}
	}
	if row.Composition != "" {
		if t.core, err = c.renderedOnce(ctx, t.srv, row.Composition, t.info.RenderKey()); err != nil {
			return err
		}
	}
	if t.core == nil && t.composition != nil {
		t.core, err = c.Renderer.Render(ctx, t.srv, t.composition)
	}
	return err
}

// renderedOnce looks a rendering up, in this process first.
func (c *Customizations) renderedOnce(ctx context.Context, srv *registry.Server, composition, key string) (*estate.Rendering, error) {
	cacheKey := srv.Key + "\x00" + key + "\x00" + composition
	c.Renderer.Renders.Mu.Lock()
	r := c.Renderer.Renders.Done[cacheKey]
	c.Renderer.Renders.Mu.Unlock()
	if r != nil {
		return r, nil
	}
	r, err := c.Estate.StoredRendering(ctx, composition, key)
	if r != nil {
		c.Renderer.Renders.Mu.Lock()
		c.Renderer.Renders.Done[cacheKey] = r
		c.Renderer.Renders.Mu.Unlock()
	}
	return r, err
}

// customization returns the recorded customization of a name, nil when there is
// none.
func (t *customTenant) customization(name string) *registry.Customization {
	at := slices.IndexFunc(t.recorded, func(c registry.Customization) bool { return c.Name == name })
	if at < 0 {
		return nil
	}
	return &t.recorded[at]
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
func (c *Customizations) below(t *customTenant, name string, patch, was *landlord.ParsedPatch) []*landlord.ParsedPatch {
	others := estate.Siblings(name, t.recorded, c.Estate.Run.Changes(t.slug))
	var out []*landlord.ParsedPatch
	seen := map[string]bool{}
	var add func(words map[string]bool, former bool)
	add = func(words map[string]bool, former bool) {
		for _, s := range others {
			if seen[s.Name] || !s.Stays && !former || !names(words, s.Owned) {
				continue
			}
			patch := s.Patch
			if patch == nil && s.Wants != nil {
				patch, _ = readPatch(*s.Wants, c.Servers.Guarding(t.info), t.database) // nil: interrupted before it made anything
			}
			if patch == nil {
				continue
			}
			seen[s.Name] = true
			add(patch.Words, former)
			out = append(out, patch)
		}
	}
	if patch != nil {
		add(patch.Words, false)
	}
	if was != nil {
		add(was.Words, true)
	}
	return out
}

// patchTargetOf returns the schema that a customization stands on: the template's,
// with the customizations below it.
func (c *Customizations) patchTargetOf(ctx context.Context, t *customTenant, below []*landlord.ParsedPatch) (patchTarget, error) {
	target := patchTarget{srv: t.srv, info: t.info, schema: t.core, frozen: t.frozen}
	for _, p := range below {
		c, err := c.customize(ctx, target, p, nil)
		if err != nil {
			return target, fmt.Errorf("putting another customization on the template, which this one names: %w", err)
		}
		target.schema = c.Rendering
	}
	return target, nil
}
