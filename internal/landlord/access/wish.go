package access

import (
	"slices"
	"strconv"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
)

// secret stands for a password in the text of a statement. The server is sent a
// hash in its place, so that no log, history or process list has the password.
const secret = "IDENTIFIED BY <secret>"

// statement is one that brings an account to what is wanted.
type statement struct {
	Text   string                    // as plans show it
	Same   *privilege.StoredPassword // of an account for another host, which this one gets; nil: the wanted one
	Sets   string                    // the host whose account gets the password that is wanted
	Takes  bool                      // something away that open connections may go on using
	Object string                    // the quoted name of the account
}

// wish is what the account of a name shall be, on all its hosts.
type wish struct {
	Info     mysql.Info
	Database string
	Spec     landlord.TenantAccountSpec
	Recorded []string // hosts that the landlord has made, or begun to make
	Locked   bool
	LeaveOut bool // the lock, which somebody else of the run sees to
	Renews   bool // the password is set, also where an account is there
	Fresh    bool // nobody uses the account yet: no password of before is kept
	Resumed  bool // an earlier run, which Terraform knows nothing of, has made the account

	// Revokes says whether the account of the provider may take a right away by itself;
	// nil for any.
	Revokes func(privilege.Right) bool
}

// name returns the quoted name of the account for a host.
func (w *wish) name(host string) string { return mysql.AccountName(w.Spec.Name, host) }

// statements returns what is left to do. What takes away from others comes first,
// what lets in comes last, so that at no moment an account may more than before
// or after.
func (w *wish) statements(live []privilege.Account) []statement {
	var out []statement
	take := func(host, text string) {
		out = append(out, statement{Text: text, Takes: true, Object: w.name(host)})
	}
	var kept []privilege.Account
	for _, a := range live {
		switch {
		case slices.Contains(w.Spec.Hosts, a.Host):
			kept = append(kept, a)
		case slices.Contains(w.Recorded, a.Host):
			take(a.Host, "DROP USER "+a.Name())
		}
	}
	for i, a := range kept {
		if w.Locked && !a.Locked && !w.LeaveOut {
			take(a.Host, "ALTER USER "+a.Name()+" ACCOUNT LOCK")
		}
		if w.isAnew(a) {
			take(a.Host, privilege.RevokeAll(a.Name()))
			a.Rights = slices.DeleteFunc(slices.Clone(a.Rights), func(r privilege.Right) bool { return !outlivesRevokeAll(r) })
			kept[i] = a
		}
		for _, r := range a.Rights {
			if !w.own(r) {
				take(a.Host, privilege.RevokeRight(r, a.Name()))
			}
		}
	}
	for _, host := range w.Spec.Hosts {
		if at := slices.IndexFunc(kept, func(a privilege.Account) bool { return a.Host == host }); at >= 0 {
			out = append(out, w.change(&kept[at])...)
			continue
		}
		out = append(out, w.create(host, kept)...)
	}
	return out
}

// isAnew says whether an account has a right too many that the account of the
// provider may not take away by itself: then all are taken away, and those of the
// role given anew.
func (w *wish) isAnew(a privilege.Account) bool {
	return w.Revokes != nil && slices.ContainsFunc(a.Rights, func(r privilege.Right) bool {
		return w.tooMany(r) && !outlivesRevokeAll(r) && !w.Revokes(r)
	})
}

// tooMany says whether a right is none of the role.
func (w *wish) tooMany(r privilege.Right) bool { return !w.own(r) || !w.covered(r) }

// revokes says whether accounts have rights that are to be taken away.
func (w *wish) revokes(live []privilege.Account) bool {
	return slices.ContainsFunc(live, func(a privilege.Account) bool { return slices.ContainsFunc(a.Rights, w.tooMany) })
}

// outlivesRevokeAll says whether an account keeps a right when all are taken away.
func outlivesRevokeAll(r privilege.Right) bool { return r.On == "" || r.Privilege == "PROXY" }

// create returns the statements that make the account for a host.
func (w *wish) create(host string, kept []privilege.Account) []statement {
	text := "CREATE USER " + w.name(host) + " " + secret + w.requirements(false, 0)
	if w.Locked {
		text += " ACCOUNT LOCK"
	}
	made := statement{Text: text, Sets: host, Object: w.name(host)}
	if len(kept) > 0 && !w.Renews {
		made.Sets, made.Same = "", &kept[0].Password
	}
	return []statement{made, {Text: w.grant(w.Spec.Role.Privileges(), host), Object: w.name(host)}}
}

// change returns the statements that bring the account that is there to what is
// wanted, but for what comes first.
func (w *wish) change(a *privilege.Account) []statement {
	var out []statement
	add := func(text string, takes bool) {
		out = append(out, statement{Text: text, Takes: takes, Object: a.Name()})
	}
	if w.Renews {
		text := "ALTER USER " + a.Name() + " " + secret
		if w.keeps(a) {
			text += " RETAIN CURRENT PASSWORD"
		}
		out = append(out, statement{Text: text, Sets: a.Host, Object: a.Name()})
	}
	if a.FormerPassword && w.Spec.DiscardFormerPassword {
		add("ALTER USER "+a.Name()+" DISCARD OLD PASSWORD", false)
	}
	if requirements := w.requirements(a.TLS != "", a.MaxUserConnections); requirements != "" {
		add("ALTER USER "+a.Name()+requirements, w.Spec.RequireTLS && a.TLS == "")
	}
	if lacks := w.lacks(a); len(lacks) > 0 {
		add(w.grant(lacks, a.Host), false)
	}
	for _, r := range a.Rights {
		if w.own(r) && !w.covered(r) {
			add(privilege.RevokeRight(r, a.Name()), true)
		}
	}
	if !w.Locked && a.Locked && !w.LeaveOut {
		add("ALTER USER "+a.Name()+" ACCOUNT UNLOCK", false)
	}
	return out
}

// keeps says whether the password before stays valid beside a new one.
func (w *wish) keeps(a *privilege.Account) bool {
	return !w.Fresh && !w.Spec.DiscardFormerPassword && w.Info.Product == mysql.MySQL && a.Password.KeepsTwo()
}

// requirements returns the clauses for what differs from what is there, with a
// space before each.
func (w *wish) requirements(tls bool, connections int64) string {
	text := ""
	switch {
	case w.Spec.RequireTLS && !tls:
		text += " REQUIRE SSL"
	case !w.Spec.RequireTLS && tls:
		text += " REQUIRE NONE"
	}
	if w.Spec.MaxUserConnections != connections {
		text += " WITH MAX_USER_CONNECTIONS " + strconv.FormatInt(w.Spec.MaxUserConnections, 10)
	}
	return text
}

// on is the database as a GRANT has to name it.
func (w *wish) on() string { return privilege.GrantedName(w.Info, w.Database) }

func (w *wish) grant(privileges []string, host string) string {
	return "GRANT " + strings.Join(privileges, ", ") + " ON " + mysql.Quote(w.on()) + ".* TO " + w.name(host)
}

// lacks returns the privileges of the role that an account does not have.
func (w *wish) lacks(a *privilege.Account) []string {
	var out []string
	for _, p := range w.Spec.Role.Privileges() {
		if !slices.ContainsFunc(a.Rights, func(r privilege.Right) bool { return r.Privilege == p && r.Database == w.on() }) {
			out = append(out, p)
		}
	}
	return out
}

// own says whether a right is on the database of the tenant, or on something in
// it. One on the plain name of a database whose name holds a wildcard counts: it
// is what people write.
func (w *wish) own(r privilege.Right) bool {
	if r.Database != "" {
		return r.Database == w.on() || r.Database == w.Database
	}
	on := r.On
	if kind, name, ok := strings.Cut(on, " "); ok && !strings.HasPrefix(kind, "`") {
		on = name // PROCEDURE `d`.`p`
	}
	return strings.HasPrefix(on, mysql.Quote(w.Database)+".")
}

// covered says whether the role has a right of its own database. The server
// gives rights on a routine to whoever makes it: those are nothing more.
func (w *wish) covered(r privilege.Right) bool {
	privilege, _, _ := strings.Cut(r.Privilege, " (")
	return !r.Grantable && (r.Database == "" || r.Database == w.on()) && slices.Contains(w.Spec.Role.Privileges(), privilege)
}

// beyond returns what takes from accounts the rights that are not within the
// tenant.
func (w *wish) beyond(live []privilege.Account, within func(privilege.Right) bool) []string {
	var out []string
	for _, a := range live {
		for _, r := range a.Rights {
			if !within(r) {
				out = append(out, privilege.RevokeRight(r, a.Name()))
			}
		}
	}
	return out
}

// roleOf returns the least role that has all rights of accounts on the database.
func (w *wish) roleOf(live []privilege.Account) landlord.AccountRole {
	for _, role := range landlord.AccountRoles() {
		all := *w
		all.Spec.Role = role
		if !slices.ContainsFunc(live, func(a privilege.Account) bool {
			return slices.ContainsFunc(a.Rights, func(r privilege.Right) bool {
				privilege, _, _ := strings.Cut(r.Privilege, " (")
				return all.own(r) && !slices.Contains(role.Privileges(), privilege)
			})
		}) {
			return role
		}
	}
	return landlord.RoleMigrator
}

// drift says, in words, how accounts differ from what is recorded in what no
// attribute of theirs tells.
func (w *wish) drift(live []privilege.Account) []string {
	out := []string{}
	for _, a := range live {
		if !slices.Contains(w.Spec.Hosts, a.Host) {
			continue
		}
		switch {
		case w.LeaveOut:
		case w.Locked && !a.Locked:
			out = append(out, a.Name()+" is not locked")
		case !w.Locked && a.Locked:
			out = append(out, a.Name()+" is locked")
		}
		if lacks := w.lacks(&a); len(lacks) > 0 {
			out = append(out, a.Name()+" lacks "+strings.Join(lacks, ", ")+" ON "+mysql.Quote(w.on())+".*")
		}
		for _, r := range a.Rights {
			if w.tooMany(r) {
				out = append(out, a.Name()+" has "+r.String())
			}
		}
	}
	return out
}
