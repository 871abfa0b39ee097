package publish

import (
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/render"
)

// Publisher publishes versions of templates.
type Publisher struct {
	Config   *landlord.Config
	Registry *registry.Store
	Servers  *registry.Servers
	Estate   *estate.Estate
	Renderer *render.Renderer
	Jobs     *apply.Jobs
}
