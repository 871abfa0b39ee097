package fleet

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// FieldPool is the attribute that says how many tenants are kept ready.
const FieldPool landlord.Field = "pool"

// pool is what the landlord database knows of the tenants that wait for an owner.
type pool struct {
	free map[string]registry.PoolTenant // of all fleets, by slug
	own  []registry.PoolTenant          // of this fleet, the oldest first
	last int                            // number of the last one that this fleet has made
}

func (f *Fleets) pool(ctx context.Context, spec Spec, prior *Prior) (*pool, error) {
	if spec.Pool == 0 && spec.Select == nil && (prior == nil || prior.Spec.Pool == 0) {
		return &pool{}, nil
	}
	free, last, err := f.Registry.ReadPool(ctx, f.Servers.Main())
	if err != nil {
		return nil, registry.Unreachable(f.Servers.Main(), "reading the landlord database", err)
	}
	out := &pool{free: map[string]registry.PoolTenant{}, last: max(last[spec.Name], last[spec.former(prior)])}
	for _, t := range free {
		out.free[t.Slug] = t
		if t.Fleet == spec.Name || prior.has(t.Fleet) {
			out.own = append(out.own, t)
		}
	}
	slices.SortFunc(out.own, func(a, b registry.PoolTenant) int { return cmp.Compare(a.Number, b.Number) })
	return out, nil
}

// numbered returns the slug of a tenant of a pool.
func numbered(fleet string, number int) string { return fmt.Sprintf("%s-pool-%d", fleet, number) }

// pooled returns the slugs of the tenants that a fleet is to keep ready: those
// that it has, the oldest first, and as many new ones as are missing. In an apply
// they are those of the plan, but for what somebody has got since.
func (s *Spec) pooled(p *pool, rows map[string]*registry.TenantRow) []string {
	if s.Planned {
		return slices.DeleteFunc(slices.Clone(s.Pooled), func(slug string) bool {
			_, free := p.free[slug]
			return !free && s.number(slug) <= p.last
		})
	}
	taken := make(map[string]bool, len(rows))
	for slug := range rows {
		taken[strings.ReplaceAll(slug, "-", "_")] = true
	}
	var slugs []string
	for _, t := range p.own {
		if len(slugs) < s.Pool {
			slugs = append(slugs, t.Slug)
		}
	}
	for n := p.last + 1; len(slugs) < s.Pool; n++ {
		if slug := numbered(s.Name, n); !taken[strings.ReplaceAll(slug, "-", "_")] {
			slugs = append(slugs, slug)
		}
	}
	return slugs
}

// number returns which tenant of the pool has a slug; 0 for none.
func (s *Spec) number(slug string) int {
	number, err := strconv.Atoi(strings.TrimPrefix(slug, s.Name+"-pool-"))
	if err != nil {
		return 0
	}
	return number
}

// checkPool refuses a pool whose tenants could not be named.
func (f *Fleets) checkPool(spec Spec, p *pool) error {
	if spec.Pool == 0 {
		return nil
	}
	slug, prefix := numbered(spec.Name, p.last+spec.Pool), f.Servers.Config.Prefix
	most := min(landlord.MaxSlug, landlord.MaxDatabaseName-len(prefix))
	if len(slug) <= most {
		return nil
	}
	return landlord.NewProblem(FieldPool, "Pool cannot be kept",
		fmt.Sprintf("Fleet `%s`: tenants that are kept ready are called as `%s`, with the database `%s%s`; slugs and names of databases have at most %d characters.",
			spec.Name, slug, prefix, strings.ReplaceAll(slug, "-", "_"), landlord.MaxDatabaseName),
		fmt.Sprintf("Give the fleet a name of at most %d characters, or leave `pool` out.", most-len(slug)+len(spec.Name)))
}

// withPool returns the specification with the tenants that are to be ready.
func (s Spec) withPool(slugs []string, rows map[string]*registry.TenantRow) Spec {
	s.Members = slices.Clone(s.Members)
	for _, slug := range slugs {
		m := Member{Slug: slug, Name: slug, pool: true}
		if row := rows[slug]; row != nil {
			m.Name, m.Metadata, m.Modules = row.Name, row.Metadata, slices.Sorted(slices.Values(row.Modules))
		}
		s.Members = append(s.Members, m)
	}
	return s
}

// surplus returns what is to be planned of the tenants that are no longer to be
// ready: nobody's, so they go.
func (f *Fleets) surplus(ctx context.Context, p *Plan, rows map[string]*registry.TenantRow) []*planned {
	var out []*planned
	for _, t := range p.pool.own {
		if slices.Contains(p.Pooled, t.Slug) {
			continue
		}
		one := &planned{slug: t.Slug, row: rows[t.Slug], action: Delete, wave: -1, goes: true, pool: true}
		one.deletion = landlord.DeleteOptions{Policy: landlord.DeletionDrop, AllowDestructive: true}
		if one.row != nil {
			one.err = f.Tenants.PlanDelete(ctx, t.Slug, one.deletion)
		}
		out = append(out, one)
	}
	return out
}

// announce records the tenants that are about to be made for the pool.
func (f *Fleets) announce(ctx context.Context, q mysql.Queryer, p *Plan, spec Spec) error {
	var tenants []registry.PoolTenant
	for _, one := range p.members {
		if one.pool && !one.goes && one.row == nil {
			if number := spec.number(one.slug); number > 0 {
				tenants = append(tenants, registry.PoolTenant{Slug: one.slug, Fleet: spec.Name, Number: number})
			}
		}
	}
	return f.Registry.AddPool(ctx, q, tenants)
}

// changePooled does what is planned with a tenant that is nobody's, unless
// somebody has got it since. Nobody gets it meanwhile.
func (f *Fleets) changePooled(ctx context.Context, one *planned) error {
	main, ours := f.Servers.Main(), false
	err := f.Jobs.WriteTogether(ctx, main, "taking a tenant of the pool", func(q mysql.Queryer) (err error) {
		ours, err = f.Registry.TakePool(ctx, q, one.slug)
		return err
	})
	if err != nil || !ours {
		return err
	}
	if err := f.changeTenant(ctx, one); err != nil {
		return err // it stays taken: the next apply looks after it
	}
	done := f.Registry.GivePool
	if one.action == Delete {
		done = f.Registry.EndPool
	}
	ctx = context.WithoutCancel(ctx)
	return f.Jobs.Write(ctx, main, "giving a tenant to the pool", func(q mysql.Queryer) error { return done(ctx, q, one.slug) })
}

// Claim gives a ready tenant to an owner. The name of the fleet is empty where one
// fleet alone keeps a pool. Errors are Problems.
func (f *Fleets) Claim(ctx context.Context, name, slug, owner string, metadata map[string]string) (claimed *registry.Claimed, err error) {
	main := f.Servers.Main()
	doing := fmt.Sprintf("claiming a ready tenant as `%s`", slug)
	err = f.Jobs.Write(ctx, main, doing, func(q mysql.Queryer) error {
		claimed, err = f.Registry.Claim(ctx, q, name, slug, owner, metadata)
		return err
	})
	if mysql.IsSignal(err) {
		return nil, landlord.NewProblem(landlord.FieldSlug, "Tenant could not be claimed",
			fmt.Sprintf("Claiming a ready tenant as `%s`: the landlord database refuses.", slug),
			landlord.Sentence(mysql.Message(err)))
	}
	if err != nil {
		return nil, registry.Unreachable(main, doing, err)
	}
	return claimed, nil
}
