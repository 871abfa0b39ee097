package render

import (
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// Renderer turns compositions into schemas as a server spells them. The zero
// value with its rooms is ready for use.
type Renderer struct {
	Config   *landlord.Config
	Registry *registry.Store
	Servers  *registry.Servers
	Estate   *estate.Estate
	Accounts *account.Accounts

	compositions estate.Memo[*template.Composition]
	Renders      *Renders
}

// New returns the renderer of a run.
func New(e *estate.Estate, accounts *account.Accounts) *Renderer {
	return &Renderer{Config: e.Config, Registry: e.Registry, Servers: e.Servers, Estate: e, Accounts: accounts, Renders: newRenders()}
}
