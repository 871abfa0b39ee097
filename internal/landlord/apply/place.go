package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// OpenTenant opens a tenant for work where it lives. Where somebody has moved it
// since it was looked at, it is opened there. One that is not registered is a
// *Problem.
func (j *Jobs) OpenTenant(ctx context.Context, slug, doing string) (*Job, error) {
	for again := false; ; again = true {
		row, err := j.Estate.KnownRow(ctx, slug)
		if err != nil {
			return nil, err
		}
		if row == nil {
			return nil, landlord.TenantUnknown(slug)
		}
		srv, err := j.Servers.Server(row.Server)
		if err != nil {
			return nil, err
		}
		job, err := j.Open(ctx, Goal{Srv: srv, Slug: slug, Database: row.Database, Lock: j.Servers.TenantLock(row.Database), Field: landlord.FieldTenant, Doing: doing})
		if again || !errors.Is(err, errElsewhere) {
			return job, err
		}
		j.Estate.Snapshot.Forget(slug, row.Server, row.Database)
	}
}

// errElsewhere says that the tenant is not where it was when it was looked at.
var errElsewhere = errors.New("the tenant is elsewhere")

// stands refuses a tenant that somebody has moved since it was looked at, and one
// whose move was cut off.
func (j *Job) stands(ctx context.Context) error {
	switch {
	case j.Anywhere:
		return nil
	case j.Row.Server != j.Srv.Key || j.Row.Database != j.Database:
		p := landlord.NewProblem(j.Field, "Tenant changed since the plan",
			fmt.Sprintf("Tenant `%s` has database `%s` on %s by now. When it was looked at, it had `%s` on %s.",
				j.Slug, j.Row.Database, landlord.ServerName(j.Row.Server), j.Database, landlord.ServerName(j.Srv.Key)),
			"Nothing was run. Plan again.")
		p.Err = errElsewhere
		return p
	}
	return j.E.CheckMove(ctx, j.OnMain(), j.Field, j.Row)
}

// CheckMove refuses a tenant whose move to another server was cut off: something of
// it is on both.
func (j *Jobs) CheckMove(ctx context.Context, q mysql.Queryer, field landlord.Field, row *registry.TenantRow) error {
	if !strings.HasPrefix(row.Running, registry.MoveMark) {
		return nil
	}
	open, err := j.Registry.OpenMove(ctx, q, row.ID)
	if err != nil || open == nil {
		return err
	}
	return landlord.NewProblem(field, "Move of the tenant was interrupted",
		fmt.Sprintf("A move of tenant `%s` from %s to %s was cut off, so something of it is on both. Nothing was touched.", open.Slug, landlord.ServerName(open.From), landlord.ServerName(open.To)),
		open.WayOn()+" Everything else of the tenant waits for that.")
}

// PlaceOf says where a tenant is, or where one of that name would be made.
func (j *Jobs) PlaceOf(ctx context.Context, slug string) (registry.Place, error) {
	row, err := j.Estate.Snapshot.Row(ctx, slug)
	if err != nil {
		return registry.Place{}, err
	}
	if row != nil {
		return registry.Place{Server: row.Server, Database: row.Database}, nil
	}
	name, err := j.Servers.DatabaseName(slug)
	if err != nil {
		name = slug // whoever goes on says so
	}
	return registry.Place{Database: name}, nil
}

// TurnOf waits for the turn at tenants, wherever they are when it comes: who had it
// before may have moved them. where says where they are.
func (j *Jobs) TurnOf(ctx context.Context, where func(ctx context.Context) ([]registry.Place, error)) (done func(), err error) {
	at, err := where(ctx)
	for err == nil {
		if done, err = j.Servers.Queue.Take(ctx, at...); err != nil {
			break
		}
		now, err := where(ctx)
		if err == nil && slices.Equal(at, now) {
			return done, nil
		}
		done()
		if err != nil {
			return nil, err
		}
		at = now
	}
	return nil, err
}
