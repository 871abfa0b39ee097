package fleet

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// soak waits between two waves, unless somebody ends the rollout.
func (f *Fleets) soak(ctx context.Context, spec Spec, ro *rollout) error {
	if spec.Rollout.Soak <= 0 {
		return nil
	}
	f.Config.Log(ctx, "Waits between two waves", map[string]any{"fleet": spec.Name, "soak": spec.Rollout.Soak.String()})
	for end := time.Now().Add(spec.Rollout.Soak); !ro.stopped(); ro.look(ctx) {
		left := time.Until(end)
		if left <= 0 {
			break
		}
		select {
		case <-time.After(min(left, wishPause)):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// pass is the gate before a wave, behind others of the same apply: it waits, looks at the
// tenants of those again, and asks the data of those that come.
func (f *Fleets) pass(ctx context.Context, p *Plan, spec Spec, ro *rollout, wave int, failed *failures) error {
	if err := f.soak(ctx, spec, ro); err != nil {
		return err
	}
	if err := f.inSync(ctx, p, ro, wave, failed); err != nil || ro.stopped() {
		return err
	}
	return f.askData(ctx, p, spec, ro, wave, failed)
}

// askData asks the data of the tenants of a wave whether it forbids a step by now: the plan
// has asked before the waves that came meanwhile. One that is refused has failed, and is not begun.
func (f *Fleets) askData(ctx context.Context, p *Plan, spec Spec, ro *rollout, wave int, failed *failures) error {
	coming := slices.DeleteFunc(slices.Clone(p.members), func(one *planned) bool {
		return one.wave != wave || one.action != Update || one.pool || one.comesAlone() // one of the pool may be somebody's by now
	})
	errs := make(map[string]error, len(coming))
	var mu sync.Mutex
	each(&spec.Rollout, coming, func(one *planned) []string { return one.servers() }, func(one *planned) {
		err := f.Tenants.Ask(ctx, one.spec, one.plan)
		mu.Lock()
		defer mu.Unlock()
		errs[one.slug] = err
	})
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	for _, one := range coming {
		if err := errs[one.slug]; err != nil {
			f.failAtGate(ctx, one, ro, failed, err)
		}
	}
	return nil
}

// failAtGate counts and records a tenant that is not let through.
func (f *Fleets) failAtGate(ctx context.Context, one *planned, ro *rollout, failed *failures, err error) {
	failed.add(one.slug, err)
	one.err = err
	if one.rollsOut() {
		ro.mark(ctx, registry.RolloutFailed, err.Error(), one.slug)
	}
}

// inSync looks at the tenants of the waves before one again: each has to be there
// as it was left when it was changed. One that is not has failed.
func (f *Fleets) inSync(ctx context.Context, p *Plan, ro *rollout, before int, failed *failures) error {
	left := map[string]map[string]*planned{} // by server and database
	fail := func(one *planned, err error) { f.failAtGate(ctx, one, ro, failed, err) }
	for _, one := range p.members {
		if !one.done || one.wave < 0 || one.wave >= before || one.checked {
			continue
		}
		one.checked = true
		row, err := f.Estate.Snapshot.Row(ctx, one.slug)
		if err != nil {
			return err
		}
		if row == nil {
			fail(one, outOfSync(one.slug, "the landlord database does not know it any more"))
			continue
		}
		if left[row.Server] == nil {
			left[row.Server] = map[string]*planned{}
		}
		left[row.Server][row.Database] = one
	}
	for _, server := range slices.Sorted(maps.Keys(left)) {
		if err := f.inSyncOn(ctx, server, left[server], fail); err != nil {
			return err
		}
	}
	return nil
}

// inSyncOn does that with those on one server, by their databases. A server that does
// not answer fails its own tenants.
func (f *Fleets) inSyncOn(ctx context.Context, server string, tenants map[string]*planned, fail func(*planned, error)) error {
	databases := slices.Sorted(maps.Keys(tenants))
	now, down := f.Estate.Snapshot.Standing(ctx, server, databases)
	if down != nil && !isDown(down) {
		return down
	}
	for _, database := range databases {
		one, wrong := tenants[database], down
		if wrong == nil {
			was, err := f.Estate.Snapshot.Fingerprint(ctx, server, database)
			switch {
			case isDown(err):
				wrong = err
			case err != nil:
				return err
			case now[database] == nil:
				wrong = outOfSync(one.slug, fmt.Sprintf("its database `%s` is gone", database))
			case was == nil || now[database].Whole != was.Whole:
				wrong = outOfSync(one.slug, "somebody has changed its schema")
			}
		}
		if wrong != nil {
			fail(one, wrong)
			one.left = true
			f.Estate.Snapshot.Forget(one.slug, server, database)
		}
	}
	return nil
}

// outOfSync is what is said of a tenant that does not stay where a wave brought it.
func outOfSync(slug, why string) error {
	return landlord.NewProblem(FieldRollout, "Tenant left its wave",
		fmt.Sprintf("Tenant `%s` was changed in a wave of the rollout; before the next one begins, %s.", slug, why),
		"Find out who changed it, put it right and apply again.")
}
