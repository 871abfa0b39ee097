package tenant

import (
	"context"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
)

// creation is one attempt to make a tenant database.
type creation struct {
	*apply.Job
	room *Tenants
	spec landlord.TenantSpec
	want *estate.Target

	point   int // statements that have run already, or restart
	exists  bool
	resumed bool // a former run may have tried the seeds
	made    bool // a run that was cut off has made it already
	seeded  bool // the ledger has the creation as done; only the registry does not know
	sown    bool // the seeds are in, before the transaction of the result
	digest  string
	all     []landlord.Step // of the whole creation
}

// CreateTenant makes a tenant database, or completes one whose creation was
// interrupted. The digest is the planned one; empty accepts whatever there is
// to do. The ledger records the intent first and the result, with the seeds, in
// one transaction, so that a run killed anywhere goes on where it stopped and
// seeds go in exactly once. Where a table knows no transactions a run that was killed
// among the seeds ends with an error. Errors are Problems.
func (t *Tenants) CreateTenant(ctx context.Context, spec landlord.TenantSpec, digest string) (*landlord.Tenant, error) {
	name, err := t.Servers.DatabaseOf(spec.Slug, spec.Database)
	if err != nil {
		return nil, err
	}
	done, err := t.Servers.Queue.Take(ctx, registry.Place{Server: spec.Server, Database: name})
	if err != nil {
		return nil, err
	}
	defer done()
	return t.createTenant(ctx, spec, digest)
}

// createTenant is CreateTenant for who has the turn.
func (t *Tenants) createTenant(ctx context.Context, spec landlord.TenantSpec, digest string) (*landlord.Tenant, error) {
	name, err := t.Servers.DatabaseOf(spec.Slug, spec.Database)
	if err != nil {
		return nil, err
	}
	srv, err := t.Servers.Server(spec.Server)
	if err != nil {
		return nil, err
	}
	if err := t.checkDatabaseFree(ctx, spec, name); err != nil {
		return nil, err
	}
	want, err := t.Planner.Target(ctx, srv, spec, nil)
	if err != nil {
		return nil, err
	}
	g := t.creationGoal(srv, spec, name)
	out, err := apply.Reopen(ctx, func() (*landlord.Tenant, error) {
		c := &creation{room: t, spec: spec, want: want}
		return c.run(ctx, t, g, digest)
	}, func() {
		digest = ""
		t.Config.Log(ctx, "Goes on after a lost connection", map[string]any{"tenant": spec.Slug})
	})
	if err != nil {
		// What this process believed of the tenant may be wrong now.
		t.Estate.Snapshot.Forget(spec.Slug, spec.Server, name)
		return nil, err
	}
	return out, nil
}

// creationGoal is the database of a tenant to make, for who has the turn.
func (t *Tenants) creationGoal(srv *registry.Server, spec landlord.TenantSpec, name string) apply.Goal {
	return apply.Goal{
		Srv: srv, Slug: spec.Slug, Database: name, Lock: t.Servers.TenantLock(name), Turn: true, Anywhere: true,
		Field: landlord.FieldSlug, Doing: fmt.Sprintf("Creating tenant `%s`", spec.Slug),
	}
}

func (c *creation) run(ctx context.Context, room *Tenants, g apply.Goal, planned string) (t *landlord.Tenant, err error) {
	if c.Job, err = room.Jobs.Open(ctx, g); err != nil {
		return nil, err
	}
	defer c.Close()
	if err := c.compare(ctx); err != nil {
		return nil, err
	}
	if planned != "" && planned != c.digest {
		return nil, landlord.ChangedSincePlan(landlord.FieldSlug, c.Slug, "Nothing was run. Plan again.")
	}
	if c.made {
		if err := room.Registry.WriteDeletion(ctx, c.OnMain(), c.Row.ID, deletionOf(c.spec)); err != nil {
			return nil, registry.Unreachable(room.Servers.Main(), "recording a tenant", err)
		}
		c.Release() // what follows may need a connection of the pool
		room.Estate.Snapshot.Learn(c.Slug, c.Row, c.spec.Server, c.Database, nil)
		return room.describeTenant(ctx, c.Row)
	}
	c.all = createSteps(c.Database, c.want.Composition, false, 0)
	if err := c.Share(ctx, c.want, c.all[1:]); err != nil {
		return nil, err
	}
	if !c.seeded {
		if err := c.begin(ctx); err != nil {
			return nil, err
		}
	}
	room.Servers.Fault("after intent")
	if err := c.build(ctx); err != nil {
		room.Registry.FailMigration(ctx, c.X, c.Migration, err)
		return nil, err
	}
	return c.finish(ctx)
}

// compare finds out, under the lock, what there is and what is left to do.
func (c *creation) compare(ctx context.Context) error {
	names, err := catalog.ListDatabases(ctx, c.X, catalog.Databases{Names: []string{c.Database}})
	if err != nil {
		return fmt.Errorf("looking for database `%s`: %w", c.Database, err)
	}
	c.exists, c.digest = len(names) > 0, createDigest(c.want)
	switch {
	case c.Row == nil && c.exists:
		return landlord.DatabaseExists(c.Slug, c.Database)
	case c.Row != nil && c.Row.Database != c.Database:
		return registry.TenantExists(c.Row)
	case c.Row != nil && c.exists && c.Row.Status != landlord.StatusCreating:
		live, err := c.room.Estate.LiveFingerprint(ctx, c.Srv, c.X, c.Database)
		if err != nil {
			return err
		}
		if c.made = c.room.justMade(c.spec, c.want, c.Row, live); c.made {
			return nil
		}
		return registry.TenantExists(c.Row)
	case c.Row != nil && c.Row.Server != c.spec.Server:
		return registry.TenantExists(c.Row)
	case c.Row != nil:
		return c.lookBack(ctx)
	}
	return nil
}

// lookBack takes an interrupted creation up: it finds the point that the former
// run reached.
func (c *creation) lookBack(ctx context.Context) (err error) {
	if c.Old != nil {
		c.Migration, c.resumed = c.Old.ID, true
	} else if c.seeded, err = c.room.Registry.IsDone(ctx, c.X, c.Row); err != nil {
		return err
	}
	if !c.exists {
		return nil
	}
	live, err := c.room.Estate.LiveFingerprint(ctx, c.Srv, c.X, c.Database)
	if err != nil || live == nil {
		return err
	}
	if c.want.Composition.Ordered {
		c.point, err = c.room.resumeOrdered(ctx, c.X, c.Database, c.want.Composition, c.seeded)
		return err
	}
	s, err := c.room.Renderer.ScratchOn(ctx, c.X)
	if err != nil {
		return err
	}
	c.point, err = c.room.resumePoint(ctx, c.Srv, s, c.want.Composition, live)
	s.Close(ctx)
	if err != nil || c.point != restart {
		return err
	}
	return c.room.Jobs.CheckEmpty(ctx, c.X, c.Database, schemaChanged)
}

// begin records the intent: the tenant's row and the running migration.
func (c *creation) begin(ctx context.Context) error {
	in := c.intent()
	in.Author, in.ServerUUID, in.Connection = c.room.Servers.Author(c.Info), c.Info.UUID, c.X.ID()
	row, migration := c.Row, c.Migration
	return c.Both(ctx, fmt.Sprintf("recording tenant `%s`", c.spec.Slug), func(registry, local mysql.Queryer) error {
		c.Migration, c.Row = migration, row
		if err := c.findRow(ctx, registry); err != nil {
			return err
		}
		if err := c.writeRow(ctx, registry); err != nil {
			return err
		}
		in.Tenant = c.Row
		if c.Migration != 0 {
			return c.room.Registry.RenewIntent(ctx, local, c.Migration, in)
		}
		id, err := c.room.Registry.WriteIntent(ctx, local, in)
		c.Migration = id
		return err
	})
}

// intent is the creation as the ledger has it before it runs.
func (c *creation) intent() registry.Intent {
	return registry.Intent{
		Tenant: c.Row, Name: "create", Level: 1, Digest: c.digest, To: c.want.ID.String(), Modules: c.want.Composition.Modules,
		Composition: c.want.Composition.Digest, ToSchema: c.want.Fingerprint(),
	}
}

// newRow is the tenant's row with the status creating.
func (c *creation) newRow() *registry.TenantRow {
	return &registry.TenantRow{
		Slug: c.spec.Slug, Name: c.spec.Name, Database: c.Database, Server: c.spec.Server, Metadata: c.spec.Metadata,
		Template: c.want.ID.Name, Desired: c.want.ID.Version, Modules: c.spec.Modules, Running: c.digest,
	}
}

// findRow finds the row that a former attempt has committed in the registry, when
// what was to follow on the tenant's server was undone.
func (c *creation) findRow(ctx context.Context, q mysql.Queryer) error {
	if c.Srv.Key == "" || c.Row != nil {
		return nil
	}
	row, err := c.room.Registry.ReadTenant(ctx, q, c.Slug)
	if err == nil && row != nil && row.Status == landlord.StatusCreating && row.Database == c.Database && row.Server == c.spec.Server {
		c.Row = row
	}
	return err
}

// writeRow writes the tenant's row with the status creating.
func (c *creation) writeRow(ctx context.Context, q mysql.Queryer) error {
	row := c.newRow()
	if c.Row != nil {
		row.ID = c.Row.ID
		return c.room.Registry.RecreateTenant(ctx, q, row)
	}
	id, err := c.room.Registry.InsertTenant(ctx, q, row)
	if mysql.IsDuplicateKey(err) {
		return landlord.NewProblem(landlord.FieldSlug, "Two tenants would share a database",
			fmt.Sprintf("Another tenant has the slug `%s` or the database `%s`.", c.Slug, c.Database), "Choose another slug.")
	}
	if err != nil {
		return err
	}
	c.Row = &registry.TenantRow{ID: id, Slug: c.Slug, Name: c.spec.Name, Database: c.Database, Server: c.spec.Server}
	return nil
}

// build runs what is left of the composition but for the seeds, and proves the
// result. Seeds that stand among the structure run with it.
func (c *creation) build(ctx context.Context) error {
	todo := createSteps(c.Database, c.want.Composition, c.exists, c.point)
	before := max(len(c.all)-len(todo), 0)
	c.Covered, c.Total = true, max(len(c.all), len(todo))
	inside := 0                                // the first step that needs the database
	seeds := map[int][]registry.RecordedStep{} // by the number of steps that run before them
	for i, step := range todo {
		if step.Seed() && !c.want.Composition.Ordered {
			break
		}
		if step.Seed() {
			seeds[len(c.Steps)] = append(seeds[len(c.Steps)], registry.RecordedStep{Step: step, Number: before + i + 1})
			continue
		}
		if step.Operation == "create_database" || step.Operation == "drop_database" {
			inside = i + 1
		}
		c.Steps = append(c.Steps, registry.RecordedStep{Step: step, Number: before + i + 1})
	}
	if err := c.CheckForeignKeys(ctx, !c.want.Composition.ForwardKeys); err != nil {
		return err
	}
	if err := c.RunSteps(ctx, inside); err != nil {
		return c.Stopped(c.task(), err)
	}
	if err := c.X.Use(ctx, c.Database); err != nil {
		return err
	}
	if err := c.runAmong(ctx, seeds); err != nil {
		return err
	}
	if err := c.RunSteps(ctx, len(c.Steps)); err != nil {
		return c.Stopped(c.task(), err)
	}
	if err := c.CheckForeignKeys(ctx, true); err != nil {
		return err
	}
	return c.prove(ctx)
}

func (c *creation) task() apply.Task {
	t := apply.Task{
		Field: landlord.FieldSlug, Stopped: "Tenant creation stopped", Thing: "the creation",
		Doing: fmt.Sprintf("Creating tenant `%s` from template `%s`", c.Slug, c.want.ID),
	}
	if c.want.Composition.Ordered {
		t.Next = fmt.Sprintf("Rows of the template stand among its structure, so nobody can tell afterwards how far they came. Correct the cause, drop the database, which is not complete, with `DROP DATABASE %s`, and apply again.", mysql.Quote(c.Database))
	}
	return t
}
