package landlord

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// creation is one attempt to make a tenant database.
type creation struct {
	e       *Engine
	srv     *server
	x       *mysql.Session // holds the tenant's lock and runs everything
	info    mysql.Info
	spec    TenantSpec
	want    *target
	name    string
	started time.Time

	row       *tenantRow
	migration uint64 // of the ledger
	point     int    // statements that have run already, or restart
	exists    bool
	resumed   bool // a former run may have tried the seeds
	made      bool // a run that was cut off has made it already
	seeded    bool // the ledger has the creation as done; only the registry does not know
	digest    string
	steps     []Step // of the whole creation
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
	info, err := srv.Info(ctx)
	if err != nil {
		return nil, unreachable(srv, "creating a tenant", err)
	}
	var t *Tenant
	for attempt := 0; ; attempt++ {
		c := &creation{e: e, srv: srv, info: info, spec: spec, want: want, name: name, started: e.cfg.Now()}
		if t, err = c.run(ctx, digest); !mysql.IsConnectionLost(err) || attempt == mostReconnects {
			break
		}
		// What the lost connection has done is found out like after a crash.
		digest = ""
		e.cfg.Log(ctx, "Goes on after a lost connection", map[string]any{"tenant": spec.Slug})
	}
	if err != nil {
		// What this process believed of the tenant may be wrong now.
		e.estate.forget(spec.Server, name)
		return nil, err
	}
	return t, nil
}

func (c *creation) run(ctx context.Context, planned string) (*Tenant, error) {
	doing := fmt.Sprintf("Creating tenant `%s`", c.spec.Slug)
	if err := c.e.readyMain(ctx, c.srv); err != nil {
		return nil, err
	}
	x, err := c.srv.Session(ctx)
	if err != nil {
		return nil, unreachable(c.srv, doing, err)
	}
	defer x.Close()
	c.x = x
	if err := checkWritable(ctx, x); err != nil {
		return nil, err
	}
	if err := c.e.openRegistry(ctx, c.srv, x); err != nil {
		return nil, err
	}
	if err := x.Lock(ctx, c.e.tenantLock(c.name), c.e.cfg.LockTimeout); err != nil {
		return nil, lockProblem(FieldSlug, doing, err)
	}
	if err := c.look(ctx); err != nil {
		return nil, err
	}
	if c.made && planned != "" {
		return nil, tenantExists(c.row)
	}
	if c.made {
		x.Close() // what follows may need a connection of the pool
		c.e.estate.learn(c.spec.Slug, c.row, c.spec.Server, c.name, nil)
		return c.e.describeTenant(ctx, c.row)
	}
	if planned != "" && planned != c.digest {
		return nil, changedSincePlan(FieldSlug, c.spec.Slug, "Nothing was run. Plan again.")
	}
	c.steps = createSteps(c.name, c.want.composition, false, 0)
	if err := c.e.share(ctx, c.srv, x, c.want, c.info, c.steps[1:]); err != nil {
		return nil, err
	}
	if !c.seeded {
		if err := c.begin(ctx); err != nil {
			return nil, err
		}
	}
	c.e.fault("after intent")
	if err := c.build(ctx); err != nil {
		c.e.registry.failMigration(ctx, x, c.migration, err)
		return nil, err
	}
	return c.finish(ctx)
}

// share stores what all tenants of a composition have in common: the texts of
// the statements and the rendered schemas. It happens once in a process, and
// outside of the tenants' transactions, which would wait for each other. What
// names the tenant's own database, like its CREATE DATABASE, is not shared: it
// is written with the tenant's steps.
func (e *Engine) share(ctx context.Context, srv *server, x *mysql.Session, want *target, info mysql.Info, steps []Step, schemas ...*rendering) error {
	srv.shareMu.Lock()
	defer srv.shareMu.Unlock()
	if err := e.registry.writeTexts(ctx, x, steps, &srv.texts); err != nil {
		return err
	}
	srv.texts.add(steps)
	registry := e.registryOf(srv, x)
	for _, r := range schemas {
		if err := e.storeSchemaOnce(ctx, registry, r); err != nil {
			return err
		}
		r.stored = true
	}
	if want.rendered == nil || want.rendered.stored {
		return nil
	}
	if err := e.registry.writeRendering(ctx, registry, want.composition.Digest, info.RenderKey(), want.rendered.fingerprint, want.rendered.schema); err != nil {
		return err
	}
	want.rendered.stored = true
	return nil
}

// tenantLock names the lock of a tenant. Every tenant has its own, so that the
// tenants of a server never wait for each other.
func (e *Engine) tenantLock(database string) string {
	return mysql.LockName("landlord tenant", database)
}

// readyMain opens the landlord database on the main server for a tenant that
// lives elsewhere. It is done before the tenant's own session is taken.
func (e *Engine) readyMain(ctx context.Context, srv *server) error {
	if srv.key == "" {
		return nil
	}
	main := e.main()
	x, err := main.Session(ctx)
	if err != nil {
		return unreachable(main, "opening the landlord database", err)
	}
	defer x.Close()
	return e.openRegistry(ctx, main, x)
}

// registry returns what reads and writes the table of tenants: the session
// itself where the tenant lives on the main server.
func (c *creation) registry() mysql.Queryer { return c.e.registryOf(c.srv, c.x) }

func (e *Engine) registryOf(srv *server, x *mysql.Session) mysql.Queryer {
	if srv.key == "" {
		return x
	}
	return e.main()
}

// look finds out, under the lock, what there is and what is left to do.
func (c *creation) look(ctx context.Context) error {
	row, err := c.e.registry.readTenant(ctx, c.registry(), c.spec.Slug)
	if err != nil {
		return err
	}
	c.row = row
	names, err := mysql.ListDatabases(ctx, c.x, mysql.Databases{Names: []string{c.name}})
	if err != nil {
		return fmt.Errorf("looking for database `%s`: %w", c.name, err)
	}
	c.exists = len(names) > 0
	switch {
	case row == nil && c.exists:
		return databaseExists(c.spec.Slug, c.name)
	case row != nil && row.database != c.name:
		return tenantExists(row)
	case row != nil && c.exists && row.status != StatusCreating:
		live, err := c.e.liveFingerprint(ctx, c.srv, c.x, c.name)
		if err != nil {
			return err
		}
		if c.made = c.e.justMade(c.spec, c.want, row, live); c.made {
			return nil
		}
		return tenantExists(row)
	case row != nil && row.server != c.spec.Server:
		return tenantExists(row)
	case row != nil:
		err = c.lookBack(ctx)
	}
	c.digest = createDigest(c.want, c.exists, c.point)
	return err
}

// lookBack takes an interrupted creation up: it waits until the connection of
// the former run is gone and finds the point that it reached.
func (c *creation) lookBack(ctx context.Context) error {
	old, err := c.e.registry.readRunning(ctx, c.x, c.row.id)
	if err != nil {
		return err
	}
	if old != nil {
		c.migration, c.resumed = old.id, true
		if err := c.e.fence(ctx, c.x, c.info, old); err != nil {
			return err
		}
	} else if c.seeded, err = c.e.registry.isDone(ctx, c.x, c.row); err != nil {
		return err
	}
	if !c.exists {
		return nil
	}
	live, err := c.e.liveFingerprint(ctx, c.srv, c.x, c.name)
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
	return c.e.checkEmpty(ctx, c.x, c.name)
}

// fence returns when the connection that ran a migration before is gone.
func (e *Engine) fence(ctx context.Context, x *mysql.Session, info mysql.Info, old *running) error {
	if old.connection == 0 || old.connection == x.ID() || old.serverUUID != info.UUID {
		return nil
	}
	if err := mysql.Fence(ctx, x, info, old.connection, fencePatience, e.cfg.LockTimeout); err != nil {
		return problem(FieldSlug, "Statement of a former run is still running",
			"A former run was interrupted, and the server still works on its last statement.",
			"Wait until it is over and apply again.").because(err)
	}
	return nil
}

// fencePatience is how long an orphaned connection may finish by itself.
const fencePatience = 2 * time.Second

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
	return c.e.both(ctx, c.srv, c.x, fmt.Sprintf("recording tenant `%s`", c.spec.Slug), func(registry, local mysql.Queryer) error {
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

// both runs writes to the registry and to the ledger of the tenant's server: in
// one transaction where they are the same database, else the registry first.
// What runs may run again after a deadlock, when its transaction was undone.
func (e *Engine) both(ctx context.Context, srv *server, x *mysql.Session, doing string, run func(registry, local mysql.Queryer) error) error {
	return e.retry(ctx, func() error {
		return e.inTransaction(ctx, x, doing, func(tx mysql.Queryer) error {
			if srv.key == "" {
				return run(tx, tx)
			}
			return run(e.main(), tx)
		})
	})
}

// writeRow writes the tenant's row with the status creating.
func (c *creation) writeRow(ctx context.Context, q mysql.Queryer) error {
	row := &tenantRow{
		slug: c.spec.Slug, name: c.spec.Name, database: c.name, server: c.spec.Server, metadata: c.spec.Metadata,
		template: c.want.id.Name, desired: c.want.id.Version, modules: c.spec.Modules, running: c.digest,
	}
	if c.row != nil {
		row.id = c.row.id
		return c.e.registry.recreateTenant(ctx, q, row)
	}
	id, err := c.e.registry.insertTenant(ctx, q, row)
	if mysql.IsDuplicateKey(err) {
		return problem(FieldSlug, "Two tenants would share a database",
			fmt.Sprintf("Another tenant has the slug `%s` or the database `%s`.", c.spec.Slug, c.name), "Choose another slug.")
	}
	if err != nil {
		return err
	}
	c.row = &tenantRow{id: id, slug: c.spec.Slug, name: c.spec.Name, database: c.name, server: c.spec.Server}
	return nil
}

// build runs what is left of the composition but for the seeds, and proves the
// result.
func (c *creation) build(ctx context.Context) error {
	todo := createSteps(c.name, c.want.composition, c.exists, c.point)
	before := len(c.steps) - len(todo)
	inDatabase := false
	if err := c.x.CheckForeignKeys(ctx, !c.want.composition.ForwardKeys); err != nil {
		return err
	}
	for i, step := range todo {
		if step.seed() {
			break
		}
		if !inDatabase && step.Operation != "create_database" && step.Operation != "drop_database" {
			if err := c.x.Use(ctx, c.name); err != nil {
				return err
			}
			inDatabase = true
		}
		if err := c.e.execute(ctx, c.x, step); err != nil {
			return c.stopped(max(before, 0)+i+1, max(len(c.steps), len(todo)), step, err)
		}
	}
	if err := c.x.CheckForeignKeys(ctx, true); err != nil {
		return err
	}
	if !inDatabase {
		if err := c.x.Use(ctx, c.name); err != nil {
			return err
		}
	}
	return c.verify(ctx)
}

// stopped describes a statement that failed.
func (c *creation) stopped(number, total int, step Step, err error) error {
	return &Problem{Field: FieldSlug, Summary: "Tenant creation stopped", Detail: []string{
		fmt.Sprintf("Creating tenant `%s` from template `%s` stopped at statement %d of %d.", c.spec.Slug, c.want.id, number, total),
		shorten(step.SQL),
		"Cause: " + mysql.Message(err),
		"What is done is kept and recorded. Correct the cause and apply again: the creation goes on where it stopped.",
	}, Err: err}
}
