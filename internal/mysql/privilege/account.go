package privilege

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// An Account is an account as a server has it.
type Account struct {
	User, Host         string
	Locked             bool
	TLS                string // what REQUIRE asks for: empty for nothing, ANY for SSL, X509 or SPECIFIED
	MaxUserConnections int64  // 0 for no limit but the server's
	Password           StoredPassword
	FormerPassword     bool    // MySQL: the password before the present one is valid too
	Rights             []Right // in the order of the server
}

// Name returns the quoted name of the account.
func (a Account) Name() string { return mysql.AccountName(a.User, a.Host) }

// A Right is one privilege that an account has on one thing, a role that it has,
// or an account for which it can be the proxy.
type Right struct {
	Privilege string // as a GRANT writes it, with the column of one on a column; the role; PROXY
	On        string // as a GRANT writes it, empty for a role
	Database  string // as it was granted: `_` may be escaped; only for a right on a whole database
	Grantable bool
}

// Place returns the database that a right is on, as it was granted; `*` for all of
// them, nothing for a role.
func (r Right) Place() string {
	if r.Database != "" {
		return r.Database
	}
	for _, tok := range sqltext.Tokens(r.On, sqltext.Mode{}) {
		if tok.Kind == sqltext.Name || tok.IsPunct('*') { // not the PROCEDURE before it
			return tok.Value()
		}
	}
	return ""
}

// String writes the right as a GRANT does.
func (r Right) String() string {
	text := r.Privilege
	if r.On != "" {
		text += " ON " + r.On
	}
	if r.Grantable {
		text += " WITH GRANT OPTION"
	}
	return text
}

// lockedOnMariaDB says of a row p of mysql.global_priv whether the account is
// locked.
const lockedOnMariaDB = "COALESCE(JSON_VALUE(p.Priv, '$.account_locked'), '0') IN ('1', 'true')"

// accountColumns are the columns of an account that the products keep in
// different places: whether it is locked, and whether it has a second password.
func accountColumns(product mysql.Product) string {
	if product == mysql.MariaDB {
		return lockedOnMariaDB + ", 0" +
			" FROM mysql.user u JOIN mysql.global_priv p ON p.User = u.User AND p.Host = u.Host"
	}
	return "u.account_locked = 'Y', COALESCE(JSON_CONTAINS_PATH(u.User_attributes, 'one', '$.additional_password'), 0) FROM mysql.user u"
}

// Accounts returns the accounts with the given user names, or all accounts when
// none is given, by name and host. Roles are none. It takes two statements,
// whatever the number of accounts. The error is a *HiddenGrantsError when the
// present account does not see others.
func Accounts(ctx context.Context, q mysql.Queryer, info mysql.Info, users ...string) ([]Account, error) {
	if err := seesGrants(ctx, q); err != nil {
		return nil, err
	}
	var args []any
	where := ""
	if len(users) > 0 {
		where = " AND u.User IN (?" + strings.Repeat(",?", len(users)-1) + ")"
		for _, u := range users {
			args = append(args, u)
		}
	}
	rows, err := q.Query(ctx, "SELECT u.User, u.Host, u.ssl_type, u.max_user_connections, u.plugin, u.authentication_string, "+
		accountColumns(info.Product)+" WHERE u.Host <> ''"+where+" ORDER BY u.User, u.Host", args...)
	if err != nil {
		return nil, fmt.Errorf("read the accounts: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []Account
	for rows.Next() {
		var a Account
		if err := rows.Scan(&a.User, &a.Host, &a.TLS, &a.MaxUserConnections, &a.Password.Plugin, &a.Password.Hash, &a.Locked, &a.FormerPassword); err != nil {
			return nil, fmt.Errorf("read the accounts: %w", err)
		}
		out = append(out, a)
	}
	if err := rows.End(); err != nil {
		return nil, fmt.Errorf("read the accounts: %w", err)
	}
	return out, readRights(ctx, q, info, out, len(users) > 0)
}

// readRights reads what accounts may do.
func readRights(ctx context.Context, q mysql.Queryer, info mysql.Info, accounts []Account, some bool) error {
	if len(accounts) == 0 {
		return nil
	}
	at := make(map[string]int, len(accounts))
	var args []any
	for i, a := range accounts {
		at[grantee(a.User, a.Host)] = i
		args = append(args, grantee(a.User, a.Host))
	}
	where := ""
	if some {
		where = " WHERE grantee IN (?" + strings.Repeat(",?", len(args)-1) + ")"
	} else {
		args = nil
	}
	rows, err := q.Query(ctx, "SELECT grantee, kind, db, name, part, privilege, grantable FROM ("+rightsQuery(info.Product)+") r"+where+
		" ORDER BY grantee, kind, db, name, part, privilege", args...)
	if err != nil {
		return fmt.Errorf("read the rights of accounts: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var r rightRow
		if err := rows.Scan(&r.grantee, &r.kind, &r.database, &r.name, &r.part, &r.privilege, &r.grantable); err != nil {
			return fmt.Errorf("read the rights of accounts: %w", err)
		}
		if i, ok := at[r.grantee]; ok {
			accounts[i].Rights = append(accounts[i].Rights, r.rights()...)
		}
	}
	if err := rows.End(); err != nil {
		return fmt.Errorf("read the rights of accounts: %w", err)
	}
	return nil
}

// grantee writes an account as the information schema does.
func grantee(user, host string) string { return "'" + user + "'@'" + host + "'" }

// rightsQuery reads all rights of all accounts.
func rightsQuery(product mysql.Product) string {
	const account = "CONCAT('''', User, '''@''', Host, '''')"
	parts := []string{
		"SELECT GRANTEE AS grantee, '' AS kind, '' AS db, '' AS name, '' AS part, PRIVILEGE_TYPE AS privilege, IS_GRANTABLE AS grantable FROM information_schema.USER_PRIVILEGES",
		"SELECT GRANTEE, 'DATABASE', TABLE_SCHEMA, '', '', PRIVILEGE_TYPE, IS_GRANTABLE FROM information_schema.SCHEMA_PRIVILEGES",
		"SELECT GRANTEE, 'TABLE', TABLE_SCHEMA, TABLE_NAME, '', PRIVILEGE_TYPE, IS_GRANTABLE FROM information_schema.TABLE_PRIVILEGES",
		"SELECT GRANTEE, 'COLUMN', TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, PRIVILEGE_TYPE, IS_GRANTABLE FROM information_schema.COLUMN_PRIVILEGES",
		"SELECT " + account + ", Routine_type, Db, Routine_name, '', Proc_priv, 'NO' FROM mysql.procs_priv",
		"SELECT " + account + ", 'PROXY', Proxied_user, Proxied_host, '', 'PROXY', IF(With_grant, 'YES', 'NO') FROM mysql.proxies_priv",
	}
	if product == mysql.MariaDB {
		parts = append(parts, "SELECT "+account+", 'ROLE', Role, '', '', '', IF(Admin_option = 'Y', 'YES', 'NO') FROM mysql.roles_mapping WHERE Host <> ''")
	} else {
		parts = append(parts, "SELECT CONCAT('''', TO_USER, '''@''', TO_HOST, ''''), 'ROLE', FROM_USER, FROM_HOST, '', '', IF(WITH_ADMIN_OPTION = 'Y', 'YES', 'NO') FROM mysql.role_edges")
	}
	return strings.Join(parts, " UNION ALL ")
}

// rightRow is a row of rightsQuery.
type rightRow struct{ grantee, kind, database, name, part, privilege, grantable string }

// rights makes the rights of a row: the privileges on a routine are one row.
func (r rightRow) rights() []Right {
	grantable := r.grantable == "YES"
	one := func(privilege, on string) []Right {
		return []Right{{Privilege: privilege, On: on, Grantable: grantable}}
	}
	switch r.kind {
	case "":
		if r.privilege == "USAGE" && !grantable {
			return nil // none at all
		}
		return one(r.privilege, "*.*")
	case "DATABASE":
		return []Right{{Privilege: r.privilege, On: mysql.Quote(r.database) + ".*", Database: r.database, Grantable: grantable}}
	case "TABLE":
		return one(r.privilege, mysql.Qualified(r.database, r.name))
	case "COLUMN":
		return one(r.privilege+" ("+mysql.Quote(r.part)+")", mysql.Qualified(r.database, r.name))
	case "PROXY":
		return one("PROXY", mysql.Quote(r.database)+"@"+mysql.Quote(r.name))
	case "ROLE":
		if r.name == "" {
			return one(mysql.Quote(r.database), "")
		}
		return one(mysql.Quote(r.database)+"@"+mysql.Quote(r.name), "")
	}
	privileges := strings.Split(strings.ToUpper(r.privilege), ",")
	grantable = slices.Contains(privileges, "GRANT")
	var out []Right
	for _, p := range privileges {
		if p != "GRANT" {
			out = append(out, one(p, r.kind+" "+mysql.Qualified(r.database, r.name))...)
		}
	}
	if out == nil && grantable {
		return one("USAGE", r.kind+" "+mysql.Qualified(r.database, r.name))
	}
	return out
}

// RevokeAll returns the statement that takes all rights but roles away from an
// account. It takes CREATE USER alone, where RevokeRight takes the right itself.
func RevokeAll(account string) string { return "REVOKE ALL PRIVILEGES, GRANT OPTION FROM " + account }

// RevokeRight returns the statement that takes a right away from an account.
func RevokeRight(r Right, account string) string {
	privilege, on := r.Privilege, " ON "+r.On
	switch {
	case r.On == "":
		on = ""
	case r.Grantable && privilege != "PROXY":
		privilege += ", GRANT OPTION"
	}
	if r.Grantable && r.Privilege == "USAGE" {
		privilege = "GRANT OPTION"
	}
	return "REVOKE " + privilege + on + " FROM " + account
}
