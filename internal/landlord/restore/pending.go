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
func (rs *Restores) PlanPending(ctx context.Context, srv *registry.Server, plan *apply.TenantPlan, row *registry.TenantRow) (bool, error) {
	id := registry.RunningRestore(row.Running)
	if id == 0 {
		return false, nil
	}
	r, err := rs.Registry.ReadRestore(ctx, rs.Servers.Main(), id)
	if err != nil {
		return false, registry.Unreachable(rs.Servers.Main(), "reading the restores", err)
	}
	if r == nil || r.Status != landlord.RestoreSwapping {
		return false, nil
	}
	info, err := srv.Info(ctx)
	if err != nil {
		return false, registry.Unreachable(srv, "planning a restore", err)
	}
	view, err := rs.viewSwap(ctx, srv, srv, info, r)
	if err != nil {
		return false, err
	}
	goal, err := rs.Estate.StoredSchema(ctx, r.Goal)
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
func (rs *Restores) FinishPending(ctx context.Context, srv *registry.Server, spec landlord.TenantSpec, plan *apply.TenantPlan) error {
	_, err := rs.swapIn(ctx, srv, plan.Restore, swapOrder{retention: landlord.DefaultRetention})
	rs.Estate.Snapshot.Forget(spec.Slug, spec.Server, plan.DatabaseName)
	srv.ForgetRetired()
	return err
}

// PurgeRestores drops what restores have set aside and whose retention is over,
// and what runs that were cut off left of restores that nobody will take up. It
// never fails a run: the next one tries again.
func (rs *Restores) PurgeRestores(ctx context.Context, j *apply.Job) {
	if !rs.Estate.Run.Purges("restores", j.Srv.Key) {
		return
	}
	if err := rs.dropExpired(ctx, j); err != nil {
		rs.Config.Log(ctx, "What restores left could not be removed yet", map[string]any{"error": mysql.Message(err)})
	}
}

func (rs *Restores) dropExpired(ctx context.Context, j *apply.Job) error {
	rows, err := rs.Registry.RestoresToClear(ctx, j.OnMain(), j.Srv.Key, 0)
	if err != nil {
		return err
	}
	for _, r := range rows {
		err := rs.Jobs.IfFree(ctx, j, r.Database, rs.Servers.RestoreLock(r.Database), func() error {
			still, err := rs.Registry.RestoresToClear(ctx, j.OnMain(), j.Srv.Key, r.ID)
			if err != nil || len(still) == 0 {
				return err // somebody has worked on it meanwhile
			}
			return rs.dropLeft(ctx, j.OnMain(), j.X, still[0])
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// dropLeft drops what a restore has left.
func (rs *Restores) dropLeft(ctx context.Context, registry mysql.Queryer, x *mysql.Session, r *registry.RestoreRow) error {
	if r.Status == landlord.RestoreDone && r.Expired {
		if err := rs.dropMade(ctx, x, r.Retired); err != nil {
			return err
		}
		rs.Config.Log(ctx, "Dropped what a restore had set aside", map[string]any{"tenant": r.Slug, "database": r.Retired})
		return rs.Registry.SetRestoreCleared(ctx, registry, r.ID)
	}
	if err := rs.dropBeside(ctx, x, r); err != nil {
		return err
	}
	if r.Status == landlord.RestoreDone {
		return rs.Registry.SetRestoreSide(ctx, registry, r.ID, "")
	}
	return rs.Registry.SetRestoreRemoved(ctx, registry, r.ID)
}
