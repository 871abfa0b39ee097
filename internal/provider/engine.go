package provider

import (
	"context"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/approval"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/checkpoint"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/customization"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/datacopy"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/fleet"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/record"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/report"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/template"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/tenant"
)

// Engine is what this door needs of the engine: the sum of what its rooms
// need, each of which sees its own part.
type Engine interface {
	account.Engine
	approval.Engine
	checkpoint.Engine
	customization.Engine
	datacopy.Engine
	fleet.Engine
	record.Engine
	report.Engine
	template.Engine
	tenant.Engine

	// Refresh makes known that the run refreshes what Terraform has, as a plan
	// does and an apply does not.
	Refresh()

	// TakesWrites refuses a server of the landlord database that takes no changes.
	// The error is a *landlord.Problem.
	TakesWrites(ctx context.Context) error

	// Announce lets people be told of what was applied, and returns at once.
	Announce()
	// Settle waits until they were told, at most for the patience.
	Settle(patience time.Duration)

	// Close closes the connections to all servers.
	Close() error
	// End waits, for a while, until no work is under way, then ends what is left of
	// it on the servers, and closes the connections.
	End(patience time.Duration)
}

// Open makes the engine for a configuration. It checks the configuration and
// connects to nothing; the error is a *landlord.Problem whose field is the path
// of the attribute.
type Open func(landlord.Config) (Engine, error)

// openEngine opens the engine that talks to servers.
func openEngine(cfg landlord.Config) (Engine, error) {
	engine, err := engine.New(cfg)
	if err != nil {
		return nil, err //nolint:wrapcheck // it is in the words of the interface
	}
	return engine, nil
}
