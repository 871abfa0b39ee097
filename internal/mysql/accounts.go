package mysql

import (
	"context"
	"errors"
	"fmt"
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
func (g DatabaseGrant) account() string { return AccountName(g.User, g.Host) }

// on returns what the grant is about. The database is quoted as it was granted,
// because an escaped and a plain name are two grants to the server.
func (g DatabaseGrant) on() string {
	if g.Table == "" {
		return Quote(g.Database) + ".*"
	}
	return Qualified(g.Database, g.Table)
}

// DatabaseGrants returns what accounts other than the present one were granted
// on exactly this database and its tables. A grant on a pattern that matches
// several databases is not among them.
//
// The information schema shows an account without SELECT on `mysql.*` only what
// it was granted itself, without a word; that is a *HiddenGrantsError here.
func DatabaseGrants(ctx context.Context, q Queryer, info Info, database string) ([]DatabaseGrant, error) {
	if err := seesGrants(ctx, q); err != nil {
		return nil, err
	}
	escaped := escapeWildcards(database)
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
func seesGrants(ctx context.Context, q Queryer) error {
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

func seesGrantsNow(ctx context.Context, q Queryer) error {
	const account = "CONCAT('''', User, '''@''', Host, '''')"
	var hidden string
	err := q.Row(ctx, "SELECT COALESCE(MIN("+account+"), '') FROM mysql.user WHERE Host <> '' AND "+account+
		" NOT IN (SELECT GRANTEE FROM information_schema.USER_PRIVILEGES)").Scan(&hidden)
	switch {
	case IsAccessDenied(err):
		return &HiddenGrantsError{Cause: Message(err)}
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
func Revoke(ctx context.Context, q Queryer, g DatabaseGrant) error {
	privileges := g.Privileges
	if g.Grantable {
		privileges = append(slices.Clone(privileges), "GRANT OPTION")
	}
	_, err := q.Exec(ctx, "REVOKE "+strings.Join(privileges, ", ")+" ON "+g.on()+" FROM "+g.account())
	if err == nil || is(err, errNoSuchGrant, errNoSuchTableGrant) {
		return nil
	}
	return fmt.Errorf("revoking the privileges of %s on %s: %w", g.account(), g.on(), err)
}

// ErrNoSuchAccount says that the account of a grant does not exist any more.
var ErrNoSuchAccount = errors.New("the account does not exist")

// Grant gives a grant back. It never creates an account: ErrNoSuchAccount when
// the account is gone.
func Grant(ctx context.Context, q Queryer, g DatabaseGrant) error {
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
func EndConnections(ctx context.Context, x *Session, info Info, database string) error {
	table := "information_schema.PROCESSLIST"
	if info.Product == MySQL {
		table = "performance_schema.processlist"
	}
	return endConnections(ctx, x, fmt.Sprintf("to database `%s`", database), "SELECT ID FROM "+table+" WHERE DB = ? AND ID <> CONNECTION_ID() AND COMMAND <> 'Daemon'", database)
}

// EndUserConnections ends the connections of other sessions that logged in with
// one of the user names, from whatever host. Names of accounts tell upper from lower
// case, and the list of processes does not. The server shows an account without
// PROCESS none but its own: then there are none to end.
func EndUserConnections(ctx context.Context, x *Session, info Info, users ...string) error {
	if len(users) == 0 {
		return nil
	}
	table := "information_schema.PROCESSLIST"
	if info.Product == MySQL {
		table = "performance_schema.processlist"
	}
	var args []any
	for _, u := range users {
		args = append(args, u)
	}
	return endConnections(ctx, x, "of account "+QuoteAll(users), "SELECT ID FROM "+table+" WHERE CAST(USER AS BINARY) IN (?"+strings.Repeat(",?", len(users)-1)+") AND ID <> CONNECTION_ID()", args...)
}

// endConnections ends the connections that a query gives.
func endConnections(ctx context.Context, x *Session, which, query string, args ...any) error {
	rows, err := x.Query(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("looking for connections %s: %w", which, err)
	}
	var ids []uint64
	for rows.Next() {
		var id uint64
		if err := rows.Scan(&id); err != nil {
			return errors.Join(err, rows.Close())
		}
		ids = append(ids, id)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return fmt.Errorf("looking for connections %s: %w", which, err)
	}
	for _, id := range ids {
		if _, err := x.Exec(ctx, fmt.Sprintf("KILL CONNECTION %d", id)); err != nil && !IsNoSuchThread(err) {
			return fmt.Errorf("ending connection %d: %w", id, err)
		}
	}
	return nil
}

// Numbers of errors that only this file meets.
const (
	errNoSuchGrant      = 1141
	errNoSuchTableGrant = 1147
)
