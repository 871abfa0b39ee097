package isolation

import (
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

// Reader tells how well the tenants of an estate are kept apart.
type Reader struct {
	Config  *landlord.Config
	Servers *registry.Servers
	Estate  *estate.Estate
	Names   account.Names
}
