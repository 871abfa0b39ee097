package landlord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// setStatus changes the status of a tenant. Suspended and archived tenants are
// locked out: the privileges that accounts have on exactly this database are
// taken away, remembered in the tenant's row, and given back when the tenant is
// active again. What is taken is recorded before it is taken.
func (e *Engine) setStatus(ctx context.Context, srv *server, x *mysql.Session, row *tenantRow, status Status) error {
	if row.status == status {
		return nil
	}
	info, err := x.Info(ctx)
	if err != nil {
		return unreachable(srv, "changing the status of a tenant", err)
	}
	if status == StatusActive {
		err = e.letIn(ctx, srv, x, info, row)
	} else {
		err = e.lockOut(ctx, srv, x, info, row)
	}
	if err != nil {
		return &Problem{Field: FieldStatus, Summary: "Tenant status cannot be changed", Detail: []string{
			fmt.Sprintf("Tenant `%s` was to become `%s`.", row.slug, status),
			"Cause: " + mysql.Message(err),
			"The account of the provider needs the right to read `mysql.db` and to grant what the tenant's accounts have. Apply again.",
		}, Err: err}
	}
	return e.both(ctx, srv, x, fmt.Sprintf("changing the status of tenant `%s`", row.slug), func(registry, local mysql.Queryer) error {
		if err := e.registry.setTenantStatus(ctx, registry, row.id, status); err != nil {
			return err
		}
		return e.registry.writeEvent(ctx, local, row, string(status), e.author(info), map[string]any{"from": row.status})
	})
}

// lockOut takes the privileges on the database away and ends the connections
// that use it.
func (e *Engine) lockOut(ctx context.Context, srv *server, x *mysql.Session, info mysql.Info, row *tenantRow) error {
	grants, err := mysql.DatabaseGrants(ctx, x, info, row.database)
	if err != nil {
		return err
	}
	kept, err := e.lockedOut(row)
	if err != nil {
		return err
	}
	kept = append(kept, grants...)
	if err := e.registry.setTenantLockedOut(ctx, e.registryOf(srv, x), row.id, kept); err != nil {
		return err
	}
	for _, g := range grants {
		if err := mysql.Revoke(ctx, x, g); err != nil {
			return err
		}
	}
	return mysql.EndConnections(ctx, x, info, row.database)
}

// letIn gives the privileges back.
func (e *Engine) letIn(ctx context.Context, srv *server, x *mysql.Session, _ mysql.Info, row *tenantRow) error {
	kept, err := e.lockedOut(row)
	if err != nil {
		return err
	}
	for _, g := range kept {
		if err := mysql.Grant(ctx, x, g); err != nil && !errors.Is(err, mysql.ErrNoSuchAccount) {
			return err
		}
	}
	return e.registry.setTenantLockedOut(ctx, e.registryOf(srv, x), row.id, nil)
}

func (e *Engine) lockedOut(row *tenantRow) ([]mysql.DatabaseGrant, error) {
	if len(row.lockedOut) == 0 {
		return nil, nil
	}
	var kept []mysql.DatabaseGrant
	if err := json.Unmarshal(row.lockedOut, &kept); err != nil {
		return nil, fmt.Errorf("reading what was taken from the accounts of tenant `%s`: %w", row.slug, err)
	}
	return kept, nil
}
