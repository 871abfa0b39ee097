package customization

import (
	"cmp"
	"context"
	"encoding/json"
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
)

// customized is what a patch makes of a schema.
type customized struct {
	*estate.Rendering                      // the schema with the patch
	owned             []merge.OwnedElement // what the patch makes; Transferred: the schema has it already, alike
	clashes           []diff.ElementChange // what the schema has otherwise: Before its text, After the patch's
	yields            []diff.ElementChange // the same, where it was decided for the schema
}

// patchTarget is the schema that a patch is put on.
type patchTarget struct {
	srv    *registry.Server
	info   mysql.Info
	schema *estate.Rendering
	frozen []string // tables that take nothing
}

// customize puts a patch on a schema: its statements run in a scratch database,
// and what they made is read back and judged. This is done once for a schema and
// a patch. mine are the elements that are recorded of the customization: what of
// them the schema has by now is no fault.
func (c *Customizations) customize(ctx context.Context, target patchTarget, p *landlord.ParsedPatch, mine []merge.OwnedElement) (*customized, error) {
	raw, err := json.Marshal(mine)
	if err != nil {
		return nil, fmt.Errorf("writing JSON: %w", err)
	}
	id := strings.Join([]string{target.srv.Key, target.info.RenderKey(), target.schema.Fingerprint.Whole, p.Checksum, strings.Join(target.frozen, "\x00"), string(raw)}, "\x00")
	return c.customized.Get(ctx, id, func() (*customized, error) {
		return c.putOn(context.WithoutCancel(ctx), target, p, mine)
	})
}

func (c *Customizations) putOn(ctx context.Context, target patchTarget, p *landlord.ParsedPatch, mine []merge.OwnedElement) (*customized, error) {
	there := merge.Texts(target.schema.Schema, registry.Dialect(target.info))
	var shared []ddl.Place // what both the schema and the patch have
	for _, at := range slices.Concat(p.Makes, merge.Places(mine), transferred(mine)) {
		if _, ok := there[at]; ok && !slices.Contains(shared, at) {
			shared = append(shared, at)
		}
	}
	before, after, err := c.tryPatch(ctx, target, p, shared)
	if err != nil {
		return nil, err
	}
	out := &customized{Rendering: after}
	for _, c := range merge.Changes(before.Schema, after.Schema, registry.Dialect(target.info)) {
		if c.Kind == diff.ChangeExtra { // the rules have refused everything else
			out.owned = append(out.owned, merge.OwnedElement{Object: c.Object, Element: c.Element, Text: c.After})
		}
	}
	slices.SortFunc(out.owned, func(a, b merge.OwnedElement) int {
		return cmp.Or(strings.Compare(a.Object, b.Object), strings.Compare(a.Element, b.Element))
	})
	if len(shared) == 0 && len(transferred(mine)) == 0 {
		return out, nil
	}
	out.share(target, there, mine)
	whole := merge.Take(target.schema.Schema, after.Schema, registry.Dialect(target.info), merge.Places(out.owned)...)
	if out.Rendering, err = c.Planner.Built(ctx, target.srv, target.info, whole); err != nil {
		return nil, err
	}
	return out, nil
}

func transferred(owned []merge.OwnedElement) []ddl.Place {
	var out []ddl.Place
	for _, o := range owned {
		if o.Transferred {
			out = append(out, o.Place())
		}
	}
	return out
}

// share decides about what both the schema and the patch have. What is alike
// belongs to the schema. What differs is the tenant's own when it has been so
// before, and a clash else. What a decision gave up for the template stays away,
// also where the template has nothing in its place.
func (c *customized) share(target patchTarget, there map[ddl.Place]string, mine []merge.OwnedElement) {
	differs := map[ddl.Place]diff.ElementChange{}
	var inside []ddl.Place
	for _, change := range merge.Changes(target.schema.Schema, c.Schema, registry.Dialect(target.info)) {
		if change.Element == diff.ElementOrder {
			continue
		}
		at := ddl.Place{Object: change.Object, Element: change.Element}
		differs[at], inside = change, append(inside, at)
	}
	for i := range c.owned {
		o := &c.owned[i]
		at := slices.IndexFunc(mine, func(m merge.OwnedElement) bool { return m.Place() == o.Place() })
		if _, ok := there[o.Place()]; !ok {
			// A decision that made the same of it as is asked for now is followed.
			if o.Transferred = at >= 0 && mine[at].Transferred && ddl.WithoutDefiner(mine[at].Text) != o.Text; o.Transferred {
				o.Text = ""
			}
			continue
		}
		change, clash := differs[o.Place()]
		for _, p := range inside {
			if o.Element == "" && p.Object == o.Object && !clash {
				change, clash = differs[p], true
			}
		}
		switch {
		case !clash:
			o.Transferred = true
		case at >= 0 && mine[at].Transferred:
			o.Transferred, c.yields = true, append(c.yields, change)
		case at >= 0 && ddl.WithoutDefiner(mine[at].Text) == o.Text:
		default:
			o.Transferred = true // the schema's counts until somebody decides
			c.clashes = append(c.clashes, change)
		}
	}
}

// tryPatch runs a patch in a scratch database and returns the schema before and
// after. What is shared goes first, so that the patch can make its own.
func (c *Customizations) tryPatch(ctx context.Context, target patchTarget, p *landlord.ParsedPatch, shared []ddl.Place) (before, after *estate.Rendering, err error) {
	t, err := c.Planner.OpenTwin(ctx, target.srv, target.info, target.schema)
	if err != nil {
		return nil, nil, fmt.Errorf("building the schema of the template: %w", err)
	}
	defer t.Close(ctx)
	// A patch may name tables that it makes later. Whether its foreign keys hold
	// is seen when the statements that are planned are tried.
	if err := t.CheckForeignKeys(ctx, false); err != nil {
		return nil, nil, err
	}
	before = target.schema
	if len(shared) > 0 {
		for _, statement := range dropping(shared) {
			if _, err := t.Session.Exec(ctx, statement); err != nil {
				return nil, nil, landlord.NewProblem(landlord.FieldNone, "Customization cannot be compared with the template",
					"The template has what the customization makes, and cannot do without it even in a scratch database.", landlord.Shorten(statement),
					"Cause: "+render.WithoutName(err, t.Name).Error(), "Remove it from the customization.")
			}
		}
		if before, err = t.Read(ctx); err != nil {
			return nil, nil, err
		}
	}
	if err := t.RunPatch(ctx, p); err != nil {
		return nil, nil, err
	}
	if after, err = t.Read(ctx); err != nil {
		return nil, nil, err
	}
	var texts []string
	for _, o := range before.Schema.Objects {
		texts = append(texts, o.SQL)
	}
	for _, st := range p.Statements {
		texts = append(texts, st.SQL)
	}
	if err := render.CheckTexts(texts, after.Schema, target.info); err != nil {
		return nil, nil, err
	}
	if after, err = t.BringKeysBack(ctx, before, after); err != nil {
		return nil, nil, err
	}
	return before, after, judgePatch(target, before.Schema, after.Schema)
}

// dropping returns statements that take places away, what stands on others first.
func dropping(places []ddl.Place) []string {
	order := []string{"foreign key", "check", "key", "column"}
	rank := func(p ddl.Place) int {
		kind, _, _ := strings.Cut(p.Element, " `")
		if i := slices.Index(order, kind); i >= 0 {
			return i
		}
		return len(order)
	}
	sorted := slices.Clone(places)
	slices.SortStableFunc(sorted, func(a, b ddl.Place) int { return cmp.Compare(rank(a), rank(b)) })
	out := make([]string, 0, len(sorted))
	for _, p := range sorted {
		kind, name, _ := strings.Cut(p.Object, " ")
		if p.Element == "" {
			out = append(out, "DROP "+strings.ToUpper(kind)+" IF EXISTS "+mysql.Quote(name))
			continue
		}
		of, part, _ := strings.Cut(p.Element, " `")
		if of == "check" {
			of = "constraint"
		}
		out = append(out, "ALTER TABLE "+mysql.Quote(name)+" DROP "+strings.ToUpper(of)+" "+mysql.Quote(strings.TrimSuffix(part, "`")))
	}
	return out
}
