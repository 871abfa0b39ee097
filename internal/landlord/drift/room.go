package drift

import (
	"sync"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/render"
)

// Reader tells how tenants differ from what is recorded of them.
type Reader struct {
	Registry *registry.Store
	Servers  *registry.Servers
	Accounts *account.Accounts
	Estate   *estate.Estate
	Renderer *render.Renderer

	drifts sync.Map // server, base and live fingerprint to *driftSides
}
