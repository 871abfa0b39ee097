package fleet

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// promise is what a plan has chosen of tenants that others make, change and get while
// it waits for its apply: what `select` takes in, and what it does with the pool.
type promise struct {
	Selected, Pooled []string
	Ready            tally
	KeepsPool        bool
}

// holds refuses to go on with a choice of which a tenant is gone, and makes the
// specification take it.
func (c *promise) holds(spec *Spec, rows map[string]*registry.TenantRow) error {
	if c == nil {
		return nil
	}
	for _, slug := range c.Selected {
		if rows[slug] == nil {
			return changedSincePlan(spec.Name)
		}
	}
	spec.Planned, spec.Selected, spec.Pooled = true, c.Selected, c.Pooled
	return nil
}

// keep makes a plan say of the pool what was said before, whoever has got a tenant of
// it since: the apply leaves those alone.
func (c *promise) keep(p *Plan) {
	if c != nil {
		p.Pooled, p.ready, p.keepsPool = c.Pooled, &c.Ready, c.KeepsPool
	}
}

func (p *Plan) promise() promise {
	return promise{Selected: p.Selected, Pooled: p.Pooled, Ready: *p.ready, KeepsPool: p.keepsPool}
}

// choosing plans a fleet so that the plan of its apply says the same. The tenants of a
// selection, and of a pool, are made and given away without Terraform; so a plan records
// which it has found, and its apply takes the record. Where there can be none, it is
// left open: in a plan that makes the fleet, which nothing tells from another plan, in
// one without a refresh, and with an account that may not write.
func (f *Fleets) choosing(ctx context.Context, spec Spec, prior *Prior) (p *Plan, err error) {
	if spec.Select == nil && spec.Pool == 0 && (prior == nil || prior.Spec.Pool == 0) || spec.Ends {
		return f.plan(ctx, spec, prior)
	}
	if prior == nil || f.Estate.Run.Refreshes() {
		if p, err = f.plan(ctx, spec, prior); err != nil {
			return nil, err
		}
	}
	switch {
	case prior == nil:
		return p.unsure(spec.Select != nil || len(p.pool.own) > 0), nil
	case p != nil && !p.moves(spec, prior):
		return p, nil
	}
	record, err := spec.record(prior)
	if err != nil {
		return nil, err
	}
	found, known, err := estate.Promised(ctx, f.Estate, record, func() ([]promise, error) {
		if p == nil {
			p, err = f.plan(ctx, spec, prior)
		}
		if err != nil {
			return nil, err
		}
		return []promise{p.promise()}, nil
	})
	if err != nil {
		return nil, err
	}
	if known && (p == nil || !p.promise().equal(&found[0])) {
		spec.promised = &found[0]
		return f.plan(ctx, spec, prior)
	}
	return p.unsure(!known && p.moves(spec, prior)), nil
}

// moves says whether Terraform will apply the plan.
func (p *Plan) moves(spec Spec, prior *Prior) bool {
	return spec.Altered || p.HasWork() || !slices.Equal(p.Selected, prior.Spec.Selected) || !slices.Equal(p.Pooled, prior.Spec.Pooled)
}

// record names what a plan of the specification has chosen.
func (s Spec) record(prior *Prior) (estate.Record, error) {
	s.Selected, s.Pooled = nil, nil
	text, err := json.Marshal(s)
	return estate.Record{Slug: AllTenants, Subject: s.Name, Digest: landlord.Digest("choice", string(text)), Seen: prior.Seen}, err
}

func (c promise) equal(other *promise) bool {
	one, err := json.Marshal(c)
	if err != nil {
		return false
	}
	two, err := json.Marshal(other)
	return err == nil && string(one) == string(two)
}

// unsure marks a plan that its apply may find otherwise, and tells what it comes to as
// things are: to Terraform it is known after apply.
func (p *Plan) unsure(is bool) *Plan {
	if p.Unsure = is; !is || len(p.Classes) == 0 {
		return p
	}
	var lines []string
	for i := range p.Classes {
		c := &p.Classes[i]
		lines = append(lines, fmt.Sprintf("%s %d: %s", c.Action, c.Tenants, landlord.Quoted(c.Slugs)))
		if more := c.Tenants - len(c.Slugs); more > 0 {
			lines[i] += fmt.Sprintf(" and %d more", more)
		}
	}
	p.Notes = append(p.Notes, landlord.Note{Severity: landlord.Warning, Field: FieldTenants, Summary: "Tenants of the fleet can still change",
		Detail: fmt.Sprintf("Fleet `%s`: which tenants `select` takes in, and which of the pool are nobody's, can change until the apply, and this plan cannot hold on to what it has found: "+
			"it makes the fleet, was made without a refresh, or with an account that may not write to the landlord database. As things are, it would do this:\n\n%s", p.spec.Name, strings.Join(lines, "\n"))})
	return p
}
