package restore

import (
	"context"
	"fmt"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// finish proves the result and writes it, to the ledger and to the registry.
func (s *swap) finish(ctx context.Context) error {
	live, err := s.room.Estate.LiveFingerprint(ctx, s.Srv, s.X, s.r.Database)
	if err != nil {
		return err
	}
	if live == nil {
		return landlord.NewProblem(landlord.FieldTenant, "Tenant database is gone", fmt.Sprintf("Database `%s` was dropped by somebody while it was restored.", s.r.Database), "Apply again.")
	}
	s.view.live = &estate.Rendering{Fingerprint: *live}
	s.notes = append(s.notes, s.differenceNote(*live)...)
	s.r.Report.RetiredDatabase = s.r.Retired
	s.room.Servers.Fault("before record")
	return s.Afterwards(ctx, fmt.Sprintf("recording the restore of tenant `%s`", s.r.Slug),
		func(q mysql.Queryer) error { return s.writeLedger(ctx, q) }, func(q mysql.Queryer) error { return s.writeRegistry(ctx, q) })
}

// differenceNote warns of a result that is not the goal.
func (s *swap) differenceNote(live ddl.Fingerprint) []landlord.Note {
	list := s.differences(live)
	if len(list) == 0 {
		return nil
	}
	return []landlord.Note{{Severity: landlord.Warning, Field: landlord.FieldTenant, Summary: "Restored schema differs from the checkpoint",
		Detail: fmt.Sprintf("Tenant `%s` is restored, but its schema is not quite that of checkpoint `%s`. The differences count as drift:\n%s",
			s.r.Slug, s.r.Checkpoint, landlord.ListDifferences(list))}}
}

// differences compares the tenant with the goal. A goal that was read from the
// database beside the tenant says nothing of events.
func (s *swap) differences(live ddl.Fingerprint) []landlord.Difference {
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
	return landlord.Differences(s.goal.Fingerprint.Objects, live.Objects)
}

// writeLedger closes the migration on the tenant's server.
func (s *swap) writeLedger(ctx context.Context, q mysql.Queryer) error {
	last := 0
	for _, step := range s.Steps {
		last = step.Number
	}
	if last == 0 { // nothing was left to do but this
		var err error
		if last, err = s.room.Registry.LastStep(ctx, q, s.Migration); err != nil {
			return fmt.Errorf("reading the ledger: %w", err)
		}
	}
	if err := s.room.Registry.MarkSteps(ctx, q, s.Migration, last, last); err != nil {
		return err
	}
	if err := s.room.Registry.MarkDone(ctx, q, s.Migration, s.view.live.Fingerprint.Whole, last, s.Started); err != nil {
		return err
	}
	return s.room.Registry.WriteEvent(ctx, q, s.Row, "restored", s.room.Servers.Author(s.Info), map[string]any{
		"checkpoint": s.r.Checkpoint, "point_in_time": landlord.NullableTime(s.r.PointInTime), "tables": s.r.Tables, "retired": s.r.Retired,
	})
}

// writeRegistry makes the tenant known as what it is now.
func (s *swap) writeRegistry(ctx context.Context, q mysql.Queryer) error {
	last := landlord.LastMigration{Digest: s.r.Mark(), From: s.Row.AppliedTemplate(), To: s.labels().Template, Steps: int64(len(s.Steps)), AppliedAt: s.Row.Last.After(s.room.Config.Now())}
	if err := s.room.follow(ctx, q, s.Row, s.labels(), last, len(s.r.Tables) == 0); err != nil {
		return err
	}
	return s.room.Registry.SetRestoreSwapped(ctx, q, s.r.ID, s.r.Report)
}

// follow records that a tenant is what a checkpoint knew of it. Customizations
// that it did not have then are forgotten: the next plan shows them again.
func (rs *Restores) follow(ctx context.Context, q mysql.Queryer, row *registry.TenantRow, l registry.Labels, last landlord.LastMigration, customizations bool) error {
	name, version, _ := strings.Cut(l.Template, "@")
	if id, err := template.ParseID(l.Template); err == nil {
		name, version = id.Name, id.Version
	}
	err := rs.Registry.RevertTenant(ctx, q, &registry.TenantRow{ID: row.ID, Template: name, Desired: version, Applied: version, Modules: l.Modules,
		Composition: l.Composition, CurrentSchema: l.Base, Last: &last})
	if err != nil {
		return fmt.Errorf("recording tenant `%s`: %w", row.Slug, err)
	}
	if !customizations {
		return nil
	}
	return rs.Registry.ReplaceCustomizations(ctx, q, row, l.Customizations)
}
