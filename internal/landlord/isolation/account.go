package isolation

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
)

// grantee is an account or role with what it reaches.
type grantee struct {
	*privilege.Grantee
	admin bool
	reach map[string][]reached // by database
	whole []string             // global privileges on rows and structures
}

// reached is a right by which a database is reached.
type reached struct {
	right   privilege.GranteeRight
	by      string // the role that has it, quoted; empty for the grantee itself
	pattern bool   // the name has wildcards that are not escaped
}

// system are the accounts that a server makes for itself.
var system = []string{"mysql.sys", "mysql.session", "mysql.infoschema", "mariadb.sys"}

// onServer are global privileges that reach no rows and no structure.
var onServer = []string{"SUPER", "CREATE USER"}

// accounts finds out what each grantee reaches, and reports accounts that can log
// in and have more than one tenant.
func (s *serverReport) accounts(all []*privilege.Grantee) {
	s.grantees = make(map[string]*grantee, len(all))
	names := newNames(s.databases)
	for _, g := range all {
		s.grantees[g.Name()] = &grantee{Grantee: g}
	}
	for _, g := range s.grantees {
		s.resolve(g, names)
	}
	for _, name := range slices.Sorted(maps.Keys(s.grantees)) {
		g := s.grantees[name]
		if !g.Role {
			s.report.Accounts++
		}
		switch {
		case slices.Contains(system, g.User), s.isOwn(g), g.Locked, g.Role && !isPublic(g):
		case g.admin:
			s.report.Administrators = append(s.report.Administrators, strings.TrimPrefix(s.key+": "+name, ": "))
		default:
			s.account(g)
		}
	}
}

// isOwn says whether an account is the provider's, or one that the landlord made
// for a run. Those that it made for longer are locked, and one of their names that
// is not is somebody's.
func (s *serverReport) isOwn(g *grantee) bool {
	return g.User+"@"+g.Host == s.info.Account || s.names.IsRun(g.User)
}

// isPublic says whether a role of MariaDB is the one that everybody has.
func isPublic(g *grantee) bool { return g.Role && g.User == "PUBLIC" && g.Host == "" }

// resolve fills what a grantee reaches by itself and by its roles. What everybody
// reaches by the role PUBLIC is reported of that role alone.
func (s *serverReport) resolve(g *grantee, names *names) {
	g.reach = map[string][]reached{}
	seen := map[string]bool{}
	var take func(from *grantee, by string)
	take = func(from *grantee, by string) {
		if from == nil || seen[from.Name()] {
			return
		}
		seen[from.Name()] = true
		global := slices.DeleteFunc(slices.Clone(from.Global), func(p string) bool { return slices.Contains(onServer, p) })
		g.admin = g.admin || len(global) < len(from.Global)
		g.whole = append(g.whole, global...)
		for _, right := range from.Grants {
			matched, pattern := s.matching(right, names)
			for _, database := range matched {
				g.reach[database] = append(g.reach[database], reached{right: right, by: by, pattern: pattern})
			}
		}
		for _, role := range from.Roles {
			take(s.grantees[role], role)
		}
	}
	take(g, "")
	if len(g.whole) > 0 {
		for _, database := range s.databases {
			if len(g.Withheld[database]) == 0 {
				g.reach[database] = append(g.reach[database], reached{right: privilege.GranteeRight{Privileges: g.whole}})
			}
		}
	}
}

// matching returns the databases that a right is about. Only a right on whole
// databases has a pattern, and none does with partial_revokes on.
func (s *serverReport) matching(right privilege.GranteeRight, names *names) (databases []string, pattern bool) {
	if right.Kind != "" || s.info.PartialRevokes {
		return names.exact(right.Database), false
	}
	return names.like(right.Database)
}

// account reports one that can log in, when it has more than it should.
func (s *serverReport) account(g *grantee) {
	var tenants, others []string
	rights := map[string]privilege.GranteeRight{}
	roles := map[string]bool{}
	patterns := map[string]privilege.GranteeRight{}
	for database, by := range g.reach {
		switch slug, ofTenant := s.tenants[database]; {
		case ofTenant:
			tenants = append(tenants, slug)
		case s.landlord(database):
			others = append(others, database)
		default:
			continue
		}
		for _, r := range by {
			switch {
			case r.by != "":
				roles[r.by] = true
			case r.right.Database != "":
				rights[r.right.On()] = r.right
			}
			if r.pattern {
				patterns[r.right.On()] = r.right
			}
		}
	}
	switch {
	case len(tenants) > 1, len(tenants) > 0 && len(others) > 0, len(tenants)+len(others) > 0 && len(g.whole) > 0:
		s.add(s.several(g, tenants, others, rights, roles))
	case isPublic(g) && len(tenants)+len(others) > 0:
		s.add(s.several(g, tenants, others, rights, roles))
	default:
		for _, on := range slices.Sorted(maps.Keys(patterns)) {
			s.add(s.wildcard(g, patterns[on], tenants))
		}
	}
}

// several is the finding about an account that has more than one tenant.
func (s *serverReport) several(g *grantee, tenants, others []string, rights map[string]privilege.GranteeRight, roles map[string]bool) Finding {
	slices.Sort(tenants)
	slices.Sort(others)
	what := "Account " + g.Name() + " can log in and has"
	if isPublic(g) {
		what = "Everybody has the role `PUBLIC`, which has"
	}
	reaches := landlord.Several(len(tenants), "tenant") + someNames(tenants)
	if len(others) > 0 {
		quoted := make([]string, 0, len(others))
		for _, name := range others {
			quoted = append(quoted, mysql.Quote(name))
		}
		reaches += " and the landlord's " + some(quoted)
	}
	f := Finding{Severity: Medium, Kind: KindAccount, Object: g.Name(), Tenants: tenants}
	if len(tenants) > 1 || len(others) > 0 {
		f.Severity = High
	}
	var how, statements []string
	if len(g.whole) > 0 {
		how = append(how, "on the whole server")
		statements = append(statements, "REVOKE "+strings.Join(g.whole, ", ")+" ON *.* FROM "+g.Name())
	}
	for _, on := range slices.Sorted(maps.Keys(rights)) {
		how = append(how, "on "+on)
		statements = append(statements, revoke(rights[on], g.Name()))
	}
	for _, role := range slices.Sorted(maps.Keys(roles)) {
		how = append(how, "by the role "+role)
		statements = append(statements, "REVOKE "+role+" FROM "+g.Name())
	}
	f.Detail = fmt.Sprintf("%s rights in %s: %s. Leave it those of one tenant.", what, reaches, some(how))
	f.Statement = strings.Join(statements, ";\n")
	return f
}

// wildcard is the finding about a grant on a pattern that matches one tenant now.
func (s *serverReport) wildcard(g *grantee, right privilege.GranteeRight, tenants []string) Finding {
	return Finding{
		Severity: Low, Kind: KindGrant, Object: g.Name(), Tenants: tenants,
		Detail: fmt.Sprintf("The grant on %s is a pattern: `_` stands for any character and `%%` for any number of them, so that it opens every database that fits, one that is made later too. Escape them.", right.On()),
		Statement: revoke(right, g.Name()) + ";\n" + "GRANT " + strings.Join(right.Privileges, ", ") + " ON " +
			mysql.Quote(privilege.GrantedName(s.info, unescaped.Replace(right.Database))) + ".* TO " + g.Name(),
	}
}

// unescaped undoes what GrantedName does.
var unescaped = strings.NewReplacer(`\_`, `_`, `\%`, `%`, `\\`, `\`)

// revoke is the statement that takes a right away.
func revoke(right privilege.GranteeRight, from string) string {
	return "REVOKE " + strings.Join(right.Privileges, ", ") + " ON " + right.On() + " FROM " + from
}

// most is how many names one finding lists.
const most = 20

// someNames lists names behind a number of them.
func someNames(names []string) string {
	if len(names) == 0 {
		return ""
	}
	if len(names) <= most {
		return " (" + landlord.Quoted(names) + ")"
	}
	return fmt.Sprintf(" (%s and %d more)", landlord.Quoted(names[:most]), len(names)-most)
}

// some joins texts, not too many of them.
func some(texts []string) string {
	if len(texts) <= most {
		return strings.Join(texts, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(texts[:most], ", "), len(texts)-most)
}
