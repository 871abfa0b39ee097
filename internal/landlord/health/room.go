package health

import (
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/drift"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/isolation"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// Reader tells how the tenants of an estate do.
type Reader struct {
	Config    *landlord.Config
	Registry  *registry.Store
	Servers   *registry.Servers
	Estate    *estate.Estate
	Drifts    *drift.Reader
	Isolation *isolation.Reader
}
