package estate

import (
	"sync"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// Estate is what a run has read of an estate, and what it will make of it. What
// was read stays as it was first seen, except for what the run changes itself:
// make a new one for each run.
type Estate struct {
	Config   *landlord.Config
	Registry *registry.Store
	Servers  *registry.Servers

	Snapshot  *Snapshot
	Run       *Run
	Templates *TemplateStore

	Schemas sync.Map // fingerprint to *registry.StoredSchema

	seen   Memo[map[string]string] // when plans last recorded what they found, by slug
	fleets Memo[*registry.Fleets]
}

// New returns the estate of a run on servers.
func New(servers *registry.Servers) *Estate {
	return &Estate{
		Config: servers.Config, Registry: servers.Registry, Servers: servers,
		Snapshot: newSnapshot(servers), Run: newRun(), Templates: newTemplateStore(servers),
	}
}
