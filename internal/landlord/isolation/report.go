package isolation

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
)

// Severity says how bad a finding is.
type Severity string

// The severities.
const (
	// High: who has one tenant reaches another, or the landlord database, as
	// things are.
	High Severity = "high"
	// Medium: somebody who is no tenant reaches several, or a tenant reaches what
	// is nobody's.
	Medium Severity = "medium"
	// Low: nothing reaches across now, but would with a database or an account of
	// a certain name; or nobody can see whether something does.
	Low Severity = "low"
)

// Kind says what a finding is about.
type Kind string

// The kinds of findings.
const (
	KindAccount    Kind = "account"     // an account that can log in and has more than one tenant
	KindGrant      Kind = "grant"       // a grant whose name is a pattern
	KindDefiner    Kind = "definer"     // a program that runs with rights beyond its database
	KindView       Kind = "view"        // a view that names another database
	KindRoutine    Kind = "routine"     // a procedure, function or package that does
	KindTrigger    Kind = "trigger"     // a trigger that does
	KindEvent      Kind = "event"       // an event that does, or that runs where none should
	KindForeignKey Kind = "foreign_key" // a foreign key to or from another database
	KindHidden     Kind = "hidden"      // what the provider's account does not see
)

// A Finding is one thing that reaches further than it should.
type Finding struct {
	Severity  Severity
	Kind      Kind
	Server    string   // key, empty for the main one
	Object    string   // as a statement names it
	Tenants   []string // slugs of those that are concerned, in alphabetical order; all of the server for a finding about everything
	Detail    string
	Statement string // that ends it, for a person to judge and run; empty when there is none
}

// A Report is what was found, and how much was looked at.
type Report struct {
	Findings       []Finding // the worst first
	Administrators []string  // accounts that administer a server, and so reach everything: `server: account`
	Servers        int
	Tenants        int
	Accounts       int
	Programs       int
}

// Report looks at all servers of the estate, or at one, with a number of statements
// that does not depend on how many tenants there are. A server that cannot be
// read is a finding, and keeps the others from nothing.
func (r *Reader) Report(ctx context.Context, server *string) (*Report, error) {
	rows, err := r.Estate.Snapshot.All(ctx)
	if err != nil {
		return nil, err
	}
	out := &Report{Findings: []Finding{}, Administrators: []string{}}
	for _, key := range slices.Sorted(maps.Keys(r.Servers.All)) {
		if server != nil && *server != key {
			continue
		}
		s := &serverReport{report: out, key: key, names: r.Names, dedicated: r.Config.ExecutionAccount != landlord.ExecutionOwn, tenants: map[string]string{}, template: r.Servers.TemplateDatabase("")}
		for _, row := range rows {
			if row.Server == key {
				s.tenants[row.Database] = row.Slug
			}
		}
		if err := r.readServer(ctx, s); err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			s.hidden(fmt.Sprintf("Server `%s`", cmp.Or(key, "main")), landlord.Sentence("nothing of this server was looked at: "+reason(err)), "")
		}
		out.Servers++
		out.Tenants += len(s.tenants)
	}
	if server != nil && out.Servers == 0 {
		_, err := r.Servers.Server(*server)
		return nil, err
	}
	out.sort()
	return out, nil
}

// reason is the text of an error, for a sentence.
func reason(err error) string {
	var p *landlord.Problem
	if errors.As(err, &p) {
		return strings.Join(append([]string{p.Summary + "."}, p.Detail...), " ")
	}
	return mysql.Message(err)
}

func (r *Report) sort() {
	rank := func(s Severity) int { return slices.Index([]Severity{High, Medium, Low}, s) }
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(rank(a.Severity), rank(b.Severity)), strings.Compare(a.Server, b.Server), strings.Compare(string(a.Kind), string(b.Kind)),
			strings.Compare(a.Object, b.Object), strings.Compare(a.Detail, b.Detail))
	})
	slices.Sort(r.Administrators)
}

// serverReport is the look at one server.
type serverReport struct {
	report    *Report
	key       string
	info      mysql.Info
	names     account.Names
	dedicated bool   // programs of tenants belong to owners, not to the provider's account
	template  string // begins the names of materialized templates

	tenants   map[string]string          // slug by database
	landlord  func(database string) bool // says whether a database is the landlord's own: what tenants left behind is in some
	databases []string                   // all
	grantees  map[string]*grantee
	others    *ddl.Others
}

// readServer reads one server and judges what it has.
func (r *Reader) readServer(ctx context.Context, s *serverReport) error {
	srv, err := r.Servers.Server(s.key)
	if err != nil {
		return err
	}
	if s.info, err = srv.Info(ctx); err != nil {
		return registry.Unreachable(srv, "reading the server", err)
	}
	if s.databases, err = catalog.AllDatabases(ctx, srv); err != nil {
		return registry.Unreachable(srv, "listing the databases", err)
	}
	s.others = r.Servers.Others.On(s.databases)
	s.landlord = r.Servers.Registry.IsOwn
	all, err := privilege.Grantees(ctx, srv, s.info)
	var hidden *privilege.HiddenGrantsError
	switch {
	case errors.As(err, &hidden):
		s.hidden("`mysql`.*", landlord.Sentence(err.Error()), "GRANT SELECT ON `mysql`.* TO "+accountOf(s.info.Account))
	case err != nil:
		return err
	default:
		s.accounts(all)
	}
	programs, err := catalog.StoredPrograms(ctx, srv)
	if err != nil {
		return err
	}
	s.programs(programs)
	keys, err := catalog.ReachingKeys(ctx, srv, s.info)
	if err != nil {
		return err
	}
	s.keys(keys)
	return nil
}

func (s *serverReport) add(f Finding) {
	f.Server = s.key
	slices.Sort(f.Tenants)
	f.Tenants = slices.Compact(f.Tenants)
	s.report.Findings = append(s.report.Findings, f)
}

// hidden says what was not looked at.
func (s *serverReport) hidden(object, detail, statement string) {
	s.add(Finding{Severity: Low, Kind: KindHidden, Object: object, Tenants: s.slugs(), Detail: detail, Statement: statement})
}

// slugs are all tenants of the server.
func (s *serverReport) slugs() []string { return slices.Collect(maps.Values(s.tenants)) }

// keys reports foreign keys that concern a tenant.
func (s *serverReport) keys(all []catalog.ReachingKey) {
	for _, k := range all {
		child, ofTenant := s.tenants[k.Database]
		parent, toTenant := s.tenants[k.ReferencedDatabase]
		f := Finding{
			Severity: Medium, Kind: KindForeignKey, Object: mysql.Qualified(k.Database, k.Table) + "." + mysql.Quote(k.Name),
			Detail: fmt.Sprintf("Foreign key `%s` of table %s refers to table %s. It tells which rows are there, and keeps them from being changed and dropped.",
				k.Name, mysql.Qualified(k.Database, k.Table), mysql.Qualified(k.ReferencedDatabase, k.ReferencedTable)),
			Statement: "ALTER TABLE " + mysql.Qualified(k.Database, k.Table) + " DROP FOREIGN KEY " + mysql.Quote(k.Name),
		}
		switch {
		case ofTenant && toTenant:
			f.Severity, f.Tenants = High, []string{child, parent}
		case ofTenant:
			f.Tenants = []string{child}
			if s.landlord(k.ReferencedDatabase) {
				f.Severity = High
			}
		case toTenant:
			f.Tenants = []string{parent}
		default:
			continue
		}
		s.add(f)
	}
}

// accountOf quotes an account that is written as CURRENT_USER() gives it.
func accountOf(account string) string { return mysql.AccountName(mysql.SplitAccount(account)) }
