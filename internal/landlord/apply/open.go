package apply

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// Goal says which database a job is for, and how its errors are worded.
type Goal struct {
	Srv      *registry.Server
	Slug     string // of the tenant; empty for what is no tenant
	Database string
	Lock     string         // of the server, which other processes respect
	Field    landlord.Field // that errors name
	Doing    string         // `Updating tenant "x"`
	At       registry.Place // whose turn it is, where that is not the database on the server
	Turn     bool           // the verb has taken the turn already
	Reads    bool           // nothing is changed: the server may be read-only
	Anywhere bool           // the verb itself judges where the tenant is recorded, and whether it moves
}

func (g *Goal) place() registry.Place {
	if g.At.Database != "" {
		return g.At
	}
	return registry.Place{Server: g.Srv.Key, Database: g.Database}
}

// Job is a database that is open for work: the turn of this process and the lock
// of the server are taken, the server takes writes, and what an earlier run left
// is dead. It is the only way to change a database.
type Job struct {
	Goal
	E    *Jobs
	X    *mysql.Session // holds the lock and runs everything; another one after a lost connection
	Info mysql.Info
	Row  *registry.TenantRow // as it is under the lock; nil when the tenant is not registered
	Old  *registry.Running   // an unfinished migration that an earlier run left

	texts     *account.Runner  // runs what users wrote; nil before the first text
	reserve   *account.Reserve // of accounts for that, in a wave
	unchecked bool             // foreign_key_checks is off

	main *mysql.Session // of the main server, where this work holds one; nil: its pool is free
	done func()         // ends the turn

	// What runs: see runSteps.
	Live       *ddl.Fingerprint
	Migration  uint64 // of the ledger
	Steps      []registry.RecordedStep
	Next       int // the step that failed, when one did
	Total      int // of all statements, where others than these have run
	Started    time.Time
	Covered    bool                      // one intent covers all steps, which are not marked one by one
	Refuse     func(landlord.Step) error // what is said when a step would lose rows; nil: it may
	reconnects int
}

// Open opens a database for work.
func (j *Jobs) Open(ctx context.Context, g Goal) (*Job, error) {
	jobs, err := j.OpenAll(ctx, g)
	if err != nil {
		return nil, err
	}
	return jobs[0], nil
}

// Write writes what concerns no database of a tenant to the landlord database of
// a server.
func (j *Jobs) Write(ctx context.Context, srv *registry.Server, doing string, run func(q mysql.Queryer) error) error {
	return j.write(ctx, srv, doing, func(x *mysql.Session) error { return run(x) })
}

// WriteTogether is Write in one transaction.
func (j *Jobs) WriteTogether(ctx context.Context, srv *registry.Server, doing string, run func(q mysql.Queryer) error) error {
	return j.write(ctx, srv, doing, func(x *mysql.Session) error { return InTransaction(ctx, x, "in one transaction", run) })
}

func (j *Jobs) write(ctx context.Context, srv *registry.Server, doing string, run func(x *mysql.Session) error) error {
	x, err := srv.Session(ctx)
	if err != nil {
		return registry.Unreachable(srv, doing, err)
	}
	defer x.Close()
	if err := registry.CheckWritable(ctx, x); err != nil {
		return err
	}
	err = j.Servers.OpenRegistry(ctx, srv, x)
	if err == nil {
		err = run(x)
	}
	if err != nil {
		return registry.Unreachable(srv, doing, err)
	}
	return nil
}

// OpenAll opens several databases for one piece of work.
func (j *Jobs) OpenAll(ctx context.Context, goals ...Goal) ([]*Job, error) {
	places := []registry.Place{}
	for i := range goals {
		if !goals[i].Turn {
			places = append(places, goals[i].place())
		}
	}
	done, err := j.Servers.Queue.Take(ctx, places...)
	if err != nil {
		return nil, fmt.Errorf("%s: waiting for other work: %w", goals[0].Doing, err)
	}
	jobs, err := ReopenElsewhere(ctx, func() ([]*Job, error) { return j.openOnce(ctx, goals) }, func() {}, append(servers(goals), j.Servers.Main())...)
	if err != nil {
		done()
		return nil, err
	}
	jobs[0].done = done
	return jobs, nil
}

// OpenAgain opens jobs anew whose connections cannot be trusted any more, and returns
// when nothing has an effect any longer that was sent on them, or on sessions that
// were held beside the first one.
func (j *Jobs) OpenAgain(ctx context.Context, jobs []*Job, beside ...*mysql.Session) error {
	goals, old := make([]Goal, len(jobs)), make([][]registry.Running, len(jobs))
	for i, job := range jobs {
		goals[i], old[i] = job.Goal, []registry.Running{{Connection: job.X.ID(), ServerUUID: job.Info.UUID}}
		job.Discard()
	}
	for _, x := range beside {
		old[0] = append(old[0], registry.Running{Connection: x.ID(), ServerUUID: jobs[0].Info.UUID})
		x.Discard()
	}
	fresh, err := j.ConnectAll(ctx, goals...)
	if err != nil {
		return err
	}
	for i, job := range fresh {
		for n := range old[i] {
			if err == nil {
				err = j.Servers.Fence(ctx, job.X, job.Info, &old[i][n])
			}
		}
	}
	if err == nil {
		err = openJobs(ctx, fresh)
	}
	for i, job := range fresh {
		if err != nil {
			job.Close()
			continue
		}
		jobs[i].X, jobs[i].main, jobs[i].Info, jobs[i].Row, jobs[i].Old = job.X, job.main, job.Info, job.Row, job.Old
	}
	return err
}

// openOnce takes the connections and the locks.
func (j *Jobs) openOnce(ctx context.Context, goals []Goal) ([]*Job, error) {
	for i := range goals {
		if err := j.Servers.ReadyMain(ctx, goals[i].Srv); err != nil {
			return nil, err
		}
	}
	jobs, err := j.ConnectAll(ctx, goals...)
	if err != nil {
		return nil, err
	}
	if err := openJobs(ctx, jobs); err != nil {
		for _, j := range jobs {
			j.Close()
		}
		return nil, err
	}
	return jobs, nil
}

func servers(goals []Goal) []*registry.Server {
	all := make([]*registry.Server, len(goals))
	for i := range goals {
		all[i] = goals[i].Srv
	}
	return all
}

// openJobs takes the locks, in one order, so that two processes do not wait for
// each other, and looks at what is recorded.
func openJobs(ctx context.Context, jobs []*Job) error {
	ordered := slices.SortedFunc(slices.Values(jobs), func(a, b *Job) int {
		return cmp.Or(cmp.Compare(a.Database, b.Database), cmp.Compare(a.Srv.Key, b.Srv.Key))
	})
	for _, j := range ordered {
		if err := j.take(ctx, j.Doing); err != nil {
			return err
		}
	}
	for _, j := range jobs {
		if j.Reads {
			continue // a replica cannot make or upgrade one
		}
		if err := j.E.Servers.OpenRegistry(ctx, j.Srv, j.X); err != nil {
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

// ConnectAll takes a session for each goal, without any lock. Whoever holds one
// connection and waits for a second one may wait for somebody who does the same,
// so only one verb of this process does it at a time. The main server comes
// last, because those who hold a session of another server wait for the
// registry. With one connection to the only server, all share the session.
func (j *Jobs) ConnectAll(ctx context.Context, goals ...Goal) (jobs []*Job, err error) {
	if len(goals) > 1 {
		done, err := j.Servers.Queue.Take(ctx, registry.Place{Database: pairPlace})
		if err != nil {
			return nil, err
		}
		defer done()
	}
	jobs = make([]*Job, len(goals))
	for i := range goals {
		jobs[i] = &Job{Goal: goals[i], E: j, Started: j.Config.Now()}
	}
	ordered := slices.SortedStableFunc(slices.Values(jobs), func(a, b *Job) int { return cmp.Compare(b.Srv.Key, a.Srv.Key) })
	var main *mysql.Session
	for i, j := range ordered {
		if i > 0 && ordered[i-1].Srv == j.Srv && j.Srv.MaxConnections() == 1 {
			j.X = ordered[i-1].X
		} else if j.X, err = j.Srv.Session(ctx); err != nil {
			err = registry.Unreachable(j.Srv, j.Doing, err)
		}
		if err == nil {
			if j.Info, err = j.X.Info(ctx); err != nil {
				err = registry.Unreachable(j.Srv, j.Doing, err)
			}
		}
		if err != nil {
			for _, j := range jobs {
				j.Close()
			}
			return nil, err
		}
		if j.Srv.Key == "" {
			main = j.X
		}
	}
	for _, j := range jobs {
		j.main = main
	}
	return jobs, nil
}

// take takes the lock, and makes sure that the server takes writes. Accounts
// with enough privileges write on a read-only replica all the same, and what
// they write is lost or breaks replication, so the server is asked every time.
func (j *Job) take(ctx context.Context, doing string) error {
	readOnly, err := j.X.LockToWrite(ctx, j.Lock, j.E.Config.LockTimeout)
	if readOnly && !j.Reads {
		return landlord.ReadOnlyProblem(j.X.Primary(ctx))
	}
	if err != nil {
		return landlord.LockProblem(j.Field, doing, err)
	}
	return nil
}

// look reads what is recorded of the tenant, and returns when the connection of
// a run that was cut off is gone.
func (j *Job) look(ctx context.Context) (err error) {
	if j.Slug == "" {
		return nil
	}
	if j.Row, err = j.E.Registry.ReadTenant(ctx, j.OnMain(), j.Slug); err != nil || j.Row == nil {
		return err
	}
	if err := j.stands(ctx); err != nil || j.Reads {
		return err
	}
	if j.Old, err = j.E.Registry.ReadRunning(ctx, j.X, j.Row.ID); err != nil || j.Old == nil {
		return err
	}
	if err := j.E.Servers.Fence(ctx, j.X, j.Info, j.Old); err != nil {
		return err
	}
	return j.E.Accounts.Sweep(ctx, j.X) // what users wrote may still run on a connection of its own
}

// OnMain returns what reads and writes on the main server: the session itself
// where the tenant lives there.
func (j *Job) OnMain() mysql.Queryer {
	if j.main != nil {
		return j.main
	}
	return j.E.Servers.Main()
}

// Complete refuses a tenant that is not registered, or not complete.
func (j *Job) Complete() error {
	return registry.CheckComplete(j.Row, j.Slug)
}

// Release gives the connection back, because what follows may need one of the
// pool, or wait for somebody who waits for one. The turn stays.
func (j *Job) Release() {
	_ = j.endTexts() // the next run that makes an account ends what is left
	j.X.Close()
}

// Discard is release for a session that ran what a user wrote, which may have
// changed its settings.
func (j *Job) Discard() {
	_ = j.endTexts() // the next run that makes an account ends what is left
	j.X.Discard()
}

// Close ends the work.
func (j *Job) Close() {
	if j.X != nil {
		j.Release()
	}
	if j.done != nil {
		j.done()
		j.done = nil
	}
}

// TemplateLock names the lock of a template.
func (j *Jobs) TemplateLock(name string) string {
	return mysql.LockName("landlord template", j.Config.Database, name)
}
