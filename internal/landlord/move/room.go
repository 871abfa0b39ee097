package move

import (
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/access"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// Moves plans and makes moves of tenants between servers.
type Moves struct {
	Config      *landlord.Config
	Accounts    *account.Accounts
	Registry    *registry.Store
	Servers     *registry.Servers
	Estate      *estate.Estate
	Jobs        *apply.Jobs
	Checkpoints *checkpointing.Checkpoints
	Accesses    *access.Accesses
}
