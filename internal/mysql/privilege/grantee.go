package privilege

import (
	"context"
	"encoding/json"
	"fmt"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"strings"
)

// A Grantee is an account or a role with everything that it was granted on
// databases, as the tables of the server's own database have it.
type Grantee struct {
	User, Host string // a role of MariaDB has no host
	Role       bool   // MariaDB; on MySQL a role is an account that is locked
	Locked     bool
	Global     []string            // privileges on the whole server that are no dynamic ones
	Withheld   map[string][]string // MySQL: privileges of Global that a partial revoke takes away again, by database
	Grants     []GranteeRight
	Roles      []string // names, as Name writes them
}

// Name returns the quoted name of the grantee.
func (g *Grantee) Name() string { return mysql.AccountName(g.User, g.Host) }

// A GranteeRight is what somebody was granted on databases or on a part of one.
type GranteeRight struct {
	Database   string // as it was granted: a pattern when nothing of a database is named, else a name
	Kind       string // TABLE, PROCEDURE, FUNCTION …; empty for whole databases
	Object     string // table or routine
	Privileges []string
}

// On returns what the right is about, as a GRANT writes it.
func (r GranteeRight) On() string {
	switch r.Kind {
	case "":
		return mysql.Quote(r.Database) + ".*"
	case "TABLE":
		return mysql.Qualified(r.Database, r.Object)
	}
	return r.Kind + " " + mysql.Qualified(r.Database, r.Object)
}

// privilegeColumns are the columns of mysql.user and mysql.db that hold a
// privilege, and what it is called. Those of the whole server only come last.
var privilegeColumns = [][2]string{
	{"Select_priv", "SELECT"}, {"Insert_priv", "INSERT"}, {"Update_priv", "UPDATE"}, {"Delete_priv", "DELETE"}, {"Create_priv", "CREATE"}, {"Drop_priv", "DROP"},
	{"Grant_priv", "GRANT OPTION"}, {"References_priv", "REFERENCES"}, {"Index_priv", "INDEX"}, {"Alter_priv", "ALTER"},
	{"Create_tmp_table_priv", "CREATE TEMPORARY TABLES"}, {"Lock_tables_priv", "LOCK TABLES"}, {"Execute_priv", "EXECUTE"}, {"Create_view_priv", "CREATE VIEW"},
	{"Show_view_priv", "SHOW VIEW"}, {"Create_routine_priv", "CREATE ROUTINE"}, {"Alter_routine_priv", "ALTER ROUTINE"}, {"Event_priv", "EVENT"}, {"Trigger_priv", "TRIGGER"},
	{"Super_priv", "SUPER"}, {"Create_user_priv", "CREATE USER"},
}

const onDatabases = 19 // of privilegeColumns: those that mysql.db has too

// privilegeList is an expression for the privileges of a row, with commas.
func privilegeList(columns [][2]string) string {
	parts := make([]string, len(columns))
	for i, c := range columns {
		parts[i] = "IF(t." + c[0] + " = 'Y', '" + c[1] + "', NULL)"
	}
	return "CONCAT_WS(',', " + strings.Join(parts, ", ") + ")"
}

// Grantees returns all accounts and roles of a server, in five statements. The
// error is a *HiddenGrantsError when the present account may not read them.
func Grantees(ctx context.Context, q mysql.Queryer, info mysql.Info) ([]*Grantee, error) {
	r := granteeReader{at: map[string]*Grantee{}}
	global := privilegeList(privilegeColumns)
	users := "SELECT t.User, t.Host, t.account_locked = 'Y', 0, COALESCE(JSON_EXTRACT(t.User_attributes, '$.Restrictions'), ''), " + global + " FROM mysql.user t"
	roles := "SELECT TO_USER, TO_HOST, FROM_USER, FROM_HOST FROM mysql.role_edges"
	if info.Product == mysql.MariaDB {
		users = "SELECT t.User, t.Host, " + lockedOnMariaDB + ", t.is_role = 'Y', '', " + global +
			" FROM mysql.user t JOIN mysql.global_priv p ON p.User = t.User AND p.Host = t.Host"
		roles = "SELECT User, Host, Role, '' FROM mysql.roles_mapping"
	}
	for _, part := range []struct {
		query string
		take  func(row []string) error
	}{
		{users, r.user},
		{"SELECT t.User, t.Host, '', t.Db, '', " + privilegeList(privilegeColumns[:onDatabases]) + " FROM mysql.db t", r.right},
		{"SELECT User, Host, 'TABLE', Db, Table_name, CONCAT_WS(',', Table_priv, Column_priv) FROM mysql.tables_priv", r.right},
		{"SELECT User, Host, Routine_type, Db, Routine_name, Proc_priv FROM mysql.procs_priv", r.right},
		{roles, r.role},
	} {
		if err := mysql.EachRow(ctx, q, part.query, part.take); mysql.IsAccessDenied(err) {
			return nil, &HiddenGrantsError{Cause: mysql.Message(err)}
		} else if err != nil {
			return nil, fmt.Errorf("read what accounts were granted: %w", err)
		}
	}
	return r.all, nil
}

// granteeReader puts rows together.
type granteeReader struct {
	all []*Grantee
	at  map[string]*Grantee // by name
}

func (r *granteeReader) user(row []string) error {
	g := &Grantee{User: row[0], Host: row[1], Locked: row[2] == "1", Role: row[3] == "1", Global: privileges(row[5])}
	if row[4] != "" {
		var restrictions []struct {
			Database   string
			Privileges []string
		}
		if err := json.Unmarshal([]byte(row[4]), &restrictions); err != nil {
			return fmt.Errorf("the partial revokes of %s: %w", g.Name(), err)
		}
		g.Withheld = map[string][]string{}
		for _, w := range restrictions {
			g.Withheld[w.Database] = w.Privileges
		}
	}
	r.all, r.at[g.Name()] = append(r.all, g), g
	return nil
}

// of returns the grantee of a row; one that has grants and is no account, like
// PUBLIC of MariaDB, is a role.
func (r *granteeReader) of(user, host string) *Grantee {
	name := mysql.AccountName(user, host)
	g := r.at[name]
	if g == nil {
		g = &Grantee{User: user, Host: host, Role: true}
		r.all, r.at[name] = append(r.all, g), g
	}
	return g
}

func (r *granteeReader) right(row []string) error {
	if list := privileges(row[5]); len(list) > 0 {
		g := r.of(row[0], row[1])
		g.Grants = append(g.Grants, GranteeRight{Kind: row[2], Database: row[3], Object: row[4], Privileges: list})
	}
	return nil
}

func (r *granteeReader) role(row []string) error {
	g := r.of(row[0], row[1])
	g.Roles = append(g.Roles, mysql.AccountName(row[2], row[3]))
	return nil
}

// privileges takes a list apart, as one of the tables has it.
func privileges(list string) []string {
	var out []string
	for _, p := range strings.Split(strings.ToUpper(list), ",") {
		switch p {
		case "":
		case "GRANT":
			out = append(out, "GRANT OPTION")
		default:
			out = append(out, p)
		}
	}
	return out
}
