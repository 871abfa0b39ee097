package landlord

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
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// TakeCheckpoint takes a checkpoint of a tenant. One of the same name is
// refused, unless a run that was cut off took it a short time ago. Errors are
// Problems.
func (e *Engine) TakeCheckpoint(ctx context.Context, spec CheckpointSpec) (*Checkpoint, error) {
	return e.takeCheckpoint(ctx, spec, false)
}

// RetakeCheckpoint takes a checkpoint anew. The former one of the name stays
// until the new one is complete.
func (e *Engine) RetakeCheckpoint(ctx context.Context, spec CheckpointSpec) (*Checkpoint, error) {
	return e.takeCheckpoint(ctx, spec, true)
}

func (e *Engine) takeCheckpoint(ctx context.Context, spec CheckpointSpec, replace bool) (*Checkpoint, error) {
	if _, err := e.PlanCheckpoint(ctx, spec); err != nil {
		return nil, err
	}
	row, err := e.knownRow(ctx, spec.Tenant)
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, tenantUnknown(spec.Tenant)
	}
	srv, err := e.server(row.server)
	if err != nil {
		return nil, err
	}
	j, err := e.open(ctx, goal{
		srv: srv, slug: spec.Tenant, database: row.database, lock: e.tenantLock(row.database),
		field: FieldTenant, doing: fmt.Sprintf("Taking checkpoint `%s` of tenant `%s`", spec.Name, spec.Tenant),
	})
	if err != nil {
		return nil, err
	}
	defer j.close()
	if err := j.complete(); err != nil {
		return nil, err
	}
	t := e.newTaking(j, spec, originRequest)
	t.replace = replace
	made, err := t.run(ctx)
	e.checkpoints.forget()
	if err != nil {
		return nil, err
	}
	e.plannedCheckpoints.Delete(spec.Tenant + "/" + spec.Name)
	e.expire(ctx, j)
	return made, nil
}

// taking is one attempt to take a checkpoint, under the tenant's lock: nobody
// migrates the tenant meanwhile, and what other runs left unfinished is dead.
type taking struct {
	*job
	e       *Engine
	spec    CheckpointSpec
	replace bool
	c       *checkpointRow
	notes   []Note
}

// newTaking prepares a checkpoint of the tenant that a job works on.
func (e *Engine) newTaking(j *job, spec CheckpointSpec, origin checkpointOrigin) *taking {
	return &taking{job: j, e: e, spec: spec, c: &checkpointRow{
		tenant: j.row.id, slug: j.slug, name: spec.Name, contents: spec.contents(), origin: origin, server: j.row.server, database: j.row.database,
		tables: slices.Sorted(slices.Values(spec.Tables)), author: j.e.author(j.info), template: j.row.appliedTemplate(),
	}}
}

// run takes the checkpoint. The landlord database has it first as one that is
// being taken, and gives it its name when it is complete.
func (t *taking) run(ctx context.Context) (*Checkpoint, error) {
	t.sweep(ctx)
	former, err := t.e.registry.readCheckpoint(ctx, t.onMain(), t.row.slug, t.c.name)
	if err != nil {
		return nil, err
	}
	if former != nil && !t.replace {
		return t.takeOver(former)
	}
	if t.c.labels, err = t.e.registry.labelsOf(ctx, t.onMain(), t.row); err != nil {
		return nil, err
	}
	if err := t.e.registry.insertCheckpoint(ctx, t.onMain(), t.c); err != nil {
		return nil, err
	}
	t.e.fault("after taking")
	if err := t.fill(ctx); err != nil {
		t.undo(context.WithoutCancel(ctx))
		return nil, t.failed(err)
	}
	t.e.fault("after files")
	if err := t.finish(ctx); err != nil {
		t.undo(context.WithoutCancel(ctx))
		return nil, err
	}
	t.e.fault("after checkpoint")
	t.sweep(ctx)
	taken, err := t.e.registry.readCheckpoint(ctx, t.onMain(), t.row.slug, t.c.name)
	if err != nil {
		return nil, err
	}
	if taken == nil {
		return nil, ErrNotFound
	}
	c := toCheckpoint(taken)
	c.Notes = t.notes
	return c, nil
}

// sweep removes what other runs left, and the former checkpoint of the name. It
// is never the purpose of a run: what fails is left for the next one.
func (t *taking) sweep(ctx context.Context) {
	if err := t.e.sweepCheckpoints(ctx, t.onMain(), t.row.slug); err != nil {
		t.e.cfg.Log(ctx, "What was left of a checkpoint could not be removed yet", map[string]any{"tenant": t.row.slug, "error": mysql.Message(err)})
	}
}

// takeOver accepts the checkpoint of a run that was cut off before Terraform
// knew of it.
func (t *taking) takeOver(former *checkpointRow) (*Checkpoint, error) {
	same := former.origin == originRequest && former.tenant == t.row.id && former.contents == t.c.contents && slices.Equal(former.tables, t.c.tables) &&
		(former.verified || !t.spec.Verify) && !former.expired && t.e.cfg.Now().Sub(former.createdAt) < cutOff
	if !same {
		return nil, checkpointExists(former)
	}
	c := toCheckpoint(former)
	c.Notes = []Note{{Severity: Warning, Field: FieldName, Summary: "Checkpoint was taken by an earlier run",
		Detail: fmt.Sprintf("Checkpoint `%s` of tenant `%s` was taken at %s exactly as configured. An apply that was cut off before Terraform wrote its state leaves this, so it is taken over. To have a newer one, change `keepers`.",
			former.name, former.slug, former.createdAt.UTC().Format(time.RFC3339))}}
	return c, nil
}

// fill copies what the checkpoint is to hold.
func (t *taking) fill(ctx context.Context) error {
	if t.c.contents == CheckpointSchema {
		return t.fillSchema(ctx)
	}
	kept, err := json.Marshal(t.c.labels)
	if err != nil {
		return err
	}
	t.c.location = filepath.Join(t.e.cfg.CheckpointDirectory, t.row.database,
		fmt.Sprintf("%s-%s-%d", t.c.name, t.e.cfg.Now().UTC().Format("20060102T150405Z"), t.c.id))
	if t.c.location, err = filepath.Abs(t.c.location); err != nil {
		return err
	}
	// Should this run die, the next one knows where to look.
	if err := t.e.registry.setCheckpointLocation(ctx, t.onMain(), t.c.id, t.c.location); err != nil {
		return err
	}
	m, err := checkpoint.Take(ctx, t.srv.Server, checkpoint.Request{
		Database: t.row.database, Name: t.c.name, Directory: t.c.location, Tables: t.c.tables, Session: t.x,
		Labels: map[string]string{"tenant": t.row.slug, "landlord": string(kept)}, Template: t.c.template,
		Progress: t.e.copying(ctx, Event{Tenant: t.slug, What: "Taking a checkpoint", Of: t.c.name}),
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
	t.c.fingerprint, t.c.checksum, t.c.rows, t.c.size, t.c.consistentAt = m.Fingerprint.Whole, m.Checksum, m.Rows, m.Size, m.TakenAt
	if m.Position != nil {
		t.c.position = m.Position.String()
	}
	for _, note := range m.Notes {
		t.notes = append(t.notes, Note{Severity: Warning, Field: FieldTenant, Summary: "Checkpoint leaves something out",
			Detail: fmt.Sprintf("Checkpoint `%s` of tenant `%s`: %s", t.c.name, t.row.slug, note)})
	}
	if !m.Partial {
		if err := t.e.registry.writeSchema(ctx, t.onMain(), m.Fingerprint, structureOf(schema)); err != nil {
			return err
		}
	}
	if !t.spec.Verify {
		return nil
	}
	t.c.verified = true
	return t.e.verifyFiles(ctx, t.srv, t.x, m)
}

func (t *taking) fillSchema(ctx context.Context) error {
	copied, err := checkpoint.TakeSchema(ctx, t.x, t.info, t.row.database)
	if err != nil {
		return err
	}
	t.c.fingerprint, t.c.checksum, t.c.consistentAt = copied.Manifest.Fingerprint.Whole, copied.Manifest.Checksum, copied.Manifest.TakenAt
	t.c.size = int64(len(copied.Script))
	return t.e.registry.writeSchema(ctx, t.onMain(), copied.Manifest.Fingerprint, structureOf(&copied.Schema))
}

// structureOf returns the structure that a checkpoint holds as dumpSchema would
// return it.
func structureOf(s *checkpoint.Schema) ddl.Schema {
	out := s.Schema
	out.Objects = slices.Clone(s.Objects)
	for i, o := range out.Objects {
		if o.Kind == ddl.KindEvent && o.TimeZone == "" {
			out.Objects[i].TimeZone = cmp.Or(s.EventTimeZones[o.Name], "+00:00")
		}
	}
	return out
}

// finish gives the checkpoint its name.
func (t *taking) finish(ctx context.Context) error {
	doing := fmt.Sprintf("recording checkpoint `%s` of tenant `%s`", t.c.name, t.row.slug)
	return t.afterwards(ctx, doing, func(local mysql.Queryer) error {
		if t.c.origin != originRequest {
			return nil // what follows is the event
		}
		return t.e.registry.writeEvent(ctx, local, t.row, "checkpoint", t.e.author(t.info), map[string]any{
			"name": t.c.name, "contents": t.c.contents, "origin": t.c.origin, "location": t.c.location,
		})
	}, func(registry mysql.Queryer) error {
		err := t.e.registry.finishCheckpoint(ctx, registry, t.c, t.replace, t.spec.Retention)
		if mysql.IsDuplicateKey(err) {
			return checkpointExists(t.c)
		}
		return err
	})
}

// undo forgets a checkpoint that did not come about. What fails is swept by
// the next run.
func (t *taking) undo(ctx context.Context) {
	if t.x.Poisoned() {
		return
	}
	if err := t.e.removeCheckpoint(ctx, t.onMain(), t.c); err != nil {
		t.e.cfg.Log(ctx, "A checkpoint that failed could not be removed yet", map[string]any{"checkpoint": t.c.name, "error": mysql.Message(err)})
	}
}

// failed describes why no checkpoint came about.
func (t *taking) failed(err error) error {
	var p *Problem
	if errors.As(err, &p) || mysql.IsConnectionLost(err) {
		return err
	}
	var noTable *checkpoint.NoTableError
	if errors.As(err, &noTable) {
		return problem(FieldTables, "Tenant has no such table",
			fmt.Sprintf("Tenant `%s` has no table `%s`.", t.row.slug, noTable.Table), "Correct `tables`; names are written as in the database.")
	}
	return &Problem{Field: FieldTenant, Summary: "Checkpoint could not be taken", Detail: []string{
		fmt.Sprintf("Taking checkpoint `%s` of tenant `%s` in `%s`.", t.c.name, t.row.slug, t.c.location),
		"Cause: " + mysql.Message(err), "Nothing is left of it. Correct the cause and apply again.",
	}, Err: err}
}

// copying tells the progress of a copy as that of an event.
func (e *Engine) copying(ctx context.Context, event Event) func(checkpoint.Progress) {
	return func(p checkpoint.Progress) {
		event.Object, event.Rows, event.Bytes, event.TotalBytes = p.Table, p.Rows, p.Bytes, p.TotalBytes
		e.cfg.Progress.Report(ctx, event)
	}
}
