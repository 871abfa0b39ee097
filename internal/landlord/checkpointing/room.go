package checkpointing

import (
	"sync"
	"sync/atomic"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/render"
)

// Checkpoints takes, keeps and removes checkpoints of tenants.
type Checkpoints struct {
	Config   *landlord.Config
	Registry *registry.Store
	Servers  *registry.Servers
	Estate   *estate.Estate
	Renderer *render.Renderer
	Jobs     *apply.Jobs

	listing            listing
	PlannedCheckpoints sync.Map    // of this run: `tenant/name` to Spec
	purged             atomic.Bool // whether this run removes, or has removed, what is overdue
}
