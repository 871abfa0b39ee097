package fleet

import (
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// Prior is a fleet as Terraform's prior state knows it.
type Prior struct {
	Spec        Spec
	Results     []Result // of the last plan, apply or refresh
	Later       int64    // tenants whose wave had not begun then
	Fingerprint string   // when the state was written or refreshed
	Seen        string   // by that refresh, see estate.Estate.Seen
	Deletion    landlord.DeleteOptions
}

func (p *Prior) slugs() []string { return append(slugsOf(p.Spec.Members), p.Spec.Selected...) }

// known returns what the state knows of a tenant that the landlord database has
// lost; nil of one that it does not list, or that need not have been where the
// state wants it.
func (p *Prior) known(slug string) *landlord.PriorTenant {
	if p == nil {
		return nil
	}
	at := slices.IndexFunc(p.Spec.Members, func(m Member) bool { return m.Slug == slug })
	elsewhere := slices.ContainsFunc(p.Results, func(r Result) bool { return r.Slug == slug && r.Status != ResultMissing })
	if at < 0 || elsewhere || p.Later > 0 {
		return nil
	}
	m := p.Spec.Members[at]
	return &landlord.PriorTenant{Name: m.Name, Status: landlord.StatusActive, Metadata: m.Metadata, Template: p.Spec.TemplateOf(m), Modules: m.Modules, Server: m.Server, Database: m.Database}
}

// has says whether a fleet of the landlord database is this one.
func (p *Prior) has(fleet string) bool { return p != nil && fleet != "" && p.Spec.Name == fleet }

// differs says whether what is recorded of the policies of a fleet is not what is
// wanted.
func (p *Prior) differs(spec Spec) bool {
	return p == nil || p.Deletion.Policy != spec.Policies.DeletionPolicy || p.Deletion.Checkpoint != spec.Policies.DeletionCheckpoint
}

// priorOf returns a tenant as it is recorded, for a plan from there.
func priorOf(row *registry.TenantRow, fleet *Prior) *landlord.PriorTenant {
	prior := &landlord.PriorTenant{Name: row.Name, Status: row.Status, Metadata: row.Metadata, Template: row.AppliedTemplate(), Modules: row.Modules, Database: row.Database}
	if fleet != nil {
		prior.Seen = fleet.Seen
	}
	return prior
}

// at says where the state wants a tenant of its list.
func (p *Prior) at(slug string) landlord.Whereabouts {
	for _, m := range p.Spec.Members {
		if m.Slug == slug {
			return landlord.Whereabouts{Server: m.Server, Database: m.Database}
		}
	}
	return landlord.Whereabouts{}
}
