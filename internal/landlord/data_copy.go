package landlord

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/rowcopy"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// CopyData copies rows of one tenant into another. A run that was cut off
// anywhere is taken up by the next one with the same specification; a copy that
// was finished a short time ago is not made again. Errors are Problems.
func (e *Engine) CopyData(ctx context.Context, spec DataCopySpec) (*DataCopy, error) {
	if err := spec.Check(); err != nil {
		return nil, err
	}
	sides := e.copySides(spec)
	if err := sides.find(e.tenantReader(ctx, e.main())); err != nil {
		return nil, err
	}
	done, err := e.world.queue.take(ctx, sides.source.place(), sides.target.place())
	if err != nil {
		return nil, err
	}
	defer done()
	return reopen(ctx, func() (*DataCopy, error) {
		c := &dataCopying{copySides: e.copySides(spec), spec: spec}
		c.source.row, c.source.srv = sides.source.row, sides.source.srv
		c.target.row, c.target.srv = sides.target.row, sides.target.srv
		return c.run(ctx)
	}, func() {
		e.cfg.Log(ctx, "Goes on after a lost connection", map[string]any{"source": spec.Source, "target": spec.Target})
	})
}

// tenantReader returns what reads the rows of tenants.
func (e *Engine) tenantReader(ctx context.Context, q mysql.Queryer) func(slug string) (*tenantRow, error) {
	return func(slug string) (*tenantRow, error) {
		row, err := e.registry.readTenant(ctx, q, slug)
		if err != nil {
			return nil, unreachable(e.main(), "reading a tenant", err)
		}
		return row, nil
	}
}

// dataCopying is one attempt to copy, on sessions that hold the locks of both
// tenants: nobody migrates them meanwhile, and what others left is dead.
type dataCopying struct {
	*copySides
	spec   DataCopySpec
	row    *dataCopyRow // nil before it begins
	former *dataCopyRow // the same copy, made some time ago; nil without one
	notes  []Note
}

func (c *dataCopying) run(ctx context.Context) (*DataCopy, error) {
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
	if c.row == nil || c.row.status == copyRunning {
		if err := c.copy(ctx); err != nil {
			return nil, err
		}
	}
	made := toDataCopy(c.row)
	made.Notes = c.notes
	return made, nil
}

// open opens both tenants. From the source nothing is taken away: its server may
// be a replica.
func (c *dataCopying) open(ctx context.Context) error {
	target, source := c.target.goal(c.e, c.spec.doing()), c.source.goal(c.e, c.spec.doing())
	source.reads = true
	jobs, err := c.e.openAll(ctx, target, source)
	var p *Problem
	if errors.As(err, &p) && p.Field == FieldServer {
		return of(FieldTarget, err)
	}
	if err == nil {
		c.target.job, c.source.job = jobs[0], jobs[1]
	}
	return err
}

// compare looks once more, under the locks, whether the tenants can be copied.
func (c *dataCopying) compare() error {
	source, target := c.source.row.database, c.target.row.database
	rows := map[string]*tenantRow{c.source.slug: c.source.job.row, c.target.slug: c.target.job.row}
	if err := c.find(func(slug string) (*tenantRow, error) { return rows[slug], nil }); err != nil {
		return err
	}
	if source != c.source.row.database || target != c.target.row.database {
		return problem(FieldNone, "Tenant changed since the plan", "Another run has made one of the tenants anew.", "Nothing was copied. Apply again.")
	}
	return nil
}

// lookBack looks for an earlier run of the same copy, and forgets what others
// left that nobody took up for long, or whose target is gone.
func (c *dataCopying) lookBack(ctx context.Context) error {
	err := c.e.registry.abandonStaleCopies(ctx, c.target.job.x, c.target.row, copyPatience)
	if err != nil {
		return err
	}
	all, err := c.e.registry.readDataCopies(ctx, c.target.job.x, c.source.row, c.target.row, c.spec.request())
	if err != nil || len(all) == 0 {
		return err
	}
	newest := all[len(all)-1]
	switch {
	case newest.status == copyDone && !newest.recent:
		c.former = newest
	case newest.status == copyDone:
		c.row = newest
		c.notes = append(c.notes, Note{Severity: Warning, Field: FieldTarget, Summary: "Rows were copied by an earlier run",
			Detail: fmt.Sprintf("The rows of tenant `%s` were copied into tenant `%s` at %s exactly as configured. An apply that was cut off before Terraform wrote its state leaves this, so it is taken over and nothing is copied again. To copy again, change `keepers`.",
				c.spec.Source, c.spec.Target, newest.finishedAt.UTC().Format(time.RFC3339))})
	default:
		c.row = newest
	}
	return nil
}

// copy copies, or goes on with what an earlier run began.
func (c *dataCopying) copy(ctx context.Context) error {
	plan, err := c.plan(ctx, c.spec)
	if err != nil {
		return err
	}
	if err := c.tell(plan); err != nil {
		return err
	}
	if err := c.begin(ctx); err != nil {
		return err
	}
	c.e.fault("after copy begins")
	report, err := rowcopy.Copy(ctx, c.source.toSide(), c.target.toSide(), plan, &copyJournal{c: c, logged: c.e.cfg.Now()})
	if err != nil {
		return c.stopped(ctx, err)
	}
	if report.Resumed {
		c.notes = append(c.notes, Note{Severity: Warning, Field: FieldSource, Summary: "Copy went on where an earlier run stopped",
			Detail: fmt.Sprintf("The copy of rows of tenant `%s` into tenant `%s` was begun at %s and cut off. It went on behind the last row that had arrived: what changed in the source before that row since then was not looked at again.",
				c.spec.Source, c.spec.Target, c.row.createdAt.UTC().Format(time.RFC3339))})
	}
	c.e.fault("before copy is recorded")
	return c.finish(ctx, report)
}

// tell gives the findings of the plan that this run has not told yet. The error
// is the first one that forbids the copy.
func (c *dataCopying) tell(plan *rowcopy.Plan) error {
	notes := findingNotes(c.spec, plan.Findings)
	for _, n := range notes {
		if n.Severity == Failure {
			return problem(n.Field, n.Summary, n.Detail, "Nothing was copied.")
		}
	}
	if _, told := c.e.toldCopies.LoadOrStore(plan.Digest, true); !told {
		c.notes = append(c.notes, notes...)
	}
	return nil
}

// begin records the copy, or that this run takes it up.
func (c *dataCopying) begin(ctx context.Context) error {
	if c.row != nil {
		return c.e.registry.setDataCopyTried(ctx, c.target.job.x, c.row.id)
	}
	id, err := c.e.registry.insertDataCopy(ctx, c.target.job.x, c.source.row, c.target.row, c.spec, c.spec.request(), c.e.author(c.target.job.info))
	if err != nil {
		return err
	}
	return c.read(ctx, id)
}

func (c *dataCopying) read(ctx context.Context, id uint64) error {
	row, err := c.e.registry.readDataCopy(ctx, c.target.job.x, id, c.target.row.slug)
	if err == nil && row == nil {
		err = ErrNotFound
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
	kept := dataCopyReport{Rows: report.Rows(), Checksum: report.Checksum(), Tables: []CopiedRows{}}
	for _, t := range report.Tables {
		kept.Tables = append(kept.Tables, CopiedRows{
			Table: t.Table, Read: t.Read, Inserted: t.Inserted, Skipped: t.Skipped, Replaced: t.Replaced, Checksum: t.Target,
		})
	}
	doing := fmt.Sprintf("recording data copy %d", c.row.id)
	err := c.e.retry(ctx, func() error {
		return inTransaction(ctx, c.target.job.x, doing, func(q mysql.Queryer) error {
			if err := c.e.registry.finishDataCopy(ctx, q, c.row.id, kept); err != nil {
				return err
			}
			return c.event(ctx, q, c.target, kept)
		})
	})
	if err != nil {
		return err
	}
	c.e.fault("after copy is recorded")
	// The copy is made, and stays so whatever comes now.
	if err := c.e.retry(ctx, func() error { return c.tellSource(ctx, kept) }); err != nil {
		c.e.cfg.Log(ctx, "The copy could not be told to the history of its source", map[string]any{"source": c.spec.Source, "error": mysql.Message(err)})
	}
	return c.read(ctx, c.row.id)
}

// tellSource writes the copy into the history of the source, unless its server
// takes no writes.
func (c *dataCopying) tellSource(ctx context.Context, report dataCopyReport) error {
	if err := checkWritable(ctx, c.source.job.x); err != nil {
		return err
	}
	return c.event(ctx, c.source.job.x, c.source, report)
}

// event writes the copy into the history of one of the tenants.
func (c *dataCopying) event(ctx context.Context, q mysql.Queryer, side copySide, report dataCopyReport) error {
	return c.e.registry.writeEvent(ctx, q, side.row, "data_copied", c.e.author(side.job.info), map[string]any{
		"id": toDataCopy(c.row).ID, "source": c.spec.Source, "target": c.spec.Target, "rows": report.Rows, "tables": c.row.spec.Tables,
	})
}

// DataCopyState returns a copy that was made, by its ID. ErrNotFound when the
// landlord database does not know it, or has it as not done.
func (e *Engine) DataCopyState(ctx context.Context, id string) (*DataCopy, error) {
	_, row, err := e.findDataCopy(ctx, id)
	if err != nil {
		return nil, err
	}
	if row.status != copyDone {
		return nil, ErrNotFound
	}
	return toDataCopy(row), nil
}

// ForgetDataCopy lets the same be copied again. The rows stay where they are.
// ErrNotFound when the landlord database does not know the copy.
func (e *Engine) ForgetDataCopy(ctx context.Context, id string) error {
	srv, row, err := e.findDataCopy(ctx, id)
	if err != nil {
		return err
	}
	return e.write(ctx, srv, "forgetting a data copy", func(q mysql.Queryer) error { return e.registry.setDataCopyForgotten(ctx, q, row.id) })
}

// findDataCopy finds a copy and its server.
func (e *Engine) findDataCopy(ctx context.Context, id string) (*server, *dataCopyRow, error) {
	slug, number, ok := splitNumberedID(id)
	if !ok {
		return nil, nil, ErrNotFound
	}
	target, err := e.tenantReader(ctx, e.main())(slug)
	if err != nil {
		return nil, nil, err
	}
	if target == nil {
		return nil, nil, ErrNotFound
	}
	srv, err := e.server(target.server)
	if err != nil {
		return nil, nil, of(FieldTarget, err)
	}
	row, err := e.registry.readDataCopy(ctx, srv, number, slug)
	if err != nil {
		return nil, nil, unreachable(srv, "reading a data copy", err)
	}
	if row == nil {
		return nil, nil, ErrNotFound
	}
	return srv, row, nil
}

// copyRequest returns a specification as package checkpoint takes it.
func copyRequest(s DataCopySpec) rowcopy.Request {
	return rowcopy.Request{
		Tables: slices.Sorted(slices.Values(s.Tables)), WhereTable: s.Where,
		OnConflict: rowcopy.Conflict(s.onConflict()), ChunkRows: int(s.ChunkRows),
	}
}
