package landlord

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// copySide is one of the two tenants of a copy.
type copySide struct {
	field Field // source or target
	slug  string
	row   *tenantRow
	srv   *server
	x     *mysql.Session // both sides may have the same one
}

func (s *copySide) toSide() checkpoint.CopySide {
	return checkpoint.CopySide{Session: s.x, Database: s.row.database}
}

// copySides are both of them.
type copySides struct {
	e              *Engine
	source, target copySide
	registry       mysql.Queryer // while the sessions are held
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

// The turn of whoever takes two connections. No database has this name.
const pairTurn = "\x00two connections"

// connect takes a session for each side. Whoever holds one connection and waits
// for a second one may wait for somebody who does the same, so only one copy of
// this process does it at a time. The main server comes last, because those who
// hold a session of another server wait for the registry. With one connection
// to the only server, both sides share the session.
func (c *copySides) connect(ctx context.Context, doing string) error {
	free, err := c.e.turn(ctx, pairTurn)
	if err != nil {
		return err
	}
	defer free()
	order := []*copySide{&c.target, &c.source}
	if c.target.srv.key == "" {
		slices.Reverse(order)
	}
	for _, s := range order {
		if s == order[1] && c.source.srv == c.target.srv && s.srv.MaxConnections() == 1 {
			s.x = order[0].x
			break
		}
		if s.x, err = s.srv.Session(ctx); err != nil {
			c.close()
			return unreachable(s.srv, doing, err)
		}
	}
	c.registry = c.e.main()
	for _, s := range order {
		if s.srv.key == "" { // the pool may have no other
			c.registry = s.x
		}
	}
	return nil
}

// close gives the sessions back. They ran conditions of users and triggers of
// tenants, which may have changed their settings.
func (c *copySides) close() {
	for _, s := range []*copySide{&c.source, &c.target} {
		if s.x != nil {
			s.x.Discard()
			s.x = nil
		}
	}
}

// lock takes the locks of both tenants, in the order of their names, so that two
// copies in opposite directions do not wait for each other.
func (c *copySides) lock(ctx context.Context, doing string) error {
	sides := []*copySide{&c.source, &c.target}
	slices.SortFunc(sides, func(a, b *copySide) int {
		return cmp.Or(cmp.Compare(a.row.database, b.row.database), cmp.Compare(a.srv.key, b.srv.key))
	})
	for _, s := range sides {
		if err := s.x.Lock(ctx, c.e.tenantLock(s.row.database), c.e.cfg.LockTimeout); err != nil {
			return lockProblem(s.field, doing, err)
		}
	}
	return nil
}

// turns waits until nobody of this process works on the customizations or the
// copies of either tenant. It takes no connection.
func (c *copySides) turns(ctx context.Context) (free func(), err error) {
	var taken []func()
	free = func() {
		for _, done := range taken {
			done()
		}
	}
	slugs, databases := []string{c.source.slug, c.target.slug}, []string{c.source.row.database, c.target.row.database}
	slices.Sort(slugs)
	slices.Sort(databases)
	waits := []func() (func(), error){}
	for _, slug := range slugs {
		waits = append(waits, func() (func(), error) { return c.e.world.turn(ctx, slug) })
	}
	for _, database := range slices.Compact(databases) {
		waits = append(waits, func() (func(), error) { return c.e.turn(ctx, database) })
	}
	for _, wait := range waits {
		done, err := wait()
		if err != nil {
			free()
			return nil, err
		}
		taken = append(taken, done)
	}
	return free, nil
}
