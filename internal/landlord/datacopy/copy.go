package datacopy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/rowcopy"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// CopyData copies rows of one tenant into another. A run that was cut off
// anywhere is taken up by the next one with the same specification; a copy that
// was finished a short time ago is not made again. Errors are Problems.
func (c *Copies) CopyData(ctx context.Context, spec landlord.DataCopySpec) (*landlord.DataCopy, error) {
	if err := spec.Check(); err != nil {
		return nil, err
	}
	done, err := c.Jobs.TurnOf(ctx, func(ctx context.Context) ([]registry.Place, error) { return c.places(ctx, spec) })
	if err != nil {
		return nil, err
	}
	defer done()
	sides := c.copySides(spec)
	if err := sides.find(c.tenantReader(ctx, c.Servers.Main())); err != nil {
		return nil, err
	}
	return apply.Reopen(ctx, func() (*landlord.DataCopy, error) {
		c := &dataCopying{copySides: c.copySides(spec), spec: spec}
		c.source.row, c.source.srv = sides.source.row, sides.source.srv
		c.target.row, c.target.srv = sides.target.row, sides.target.srv
		return c.run(ctx)
	}, func() {
		c.Config.Log(ctx, "Goes on after a lost connection", map[string]any{"source": spec.Source, "target": spec.Target})
	})
}

// places says where both tenants are.
func (c *Copies) places(ctx context.Context, spec landlord.DataCopySpec) ([]registry.Place, error) {
	sides, read := c.copySides(spec), c.tenantReader(ctx, c.Servers.Main())
	var at []registry.Place
	for _, s := range []*copySide{&sides.source, &sides.target} {
		row, err := read(s.slug)
		if err != nil {
			return nil, err
		}
		if row == nil {
			return nil, of(s.field, landlord.TenantUnknown(s.slug))
		}
		at = append(at, registry.Place{Server: row.Server, Database: row.Database})
	}
	return at, nil
}

// tenantReader returns what reads the rows of tenants.
func (c *Copies) tenantReader(ctx context.Context, q mysql.Queryer) func(slug string) (*registry.TenantRow, error) {
	return func(slug string) (*registry.TenantRow, error) {
		row, err := c.Registry.ReadTenant(ctx, q, slug)
		if err != nil {
			return nil, registry.Unreachable(c.Servers.Main(), "reading a tenant", err)
		}
		return row, nil
	}
}

// dataCopying is one attempt to copy, on sessions that hold the locks of both
// tenants: nobody migrates them meanwhile, and what others left is dead.
type dataCopying struct {
	*copySides
	spec   landlord.DataCopySpec
	row    *registry.DataCopyRow // nil before it begins
	former *registry.DataCopyRow // the same copy, made some time ago; nil without one
	notes  []landlord.Note
}

func (c *dataCopying) run(ctx context.Context) (*landlord.DataCopy, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	defer c.close()
	if err := c.compare(); err != nil {
		return nil, err
	}
	if err := c.lookBack(ctx); err != nil {
		return nil, err
	}
	if c.row == nil || c.row.Status == registry.CopyRunning {
		if err := c.copy(ctx); err != nil {
			return nil, err
		}
	}
	made := registry.ToDataCopy(c.row)
	made.Notes = c.notes
	return made, nil
}

// open opens both tenants. From the source nothing is taken away: its server may
// be a replica.
func (c *dataCopying) open(ctx context.Context) error {
	target, source := c.target.goal(c.room, c.spec.Doing()), c.source.goal(c.room, c.spec.Doing())
	source.Reads = true
	jobs, err := c.room.Jobs.OpenAll(ctx, target, source)
	var p *landlord.Problem
	if errors.As(err, &p) && p.Field == landlord.FieldServer {
		return of(landlord.FieldTarget, err)
	}
	if err == nil {
		c.target.job, c.source.job = jobs[0], jobs[1]
	}
	return err
}

// compare looks once more, under the locks, whether the tenants can be copied.
func (c *dataCopying) compare() error {
	rows := map[string]*registry.TenantRow{c.source.slug: c.source.job.Row, c.target.slug: c.target.job.Row}
	return c.find(func(slug string) (*registry.TenantRow, error) { return rows[slug], nil })
}

// lookBack looks for an earlier run of the same copy, and forgets what others
// left that nobody took up for long, or whose target is gone.
func (c *dataCopying) lookBack(ctx context.Context) error {
	err := c.room.Registry.AbandonStaleCopies(ctx, c.target.job.X, c.target.row, registry.CopyPatience)
	if err != nil {
		return err
	}
	all, err := c.room.Registry.ReadDataCopies(ctx, c.target.job.X, c.source.row, c.target.row, c.spec.Request())
	if err != nil || len(all) == 0 {
		return err
	}
	newest := all[len(all)-1]
	switch {
	case newest.Status == registry.CopyDone && !newest.Recent:
		c.former = newest
	case newest.Status == registry.CopyDone:
		c.row = newest
		c.notes = append(c.notes, landlord.Note{Severity: landlord.Warning, Field: landlord.FieldTarget, Summary: "Rows were copied by an earlier run",
			Detail: fmt.Sprintf("The rows of tenant `%s` were copied into tenant `%s` at %s exactly as configured. An apply that was cut off before Terraform wrote its state leaves this, so it is taken over and nothing is copied again. To copy again, change `keepers`.",
				c.spec.Source, c.spec.Target, newest.FinishedAt.UTC().Format(time.RFC3339))})
	default:
		c.row = newest
	}
	return nil
}

// copy copies, or goes on with what an earlier run began.
func (c *dataCopying) copy(ctx context.Context) error {
	plan, err := c.plan(ctx, c.spec, c.conditions)
	if err != nil {
		return err
	}
	if err := c.tell(plan); err != nil {
		return err
	}
	if err := c.begin(ctx); err != nil {
		return err
	}
	c.room.Servers.Fault("after copy begins")
	report, err := c.copyRows(ctx, plan)
	if err != nil {
		return c.stopped(ctx, err)
	}
	if report.Resumed {
		c.notes = append(c.notes, landlord.Note{Severity: landlord.Warning, Field: landlord.FieldSource, Summary: "Copy went on where an earlier run stopped",
			Detail: fmt.Sprintf("The copy of rows of tenant `%s` into tenant `%s` was begun at %s and cut off. It went on behind the last row that had arrived: what changed in the source before that row since then was not looked at again.",
				c.spec.Source, c.spec.Target, c.row.CreatedAt.UTC().Format(time.RFC3339))})
	}
	c.room.Servers.Fault("before copy is recorded")
	return c.finish(ctx, report)
}

// copyRows copies. Where a user wrote conditions, the source is read by an account
// that sees nothing but the source.
func (c *dataCopying) copyRows(ctx context.Context, plan *rowcopy.Plan) (*rowcopy.Report, error) {
	source := c.source.toSide()
	if len(c.spec.Where) > 0 {
		x, err := c.conditions(ctx)
		if err != nil {
			return nil, err
		}
		source.Session = x
	}
	about, err := c.aboutRows(ctx, plan)
	if err != nil {
		return nil, err
	}
	journal := &copyJournal{c: c, logged: c.room.Config.Now(), read: map[string]int64{}, about: about}
	return rowcopy.Copy(ctx, source, c.target.toSide(), plan, journal)
}

// tell gives the findings of the plan that this run has not told yet. The error
// is the first one that forbids the copy.
func (c *dataCopying) tell(plan *rowcopy.Plan) error {
	notes := findingNotes(c.spec, plan.Findings)
	for _, n := range notes {
		if n.Severity == landlord.Failure {
			return landlord.NewProblem(n.Field, n.Summary, n.Detail, "Nothing was copied.")
		}
	}
	if _, told := c.room.reportedPlans.LoadOrStore(plan.Digest, true); !told {
		c.notes = append(c.notes, notes...)
	}
	return nil
}

// begin records the copy, or that this run takes it up.
func (c *dataCopying) begin(ctx context.Context) error {
	if c.row != nil {
		return c.room.Registry.SetDataCopyTried(ctx, c.target.job.X, c.row.ID)
	}
	id, err := c.room.Registry.InsertDataCopy(ctx, c.target.job.X, c.source.row, c.target.row, c.spec, c.spec.Request(), c.room.Servers.Author(c.target.job.Info))
	if err != nil {
		return err
	}
	return c.read(ctx, id)
}

func (c *dataCopying) read(ctx context.Context, id uint64) error {
	row, err := c.room.Registry.ReadDataCopy(ctx, c.target.job.X, id, c.target.row.Slug)
	if err == nil && row == nil {
		err = landlord.ErrNotFound
	}
	if err != nil {
		return err
	}
	c.row = row
	return nil
}

// finish records the result on the server of the target, and tells both tenants'
// histories.
func (c *dataCopying) finish(ctx context.Context, report *rowcopy.Report) error {
	kept := registry.DataCopyReport{Rows: report.Rows(), Checksum: report.Checksum(), Tables: []landlord.CopiedRows{}}
	for _, t := range report.Tables {
		kept.Tables = append(kept.Tables, landlord.CopiedRows{
			Table: t.Table, Read: t.Read, Inserted: t.Inserted, Skipped: t.Skipped, Replaced: t.Replaced, Checksum: t.Target,
		})
	}
	doing := fmt.Sprintf("recording data copy %d", c.row.ID)
	if err := c.target.job.X.Settle(ctx); err != nil { // triggers of the target may have changed it
		return fmt.Errorf("%s: %w", doing, err)
	}
	err := c.room.Servers.Retry(ctx, func() error {
		return apply.InTransaction(ctx, c.target.job.X, doing, func(q mysql.Queryer) error {
			if err := c.room.Registry.FinishDataCopy(ctx, q, c.row.ID, kept); err != nil {
				return err
			}
			return c.event(ctx, q, c.target, kept)
		})
	})
	if err != nil {
		return err
	}
	c.room.Servers.Fault("after copy is recorded")
	// The copy is made, and stays so whatever comes now.
	if err := c.room.Servers.Retry(ctx, func() error { return c.tellSource(ctx, kept) }); err != nil {
		c.room.Config.Log(ctx, "The copy could not be told to the history of its source", map[string]any{"source": c.spec.Source, "error": mysql.Message(err)})
	}
	return c.read(ctx, c.row.ID)
}

// tellSource writes the copy into the history of the source, unless its server
// takes no writes.
func (c *dataCopying) tellSource(ctx context.Context, report registry.DataCopyReport) error {
	if err := registry.CheckWritable(ctx, c.source.job.X); err != nil {
		return err
	}
	return c.event(ctx, c.source.job.X, c.source, report)
}

// event writes the copy into the history of one of the tenants.
func (c *dataCopying) event(ctx context.Context, q mysql.Queryer, side copySide, report registry.DataCopyReport) error {
	return c.room.Registry.WriteEvent(ctx, q, side.row, "data_copied", c.room.Servers.Author(side.job.Info), map[string]any{
		"id": registry.ToDataCopy(c.row).ID, "source": c.spec.Source, "target": c.spec.Target, "rows": report.Rows, "tables": c.row.Spec.Tables,
	})
}

// DataCopyState returns a copy that was made, by its ID. ErrNotFound when the
// landlord database does not know it, or has it as not done.
func (c *Copies) DataCopyState(ctx context.Context, id string) (*landlord.DataCopy, error) {
	_, row, err := c.findDataCopy(ctx, id)
	if err != nil {
		return nil, err
	}
	if row.Status != registry.CopyDone {
		return nil, landlord.ErrNotFound
	}
	return registry.ToDataCopy(row), nil
}

// ForgetDataCopy lets the same be copied again. The rows stay where they are.
// ErrNotFound when the landlord database does not know the copy.
func (c *Copies) ForgetDataCopy(ctx context.Context, id string) error {
	srv, row, err := c.findDataCopy(ctx, id)
	if err != nil {
		return err
	}
	return c.Jobs.Write(ctx, srv, "forgetting a data copy", func(q mysql.Queryer) error { return c.Registry.SetDataCopyForgotten(ctx, q, row.ID) })
}

// findDataCopy finds a copy and its server.
func (c *Copies) findDataCopy(ctx context.Context, id string) (*registry.Server, *registry.DataCopyRow, error) {
	slug, number, ok := registry.SplitNumberedID(id)
	if !ok {
		return nil, nil, landlord.ErrNotFound
	}
	target, err := c.tenantReader(ctx, c.Servers.Main())(slug)
	if err != nil {
		return nil, nil, err
	}
	if target == nil {
		return nil, nil, landlord.ErrNotFound
	}
	srv, err := c.Servers.Server(target.Server)
	if err != nil {
		return nil, nil, of(landlord.FieldTarget, err)
	}
	row, err := c.Registry.ReadDataCopy(ctx, srv, number, slug)
	if err != nil {
		return nil, nil, registry.Unreachable(srv, "reading a data copy", err)
	}
	if row == nil {
		return nil, nil, landlord.ErrNotFound
	}
	return srv, row, nil
}

// copyRequest returns a specification as package checkpoint takes it.
func copyRequest(s landlord.DataCopySpec) rowcopy.Request {
	return rowcopy.Request{
		Tables: slices.Sorted(slices.Values(s.Tables)), WhereTable: s.Where,
		OnConflict: rowcopy.Conflict(s.ConflictRule()), ChunkRows: int(s.ChunkRows),
	}
}

// copyJournal keeps the progress of one copy on the server of the target.
type copyJournal struct {
	c      *dataCopying
	logged time.Time
	read   map[string]int64 // rows so far, by table
	about  int64            // how many there are; 0 where nobody knows
}

// aboutRows is the server's estimate of how many rows will be copied; 0 where
// conditions choose them.
func (c *dataCopying) aboutRows(ctx context.Context, plan *rowcopy.Plan) (about int64, err error) {
	tables := plan.Tables()
	if len(c.spec.Where) > 0 || len(tables) == 0 {
		return 0, nil
	}
	args := []any{c.source.row.Database}
	for _, table := range tables {
		args = append(args, table)
	}
	err = c.source.job.X.Row(ctx, "SELECT CAST(COALESCE(SUM(TABLE_ROWS), 0) AS SIGNED) FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME IN ("+landlord.Placeholders(len(tables), "?")+")", args...).Scan(&about)
	if err != nil {
		return 0, fmt.Errorf("reading how many rows tenant `%s` has: %w", c.spec.Source, err)
	}
	return about, nil
}

// Load returns how far earlier runs have come.
func (j *copyJournal) Load(ctx context.Context, q mysql.Queryer) ([]rowcopy.Progress, error) {
	texts, err := j.c.room.Registry.ReadCopyProgress(ctx, q, j.c.row.ID)
	if err != nil {
		return nil, err
	}
	var all []rowcopy.Progress
	for _, text := range texts {
		var p rowcopy.Progress
		if err := json.Unmarshal(text, &p); err != nil {
			return nil, err
		}
		all = append(all, p)
		j.read[p.Table] = p.Read
	}
	return all, nil
}

// Save keeps the progress of one table, in the transaction of its rows.
func (j *copyJournal) Save(ctx context.Context, tx *mysql.Tx, p rowcopy.Progress) error {
	e := j.c.room
	e.Servers.Fault("before progress of " + p.Table)
	if err := e.Registry.WriteCopyProgress(ctx, tx, j.c.row.ID, p.Table, p); err != nil {
		return err
	}
	e.Servers.Fault("after progress of " + p.Table)
	j.read[p.Table] = p.Read
	if now := e.Config.Now(); p.Done || now.Sub(j.logged) >= registry.LogEvery {
		j.logged = now
		event := landlord.Event{Tenant: j.c.spec.Target, What: "Copying rows", Of: j.c.spec.Source, Object: p.Table, TotalRows: j.about}
		for _, n := range j.read {
			event.Rows += n
		}
		e.Config.Progress.Report(ctx, event)
	}
	return nil
}
