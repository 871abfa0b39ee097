package landlord

import (
	"context"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// planPending plans, for a tenant whose restore was cut off in the middle of its
// swap, what is left of it: whichever resource is applied next completes it. It
// returns false when there is no such restore.
func (e *Engine) planPending(ctx context.Context, srv *server, plan *TenantPlan, row *tenantRow) (bool, error) {
	id := runningRestore(row.running)
	if id == 0 {
		return false, nil
	}
	r, err := e.registry.readRestore(ctx, e.main(), id)
	if err != nil {
		return false, unreachable(e.main(), "reading the restores", err)
	}
	if r == nil || r.status != restoreSwapping {
		return false, nil
	}
	info, err := srv.Info(ctx)
	if err != nil {
		return false, unreachable(srv, "planning a restore", err)
	}
	view, err := e.viewSwap(ctx, srv, srv, info, r)
	if err != nil {
		return false, err
	}
	goal, err := e.storedSchema(ctx, r.goal)
	if err != nil || goal == nil {
		return false, err
	}
	todo, err := view.steps(r, goal.Schema, dialect(info))
	if err != nil {
		return false, err
	}
	plan.restore, plan.Steps, plan.Verdict = r, todo.all(), "auto"
	plan.Template, plan.Fingerprint = r.labels.Template, goal.Fingerprint.Whole
	if len(r.tables) > 0 {
		plan.Template = row.appliedTemplate()
	}
	parts := []string{"restore", fmt.Sprint(r.id), view.live.fingerprint.Whole}
	for _, s := range plan.Steps {
		parts = append(parts, s.SQL)
	}
	plan.Digest = digest(parts...)
	plan.Notes = append(plan.Notes, Note{Severity: Warning, Field: FieldSlug, Summary: "Restore of a tenant was interrupted",
		Detail: fmt.Sprintf("The restore of tenant `%s` from checkpoint `%s` was cut off. The next apply completes it; what else the configuration wants of the tenant shows in the plan after that.", r.slug, r.checkpoint)})
	return true, nil
}

// finishPending completes an interrupted restore in the name of a tenant.
func (e *Engine) finishPending(ctx context.Context, srv *server, spec TenantSpec, plan *TenantPlan) error {
	_, err := e.swapIn(ctx, srv, plan.restore, swapOrder{retention: DefaultRetention})
	e.estate.forget(spec.Slug, spec.Server, plan.DatabaseName)
	srv.forgetRetired()
	if err != nil {
		return err
	}
	if err := e.registry.renameTenant(ctx, e.main(), spec.Slug, spec.Name, spec.Metadata); err != nil {
		return unreachable(e.main(), "recording a tenant", err)
	}
	return nil
}

// purgeRestores drops what restores have set aside and whose retention is over,
// and what runs that were cut off left of restores that nobody will take up. It
// never fails a run: the next one tries again.
func (e *Engine) purgeRestores(ctx context.Context, j *job) {
	j.srv.restorePurge.Do(func() {
		if err := e.dropExpired(ctx, j); err != nil {
			e.cfg.Log(ctx, "What restores left could not be removed yet", map[string]any{"error": mysql.Message(err)})
		}
	})
}

func (e *Engine) dropExpired(ctx context.Context, j *job) error {
	registry, x := j.onMain(), j.x
	rows, err := e.registry.restoresToClear(ctx, registry, j.srv.key)
	if err != nil {
		return err
	}
	for _, r := range rows {
		lock := e.restoreLock(r.database)
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
func (e *Engine) dropLeft(ctx context.Context, registry mysql.Queryer, x *mysql.Session, r *restoreRow) error {
	if r.status == restoreDone && r.expired {
		if err := e.dropMade(ctx, x, r.retired); err != nil {
			return err
		}
		e.cfg.Log(ctx, "Dropped what a restore had set aside", map[string]any{"tenant": r.slug, "database": r.retired})
		return e.registry.setRestoreCleared(ctx, registry, r.id)
	}
	if err := e.dropMade(ctx, x, r.side); err != nil {
		return err
	}
	if r.status == restoreDone {
		return e.registry.setRestoreSide(ctx, registry, r.id, "")
	}
	return e.registry.setRestoreRemoved(ctx, registry, r.id)
}
