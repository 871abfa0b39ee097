package landlord

import (
	"context"
	"errors"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/rowcopy"
)

// copySide is one of the two tenants of a copy.
type copySide struct {
	field Field // source or target
	slug  string
	row   *tenantRow
	srv   *server
	job   *job // both sides may have the same session
}

func (s *copySide) toSide() rowcopy.Side {
	return rowcopy.Side{Session: s.job.x, Database: s.row.database}
}

func (s *copySide) place() place { return place{server: s.row.server, database: s.row.database} }

// goal is the side as work of who has the turn.
func (s *copySide) goal(e *Engine, doing string) goal {
	return goal{srv: s.srv, slug: s.slug, database: s.row.database, lock: e.tenantLock(s.row.database), turn: true, field: s.field, doing: doing}
}

// copySides are both of them.
type copySides struct {
	e              *Engine
	source, target copySide
}

func (e *Engine) copySides(spec DataCopySpec) *copySides {
	return &copySides{e: e, source: copySide{field: FieldSource, slug: spec.Source}, target: copySide{field: FieldTarget, slug: spec.Target}}
}

// find sets the row and the server of both sides.
func (c *copySides) find(read func(slug string) (*tenantRow, error)) error {
	for _, s := range []*copySide{&c.source, &c.target} {
		row, err := read(s.slug)
		if err != nil {
			return err
		}
		if row == nil {
			return of(s.field, tenantUnknown(s.slug))
		}
		if err := s.checkStatus(row); err != nil {
			return err
		}
		if s.srv, err = c.e.server(row.server); err != nil {
			return of(s.field, err)
		}
		s.row = row
	}
	return nil
}

// checkStatus refuses a tenant whose tables are not what they are to be. Rows
// can be read from tenants that are suspended or archived: nobody writes there
// meanwhile.
func (s *copySide) checkStatus(row *tenantRow) error {
	switch {
	case row.status == StatusCreating, row.status == StatusDropping:
		return problem(s.field, "Tenant is not complete",
			fmt.Sprintf("Tenant `%s` has the status `%s`: a run was interrupted.", row.slug, row.status), "Apply or destroy the tenant first.")
	case row.running != "":
		return problem(s.field, "Tenant migration is not complete",
			fmt.Sprintf("A migration of tenant `%s` was interrupted, so that its tables are neither the old nor the new ones.", row.slug),
			"Apply the tenant first: the migration goes on where it stopped.")
	case row.status == StatusArchived && s.field == FieldTarget:
		return problem(s.field, "Target is archived",
			fmt.Sprintf("Tenant `%s` is archived: nothing is written into it any more.", row.slug), "Set `status = \"active\"` of the tenant first.")
	}
	return nil
}

// of returns an error, if it is a Problem with a field, as one of another field.
func of(field Field, err error) error {
	var p *Problem
	if !errors.As(err, &p) || p.Field == FieldNone {
		return err
	}
	moved := *p
	moved.Field = field
	return &moved
}

// connect takes a session for each side, to plan a copy.
func (c *copySides) connect(ctx context.Context, doing string) error {
	jobs, err := c.e.connectAll(ctx, c.target.goal(c.e, doing), c.source.goal(c.e, doing))
	if err == nil {
		c.target.job, c.source.job = jobs[0], jobs[1]
	}
	return err
}

// close gives the sessions back. They ran conditions of users and triggers of
// tenants, which may have changed their settings.
func (c *copySides) close() {
	for _, s := range []*copySide{&c.target, &c.source} {
		s.job.discard()
		s.job.close()
	}
}
