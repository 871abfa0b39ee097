package fleet

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// rollBack takes the tenants that the rollout has changed, or began to change,
// back to what they had before. It returns how many are back, and what kept the
// others from it.
func (f *Fleets) rollBack(ctx context.Context, spec Spec, ro *rollout) (back int, left *failures, err error) {
	tenants, err := f.Registry.ReadRolloutTenants(ctx, f.Servers.Main(), ro.id)
	if err != nil {
		return 0, nil, registry.Unreachable(f.Servers.Main(), "reading the landlord database", err)
	}
	rows, err := f.rows(ctx)
	if err != nil {
		return 0, nil, err
	}
	tenants = slices.DeleteFunc(tenants, func(t registry.RolloutTenant) bool { // it is gone, or has left the fleet since
		return rows[t.Slug] == nil || !slices.ContainsFunc(spec.Members, func(m Member) bool { return m.Slug == t.Slug })
	})
	left = newFailures()
	var mu sync.Mutex
	each(&spec.Rollout, tenants, func(t registry.RolloutTenant) []string { return []string{rows[t.Slug].Server} }, func(t registry.RolloutTenant) {
		changed, err := f.changed(ctx, t)
		if changed && err == nil {
			err = f.takeBack(ctx, spec, t)
		}
		mu.Lock()
		defer mu.Unlock()
		switch {
		case err != nil: // each tenant tells its own failure
			left.add(t.Slug, err)
		case changed:
			back++
			ro.mark(ctx, registry.RolloutRolledBack, "", t.Slug)
		}
	})
	return back, left, ro.end(ctx, registry.RolloutRolledBack)
}

// changed says whether the rollout has changed a tenant, or began to. One that was
// changed by a run that was cut off before its mark is pending, and where the
// rollout leads to.
func (f *Fleets) changed(ctx context.Context, t registry.RolloutTenant) (bool, error) {
	if t.Status != registry.RolloutPending {
		return t.Status == registry.RolloutDone || t.Status == registry.RolloutFailed, nil
	}
	if t.ToTemplate == "" || t.ToTemplate == t.FromTemplate && sameModules(t.ToModules, t.FromModules) {
		return false, nil
	}
	row, err := f.Estate.Snapshot.Row(ctx, t.Slug)
	return row != nil && row.AppliedTemplate() == t.ToTemplate && sameModules(row.Modules, t.ToModules), err
}

// takeBack moves one tenant to the template and modules that it had. What the
// rollout has added may hold rows by now: it is set aside, never dropped. What
// somebody else has changed stays: nobody has agreed to lose that.
func (f *Fleets) takeBack(ctx context.Context, spec Spec, t registry.RolloutTenant) error {
	row, err := f.Estate.Snapshot.Row(ctx, t.Slug)
	if err != nil || row == nil {
		return err
	}
	if row.Running == "" && row.AppliedTemplate() == t.FromTemplate && sameModules(row.Modules, t.FromModules) {
		return nil // nothing of it was begun
	}
	if t.FromTemplate == "" {
		return noTemplateBefore(t.Slug)
	}
	want := spec.Policies
	want.Slug, want.Name, want.Metadata, want.Server = row.Slug, row.Name, row.Metadata, row.Server
	want.Template, want.Modules = t.FromTemplate, t.FromModules
	want.UpdatePolicy, want.AllowDestructive, want.DestructiveMode, want.Consents = landlord.UpdateAuto, true, landlord.Retire, nil
	if want.DriftPolicy == landlord.DriftRepair {
		want.DriftPolicy = landlord.DriftReport
	}
	now, err := f.Tenants.UpdateTenant(ctx, want, *priorOf(row, nil), "")
	if err != nil {
		return err
	}
	if now.Template != t.FromTemplate {
		return noWayBack(t.Slug, now.Template, t.FromTemplate)
	}
	return nil
}

// noTemplateBefore is what is said of a tenant that followed no template before a
// rollout: what it had then is nobody's version.
func noTemplateBefore(slug string) error {
	return landlord.NewProblem(FieldRollout, "Tenant could not be taken back",
		fmt.Sprintf("Tenant `%s` followed no template before the rollout, so there is no version to go back to.", slug),
		"Restore it from a checkpoint, or leave it where it is.")
}

// noWayBack is what is said of a tenant that a rollback could not move.
func noWayBack(slug, at, to string) error {
	return landlord.NewProblem(FieldRollout, "Tenant could not be taken back",
		fmt.Sprintf("Tenant `%s` stays at `%s`: the way back to `%s` waits for a decision or an approval.", slug, at, to),
		"Set `template` of the fleet back and plan: the plan shows what waits.")
}
