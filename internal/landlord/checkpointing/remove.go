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
	mu   sync.Mutex
	rows map[string]*registry.CheckpointRow // by public name; nil: not read yet
}

func (c *listing) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rows = nil
}

// CheckpointRows returns the checkpoints that have a name, by `tenant/name`.
func (e *Checkpoints) CheckpointRows(ctx context.Context) (map[string]*registry.CheckpointRow, error) {
	c := &e.listing
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.rows != nil {
		return c.rows, nil
	}
	rows, err := e.Registry.ReadCheckpoints(ctx, e.Servers.Main())
	if err != nil {
		return nil, registry.Unreachable(e.Servers.Main(), "reading the checkpoints", err)
	}
	c.rows = make(map[string]*registry.CheckpointRow, len(rows))
	for _, r := range rows {
		c.rows[r.Slug+"/"+r.Name] = r
	}
	return c.rows, nil
}

// Checkpoint returns a checkpoint, after a look at its files. ErrNotFound when
// the landlord database does not know it.
func (e *Checkpoints) Checkpoint(ctx context.Context, tenant, name string) (*landlord.Checkpoint, error) {
	rows, err := e.CheckpointRows(ctx)
	if err != nil {
		return nil, err
	}
	r := rows[tenant+"/"+name]
	if r == nil {
		return nil, landlord.ErrNotFound
	}
	c := registry.ToCheckpoint(r)
	if r.Contents == landlord.CheckpointData && c.Status == landlord.CheckpointReady {
		c.Status, c.Fault = LookAtFiles(ctx, r)
	}
	return c, nil
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
func (e *Checkpoints) KeepCheckpoint(ctx context.Context, tenant, name string, retention time.Duration) (*landlord.Checkpoint, error) {
	defer e.listing.forget()
	err := e.Jobs.Write(ctx, e.Servers.Main(), "changing a checkpoint", func(q mysql.Queryer) error {
		return e.Registry.SetCheckpointRetention(ctx, q, tenant, name, retention)
	})
	if err != nil {
		return nil, err
	}
	e.listing.forget()
	return e.Checkpoint(ctx, tenant, name)
}

// VerifyCheckpoint restores a checkpoint into a scratch database and compares.
// The error is a *Problem when it is not what it should be.
func (e *Checkpoints) VerifyCheckpoint(ctx context.Context, tenant, name string) (*landlord.Checkpoint, error) {
	rows, err := e.CheckpointRows(ctx)
	if err != nil {
		return nil, err
	}
	r := rows[tenant+"/"+name]
	if r == nil {
		return nil, landlord.ErrNotFound
	}
	srv, err := e.Servers.Server(r.Server)
	if err != nil {
		return nil, err
	}
	m, status, fault := checkFiles(ctx, r)
	if status != landlord.CheckpointReady {
		return nil, Unusable(r, status, fault)
	}
	// Another process may migrate the tenant meanwhile.
	j, err := e.Jobs.Open(ctx, apply.Goal{
		Srv: srv, Database: r.Database, Lock: e.Servers.RestoreLock(r.Database), Field: landlord.FieldNone, Doing: fmt.Sprintf("Verifying checkpoint `%s` of tenant `%s`", name, tenant),
	})
	if err != nil {
		return nil, err
	}
	defer j.Close()
	if err := e.verifyFiles(ctx, srv, j.X, m); err != nil {
		return nil, err
	}
	if err := e.Registry.SetCheckpointVerified(ctx, j.OnMain(), r.ID); err != nil {
		return nil, registry.Unreachable(e.Servers.Main(), "recording a checkpoint", err)
	}
	j.Release() // what follows may need a connection of the pool
	e.listing.forget()
	return e.Checkpoint(ctx, tenant, name)
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
func (e *Checkpoints) removeCheckpoint(ctx context.Context, q mysql.Queryer, r *registry.CheckpointRow) error {
	if err := e.Registry.SetCheckpointRemoving(ctx, q, r.ID); err != nil {
		return fmt.Errorf("marking checkpoint `%s`: %w", r.Name, err)
	}
	e.Servers.Fault("before removing")
	if r.Location != "" {
		if err := checkpoint.Remove(r.Location); err != nil {
			return err
		}
	}
	if err := e.Registry.DeleteCheckpoint(ctx, q, r.ID); err != nil {
		return fmt.Errorf("forgetting checkpoint `%s`: %w", r.Name, err)
	}
	return nil
}

// sweepCheckpoints removes what other runs left of checkpoints of a tenant.
// Whoever holds the tenant's lock knows that nobody works on them.
func (e *Checkpoints) sweepCheckpoints(ctx context.Context, q mysql.Queryer, slug string) error {
	rows, err := e.Registry.UnfinishedCheckpoints(ctx, q, slug)
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
			err = e.removeCheckpoint(ctx, q, r)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("removing what an interrupted run left of checkpoint `%s`: %w", r.Name, err))
			continue
		}
		e.Config.Log(ctx, "Removed what was left of a checkpoint", map[string]any{"tenant": slug, "checkpoint": r.Name})
	}
	return errors.Join(errs...)
}

// PurgeCheckpoints removes the files of checkpoints whose retention is over.
// What somebody asked for stays known as expired; automatic ones are forgotten.
// It never fails a run: the next one tries again.
func (e *Checkpoints) PurgeCheckpoints(ctx context.Context, q mysql.Queryer) {
	e.checkpointPurge.Do(func() {
		rows, err := e.Registry.OverdueCheckpoints(ctx, q)
		for _, r := range rows {
			if err == nil && isHere(r) {
				err = e.purgeCheckpoint(ctx, q, r)
			}
		}
		if err != nil {
			e.Config.Log(ctx, "Checkpoints whose retention is over could not be removed", map[string]any{"error": mysql.Message(err)})
		}
	})
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

func (e *Checkpoints) purgeCheckpoint(ctx context.Context, q mysql.Queryer, r *registry.CheckpointRow) error {
	if r.Origin != landlord.OriginRequest {
		return e.removeCheckpoint(ctx, q, r)
	}
	if r.Location != "" {
		if err := checkpoint.Remove(r.Location); err != nil {
			return err
		}
	}
	return e.Registry.SetCheckpointExpired(ctx, q, r.ID)
}
