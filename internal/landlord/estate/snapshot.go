package estate

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
	"golang.org/x/sync/singleflight"
)

// bulkAlways is the size up to which an estate is always read whole; above it
// the first bulkAfter tenants are read alone, so that a run with `-target`
// does not look at 10,000 databases.
const (
	bulkAlways = 200
	bulkAfter  = 3
)

// Snapshot is what this process has read of all tenants: the registry rows and,
// per server, the fingerprints of the databases. It answers N reads with a
// constant number of statements. What this process changes itself is read
// again; everything else stays as it was first seen, so that one plan sees one
// world.
type Snapshot struct {
	servers *registry.Servers

	mu     sync.Mutex // guards the registry part
	loaded bool
	rows   map[string]*registry.TenantRow // by slug
	taken  map[string]string              // database name, by server and name, to slug
	stale  map[string]int                 // slugs whose rows this process has changed, by the last change: ask again
	change int                            // of a row by this process

	customizations map[uint64][]registry.Customization // by tenant; nil: not read yet
	decisions      *registry.Decisions                 // on conflicts; nil: not read yet
	changed        map[uint64]bool                     // tenants whose customizations and decisions are asked for again

	live map[string]*liveDatabases // by server key

	others map[string]databaseNames // by server key, see Estate.Judging
}

// liveDatabases are the databases of one server with the tenant prefix. The
// server is asked without holding the mutex: who waits for an answer keeps
// nobody from what is known.
type liveDatabases struct {
	asking singleflight.Group

	mu      sync.Mutex
	bulk    bool
	single  int                         // how many were asked for alone
	known   map[string]*ddl.Fingerprint // nil: no such database
	owners  map[string]definers         // of the databases that were read, not of what this process makes
	stale   map[string]bool             // changed by this process: ask again
	changes map[string]int              // by this process: an answer to an earlier question does not count
}

// definers are the accounts whose rights the programs of a database have, as
// user@host, by kind and name of the program.
type definers map[string]string

func newSnapshot(servers *registry.Servers) *Snapshot {
	return &Snapshot{servers: servers, live: map[string]*liveDatabases{}, others: map[string]databaseNames{}, stale: map[string]int{}, changed: map[uint64]bool{}}
}

// Row returns the registry row of a tenant, nil when there is none.
func (s *Snapshot) Row(ctx context.Context, slug string) (*registry.TenantRow, error) {
	if err := s.load(ctx); err != nil {
		return nil, err
	}
	if err := s.refresh(ctx, func(other string) bool { return other == slug }); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rows[slug], nil
}

// All returns every registry row.
func (s *Snapshot) All(ctx context.Context) ([]*registry.TenantRow, error) {
	if err := s.loadWhole(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]*registry.TenantRow, 0, len(s.rows))
	for _, r := range s.rows {
		out = append(out, r)
	}
	return out, nil
}

// Owner returns the slug that has a database, or nothing.
func (s *Snapshot) Owner(ctx context.Context, server, database string) (string, error) {
	if err := s.loadWhole(ctx); err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken[server+"\x00"+database], nil
}

func (s *Snapshot) loadWhole(ctx context.Context) error {
	if err := s.load(ctx); err != nil {
		return err
	}
	return s.refresh(ctx, func(string) bool { return true })
}

func (s *Snapshot) load(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.loaded {
		return nil
	}
	main := s.servers.Main()
	if _, err := s.servers.Registry.SchemaVersion(ctx, main); err != nil {
		return registry.Unreachable(main, "reading the landlord database", err)
	}
	rows, err := s.servers.Registry.ReadTenants(ctx, main)
	if err != nil {
		return registry.Unreachable(main, "reading the landlord database", err)
	}
	s.rows, s.taken, s.loaded = make(map[string]*registry.TenantRow, len(rows)), make(map[string]string, len(rows)), true
	for _, r := range rows {
		s.put(r)
	}
	return nil
}

func (s *Snapshot) put(r *registry.TenantRow) {
	s.rows[r.Slug] = r
	s.taken[r.Server+"\x00"+r.Database] = r.Slug
}

// drop takes the row of a tenant away.
func (s *Snapshot) drop(slug string) {
	if old := s.rows[slug]; old != nil {
		delete(s.taken, old.Server+"\x00"+old.Database)
		delete(s.rows, slug)
	}
}

// refresh reads those rows again that this process has changed. Nobody waits for
// it who does not need them.
func (s *Snapshot) refresh(ctx context.Context, needed func(slug string) bool) error {
	s.mu.Lock()
	stale := maps.Clone(s.stale)
	s.mu.Unlock()
	for slug, change := range stale {
		if !needed(slug) {
			continue
		}
		row, err := s.servers.Registry.ReadTenant(ctx, s.servers.Main(), slug)
		if err != nil {
			return registry.Unreachable(s.servers.Main(), "reading the landlord database", err)
		}
		s.mu.Lock()
		if s.stale[slug] == change { // else it has been changed or learnt meanwhile
			s.drop(slug)
			if row != nil {
				s.put(row)
			}
			delete(s.stale, slug)
		}
		s.mu.Unlock()
	}
	return nil
}

// Learn records what this process has just made true of a tenant: its row (nil:
// it is gone) and the fingerprint of its database (nil: unknown, read again).
func (s *Snapshot) Learn(slug string, row *registry.TenantRow, server, database string, live *ddl.Fingerprint) {
	s.mu.Lock()
	if s.loaded {
		s.drop(slug)
		if row != nil {
			s.put(row)
		}
		delete(s.stale, slug)
	}
	s.mu.Unlock()
	s.databases(server).change(database, live)
}

// Forget makes the next look at a tenant ask the server again.
func (s *Snapshot) Forget(slug, server, database string) {
	s.mu.Lock()
	if s.loaded {
		s.change++
		s.stale[slug] = s.change
		if row := s.rows[slug]; row != nil {
			s.changed[row.ID] = true
		}
	}
	s.mu.Unlock()
	s.ForgetDatabase(server, database)
}

// ForgetDatabase makes the next look at a database ask the server again.
func (s *Snapshot) ForgetDatabase(server, database string) {
	s.databases(server).change(database, nil)
}

// change records what this process has made of a database; nil: it is asked for
// again.
func (d *liveDatabases) change(database string, live *ddl.Fingerprint) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.known[database], d.stale[database] = live, live == nil
	delete(d.owners, database)
	d.changes[database]++
}

func (s *Snapshot) databases(server string) *liveDatabases {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.live[server]
	if d == nil {
		d = &liveDatabases{known: map[string]*ddl.Fingerprint{}, owners: map[string]definers{}, stale: map[string]bool{}, changes: map[string]int{}}
		s.live[server] = d
	}
	return d
}

// Fingerprint returns the fingerprint of a database as the estate has seen it,
// nil when the server has no such database.
func (s *Snapshot) Fingerprint(ctx context.Context, server, database string) (*ddl.Fingerprint, error) {
	srv, err := s.servers.Server(server)
	if err != nil {
		return nil, err
	}
	if err := s.load(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	tenants := len(s.rows)
	s.mu.Unlock()
	d, regular := s.databases(server), strings.HasPrefix(database, s.servers.Config.Prefix)
	for {
		d.mu.Lock()
		f, known := d.known[database]
		stale, change := d.stale[database], d.changes[database]
		if (known || d.bulk && regular) && !stale {
			d.mu.Unlock()
			return f, nil
		}
		many := !stale && (tenants <= bulkAlways || d.single >= bulkAfter)
		whole := many && !d.bulk && regular
		if !whole {
			d.single++
		}
		d.mu.Unlock()
		switch {
		case whole:
			err = s.ask(ctx, srv, d, catalog.Databases{Prefix: s.servers.Config.Prefix}, "")
		case many && !regular:
			whole, err = s.askNamed(ctx, srv, d, database)
		}
		if !whole || err != nil && tenants > 0 && ctx.Err() == nil { // one broken database must not hide all others
			err = s.ask(ctx, srv, d, catalog.Databases{Names: []string{database}}, fmt.Sprint(database, " ", change))
		}
		if err != nil {
			return nil, registry.Unreachable(srv, "reading the schemas", err)
		}
	}
}

// Expect makes known that the databases of so many tenants of a server will be asked
// for: then a large estate is read whole without reading the first ones alone.
func (s *Snapshot) Expect(server string, tenants int) {
	d := s.databases(server)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.single = max(d.single, tenants)
}

// askNamed reads all databases of tenants of a server whose names do not begin with
// the prefix, as of those that were adopted, and says whether the one that is asked
// for was among them.
func (s *Snapshot) askNamed(ctx context.Context, srv *registry.Server, d *liveDatabases, database string) (bool, error) {
	var which catalog.Databases
	s.mu.Lock()
	for _, row := range s.rows {
		if row.Server == srv.Key && !strings.HasPrefix(row.Database, s.servers.Config.Prefix) {
			which.Names = append(which.Names, row.Database)
		}
	}
	s.mu.Unlock()
	if !slices.Contains(which.Names, database) {
		return false, nil
	}
	return true, s.ask(ctx, srv, d, which, "named")
}

// ask reads databases from a server. Who asks the same meanwhile waits for one
// answer.
func (s *Snapshot) ask(ctx context.Context, srv *registry.Server, d *liveDatabases, which catalog.Databases, question string) error {
	_, err := Shared(ctx, &d.asking, question, func() (any, error) {
		d.mu.Lock()
		before := maps.Clone(d.changes)
		d.mu.Unlock()
		found, owners, err := fingerprints(context.WithoutCancel(ctx), srv, srv, which)
		if err == nil {
			d.add(found, owners, which, before)
		}
		return nil, err
	})
	return err
}

// add takes an answer of the server down. What is known stays as it was first
// seen; what this process has changed since the question is asked for again.
func (d *liveDatabases) add(found map[string]*ddl.Fingerprint, owners map[string]definers, which catalog.Databases, before map[string]int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.bulk = d.bulk || which.Prefix != ""
	for _, name := range which.Names {
		if _, ok := found[name]; !ok {
			found[name] = nil
		}
	}
	for name, f := range found {
		if _, known := d.known[name]; (!known || d.stale[name]) && d.changes[name] == before[name] {
			d.known[name], d.owners[name] = f, owners[name]
			delete(d.stale, name)
		}
	}
}

// Definers returns the account, user@host, whose rights each program of a database
// has, by kind and name, as the estate has seen it. What this process has made
// itself is left out.
func (s *Snapshot) Definers(ctx context.Context, server, database string) (map[string]string, error) {
	if _, err := s.Fingerprint(ctx, server, database); err != nil {
		return nil, err
	}
	d := s.databases(server)
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.owners[database], nil
}

// DatabasesOf returns every database of a server with the tenant prefix.
func (s *Snapshot) DatabasesOf(ctx context.Context, server string) (map[string]*ddl.Fingerprint, error) {
	srv, err := s.servers.Server(server)
	if err != nil {
		return nil, err
	}
	found, _, err := fingerprints(ctx, srv, srv, catalog.Databases{Prefix: s.servers.Config.Prefix})
	if err != nil {
		return nil, registry.Unreachable(srv, "reading the schemas", err)
	}
	return found, nil
}

// Standing asks a server for the databases of tenants, past everything that was
// seen so far; nil for a database that is gone.
func (s *Snapshot) Standing(ctx context.Context, server string, databases []string) (map[string]*ddl.Fingerprint, error) {
	srv, err := s.servers.Server(server)
	if err != nil || len(databases) == 0 {
		return nil, err
	}
	found, _, err := fingerprints(ctx, srv, srv, catalog.Databases{Names: databases})
	if err != nil {
		return nil, registry.Unreachable(srv, "reading the schemas", err)
	}
	return found, nil
}

// fingerprints reads the fingerprints of databases from the server, and whom their
// programs belong to.
func fingerprints(ctx context.Context, srv *registry.Server, q mysql.Queryer, which catalog.Databases) (map[string]*ddl.Fingerprint, map[string]definers, error) {
	info, err := srv.Info(ctx)
	if err != nil {
		return nil, nil, err
	}
	owners := map[string]definers{}
	hasher := ddl.NewHasher(ddl.Product(info.Product))
	err = catalog.Describe(ctx, q, info, which, func(r catalog.DescribeRow) error {
		hasher.Add(r.Database, r.Kind, r.Object, r.Source, r.Values)
		if r.Definer != "" {
			if owners[r.Database] == nil {
				owners[r.Database] = definers{}
			}
			owners[r.Database][r.Kind+" "+r.Object] = r.Definer
		}
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("reading the structure of the databases: %w", err)
	}
	out := map[string]*ddl.Fingerprint{}
	for name, f := range hasher.Fingerprints() {
		out[name] = &f
	}
	return out, owners, nil
}

// LiveFingerprint asks the server for one database, past every cache. It is
// nil when there is no such database.
func (e *Estate) LiveFingerprint(ctx context.Context, srv *registry.Server, q mysql.Queryer, database string) (*ddl.Fingerprint, error) {
	found, err := e.LiveFingerprints(ctx, srv, q, database)
	return found[database], err
}

// LiveFingerprints is LiveFingerprint for several databases, by name, in as many
// statements.
func (e *Estate) LiveFingerprints(ctx context.Context, srv *registry.Server, q mysql.Queryer, databases ...string) (map[string]*ddl.Fingerprint, error) {
	found, _, err := fingerprints(ctx, srv, q, catalog.Databases{Names: databases})
	return found, err
}

// ReadWhole reads the databases of a server with the tenant prefix, and those
// of tenants that were made under another one, in one go. What this process has
// seen already stays as it was seen.
func (s *Snapshot) ReadWhole(ctx context.Context, server string, rows []*registry.TenantRow) error {
	srv, err := s.servers.Server(server)
	if err != nil {
		return err
	}
	d := s.databases(server)
	which := catalog.Databases{}
	d.mu.Lock()
	if !d.bulk {
		which.Prefix = s.servers.Config.Prefix
	}
	for _, row := range rows {
		_, known := d.known[row.Database]
		if !strings.HasPrefix(row.Database, s.servers.Config.Prefix) && !known || d.stale[row.Database] {
			which.Names = append(which.Names, row.Database)
		}
	}
	d.mu.Unlock()
	if which.Prefix == "" && len(which.Names) == 0 {
		return nil
	}
	slices.Sort(which.Names)
	return s.ask(ctx, srv, d, which, fmt.Sprint("whole ", which.Prefix, which.Names))
}

// KnownRow returns the row of a tenant as this process has seen it, and asks
// again for one that it has not seen; nil when there is none.
func (e *Estate) KnownRow(ctx context.Context, slug string) (*registry.TenantRow, error) {
	row, err := e.Snapshot.Row(ctx, slug)
	if err != nil || row != nil {
		return row, err
	}
	if row, err = e.Registry.ReadTenant(ctx, e.Servers.Main(), slug); err != nil {
		return nil, registry.Unreachable(e.Servers.Main(), "reading a tenant", err)
	}
	return row, nil
}
