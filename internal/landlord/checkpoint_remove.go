package landlord

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
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// checkpoints is what this process has read of the checkpoints of all tenants:
// one statement answers for all of them.
type checkpoints struct {
	mu   sync.Mutex
	rows map[string]*checkpointRow // by public name; nil: not read yet
}

func (c *checkpoints) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rows = nil
}

// checkpointRows returns the checkpoints that have a name, by `tenant/name`.
func (e *Engine) checkpointRows(ctx context.Context) (map[string]*checkpointRow, error) {
	c := &e.checkpoints
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.rows != nil {
		return c.rows, nil
	}
	rows, err := e.registry.readCheckpoints(ctx, e.main())
	if err != nil {
		return nil, unreachable(e.main(), "reading the checkpoints", err)
	}
	c.rows = make(map[string]*checkpointRow, len(rows))
	for _, r := range rows {
		c.rows[r.slug+"/"+r.name] = r
	}
	return c.rows, nil
}

// Checkpoint returns a checkpoint, after a look at its files. ErrNotFound when
// the landlord database does not know it.
func (e *Engine) Checkpoint(ctx context.Context, tenant, name string) (*Checkpoint, error) {
	rows, err := e.checkpointRows(ctx)
	if err != nil {
		return nil, err
	}
	r := rows[tenant+"/"+name]
	if r == nil {
		return nil, ErrNotFound
	}
	c := toCheckpoint(r)
	if r.contents == CheckpointData && c.Status == CheckpointReady {
		c.Status, c.Fault = lookAtFiles(ctx, r)
	}
	return c, nil
}

// lookAtFiles compares the files of a checkpoint with its manifest. Sizes are
// compared always; contents are when a file was written after the manifest,
// which nothing that is left alone was.
func lookAtFiles(ctx context.Context, r *checkpointRow) (CheckpointStatus, string) {
	m, err := checkpoint.Read(r.location)
	if err == nil && m.Checksum != r.checksum {
		return CheckpointDamaged, "its manifest is another one than that which was recorded"
	}
	if err == nil && m.Touched() {
		err = checkpoint.Check(ctx, m)
	}
	return statusOfFiles(err)
}

// checkFiles compares the contents of all files of a checkpoint.
func checkFiles(ctx context.Context, r *checkpointRow) (*checkpoint.Manifest, CheckpointStatus, string) {
	m, err := checkpoint.Read(r.location)
	if err == nil && m.Checksum != r.checksum {
		return nil, CheckpointDamaged, "its manifest is another one than that which was recorded"
	}
	if err == nil {
		err = checkpoint.Check(ctx, m)
	}
	status, fault := statusOfFiles(err)
	return m, status, fault
}

func statusOfFiles(err error) (CheckpointStatus, string) {
	switch {
	case err == nil:
		return CheckpointReady, ""
	case errors.Is(err, fs.ErrNotExist):
		return CheckpointMissing, err.Error()
	}
	return CheckpointDamaged, err.Error()
}

// KeepCheckpoint changes how long a checkpoint is kept, from the moment at which
// it was taken.
func (e *Engine) KeepCheckpoint(ctx context.Context, tenant, name string, retention time.Duration) (*Checkpoint, error) {
	defer e.checkpoints.forget()
	err := e.write(ctx, e.main(), "changing a checkpoint", func(q mysql.Queryer) error {
		return e.registry.setCheckpointRetention(ctx, q, tenant, name, retention)
	})
	if err != nil {
		return nil, err
	}
	e.checkpoints.forget()
	return e.Checkpoint(ctx, tenant, name)
}

// VerifyCheckpoint restores a checkpoint into a scratch database and compares.
// The error is a *Problem when it is not what it should be.
func (e *Engine) VerifyCheckpoint(ctx context.Context, tenant, name string) (*Checkpoint, error) {
	rows, err := e.checkpointRows(ctx)
	if err != nil {
		return nil, err
	}
	r := rows[tenant+"/"+name]
	if r == nil {
		return nil, ErrNotFound
	}
	srv, err := e.server(r.server)
	if err != nil {
		return nil, err
	}
	m, status, fault := checkFiles(ctx, r)
	if status != CheckpointReady {
		return nil, unusable(r, status, fault)
	}
	// Another process may migrate the tenant meanwhile.
	j, err := e.open(ctx, goal{
		srv: srv, database: r.database, lock: e.restoreLock(r.database), field: FieldNone, doing: fmt.Sprintf("Verifying checkpoint `%s` of tenant `%s`", name, tenant),
	})
	if err != nil {
		return nil, err
	}
	defer j.close()
	if err := e.verifyFiles(ctx, srv, j.x, m); err != nil {
		return nil, err
	}
	if err := e.registry.setCheckpointVerified(ctx, j.onMain(), r.id); err != nil {
		return nil, unreachable(e.main(), "recording a checkpoint", err)
	}
	j.release() // what follows may need a connection of the pool
	e.checkpoints.forget()
	return e.Checkpoint(ctx, tenant, name)
}

func unusable(r *checkpointRow, status CheckpointStatus, fault string) error {
	return problem(FieldCheckpoint, "Checkpoint cannot be used",
		fmt.Sprintf("Checkpoint `%s` of tenant `%s` is %s: %s.", r.name, r.slug, status, fault),
		"Bring its directory back as it was, or choose another checkpoint.")
}

// DeleteCheckpoint removes a checkpoint with its files. ErrNotFound when the
// landlord database does not know it.
func (e *Engine) DeleteCheckpoint(ctx context.Context, tenant, name string) error {
	defer e.checkpoints.forget()
	e.plannedCheckpoints.Delete(tenant + "/" + name)
	r, err := e.registry.readCheckpoint(ctx, e.main(), tenant, name)
	if err != nil {
		return unreachable(e.main(), "removing a checkpoint", err)
	}
	if r == nil {
		return ErrNotFound
	}
	// What is written is the landlord database, whether the tenant's server is
	// there any more or not.
	j, err := e.open(ctx, goal{
		srv: e.main(), database: r.database, at: place{server: r.server, database: r.database}, lock: e.tenantLock(r.database),
		doing: fmt.Sprintf("Removing checkpoint `%s` of tenant `%s`", name, tenant),
	})
	if err != nil {
		return err
	}
	defer j.close()
	if err := e.removeCheckpoint(ctx, j.x, r); err != nil {
		return problem(FieldNone, "Checkpoint could not be removed",
			fmt.Sprintf("Removing checkpoint `%s` of tenant `%s` with its files in `%s`.", r.name, r.slug, r.location),
			"It is no checkpoint any more. Destroy it again to remove what is left.").because(err)
	}
	return nil
}

// removeCheckpoint marks the row, removes the files and then the row, so that
// what is half removed is never taken for whole.
func (e *Engine) removeCheckpoint(ctx context.Context, q mysql.Queryer, r *checkpointRow) error {
	if err := e.registry.setCheckpointRemoving(ctx, q, r.id); err != nil {
		return fmt.Errorf("marking checkpoint `%s`: %w", r.name, err)
	}
	e.fault("before removing")
	if r.location != "" {
		if err := checkpoint.Remove(r.location); err != nil {
			return err
		}
	}
	if err := e.registry.deleteCheckpoint(ctx, q, r.id); err != nil {
		return fmt.Errorf("forgetting checkpoint `%s`: %w", r.name, err)
	}
	return nil
}

// sweepCheckpoints removes what other runs left of checkpoints of a tenant.
// Whoever holds the tenant's lock knows that nobody works on them.
func (e *Engine) sweepCheckpoints(ctx context.Context, q mysql.Queryer, slug string) error {
	rows, err := e.registry.unfinishedCheckpoints(ctx, q, slug)
	if err != nil {
		return err
	}
	var errs []error
	for _, r := range rows {
		var err error
		if r.location != "" {
			err = checkpoint.RemoveLeftovers(r.location)
		}
		if err == nil {
			err = e.removeCheckpoint(ctx, q, r)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("removing what an interrupted run left of checkpoint `%s`: %w", r.name, err))
			continue
		}
		e.cfg.Log(ctx, "Removed what was left of a checkpoint", map[string]any{"tenant": slug, "checkpoint": r.name})
	}
	return errors.Join(errs...)
}

// purgeCheckpoints removes the files of checkpoints whose retention is over.
// What somebody asked for stays known as expired; automatic ones are forgotten.
// It never fails a run: the next one tries again.
func (e *Engine) purgeCheckpoints(ctx context.Context, q mysql.Queryer) {
	e.checkpointPurge.Do(func() {
		rows, err := e.registry.overdueCheckpoints(ctx, q)
		for _, r := range rows {
			if err == nil && isHere(r) {
				err = e.purgeCheckpoint(ctx, q, r)
			}
		}
		if err != nil {
			e.cfg.Log(ctx, "Checkpoints whose retention is over could not be removed", map[string]any{"error": mysql.Message(err)})
		}
	})
}

// isHere says whether the directory that holds the checkpoints of a tenant is one
// of this machine. Where it is not, the files would stay where they are, and
// nobody would know of them any more.
func isHere(r *checkpointRow) bool {
	if r.location == "" {
		return true
	}
	_, err := os.Stat(filepath.Dir(r.location))
	return err == nil
}

func (e *Engine) purgeCheckpoint(ctx context.Context, q mysql.Queryer, r *checkpointRow) error {
	if r.origin != originRequest {
		return e.removeCheckpoint(ctx, q, r)
	}
	if r.location != "" {
		if err := checkpoint.Remove(r.location); err != nil {
			return err
		}
	}
	return e.registry.setCheckpointExpired(ctx, q, r.id)
}
