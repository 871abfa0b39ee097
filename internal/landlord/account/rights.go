package account

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// Rights are what the account of the provider may do on a server, as far as its
// grants tell, those of its active roles included.
type Rights struct {
	granted []granted
	info    mysql.Info
}

// granted is one line of SHOW GRANTS.
type granted struct {
	database   string // a pattern as in a GRANT, `*` for all
	table      string // `*` for all
	privileges []string
	option     bool // WITH GRANT OPTION
	revoked    bool // MySQL: a partial revoke
}

// Rights asks a server for the rights of the provider's account, once in a
// process. The session stays the caller's.
func (a *Accounts) Rights(ctx context.Context, x *mysql.Session) (*Rights, error) {
	k := a.of(x.Server())
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.rights != nil {
		return k.rights, nil
	}
	info, err := x.Info(ctx)
	if err != nil {
		return nil, err
	}
	r, err := readRights(ctx, x, info)
	if err != nil {
		return nil, err
	}
	k.rights = r
	return r, nil
}

func readRights(ctx context.Context, x *mysql.Session, info mysql.Info) (r *Rights, err error) {
	rows, err := x.Query(ctx, "SHOW GRANTS")
	if err != nil {
		return nil, fmt.Errorf("ask for the rights of the provider's account: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	r = &Rights{info: info}
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return nil, fmt.Errorf("ask for the rights of the provider's account: %w", err)
		}
		if g, ok := readGrant(line); ok {
			r.granted = append(r.granted, g)
		}
	}
	return r, rows.Err()
}

// readGrant reads a line of SHOW GRANTS. Lines that grant roles or the right to
// be a proxy are none.
func readGrant(line string) (granted, bool) {
	toks := sqltext.Tokens(line, sqltext.Mode{})
	on := slices.IndexFunc(toks, func(t sqltext.Token) bool { return t.Is("ON") })
	if len(toks) == 0 || on < 2 || on+3 >= len(toks) || !toks[0].IsAny("GRANT", "REVOKE") {
		return granted{}, false
	}
	g := granted{revoked: toks[0].Is("REVOKE")}
	for _, privilege := range strings.Split(line[toks[1].Start:toks[on-1].End], ",") {
		name, _, column := strings.Cut(strings.TrimSpace(privilege), "(")
		if !column { // a right on some columns of a table is none on the table
			g.privileges = append(g.privileges, strings.ToUpper(name))
		}
	}
	at := on + 1
	if toks[at].IsAny("FUNCTION", "PROCEDURE", "PACKAGE") || !toks[at+1].IsPunct('.') {
		return granted{}, false
	}
	g.database, g.table = toks[at].Value(), toks[at+2].Value()
	for i := at; i+2 < len(toks); i++ {
		g.option = g.option || toks[i].Is("WITH") && toks[i+1].Is("GRANT") && toks[i+2].Is("OPTION")
	}
	return g, true
}

// has says whether a line gives a privilege.
func (g granted) has(name string) bool {
	return slices.Contains(g.privileges, name) || slices.Contains(g.privileges, "ALL PRIVILEGES") || slices.Contains(g.privileges, "ALL")
}

// Global says whether the account has one of these privileges on the whole
// server.
func (r *Rights) Global(privileges ...string) bool {
	return slices.ContainsFunc(r.granted, func(g granted) bool {
		return g.database == "*" && !g.revoked && slices.ContainsFunc(privileges, g.has)
	})
}

// CreatesUsers says whether the account may make and drop accounts.
func (r *Rights) CreatesUsers() bool { return r.Global("CREATE USER") }

// SetsDefiners says whether the account may make programs and views that run
// with the rights of another account.
func (r *Rights) SetsDefiners() bool {
	return r.Global("SET_ANY_DEFINER", "SET_USER_ID", "SET USER", "SUPER")
}

// Grants says whether the account may give these privileges on a database to
// others.
func (r *Rights) Grants(database, privileges string) bool {
	for _, name := range strings.Split(privileges, ",") {
		name = strings.TrimSpace(name)
		if !slices.ContainsFunc(r.granted, func(g granted) bool {
			return !g.revoked && g.option && g.table == "*" && g.has(name) && r.covers(g.database, database)
		}) {
			return false
		}
	}
	return true
}

// Revokes says whether the account may take a right away from another one: it has
// to be one that it may give. Of roles and proxies nothing is known.
func (r *Rights) Revokes(right privilege.Right) bool {
	if right.On == "" || right.Privilege == "PROXY" {
		return true
	}
	name, _, _ := strings.Cut(right.Privilege, " (")
	at := right.Place()
	return slices.ContainsFunc(r.granted, func(g granted) bool {
		if g.revoked || !g.option || g.table != "*" || name != "USAGE" && !g.has(name) {
			return false
		}
		switch {
		case g.database == "*" || at == "*":
			return g.database == "*"
		case right.Database == "" || r.info.PartialRevokes:
			return r.covers(g.database, at)
		}
		return privilege.CoversGrant(g.database, at)
	})
}

// covers says whether a pattern of a GRANT stands for a database.
func (r *Rights) covers(pattern, database string) bool {
	if pattern == "*" {
		return true
	}
	if r.info.PartialRevokes {
		return pattern == database
	}
	return privilege.MatchesGrant(pattern, database)
}

// MissingToRead returns the statements that let the account see the whole structure
// of a database: without them views, programs or events of others are not there for
// it, or have no text. None where it lacks nothing.
func (r *Rights) MissingToRead(database string) []string {
	user, host := mysql.SplitAccount(r.info.Account)
	to := " TO " + mysql.AccountName(user, host)
	var lacks, out []string
	for _, privilege := range []string{"SELECT", "SHOW VIEW", "TRIGGER", "EVENT"} {
		if !slices.ContainsFunc(r.granted, func(g granted) bool {
			return !g.revoked && g.table == "*" && g.has(privilege) && r.covers(g.database, database)
		}) {
			lacks = append(lacks, privilege)
		}
	}
	if len(lacks) > 0 {
		out = append(out, "GRANT "+strings.Join(lacks, ", ")+" ON "+mysql.Quote(privilege.GrantedName(r.info, database))+".*"+to)
	}
	switch {
	case r.info.Product == mysql.MySQL && !r.Global("SHOW_ROUTINE", "SELECT"):
		out = append(out, "GRANT SHOW_ROUTINE ON *.*"+to)
	case r.info.Product == mysql.MariaDB && !r.readsRoutines(database):
		out = append(out, "GRANT SELECT ON `mysql`.`proc`"+to)
	}
	return out
}
