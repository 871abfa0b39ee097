package survey

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/adopt"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
)

// Reader reads the databases of servers. It is safe for concurrent use.
type Reader struct {
	Config   *landlord.Config
	Accounts *account.Accounts
	Servers  *registry.Servers
	Estate   *estate.Estate
}

// Filter chooses databases: those whose name a pattern matches, and those that are
// named.
type Filter struct {
	Pattern string   // as of LIKE, with case; empty for none
	Names   []string // in any order
	Servers []string // keys, empty for the main one; nil for all servers
}

// Survey is what was found.
type Survey struct {
	Databases []*adopt.Database
	Server    ddl.Server // whose SQL the schemas are
	Slugs     []string   // of the tenants that there are
}

// Read reads the databases that a filter chooses. One that cannot be adopted comes
// back with its problem, and a name that is on no server too. Errors are Problems.
func (r *Reader) Read(ctx context.Context, filter Filter) (*Survey, error) {
	rows, err := r.Estate.Snapshot.All(ctx)
	if err != nil {
		return nil, err
	}
	out := &Survey{}
	tenants := map[string]string{}
	for _, row := range rows {
		out.Slugs = append(out.Slugs, row.Slug)
		tenants[row.Server+"\x00"+row.Database] = row.Slug
	}
	slices.Sort(out.Slugs)
	keys := filter.Servers
	if keys == nil {
		keys = slices.Collect(maps.Keys(r.Servers.All))
	}
	began := time.Now()
	found := map[string]bool{}
	dialects := map[string]*dialect{}
	for _, key := range slices.Compact(slices.Sorted(slices.Values(keys))) {
		on := &reading{Reader: r, key: key, tenants: tenants, began: began}
		if err := on.read(ctx, filter); err != nil {
			return nil, err
		}
		for _, d := range on.databases {
			found[d.Name] = true
		}
		out.Databases = append(out.Databases, on.databases...)
		name := dialectName(on.info)
		if dialects[name] == nil {
			dialects[name] = &dialect{server: registry.Dialect(on.info)}
		}
		dialects[name].databases = append(dialects[name].databases, on.databases...)
	}
	for _, name := range slices.Compact(slices.Sorted(slices.Values(filter.Names))) {
		if !found[name] {
			out.Databases = append(out.Databases, &adopt.Database{Name: name, Problem: "no server that was asked has a database of that name",
				Next: "Correct the name, name the server with `--server`, or let the account of the provider see it."})
		}
	}
	out.Server = oneDialect(dialects)
	return out, nil
}

// dialect is the databases whose schemas can be compared.
type dialect struct {
	server    ddl.Server
	databases []*adopt.Database
}

// free counts the databases that nothing is in the way of so far.
func (d *dialect) free() int {
	n := 0
	for _, one := range d.databases {
		if one.Problem == "" {
			n++
		}
	}
	return n
}

// dialectName names the SQL of a server: schemas of another product, or of another
// release of it, are printed in other words.
func dialectName(info mysql.Info) string {
	parts := strings.SplitN(info.Version, ".", 3)
	return fmt.Sprint(info.Product, " ", strings.Join(parts[:min(len(parts), 2)], "."))
}

// oneDialect chooses the server release with the most databases that nothing is in the
// way of: what tenants have already, or the provider for itself, is not adopted. A
// template cannot be made of schemas that are printed in other words, so the others
// are refused.
func oneDialect(all map[string]*dialect) ddl.Server {
	most := ""
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if most == "" || all[name].free() > all[most].free() {
			most = name
		}
	}
	for name, d := range all {
		for _, one := range d.databases {
			if name != most && one.Problem == "" {
				one.Problem, one.Next = fmt.Sprintf("its server is %s, and most of those that can be adopted are on %s, which prints schemas in other words", name, most),
					"Adopt the databases of each release of server by themselves, with `--server` and another `--template`."
			}
		}
	}
	if most == "" {
		return ddl.Server{}
	}
	return all[most].server
}

// reading is the reading of one server.
type reading struct {
	*Reader
	key       string
	tenants   map[string]string // slug, by server and database
	began     time.Time         // the survey
	srv       *registry.Server
	info      mysql.Info
	databases []*adopt.Database
}

// read reads what the filter chooses on the server.
func (r *reading) read(ctx context.Context, filter Filter) (err error) {
	if r.srv, err = r.Servers.Server(r.key); err != nil {
		return err
	}
	if r.info, err = r.srv.Info(ctx); err != nil {
		return registry.Unreachable(r.srv, "reading the databases", err)
	}
	names, err := catalog.AllDatabases(ctx, r.srv)
	if err != nil {
		return registry.Unreachable(r.srv, "listing the databases", err)
	}
	own, err := r.Servers.OwnDatabases(ctx, r.key)
	if err != nil {
		return err
	}
	slices.Sort(names)
	for _, name := range names {
		named := slices.Contains(filter.Names, name)
		if !named && (filter.Pattern == "" || !privilege.MatchesGrant(filter.Pattern, name) || ddl.IsSystem(name)) {
			continue
		}
		d := &adopt.Database{Server: r.key, Name: name}
		d.Problem, d.Next = r.taken(name, own)
		r.databases = append(r.databases, d)
	}
	if err := r.rights(ctx); err != nil {
		return err
	}
	if err := r.structures(ctx); err != nil {
		return err
	}
	if err := r.rows(ctx); err != nil {
		return err
	}
	return r.sizes(ctx)
}

// taken says whose a database is that cannot become a tenant's.
func (r *reading) taken(name string, own map[string]bool) (problem, next string) {
	const others = "Leave it out of the pattern."
	template := r.Config.Prefix + "template_"
	switch slug := r.tenants[r.key+"\x00"+name]; {
	case slug != "":
		return fmt.Sprintf("it is the database of tenant `%s` already", slug), "Nothing is left to do for it."
	case ddl.IsSystem(name):
		return "it belongs to the server itself", others
	case r.Servers.Registry.IsOwn(name), strings.HasPrefix(name, template), own[name]:
		return "the provider has made it for itself", others
	}
	return "", ""
}

// rights refuses databases of which the account does not see everything.
func (r *reading) rights(ctx context.Context) error {
	rights, err := r.Accounts.ReadRights(ctx, r.srv.Server)
	if err != nil {
		return registry.Unreachable(r.srv, "reading the databases", err)
	}
	for _, d := range r.free() {
		if missing := rights.MissingToRead(d.Name); len(missing) > 0 {
			d.Problem, d.Next = "the account of the provider does not see all of its structure", "Grant, as an administrator: `"+strings.Join(missing, "; ")+"`."
		}
	}
	return nil
}

// free returns the databases that nothing is in the way of so far.
func (r *reading) free() []*adopt.Database {
	return slices.DeleteFunc(slices.Clone(r.databases), func(d *adopt.Database) bool { return d.Problem != "" })
}

// sizes reads what the databases take, in a constant number of statements.
func (r *reading) sizes(ctx context.Context) error {
	at, which := map[string]*adopt.Database{}, catalog.Databases{}
	for _, d := range r.free() {
		at[d.Name], which.Names = d, append(which.Names, d.Name)
	}
	if len(which.Names) == 0 {
		return nil
	}
	x, err := r.srv.Session(ctx)
	if err != nil {
		return registry.Unreachable(r.srv, "reading the sizes of databases", err)
	}
	defer x.Close()
	tables, err := catalog.TableUsages(ctx, x, r.info, which)
	if err != nil {
		return registry.Unreachable(r.srv, "reading the sizes of databases", err)
	}
	for _, t := range tables {
		if d := at[t.Database]; d != nil {
			d.Tables, d.Rows, d.Bytes = d.Tables+1, d.Rows+t.Rows, d.Bytes+t.DataBytes+t.IndexBytes
		}
	}
	return nil
}
