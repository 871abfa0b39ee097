package migrate

import (
	"sync/atomic"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/drift"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/render"
)

// Planner computes migrations.
type Planner struct {
	Config   *landlord.Config
	Accounts *account.Accounts
	Registry *registry.Store
	Servers  *registry.Servers
	Estate   *estate.Estate
	Renderer *render.Renderer
	Drifts   *drift.Reader

	// Migrations from one schema to another are the same for many tenants.
	Migrations estate.Memo[*Migration]
	ways       estate.Memo[script]     // explicit steps and seeds
	refused    estate.Memo[[]string]   // by a group of servers
	handOvers  estate.Memo[*Migration] // of programs to owner accounts
	worn       estate.Memo[worn]       // by server, as first seen

	// Owners are the accounts that programs of tenants belong to, as the run has seen them.
	Owners account.OwnersSeen

	asked atomic.Int64 // how long the questions of this run to the data of tenants have taken, in nanoseconds
}
