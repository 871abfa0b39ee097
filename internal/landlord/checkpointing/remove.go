package checkpointing

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// listing is what this process has read of the checkpoints of all tenants:
// one statement answers for all of them.
type listing struct {
	reading sync.Mutex // held while the server is asked: who holds a connection must not wait for it

	mu      sync.Mutex                         // held for no statement
	rows    map[string]*registry.CheckpointRow // by public name; nil: not read yet
	changes int                                // by this process: an answer to an earlier question does not count
}

// forget makes the next look ask the server again. It waits for nobody who waits
// for a connection.
func (c *listing) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rows = nil
	c.changes++
}

// known returns what was read, nil when nothing was, and how often it changed.
func (c *listing) known() (map[string]*registry.CheckpointRow, int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rows, c.changes
}

// learn keeps an answer, unless this process changed something since the question.
func (c *listing) learn(rows map[string]*registry.CheckpointRow, asked int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.changes == asked {
		c.rows = rows
	}
}

// CheckpointRows returns the checkpoints that have a name, by `tenant/name`.
func (c *Checkpoints) CheckpointRows(ctx context.Context) (map[string]*registry.CheckpointRow, error) {
	c.listing.reading.Lock()
	defer c.listing.reading.Unlock()
	known, asked := c.listing.known()
	if known != nil {
		return known, nil
	}
	rows, err := c.Registry.ReadCheckpoints(ctx, c.Servers.Main())
	if err != nil {
		return nil, registry.Unreachable(c.Servers.Main(), "reading the checkpoints", err)
	}
	known = make(map[string]*registry.CheckpointRow, len(rows))
	for _, r := range rows {
		known[r.Slug+"/"+r.Name] = r
	}
	c.listing.learn(known, asked)
	return known, nil
}

// Checkpoint returns a checkpoint, after a look at its files. ErrNotFound when
// the landlord database does not know it.
func (c *Checkpoints) Checkpoint(ctx context.Context, tenant, name string) (*landlord.Checkpoint, error) {
	rows, err := c.CheckpointRows(ctx)
	if err != nil {
		return nil, err
	}
	r := rows[tenant+"/"+name]
	if r == nil {
		return nil, landlord.ErrNotFound
	}
	out := registry.ToCheckpoint(r)
	if r.Contents == landlord.CheckpointData && out.Status == landlord.CheckpointReady {
		out.Status, out.Fault = LookAtFiles(ctx, r)
	}
	return out, nil
}

// FileLook says whether the files of a checkpoint are as they were written, and
// what is wrong with them.
type FileLook func(ctx context.Context, r *registry.CheckpointRow) (landlord.CheckpointStatus, string)

// LookAtFiles compares the files of a checkpoint with its manifest. Sizes are
// compared always; contents are when a file was written after the manifest,
// which nothing that is left alone was.
func LookAtFiles(ctx context.Context, r *registry.CheckpointRow) (landlord.CheckpointStatus, string) {
	m, err := checkpoint.Read(r.Location)
	if err == nil && m.Checksum != r.Checksum {
		return landlord.CheckpointDamaged, "its manifest is another one than that which was recorded"
	}
	if err == nil && m.Touched() {
		err = checkpoint.Check(ctx, m)
	}
	return StatusOfFiles(err)
}

// checkFiles compares the contents of all files of a checkpoint.
func checkFiles(ctx context.Context, r *registry.CheckpointRow) (*checkpoint.Manifest, landlord.CheckpointStatus, string) {
	m, err := checkpoint.Read(r.Location)
	if err == nil && m.Checksum != r.Checksum {
		return nil, landlord.CheckpointDamaged, "its manifest is another one than that which was recorded"
	}
	if err == nil {
		err = checkpoint.Check(ctx, m)
	}
	status, fault := StatusOfFiles(err)
	return m, status, fault
}

// CheckFiles compares the contents of all files of a checkpoint, which takes as
// long as reading them.
func CheckFiles(ctx context.Context, r *registry.CheckpointRow) (landlord.CheckpointStatus, string) {
	_, status, fault := checkFiles(ctx, r)
	return status, fault
}

// StatusOfFiles makes a status out of what a look at the files said.
func StatusOfFiles(err error) (landlord.CheckpointStatus, string) {
	switch {
	case err == nil:
		return landlord.CheckpointReady, ""
	case errors.Is(err, fs.ErrNotExist):
		return landlord.CheckpointMissing, err.Error()
	}
	return landlord.CheckpointDamaged, err.Error()
}

// KeepCheckpoint changes how long a checkpoint is kept, from the moment at which
// it was taken.
func (c *Checkpoints) KeepCheckpoint(ctx context.Context, tenant, name string, retention time.Duration) (*landlord.Checkpoint, error) {
	defer c.listing.forget()
	err := c.Jobs.Write(ctx, c.Servers.Main(), "changing a checkpoint", func(q mysql.Queryer) error {
		return c.Registry.SetCheckpointRetention(ctx, q, tenant, name, retention)
	})
	if err != nil {
		return nil, err
	}
	c.listing.forget()
	return c.Checkpoint(ctx, tenant, name)
}

// VerifyCheckpoint restores a checkpoint into a scratch database and compares.
// The error is a *Problem when it is not what it should be.
func (c *Checkpoints) VerifyCheckpoint(ctx context.Context, tenant, name string) (*landlord.Checkpoint, error) {
	rows, err := c.CheckpointRows(ctx)
	if err != nil {
		return nil, err
	}
	r := rows[tenant+"/"+name]
	if r == nil {
		return nil, landlord.ErrNotFound
	}
	srv, err := c.Servers.Server(r.Server)
	if err != nil {
		return nil, err
	}
	m, status, fault := checkFiles(ctx, r)
	if status != landlord.CheckpointReady {
		return nil, Unusable(r, status, fault)
	}
	// Another process may migrate the tenant meanwhile.
	j, err := c.Jobs.Open(ctx, apply.Goal{
		Srv: srv, Database: r.Database, Lock: c.Servers.RestoreLock(r.Database), Field: landlord.FieldNone, Doing: fmt.Sprintf("Verifying checkpoint `%s` of tenant `%s`", name, tenant),
	})
	if err != nil {
		return nil, err
	}
	defer j.Close()
	if err := c.verifyFiles(ctx, srv, j.X, m); err != nil {
		return nil, err
	}
	if err := c.Registry.SetCheckpointVerified(ctx, j.OnMain(), r.ID); err != nil {
		return nil, registry.Unreachable(c.Servers.Main(), "recording a checkpoint", err)
	}
	j.Release() // what follows may need a connection of the pool
	c.listing.forget()
	return c.Checkpoint(ctx, tenant, name)
}

// Unusable returns the *Problem of a checkpoint whose files are not there or not
// what was written; fault is what reading them said.
func Unusable(r *registry.CheckpointRow, status landlord.CheckpointStatus, fault string) error {
	return landlord.NewProblem(landlord.FieldCheckpoint, "Checkpoint cannot be used",
		fmt.Sprintf("Checkpoint `%s` of tenant `%s` is %s: %s.", r.Name, r.Slug, status, fault),
		"Bring its directory back as it was, or choose another checkpoint.")
}

// removeCheckpoint marks the row, removes the files and then the row, so that
// what is half removed is never taken for whole.
func (c *Checkpoints) removeCheckpoint(ctx context.Context, q mysql.Queryer, r *registry.CheckpointRow) error {
	if err := c.Registry.SetCheckpointRemoving(ctx, q, r.ID); err != nil {
		return fmt.Errorf("marking checkpoint `%s`: %w", r.Name, err)
	}
	c.Servers.Fault("before removing")
	if r.Location != "" {
		if err := checkpoint.Remove(r.Location); err != nil {
			return err
		}
	}
	if err := c.Registry.DeleteCheckpoint(ctx, q, r.ID); err != nil {
		return fmt.Errorf("forgetting checkpoint `%s`: %w", r.Name, err)
	}
	return nil
}

// sweepCheckpoints removes what other runs left of checkpoints of a tenant.
// Whoever holds the tenant's lock knows that nobody works on them.
func (c *Checkpoints) sweepCheckpoints(ctx context.Context, q mysql.Queryer, slug string) error {
	rows, err := c.Registry.UnfinishedCheckpoints(ctx, q, slug)
	if err != nil {
		return err
	}
	var errs []error
	for _, r := range rows {
		var err error
		if r.Location != "" {
			err = checkpoint.RemoveLeftovers(r.Location)
		}
		if err == nil {
			err = c.removeCheckpoint(ctx, q, r)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("removing what an interrupted run left of checkpoint `%s`: %w", r.Name, err))
			continue
		}
		c.Config.Log(ctx, "Removed what was left of a checkpoint", map[string]any{"tenant": slug, "checkpoint": r.Name})
	}
	return errors.Join(errs...)
}

// PurgeCheckpoints removes the files of checkpoints whose retention is over.
// What somebody asked for stays known as expired; automatic ones are forgotten.
// It never fails a run: the next one tries again. The first of a run does it, and
// the others go on meanwhile: they may hold the connection that it waits for.
func (c *Checkpoints) PurgeCheckpoints(ctx context.Context, q mysql.Queryer) {
	if c.purged.Swap(true) {
		return
	}
	rows, err := c.Registry.OverdueCheckpoints(ctx, q)
	for _, r := range rows {
		if err == nil && isHere(r) {
			err = c.purgeCheckpoint(ctx, q, r)
		}
	}
	if err != nil {
		c.Config.Log(ctx, "Checkpoints whose retention is over could not be removed", map[string]any{"error": mysql.Message(err)})
	}
}

// isHere says whether the directory that holds the checkpoints of a tenant is one
// of this machine. Where it is not, the files would stay where they are, and
// nobody would know of them any more.
func isHere(r *registry.CheckpointRow) bool {
	if r.Location == "" {
		return true
	}
	_, err := os.Stat(filepath.Dir(r.Location))
	return err == nil
}

// purgeCheckpoint removes the files of a checkpoint that is overdue still:
// another run may have kept it for longer since the list was read. What a run that
// was cut off left of the files goes too.
func (c *Checkpoints) purgeCheckpoint(ctx context.Context, q mysql.Queryer, r *registry.CheckpointRow) error {
	c.Servers.Fault("before expiry")
	if r.Status == landlord.CheckpointReady {
		overdue, err := c.Registry.SetCheckpointExpired(ctx, q, r)
		if err != nil || !overdue {
			return err
		}
		c.Servers.Fault("after expiry")
	}
	if r.Origin != landlord.OriginRequest {
		return c.removeCheckpoint(ctx, q, r)
	}
	if r.Location == "" {
		return nil
	}
	return checkpoint.Remove(r.Location)
}
