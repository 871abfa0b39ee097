package tenant

import (
	"cmp"
	"context"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// PlanDelete makes known that the run destroys a tenant, and refuses what
// DeleteTenant would refuse, since others that the run destroys go before the
// tenant does. It refuses too when another resource of the run takes the same
// tenant over: the two work at the same time, and the rows would be lost. The
// files of a checkpoint are looked at as Checkpoint does. Errors are Problems.
func (t *Tenants) PlanDelete(ctx context.Context, slug string, opt landlord.DeleteOptions) error {
	if t.Estate.Run.Leaves(slug) {
		return landlord.GoesAndComes(slug)
	}
	row, err := t.Estate.Snapshot.Row(ctx, slug)
	if err == nil && row == nil {
		return t.checkGone(ctx, slug, opt.At)
	}
	if err == nil {
		err = t.Jobs.CheckMove(ctx, t.Servers.Main(), landlord.FieldSlug, row)
	}
	if err != nil || opt.Policy != landlord.DeletionDrop || row.Status == landlord.StatusDropping {
		return err
	}
	if err := t.mayDrop(ctx, t.Servers.Main(), row, opt, checkpointing.LookAtFiles); err != nil {
		return err
	}
	return t.Checkpoints.CheckAutomatic(t.Checkpoints.Automatic(opt.Automatic))
}

// DeleteTenant lets a tenant go as its deletion policy says: refuse, archive
// (the database stays, accounts are locked out), or drop. A dropping that was
// interrupted is completed by calling it again. ErrNotFound when the landlord
// database does not know the tenant. Errors are Problems.
func (t *Tenants) DeleteTenant(ctx context.Context, slug string, opt landlord.DeleteOptions) error {
	row, err := t.Estate.KnownRow(ctx, slug)
	if err != nil {
		return err
	}
	if row == nil {
		return cmp.Or(t.checkGone(ctx, slug, opt.At), landlord.ErrNotFound)
	}
	if opt.Policy != landlord.DeletionArchive && opt.Policy != landlord.DeletionDrop {
		return landlord.NewProblem(landlord.FieldDeletionPolicy, "Tenant is protected from deletion",
			fmt.Sprintf("Tenant `%s` with database `%s` has the deletion policy `protect`. Nothing was touched.", slug, row.Database),
			"To let it go, first apply `deletion_policy = \"archive\"` (the database stays, nobody can use it) or `deletion_policy = \"drop\"` (the data is destroyed), then destroy. "+
				"To only forget it in Terraform, use a `removed` block with `destroy = false`.")
	}
	srv, err := t.Servers.Server(row.Server)
	if err != nil {
		return err
	}
	j, err := t.Jobs.Open(ctx, apply.Goal{
		Srv: srv, Slug: slug, Database: row.Database, Lock: t.Servers.TenantLock(row.Database), Field: landlord.FieldSlug, Doing: fmt.Sprintf("Deleting tenant `%s`", slug),
	})
	if err != nil {
		return err
	}
	defer j.Close()
	switch {
	case j.Row == nil:
		err = landlord.ErrNotFound
	case opt.Policy == landlord.DeletionArchive:
		err = t.setStatus(ctx, j, landlord.StatusArchived)
	default:
		err = t.drop(ctx, j, opt)
	}
	j.Release() // what follows may wait for somebody who waits for a connection
	t.Estate.Snapshot.Forget(slug, row.Server, row.Database)
	return err
}

// checkGone refuses to call a tenant destroyed whose database is there, only
// because the landlord database has lost it.
func (t *Tenants) checkGone(ctx context.Context, slug string, at landlord.Whereabouts) error {
	found, err := t.Stray(ctx, slug, at)
	if found == nil {
		return err
	}
	return landlord.NewProblem(landlord.FieldSlug, "Tenant to destroy is not registered",
		fmt.Sprintf("The landlord database does not know tenant `%s`, and its database `%s` is on %s. Nothing was touched.", slug, found.DatabaseName, landlord.ServerName(found.Server)),
		"Apply the tenant first, which registers it anew, and destroy it then. To only forget it in Terraform, use a `removed` block with `destroy = false`.")
}

// drop destroys the database. The row is marked first, so that an interrupted
// dropping is known as such, and removed last.
func (t *Tenants) drop(ctx context.Context, j *apply.Job, opt landlord.DeleteOptions) error {
	row := j.Row
	if err := t.mayDrop(ctx, j.OnMain(), row, opt, checkpointing.CheckFiles); err != nil {
		return err
	}
	kept, err := t.Checkpoints.LastCheckpoint(ctx, j, opt)
	if err != nil {
		return err
	}
	t.Servers.Fault("before dropping")
	ours, err := t.Registry.MarkDropping(ctx, j.OnMain(), row.ID, row.Slug)
	if err != nil {
		return fmt.Errorf("marking tenant `%s` as being dropped: %w", row.Slug, err)
	}
	if !ours { // somebody has claimed it: it is another tenant now
		return landlord.ErrNotFound
	}
	if _, err := j.X.Exec(mysql.Patient(ctx), landlord.DropDatabase(row.Database)); err != nil {
		return landlord.NewProblem(landlord.FieldDeletionPolicy, "Tenant database cannot be dropped",
			fmt.Sprintf("Dropping database `%s` of tenant `%s` stopped.", row.Database, row.Slug),
			"The tenant is kept as `dropping`; destroy it again to go on.").BecauseOf(mysql.Message(err), err)
	}
	if err := t.Accesses.DropAll(ctx, j); err != nil { // behind the database: some may be definers of its programs
		return err
	}
	if err := t.Accounts.DropOwner(ctx, j.X, row.Database); err != nil {
		return fmt.Errorf("deleting tenant `%s`: %w", row.Slug, err)
	}
	return j.Both(ctx, fmt.Sprintf("removing tenant `%s`", row.Slug), func(registry, local mysql.Queryer) error {
		if err := t.Registry.CloseRunning(ctx, local, row); err != nil {
			return err
		}
		if err := t.Registry.AbandonDataCopies(ctx, local, row.ID); err != nil {
			return err
		}
		if err := t.Registry.WriteEvent(ctx, local, row, "dropped", t.Servers.Author(j.Info), map[string]any{"template": row.AppliedTemplate(), "checkpoint": kept}); err != nil {
			return err
		}
		if err := t.Registry.DeleteCustomizations(ctx, registry, row.ID); err != nil {
			return err
		}
		if err := t.Registry.DeleteTenantAccounts(ctx, registry, row.ID); err != nil {
			return err
		}
		if err := t.Registry.DeleteFindings(ctx, registry, row.Slug); err != nil {
			return err
		}
		return t.Registry.DeleteTenant(ctx, registry, row.ID)
	})
}

// deletionOf is what is recorded of how a tenant is to go.
func deletionOf(spec landlord.TenantSpec) registry.Deletion {
	d := registry.Deletion{Policy: spec.DeletionPolicy, Checkpoint: spec.DeletionCheckpoint}
	if tenant, name, ok := landlord.SplitCheckpointID(d.Checkpoint); ok && tenant == spec.Slug {
		d.Checkpoint = name
	}
	if checkpointing.CheckCheckpointName(d.Checkpoint) != nil {
		d.Checkpoint = "" // no checkpoint can have that name, and the column may not take it
	}
	return d
}

// mayDrop wants the user's explicit word: a data checkpoint or allow_destructive.
func (t *Tenants) mayDrop(ctx context.Context, q mysql.Queryer, row *registry.TenantRow, opt landlord.DeleteOptions, look checkpointing.FileLook) error {
	if opt.AllowDestructive || row.Status == landlord.StatusDropping {
		return nil
	}
	if opt.Checkpoint != "" {
		return t.Checkpoints.CheckLast(ctx, q, row, opt.Checkpoint, look)
	}
	return landlord.NewProblem(landlord.FieldAllowDestructive, "Dropping a tenant destroys its data",
		fmt.Sprintf("Tenant `%s` has the deletion policy `drop`: database `%s` with all its rows would be lost. Nothing was touched.", row.Slug, row.Database),
		"Apply `allow_destructive = true`, or name a data checkpoint of the tenant in `deletion_checkpoint`, then destroy.")
}
