package access

import (
	"sync"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// Accesses plans, makes and removes the accounts of tenants.
type Accesses struct {
	Config   *landlord.Config
	Registry *registry.Store
	Servers  *registry.Servers
	Estate   *estate.Estate
	Jobs     *apply.Jobs
	Accounts *account.Accounts

	seen   seen
	purged sync.Map // keys of servers whose accounts were purged
}
