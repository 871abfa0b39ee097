package landlord

import (
	"context"
	"errors"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// DeleteTenant lets a tenant go as its deletion policy says: refuse, archive
// (the database stays, accounts are locked out), or drop. A dropping that was
// interrupted is completed by calling it again. ErrNotFound when the landlord
// database does not know the tenant. Errors are Problems.
func (e *Engine) DeleteTenant(ctx context.Context, slug string, opt DeleteOptions) error {
	row, err := e.knownRow(ctx, slug)
	if err != nil {
		return err
	}
	if row == nil {
		return ErrNotFound
	}
	if opt.Policy != DeletionArchive && opt.Policy != DeletionDrop {
		return problem(FieldDeletionPolicy, "Tenant is protected from deletion",
			fmt.Sprintf("Tenant `%s` with database `%s` has the deletion policy `protect`. Nothing was touched.", slug, row.database),
			"To let it go, first apply `deletion_policy = \"archive\"` (the database stays, nobody can use it) or `deletion_policy = \"drop\"` (the data is destroyed), then destroy. "+
				"To only forget it in Terraform, use a `removed` block with `destroy = false`.")
	}
	srv, err := e.server(row.server)
	if err != nil {
		return err
	}
	j, err := e.open(ctx, goal{
		srv: srv, slug: slug, database: row.database, lock: e.tenantLock(row.database), field: FieldSlug, doing: fmt.Sprintf("Deleting tenant `%s`", slug),
	})
	if err != nil {
		return err
	}
	defer j.close()
	switch {
	case j.row == nil:
		err = ErrNotFound
	case j.row.server != row.server || j.row.database != row.database:
		err = problem(FieldSlug, "Tenant changed since the plan",
			fmt.Sprintf("Another run has registered or removed tenant `%s` since the plan was made.", slug), "Nothing was run. Plan again.")
	case opt.Policy == DeletionArchive:
		err = e.setStatus(ctx, j, StatusArchived)
	default:
		err = e.drop(ctx, j, opt)
	}
	j.release() // what follows may wait for somebody who waits for a connection
	e.estate.forget(slug, row.server, row.database)
	return err
}

// knownRow returns the row of a tenant as this process has seen it, and asks
// again for one that it has not seen; nil when there is none.
func (e *Engine) knownRow(ctx context.Context, slug string) (*tenantRow, error) {
	row, err := e.estate.row(ctx, slug)
	if err != nil || row != nil {
		return row, err
	}
	if row, err = e.registry.readTenant(ctx, e.main(), slug); err != nil {
		return nil, unreachable(e.main(), "reading a tenant", err)
	}
	return row, nil
}

// drop destroys the database. The row is marked first, so that an interrupted
// dropping is known as such, and removed last.
func (e *Engine) drop(ctx context.Context, j *job, opt DeleteOptions) error {
	row := j.row
	if err := e.mayDrop(ctx, j.onMain(), row, opt); err != nil {
		return err
	}
	kept, err := e.lastCheckpoint(ctx, j, opt)
	if err != nil {
		return err
	}
	if err := e.registry.setTenantStatus(ctx, j.onMain(), row.id, StatusDropping); err != nil {
		return fmt.Errorf("marking tenant `%s` as being dropped: %w", row.slug, err)
	}
	if _, err := j.x.Exec(ctx, dropDatabase(row.database)); err != nil {
		return problem(FieldDeletionPolicy, "Tenant database cannot be dropped",
			fmt.Sprintf("Dropping database `%s` of tenant `%s` stopped.", row.database, row.slug),
			"The tenant is kept as `dropping`; destroy it again to go on.").because(errors.New(mysql.Message(err)))
	}
	return j.both(ctx, fmt.Sprintf("removing tenant `%s`", row.slug), func(registry, local mysql.Queryer) error {
		if err := e.registry.closeRunning(ctx, local, row); err != nil {
			return err
		}
		if err := e.registry.abandonDataCopies(ctx, local, row.id); err != nil {
			return err
		}
		if err := e.registry.writeEvent(ctx, local, row, "dropped", e.author(j.info), map[string]any{"template": row.appliedTemplate(), "checkpoint": kept}); err != nil {
			return err
		}
		if err := e.registry.deleteCustomizations(ctx, registry, row.id); err != nil {
			return err
		}
		return e.registry.deleteTenant(ctx, registry, row.id)
	})
}

// mayDrop wants the user's explicit word: a data checkpoint or allow_destructive.
func (e *Engine) mayDrop(ctx context.Context, q mysql.Queryer, row *tenantRow, opt DeleteOptions) error {
	if opt.AllowDestructive || row.status == StatusDropping {
		return nil
	}
	if opt.Checkpoint != "" {
		return e.checkLast(ctx, q, row, opt.Checkpoint)
	}
	return problem(FieldAllowDestructive, "Dropping a tenant destroys its data",
		fmt.Sprintf("Tenant `%s` has the deletion policy `drop`: database `%s` with all its rows would be lost. Nothing was touched.", row.slug, row.database),
		"Apply `allow_destructive = true`, or name a data checkpoint of the tenant in `deletion_checkpoint`, then destroy.")
}
