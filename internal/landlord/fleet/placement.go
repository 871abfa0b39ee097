package fleet

import (
	"fmt"
	"maps"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// FieldPlacement is the attribute that says where new tenants of a fleet go.
const FieldPlacement landlord.Field = "placement"

// Placement says on which servers tenants are made whose entry names none: weights
// by key of the server, empty for the main one. A server takes tenants in
// proportion to its weight, counted over the fleet's own tenants: those of others may be
// made between the plan and its apply. None with the weight 0, and none at all: the main
// server. A tenant that exists stays where it is.
type Placement map[string]int64

// check refuses servers that there are not, and weights that leave none.
func (w Placement) check(known func(key string) error) error {
	if len(w) == 0 {
		return nil
	}
	some := false
	for _, key := range slices.Sorted(maps.Keys(w)) {
		if err := known(key); err != nil {
			return landlord.NewProblem(FieldPlacement, "Server is not configured",
				fmt.Sprintf("`placement` names the server `%s`, which the provider does not have.", key), "Add it to `servers` of the provider, or take it out of `placement`; `\"\"` is the main server.")
		}
		some = some || w[key] > 0
	}
	if !some {
		return landlord.NewProblem(FieldPlacement, "No server takes tenants", "All weights of `placement` are 0, so no tenant can be made.", "Give one of the servers a weight.")
	}
	return nil
}

// placing chooses servers for the tenants of one plan.
type placing struct {
	weights Placement
	counts  map[string]int64 // of the fleet's tenants, by server: those that exist, and those that were placed
}

func (w Placement) begin(members []Member, rows map[string]*registry.TenantRow) *placing {
	p := &placing{weights: w, counts: map[string]int64{}}
	for _, m := range members {
		if row := rows[m.Slug]; row != nil && !m.pool {
			p.counts[row.Server]++
		}
	}
	return p
}

// server returns where a member is, or is to be made.
func (p *placing) server(m Member, row *registry.TenantRow) string {
	switch {
	case row != nil && m.Server == "" && !m.OnMain:
		return row.Server
	case m.pool: // a claim, on the main server, is one statement
		return ""
	case m.Server != "" || m.OnMain || len(p.weights) == 0:
		if row == nil {
			p.counts[m.Server]++
		}
		return m.Server
	}
	chosen, found := "", false
	for _, key := range slices.Sorted(maps.Keys(p.weights)) {
		// (a+1)/v < (b+1)/w, in whole numbers
		if p.weights[key] > 0 && (!found || (p.counts[key]+1)*p.weights[chosen] < (p.counts[chosen]+1)*p.weights[key]) {
			chosen, found = key, true
		}
	}
	p.counts[chosen]++
	return chosen
}
