package engine

import (
	"context"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// OnFault sets what the engine calls around everything that a killed run could
// leave half done.
func (e *Engine) OnFault(call func(point string)) { e.servers.OnFault = call }

// Unguard lets every text pass that the guard would refuse, so that what keeps it
// out is the account that runs it.
func (e *Engine) Unguard() { e.servers.Others.Unguarded = true }

// Computed returns how many migrations the engine computed, and did not find.
func (e *Engine) Computed() int {
	e.planner.Migrations.Mu.Lock()
	defer e.planner.Migrations.Mu.Unlock()
	return len(e.planner.Migrations.Done)
}

// Customize records that what a tenant has now is right, and that a customization
// of that name made the places: a short cut past the customizations themselves.
func (e *Engine) Customize(ctx context.Context, slug, name string, places ...string) error {
	row, err := e.registry.ReadTenant(ctx, e.servers.Main(), slug)
	if err != nil {
		return err
	}
	srv := e.servers.Main()
	info, err := srv.Info(ctx)
	if err != nil {
		return err
	}
	live, err := e.estate.LiveFingerprint(ctx, srv, srv, row.Database)
	if err != nil {
		return err
	}
	schema, err := estate.DumpSchema(ctx, srv, info, row.Database)
	if err != nil {
		return err
	}
	if err := e.registry.WriteSchema(ctx, srv, *live, schema); err != nil {
		return err
	}
	texts := merge.Texts(schema, registry.Dialect(info))
	owned := []merge.OwnedElement{}
	for _, text := range places {
		p, err := ddl.ParsePlace(text)
		if err != nil {
			return err
		}
		owned = append(owned, merge.OwnedElement{Object: p.Object, Element: p.Element, Text: texts[p]})
	}
	err = e.registry.WriteCustomization(ctx, srv, &registry.Customization{Tenant: row.ID, Name: name, Reason: "a test", Objects: owned})
	if err != nil {
		return err
	}
	return e.registry.SetTenantSchema(ctx, srv, row.ID, live.Whole)
}

// Owned returns what the customizations of a tenant own by now, as places; what
// is transferred to the template is in parentheses.
func (e *Engine) Owned(ctx context.Context, slug string) ([]string, error) {
	row, err := e.registry.ReadTenant(ctx, e.servers.Main(), slug)
	if err != nil {
		return nil, err
	}
	all, err := e.registry.ReadCustomizations(ctx, e.servers.Main())
	if err != nil {
		return nil, err
	}
	var out []string
	for _, c := range all[row.ID] {
		for _, o := range c.Objects {
			text := c.Name + ": " + (ddl.Place{Object: o.Object, Element: o.Element}).String()
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
	srv := e.servers.Main()
	info, err := srv.Info(ctx)
	if err != nil {
		return nil, err
	}
	var schemas []ddl.Schema
	for _, slug := range []string{one, other} {
		row, err := e.registry.ReadTenant(ctx, srv, slug)
		if err != nil {
			return nil, err
		}
		schema, err := estate.DumpSchema(ctx, srv, info, row.Database)
		if err != nil {
			return nil, err
		}
		schemas = append(schemas, schema)
	}
	var out []string
	for _, c := range diff.Compare(schemas[0], schemas[1], registry.Dialect(info)) {
		if c.Element != diff.ElementOrder {
			out = append(out, (ddl.Place{Object: c.Object, Element: c.Element}).String()+" "+string(c.Kind)+": "+c.Before+" / "+c.After)
		}
	}
	return out, nil
}

// NewWithoutOwners makes an engine whose programs belong to the account of the
// provider, as they did before there were owner accounts.
func NewWithoutOwners(cfg landlord.Config) (*Engine, error) {
	cfg = cfg.WithDefaults()
	servers, err := registry.Open(&cfg)
	if err != nil {
		return nil, err
	}
	return newRun(servers, account.New(&cfg)), nil
}

// Send sends a statement in a database as the engine would send one of a template
// that no guard has read.
func (e *Engine) Send(ctx context.Context, database, sql string) error {
	x, err := e.servers.Main().Session(ctx)
	if err != nil {
		return err
	}
	defer x.Discard()
	if err := x.Use(ctx, database); err != nil {
		return err
	}
	_, err = x.Exec(ctx, sql)
	return err
}
