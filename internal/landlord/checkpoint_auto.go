package landlord

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// automatic returns what is kept of a tenant before it loses rows.
func (e *Engine) automatic(wish AutomaticCheckpoint) AutomaticCheckpoint {
	switch {
	case wish != AutomaticDefault:
		return wish
	case e.cfg.CheckpointDirectory != "":
		return AutomaticData
	}
	return AutomaticSchema
}

// checkAutomatic refuses a wish that cannot be fulfilled.
func (e *Engine) checkAutomatic(wish AutomaticCheckpoint) error {
	if wish != AutomaticData || e.cfg.CheckpointDirectory != "" {
		return nil
	}
	return problem(FieldAutomaticCheckpoint, "Provider has no checkpoint directory", "An automatic checkpoint with data needs a directory for its files.",
		"Set `checkpoint_directory` of the provider to a directory that outlives the runs, or `automatic_checkpoint` to `schema` or `none`.")
}

// automaticCheckpoint says what is kept, on whose account and for how long.
type automaticCheckpoint struct {
	wish      AutomaticCheckpoint
	origin    checkpointOrigin
	retention time.Duration // 0 for the default of 30 days
}

// checkpointFirst takes an automatic checkpoint inside of a job. What follows must not begin when it fails. It returns the name,
// empty when none is wanted.
func (e *Engine) checkpointFirst(ctx context.Context, j *job, k automaticCheckpoint) (string, error) {
	wish := e.automatic(k.wish)
	if wish == AutomaticNone {
		return "", nil
	}
	if err := e.checkAutomatic(wish); err != nil {
		return "", err
	}
	if k.retention <= 0 {
		k.retention = DefaultRetention
	}
	name, err := e.automaticName(ctx, j.onMain(), j.slug)
	if err != nil {
		return "", err
	}
	t := e.newTaking(j, CheckpointSpec{Tenant: j.slug, Name: name, Contents: CheckpointContents(wish), Retention: k.retention}, k.origin)
	if _, err := t.run(ctx); err != nil {
		return "", err
	}
	e.checkpoints.forget()
	e.cfg.Log(ctx, "Took an automatic checkpoint", map[string]any{"tenant": j.slug, "checkpoint": name, "contents": string(wish)})
	return name, nil
}

// automaticName returns a name that says when, and that nobody has.
func (e *Engine) automaticName(ctx context.Context, q mysql.Queryer, slug string) (string, error) {
	base := "auto-" + e.cfg.Now().UTC().Format("20060102T150405Z")
	for i := 1; ; i++ {
		name := base
		if i > 1 {
			name += fmt.Sprint("-", i)
		}
		taken, err := e.registry.readCheckpoint(ctx, q, slug, name)
		if err != nil || taken == nil {
			return name, err
		}
	}
}

// losesRows says whether one of the steps takes rows away, set aside or not.
func losesRows(ctx context.Context, q mysql.Queryer, database string, steps []Step) (bool, error) {
	for _, s := range steps {
		if !s.Destructive {
			continue
		}
		empty, err := isEmpty(ctx, q, database, s.table)
		if err != nil || !empty {
			return true, err
		}
	}
	return false, nil
}

// verifyFiles loads a checkpoint into a scratch database and compares. The
// scratch database is locked by the session, so that a sweep knows that it is
// in use.
func (e *Engine) verifyFiles(ctx context.Context, srv *server, x *mysql.Session, m *checkpoint.Manifest) error {
	name := e.scratchName()
	lock := mysql.LockName("landlord scratch", name)
	if err := x.Lock(ctx, lock, 0); err != nil {
		return fmt.Errorf("locking scratch database `%s`: %w", name, err)
	}
	defer func() { _ = x.Unlock(context.WithoutCancel(ctx), lock) }()
	report, err := checkpoint.Verify(ctx, srv.Server, checkpoint.VerifyRequest{
		Directory: m.Directory(), Checksum: m.Checksum, Scratch: name, Session: x,
		Progress: e.copying(ctx, Event{Tenant: m.Labels["tenant"], What: "Verifying a checkpoint", Of: m.Name}),
	})
	if err != nil {
		return err
	}
	if report.OK() {
		return nil
	}
	return problem(FieldVerify, "Checkpoint does not restore to what it was",
		fmt.Sprintf("Checkpoint `%s` was loaded into a scratch database, which differs from what was copied:\n%s", m.Name, listReport(report)),
		"Please report this with the differences above. `verify = false` takes a checkpoint without the proof.")
}

func listReport(r *checkpoint.Report) string {
	text := ""
	for i, d := range r.Differences {
		if i == 10 {
			return text + fmt.Sprintf("… and %d more", len(r.Differences)-i)
		}
		if i > 0 {
			text += "\n"
		}
		text += d.String()
	}
	return text
}

// checkpointFirst takes the automatic checkpoint before a migration that loses
// rows. The rest of an interrupted one has its checkpoint already.
func (u *update) checkpointFirst(ctx context.Context) error {
	if u.plan.rest != nil || u.e.automatic(u.spec.Automatic) == AutomaticNone {
		return nil
	}
	loses, err := losesRows(ctx, u.x, u.plan.DatabaseName, u.plan.Steps)
	if err != nil || !loses {
		return err
	}
	_, err = u.e.checkpointFirst(ctx, u.job, automaticCheckpoint{wish: u.spec.Automatic, origin: originMigration, retention: u.spec.Retention})
	return noCheckpoint(err, fmt.Sprintf("Before a migration that loses rows a checkpoint of tenant `%s` is taken. It could not be, so the migration has not begun.", u.spec.Slug))
}

// checkpointFirst does the same before the statements of a customization.
func (c *customizing) checkpointFirst(ctx context.Context) error {
	if c.plan.rest != nil || c.live == nil {
		return nil
	}
	steps := make([]Step, 0, len(c.steps))
	for _, s := range c.steps {
		steps = append(steps, s.Step)
	}
	loses, err := losesRows(ctx, c.x, c.database, steps)
	if err != nil || !loses {
		return err
	}
	_, err = c.e.checkpointFirst(ctx, c.job, automaticCheckpoint{origin: originMigration})
	return noCheckpoint(err, fmt.Sprintf("Before statements that lose rows a checkpoint of tenant `%s` is taken. It could not be, so nothing was run.", c.slug))
}

// noCheckpoint says what did not begin for want of a checkpoint.
func noCheckpoint(err error, what string) error {
	var p *Problem
	if !errors.As(err, &p) {
		return err
	}
	return &Problem{Field: FieldAutomaticCheckpoint, Summary: p.Summary, Detail: append([]string{what}, p.Detail...), Err: p}
}

// checkLast makes sure that a tenant can come back from the checkpoint on whose
// strength it is dropped: all of its rows, with every file as it was written.
func (e *Engine) checkLast(ctx context.Context, q mysql.Queryer, row *tenantRow, name string) error {
	refuse := func(why string) error {
		return problem(FieldDeletionCheckpoint, "Checkpoint of the tenant is missing",
			fmt.Sprintf("Tenant `%s` is to be dropped on the strength of checkpoint `%s`, but %s. Nothing was touched.", row.slug, name, why),
			"Take the checkpoint first, or apply `allow_destructive = true`.")
	}
	if tenant, short, ok := SplitCheckpointID(name); ok && tenant == row.slug {
		name = short
	}
	r, err := e.registry.readCheckpoint(ctx, q, row.slug, name)
	switch {
	case err != nil:
		return err
	case r == nil || r.tenant != row.id:
		return refuse("it has no checkpoint of that name")
	case r.contents != CheckpointData:
		return refuse("that one holds the schema alone")
	case len(r.tables) > 0:
		return refuse("that one holds some tables alone")
	case r.expired || r.status != CheckpointReady:
		return refuse("the retention of that one is over")
	}
	if _, status, fault := checkFiles(ctx, r); status != CheckpointReady {
		return refuse(fmt.Sprintf("that one is %s: %s", status, fault))
	}
	return nil
}

// lastCheckpoint takes the automatic checkpoint of a tenant that is dropped,
// and returns the name of the one from which it can come back.
func (e *Engine) lastCheckpoint(ctx context.Context, j *job, opt DeleteOptions) (string, error) {
	if j.row.status == StatusDropping {
		return opt.Checkpoint, nil // it was taken, and what is left is no tenant any more
	}
	there, err := mysql.ListDatabases(ctx, j.x, mysql.Databases{Names: []string{j.database}})
	if err != nil || len(there) == 0 {
		return opt.Checkpoint, err
	}
	name, err := e.checkpointFirst(ctx, j, automaticCheckpoint{wish: opt.Automatic, origin: originDeletion, retention: opt.Retention})
	if err != nil {
		return "", noCheckpoint(err, fmt.Sprintf("Before its database is dropped a checkpoint of tenant `%s` is taken. It could not be, so nothing was touched.", j.slug))
	}
	return cmp.Or(name, opt.Checkpoint), nil
}
