package estate

import (
	"context"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// Judging returns a server as Servers.Guarding does, with all its databases among
// those that no text may name. They are read once in a run, with what the caller
// has at hand: what a plan has accepted, its apply does not refuse. It is for what
// is new; what is recorded or published stays usable when somebody makes another
// database.
func (e *Estate) Judging(ctx context.Context, srv *registry.Server, q mysql.Queryer, info mysql.Info) (ddl.Server, error) {
	s := e.Snapshot
	s.mu.Lock()
	others := s.others[srv.Key]
	s.mu.Unlock()
	if others == nil {
		names, err := mysql.AllDatabases(ctx, q)
		if err != nil {
			return ddl.Server{}, registry.Unreachable(srv, "listing the databases", err)
		}
		s.mu.Lock()
		if others = s.others[srv.Key]; others == nil {
			others = e.Servers.Others.On(names)
			s.others[srv.Key] = others
		}
		s.mu.Unlock()
	}
	judging := registry.Dialect(info)
	judging.Others = others
	return judging, nil
}
