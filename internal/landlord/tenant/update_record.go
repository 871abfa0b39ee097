package tenant

import (
	"context"
	"fmt"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// finish writes the result: the ledger of the tenant's server, then the
// registry.
func (u *update) finish(ctx context.Context) error {
	ceded, err := u.ownership(ctx)
	if err != nil {
		return err
	}
	local := func(q mysql.Queryer) error {
		if u.Migration == 0 {
			if u.Row.Running == "" || u.plan.UpdateStatus != landlord.UpdateCurrent {
				return nil
			}
			return u.room.Registry.Abandon(ctx, q, u.Row) // nothing was left to do
		}
		if err := u.CloseMigration(ctx, q); err != nil {
			return err
		}
		return u.room.Registry.WriteEvent(ctx, q, u.Row, "migrated", u.room.Servers.Author(u.Info), u.detail())
	}
	return u.Afterwards(ctx, fmt.Sprintf("recording tenant `%s`", u.spec.Slug), local, func(q mysql.Queryer) error {
		if err := u.writeRow(ctx, q); err != nil {
			return err
		}
		return u.room.Registry.WriteOwnership(ctx, q, ceded)
	})
}

// detail is what the event of a migration says.
func (u *update) detail() map[string]any {
	detail := map[string]any{"from": u.Row.AppliedTemplate(), "to": u.want.ID.String()}
	if u.approval != nil {
		detail["approved_by"] = u.approval.ApprovedBy
	}
	return detail
}

// writeRow writes what is true of the tenant now.
func (u *update) writeRow(ctx context.Context, q mysql.Queryer) error {
	change := registry.TenantChange{Name: u.spec.Name, Metadata: u.spec.Metadata}
	switch {
	case u.plan.UpdateStatus == landlord.UpdateCurrent:
		change.Applied = &registry.AppliedVersion{Template: u.want.ID.Name, Version: u.want.ID.Version, Modules: u.spec.Modules, Composition: u.want.Composition.Digest}
	case u.want.ID.Name == u.Row.Template:
		change.Desired = u.want.ID.Version
	}
	if u.Migration != 0 {
		change.Current = u.baseFingerprint()
		change.Last = &landlord.LastMigration{
			Digest: u.plan.Digest, From: u.Row.AppliedTemplate(), To: u.want.ID.String(), Steps: int64(len(u.Steps)),
			AppliedAt: u.Row.Last.After(u.room.Config.Now()),
		}
	}
	if u.Migration == 0 && u.Row.Running != "" && u.plan.UpdateStatus == landlord.UpdateCurrent {
		// Either the ledger has the migration as done and the run was killed
		// before the registry knew, or nothing of it was left.
		base, done, err := u.room.Registry.DoneMigration(ctx, u.X, u.Row)
		if err != nil {
			return err
		}
		if done {
			change.Current = base
		}
	}
	if m := u.plan.Migration; m != nil && u.Migration == 0 && u.plan.UpdateStatus == landlord.UpdateCurrent { // decided so that nothing was left to do
		if err := u.room.Registry.WriteDecisions(ctx, q, u.Row, m.Decided, u.want.ID.String(), u.room.Servers.Author(u.Info)); err != nil {
			return err
		}
	}
	if err := u.room.Registry.UpdateTenant(ctx, q, u.Row.ID, change); err != nil {
		return fmt.Errorf("recording tenant `%s`: %w", u.spec.Slug, err)
	}
	if err := u.room.Registry.WriteStanding(ctx, q, u.Row.ID, registry.Standing{Status: u.plan.UpdateStatus, Wanted: u.want.ID.String()}); err != nil {
		return err
	}
	return u.room.Registry.WriteDeletion(ctx, q, u.Row.ID, deletionOf(u.spec))
}

// baseFingerprint is what is recorded as true from now on.
func (u *update) baseFingerprint() string {
	switch {
	case u.base != nil:
		return u.base.Fingerprint.Whole
	case u.plan.Rest != nil && u.plan.Rest.Running.Recorded != "":
		return u.plan.Rest.Running.Recorded
	}
	return u.Live.Whole
}

// result brings the status to what is wanted and reads the tenant again.
func (u *update) result(ctx context.Context) (*landlord.Tenant, error) {
	status := u.spec.Status
	if status != "" && status != u.Row.Status {
		if err := u.room.setStatus(ctx, u.Job, status); err != nil {
			return nil, err
		}
	}
	row, err := u.room.Registry.ReadTenant(ctx, u.OnMain(), u.spec.Slug)
	if err != nil {
		return nil, err
	}
	var notes []landlord.Note
	if u.Migration != 0 {
		if u.plan.CheckpointBehind {
			notes = u.room.Checkpoints.TakeBehind(ctx, u.Job, row, u.automatic())
		}
		u.room.Jobs.Purge(ctx, u.Job)
	}
	u.Release() // what follows may wait for a connection, or for somebody who does
	if slices.ContainsFunc(u.Steps, func(s registry.RecordedStep) bool { return s.Retires != nil || s.Returns != nil }) {
		u.Srv.ForgetRetired()
	}
	u.room.Estate.Run.Recorded(u.spec.Slug)
	u.room.Estate.Snapshot.Learn(u.spec.Slug, row, u.spec.Server, u.plan.DatabaseName, u.Live)
	if row == nil {
		return nil, landlord.ErrNotFound
	}
	t, err := u.room.describeTenant(ctx, row)
	if err != nil {
		return nil, err
	}
	t.UpdateStatus, t.Notes = u.plan.UpdateStatus, append(t.Notes, notes...)
	return t, nil
}
