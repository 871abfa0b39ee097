package fleet

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// rollout records what an apply does with the tenants of its waves. Without
// waves to go through there is none: nil records nothing.
type rollout struct {
	room *Fleets
	id   uint64

	mu     sync.Mutex
	wish   landlord.RolloutWish // that somebody has, and who
	author string
	looked time.Time
}

// rollsOut says whether what a tenant gets is of a rollout. What the pool keeps is
// nobody's, so nothing of it is recorded.
func (one *planned) rollsOut() bool { return one.wave >= 0 && !one.pool }

// begin records the rollout and the tenants of those of its waves that may begin.
// One that was cut off, or waits for its next waves, goes on.
func (f *Fleets) begin(ctx context.Context, p *Plan, spec Spec) (*rollout, error) {
	var tenants []registry.RolloutTenant
	for _, one := range p.members {
		if one.works() && one.rollsOut() {
			tenants = append(tenants, registry.RolloutTenant{
				Slug: one.slug, Wave: one.wave, FromTemplate: one.prior.Template, FromModules: one.prior.Modules, ToTemplate: one.spec.Template, ToModules: one.spec.Modules,
			})
		}
	}
	if len(tenants) == 0 {
		return nil, f.close(ctx, p, spec)
	}
	ro := &rollout{room: f, looked: time.Now()}
	err := f.Jobs.Write(ctx, f.Servers.Main(), fmt.Sprintf("recording the rollout of fleet `%s`", spec.Name), func(q mysql.Queryer) error {
		info, err := f.Servers.Main().Info(ctx)
		if err != nil {
			return err
		}
		now := registry.Rollout{
			Fleet: spec.Name, Template: spec.Template, Waves: p.waves, Through: p.waves[spec.Rollout.last()], MaxFailures: spec.Rollout.MaxFailures, Author: f.Servers.Author(info),
		}
		last, err := f.Registry.ReadRollout(ctx, q, spec.Name)
		if err != nil {
			return err
		}
		goesOn, err := f.goesOn(ctx, q, last, spec)
		switch {
		case err != nil:
			return err
		case last != nil && last.Status == registry.RolloutRollingBack:
			return changedSincePlan(spec.Name)
		case goesOn:
			ro.id = last.ID
			if err = f.Registry.ContinueRollout(ctx, q, ro.id, now); err == nil { // a pause holds it from its first tenant on
				ro.wish, ro.author, err = f.Registry.ReadRolloutWish(ctx, q, ro.id)
			}
		default:
			if last.Open() {
				if err := f.Registry.EndRollout(ctx, q, last.ID, registry.RolloutReplaced); err != nil {
					return err
				}
			}
			ro.id, err = f.Registry.StartRollout(ctx, q, now)
		}
		if err != nil {
			return err
		}
		return f.Registry.AddRolloutTenants(ctx, q, ro.id, tenants)
	})
	return ro, err
}

// goesOn says whether what is wanted now goes on with a rollout, which may be nil.
func (f *Fleets) goesOn(ctx context.Context, q mysql.Queryer, last *registry.Rollout, spec Spec) (bool, error) {
	if !last.Open() {
		return false, nil
	}
	tenants, err := f.Registry.ReadRolloutTenants(ctx, q, last.ID)
	if err != nil {
		return false, err
	}
	wanted := make(map[string]registry.RolloutTenant, len(spec.Members))
	for _, m := range spec.Members {
		wanted[m.Slug] = registry.RolloutTenant{ToTemplate: spec.TemplateOf(m), ToModules: m.Modules}
	}
	return last.Continues(spec.Template, tenants, wanted), nil
}

// close ends a rollout that was cut off or halted, when a plan finds that nobody
// is left to change. Else a later change to the same version would go on with it,
// and its rollback would lead to what tenants had before this one.
func (f *Fleets) close(ctx context.Context, p *Plan, spec Spec) error {
	if slices.ContainsFunc(p.members, func(one *planned) bool { return one.later || one.lags() || one.err != nil || one.action == Stay }) {
		return nil
	}
	main := f.Servers.Main()
	last, err := f.Registry.ReadRollout(ctx, main, spec.Name)
	if err != nil {
		return registry.Unreachable(main, "reading the landlord database", err)
	}
	if !last.Open() {
		return nil
	}
	status := registry.RolloutDone
	if last.Template != spec.Template {
		status = registry.RolloutReplaced
	}
	arrived, err := f.arrived(ctx, last.ID)
	if err != nil {
		return registry.Unreachable(main, "reading the landlord database", err)
	}
	return f.Jobs.WriteTogether(ctx, main, fmt.Sprintf("recording the rollout of fleet `%s`", spec.Name), func(q mysql.Queryer) error {
		if err := f.Registry.MarkRolloutTenants(ctx, q, last.ID, arrived, registry.RolloutDone, ""); err != nil {
			return err
		}
		return f.Registry.EndRollout(ctx, q, last.ID, status)
	})
}

// arrived returns the tenants of a rollout that are where it leads to, though no run
// has said so: it was killed before, or lost the landlord database.
func (f *Fleets) arrived(ctx context.Context, id uint64) ([]string, error) {
	tenants, err := f.Registry.ReadRolloutTenants(ctx, f.Servers.Main(), id)
	if err != nil {
		return nil, err
	}
	var slugs []string
	for _, t := range tenants {
		if t.Status == registry.RolloutDone || t.Status == registry.RolloutRolledBack || t.ToTemplate == "" {
			continue
		}
		row, err := f.Estate.Snapshot.Row(ctx, t.Slug)
		if err != nil {
			return nil, err
		}
		if row == nil || !follows(row, t.ToTemplate, t.ToModules) {
			continue
		}
		stays, _, err := f.standing(ctx, row)
		if err != nil {
			return nil, err
		}
		if stays == "" {
			slugs = append(slugs, t.Slug)
		}
	}
	return slugs, nil
}

// reached is where a rollout stands whose waves are done, as far as they may begin.
func (p *Plan) reached() registry.RolloutStatus {
	if p.stopped != nil || slices.ContainsFunc(p.members, func(one *planned) bool { return one.later || one.lags() }) {
		return registry.RolloutWaiting
	}
	return registry.RolloutDone
}

// around changes a tenant and records what came of it. What cannot be recorded
// is no failure of the tenant: its own ledger knows what was done.
func (r *rollout) around(ctx context.Context, one *planned, change func() error) error {
	if r == nil || one.wave < 0 {
		return change()
	}
	err := change()
	status, why := registry.RolloutDone, ""
	switch {
	case err != nil:
		status, why = registry.RolloutFailed, err.Error()
	case (one.action == Wait || one.action == Update) && !one.follows:
		status = registry.RolloutPending
	}
	r.mark(ctx, status, why, one.slug)
	return err
}

func (r *rollout) mark(ctx context.Context, status registry.RolloutStatus, why string, slugs ...string) {
	if r == nil {
		return
	}
	if err := r.room.Registry.MarkRolloutTenants(context.WithoutCancel(ctx), r.room.Servers.Main(), r.id, slugs, status, why); err != nil {
		r.room.Config.Log(ctx, "Tenants of a rollout could not be marked", map[string]any{"tenants": slugs, "status": string(status), "error": err.Error()})
	}
}

// end records how the rollout ended.
func (r *rollout) end(ctx context.Context, status registry.RolloutStatus) error {
	if r == nil {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	if status == registry.RolloutDone || status == registry.RolloutWaiting {
		arrived, err := r.room.arrived(ctx, r.id)
		if err != nil {
			return err
		}
		r.mark(ctx, registry.RolloutDone, "", arrived...)
	}
	return r.room.Jobs.Write(ctx, r.room.Servers.Main(), "recording how a rollout ended", func(q mysql.Queryer) error { return r.room.Registry.EndRollout(ctx, q, r.id, status) })
}
