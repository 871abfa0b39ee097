package restore

import (
	"context"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// PlanPending plans, for a tenant whose restore was cut off in the middle of its
// swap, what is left of it: whichever resource is applied next completes it. It
// returns false when there is no such restore.
func (e *Restores) PlanPending(ctx context.Context, srv *registry.Server, plan *apply.TenantPlan, row *registry.TenantRow) (bool, error) {
	id := registry.RunningRestore(row.Running)
	if id == 0 {
		return false, nil
	}
	r, err := e.Registry.ReadRestore(ctx, e.Servers.Main(), id)
	if err != nil {
		return false, registry.Unreachable(e.Servers.Main(), "reading the restores", err)
	}
	if r == nil || r.Status != landlord.RestoreSwapping {
		return false, nil
	}
	info, err := srv.Info(ctx)
	if err != nil {
		return false, registry.Unreachable(srv, "planning a restore", err)
	}
	view, err := e.viewSwap(ctx, srv, srv, info, r)
	if err != nil {
		return false, err
	}
	goal, err := e.Estate.StoredSchema(ctx, r.Goal)
	if err != nil || goal == nil {
		return false, err
	}
	todo, err := view.steps(r, goal.Schema, registry.Dialect(info))
	if err != nil {
		return false, err
	}
	plan.Restore, plan.Steps, plan.Verdict = r, todo.all(), "auto"
	plan.Template, plan.Fingerprint = r.Labels.Template, goal.Fingerprint.Whole
	if len(r.Tables) > 0 {
		plan.Template = row.AppliedTemplate()
	}
	parts := []string{"restore", fmt.Sprint(r.ID), view.live.Fingerprint.Whole}
	for _, s := range plan.Steps {
		parts = append(parts, s.SQL)
	}
	plan.Digest = landlord.Digest(parts...)
	plan.Notes = append(plan.Notes, landlord.Note{Severity: landlord.Warning, Field: landlord.FieldSlug, Summary: "Restore of a tenant was interrupted",
		Detail: fmt.Sprintf("The restore of tenant `%s` from checkpoint `%s` was cut off. The next apply completes it; what else the configuration wants of the tenant shows in the plan after that.", r.Slug, r.Checkpoint)})
	return true, nil
}

// FinishPending completes an interrupted restore in the name of a tenant.
func (e *Restores) FinishPending(ctx context.Context, srv *registry.Server, spec landlord.TenantSpec, plan *apply.TenantPlan) error {
	_, err := e.swapIn(ctx, srv, plan.Restore, swapOrder{retention: landlord.DefaultRetention})
	e.Estate.Snapshot.Forget(spec.Slug, spec.Server, plan.DatabaseName)
	srv.ForgetRetired()
	if err != nil {
		return err
	}
	err = e.Registry.RenameTenant(ctx, e.Servers.Main(), spec.Slug, spec.Name, spec.Metadata)
	e.Estate.Snapshot.Forget(spec.Slug, spec.Server, plan.DatabaseName) // others may have read it in between
	if err != nil {
		return registry.Unreachable(e.Servers.Main(), "recording a tenant", err)
	}
	return nil
}

// PurgeRestores drops what restores have set aside and whose retention is over,
// and what runs that were cut off left of restores that nobody will take up. It
// never fails a run: the next one tries again.
func (e *Restores) PurgeRestores(ctx context.Context, j *apply.Job) {
	j.Srv.RestorePurge.Do(func() {
		if err := e.dropExpired(ctx, j); err != nil {
			e.Config.Log(ctx, "What restores left could not be removed yet", map[string]any{"error": mysql.Message(err)})
		}
	})
}

func (e *Restores) dropExpired(ctx context.Context, j *apply.Job) error {
	registry, x := j.OnMain(), j.X
	rows, err := e.Registry.RestoresToClear(ctx, registry, j.Srv.Key)
	if err != nil {
		return err
	}
	for _, r := range rows {
		lock := e.Servers.RestoreLock(r.Database)
		if x.Lock(ctx, lock, 0) != nil {
			continue // somebody works on it
		}
		err := e.dropLeft(ctx, registry, x, r)
		if unlockErr := x.Unlock(ctx, lock); err == nil {
			err = unlockErr
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// dropLeft drops what a restore has left.
func (e *Restores) dropLeft(ctx context.Context, registry mysql.Queryer, x *mysql.Session, r *registry.RestoreRow) error {
	if r.Status == landlord.RestoreDone && r.Expired {
		if err := e.dropMade(ctx, x, r.Retired); err != nil {
			return err
		}
		e.Config.Log(ctx, "Dropped what a restore had set aside", map[string]any{"tenant": r.Slug, "database": r.Retired})
		return e.Registry.SetRestoreCleared(ctx, registry, r.ID)
	}
	if err := e.dropMade(ctx, x, r.Side); err != nil {
		return err
	}
	if r.Status == landlord.RestoreDone {
		return e.Registry.SetRestoreSide(ctx, registry, r.ID, "")
	}
	return e.Registry.SetRestoreRemoved(ctx, registry, r.ID)
}
