package landlord

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// prove compares what the server has now with what was predicted.
func (c *creation) prove(ctx context.Context) error {
	live, err := c.e.liveFingerprint(ctx, c.srv, c.x, c.database)
	if err != nil {
		return err
	}
	if live == nil {
		return problem(FieldSlug, "Tenant database is gone", fmt.Sprintf("Database `%s` was dropped by somebody while it was created.", c.database), "Apply again.")
	}
	if c.want.rendered == nil {
		schema, err := dumpSchema(ctx, c.x, c.info, c.database)
		if err != nil {
			return err
		}
		c.want.rendered = &rendering{fingerprint: *live, schema: schema}
		return nil
	}
	if live.Whole == c.want.rendered.fingerprint.Whole {
		return nil
	}
	return problem(FieldSlug, "Tenant schema is not what was predicted",
		fmt.Sprintf("All statements of template `%s` ran in database `%s`, but the result differs from the scratch database.", c.want.id, c.database),
		listDifferences(differences(c.want.rendered.fingerprint.Objects, live.Objects)),
		"Somebody changed the database while it was created, or the server's settings differ between sessions. The tenant is not recorded as created. Apply again, or report this with the statements above.")
}

// finish runs the seeds and records the result, in one transaction.
func (c *creation) finish(ctx context.Context) (*Tenant, error) {
	doing := fmt.Sprintf("recording tenant `%s`", c.spec.Slug)
	last := LastMigration{Digest: c.digest, To: c.want.id.String(), Steps: int64(len(c.all)), AppliedAt: c.e.cfg.Now().UTC().Truncate(time.Microsecond)}
	err := c.e.retry(ctx, func() error {
		if err := c.rewind(ctx); err != nil {
			return err
		}
		return c.afterwardsOnce(ctx, doing, func(q mysql.Queryer) error { return c.seed(ctx, q) }, func(q mysql.Queryer) error { return c.record(ctx, q, last) })
	})
	if err != nil {
		c.e.registry.failMigration(ctx, c.x, c.migration, err)
		return nil, err
	}
	row, err := c.e.registry.readTenant(ctx, c.onMain(), c.spec.Slug)
	if err != nil {
		return nil, err
	}
	c.e.fault("after finish")
	c.release() // what follows may need a connection of the pool
	c.e.estate.learn(c.spec.Slug, row, c.spec.Server, c.database, &c.want.rendered.fingerprint)
	return c.e.describeTenant(ctx, row)
}

// seed inserts the seeds and closes the migration in the ledger, unless a
// former run did.
func (c *creation) seed(ctx context.Context, q mysql.Queryer) error {
	if c.seeded {
		return nil
	}
	for i, step := range c.all {
		if !step.seed() {
			continue
		}
		c.report(ctx, &recordedStep{Step: step, number: i + 1})
		c.e.fault("before " + step.Operation + " " + step.Object)
		if _, err := q.Exec(ctx, step.SQL); err != nil {
			c.steps, c.next = recordSteps(c.all, nil), i
			return c.stopped(c.task(), err)
		}
		c.e.fault("after " + step.Operation + " " + step.Object)
	}
	if err := c.e.registry.finishMigration(ctx, q, c.migration, c.want.rendered.fingerprint.Whole, c.all, c.started, &c.srv.texts); err != nil {
		return err
	}
	return c.e.registry.writeEvent(ctx, q, c.row, "created", c.e.author(c.info), map[string]any{"template": c.want.id.String(), "modules": c.want.composition.Modules})
}

// rewind sets the automatic values of empty tables back to where they began: a
// rolled back attempt at the seeds has used some up, and seeds may refer to
// each other by number. ALTER TABLE commits, so it runs before the transaction.
func (c *creation) rewind(ctx context.Context) error {
	if !c.resumed || c.seeded {
		c.resumed = true // should this attempt be rolled back
		return nil
	}
	for _, o := range c.want.rendered.schema.Objects {
		if o.Kind != ddl.KindTable || !c.seeds(o.Name) || !strings.Contains(o.SQL, "AUTO_INCREMENT") {
			continue
		}
		some, err := hasRows(ctx, c.x, c.database, o.Name)
		if err != nil {
			return fmt.Errorf("looking into table `%s`: %w", o.Name, err)
		}
		if some {
			continue
		}
		sql := fmt.Sprintf("ALTER TABLE %s AUTO_INCREMENT = %d", mysql.Qualified(c.database, o.Name), o.AutoIncrement())
		if _, err := c.x.Exec(ctx, sql); err != nil {
			return fmt.Errorf("setting the automatic value of table `%s` back: %w", o.Name, err)
		}
	}
	return nil
}

// seeds says whether a seed changes rows of a table.
func (c *creation) seeds(table string) bool {
	return slices.ContainsFunc(c.want.composition.Statements, func(st template.Statement) bool { return st.Seed && st.Table == table })
}

// record makes the tenant active in the registry.
func (c *creation) record(ctx context.Context, q mysql.Queryer, last LastMigration) error {
	f := c.want.rendered.fingerprint
	if err := c.e.storeSchemaOnce(ctx, q, c.want.rendered); err != nil {
		return err
	}
	status := c.spec.Status
	if status == "" {
		status = StatusActive
	}
	err := c.e.registry.finishTenant(ctx, q, c.row.id, createdTenant{
		status: status, version: c.want.id.Version, composition: c.want.composition.Digest, fingerprint: f.Whole, last: last,
	})
	if err != nil || c.row.currentSchema == "" {
		return err
	}
	// A database that is made anew has nothing of the customizations that its
	// former one had: they are to be applied again.
	return c.e.registry.resetCustomizations(ctx, q, c.row.id)
}
