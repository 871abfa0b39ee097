package apply

import (
	"context"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/migrate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// Jobs open databases for work.
type Jobs struct {
	Config   *landlord.Config
	Registry *registry.Store
	Servers  *registry.Servers
	Estate   *estate.Estate
	Accounts *account.Accounts
	Planner  *migrate.Planner

	// Expire removes copies whose retention is over. Each job does it once.
	Expire func(ctx context.Context, j *Job)
}
