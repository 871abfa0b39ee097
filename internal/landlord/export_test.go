package landlord

import (
	"context"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
)

// OnFault sets what the engine calls around everything that a killed run could
// leave half done.
func (e *Engine) OnFault(call func(point string)) { e.onFault = call }

// Computed returns how many migrations the engine computed, and did not find.
func (e *Engine) Computed() int {
	e.migrations.mu.Lock()
	defer e.migrations.mu.Unlock()
	return len(e.migrations.done)
}

// Customize records that what a tenant has now is right, and that a customization
// of that name made the places: a short cut past the customizations themselves.
func (e *Engine) Customize(ctx context.Context, slug, name string, places ...string) error {
	row, err := e.registry.readTenant(ctx, e.main(), slug)
	if err != nil {
		return err
	}
	srv := e.main()
	info, err := srv.Info(ctx)
	if err != nil {
		return err
	}
	live, err := e.liveFingerprint(ctx, srv, srv, row.database)
	if err != nil {
		return err
	}
	schema, err := dumpSchema(ctx, srv, info, row.database)
	if err != nil {
		return err
	}
	if err := e.registry.writeSchema(ctx, srv, *live, schema); err != nil {
		return err
	}
	texts := merge.Texts(schema, dialect(info))
	owned := []merge.OwnedElement{}
	for _, text := range places {
		p, err := ddl.ParsePlace(text)
		if err != nil {
			return err
		}
		owned = append(owned, merge.OwnedElement{Object: p.Object, Element: p.Element, Text: texts[p]})
	}
	err = e.registry.writeCustomization(ctx, srv, &customization{tenant: row.id, name: name, reason: "a test", objects: owned})
	if err != nil {
		return err
	}
	return e.registry.setTenantSchema(ctx, srv, row.id, live.Whole)
}

// Owned returns what the customizations of a tenant own by now, as places; what
// is transferred to the template is in parentheses.
func (e *Engine) Owned(ctx context.Context, slug string) ([]string, error) {
	row, err := e.registry.readTenant(ctx, e.main(), slug)
	if err != nil {
		return nil, err
	}
	all, err := e.registry.readCustomizations(ctx, e.main())
	if err != nil {
		return nil, err
	}
	var out []string
	for _, c := range all[row.id] {
		for _, o := range c.objects {
			text := c.name + ": " + (ddl.Place{Object: o.Object, Element: o.Element}).String()
			if o.Transferred {
				text = "(" + text + ")"
			}
			out = append(out, text)
		}
	}
	return out, nil
}

// Differences compares what two tenants have, but for the order of columns.
func (e *Engine) Differences(ctx context.Context, one, other string) ([]string, error) {
	srv := e.main()
	info, err := srv.Info(ctx)
	if err != nil {
		return nil, err
	}
	var schemas []ddl.Schema
	for _, slug := range []string{one, other} {
		row, err := e.registry.readTenant(ctx, srv, slug)
		if err != nil {
			return nil, err
		}
		schema, err := dumpSchema(ctx, srv, info, row.database)
		if err != nil {
			return nil, err
		}
		schemas = append(schemas, schema)
	}
	var out []string
	for _, c := range diff.Compare(schemas[0], schemas[1], dialect(info)) {
		if c.Element != diff.ElementOrder {
			out = append(out, (ddl.Place{Object: c.Object, Element: c.Element}).String()+" "+string(c.Kind)+": "+c.Before+" / "+c.After)
		}
	}
	return out, nil
}
