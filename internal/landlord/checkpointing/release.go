package checkpointing

import (
	"context"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// DeleteCheckpoint removes a checkpoint with its files. One that the deletion of
// its tenant needs, or of a tenant that is protected, is let go of instead: it
// stays until its retention is over, and a note says so. Terraform destroys a
// checkpoint before the tenant that it refers to, so the tenant would never find
// it otherwise. ErrNotFound when the landlord database does not know it.
func (c *Checkpoints) DeleteCheckpoint(ctx context.Context, tenant, name string) ([]landlord.Note, error) {
	defer c.listing.forget()
	c.PlannedCheckpoints.Delete(tenant + "/" + name)
	r, err := c.Registry.ReadCheckpoint(ctx, c.Servers.Main(), tenant, name)
	if err != nil {
		return nil, registry.Unreachable(c.Servers.Main(), "removing a checkpoint", err)
	}
	if r == nil {
		return nil, landlord.ErrNotFound
	}
	j, err := c.openToRemove(ctx, r)
	if err != nil {
		return nil, err
	}
	defer j.Close()
	if r, err = c.Registry.ReadCheckpoint(ctx, j.OnMain(), tenant, name); err != nil { // as it is under the lock
		return nil, registry.Unreachable(c.Servers.Main(), "removing a checkpoint", err)
	}
	if r == nil {
		return nil, landlord.ErrNotFound
	}
	reason, err := c.needed(ctx, j.OnMain(), r)
	if err != nil {
		return nil, err
	}
	if reason != "" {
		return c.release(ctx, j.OnMain(), r, reason)
	}
	if err := c.removeCheckpoint(ctx, j.OnMain(), r); err != nil {
		return nil, landlord.NewProblem(landlord.FieldNone, "Checkpoint could not be removed",
			fmt.Sprintf("Removing checkpoint `%s` of tenant `%s` with its files in `%s`.", r.Name, r.Slug, r.Location),
			"It is no checkpoint any more. Destroy it again to remove what is left.").Because(err)
	}
	return nil, nil
}

// openToRemove takes the lock of the tenant, where whoever takes a checkpoint of it
// takes it. What is written is the landlord database, so the tenant's server need
// not be there any more: nobody takes a checkpoint of it then.
func (c *Checkpoints) openToRemove(ctx context.Context, r *registry.CheckpointRow) (*apply.Job, error) {
	g := apply.Goal{
		Srv: c.Servers.Main(), Database: r.Database, At: registry.Place{Server: r.Server, Database: r.Database}, Lock: c.Servers.TenantLock(r.Database),
		Doing: fmt.Sprintf("Removing checkpoint `%s` of tenant `%s`", r.Name, r.Slug),
	}
	srv, err := c.Servers.Server(r.Server)
	if err != nil || srv.Key == "" { // it is not configured any more
		return c.Jobs.Open(ctx, g)
	}
	there := g
	there.Srv, there.Reads = srv, true
	j, err := c.Jobs.Open(ctx, there)
	if mysql.IsUnanswered(err) && ctx.Err() == nil {
		return c.Jobs.Open(ctx, g)
	}
	return j, err
}

// needed says why a checkpoint must outlive its resource, in a sentence without
// a full stop; nothing when it may go.
func (c *Checkpoints) needed(ctx context.Context, q mysql.Queryer, r *registry.CheckpointRow) (string, error) {
	if r.Expired || r.Status != landlord.CheckpointReady {
		return "", nil
	}
	d, err := c.Registry.ReadDeletion(ctx, q, r.Tenant)
	switch {
	case err != nil:
		return "", registry.Unreachable(c.Servers.Main(), "removing a checkpoint", err)
	case d.Checkpoint == r.Name:
		return "`deletion_checkpoint` of the tenant names it", nil
	case d.Policy == landlord.DeletionProtect:
		return "the tenant is protected from deletion", nil
	}
	return "", nil
}

// release leaves a checkpoint to its retention.
func (c *Checkpoints) release(ctx context.Context, q mysql.Queryer, r *registry.CheckpointRow, reason string) ([]landlord.Note, error) {
	until, err := c.Registry.ReleaseCheckpoint(ctx, q, r.ID, landlord.DefaultRetention)
	if err != nil {
		return nil, registry.Unreachable(c.Servers.Main(), "letting go of a checkpoint", err)
	}
	files := ""
	if r.Location != "" {
		files = fmt.Sprintf(" with its files in `%s`", r.Location)
	}
	return []landlord.Note{{Severity: landlord.Warning, Field: landlord.FieldName, Summary: "Checkpoint outlives its resource",
		Detail: fmt.Sprintf("Checkpoint `%s` of tenant `%s` leaves Terraform's state and stays%s until %s: %s. The first apply after that removes it. To manage it again, import `%s/%s`.",
			r.Name, r.Slug, files, until.UTC().Format(time.RFC3339), reason, r.Slug, r.Name)}}, nil
}
