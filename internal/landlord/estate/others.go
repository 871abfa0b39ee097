package estate

import (
	"context"
	"maps"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
)

// Judging returns a server as Servers.Guarding does, with all its databases among
// those that no text may name. They are read once in a run, with what the caller
// has at hand: what a plan has accepted, its apply does not refuse. It is for what
// is new; what is recorded or published stays usable when somebody makes another
// database.
func (e *Estate) Judging(ctx context.Context, srv *registry.Server, q mysql.Queryer, info mysql.Info) (ddl.Server, error) {
	judging := registry.Dialect(info)
	there, err := e.databases(ctx, srv, q)
	judging.Others = there.others
	return judging, err
}

// JudgingAll is Judging for a text that will run on every server, as that of a
// template: no database of any of them may be named. A server that cannot be
// asked at present is left out, so that it keeps no template from being planned;
// there the account that runs the text sees to it.
func (e *Estate) JudgingAll(ctx context.Context, info mysql.Info) (ddl.Server, error) {
	main := e.Servers.Main()
	if _, err := e.databases(ctx, main, main); err != nil {
		return ddl.Server{}, err
	}
	var all []string
	for _, key := range slices.Sorted(maps.Keys(e.Servers.All)) {
		srv := e.Servers.All[key]
		there, err := e.databases(ctx, srv, srv)
		if err != nil {
			e.Config.Log(ctx, "Judges a template without the databases of a server", map[string]any{"server": landlord.ServerName(key), "cause": mysql.Message(err)})
		}
		all = slices.Concat(all, there.names)
	}
	judging := registry.Dialect(info)
	judging.Others = e.Servers.Others.On(all)
	return judging, nil
}

// databaseNames are the names of all databases of a server.
type databaseNames struct {
	names  []string
	others *ddl.Others // with those that no server need have
}

// databases returns the names of all databases of a server, read once in a run.
func (e *Estate) databases(ctx context.Context, srv *registry.Server, q mysql.Queryer) (databaseNames, error) {
	s := e.Snapshot
	s.mu.Lock()
	there, known := s.others[srv.Key]
	s.mu.Unlock()
	if known {
		return there, nil
	}
	names, err := catalog.AllDatabases(ctx, q)
	if err != nil {
		return databaseNames{}, registry.Unreachable(srv, "listing the databases", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if there, known = s.others[srv.Key]; !known {
		there = databaseNames{names: names, others: e.Servers.Others.On(names)}
		s.others[srv.Key] = there
	}
	return there, nil
}

// TableSizes returns how large tables are in databases of a server, as InnoDB estimates
// it now.
func (e *Estate) TableSizes(ctx context.Context, server string, databases, tables []string) ([]catalog.TableSize, error) {
	srv, err := e.Servers.Server(server)
	if err != nil {
		return nil, err
	}
	return catalog.TableSizes(ctx, srv, databases, tables)
}

// Fleets returns what is known of all fleets.
func (e *Estate) Fleets(ctx context.Context) (*registry.Fleets, error) {
	fleets, err := e.fleets.Get(ctx, "", func() (*registry.Fleets, error) { return e.Registry.ReadFleets(ctx, e.Servers.Main()) })
	if err != nil {
		return nil, registry.Unreachable(e.Servers.Main(), "reading the landlord database", err)
	}
	return fleets, nil
}

// ForgetFleets makes the next look at the fleets ask the server again.
func (e *Estate) ForgetFleets() { e.fleets.Forget("") }
