package fleet

import (
	"context"
	"sync"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/tenant"
)

// Fleets plans and changes fleets. It is safe for concurrent use.
type Fleets struct {
	Config   *landlord.Config
	Registry *registry.Store
	Servers  *registry.Servers
	Estate   *estate.Estate
	Jobs     *apply.Jobs
	Tenants  *tenant.Tenants

	mu     sync.Mutex
	fleets map[string]string // of each tenant that is in one, by slug; nil: not read yet
}

// fleetOf returns the fleet of each tenant that is in one, by slug.
func (f *Fleets) fleetOf(ctx context.Context) (map[string]string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fleets != nil {
		return f.fleets, nil
	}
	fleets, err := f.Registry.ReadFleets(ctx, f.Servers.Main())
	if err != nil {
		return nil, registry.Unreachable(f.Servers.Main(), "reading the landlord database", err)
	}
	f.fleets = fleets
	return fleets, nil
}

// forget makes the next look at the fleets ask the server again.
func (f *Fleets) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fleets = nil
}
