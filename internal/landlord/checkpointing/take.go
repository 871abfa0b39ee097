package checkpointing

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/script"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/program"
)

// TakeCheckpoint takes a checkpoint of a tenant. One of the same name is
// refused, unless a run that was cut off took it a short time ago. Errors are
// Problems.
func (c *Checkpoints) TakeCheckpoint(ctx context.Context, spec Spec) (*landlord.Checkpoint, error) {
	return c.takeCheckpoint(ctx, spec, false)
}

// RetakeCheckpoint takes a checkpoint anew. The former one of the name stays
// until the new one is complete.
func (c *Checkpoints) RetakeCheckpoint(ctx context.Context, spec Spec) (*landlord.Checkpoint, error) {
	return c.takeCheckpoint(ctx, spec, true)
}

func (c *Checkpoints) takeCheckpoint(ctx context.Context, spec Spec, replace bool) (*landlord.Checkpoint, error) {
	if _, err := c.PlanCheckpoint(ctx, spec); err != nil {
		return nil, err
	}
	j, err := c.Jobs.OpenTenant(ctx, spec.Tenant, fmt.Sprintf("Taking checkpoint `%s` of tenant `%s`", spec.Name, spec.Tenant))
	if err != nil {
		return nil, err
	}
	defer j.Close()
	if err := j.Complete(); err != nil {
		return nil, err
	}
	t := c.newTaking(j, spec, landlord.OriginRequest)
	t.replace = replace
	made, err := t.run(ctx)
	c.listing.forget()
	if err != nil {
		return nil, err
	}
	c.PlannedCheckpoints.Delete(spec.Tenant + "/" + spec.Name)
	c.Jobs.Expire(ctx, j)
	return made, nil
}

// taking is one attempt to take a checkpoint, under the tenant's lock: nobody
// migrates the tenant meanwhile, and what other runs left unfinished is dead.
type taking struct {
	*apply.Job
	room    *Checkpoints
	spec    Spec
	replace bool
	c       *registry.CheckpointRow
	notes   []landlord.Note
}

// newTaking prepares a checkpoint of the tenant that a job works on.
func (c *Checkpoints) newTaking(j *apply.Job, spec Spec, origin landlord.CheckpointOrigin) *taking {
	return &taking{Job: j, room: c, spec: spec, c: &registry.CheckpointRow{
		Tenant: j.Row.ID, Slug: j.Slug, Name: spec.Name, Contents: spec.contents(), Origin: origin, Server: j.Row.Server, Database: j.Row.Database,
		Tables: slices.Sorted(slices.Values(spec.Tables)), Author: j.E.Servers.Author(j.Info), Template: j.Row.AppliedTemplate(),
	}}
}

// holdsAll says whether a checkpoint that was let go of holds nothing that the
// new one of its name does not.
func (t *taking) holdsAll(former *registry.CheckpointRow) bool {
	whole := t.c.Contents == landlord.CheckpointData && len(t.c.Tables) == 0
	return former.Tenant == t.Row.ID && (whole || former.Contents == landlord.CheckpointSchema)
}

// run takes the checkpoint. The landlord database has it first as one that is
// being taken, and gives it its name when it is complete.
func (t *taking) run(ctx context.Context) (*landlord.Checkpoint, error) {
	t.sweep(ctx)
	former, err := t.room.Registry.ReadCheckpoint(ctx, t.OnMain(), t.Row.Slug, t.c.Name)
	if err != nil {
		return nil, err
	}
	if former != nil && former.Origin == landlord.OriginReleased && t.holdsAll(former) {
		t.replace = true // nobody manages it, and it stays until the new one is complete
	}
	if former != nil && !t.replace {
		return t.takeOver(former)
	}
	if t.c.Labels, err = t.room.Registry.LabelsOf(ctx, t.OnMain(), t.Row); err != nil {
		return nil, err
	}
	if err := t.room.Registry.InsertCheckpoint(ctx, t.OnMain(), t.c); err != nil {
		return nil, err
	}
	t.room.Servers.Fault("after taking")
	if err := t.fill(ctx); err != nil {
		t.undo(context.WithoutCancel(ctx))
		return nil, t.failed(err)
	}
	t.room.Servers.Fault("after files")
	if err := t.finish(ctx); err != nil {
		// Where it is not known whether it is recorded, the former one of the name
		// may have given way. The next run sees which of the two there is.
		if ctx.Err() == nil && !mysql.IsUnanswered(err) {
			t.undo(context.WithoutCancel(ctx))
		}
		return nil, err
	}
	t.room.Servers.Fault("after checkpoint")
	t.sweep(ctx)
	taken, err := t.room.Registry.ReadCheckpoint(ctx, t.OnMain(), t.Row.Slug, t.c.Name)
	if err != nil {
		return nil, err
	}
	if taken == nil {
		return nil, landlord.ErrNotFound
	}
	c := registry.ToCheckpoint(taken)
	c.Notes = t.notes
	return c, nil
}

// sweep removes what other runs left, and the former checkpoint of the name. It
// is never the purpose of a run: what fails is left for the next one.
func (t *taking) sweep(ctx context.Context) {
	if err := t.room.sweepCheckpoints(ctx, t.OnMain(), t.Row.Slug); err != nil {
		t.room.Config.Log(ctx, "What was left of a checkpoint could not be removed yet", map[string]any{"tenant": t.Row.Slug, "error": mysql.Message(err)})
	}
}

// takeOver accepts the checkpoint of a run that was cut off before Terraform
// knew of it.
func (t *taking) takeOver(former *registry.CheckpointRow) (*landlord.Checkpoint, error) {
	same := former.Origin == landlord.OriginRequest && former.Tenant == t.Row.ID && former.Contents == t.c.Contents && slices.Equal(former.Tables, t.c.Tables) &&
		(former.Verified || !t.spec.Verify) && !former.Expired && t.room.Config.Now().Sub(former.CreatedAt) < landlord.CutOff
	if !same {
		return nil, registry.CheckpointExists(former)
	}
	c := registry.ToCheckpoint(former)
	c.Notes = []landlord.Note{{Severity: landlord.Warning, Field: landlord.FieldName, Summary: "Checkpoint was taken by an earlier run",
		Detail: fmt.Sprintf("Checkpoint `%s` of tenant `%s` was taken at %s exactly as configured. An apply that was cut off before Terraform wrote its state leaves this, so it is taken over. To have a newer one, change `keepers`.",
			former.Name, former.Slug, former.CreatedAt.UTC().Format(time.RFC3339))}}
	return c, nil
}

// fill copies what the checkpoint is to hold.
func (t *taking) fill(ctx context.Context) error {
	if t.c.Contents == landlord.CheckpointSchema {
		return t.fillSchema(ctx)
	}
	if err := t.room.directoryThere(landlord.FieldContents, fmt.Sprintf("Checkpoint `%s` of tenant `%s` holds data, and", t.c.Name, t.Row.Slug)); err != nil {
		return err
	}
	kept, err := json.Marshal(t.c.Labels)
	if err != nil {
		return err
	}
	t.c.Location = filepath.Join(t.room.Config.CheckpointDirectory, t.Row.Database,
		fmt.Sprintf("%s-%s-%d", t.c.Name, t.room.Config.Now().UTC().Format("20060102T150405Z"), t.c.ID))
	if t.c.Location, err = filepath.Abs(t.c.Location); err != nil {
		return err
	}
	// Should this run die, the next one knows where to look.
	if err := t.room.Registry.SetCheckpointLocation(ctx, t.OnMain(), t.c.ID, t.c.Location); err != nil {
		return err
	}
	m, err := checkpoint.Take(ctx, t.Srv.Server, checkpoint.Request{
		Database: t.Row.Database, Name: t.c.Name, Directory: t.c.Location, Tables: t.c.Tables, Session: t.X,
		Labels: map[string]string{"tenant": t.Row.Slug, "landlord": string(kept)}, Template: t.c.Template,
		Progress: t.room.Copying(ctx, landlord.Event{Tenant: t.Slug, What: "Taking a checkpoint", Of: t.c.Name}),
	})
	if err != nil {
		return err
	}
	return t.describe(ctx, m)
}

// describe takes down what a checkpoint in files holds, and proves it when that is
// wanted.
func (t *taking) describe(ctx context.Context, m *checkpoint.Manifest) error {
	schema, err := m.Schema()
	if err != nil {
		return err
	}
	t.c.Fingerprint, t.c.Checksum, t.c.Rows, t.c.Size, t.c.ConsistentAt = m.Fingerprint.Whole, m.Checksum, m.Rows, m.Size, m.TakenAt
	if m.Position != nil {
		t.c.Position = m.Position.String()
	}
	for _, note := range m.Notes {
		t.notes = append(t.notes, landlord.Note{Severity: landlord.Warning, Field: landlord.FieldTenant, Summary: "Checkpoint leaves something out",
			Detail: fmt.Sprintf("Checkpoint `%s` of tenant `%s`: %s", t.c.Name, t.Row.Slug, note)})
	}
	if !m.Partial {
		if err := t.room.Registry.WriteSchema(ctx, t.OnMain(), m.Fingerprint, StructureOf(schema)); err != nil {
			return err
		}
	}
	if !t.spec.Verify {
		return nil
	}
	t.c.Verified = true
	return t.room.verifyFiles(ctx, t.Srv, t.X, m)
}

func (t *taking) fillSchema(ctx context.Context) error {
	copied, err := checkpoint.TakeSchema(ctx, t.X, t.Info, t.Row.Database)
	if err != nil {
		return err
	}
	t.c.Fingerprint, t.c.Checksum, t.c.ConsistentAt = copied.Manifest.Fingerprint.Whole, copied.Manifest.Checksum, copied.Manifest.TakenAt
	t.c.Size = int64(len(copied.Script))
	return t.room.Registry.WriteSchema(ctx, t.OnMain(), copied.Manifest.Fingerprint, StructureOf(&copied.Schema))
}

// StructureOf returns the structure that a checkpoint holds as dumpSchema would
// return it.
func StructureOf(s *script.Schema) ddl.Schema {
	out := s.Schema
	out.Objects = slices.Clone(s.Objects)
	for i, o := range out.Objects {
		out.Objects[i].SQL, _ = program.WithDefiner(o.SQL, "") // a checkpoint may be older than owner accounts
		if o.Kind == ddl.KindEvent && o.TimeZone == "" {
			out.Objects[i].TimeZone = cmp.Or(s.EventTimeZones[o.Name], "+00:00")
		}
	}
	return out
}

// finish gives the checkpoint its name.
func (t *taking) finish(ctx context.Context) error {
	doing := fmt.Sprintf("recording checkpoint `%s` of tenant `%s`", t.c.Name, t.Row.Slug)
	return t.Afterwards(ctx, doing, func(local mysql.Queryer) error {
		if t.c.Origin != landlord.OriginRequest {
			return nil // what follows is the event
		}
		return t.room.Registry.WriteEvent(ctx, local, t.Row, "checkpoint", t.room.Servers.Author(t.Info), map[string]any{
			"name": t.c.Name, "contents": t.c.Contents, "origin": t.c.Origin, "location": t.c.Location,
		})
	}, func(records mysql.Queryer) error {
		err := t.room.Registry.FinishCheckpoint(ctx, records, t.c, t.replace, t.spec.Retention)
		if mysql.IsDuplicateKey(err) {
			return registry.CheckpointExists(t.c)
		}
		return err
	})
}

// undo forgets a checkpoint that did not come about. What fails is swept by
// the next run.
func (t *taking) undo(ctx context.Context) {
	if t.X.Poisoned() {
		return
	}
	if err := t.room.removeCheckpoint(ctx, t.OnMain(), t.c); err != nil {
		t.room.Config.Log(ctx, "A checkpoint that failed could not be removed yet", map[string]any{"checkpoint": t.c.Name, "error": mysql.Message(err)})
	}
}

// failed describes why no checkpoint came about.
func (t *taking) failed(err error) error {
	var p *landlord.Problem
	if errors.As(err, &p) || mysql.IsUnanswered(err) {
		return err
	}
	var noTable *checkpoint.NoTableError
	if errors.As(err, &noTable) {
		return landlord.NewProblem(landlord.FieldTables, "Tenant has no such table",
			fmt.Sprintf("Tenant `%s` has no table `%s`.", t.Row.Slug, noTable.Table), "Correct `tables`; names are written as in the database.")
	}
	cause, next := CauseOf(err)
	return &landlord.Problem{Field: landlord.FieldTenant, Summary: "Checkpoint could not be taken", Detail: []string{
		fmt.Sprintf("Taking checkpoint `%s` of tenant `%s` in `%s`.", t.c.Name, t.Row.Slug, t.c.Location),
		cause, "Nothing is left of it. " + next,
	}, Err: err}
}

// Copying tells the progress of a copy as that of an event.
func (c *Checkpoints) Copying(ctx context.Context, event landlord.Event) func(checkpoint.Progress) {
	return func(p checkpoint.Progress) {
		event.Object, event.Rows, event.TotalRows, event.Bytes, event.TotalBytes = p.Table, p.Rows, p.TotalRows, p.Bytes, p.TotalBytes
		c.Config.Progress.Report(ctx, event)
	}
}
