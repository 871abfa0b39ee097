package isolation

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
)

// programs reports what programs name, and with whose rights they run.
func (s *serverReport) programs(all []catalog.StoredProgram) {
	srv := registry.Dialect(s.info)
	srv.Others = s.others
	hidden := map[string]int{} // by database
	for i := range all {
		p := &all[i]
		s.report.Programs++
		_, ofTenant := s.tenants[p.Database]
		if p.Hidden {
			if ofTenant {
				hidden[p.Database]++
			}
			continue
		}
		s.mentions(p, source.Mentions(ddl.Kind(p.Kind), p.Definition, []string{p.Database}, srv))
		if ofTenant {
			s.definer(p)
		}
		if p.Kind == string(ddl.KindEvent) && p.Enabled && s.isTemplate(p.Database) {
			s.add(Finding{Severity: Low, Kind: KindEvent, Object: mysql.Qualified(p.Database, p.Name),
				Detail:    fmt.Sprintf("Event %s runs in a materialized template, which is a database to look at. An earlier version of the provider left it enabled.", mysql.Qualified(p.Database, p.Name)),
				Statement: "ALTER EVENT " + mysql.Qualified(p.Database, p.Name) + " DISABLE"})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(hidden)) {
		s.add(Finding{Severity: Low, Kind: KindHidden, Object: mysql.Quote(name), Tenants: []string{s.tenants[name]},
			Detail:    fmt.Sprintf("The account of the provider does not see the definition of %s of this database.", landlord.Several(hidden[name], "program")),
			Statement: "GRANT SHOW VIEW, SELECT, ALTER ROUTINE, TRIGGER, EVENT ON " + mysql.Quote(privilege.GrantedName(s.info, name)) + ".* TO " + accountOf(s.info.Account)})
	}
}

// isTemplate says whether a database is the materialized copy of a template.
func (s *serverReport) isTemplate(database string) bool {
	return s.template != "" && strings.HasPrefix(database, s.template) && s.tenants[database] == ""
}

// kindOf is the kind of a finding about a program.
func kindOf(p *catalog.StoredProgram) Kind {
	switch ddl.Kind(p.Kind) {
	case ddl.KindView:
		return KindView
	case ddl.KindTrigger:
		return KindTrigger
	case ddl.KindEvent:
		return KindEvent
	}
	return KindRoutine
}

// mentions reports a program that names databases other than its own, when a
// tenant is concerned.
func (s *serverReport) mentions(p *catalog.StoredProgram, named []string) {
	own, ofTenant := s.tenants[p.Database]
	f := Finding{Severity: Medium, Kind: kindOf(p), Object: describe(p), Statement: drop(p)}
	if ofTenant {
		f.Tenants = []string{own}
	}
	concerned := ofTenant && len(named) > 0
	for _, name := range named {
		switch slug, toTenant := s.tenants[name]; {
		case toTenant:
			f.Tenants, concerned = append(f.Tenants, slug), true
			if ofTenant {
				f.Severity = High
			}
		case ofTenant && s.landlord(name):
			f.Severity = High
		}
	}
	if !concerned {
		return
	}
	f.Detail = fmt.Sprintf("%s names %s.", landlord.UpperFirst(describe(p)), landlord.Quoted(named))
	if ofTenant {
		f.Detail += " Everything of a tenant has to stay in its own database."
	} else {
		f.Detail += " Whoever may use it, or its schedule, reaches the tenant."
	}
	s.add(f)
}

// definer reports a program of a tenant that runs with rights beyond the tenant's
// database.
func (s *serverReport) definer(p *catalog.StoredProgram) {
	if p.Invoker || s.grantees == nil {
		return
	}
	f := Finding{Severity: High, Kind: KindDefiner, Object: describe(p), Tenants: []string{s.tenants[p.Database]}, Statement: drop(p)}
	quoted := accountOf(p.Definer)
	g := s.grantees[quoted]
	if g == nil {
		f.Severity = Low
		f.Detail = fmt.Sprintf("%s has the definer %s, an account that does not exist: it fails when it is used, and runs with the rights of whoever makes that account.", landlord.UpperFirst(describe(p)), quoted)
		s.add(f)
		return
	}
	if p.Definer == s.info.Account && !s.dedicated {
		return // whoever accepts that programs belong to the provider's account is told in every plan
	}
	var beyond []string
	for database := range g.reach {
		if _, isTenant := s.tenants[database]; database != p.Database && (isTenant || s.landlord(database)) {
			beyond = append(beyond, database)
		}
	}
	slices.Sort(beyond)
	switch {
	case g.admin:
		f.Detail = fmt.Sprintf("%s has the definer %s, which administers the server: whoever may use the program runs it with those rights.", landlord.UpperFirst(describe(p)), quoted)
	case len(beyond) > 0:
		f.Detail = fmt.Sprintf("%s has the definer %s, which has rights beyond this database%s: whoever may use the program runs it with those rights.", landlord.UpperFirst(describe(p)), quoted, someNames(beyond))
	default:
		return
	}
	s.add(f)
}

// describe names a program in a sentence.
func describe(p *catalog.StoredProgram) string {
	return p.Kind + " " + mysql.Qualified(p.Database, p.Name)
}

// drop is the statement that takes a program away.
func drop(p *catalog.StoredProgram) string {
	return "DROP " + strings.ToUpper(p.Kind) + " " + mysql.Qualified(p.Database, p.Name)
}
