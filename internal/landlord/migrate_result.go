package landlord

import (
	"context"
	"fmt"
	"slices"
	"time"

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
		if u.migration == 0 {
			if u.row.running == "" || u.plan.UpdateStatus != UpdateCurrent {
				return nil
			}
			return u.e.registry.abandon(ctx, q, u.row) // nothing was left to do
		}
		if err := u.closeMigration(ctx, q); err != nil {
			return err
		}
		return u.e.registry.writeEvent(ctx, q, u.row, "migrated", u.e.author(u.info), u.detail())
	}
	return u.afterwards(ctx, fmt.Sprintf("recording tenant `%s`", u.spec.Slug), local, func(q mysql.Queryer) error {
		if err := u.writeRow(ctx, q); err != nil {
			return err
		}
		return u.e.registry.writeOwnership(ctx, q, ceded)
	})
}

// detail is what the event of a migration says.
func (u *update) detail() map[string]any {
	detail := map[string]any{"from": u.row.appliedTemplate(), "to": u.want.id.String()}
	if u.approval != nil {
		detail["approved_by"] = u.approval.ApprovedBy
	}
	return detail
}

// writeRow writes what is true of the tenant now.
func (u *update) writeRow(ctx context.Context, q mysql.Queryer) error {
	change := tenantChange{name: u.spec.Name, metadata: u.spec.Metadata}
	switch {
	case u.plan.UpdateStatus == UpdateCurrent:
		change.applied = &appliedVersion{template: u.want.id.Name, version: u.want.id.Version, modules: u.spec.Modules, composition: u.want.composition.Digest}
	case u.want.id.Name == u.row.template:
		change.desired = u.want.id.Version
	}
	if u.migration != 0 {
		change.current = u.baseFingerprint()
		change.last = &LastMigration{
			Digest: u.plan.Digest, From: u.row.appliedTemplate(), To: u.want.id.String(), Steps: int64(len(u.steps)),
			AppliedAt: u.e.cfg.Now().UTC().Truncate(time.Microsecond),
		}
	}
	if u.migration == 0 && u.row.running != "" && u.plan.UpdateStatus == UpdateCurrent {
		// Either the ledger has the migration as done and the run was killed
		// before the registry knew, or nothing of it was left.
		base, done, err := u.e.registry.doneMigration(ctx, u.x, u.row)
		if err != nil {
			return err
		}
		if done {
			change.current = base
		}
	}
	if m := u.plan.migration; m != nil && u.migration == 0 && u.plan.UpdateStatus == UpdateCurrent { // decided so that nothing was left to do
		if err := u.e.registry.writeDecisions(ctx, q, u.row, m.decided, u.want.id.String(), u.e.author(u.info)); err != nil {
			return err
		}
	}
	if err := u.e.registry.updateTenant(ctx, q, u.row.id, change); err != nil {
		return fmt.Errorf("recording tenant `%s`: %w", u.spec.Slug, err)
	}
	return nil
}

// baseFingerprint is what is recorded as true from now on.
func (u *update) baseFingerprint() string {
	switch {
	case u.base != nil:
		return u.base.fingerprint.Whole
	case u.plan.rest != nil && u.plan.rest.running.recorded != "":
		return u.plan.rest.running.recorded
	}
	return u.live.Whole
}

// result brings the status to what is wanted and reads the tenant again.
func (u *update) result(ctx context.Context) (*Tenant, error) {
	status := u.spec.Status
	if status != "" && status != u.row.status {
		if err := u.e.setStatus(ctx, u.job, status); err != nil {
			return nil, err
		}
	}
	row, err := u.e.registry.readTenant(ctx, u.onMain(), u.spec.Slug)
	if err != nil {
		return nil, err
	}
	if u.migration != 0 {
		u.e.purge(ctx, u.job)
	}
	u.release() // what follows may wait for a connection, or for somebody who does
	if slices.ContainsFunc(u.steps, func(s recordedStep) bool { return s.retires != nil || s.returns != nil }) {
		u.srv.forgetRetired()
	}
	u.e.estate.learn(u.spec.Slug, row, u.spec.Server, u.plan.DatabaseName, u.live)
	if row == nil {
		return nil, ErrNotFound
	}
	t, err := u.e.describeTenant(ctx, row)
	if err != nil {
		return nil, err
	}
	t.UpdateStatus = u.plan.UpdateStatus
	return t, nil
}
