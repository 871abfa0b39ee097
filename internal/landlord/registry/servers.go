package registry

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// Servers are the servers of an estate: their pools, and what a process has
// learnt about them that stays true, whoever asks.
type Servers struct {
	Config   *landlord.Config
	Registry *Store

	// All are the servers by key, the main one under the empty key.
	All map[string]*Server
	// OnFault is called around everything that a killed run could leave half
	// done. Tests set it.
	OnFault func(point string)
	// Others tells the databases that no text of a template, tenant or condition
	// may name.
	Others *ddl.Others

	// Queue is for who works on the tenants, in whichever run.
	Queue Queue

	traffic *mysql.Traffic
}

// Open makes the pools of all servers and connects to nothing. The error is a
// *Problem whose field is the path of the attribute, for example `tls.ca_file`
// or `servers.eu.endpoint`.
func Open(cfg *landlord.Config) (*Servers, error) {
	s := &Servers{Config: cfg, All: map[string]*Server{}, traffic: &mysql.Traffic{}}
	s.Registry = &Store{Database: cfg.Database, version: cfg.Version, lockTimeout: cfg.LockTimeout, now: cfg.Now, log: cfg.Log}
	s.Others = &ddl.Others{
		Names:    []string{cfg.Database, s.Registry.Retirement()},
		Prefixes: []string{cfg.Prefix, s.Registry.ScratchPrefix(), s.Registry.Retirement() + "_"},
	}
	main, err := s.open(cfg.Main)
	if err != nil {
		return nil, configProblem("", err)
	}
	s.All[""] = &Server{Server: main}
	for _, key := range slices.Sorted(maps.Keys(cfg.Servers)) {
		further, err := s.open(cfg.Servers[key])
		if err != nil {
			return nil, errors.Join(configProblem("servers."+key+".", err), s.Close())
		}
		s.All[key] = &Server{Server: further, Key: key}
	}
	return s, nil
}

func (s *Servers) open(cfg mysql.Config) (*mysql.Server, error) {
	cfg.Complete, cfg.Traffic = s.Registry.complete, s.traffic
	return mysql.Open(cfg)
}

// Close closes the connections to all servers.
func (s *Servers) Close() error {
	var errs []error
	for key, server := range s.All {
		if err := server.Server.Close(); err != nil {
			errs = append(errs, fmt.Errorf("closing the connections to server `%s`: %w", key, err))
		}
	}
	return errors.Join(errs...)
}

// Busy says whether a connection to any server is in use.
func (s *Servers) Busy() bool {
	for _, srv := range s.All {
		if srv.Busy() {
			return true
		}
	}
	return false
}

// KillSessions ends the connections of all sessions that are open, on all servers
// at once. It does what it can.
func (s *Servers) KillSessions(ctx context.Context) {
	var all sync.WaitGroup
	for _, srv := range s.All {
		all.Go(func() { srv.KillSessions(ctx) })
	}
	all.Wait()
}

// Server is one server with what this process has learnt about it.
type Server struct {
	*mysql.Server
	Key string // empty for the main one

	registryMu    sync.Mutex
	registryReady bool

	retiredMu sync.Mutex
	retired   *Retirements // nil before it was read
	ShareMu   sync.Mutex   // one at a time stores what tenants have in common
	Texts     knownTexts   // hashes of the statements that its ledger has
}

// Main returns the server that holds the landlord database.
func (s *Servers) Main() *Server { return s.All[""] }

// Server returns the server with a key; the error is a *Problem.
func (s *Servers) Server(key string) (*Server, error) {
	if s, ok := s.All[key]; ok {
		return s, nil
	}
	known := slices.Sorted(maps.Keys(s.Config.Servers))
	next := "Add it to `servers` of the provider, or leave `server` out for the main server."
	if len(known) > 0 {
		next = fmt.Sprintf("The provider's `servers` are %s; leave `server` out for the main server.", landlord.Quoted(known))
	}
	return nil, landlord.NewProblem(landlord.FieldServer, "Server is not configured", fmt.Sprintf("The provider has no server `%s`.", key), next)
}

// Dialect returns the server as package ddl knows it.
func Dialect(info mysql.Info) ddl.Server {
	return ddl.Server{Product: ddl.Product(info.Product), Version: info.Version}
}

// Guarding returns the server as dialect does, with the databases that no text of
// a template, tenant or condition may name. What was read for it is not compared
// with what was read for another engine.
func (s *Servers) Guarding(info mysql.Info) ddl.Server {
	srv := Dialect(info)
	srv.Others = s.Others
	return srv
}

// Author returns who is recorded as the cause of a change.
func (s *Servers) Author(info mysql.Info) string {
	if s.Config.Author != "" {
		return s.Config.Author
	}
	return info.Account
}

// Unreachable translates the failure to reach a server.
func Unreachable(s *Server, doing string, err error) error {
	var p *landlord.Problem
	if errors.As(err, &p) {
		return err
	}
	var c *mysql.ConnectError
	if errors.As(err, &c) && mysql.ConnectionsBehind(err) == "" {
		return &landlord.Problem{Summary: "Server cannot be reached", Detail: []string{
			landlord.Sentence(c.Error()),
			correct(s),
		}, Err: err}
	}
	return landlord.Outcome(fmt.Errorf("%s on server `%s`: %w", doing, s.Endpoint(), err)) // which knows what else keeps a server from answering
}

// correct says what may be wrong when a server cannot be reached.
func correct(s *Server) string {
	if s.Key == "" {
		return "Correct `endpoint`, `username`, `password` or `tls` of the provider, or start the server."
	}
	return fmt.Sprintf("Correct `endpoint`, `username`, `password` or `tls` of %s in `servers` of the provider, or start that server.", landlord.ServerName(s.Key))
}

// configProblem translates a fault in the configuration of a server; the field
// is the path of the attribute, with dots.
func configProblem(prefix string, err error) error {
	var c *mysql.ConfigError
	if !errors.As(err, &c) {
		return err
	}
	return &landlord.Problem{Field: landlord.Field(prefix + c.Field), Summary: "Provider configuration is not valid", Detail: []string{landlord.Sentence(err.Error())}, Err: err}
}

// OpenRegistry makes sure, once in a process, that a server has a landlord
// database of the present version. Only writers call it. The session stays the
// caller's.
func (s *Servers) OpenRegistry(ctx context.Context, srv *Server, x *mysql.Session) error {
	srv.registryMu.Lock()
	defer srv.registryMu.Unlock()
	if srv.registryReady {
		return nil
	}
	if err := s.Registry.open(ctx, x); err != nil {
		return err
	}
	if srv.Key == "" {
		if err := s.tell(ctx, x); err != nil {
			return err
		}
	}
	srv.registryReady = true
	return nil
}

// tell makes the landlord database say to applications what they may know.
func (s *Servers) tell(ctx context.Context, x *mysql.Session) error {
	if err := s.Registry.publish(ctx, x); err != nil {
		return err
	}
	reach := make(map[string]mysql.Reach, len(s.All))
	for key, srv := range s.All {
		reach[key] = srv.Reach()
	}
	return s.Registry.WriteServers(ctx, x, reach)
}

// DatabaseName returns the name of the database of a tenant of this estate. It
// refuses names that the provider gives to databases of its own.
func (s *Servers) DatabaseName(slug string) (string, error) {
	name, err := landlord.DatabaseName(s.Config.Prefix, slug)
	if err != nil {
		return "", err
	}
	if s.Registry.IsOwn(name) {
		return "", landlord.NewProblem(landlord.FieldSlug, "Tenant slug cannot be used",
			fmt.Sprintf("With this prefix the slug `%s` makes the database name `%s`, which the provider uses itself.", slug, name),
			"Choose another slug, or another `database_prefix` of the provider.")
	}
	return name, nil
}

// DatabaseOf returns the name of the database of a tenant: the one that is given, or
// the one that its slug makes. It refuses databases of the server and of the provider.
func (s *Servers) DatabaseOf(slug, given string) (string, error) {
	name, err := s.DatabaseName(slug)
	if err != nil || given == "" || given == name {
		return name, err
	}
	if err := landlord.CheckDatabase(given); err != nil {
		return "", err
	}
	if s.Registry.IsOwn(given) || strings.HasPrefix(given, s.Config.Prefix+"template_") {
		return "", landlord.NewProblem(landlord.FieldDatabaseName, "Database cannot be adopted",
			fmt.Sprintf("The database `%s` is one that the provider makes for itself.", given), "Correct `database_name`.")
	}
	return given, nil
}

// TemplateDatabase returns the name of a template's materialized copy.
func (s *Servers) TemplateDatabase(template string) string {
	return s.Config.Prefix + "template_" + strings.ReplaceAll(template, "-", "_")
}
