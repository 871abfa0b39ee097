package landlord

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// bulkAlways is the size up to which an estate is always read whole; above it
// the first bulkAfter tenants are read alone, so that a run with `-target`
// does not look at 10,000 databases.
const (
	bulkAlways = 200
	bulkAfter  = 3
)

// estate is what this process has read of all tenants: the registry rows and,
// per server, the fingerprints of the databases. It answers N reads with a
// constant number of statements. What this process changes itself is read
// again; everything else stays as it was first seen, so that one plan sees one
// world.
type estate struct {
	e *Engine

	mu     sync.Mutex // guards the registry part
	loaded bool
	rows   map[string]*tenantRow // by slug
	taken  map[string]string     // database name, by server and name, to slug

	customizations map[uint64][]customization // by tenant; nil: not read yet
	decisions      *decisions                 // on conflicts; nil: not read yet

	live map[string]*liveDatabases // by server key
}

// liveDatabases are the databases of one server with the tenant prefix.
type liveDatabases struct {
	mu     sync.Mutex
	bulk   bool
	single int                         // how many were asked for alone
	known  map[string]*ddl.Fingerprint // nil: no such database
	stale  map[string]bool             // changed by this process: ask again
}

func newEstate(e *Engine) *estate {
	return &estate{e: e, live: map[string]*liveDatabases{}}
}

// row returns the registry row of a tenant, nil when there is none.
func (s *estate) row(ctx context.Context, slug string) (*tenantRow, error) {
	if err := s.load(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rows[slug], nil
}

// all returns every registry row.
func (s *estate) all(ctx context.Context) ([]*tenantRow, error) {
	if err := s.load(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]*tenantRow, 0, len(s.rows))
	for _, r := range s.rows {
		out = append(out, r)
	}
	return out, nil
}

// owner returns the slug that has a database, or nothing.
func (s *estate) owner(ctx context.Context, server, database string) (string, error) {
	if err := s.load(ctx); err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken[server+"\x00"+database], nil
}

func (s *estate) load(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.loaded {
		return nil
	}
	main := s.e.main()
	if _, err := s.e.registry.schemaVersion(ctx, main); err != nil {
		return unreachable(main, "reading the landlord database", err)
	}
	rows, err := s.e.registry.readTenants(ctx, main)
	if err != nil {
		return unreachable(main, "reading the landlord database", err)
	}
	s.rows, s.taken, s.loaded = make(map[string]*tenantRow, len(rows)), make(map[string]string, len(rows)), true
	for _, r := range rows {
		s.put(r)
	}
	return nil
}

func (s *estate) put(r *tenantRow) {
	s.rows[r.slug] = r
	s.taken[r.server+"\x00"+r.database] = r.slug
}

// learn records what this process has just made true of a tenant: its row (nil:
// it is gone) and the fingerprint of its database (nil: unknown, read again).
func (s *estate) learn(slug string, row *tenantRow, server, database string, live *ddl.Fingerprint) {
	s.mu.Lock()
	if s.loaded {
		if old := s.rows[slug]; old != nil {
			delete(s.taken, old.server+"\x00"+old.database)
		}
		delete(s.rows, slug)
		if row != nil {
			s.put(row)
		}
	}
	s.mu.Unlock()
	d := s.databases(server)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stale[database] = live == nil
	d.known[database] = live
}

// forget makes the next look at a tenant ask the server again.
func (s *estate) forget(server, database string) {
	s.mu.Lock()
	s.loaded, s.customizations, s.decisions = false, nil, nil
	s.mu.Unlock()
	d := s.databases(server)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stale[database] = true
}

func (s *estate) databases(server string) *liveDatabases {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.live[server]
	if d == nil {
		d = &liveDatabases{known: map[string]*ddl.Fingerprint{}, stale: map[string]bool{}}
		s.live[server] = d
	}
	return d
}

// fingerprint returns the fingerprint of a database as the estate has seen it,
// nil when the server has no such database.
func (s *estate) fingerprint(ctx context.Context, server, database string) (*ddl.Fingerprint, error) {
	srv, err := s.e.server(server)
	if err != nil {
		return nil, err
	}
	if err := s.load(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	tenants := len(s.rows)
	s.mu.Unlock()
	d := s.databases(server)
	d.mu.Lock()
	defer d.mu.Unlock()
	if f, ok := d.known[database]; (ok || d.bulk && strings.HasPrefix(database, s.e.cfg.Prefix)) && !d.stale[database] {
		return f, nil
	}
	which := mysql.Databases{Prefix: s.e.cfg.Prefix}
	whole := !d.bulk && strings.HasPrefix(database, s.e.cfg.Prefix) && (tenants <= bulkAlways || d.single >= bulkAfter)
	if !whole {
		which = mysql.Databases{Names: []string{database}}
		d.single++
	}
	found, err := s.e.fingerprints(ctx, srv, srv, which)
	if err != nil && whole && tenants > 0 {
		// One broken database must not hide all others.
		whole = false
		found, err = s.e.fingerprints(ctx, srv, srv, mysql.Databases{Names: []string{database}})
	}
	if err != nil {
		return nil, unreachable(srv, "reading the schemas", err)
	}
	for name, f := range found {
		if _, ok := d.known[name]; !ok {
			d.known[name] = f
		}
	}
	d.bulk = d.bulk || whole
	d.known[database] = found[database]
	delete(d.stale, database)
	return found[database], nil
}

// databasesOf returns every database of a server with the tenant prefix.
func (s *estate) databasesOf(ctx context.Context, server string) (map[string]*ddl.Fingerprint, error) {
	srv, err := s.e.server(server)
	if err != nil {
		return nil, err
	}
	found, err := s.e.fingerprints(ctx, srv, srv, mysql.Databases{Prefix: s.e.cfg.Prefix})
	if err != nil {
		return nil, unreachable(srv, "reading the schemas", err)
	}
	return found, nil
}

// fingerprints reads the fingerprints of databases from the server.
func (e *Engine) fingerprints(ctx context.Context, srv *server, q mysql.Queryer, which mysql.Databases) (map[string]*ddl.Fingerprint, error) {
	info, err := srv.Info(ctx)
	if err != nil {
		return nil, err
	}
	hasher := ddl.NewHasher(ddl.Product(info.Product))
	err = mysql.Describe(ctx, q, info, which, func(r mysql.DescribeRow) error {
		hasher.Add(r.Database, r.Kind, r.Object, r.Source, r.Values)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the structure of the databases: %w", err)
	}
	out := map[string]*ddl.Fingerprint{}
	for name, f := range hasher.Fingerprints() {
		out[name] = &f
	}
	return out, nil
}

// liveFingerprint asks the server for one database, past every cache. It is
// nil when there is no such database.
func (e *Engine) liveFingerprint(ctx context.Context, srv *server, q mysql.Queryer, database string) (*ddl.Fingerprint, error) {
	found, err := e.fingerprints(ctx, srv, q, mysql.Databases{Names: []string{database}})
	if err != nil {
		return nil, err
	}
	return found[database], nil
}

// openRegistry makes sure, once in a process, that a server has a landlord
// database of the present version. Only writers call it. The session stays the
// caller's.
func (e *Engine) openRegistry(ctx context.Context, s *server, x *mysql.Session) error {
	s.registryMu.Lock()
	defer s.registryMu.Unlock()
	if s.registryReady {
		return nil
	}
	if err := e.registry.open(ctx, x); err != nil {
		return err
	}
	s.registryReady = true
	return nil
}
