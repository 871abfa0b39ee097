package landlord

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// goal says which database a job is for, and how its errors are worded.
type goal struct {
	srv      *server
	slug     string // of the tenant; empty for what is no tenant
	database string
	lock     string // of the server, which other processes respect
	field    Field  // that errors name
	doing    string // `Updating tenant "x"`
	at       place  // whose turn it is, where that is not the database on the server
	turn     bool   // the verb has taken the turn already
	reads    bool   // nothing is changed: the server may be read-only
}

func (g *goal) place() place {
	if g.at.database != "" {
		return g.at
	}
	return place{server: g.srv.key, database: g.database}
}

// job is a database that is open for work: the turn of this process and the lock
// of the server are taken, the server takes writes, and what an earlier run left
// is dead. It is the only way to change a database.
type job struct {
	goal
	e    *Engine
	x    *mysql.Session // holds the lock and runs everything; another one after a lost connection
	info mysql.Info
	row  *tenantRow // as it is under the lock; nil when the tenant is not registered
	old  *running   // an unfinished migration that an earlier run left

	main *mysql.Session // of the main server, where this work holds one; nil: its pool is free
	done func()         // ends the turn

	// What runs: see runSteps.
	live       *ddl.Fingerprint
	migration  uint64 // of the ledger
	steps      []recordedStep
	next       int // the step that failed, when one did
	total      int // of all statements, where others than these have run
	started    time.Time
	covered    bool             // one intent covers all steps, which are not marked one by one
	refuse     func(Step) error // what is said when a step would lose rows; nil: it may
	reconnects int
}

// open opens a database for work.
func (e *Engine) open(ctx context.Context, g goal) (*job, error) {
	jobs, err := e.openAll(ctx, g)
	if err != nil {
		return nil, err
	}
	return jobs[0], nil
}

// write writes what concerns no database of a tenant to the landlord database of
// a server.
func (e *Engine) write(ctx context.Context, srv *server, doing string, run func(q mysql.Queryer) error) error {
	x, err := srv.Session(ctx)
	if err != nil {
		return unreachable(srv, doing, err)
	}
	defer x.Close()
	if err := checkWritable(ctx, x); err != nil {
		return err
	}
	if err := run(x); err != nil {
		return unreachable(srv, doing, err)
	}
	return nil
}

// openAll opens several databases for one piece of work.
func (e *Engine) openAll(ctx context.Context, goals ...goal) ([]*job, error) {
	places := []place{}
	for i := range goals {
		if !goals[i].turn {
			places = append(places, goals[i].place())
		}
	}
	done, err := e.world.queue.take(ctx, places...)
	if err != nil {
		return nil, fmt.Errorf("%s: waiting for other work: %w", goals[0].doing, err)
	}
	for i := range goals {
		if err := e.readyMain(ctx, goals[i].srv); err != nil {
			done()
			return nil, err
		}
	}
	jobs, err := e.connectAll(ctx, goals...)
	if err != nil {
		done()
		return nil, err
	}
	jobs[0].done = done
	if err := openJobs(ctx, jobs); err != nil {
		for _, j := range jobs {
			j.close()
		}
		return nil, err
	}
	return jobs, nil
}

// openJobs takes the locks, in one order, so that two processes do not wait for
// each other, and looks at what is recorded.
func openJobs(ctx context.Context, jobs []*job) error {
	ordered := slices.SortedFunc(slices.Values(jobs), func(a, b *job) int {
		return cmp.Or(cmp.Compare(a.database, b.database), cmp.Compare(a.srv.key, b.srv.key))
	})
	for _, j := range ordered {
		if err := j.take(ctx, j.doing); err != nil {
			return err
		}
	}
	for _, j := range jobs {
		if err := j.e.openRegistry(ctx, j.srv, j.x); err != nil {
			return err
		}
	}
	for _, j := range jobs {
		if err := j.look(ctx); err != nil {
			return err
		}
	}
	return nil
}

// pairPlace is the place of whoever takes two connections. No database has this
// name.
const pairPlace = "\x00two connections"

// connectAll takes a session for each goal, without any lock. Whoever holds one
// connection and waits for a second one may wait for somebody who does the same,
// so only one verb of this process does it at a time. The main server comes
// last, because those who hold a session of another server wait for the
// registry. With one connection to the only server, all share the session.
func (e *Engine) connectAll(ctx context.Context, goals ...goal) (jobs []*job, err error) {
	if len(goals) > 1 {
		done, err := e.world.queue.take(ctx, place{database: pairPlace})
		if err != nil {
			return nil, err
		}
		defer done()
	}
	jobs = make([]*job, len(goals))
	for i := range goals {
		jobs[i] = &job{goal: goals[i], e: e, started: e.cfg.Now()}
	}
	ordered := slices.SortedStableFunc(slices.Values(jobs), func(a, b *job) int { return cmp.Compare(b.srv.key, a.srv.key) })
	var main *mysql.Session
	for i, j := range ordered {
		if i > 0 && ordered[i-1].srv == j.srv && j.srv.MaxConnections() == 1 {
			j.x = ordered[i-1].x
		} else if j.x, err = j.srv.Session(ctx); err != nil {
			err = unreachable(j.srv, j.doing, err)
		}
		if err == nil {
			if j.info, err = j.x.Info(ctx); err != nil {
				err = unreachable(j.srv, j.doing, err)
			}
		}
		if err != nil {
			for _, j := range jobs {
				j.close()
			}
			return nil, err
		}
		if j.srv.key == "" {
			main = j.x
		}
	}
	for _, j := range jobs {
		j.main = main
	}
	return jobs, nil
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
	if err := checkWritable(ctx, x); err != nil {
		return err
	}
	return e.openRegistry(ctx, main, x)
}

// take takes the lock, and makes sure that the server takes writes. Accounts
// with enough privileges write on a read-only replica all the same, and what
// they write is lost or breaks replication, so the server is asked every time.
func (j *job) take(ctx context.Context, doing string) error {
	readOnly, err := j.x.LockToWrite(ctx, j.lock, j.e.cfg.LockTimeout)
	if readOnly && !j.reads {
		return readOnlyProblem()
	}
	if err != nil {
		return lockProblem(j.field, doing, err)
	}
	return nil
}

// look reads what is recorded of the tenant, and returns when the connection of
// a run that was cut off is gone.
func (j *job) look(ctx context.Context) (err error) {
	if j.slug == "" {
		return nil
	}
	if j.row, err = j.e.registry.readTenant(ctx, j.onMain(), j.slug); err != nil || j.row == nil || j.reads {
		return err
	}
	if j.old, err = j.e.registry.readRunning(ctx, j.x, j.row.id); err != nil || j.old == nil {
		return err
	}
	return j.e.fence(ctx, j.x, j.info, j.old)
}

// onMain returns what reads and writes on the main server: the session itself
// where the tenant lives there.
func (j *job) onMain() mysql.Queryer {
	if j.main != nil {
		return j.main
	}
	return j.e.main()
}

// complete refuses a tenant that is not registered, or not complete.
func (j *job) complete() error {
	return checkComplete(j.row, j.slug)
}

// release gives the connection back, because what follows may need one of the
// pool, or wait for somebody who waits for one. The turn stays.
func (j *job) release() { j.x.Close() }

// discard is release for a session that ran what a user wrote, which may have
// changed its settings.
func (j *job) discard() { j.x.Discard() }

// close ends the work.
func (j *job) close() {
	if j.x != nil {
		j.x.Close()
	}
	if j.done != nil {
		j.done()
		j.done = nil
	}
}

// fencePatience is how long an orphaned connection may finish by itself.
const fencePatience = 2 * time.Second

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

// tenantLock names the lock of a tenant. Every tenant has its own, so that the
// tenants of a server never wait for each other.
func (e *Engine) tenantLock(database string) string {
	return mysql.LockName("landlord tenant", database)
}

// restoreLock names the lock of whoever works on the restores of a tenant. It is
// another one than the tenant's, so that another process can migrate a tenant
// while a copy of it is loaded.
func (e *Engine) restoreLock(database string) string {
	return mysql.LockName("landlord restore", database)
}

// templateLock names the lock of a template.
func (e *Engine) templateLock(name string) string {
	return mysql.LockName("landlord template", e.cfg.Database, name)
}

// placeOf says where a tenant is, or where one of that name would be made.
func (e *Engine) placeOf(ctx context.Context, slug string) (place, error) {
	row, err := e.estate.row(ctx, slug)
	if err != nil {
		return place{}, err
	}
	if row != nil {
		return place{server: row.server, database: row.database}, nil
	}
	name, err := e.databaseName(slug)
	if err != nil {
		name = slug // whoever goes on says so
	}
	return place{database: name}, nil
}
