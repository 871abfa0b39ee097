package datacopy

import (
	"context"
	"errors"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/rowcopy"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// copySide is one of the two tenants of a copy.
type copySide struct {
	field landlord.Field // source or target
	slug  string
	row   *registry.TenantRow
	srv   *registry.Server
	job   *apply.Job // both sides may have the same session
}

func (s *copySide) toSide() rowcopy.Side {
	return rowcopy.Side{Session: s.job.X, Database: s.row.Database}
}

// conditions returns the session on which conditions run that a user wrote: of an
// account that sees nothing but the source, made for the first of them.
func (c *copySides) conditions(ctx context.Context) (*mysql.Session, error) {
	if c.texts == nil {
		c.texts = c.room.Jobs.Accounts.Runner(c.source.job.X, c.source.row.Database, account.OnSelect)
	}
	return c.texts.Session(ctx)
}

// goal is the side as work of who has the turn.
func (s *copySide) goal(room *Copies, doing string) apply.Goal {
	return apply.Goal{Srv: s.srv, Slug: s.slug, Database: s.row.Database, Lock: room.Servers.TenantLock(s.row.Database), Turn: true, Field: s.field, Doing: doing}
}

// copySides are both of them.
type copySides struct {
	room           *Copies
	source, target copySide
	texts          *account.Runner // nil before the first condition
}

func (c *Copies) copySides(spec landlord.DataCopySpec) *copySides {
	return &copySides{room: c, source: copySide{field: landlord.FieldSource, slug: spec.Source}, target: copySide{field: landlord.FieldTarget, slug: spec.Target}}
}

// find sets the row and the server of both sides.
func (c *copySides) find(read func(slug string) (*registry.TenantRow, error)) error {
	for _, s := range []*copySide{&c.source, &c.target} {
		row, err := read(s.slug)
		if err != nil {
			return err
		}
		if row == nil {
			return of(s.field, landlord.TenantUnknown(s.slug))
		}
		if err := s.checkStatus(row); err != nil {
			return err
		}
		if s.srv, err = c.room.Servers.Server(row.Server); err != nil {
			return of(s.field, err)
		}
		s.row = row
	}
	return nil
}

// checkStatus refuses a tenant whose tables are not what they are to be. Rows
// can be read from tenants that are suspended or archived: nobody writes there
// meanwhile.
func (s *copySide) checkStatus(row *registry.TenantRow) error {
	switch {
	case row.Status == landlord.StatusCreating, row.Status == landlord.StatusDropping:
		return landlord.NewProblem(s.field, "Tenant is not complete",
			fmt.Sprintf("Tenant `%s` has the status `%s`: a run was interrupted.", row.Slug, row.Status), "Apply or destroy the tenant first.")
	case row.Running != "":
		return landlord.NewProblem(s.field, "Tenant migration is not complete",
			fmt.Sprintf("A migration of tenant `%s` was interrupted, so that its tables are neither the old nor the new ones.", row.Slug),
			"Apply the tenant first: the migration goes on where it stopped.")
	case row.Status == landlord.StatusArchived && s.field == landlord.FieldTarget:
		return landlord.NewProblem(s.field, "Target is archived",
			fmt.Sprintf("Tenant `%s` is archived: nothing is written into it any more.", row.Slug), "Set `status = \"active\"` of the tenant first.")
	}
	return nil
}

// of returns an error, if it is a Problem with a field, as one of another field.
func of(field landlord.Field, err error) error {
	var p *landlord.Problem
	if !errors.As(err, &p) || p.Field == landlord.FieldNone {
		return err
	}
	moved := *p
	moved.Field = field
	return &moved
}

// connect takes a session for each side, to plan a copy.
func (c *copySides) connect(ctx context.Context, doing string) error {
	jobs, err := c.room.Jobs.ConnectAll(ctx, c.target.goal(c.room, doing), c.source.goal(c.room, doing))
	if err == nil {
		c.target.job, c.source.job = jobs[0], jobs[1]
	}
	return err
}

// close gives the sessions back. They ran conditions of users and triggers of
// tenants, which may have changed their settings.
func (c *copySides) close() {
	if c.texts != nil {
		c.texts.Close()
	}
	for _, s := range []*copySide{&c.target, &c.source} {
		s.job.Discard()
		s.job.Close()
	}
}
