package tenant

import (
	"cmp"
	"context"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// prove compares what the server has now with what was predicted.
func (c *creation) prove(ctx context.Context) error {
	live, err := c.room.Estate.LiveFingerprint(ctx, c.Srv, c.X, c.Database)
	if err != nil {
		return err
	}
	if live == nil {
		return landlord.NewProblem(landlord.FieldSlug, "Tenant database is gone", fmt.Sprintf("Database `%s` was dropped by somebody while it was created.", c.Database), "Apply again.")
	}
	if c.want.Rendered == nil {
		schema, err := estate.DumpSchema(ctx, c.X, c.Info, c.Database)
		if err != nil {
			return err
		}
		c.want.Rendered = &estate.Rendering{Fingerprint: *live, Schema: schema}
		return nil
	}
	if live.Whole == c.want.Rendered.Fingerprint.Whole {
		return nil
	}
	return landlord.NewProblem(landlord.FieldSlug, "Tenant schema is not what was predicted",
		fmt.Sprintf("All statements of template `%s` ran in database `%s`, but the result differs from the scratch database.", c.want.ID, c.Database),
		landlord.ListDifferences(landlord.Differences(c.want.Rendered.Fingerprint.Objects, live.Objects)),
		"Somebody changed the database while it was created, or the server's settings differ between sessions. The tenant is not recorded as created. Apply again, or report this with the statements above.")
}

// finish runs the seeds and records the result, in one transaction.
func (c *creation) finish(ctx context.Context) (*landlord.Tenant, error) {
	doing := fmt.Sprintf("recording tenant `%s`", c.spec.Slug)
	last := c.last()
	err := c.room.Servers.Retry(ctx, func() error {
		if err := c.beforeSeeds(ctx); err != nil {
			return err
		}
		return c.AfterwardsOnce(ctx, doing, c.seeding(ctx), func(q mysql.Queryer) error { return c.finishMigration(ctx, q) }, func(q mysql.Queryer) error { return c.record(ctx, q, last) })
	})
	if err != nil {
		c.room.Registry.FailMigration(ctx, c.X, c.Migration, err)
		return nil, err
	}
	row, err := c.room.Registry.ReadTenant(ctx, c.OnMain(), c.spec.Slug)
	if err != nil {
		return nil, err
	}
	c.room.Servers.Fault("after finish")
	c.Release() // what follows may need a connection of the pool
	c.room.Estate.Snapshot.Learn(c.spec.Slug, row, c.spec.Server, c.Database, &c.want.Rendered.Fingerprint)
	return c.room.describeTenant(ctx, row)
}

// finishMigration closes the migration in the ledger, unless a former run did.
func (c *creation) finishMigration(ctx context.Context, q mysql.Queryer) error {
	if c.seeded {
		return nil
	}
	if err := c.room.Registry.FinishMigration(ctx, q, c.Migration, c.want.Rendered.Fingerprint.Whole, c.all, c.Started, &c.Srv.Texts); err != nil {
		return err
	}
	return c.room.Registry.WriteEvent(ctx, q, c.Row, "created", c.room.Servers.Author(c.Info), map[string]any{"template": c.want.ID.String(), "modules": c.want.Composition.Modules})
}

// record makes the tenant active in the registry.
func (c *creation) record(ctx context.Context, q mysql.Queryer, last landlord.LastMigration) error {
	if err := c.room.Estate.StoreSchemaOnce(ctx, q, c.want.Rendered); err != nil {
		return err
	}
	if err := c.room.Registry.FinishTenant(ctx, q, c.Row.ID, c.created(last)); err != nil {
		return err
	}
	if err := c.room.Registry.WriteDeletion(ctx, q, c.Row.ID, deletionOf(c.spec)); err != nil || c.Row.CurrentSchema == "" {
		return err
	}
	// A database that is made anew has nothing of the customizations that its
	// former one had: they are to be applied again.
	return c.room.Registry.ResetCustomizations(ctx, q, c.Row.ID)
}

// last is the creation as the tenant's row has it.
func (c *creation) last() landlord.LastMigration {
	return landlord.LastMigration{Digest: c.digest, To: c.want.ID.String(), Steps: int64(len(c.all)), AppliedAt: c.Row.Last.After(c.room.Config.Now())}
}

// created is what is recorded of a tenant that is complete.
func (c *creation) created(last landlord.LastMigration) registry.CreatedTenant {
	return registry.CreatedTenant{
		Status: cmp.Or(c.spec.Status, landlord.StatusActive), Version: c.want.ID.Version,
		Composition: c.want.Composition.Digest, Fingerprint: c.want.Rendered.Fingerprint.Whole, Last: last,
	}
}
