package fleet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// Applied is what an apply has made of a fleet.
type Applied struct {
	State    State
	Selected []string        // slugs of the tenants that are in the fleet without being listed
	Pooled   []string        // slugs of the tenants that are kept ready
	Changed  []string        // slugs of the tenants that were created or whose database was changed
	Notes    []landlord.Note // of what tenants that changed have to say, and of those that failed, within what may fail
}

// Apply brings a fleet to what a specification wants. The digest is the planned
// one; empty accepts whatever there is to do. A tenant that fails stops only
// itself, unless more fail than may: then no further one is begun. What was done
// is recorded tenant by tenant, so that the next apply does the rest. Beside an error
// there is what was changed before it, once something was begun. Errors are Problems.
func (f *Fleets) Apply(ctx context.Context, spec Spec, prior *Prior, digest string) (applied *Applied, err error) {
	spec.applies = true
	p, err := f.plan(ctx, spec, prior)
	if err != nil {
		return nil, err
	}
	wanted := spec
	spec = p.spec
	if digest != "" && !parseDigests(p.sealed).within(parseDigests(digest)) {
		return nil, changedSincePlan(spec.Name)
	}
	if p.unfinished != nil {
		if applied, err := f.complete(ctx, p, wanted, prior); applied != nil || err != nil {
			return applied, err
		}
		if err := p.refuse(spec); err != nil {
			return nil, err
		}
	}
	if err := f.gather(ctx, p, spec, prior); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			applied = &Applied{Changed: p.changed()}
		}
	}()
	failed := p.failures()
	ro, err := f.begin(ctx, p, spec)
	if err != nil {
		return nil, err
	}
	if err := f.inWaves(ctx, p, spec, ro, failed); err != nil {
		return nil, errors.Join(err, ro.end(ctx, registry.RolloutHalted))
	}
	if ro.stopped() {
		return nil, f.stop(ctx, p, spec, ro)
	}
	if failed.tenants() > spec.Rollout.MaxFailures {
		return nil, f.fail(ctx, p, spec, ro, failed)
	}
	if err := ro.end(ctx, p.reached()); err != nil {
		return nil, err
	}
	goes := func(one *planned) bool { return one.action == Delete }
	if err := f.run(ctx, p, spec, nil, goes, failed); err != nil { // when the others are where they should be
		return nil, err
	}
	if err := f.let(ctx, p, spec); err != nil {
		return nil, err
	}
	if failed.tenants() > spec.Rollout.MaxFailures || p.keeps() {
		return nil, f.fail(ctx, p, spec, nil, failed)
	}
	return f.finish(ctx, p, spec, failed)
}

func changedSincePlan(fleet string) error {
	return landlord.NewProblem(FieldTenants, "Fleet changed since the plan",
		fmt.Sprintf("Another run has worked on tenants of fleet `%s` since the plan was made, so the planned steps are not what is left to do.", fleet),
		"Nothing was run. Plan again.")
}

// inWaves changes the tenants that stay: what needs no wave first, then wave by
// wave, as long as no more fail, or are not where they should be, than may.
func (f *Fleets) inWaves(ctx context.Context, p *Plan, spec Spec, ro *rollout, failed *failures) error {
	begun := false
	for wave := -1; wave < len(p.waves); wave++ {
		in := func(one *planned) bool { return one.wave == wave && one.action != Delete }
		if !slices.ContainsFunc(p.members, func(one *planned) bool { return one.works() && in(one) }) {
			continue
		}
		if wave > 0 {
			behind, err := f.behind(ctx, p, spec, wave)
			if err != nil {
				return err
			}
			if len(behind) > spec.Rollout.MaxFailures {
				note := p.waits(spec, wave, behind)
				p.stopped = &note
				return nil
			}
		}
		if begun {
			if err := f.pass(ctx, p, spec, ro, wave, failed); err != nil || failed.tenants() > spec.Rollout.MaxFailures {
				return err
			}
		}
		begun = wave >= 0
		if err := f.run(ctx, p, spec, ro, in, failed); err != nil || failed.tenants() > spec.Rollout.MaxFailures || ro.stopped() {
			return err
		}
	}
	return nil
}

// gather records which tenants the fleet has, those to make included: one that a
// cut off run has made is known as the fleet's. Nothing is recorded, and nothing
// run, when another fleet has one of them.
func (f *Fleets) gather(ctx context.Context, p *Plan, spec Spec, prior *Prior) error {
	slugs, announces := slices.Clone(p.joining), false
	for _, one := range p.members {
		if one.pool {
			announces = announces || one.row == nil && !one.goes
		} else if one.renamed || one.works() && one.row == nil && !one.goes {
			slugs = append(slugs, one.slug)
		}
	}
	if len(slugs) == 0 && !p.renamed && !announces {
		return nil
	}
	defer f.Estate.ForgetFleets()
	doing := fmt.Sprintf("recording the tenants of fleet `%s`", spec.Name)
	return f.Jobs.WriteTogether(ctx, f.Servers.Main(), doing, func(q mysql.Queryer) error {
		others, err := f.Registry.JoinFleet(ctx, q, spec.Name, spec.former(prior), slugs)
		if err != nil {
			return err
		}
		if len(others) > 0 {
			failed := newFailures()
			for _, o := range others {
				failed.add(o.Slug, otherFleet(o.Slug, o.Fleet))
			}
			return failed.told("Fleet was not changed everywhere", fmt.Sprintf("Changing fleet `%s`: %s belong to other fleets since the plan was made. Nothing was run.", spec.Name, landlord.Several(len(others), "tenant")))
		}
		if p.renamed {
			if err := f.Registry.RenameFleet(ctx, q, spec.former(prior), spec.Name); err != nil {
				return err
			}
		}
		return f.announce(ctx, q, p, spec)
	})
}

// let records which tenants the fleet has no more.
func (f *Fleets) let(ctx context.Context, p *Plan, spec Spec) error {
	var slugs []string
	for _, one := range p.members {
		if !one.pool && (one.action == Release || one.action == Delete && one.done) {
			slugs = append(slugs, one.slug)
		}
	}
	if len(slugs) == 0 {
		return nil
	}
	defer f.Estate.ForgetFleets()
	return f.Jobs.Write(ctx, f.Servers.Main(), fmt.Sprintf("recording the tenants of fleet `%s`", spec.Name), func(q mysql.Queryer) error {
		return f.Registry.LeaveFleet(ctx, q, spec.Name, slugs)
	})
}

// run changes the tenants that are chosen, several at a time, as long as no more
// fail than may.
func (f *Fleets) run(ctx context.Context, p *Plan, spec Spec, ro *rollout, chosen func(*planned) bool, failed *failures) error {
	var mu sync.Mutex
	var todo []*planned
	for _, one := range p.members {
		if one.works() && one.err == nil && one.action != Release && one.action != Join && chosen(one) {
			todo = append(todo, one)
		}
	}
	done := 0
	enough := func() bool {
		mu.Lock()
		defer mu.Unlock()
		return failed.tenants() > spec.Rollout.MaxFailures
	}
	tell := func(one *planned, err error) {
		mu.Lock()
		defer mu.Unlock()
		done++
		if err != nil && ctx.Err() == nil {
			failed.add(one.slug, err)
			one.err = err
		}
		one.done = err == nil
		f.Config.Progress.Report(ctx, landlord.Event{Tenant: one.slug, What: fmt.Sprintf("Changing fleet `%s`", spec.Name), Step: done, Steps: len(todo)})
	}
	work := func(some []*planned) {
		switch {
		case enough() || ctx.Err() != nil || ro.obey(ctx):
		case len(some) > 1:
			f.changeTogether(ctx, ro, some, func() bool { return enough() || ro.ends(ctx) }, tell)
		default:
			tell(some[0], ro.around(ctx, some[0], func() error { return f.change(ctx, some[0]) }))
		}
	}
	each(&spec.Rollout, together(todo, spec.Rollout.parallel()), func(lot []*planned) []string { return lot[0].servers() }, work)
	return context.Cause(ctx) // each tenant tells its own failure
}

// change does what is planned with one tenant.
func (f *Fleets) change(ctx context.Context, one *planned) error {
	if one.pool {
		return f.changePooled(ctx, one)
	}
	return f.changeTenant(ctx, one)
}

func (f *Fleets) changeTenant(ctx context.Context, one *planned) error {
	switch one.action {
	case Delete:
		err := f.Tenants.DeleteTenant(ctx, one.slug, one.deletion)
		if errors.Is(err, landlord.ErrNotFound) {
			return nil
		}
		return err
	case Create:
		if one.prior == nil || one.unknown {
			_, err := f.Tenants.CreateTenant(ctx, one.spec, one.plan.Digest)
			return err
		}
	}
	t, err := f.Tenants.UpdateTenant(ctx, one.spec, *one.prior, one.plan.Digest)
	if err == nil {
		one.follows = t.UpdateStatus == landlord.UpdateCurrent && t.Template == one.spec.Template
		one.told = t.Notes
	}
	return err
}

// fail returns the problem of an apply in which more tenants failed than may,
// after the rollback that the rollout asks for. Where all of them are none of the rollout,
// nothing of it is taken back.
func (f *Fleets) fail(ctx context.Context, p *Plan, spec Spec, ro *rollout, failed *failures) error {
	attempted := fmt.Sprintf("Changing fleet `%s`: %s failed and `max_failures` is %s, so no further one was begun; %s done.", spec.Name,
		landlord.Several(failed.tenants(), "tenant"), spec.Rollout.budget(), areDone(p.done()))
	if failed.tenants() <= spec.Rollout.MaxFailures {
		attempted = fmt.Sprintf("Changing fleet `%s`: %s failed; %s done.", spec.Name, landlord.Several(failed.tenants(), "tenant"), areDone(p.done())) + beyond(failed, spec)
	}
	if ro == nil || spec.Rollout.OnFailure != Rollback || !p.failedInWaves() {
		return errors.Join(failed.told("Fleet was not changed everywhere", attempted+" The next apply does the rest."), ro.end(ctx, registry.RolloutHalted))
	}
	r, err := f.rollBack(ctx, spec, ro)
	if err != nil {
		return errors.Join(failed.told("Fleet was not changed everywhere", attempted), err)
	}
	if r.left.tenants() > 0 {
		return r.left.joined(failed, "Rollout was rolled back in part", attempted+fmt.Sprintf(" %s; %s", isBack(r.back), r.remains()))
	}
	return failed.problem("Rollout was rolled back", attempted+fmt.Sprintf(" `on_failure` is `rollback`: %s. What the rollout had added to them is kept aside for `retention`.", isBack(r.back)))
}

// done counts the tenants with which was done what is planned, and that are still so.
// One that waits for an approval is looked at, and not done.
func (p *Plan) done() int {
	done := 0
	for _, one := range p.members {
		if one.done && one.err == nil && (one.action != Wait || one.follows) {
			done++
		}
	}
	return done
}

// failedInWaves says whether a tenant of the rollout is among those that failed.
func (p *Plan) failedInWaves() bool {
	return slices.ContainsFunc(p.members, func(one *planned) bool { return one.err != nil && one.rollsOut() })
}

// finish returns what the fleet is now.
func (f *Fleets) finish(ctx context.Context, p *Plan, spec Spec, failed *failures) (*Applied, error) {
	results, told := p.Results, newDigestOfNotes()
	for _, one := range p.members {
		for _, n := range one.told {
			told.add(one.slug, n)
		}
		switch {
		case one.err != nil && one.action != Fail && !one.left: // else it is looked at again
			results = append(results, Result{Slug: one.slug, Status: ResultFailed, Reason: reasonOf(one)})
		case one.action == Wait && one.follows: // it was approved
			results = slices.DeleteFunc(results, func(r Result) bool { return r.Slug == one.slug })
		}
	}
	state, err := f.State(ctx, spec, results)
	if err != nil {
		return nil, err
	}
	out := &Applied{State: *state, Selected: p.Selected, Pooled: p.Pooled, Changed: p.changed(), Notes: told.list()}
	if p.stopped != nil {
		out.Notes = append(out.Notes, *p.stopped)
	}
	if failed.tenants() > 0 {
		out.Notes = append(out.Notes, failed.note(fmt.Sprintf("Fleet `%s`: %s failed; `max_failures` is %s. The next apply tries them again.", spec.Name, landlord.Several(failed.tenants(), "tenant"), spec.Rollout.budget())))
	}
	return out, nil
}

// changed are the tenants that were created or changed, and those whose change failed.
func (p *Plan) changed() (slugs []string) {
	for _, one := range p.members {
		if one.done && one.action == Create || one.action == Update && (one.done || one.err != nil) {
			slugs = append(slugs, one.slug)
		}
	}
	return slugs
}

func areDone(n int) string {
	if n == 1 {
		return "1 is"
	}
	return fmt.Sprintf("%d are", n)
}
