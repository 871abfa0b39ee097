package landlord

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// ErrNotFound says that neither the landlord database nor the server knows
// what was asked for.
var ErrNotFound = errors.New("not found in the landlord database")

// Rendering says how a composed template becomes the schema that a server has.
type Rendering string

// The renderings: in a scratch database of the server, or by the parser alone.
const (
	RenderingServer Rendering = "server"
	RenderingParser Rendering = "parser"
)

// The defaults of a Config.
const (
	DefaultDatabase    = "landlord"
	DefaultPrefix      = "tenant_"
	DefaultLockTimeout = 10 * time.Second
)

// The character set and collation of every tenant and scratch database.
const (
	tenantCharacterSet = "utf8mb4"
	tenantCollation    = "utf8mb4_unicode_ci"
)

// withTenantCharacters ends every CREATE DATABASE, so that a scratch database
// makes of a statement what a tenant's would.
const withTenantCharacters = " CHARACTER SET " + tenantCharacterSet + " COLLATE " + tenantCollation

// Config is what an Engine needs to know. The zero value of every field but
// Main has a default.
type Config struct {
	Main                mysql.Config
	Servers             map[string]mysql.Config // further servers that hold tenants, by key
	Database            string                  // the landlord database, default `landlord`
	Prefix              string                  // of tenant databases, default `tenant_`
	CheckpointDirectory string
	Rendering           Rendering                                                        // default RenderingServer
	LockTimeout         time.Duration                                                    // how long to wait for another applier, default 10 s
	Author              string                                                           // who is recorded, default the account of the connection
	Version             string                                                           // of the provider
	Progress            Progress                                                         `json:"-"` // default writes to Log
	Now                 func() time.Time                                                 `json:"-"`
	Log                 func(ctx context.Context, message string, fields map[string]any) `json:"-"`
}

// DeleteOptions says what becomes of a tenant that goes.
type DeleteOptions struct {
	Policy           DeletionPolicy
	AllowDestructive bool
	Checkpoint       string // name, or `tenant/name`, of a data checkpoint of the tenant
	Automatic        AutomaticCheckpoint
	Retention        time.Duration // of the automatic checkpoint, 0 for the default of 30 days
}

// PriorTenant is the tenant as Terraform's prior state knows it.
type PriorTenant struct {
	Name        string
	Status      Status
	Metadata    map[string]string
	Template    string // name@version in force
	Modules     []string
	Server      string
	Fingerprint string // of the schema when the state was written or refreshed
}

// server is one server with what this process has learnt about it.
type server struct {
	*mysql.Server
	key string // empty for the main one

	registryMu    sync.Mutex
	registryReady bool

	sweepOnce sync.Once
	purgeOnce sync.Once

	restorePurge sync.Once

	retiredMu sync.Mutex
	retired   *retirements // nil before it was read
	shareMu   sync.Mutex   // one at a time stores what tenants have in common
	texts     knownTexts   // hashes of the statements that its ledger has
}

// Engine administers one estate. It is safe for concurrent use. What it has
// read stays valid for its lifetime, except for what it changes itself: make a
// new one for each run.
type Engine struct {
	cfg      Config
	servers  map[string]*server
	registry *registry
	others   *ddl.Others // see guarding

	world     *world
	estate    *estate
	renders   *renders
	templates *templateStore
	// What is the same for many tenants: the composition of a template with
	// modules, and the migration from one schema to another.
	compositions memo[*template.Composition]
	migrations   memo[*migration]
	schemas      sync.Map // fingerprint to *storedSchema
	drifts       sync.Map // server, base and live fingerprint to *driftSides

	checkpoints checkpoints
	customized  memo[*customized]

	plannedCheckpoints sync.Map // of this run: `tenant/name` to CheckpointSpec
	checkpointPurge    sync.Once
	toldCopies         sync.Map // plans of data copies whose findings this run has told
	exchanges          sync.Map // slugs to the restore in place that finds the tenant as it is, empty for none
	toldRestores       sync.Map // requests of restores of which this run has told that statements follow

	// expire removes copies whose retention is over: each job does it once.
	expire func(ctx context.Context, j *job)

	onFault func(point string) // tests only, see fault
}

// New makes an Engine. It checks the configuration and connects to nothing.
// The error is a *Problem whose field is the path of the attribute, for example
// `tls.ca_file` or `servers.eu.endpoint`.
func New(cfg Config) (*Engine, error) {
	if cfg.Database == "" {
		cfg.Database = DefaultDatabase
	}
	if cfg.Prefix == "" {
		cfg.Prefix = DefaultPrefix
	}
	if cfg.Rendering == "" {
		cfg.Rendering = RenderingServer
	}
	if cfg.LockTimeout == 0 {
		cfg.LockTimeout = DefaultLockTimeout
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = func(context.Context, string, map[string]any) {}
	}
	if cfg.Progress == nil {
		cfg.Progress = progressLog{log: cfg.Log}
	}
	e := &Engine{cfg: cfg, servers: map[string]*server{}, world: newWorld(), renders: newRenders()}
	e.registry = &registry{database: cfg.Database, version: cfg.Version, lockTimeout: cfg.LockTimeout, now: cfg.Now, log: cfg.Log}
	e.expire = e.purgeCopies
	e.others = &ddl.Others{
		Names:    []string{cfg.Database, e.registry.retirement()},
		Prefixes: []string{cfg.Prefix, e.registry.scratchPrefix()},
	}
	e.estate = newEstate(e)
	e.templates = newTemplateStore(e)
	main, err := mysql.Open(cfg.Main)
	if err != nil {
		return nil, configProblem("", err)
	}
	e.servers[""] = &server{Server: main}
	for _, key := range slices.Sorted(maps.Keys(cfg.Servers)) {
		s, err := mysql.Open(cfg.Servers[key])
		if err != nil {
			return nil, errors.Join(configProblem("servers."+key+".", err), e.Close())
		}
		e.servers[key] = &server{Server: s, key: key}
	}
	return e, nil
}

// Close closes the connections to all servers.
func (e *Engine) Close() error {
	var errs []error
	for _, s := range e.servers {
		errs = append(errs, s.Server.Close())
	}
	return errors.Join(errs...)
}

// main returns the server that holds the landlord database.
func (e *Engine) main() *server { return e.servers[""] }

// server returns the server with a key; the error is a *Problem.
func (e *Engine) server(key string) (*server, error) {
	if s, ok := e.servers[key]; ok {
		return s, nil
	}
	known := slices.Sorted(maps.Keys(e.cfg.Servers))
	next := "Add it to `servers` of the provider, or leave `server` out for the main server."
	if len(known) > 0 {
		next = fmt.Sprintf("The provider's `servers` are %s; leave `server` out for the main server.", quoted(known))
	}
	return nil, problem(FieldServer, "Server is not configured", fmt.Sprintf("The provider has no server `%s`.", key), next)
}

// serverName names a server by its key, for people.
func serverName(key string) string {
	if key == "" {
		return "the main server"
	}
	return "server `" + key + "`"
}

// dialect returns the server as package ddl knows it.
func dialect(info mysql.Info) ddl.Server {
	return ddl.Server{Product: ddl.Product(info.Product), Version: info.Version}
}

// guarding returns the server as dialect does, with the databases that no text of
// a template, tenant or condition may name. What was read for it is not compared
// with what was read for another engine.
func (e *Engine) guarding(info mysql.Info) ddl.Server {
	srv := dialect(info)
	srv.Others = e.others
	return srv
}

// author returns who is recorded as the cause of a change.
func (e *Engine) author(info mysql.Info) string {
	if e.cfg.Author != "" {
		return e.cfg.Author
	}
	return info.Account
}

// unreachable translates the failure to reach a server.
func unreachable(s *server, doing string, err error) error {
	var p *Problem
	if errors.As(err, &p) {
		return err
	}
	var c *mysql.ConnectError
	if errors.As(err, &c) {
		return &Problem{Summary: "Server cannot be reached", Detail: []string{
			sentence(c.Error()),
			"Correct `endpoint`, `username`, `password` or `tls` of the provider, or start the server.",
		}, Err: err}
	}
	return fmt.Errorf("%s on server `%s`: %w", doing, s.Endpoint(), err)
}

// purgeCopies purges checkpoints and what restores have set aside.
func (e *Engine) purgeCopies(ctx context.Context, j *job) {
	e.purgeCheckpoints(ctx, j.onMain())
	e.purgeRestores(ctx, j)
}
