package fleet

import (
	"context"
	"fmt"
	"maps"
	"slices"
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

// inSync looks at the tenants of the waves before one again: each has to be there
// as it was left when it was changed. One that is not has failed.
func (f *Fleets) inSync(ctx context.Context, p *Plan, ro *rollout, before int, failed *failures) error {
	left := map[string]map[string]*planned{} // by server and database
	fail := func(one *planned, err error) {
		failed.add(one.slug, err)
		one.err = err
		ro.mark(ctx, registry.RolloutFailed, err.Error(), one.slug)
	}
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
