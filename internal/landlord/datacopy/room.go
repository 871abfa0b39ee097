package datacopy

import (
	"sync"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// Copies copies rows between tenants.
type Copies struct {
	Config   *landlord.Config
	Registry *registry.Store
	Servers  *registry.Servers
	Estate   *estate.Estate
	Jobs     *apply.Jobs

	reportedPlans sync.Map // plans of data copies whose findings this run has told
}
