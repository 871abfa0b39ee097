package checkpointing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
)

// Automatic returns what is kept of a tenant before it loses rows.
func (c *Checkpoints) Automatic(wish landlord.AutomaticCheckpoint) landlord.AutomaticCheckpoint {
	switch {
	case wish != landlord.AutomaticDefault:
		return wish
	case c.Config.CheckpointDirectory != "":
		return landlord.AutomaticData
	}
	return landlord.AutomaticSchema
}

// CheckAutomatic refuses a wish that cannot be fulfilled.
func (c *Checkpoints) CheckAutomatic(wish landlord.AutomaticCheckpoint) error {
	switch {
	case wish != landlord.AutomaticData:
		return nil
	case c.Config.CheckpointDirectory != "":
		return c.directoryThere(landlord.FieldAutomaticCheckpoint, "An automatic checkpoint with data")
	}
	return landlord.NewProblem(landlord.FieldAutomaticCheckpoint, "Provider has no checkpoint directory", "An automatic checkpoint with data needs a directory for its files.",
		"Set `checkpoint_directory` of the provider to a directory that outlives the runs, or `automatic_checkpoint` to `schema` or `none`.")
}

// AutomaticCheckpoint says what is kept, on whose account and for how long.
type AutomaticCheckpoint struct {
	Wish      landlord.AutomaticCheckpoint
	Origin    landlord.CheckpointOrigin
	Retention time.Duration // 0 for the default of 30 days
}

// TakeAutomatic takes an automatic checkpoint inside of a job. What would follow must not begin when it fails. It returns the name,
// empty when none is wanted.
func (c *Checkpoints) TakeAutomatic(ctx context.Context, j *apply.Job, k AutomaticCheckpoint) (string, error) {
	wish := c.Automatic(k.Wish)
	if wish == landlord.AutomaticNone {
		return "", nil
	}
	if err := c.CheckAutomatic(wish); err != nil {
		return "", err
	}
	if k.Retention <= 0 {
		k.Retention = landlord.DefaultRetention
	}
	name, err := c.automaticName(ctx, j.OnMain(), j.Slug)
	if err != nil {
		return "", err
	}
	t := c.newTaking(j, Spec{Tenant: j.Slug, Name: name, Contents: landlord.CheckpointContents(wish), Retention: k.Retention}, k.Origin)
	if _, err := t.run(ctx); err != nil {
		return "", err
	}
	c.listing.forget()
	c.Config.Log(ctx, "Took an automatic checkpoint", map[string]any{"tenant": j.Slug, "checkpoint": name, "contents": string(wish)})
	return name, nil
}

// automaticName returns a name that says when, and that nobody has.
func (c *Checkpoints) automaticName(ctx context.Context, q mysql.Queryer, slug string) (string, error) {
	base := "auto-" + c.Config.Now().UTC().Format("20060102T150405Z")
	for i := 1; ; i++ {
		name := base
		if i > 1 {
			name += fmt.Sprint("-", i)
		}
		taken, err := c.Registry.ReadCheckpoint(ctx, q, slug, name)
		if err != nil || taken == nil {
			return name, err
		}
	}
}

// verifyFiles loads a checkpoint into a scratch database and compares. The
// scratch database is locked by the session, so that a sweep knows that it is
// in use.
func (c *Checkpoints) verifyFiles(ctx context.Context, srv *registry.Server, x *mysql.Session, m *checkpoint.Manifest) error {
	name := c.Renderer.ScratchName()
	lock := mysql.LockName("landlord scratch", name)
	if err := x.Lock(ctx, lock, 0); err != nil {
		return fmt.Errorf("locking scratch database `%s`: %w", name, err)
	}
	defer func() { _ = x.Unlock(context.WithoutCancel(ctx), lock) }()
	report, err := checkpoint.Verify(ctx, srv.Server, checkpoint.VerifyRequest{
		Directory: m.Directory(), Checksum: m.Checksum, Scratch: name, Session: x,
		Progress: c.Copying(ctx, landlord.Event{Tenant: m.Labels["tenant"], What: "Verifying a checkpoint", Of: m.Name}),
	})
	if err != nil {
		return err
	}
	return verified(m.Name, report)
}

// verified refuses a checkpoint from which something else came than was copied.
func verified(name string, report *checkpoint.Report) error {
	if report.OK() {
		return nil
	}
	return landlord.NewProblem(landlord.FieldVerify, "Checkpoint does not restore to what it was",
		fmt.Sprintf("Checkpoint `%s` was loaded into a scratch database, which differs from what was copied:\n%s", name, ListReport(report)),
		"Please report this with the differences above. `verify = false` takes a checkpoint without the proof.")
}

// ListReport lists the differences that a comparison found, one per line, the
// first ten of them.
func ListReport(r *checkpoint.Report) string {
	const most = 10
	var lines []string
	for i, d := range r.Differences {
		if i == most {
			lines = append(lines, fmt.Sprintf("… and %d more", len(r.Differences)-i))
			break
		}
		lines = append(lines, d.String())
	}
	return strings.Join(lines, "\n")
}

// NoCheckpoint says what did not begin for want of a checkpoint.
func NoCheckpoint(err error, what string) error {
	var p *landlord.Problem
	if !errors.As(err, &p) {
		return err
	}
	return &landlord.Problem{Field: landlord.FieldAutomaticCheckpoint, Summary: p.Summary, Detail: append([]string{what}, p.Detail...), Err: p}
}

// CheckLast makes sure that a tenant can come back from the checkpoint on whose
// strength it is dropped: all of its rows, with every file as it was written, as
// far as the look goes.
func (c *Checkpoints) CheckLast(ctx context.Context, q mysql.Queryer, row *registry.TenantRow, name string, look FileLook) error {
	refuse := func(why string) error {
		return landlord.NewProblem(landlord.FieldDeletionCheckpoint, "Checkpoint of the tenant is missing",
			fmt.Sprintf("Tenant `%s` is to be dropped on the strength of checkpoint `%s`, but %s. Nothing was touched.", row.Slug, name, why),
			"Take the checkpoint first, or apply `allow_destructive = true`.")
	}
	if tenant, short, ok := landlord.SplitCheckpointID(name); ok && tenant == row.Slug {
		name = short
	}
	r, err := c.Registry.ReadCheckpoint(ctx, q, row.Slug, name)
	switch {
	case err != nil:
		return err
	case r == nil || r.Tenant != row.ID:
		return refuse("it has no checkpoint of that name")
	case r.Contents != landlord.CheckpointData:
		return refuse("that one holds the schema alone")
	case len(r.Tables) > 0:
		return refuse("that one holds some tables alone")
	case r.Expired || r.Status != landlord.CheckpointReady:
		return refuse("the retention of that one is over")
	}
	if status, fault := look(ctx, r); status != landlord.CheckpointReady {
		return refuse(fmt.Sprintf("that one is %s: %s", status, fault))
	}
	return nil
}

// LastCheckpoint takes the automatic checkpoint of a tenant that is dropped,
// and returns the name of the one from which it can come back.
func (c *Checkpoints) LastCheckpoint(ctx context.Context, j *apply.Job, opt landlord.DeleteOptions) (string, error) {
	if j.Row.Status == landlord.StatusDropping {
		return opt.Checkpoint, nil // it was taken, and what is left is no tenant any more
	}
	there, err := catalog.ListDatabases(ctx, j.X, catalog.Databases{Names: []string{j.Database}})
	if err != nil || len(there) == 0 {
		return opt.Checkpoint, err
	}
	name, err := c.TakeAutomatic(ctx, j, AutomaticCheckpoint{Wish: opt.Automatic, Origin: landlord.OriginDeletion, Retention: opt.Retention})
	if err != nil {
		return "", NoCheckpoint(err, fmt.Sprintf("Before its database is dropped a checkpoint of tenant `%s` is taken. It could not be, so nothing was touched.", j.Slug))
	}
	return cmp.Or(name, opt.Checkpoint), nil
}
