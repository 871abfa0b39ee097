package dashboard

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/drift"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/hcl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/health"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/overview"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/tenant"
)

// The parts of a tenant's page, each with an address of its own.
const (
	partSchema         = "schema"
	partDrift          = "drift"
	partHealth         = "health"
	partHistory        = "history"
	partCustomizations = "customizations"
	partCheckpoints    = "checkpoints"
	partAccounts       = "accounts"
)

func tenantParts() []string {
	return []string{partSchema, partDrift, partHealth, partCustomizations, partHistory, partCheckpoints, partAccounts}
}

// tenantPage is what the page of one tenant shows.
type tenantPage struct {
	Tenant      tenantLine
	Part        string
	Parts       []string
	Schema      *drift.Snapshot
	Diagram     *diagram
	Drift       *driftView
	Health      *healthView
	History     *landlord.History
	Checkpoints []landlord.Checkpoint
	Accounts    []overview.Account
	Next        string                   // version that customizations are held against; empty for none
	Impact      map[string]tenant.Impact // by customization
	ImpactFault string                   // why nobody knows
}

// driftView is what differs in a tenant, with both ways out.
type driftView struct {
	*drift.TenantDrift

	Lines    []differenceView
	Adoption string // HCL that takes all in that can be
}

// differenceView is one difference with the HCL that takes it in.
type differenceView struct {
	landlord.Difference

	Adoption string
	AsAbove  bool // an earlier difference has the same repair, which changes the table once
}

func (s *Server) tenantPage(w http.ResponseWriter, r *http.Request) {
	part := r.PathValue("part")
	if part == "" {
		part = partSchema
	}
	if !slices.Contains(tenantParts(), part) {
		s.refuse(w, r, http.StatusNotFound, "There is no such page.")
		return
	}
	estate, err := s.estate.current(r.Context())
	if estate == nil {
		s.fail(w, r, err)
		return
	}
	slug := r.PathValue("slug")
	i := slices.IndexFunc(estate.Tenants, func(t overview.Tenant) bool { return t.Slug == slug })
	if i < 0 {
		s.refuse(w, r, http.StatusNotFound, "The landlord database has no tenant "+slug+".")
		return
	}
	p := tenantPage{Tenant: tenantLine{estate.Tenants[i], stateOf(&estate.Tenants[i]), s.health.latest(r.Context()).of(slug)}, Part: part, Parts: tenantParts()}
	if err := s.readPart(r, &p, estate); err != nil {
		s.fail(w, r, err)
		return
	}
	s.render(w, r, http.StatusOK, "tenant", p.Tenant.Slug, p)
}

// readPart reads what the part of the page needs.
func (s *Server) readPart(r *http.Request, p *tenantPage, estate *overview.Estate) (err error) {
	ctx, slug, run := r.Context(), p.Tenant.Slug, s.run()
	switch p.Part {
	case partSchema:
		if p.Tenant.DatabaseMissing {
			return nil
		}
		if p.Schema, err = run.Snapshot(ctx, drift.SnapshotSource{Tenant: slug}); err == nil {
			p.Diagram = drawDiagram(p.Schema.Tables)
		}
	case partDrift:
		var d *drift.TenantDrift
		if d, err = run.Drift(ctx, slug, true); err == nil {
			p.Drift = viewDrift(d)
		}
	case partHealth:
		var report *health.Report
		if report, err = run.Health(ctx, health.Filter{Slugs: []string{slug}}); err != nil || len(report.Tenants) == 0 {
			return err
		}
		var samples []health.Sample
		if samples, err = run.HealthHistory(ctx, slug, s.options.Now().Add(-healthHistory)); err == nil {
			p.Health = viewHealth(&report.Tenants[0], samples)
		}
	case partHistory:
		p.History, err = run.History(ctx, slug, landlord.HistoryOptions{Limit: 50, Steps: true})
	case partCustomizations:
		if p.History, err = run.History(ctx, slug, landlord.HistoryOptions{Limit: 50}); err == nil && len(p.History.Customizations) > 0 {
			s.readImpact(ctx, p, nextOf(&p.Tenant.Tenant, estate))
		}
	case partCheckpoints:
		p.Checkpoints = checkpointsOf(estate, slug)
	case partAccounts:
		p.Accounts, err = run.TenantAccounts(ctx, slug)
	}
	return err
}

// nextOf returns the version that a tenant would get: the one that it waits for, or the
// newest of its template; empty when it has that.
func nextOf(t *overview.Tenant, estate *overview.Estate) string {
	if t.Wanted != "" {
		return t.Wanted
	}
	name, _, _ := strings.Cut(t.Template, "@")
	for _, v := range estate.Templates { // the newest first
		if v.Name == name {
			if v.ID == t.Template {
				return ""
			}
			return v.ID
		}
	}
	return ""
}

// readImpact asks what a version means for the customizations of the tenant.
func (s *Server) readImpact(ctx context.Context, p *tenantPage, next string) {
	if p.Next = next; next == "" || p.Tenant.DatabaseMissing {
		p.Next = ""
		return
	}
	kept, fault := s.previews.of(ctx, alone(&p.Tenant.Tenant, next), s.run)
	if p.ImpactFault = fault; fault != "" {
		return
	}
	p.Impact = map[string]tenant.Impact{}
	for _, i := range kept.Impact {
		p.Impact[i.Customization] = i
	}
}

func viewDrift(d *drift.TenantDrift) *driftView {
	v := &driftView{TenantDrift: d, Adoption: hcl.Customization(d.Slug, "adopted", d.Adoption)}
	for _, x := range d.Differences {
		above := x.RepairSQL != "" && slices.ContainsFunc(v.Lines, func(l differenceView) bool { return l.RepairSQL == x.RepairSQL })
		v.Lines = append(v.Lines, differenceView{x, hcl.Customization(d.Slug, hcl.AdoptionName(x), x.Adoption), above})
	}
	return v
}

func checkpointsOf(estate *overview.Estate, slug string) []landlord.Checkpoint {
	var out []landlord.Checkpoint
	for _, c := range estate.Checkpoints {
		if c.Tenant == slug {
			out = append(out, c)
		}
	}
	return out
}
