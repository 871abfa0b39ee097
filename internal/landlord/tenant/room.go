package tenant

import (
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/access"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/drift"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/migrate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/move"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/render"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/restore"
)

// Tenants plans, makes, updates and removes tenants.
type Tenants struct {
	Config      *landlord.Config
	Accounts    *account.Accounts
	Registry    *registry.Store
	Servers     *registry.Servers
	Estate      *estate.Estate
	Renderer    *render.Renderer
	Drifts      *drift.Reader
	Planner     *migrate.Planner
	Jobs        *apply.Jobs
	Checkpoints *checkpointing.Checkpoints
	Restores    *restore.Restores
	Accesses    *access.Accesses
	Moves       *move.Moves
}
