package fleet

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
)

// tally is what the plans of some tenants come to.
type tally struct {
	Summary         Summary
	Results         []Result
	Classes         []Class
	Works, Approved bool // there is something to do; a migration that waits

	work map[string][]string // what is to be done, by server
}

// sumUp makes classes, counts and notes of the plans of the tenants. What the pool has
// may be somebody's in the apply: it has classes of its own, and is no part of the digest.
func (f *Fleets) sumUp(ctx context.Context, p *Plan, spec Spec) error {
	down := map[string]bool{}
	var owned, pooled []*planned
	notes := newDigestOfNotes()
	for _, one := range p.members {
		if one.err != nil {
			one.action = Fail
			down[one.server()] = down[one.server()] || isDown(one.err)
		} else if one.plan != nil {
			for _, n := range one.plan.Notes {
				notes.add(one.slug, n)
			}
		}
		if one.pool {
			pooled = append(pooled, one)
		} else {
			owned = append(owned, one)
		}
	}
	own, err := f.tally(ctx, p, owned)
	if err != nil {
		return err
	}
	if p.ready, err = f.tally(ctx, p, pooled); err != nil {
		return err
	}
	spec.promised.keep(p)
	p.Summary = own.Summary.plus(p.ready.Summary)
	p.Results = slices.Concat(own.Results, p.ready.Results)
	slices.SortFunc(p.Results, func(a, b Result) int { return strings.Compare(a.Slug, b.Slug) })
	p.Classes = slices.Concat(own.Classes, p.ready.Classes)
	slices.SortStableFunc(p.Classes, func(a, b Class) int { return cmp.Compare(b.Tenants, a.Tenants) })
	if p.Unseen {
		p.Notes = append(p.Notes, leaveNotes(spec.Name, p.Classes)...)
	}
	p.approved = own.Approved || p.ready.Approved
	work := own.work
	if len(p.joining) > 0 {
		work[""] = append(work[""], append([]string{"join"}, p.joining...)...)
		p.Notes = append(p.Notes, joinNote(spec.Name, p.joining))
	}
	if p.renamed {
		work[""] = append(work[""], "rename", spec.Name)
	}
	if p.unfinished != nil {
		work[""] = append(work[""], p.unfinished.digest()...)
		p.Notes = append(p.Notes, p.unfinished.note(spec))
	}
	works := p.ready.Works || len(work) > 0
	if p.keepsPool {
		work[""] = append(work[""], "pool")
	}
	p.seal(digestsOf(work, down), len(work) > 0, works)
	p.Notes = append(p.Notes, notes.list()...)
	return nil
}

// tally counts tenants and makes classes of them.
func (f *Fleets) tally(ctx context.Context, p *Plan, members []*planned) (*tally, error) {
	out := &tally{work: map[string][]string{}}
	classes := map[string]*Class{}
	var order []string
	for _, one := range members {
		if err := f.count(ctx, out, one); err != nil {
			return nil, err
		}
		if one.action == Keep {
			continue
		}
		p.Unseen = p.Unseen || one.plan != nil && one.plan.Unseen
		class := classOf(one)
		if one.wave >= 0 {
			class.Wave = p.waves[one.wave]
		}
		key := class.key()
		if classes[key] == nil {
			classes[key] = class
			order = append(order, key)
		}
		if err := f.markDrift(ctx, one); err != nil {
			return nil, err
		}
		classes[key].add(one)
		if one.action == Wait {
			out.Approved = out.Approved || one.plan.Approval != nil
		} else if one.works() {
			out.Works = true
			out.work[one.server()] = append(out.work[one.server()], append([]string{one.slug, string(one.action), class.Digest, class.To, class.Server}, one.recorded()...)...)
		}
	}
	for _, key := range order {
		out.Classes = append(out.Classes, *classes[key])
	}
	return out, nil
}

// recorded is what the landlord database gets of a tenant beside its template.
func (one *planned) recorded() []string {
	if one.chosen {
		return nil
	}
	return []string{one.spec.Name, string(one.spec.Status), fmt.Sprint(one.spec.Metadata)}
}

// plus adds the counts of other tenants.
func (s Summary) plus(o Summary) Summary {
	return Summary{
		ToCreate: s.ToCreate + o.ToCreate, ToUpdate: s.ToUpdate + o.ToUpdate,
		Total: s.Total + o.Total, Current: s.Current + o.Current, Later: s.Later + o.Later, Ready: s.Ready + o.Ready,
		Conflict: s.Conflict + o.Conflict, PendingApproval: s.PendingApproval + o.PendingApproval, Held: s.Held + o.Held,
		Interrupted: s.Interrupted + o.Interrupted, Drifted: s.Drifted + o.Drifted, Failing: s.Failing + o.Failing,
	}
}
