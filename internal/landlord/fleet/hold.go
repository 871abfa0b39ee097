package fleet

import (
	"context"
	"fmt"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// hold lets no wave begin as long as more tenants of those before it than may fail
// are not where they should be, and this apply does not bring them there.
func (f *Fleets) hold(ctx context.Context, p *Plan, spec Spec, prior *Prior) error {
	for wave := 1; wave <= spec.Rollout.last(); wave++ {
		behind, err := f.behind(ctx, p, spec, wave)
		if err != nil {
			return err
		}
		if len(behind) <= spec.Rollout.MaxFailures {
			continue
		}
		begins, waves := false, spec.waves()
		version := p.versionBehind(spec, waves, wave-1)
		for _, one := range p.members {
			if one.action == Create && waves[one.slug] >= wave {
				f.comesBehind(ctx, one, spec, version)
			}
			if one.action == Update && one.wave >= wave {
				begins = true
				f.postpone(ctx, one, prior.differs(spec))
			}
		}
		if begins {
			p.Notes = append(p.Notes, p.waits(spec, wave, behind))
		}
		return nil
	}
	return nil
}

// waits says that a wave does not begin because of those before it.
func (p *Plan) waits(spec Spec, wave int, behind []string) landlord.Note {
	alone := ""
	if slices.ContainsFunc(p.members, func(one *planned) bool { return one.lags() && slices.Contains(behind, one.slug) }) {
		alone = "\n\nA tenant that moves to another server, or completes a restore, gets its version with the apply after that."
	}
	return landlord.Note{Severity: landlord.Warning, Field: FieldRollout, Summary: "Rollout waits for an earlier wave",
		Detail: fmt.Sprintf("Fleet `%s`: wave `%s` does not begin. Of the waves before it %s: %s; `max_failures` is %s.\n\n"+
			"Settle what `results` says of them, or give a tenant that is to stay behind a `version` of its own in the list, and apply again.",
			spec.Name, p.waves[wave], areNot(len(behind)), landlord.FirstOf(behind), spec.Rollout.budget()) + alone}
}

// behind returns the tenants of the waves before one that are not where they
// should be: that wait, are in conflict, missing or drifted, and stay so as far as
// is known.
func (f *Fleets) behind(ctx context.Context, p *Plan, spec Spec, wave int) ([]string, error) {
	waves := spec.waves()
	var out []string
	for _, one := range p.members {
		if at, ok := waves[one.slug]; !ok || at >= wave || one.goes {
			continue
		}
		is, err := f.isBehind(ctx, one)
		if err != nil {
			return nil, err
		}
		if is {
			out = append(out, one.slug)
		}
	}
	slices.Sort(out)
	return out, nil
}

func (f *Fleets) isBehind(ctx context.Context, one *planned) (bool, error) {
	if one.err != nil {
		return true, nil //nolint:nilerr // who fails is told elsewhere
	}
	if one.lags() {
		return true, nil
	}
	switch one.action {
	case Stay, Fail:
		return true, nil
	case Wait:
		return !one.follows && (one.done || one.plan.Approval == nil), nil
	case Create, Delete, Release:
		return false, nil
	}
	if one.action == Update && (one.row == nil || one.spec.DriftPolicy == landlord.DriftRepair || one.wave < 0) {
		return false, nil
	}
	row, err := f.Estate.Snapshot.Row(ctx, one.slug)
	if err != nil {
		return false, err
	}
	status, _, err := f.standing(ctx, row)
	return status == ResultDrifted || one.action != Update && status != "", err
}

// comesAlone says whether the plan of a tenant moves it to another server, or
// completes a restore: what else is wanted of it shows in the plan after that.
func (one *planned) comesAlone() bool {
	return one.plan != nil && (one.plan.Move != nil || one.plan.Restore != nil)
}

// lags says whether a tenant does not get its version, or its modules, with this
// apply, because what it does comes alone.
func (one *planned) lags() bool {
	return one.comesAlone() && (one.plan.Template != one.spec.Template || !sameModules(one.prior.Modules, one.spec.Modules))
}

func areNot(n int) string {
	if n == 1 {
		return "1 tenant is not where it should be"
	}
	return fmt.Sprintf("%d tenants are not where they should be", n)
}
