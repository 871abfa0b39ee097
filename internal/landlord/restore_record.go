package landlord

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// finish proves the result and writes it, to the ledger and to the registry.
func (s *swap) finish(ctx context.Context) error {
	live, err := s.e.liveFingerprint(ctx, s.srv, s.x, s.r.database)
	if err != nil {
		return err
	}
	if live == nil {
		return problem(FieldTenant, "Tenant database is gone", fmt.Sprintf("Database `%s` was dropped by somebody while it was restored.", s.r.database), "Apply again.")
	}
	s.view.live = &rendering{fingerprint: *live}
	if list := s.differences(*live); len(list) > 0 {
		s.notes = append(s.notes, Note{Severity: Warning, Field: FieldTenant, Summary: "Restored schema differs from the checkpoint",
			Detail: fmt.Sprintf("Tenant `%s` is restored, but its schema is not quite that of checkpoint `%s`. The differences count as drift:\n%s",
				s.r.slug, s.r.checkpoint, listDifferences(list))})
	}
	s.r.report.RetiredDatabase = s.r.retired
	s.e.fault("before record")
	return s.afterwards(ctx, fmt.Sprintf("recording the restore of tenant `%s`", s.r.slug),
		func(q mysql.Queryer) error { return s.writeLedger(ctx, q) }, func(q mysql.Queryer) error { return s.writeRegistry(ctx, q) })
}

// differences compares the tenant with the goal. A goal that was read from the
// database beside the tenant says nothing of events.
func (s *swap) differences(live ddl.Fingerprint) []Difference {
	if live.Whole == s.goal.Fingerprint.Whole {
		return nil
	}
	withEvents := false
	for object := range s.goal.Fingerprint.Objects {
		withEvents = withEvents || strings.HasPrefix(object, string(ddl.KindEvent)+" ")
	}
	if !withEvents {
		live = withoutEvents(live)
	}
	return differences(s.goal.Fingerprint.Objects, live.Objects)
}

// writeLedger closes the migration on the tenant's server.
func (s *swap) writeLedger(ctx context.Context, q mysql.Queryer) error {
	last := 0
	for _, step := range s.steps {
		last = step.number
	}
	if last == 0 { // nothing was left to do but this
		var err error
		if last, err = s.e.registry.lastStep(ctx, q, s.migration); err != nil {
			return fmt.Errorf("reading the ledger: %w", err)
		}
	}
	if err := s.e.registry.markSteps(ctx, q, s.migration, last, last); err != nil {
		return err
	}
	if err := s.e.registry.markDone(ctx, q, s.migration, s.view.live.fingerprint.Whole, last, s.started); err != nil {
		return err
	}
	return s.e.registry.writeEvent(ctx, q, s.row, "restored", s.e.author(s.info), map[string]any{
		"checkpoint": s.r.checkpoint, "point_in_time": nullableTime(s.r.pointInTime), "tables": s.r.tables, "retired": s.r.retired,
	})
}

// writeRegistry makes the tenant known as what it is now.
func (s *swap) writeRegistry(ctx context.Context, q mysql.Queryer) error {
	last := LastMigration{Digest: s.r.mark(), From: s.row.appliedTemplate(), To: s.labels().Template, Steps: int64(len(s.steps)), AppliedAt: s.e.cfg.Now().UTC().Truncate(time.Microsecond)}
	if err := s.e.follow(ctx, q, s.row, s.labels(), last, len(s.r.tables) == 0); err != nil {
		return err
	}
	return s.e.registry.setRestoreSwapped(ctx, q, s.r.id, s.r.report)
}

// follow records that a tenant is what a checkpoint knew of it. Customizations
// that it did not have then are forgotten: the next plan shows them again.
func (e *Engine) follow(ctx context.Context, q mysql.Queryer, row *tenantRow, l labels, last LastMigration, customizations bool) error {
	name, version, _ := strings.Cut(l.Template, "@")
	if id, err := template.ParseID(l.Template); err == nil {
		name, version = id.Name, id.Version
	}
	err := e.registry.revertTenant(ctx, q, &tenantRow{id: row.id, template: name, desired: version, applied: version, modules: l.Modules,
		composition: l.Composition, currentSchema: l.Base, last: &last})
	if err != nil {
		return fmt.Errorf("recording tenant `%s`: %w", row.slug, err)
	}
	if !customizations {
		return nil
	}
	return e.registry.replaceCustomizations(ctx, q, row, l.Customizations)
}

// storedSchemaOn is storedSchema for whoever holds a session and must not wait
// for another one.
func (e *Engine) storedSchemaOn(ctx context.Context, q mysql.Queryer, fingerprint string) (*storedSchema, error) {
	if fingerprint == "" {
		return nil, nil
	}
	if got, ok := e.schemas.Load(fingerprint); ok {
		return got.(*storedSchema), nil //nolint:forcetypeassert // nothing else is stored
	}
	s, err := e.registry.readSchema(ctx, q, fingerprint)
	if err != nil {
		return nil, fmt.Errorf("reading a stored schema: %w", err)
	}
	if s == nil {
		return nil, nil
	}
	e.schemas.Store(fingerprint, s)
	return s, nil
}
