package landlord

import (
	"context"
	"errors"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// creation is one attempt to make a tenant database.
type creation struct {
	*job
	e    *Engine
	spec TenantSpec
	want *target

	point   int // statements that have run already, or restart
	exists  bool
	resumed bool // a former run may have tried the seeds
	made    bool // a run that was cut off has made it already
	seeded  bool // the ledger has the creation as done; only the registry does not know
	digest  string
	all     []Step // of the whole creation
}

// CreateTenant makes a tenant database, or completes one whose creation was
// interrupted. The digest is the planned one; empty accepts whatever there is
// to do. The ledger records the intent first and the result, with the seeds, in
// one transaction, so that a run killed anywhere goes on where it stopped and
// seeds go in exactly once. Errors are Problems.
func (e *Engine) CreateTenant(ctx context.Context, spec TenantSpec, digest string) (*Tenant, error) {
	name, err := e.databaseName(spec.Slug)
	if err != nil {
		return nil, err
	}
	done, err := e.world.queue.take(ctx, place{server: spec.Server, database: name})
	if err != nil {
		return nil, err
	}
	defer done()
	return e.createTenant(ctx, spec, digest)
}

// createTenant is CreateTenant for who has the turn.
func (e *Engine) createTenant(ctx context.Context, spec TenantSpec, digest string) (*Tenant, error) {
	name, err := e.databaseName(spec.Slug)
	if err != nil {
		return nil, err
	}
	srv, err := e.server(spec.Server)
	if err != nil {
		return nil, err
	}
	if err := e.checkDatabaseFree(ctx, spec, name); err != nil {
		return nil, err
	}
	want, err := e.target(ctx, srv, spec)
	if err != nil {
		return nil, err
	}
	g := goal{
		srv: srv, slug: spec.Slug, database: name, lock: e.tenantLock(name), turn: true,
		field: FieldSlug, doing: fmt.Sprintf("Creating tenant `%s`", spec.Slug),
	}
	t, err := reopen(ctx, func() (*Tenant, error) {
		c := &creation{e: e, spec: spec, want: want}
		return c.run(ctx, e, g, digest)
	}, func() {
		digest = ""
		e.cfg.Log(ctx, "Goes on after a lost connection", map[string]any{"tenant": spec.Slug})
	})
	if err != nil {
		// What this process believed of the tenant may be wrong now.
		e.estate.forget(spec.Slug, spec.Server, name)
		return nil, err
	}
	return t, nil
}

func (c *creation) run(ctx context.Context, e *Engine, g goal, planned string) (t *Tenant, err error) {
	if c.job, err = e.open(ctx, g); err != nil {
		return nil, err
	}
	defer c.close()
	if err := c.compare(ctx); err != nil {
		return nil, err
	}
	if c.made && planned != "" {
		return nil, tenantExists(c.row)
	}
	if c.made {
		c.release() // what follows may need a connection of the pool
		e.estate.learn(c.slug, c.row, c.spec.Server, c.database, nil)
		return e.describeTenant(ctx, c.row)
	}
	if planned != "" && planned != c.digest {
		return nil, changedSincePlan(FieldSlug, c.slug, "Nothing was run. Plan again.")
	}
	c.all = createSteps(c.database, c.want.composition, false, 0)
	if err := c.share(ctx, c.want, c.all[1:]); err != nil {
		return nil, err
	}
	if !c.seeded {
		if err := c.begin(ctx); err != nil {
			return nil, err
		}
	}
	e.fault("after intent")
	if err := c.build(ctx); err != nil {
		e.registry.failMigration(ctx, c.x, c.migration, err)
		return nil, err
	}
	return c.finish(ctx)
}

// compare finds out, under the lock, what there is and what is left to do.
func (c *creation) compare(ctx context.Context) error {
	names, err := mysql.ListDatabases(ctx, c.x, mysql.Databases{Names: []string{c.database}})
	if err != nil {
		return fmt.Errorf("looking for database `%s`: %w", c.database, err)
	}
	c.exists = len(names) > 0
	switch {
	case c.row == nil && c.exists:
		return databaseExists(c.slug, c.database)
	case c.row != nil && c.row.database != c.database:
		return tenantExists(c.row)
	case c.row != nil && c.exists && c.row.status != StatusCreating:
		live, err := c.e.liveFingerprint(ctx, c.srv, c.x, c.database)
		if err != nil {
			return err
		}
		if c.made = c.e.justMade(c.spec, c.want, c.row, live); c.made {
			return nil
		}
		return tenantExists(c.row)
	case c.row != nil && c.row.server != c.spec.Server:
		return tenantExists(c.row)
	case c.row != nil:
		err = c.lookBack(ctx)
	}
	c.digest = createDigest(c.want, c.exists, c.point)
	return err
}

// lookBack takes an interrupted creation up: it finds the point that the former
// run reached.
func (c *creation) lookBack(ctx context.Context) (err error) {
	if c.old != nil {
		c.migration, c.resumed = c.old.id, true
	} else if c.seeded, err = c.e.registry.isDone(ctx, c.x, c.row); err != nil {
		return err
	}
	if !c.exists {
		return nil
	}
	live, err := c.e.liveFingerprint(ctx, c.srv, c.x, c.database)
	if err != nil || live == nil {
		return err
	}
	s, err := c.e.scratchOn(ctx, c.x)
	if err != nil {
		return err
	}
	c.point, err = c.e.resumePoint(ctx, c.srv, s, c.want.composition, live)
	s.close(ctx)
	if err != nil || c.point != restart {
		return err
	}
	return c.e.checkEmpty(ctx, c.x, c.database)
}

// checkEmpty refuses to make a half-made database anew when it holds rows.
func (e *Engine) checkEmpty(ctx context.Context, x *mysql.Session, database string) error {
	rows, err := x.Query(ctx, "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE = 'BASE TABLE' ORDER BY TABLE_NAME", database)
	if err != nil {
		return fmt.Errorf("looking into database `%s`: %w", database, err)
	}
	var tables []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return errors.Join(err, rows.Close())
		}
		tables = append(tables, name)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return fmt.Errorf("looking into database `%s`: %w", database, err)
	}
	for _, name := range tables {
		some, err := hasRows(ctx, x, database, name)
		if err != nil {
			return fmt.Errorf("looking into table `%s`: %w", name, err)
		}
		if some {
			return problem(FieldSlug, "Interrupted creation cannot go on",
				fmt.Sprintf("The creation of database `%s` was interrupted; since then its schema was changed, and table `%s` holds rows.", database, name),
				"Nothing was touched.",
				fmt.Sprintf("Either take it over as it is (delete the row of database `%s` from `tenants` of the landlord database and import the tenant), or drop the database yourself and apply again.", database))
		}
	}
	return nil
}

// begin records the intent: the tenant's row and the running migration.
func (c *creation) begin(ctx context.Context) error {
	in := intent{
		tenant: c.row, name: "create", level: 1, digest: c.digest, to: c.want.id.String(), modules: c.want.composition.Modules,
		composition: c.want.composition.Digest, toSchema: c.want.fingerprint(),
		author: c.e.author(c.info), serverUUID: c.info.UUID, connection: c.x.ID(),
	}
	row, migration := c.row, c.migration
	return c.both(ctx, fmt.Sprintf("recording tenant `%s`", c.spec.Slug), func(registry, local mysql.Queryer) error {
		c.migration = migration
		if c.srv.key == "" {
			c.row = row // a former attempt was undone; on another server the row stays
		}
		if err := c.writeRow(ctx, registry); err != nil {
			return err
		}
		in.tenant = c.row
		if c.migration != 0 {
			return c.e.registry.renewIntent(ctx, local, c.migration, in)
		}
		id, err := c.e.registry.writeIntent(ctx, local, in)
		c.migration = id
		return err
	})
}

// writeRow writes the tenant's row with the status creating.
func (c *creation) writeRow(ctx context.Context, q mysql.Queryer) error {
	row := &tenantRow{
		slug: c.spec.Slug, name: c.spec.Name, database: c.database, server: c.spec.Server, metadata: c.spec.Metadata,
		template: c.want.id.Name, desired: c.want.id.Version, modules: c.spec.Modules, running: c.digest,
	}
	if c.row != nil {
		row.id = c.row.id
		return c.e.registry.recreateTenant(ctx, q, row)
	}
	id, err := c.e.registry.insertTenant(ctx, q, row)
	if mysql.IsDuplicateKey(err) {
		return problem(FieldSlug, "Two tenants would share a database",
			fmt.Sprintf("Another tenant has the slug `%s` or the database `%s`.", c.slug, c.database), "Choose another slug.")
	}
	if err != nil {
		return err
	}
	c.row = &tenantRow{id: id, slug: c.slug, name: c.spec.Name, database: c.database, server: c.spec.Server}
	return nil
}

// build runs what is left of the composition but for the seeds, and proves the
// result.
func (c *creation) build(ctx context.Context) error {
	todo := createSteps(c.database, c.want.composition, c.exists, c.point)
	before := max(len(c.all)-len(todo), 0)
	c.covered, c.total = true, max(len(c.all), len(todo))
	inside := 0 // the first step that needs the database
	for i, step := range todo {
		if step.seed() {
			break
		}
		if step.Operation == "create_database" || step.Operation == "drop_database" {
			inside = i + 1
		}
		c.steps = append(c.steps, recordedStep{Step: step, number: before + i + 1})
	}
	if err := c.x.CheckForeignKeys(ctx, !c.want.composition.ForwardKeys); err != nil {
		return err
	}
	if err := c.runSteps(ctx, inside); err != nil {
		return c.stopped(c.task(), err)
	}
	if err := c.x.Use(ctx, c.database); err != nil {
		return err
	}
	if err := c.runSteps(ctx, len(c.steps)); err != nil {
		return c.stopped(c.task(), err)
	}
	if err := c.x.CheckForeignKeys(ctx, true); err != nil {
		return err
	}
	return c.prove(ctx)
}

func (c *creation) task() task {
	return task{
		field: FieldSlug, stopped: "Tenant creation stopped", thing: "the creation",
		doing: fmt.Sprintf("Creating tenant `%s` from template `%s`", c.slug, c.want.id),
	}
}
