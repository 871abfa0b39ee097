package customization

import (
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/migrate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/render"
)

// Customizations gives tenants what they have of their own.
type Customizations struct {
	Config      *landlord.Config
	Registry    *registry.Store
	Servers     *registry.Servers
	Estate      *estate.Estate
	Renderer    *render.Renderer
	Planner     *migrate.Planner
	Jobs        *apply.Jobs
	Checkpoints *checkpointing.Checkpoints

	customized estate.Memo[*customized]
}
