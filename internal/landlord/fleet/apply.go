package fleet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// Applied is what an apply has made of a fleet.
type Applied struct {
	State State
	Notes []landlord.Note // of tenants that failed, within what may fail
}

// Apply brings a fleet to what a specification wants. The digest is the planned
// one; empty accepts whatever there is to do. A tenant that fails stops only
// itself, unless more fail than may: then no further one is begun. What was done
// is recorded tenant by tenant, so that the next apply does the rest. Errors are
// Problems.
func (f *Fleets) Apply(ctx context.Context, spec Spec, prior *Prior, digest string) (*Applied, error) {
	p, err := f.Plan(ctx, spec, prior)
	if err != nil {
		return nil, err
	}
	if digest != "" && digest != p.Digest {
		return nil, landlord.NewProblem(FieldTenants, "Fleet changed since the plan",
			fmt.Sprintf("Another run has worked on tenants of fleet `%s` since the plan was made, so the planned steps are not what is left to do.", spec.Name),
			"Nothing was run. Plan again.")
	}
	if err := f.gather(ctx, p, spec); err != nil {
		return nil, err
	}
	failed := newFailures()
	for _, one := range p.members {
		if one.err != nil {
			failed.add(one.slug, one.err)
		}
	}
	for _, goes := range []bool{false, true} { // nobody goes before the others are where they should be
		if err := f.run(ctx, p, spec, goes, failed); err != nil {
			return nil, err
		}
	}
	if err := f.let(ctx, p, spec); err != nil {
		return nil, err
	}
	return f.finish(ctx, p, spec, failed)
}

// gather records which tenants the fleet has, those to make included: one that a
// cut off run has made is known as the fleet's.
func (f *Fleets) gather(ctx context.Context, p *Plan, spec Spec) error {
	slugs := append(append([]string{}, p.joining...), p.renamed...)
	for _, one := range p.members {
		if one.action == Create {
			slugs = append(slugs, one.slug)
		}
	}
	if len(slugs) == 0 {
		return nil
	}
	defer f.forget()
	main := f.Servers.Main()
	return f.Jobs.Write(ctx, main, fmt.Sprintf("recording the tenants of fleet `%s`", spec.Name), func(q mysql.Queryer) error {
		return f.Registry.JoinFleet(ctx, q, spec.Name, slugs)
	})
}

// let records which tenants the fleet has no more.
func (f *Fleets) let(ctx context.Context, p *Plan, spec Spec) error {
	var slugs []string
	for _, one := range p.members {
		if one.action == Release || one.action == Delete && one.done {
			slugs = append(slugs, one.slug)
		}
	}
	if len(slugs) == 0 {
		return nil
	}
	defer f.forget()
	return f.Jobs.Write(ctx, f.Servers.Main(), fmt.Sprintf("recording the tenants of fleet `%s`", spec.Name), func(q mysql.Queryer) error {
		return f.Registry.LeaveFleet(ctx, q, spec.Name, slugs)
	})
}

// run changes the tenants that stay, or those that go, several at a time.
func (f *Fleets) run(ctx context.Context, p *Plan, spec Spec, goes bool, failed *failures) error {
	var mu sync.Mutex
	var total, done int
	for _, one := range p.members {
		if one.works() && one.action != Release && goes == (one.action == Delete) {
			total++
		}
	}
	group, work := errgroup.WithContext(context.WithoutCancel(ctx))
	group.SetLimit(spec.parallel())
	for _, one := range p.members {
		if !one.works() || one.action == Release || goes != (one.action == Delete) {
			continue
		}
		group.Go(func() error {
			mu.Lock()
			enough := failed.tenants() > spec.MaxFailures
			mu.Unlock()
			if enough || ctx.Err() != nil || work.Err() != nil {
				return nil
			}
			err := f.change(ctx, one)
			mu.Lock()
			defer mu.Unlock()
			done++
			if err != nil && ctx.Err() == nil {
				failed.add(one.slug, err)
				one.err = err
			}
			one.done = err == nil
			f.Config.Progress.Report(ctx, landlord.Event{Tenant: one.slug, What: fmt.Sprintf("Changing fleet `%s`", spec.Name), Step: done, Steps: total})
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// change does what is planned with one tenant.
func (f *Fleets) change(ctx context.Context, one *planned) error {
	switch one.action {
	case Delete:
		err := f.Tenants.DeleteTenant(ctx, one.slug, one.deletion)
		if errors.Is(err, landlord.ErrNotFound) {
			return nil
		}
		return err
	case Create:
		if one.prior == nil {
			_, err := f.Tenants.CreateTenant(ctx, one.spec, one.plan.Digest)
			return err
		}
	}
	t, err := f.Tenants.UpdateTenant(ctx, one.spec, *one.prior, one.plan.Digest)
	if err == nil {
		one.follows = t.UpdateStatus == landlord.UpdateCurrent && t.Template == one.spec.Template
	}
	return err
}

// finish returns what the fleet is now, or the problem of too many failures.
func (f *Fleets) finish(ctx context.Context, p *Plan, spec Spec, failed *failures) (*Applied, error) {
	if failed.tenants() > spec.MaxFailures {
		done := 0
		for _, one := range p.members {
			if one.done {
				done++
			}
		}
		return nil, failed.told("Fleet was not changed everywhere",
			fmt.Sprintf("Changing fleet `%s`: %s failed and `max_failures` is %d, so no further one was begun; %s done. The next apply does the rest.", spec.Name,
				landlord.Several(failed.tenants(), "tenant"), spec.MaxFailures, areDone(done)))
	}
	slugs := make([]string, 0, len(spec.Members))
	for _, m := range spec.Members {
		slugs = append(slugs, m.Slug)
	}
	results := p.Results
	for _, one := range p.members {
		switch {
		case one.err != nil && one.action != Fail:
			results = append(results, Result{Slug: one.slug, Status: ResultFailed, Reason: reasonOf(one)})
		case one.action == Wait && one.follows: // it was approved
			results = slices.DeleteFunc(results, func(r Result) bool { return r.Slug == one.slug })
		}
	}
	state, err := f.State(ctx, slugs, results)
	if err != nil {
		return nil, err
	}
	out := &Applied{State: *state}
	if failed.tenants() > 0 {
		out.Notes = append(out.Notes, failed.note(fmt.Sprintf("Fleet `%s`: %s failed; `max_failures` is %d. The next apply tries them again.", spec.Name, landlord.Several(failed.tenants(), "tenant"), spec.MaxFailures)))
	}
	return out, nil
}

func areDone(n int) string {
	if n == 1 {
		return "1 is"
	}
	return fmt.Sprintf("%d are", n)
}
