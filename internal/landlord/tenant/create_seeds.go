package tenant

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/render"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// beforeSeeds makes ready what the transaction of the seeds and the result cannot.
func (c *creation) beforeSeeds(ctx context.Context) error {
	if c.sown {
		return nil
	}
	resumed := c.resumed
	if err := c.rewind(ctx); err != nil || c.seeded || c.sown {
		return err
	}
	table, err := estate.Untransacted(c.want.Rendered.Schema, registry.Dialect(c.Info), c.seeds)
	if err != nil || table == "" {
		return err
	}
	if resumed {
		if err := c.checkUnseeded(ctx, table); err != nil {
			return err
		}
	}
	return c.sow(ctx)
}

// checkUnseeded refuses to go on when a run that was cut off has left rows: one of the
// tables knows no transactions, so nobody can tell which are missing.
func (c *creation) checkUnseeded(ctx context.Context, untransacted string) error {
	for _, o := range c.want.Rendered.Schema.Objects {
		if o.Kind != ddl.KindTable || !c.seeds(o.Name) {
			continue
		}
		some, err := registry.HasRows(ctx, c.X, c.Database, o.Name)
		if err != nil {
			return fmt.Errorf("looking into table `%s`: %w", o.Name, err)
		}
		if some {
			return landlord.NewProblem(landlord.FieldSlug, "Interrupted creation has left rows",
				fmt.Sprintf("Creating tenant `%s` was interrupted while its seeds went in: table `%s` has rows. Since table `%s` has an engine without transactions, nobody can tell which are missing.", c.spec.Slug, o.Name, untransacted),
				fmt.Sprintf("Drop the database, which is not complete, with `DROP DATABASE %s`, and apply again.", mysql.Quote(c.Database)))
		}
	}
	return nil
}

// sow inserts the seeds one by one, before the result is recorded: what goes into a
// table without transactions cannot be taken back, and a server with
// enforce_gtid_consistency takes it in a transaction with nothing else.
func (c *creation) sow(ctx context.Context) error {
	x, err := c.Texts().Session(ctx)
	if err != nil {
		return err
	}
	if err := c.Texts().Settle(ctx, c.seed(ctx, account.Texts(x))); err != nil {
		return err
	}
	c.sown = true
	return nil
}

// seeding returns what inserts the seeds with the result; nil when there are none, or
// when they are in.
func (c *creation) seeding(ctx context.Context) func(mysql.Queryer) error {
	if c.seeded || c.sown || !slices.ContainsFunc(c.all, landlord.Step.Seed) {
		return nil
	}
	return func(q mysql.Queryer) error { return c.seed(ctx, q) }
}

func (c *creation) seed(ctx context.Context, q mysql.Queryer) error {
	for i, step := range c.all {
		if !step.Seed() {
			continue
		}
		if err := c.plant(ctx, q, registry.RecordedStep{Step: step, Number: i + 1}); err != nil {
			return err
		}
	}
	return nil
}

// plant runs one seed.
func (c *creation) plant(ctx context.Context, q mysql.Queryer, step registry.RecordedStep) error {
	c.Report(ctx, &step)
	c.room.Servers.Fault("before " + step.Operation + " " + step.Object)
	if err := render.Exec(ctx, q, step.SQL, step.Settings); err != nil {
		c.Steps, c.Next = apply.RecordSteps(c.all, nil), step.Number-1
		return c.Stopped(c.task(), err)
	}
	c.room.Servers.Fault("after " + step.Operation + " " + step.Object)
	return nil
}

// runAmong runs the steps up to the last one before which seeds stand, each behind
// those seeds. They are committed one by one: statements that change the structure end
// every transaction.
func (c *creation) runAmong(ctx context.Context, seeds map[int][]registry.RecordedStep) error {
	for _, at := range slices.Sorted(maps.Keys(seeds)) {
		if err := c.RunSteps(ctx, at); err != nil {
			return c.Stopped(c.task(), err)
		}
		x, err := c.Texts().Session(ctx)
		if err != nil {
			return err
		}
		if err := x.CheckForeignKeys(ctx, true); err != nil {
			return err
		}
		for _, step := range seeds[at] {
			if err := c.Texts().Settle(ctx, c.plant(ctx, account.Texts(x), step)); err != nil {
				return err
			}
		}
	}
	c.sown = c.want.Composition.Ordered
	return nil
}

// rewind sets the automatic values of empty tables back to where they began: a
// rolled back attempt at the seeds has used some up, and seeds may refer to
// each other by number. ALTER TABLE commits, so it runs before the transaction.
func (c *creation) rewind(ctx context.Context) error {
	if !c.resumed || c.seeded {
		c.resumed = true // should this attempt be rolled back
		return nil
	}
	for _, o := range c.want.Rendered.Schema.Objects {
		if o.Kind != ddl.KindTable || !c.seeds(o.Name) || !strings.Contains(o.SQL, "AUTO_INCREMENT") {
			continue
		}
		some, err := registry.HasRows(ctx, c.X, c.Database, o.Name)
		if err != nil {
			return fmt.Errorf("looking into table `%s`: %w", o.Name, err)
		}
		if some {
			continue
		}
		sql := fmt.Sprintf("ALTER TABLE %s AUTO_INCREMENT = %d", mysql.Qualified(c.Database, o.Name), o.AutoIncrement())
		if _, err := c.X.Exec(ctx, sql); err != nil {
			return fmt.Errorf("setting the automatic value of table `%s` back: %w", o.Name, err)
		}
	}
	return nil
}

// seeds says whether a seed changes rows of a table.
func (c *creation) seeds(table string) bool {
	return slices.ContainsFunc(c.want.Composition.Statements, func(st template.Statement) bool { return st.Seed && st.Table == table })
}
