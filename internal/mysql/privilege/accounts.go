package privilege

import (
	"context"
	"errors"
	"fmt"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"net"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A DatabaseGrant is what one account may do with one database, or with one
// table of it. It survives a round trip through JSON.
type DatabaseGrant struct {
	User       string   `json:"user"`
	Host       string   `json:"host"`
	Database   string   `json:"database"` // as granted: `_` may be escaped
	Table      string   `json:"table,omitempty"`
	Privileges []string `json:"privileges"`
	Grantable  bool     `json:"grantable,omitempty"`
}

// account returns the quoted name of the account.
func (g DatabaseGrant) account() string { return mysql.AccountName(g.User, g.Host) }

// on returns what the grant is about. The database is quoted as it was granted,
// because an escaped and a plain name are two grants to the server.
func (g DatabaseGrant) on() string {
	if g.Table == "" {
		return mysql.Quote(g.Database) + ".*"
	}
	return mysql.Qualified(g.Database, g.Table)
}

// DatabaseGrants returns what accounts other than the present one were granted
// on exactly this database and its tables. A grant on a pattern that matches
// several databases is not among them.
//
// The information schema shows an account without SELECT on `mysql.*` only what
// it was granted itself, without a word; that is a *HiddenGrantsError here.
func DatabaseGrants(ctx context.Context, q mysql.Queryer, info mysql.Info, database string) ([]DatabaseGrant, error) {
	if err := seesGrants(ctx, q); err != nil {
		return nil, err
	}
	escaped := mysql.EscapeWildcards(database)
	rows, err := q.Query(ctx, "SELECT GRANTEE, TABLE_SCHEMA, '', PRIVILEGE_TYPE, IS_GRANTABLE FROM information_schema.SCHEMA_PRIVILEGES"+
		" WHERE TABLE_SCHEMA IN (?, ?) UNION ALL SELECT GRANTEE, TABLE_SCHEMA, TABLE_NAME, PRIVILEGE_TYPE, IS_GRANTABLE"+
		" FROM information_schema.TABLE_PRIVILEGES WHERE TABLE_SCHEMA = ? ORDER BY 1, 2, 3, 4", database, escaped, database)
	if err != nil {
		return nil, fmt.Errorf("reading the privileges on database `%s`: %w", database, err)
	}
	defer func() { _ = rows.Close() }()
	var out []DatabaseGrant
	for rows.Next() {
		var g DatabaseGrant
		var grantee, privilege, grantable string
		if err := rows.Scan(&grantee, &g.Database, &g.Table, &privilege, &grantable); err != nil {
			return nil, err
		}
		g.User, g.Host = splitGrantee(grantee)
		if !info.SameDatabase(g.Database, database) && !info.SameDatabase(g.Database, escaped) {
			continue // of a database whose name differs in case: the information schema does not tell them apart
		}
		if g.User+"@"+g.Host == info.Account || privilege == "USAGE" {
			continue
		}
		g.Grantable = grantable == "YES"
		at := slices.IndexFunc(out, func(o DatabaseGrant) bool {
			return o.User == g.User && o.Host == g.Host && o.Database == g.Database && o.Table == g.Table
		})
		if at < 0 {
			out, at = append(out, g), len(out)
		}
		out[at].Privileges = append(out[at].Privileges, privilege)
	}
	return out, rows.Err()
}

// A HiddenGrantsError says that the grants of other accounts cannot be seen.
type HiddenGrantsError struct {
	Cause   string
	account string // whose grants are not shown, where that is the cause
}

// Error names the privilege that is missing.
func (e *HiddenGrantsError) Error() string {
	return "the account of the provider does not see what other accounts were granted, it lacks SELECT on `mysql.*`: " + e.Cause
}

// seesGrants compares the accounts of the information schema with those that
// there are. The right to read a table of `mysql` alone is not enough: servers
// ask for SELECT on that database, and hide the others' grants without it.
func seesGrants(ctx context.Context, q mysql.Queryer) error {
	const again = 5
	for n := 0; ; n++ {
		err := seesGrantsNow(ctx, q)
		var hidden *HiddenGrantsError
		if n == again || !errors.As(err, &hidden) || hidden.account == "" {
			return err
		}
		select { // an account that is being made is in the one list before it is in the other
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(time.Duration(n) * 20 * time.Millisecond):
		}
	}
}

func seesGrantsNow(ctx context.Context, q mysql.Queryer) error {
	const account = "CONCAT('''', User, '''@''', Host, '''')"
	var hidden string
	err := q.Row(ctx, "SELECT COALESCE(MIN("+account+"), '') FROM mysql.user WHERE Host <> '' AND "+account+
		" NOT IN (SELECT GRANTEE FROM information_schema.USER_PRIVILEGES)").Scan(&hidden)
	switch {
	case mysql.IsAccessDenied(err):
		return &HiddenGrantsError{Cause: mysql.Message(err)}
	case err != nil:
		return fmt.Errorf("looking at the grants of other accounts: %w", err)
	case hidden != "":
		return &HiddenGrantsError{Cause: "those of " + hidden + " are not shown", account: hidden}
	}
	return nil
}

// splitGrantee takes `'user'@'host'` apart, as information_schema writes it.
func splitGrantee(grantee string) (user, host string) {
	at := strings.LastIndex(grantee, "'@'")
	if at < 1 || !strings.HasSuffix(grantee, "'") {
		return strings.Trim(grantee, "'"), ""
	}
	return grantee[1:at], grantee[at+3 : len(grantee)-1]
}

// Revoke takes a grant away. One that is gone already is no error.
func Revoke(ctx context.Context, q mysql.Queryer, g DatabaseGrant) error {
	privileges := g.Privileges
	if g.Grantable {
		privileges = append(slices.Clone(privileges), "GRANT OPTION")
	}
	_, err := q.Exec(ctx, "REVOKE "+strings.Join(privileges, ", ")+" ON "+g.on()+" FROM "+g.account())
	if err == nil || mysql.IsNoSuchGrant(err) {
		return nil
	}
	return fmt.Errorf("revoking the privileges of %s on %s: %w", g.account(), g.on(), err)
}

// ErrNoSuchAccount says that the account of a grant does not exist any more.
var ErrNoSuchAccount = errors.New("the account does not exist")

// Grant gives a grant back. It never creates an account: ErrNoSuchAccount when
// the account is gone.
func Grant(ctx context.Context, q mysql.Queryer, g DatabaseGrant) error {
	var exists bool
	if err := q.Row(ctx, "SELECT EXISTS (SELECT 1 FROM mysql.user WHERE User = ? AND Host = ?)", g.User, g.Host).Scan(&exists); err != nil {
		return fmt.Errorf("looking for account %s: %w", g.account(), err)
	}
	if !exists {
		return ErrNoSuchAccount
	}
	sql := "GRANT " + strings.Join(g.Privileges, ", ") + " ON " + g.on() + " TO " + g.account()
	if g.Grantable {
		sql += " WITH GRANT OPTION"
	}
	if _, err := q.Exec(ctx, sql); err != nil {
		return fmt.Errorf("granting the privileges of %s on %s: %w", g.account(), g.on(), err)
	}
	return nil
}

// EndConnections ends the connections of other sessions whose default database
// is the given one. Those that are gone in the meantime are no error.
func EndConnections(ctx context.Context, x *mysql.Session, info mysql.Info, database string) error {
	table := "information_schema.PROCESSLIST"
	if info.Product == mysql.MySQL {
		table = "performance_schema.processlist"
	}
	return endConnections(ctx, x, fmt.Sprintf("to database `%s`", database), "SELECT ID, DB FROM "+table+" WHERE DB = ? AND ID <> CONNECTION_ID() AND COMMAND <> 'Daemon'",
		func(row []string) bool { return info.SameDatabase(row[1], database) }, database)
}

// EndWaiting ends the connections of other sessions whose statement waits for a
// lock on a table and names a database, whatever their default database is. It
// returns how many it has met; they are gone when it meets none.
func EndWaiting(ctx context.Context, x *mysql.Session, info mysql.Info, database string) (int, error) {
	table := "information_schema.PROCESSLIST"
	if info.Product == mysql.MySQL {
		table = "performance_schema.processlist"
	}
	n, named := 0, naming(database)
	err := endConnections(ctx, x, fmt.Sprintf("that wait for database `%s`", database), "SELECT ID, INFO FROM "+table+" WHERE STATE LIKE 'Waiting for table%' AND INFO IS NOT NULL AND ID <> CONNECTION_ID()",
		func(row []string) bool {
			if !named.MatchString(row[1]) {
				return false
			}
			n++
			return true
		})
	return n, err
}

// naming finds a database in statements, and not one whose name only begins or
// ends so. Servers differ in whether they tell upper from lower case.
func naming(database string) *regexp.Regexp {
	const other = `[^\pL\pN_$]`
	return regexp.MustCompile(`(?i)(?:^|` + other + `)` + regexp.QuoteMeta(database) + `(?:$|` + other + `)`)
}

// A Login is an account by which a connection was opened.
type Login struct{ User, Host string }

// EndUserConnections ends the connections of other sessions that logged in as one of
// the accounts. The server tells the client of a connection and not the account: where
// it has others of the same user name, those for other hosts, a connection that
// one of them fits best stays. Names of accounts tell upper from lower case, and the
// list of processes does not. The server shows an account without PROCESS none
// but its own: then there are none to end.
func EndUserConnections(ctx context.Context, x *mysql.Session, info mysql.Info, ended ...Login) error {
	if len(ended) == 0 {
		return nil
	}
	var users []string
	for _, l := range ended {
		if !slices.Contains(users, l.User) {
			users = append(users, l.User)
		}
	}
	table := "information_schema.PROCESSLIST"
	if info.Product == mysql.MySQL {
		table = "performance_schema.processlist"
	}
	var args []any
	for _, u := range users {
		args = append(args, u)
	}
	in := " IN (?" + strings.Repeat(",?", len(users)-1) + ")"
	var others []Login
	err := mysql.EachRow(ctx, x, "SELECT User, Host FROM mysql.user WHERE User"+in, func(row []string) error {
		if one := (Login{User: row[0], Host: row[1]}); !slices.Contains(ended, one) {
			others = append(others, one)
		}
		return nil
	}, args...)
	if err != nil && !mysql.IsAccessDenied(err) {
		return fmt.Errorf("looking for accounts %s: %w", mysql.QuoteAll(users), err)
	}
	return endConnections(ctx, x, "of account "+mysql.QuoteAll(users), "SELECT ID, USER, HOST FROM "+table+" WHERE CAST(USER AS BINARY)"+in+" AND ID <> CONNECTION_ID()",
		func(row []string) bool { return !isOfOthers(row[1], row[2], ended, others) }, args...)
}

// isOfOthers says whether a client has logged in as one of the others for certain:
// the server takes the account whose host says most.
func isOfOthers(user, client string, ended, others []Login) bool {
	if at := strings.LastIndexByte(client, ':'); at >= 0 {
		client = client[:at]
	}
	best := func(of []Login) int {
		most := -1
		for _, l := range of {
			if l.User == user && matchesHost(l.Host, client) {
				most = max(most, hostRank(l.Host))
			}
		}
		return most
	}
	return best(others) > best(ended)
}

// hostRank is the greater the more the host of an account says: names and addresses
// before patterns, long beginnings before short ones.
func hostRank(host string) int {
	if at := strings.IndexAny(host, "%_/"); at >= 0 {
		return at
	}
	return 256 // more than a name has
}

// matchesHost says whether the host of an account stands for a client.
func matchesHost(host, client string) bool {
	address, mask, network := strings.Cut(host, "/")
	if !network {
		return MatchesGrant(strings.ToLower(host), strings.ToLower(client))
	}
	a, m, c := net.ParseIP(address).To4(), net.ParseIP(mask).To4(), net.ParseIP(client).To4()
	return a != nil && m != nil && c != nil && c.Mask(net.IPMask(m)).Equal(a)
}

// endConnections ends the connections that a query gives, by their ids, and that are
// meant.
func endConnections(ctx context.Context, x *mysql.Session, which, query string, meant func(row []string) bool, args ...any) error {
	var ids []string
	err := mysql.EachRow(ctx, x, query, func(row []string) error {
		if meant(row) {
			ids = append(ids, row[0])
		}
		return nil
	}, args...)
	if err != nil {
		return fmt.Errorf("looking for connections %s: %w", which, err)
	}
	for _, id := range ids {
		if _, err := x.Exec(ctx, "KILL CONNECTION "+id); err != nil && !mysql.IsNoSuchThread(err) {
			return fmt.Errorf("ending connection %s: %w", id, err)
		}
	}
	return nil
}
