package restore

import (
	"sync"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/migrate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// Restores brings tenants back, beside them or in their place.
type Restores struct {
	Config      *landlord.Config
	Accounts    *account.Accounts
	Registry    *registry.Store
	Servers     *registry.Servers
	Estate      *estate.Estate
	Planner     *migrate.Planner
	Jobs        *apply.Jobs
	Checkpoints *checkpointing.Checkpoints

	exchanges    sync.Map // slugs to the restore in place that finds the tenant as it is, empty for none
	toldRestores sync.Map // requests of restores of which this run has told that statements follow
}
