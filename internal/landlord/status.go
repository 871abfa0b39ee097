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
func (e *Engine) setStatus(ctx context.Context, j *job, status Status) (err error) {
	if j.row.status == status {
		return nil
	}
	if status == StatusActive {
		err = e.letIn(ctx, j)
	} else {
		err = e.lockOut(ctx, j)
	}
	if err != nil {
		return &Problem{Field: FieldStatus, Summary: "Tenant status cannot be changed", Detail: []string{
			fmt.Sprintf("Tenant `%s` was to become `%s`.", j.slug, status),
			"Cause: " + mysql.Message(err),
			"The account of the provider needs the right to read `mysql.db` and to grant what the tenant's accounts have. Apply again.",
		}, Err: err}
	}
	return j.both(ctx, fmt.Sprintf("changing the status of tenant `%s`", j.slug), func(registry, local mysql.Queryer) error {
		if err := e.registry.setTenantStatus(ctx, registry, j.row.id, status); err != nil {
			return err
		}
		return e.registry.writeEvent(ctx, local, j.row, string(status), e.author(j.info), map[string]any{"from": j.row.status})
	})
}

// lockOut takes the privileges on the database away and ends the connections
// that use it.
func (e *Engine) lockOut(ctx context.Context, j *job) error {
	grants, err := mysql.DatabaseGrants(ctx, j.x, j.info, j.database)
	if err != nil {
		return err
	}
	kept, err := e.lockedOut(j.row)
	if err != nil {
		return err
	}
	kept = append(kept, grants...)
	if err := e.registry.setTenantLockedOut(ctx, j.onMain(), j.row.id, kept); err != nil {
		return err
	}
	for _, g := range grants {
		if err := mysql.Revoke(ctx, j.x, g); err != nil {
			return err
		}
	}
	return mysql.EndConnections(ctx, j.x, j.info, j.database)
}

// letIn gives the privileges back.
func (e *Engine) letIn(ctx context.Context, j *job) error {
	kept, err := e.lockedOut(j.row)
	if err != nil {
		return err
	}
	for _, g := range kept {
		if err := mysql.Grant(ctx, j.x, g); err != nil && !errors.Is(err, mysql.ErrNoSuchAccount) {
			return err
		}
	}
	return e.registry.setTenantLockedOut(ctx, j.onMain(), j.row.id, nil)
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
