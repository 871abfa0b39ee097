package engine

import (
	"context"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/access"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/approval"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/customization"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/datacopy"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/drift"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/fleet"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/health"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/isolation"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/migrate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/move"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/notify"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/overview"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/publish"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/render"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/restore"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/survey"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/tenant"
)

// Engine administers one estate for one run. It is safe for concurrent use. What
// it has read stays valid for its lifetime, except for what it changes itself:
// NewRun makes a fresh one on the same connections.
type Engine struct {
	cfg      *landlord.Config
	registry *registry.Store

	servers        *registry.Servers
	accounts       *account.Accounts
	estate         *estate.Estate
	renderer       *render.Renderer
	drifts         *drift.Reader
	isolation      *isolation.Reader
	healths        *health.Reader
	planner        *migrate.Planner
	jobs           *apply.Jobs
	checkpoints    *checkpointing.Checkpoints
	restores       *restore.Restores
	accesses       *access.Accesses
	moves          *move.Moves
	approvals      *approval.Approvals
	publisher      *publish.Publisher
	tenants        *tenant.Tenants
	customizations *customization.Customizations
	copies         *datacopy.Copies
	fleets         *fleet.Fleets
	overview       *overview.Reader
	surveys        *survey.Reader
	notifier       *notify.Notifier
	announcer      announcer
	changed        changed
}

// New makes an Engine. It checks the configuration and connects to nothing.
// The error is a *landlord.Problem whose field is the path of the attribute, for
// example `tls.ca_file` or `servers.eu.endpoint`.
func New(cfg landlord.Config) (*Engine, error) {
	cfg = cfg.WithDefaults()
	accounts := account.New(&cfg)
	cfg = accounts.Owning(cfg)
	servers, err := registry.Open(&cfg)
	if err != nil {
		return nil, err //nolint:wrapcheck // it is in the words of the interface
	}
	return newRun(servers, accounts), nil
}

// NewRun returns an Engine that has read and planned nothing yet, on the same
// connections. One Close closes them for all.
func (e *Engine) NewRun() *Engine { return newRun(e.servers, e.accounts) }

// Close closes the connections to all servers.
func (e *Engine) Close() error {
	e.announcer.stop()
	return e.servers.Close()
}

// endTime bounds what End does after its patience.
const endTime = 3 * time.Second

// End waits until no connection is in use, at most for the patience. Then it ends
// the connections that still are, so that the servers take back what they are
// doing for them, and closes all. It is for a process whose caller is gone: the
// ledger knows the rest, and the next run goes on from there.
func (e *Engine) End(patience time.Duration) {
	const look = 50 * time.Millisecond
	for end := time.Now().Add(patience); e.servers.Busy() && time.Now().Before(end); {
		time.Sleep(look)
	}
	ctx, cancel := context.WithTimeout(context.Background(), endTime)
	defer cancel()
	e.servers.KillSessions(ctx)
	_ = e.Close() // nobody is there to be told
}

// newRun wires the rooms, from the lowest to the highest.
func newRun(servers *registry.Servers, accounts *account.Accounts) *Engine {
	cfg, store := servers.Config, servers.Registry
	e := &Engine{cfg: cfg, registry: store, servers: servers, accounts: accounts, estate: estate.New(servers)}
	e.renderer = render.New(e.estate, accounts)
	e.drifts = &drift.Reader{Accounts: accounts, Registry: store, Servers: servers, Estate: e.estate, Renderer: e.renderer}
	e.isolation = &isolation.Reader{Config: cfg, Servers: servers, Estate: e.estate, Names: accounts.Names}
	e.healths = &health.Reader{Config: cfg, Registry: store, Servers: servers, Estate: e.estate, Drifts: e.drifts, Isolation: e.isolation}
	e.planner = &migrate.Planner{Config: cfg, Accounts: accounts, Registry: store, Servers: servers, Estate: e.estate, Renderer: e.renderer, Drifts: e.drifts}
	e.jobs = &apply.Jobs{
		Config: cfg, Registry: store, Servers: servers, Estate: e.estate, Accounts: accounts, Planner: e.planner, Expire: e.expire,
	}
	e.checkpoints = &checkpointing.Checkpoints{
		Config: cfg, Registry: store, Servers: servers, Estate: e.estate, Renderer: e.renderer, Jobs: e.jobs,
	}
	e.restores = &restore.Restores{
		Config: cfg, Accounts: accounts, Registry: store, Servers: servers, Estate: e.estate, Planner: e.planner, Jobs: e.jobs,
		Checkpoints: e.checkpoints,
	}
	e.accesses = &access.Accesses{
		Config: cfg, Registry: store, Servers: servers, Estate: e.estate, Jobs: e.jobs, Accounts: accounts,
	}
	e.moves = &move.Moves{
		Config: cfg, Accounts: accounts, Registry: store, Servers: servers, Estate: e.estate, Jobs: e.jobs,
		Checkpoints: e.checkpoints, Accesses: e.accesses,
	}
	e.approvals = &approval.Approvals{Registry: store, Servers: servers, Jobs: e.jobs}
	e.publisher = &publish.Publisher{
		Config: cfg, Registry: store, Servers: servers, Estate: e.estate, Renderer: e.renderer, Jobs: e.jobs,
	}
	e.tenants = &tenant.Tenants{
		Config: cfg, Accounts: accounts, Registry: store, Servers: servers, Estate: e.estate, Renderer: e.renderer, Drifts: e.drifts, Planner: e.planner, Jobs: e.jobs,
		Checkpoints: e.checkpoints, Restores: e.restores, Accesses: e.accesses, Moves: e.moves,
	}
	e.customizations = &customization.Customizations{
		Config: cfg, Registry: store, Servers: servers, Estate: e.estate, Renderer: e.renderer, Planner: e.planner, Jobs: e.jobs,
		Checkpoints: e.checkpoints,
	}
	e.copies = &datacopy.Copies{
		Config: cfg, Registry: store, Servers: servers, Estate: e.estate, Jobs: e.jobs,
	}
	e.fleets = &fleet.Fleets{
		Config: cfg, Registry: store, Servers: servers, Estate: e.estate, Jobs: e.jobs, Tenants: e.tenants,
	}
	e.overview = &overview.Reader{Config: cfg, Registry: store, Servers: servers, Tenants: e.tenants}
	e.surveys = &survey.Reader{Config: cfg, Accounts: accounts, Servers: servers, Estate: e.estate}
	e.notifier = &notify.Notifier{Config: cfg, Registry: store, Servers: servers, Jobs: e.jobs, Drifts: e.drifts, Healths: e.healths}
	return e
}

// expire removes checkpoints and what restores and moves have set aside, when their
// retention is over, and credentials of runs that did not come to their end.
func (e *Engine) expire(ctx context.Context, j *apply.Job) {
	e.checkpoints.PurgeCheckpoints(ctx, j.OnMain())
	e.restores.PurgeRestores(ctx, j)
	e.accesses.Purge(ctx, j)
	e.moves.Purge(ctx, j)
	if err := e.registry.PurgeFindings(ctx, j.OnMain()); err != nil {
		e.cfg.Log(ctx, "old findings are not removed", map[string]any{"cause": err.Error()})
	}
}
