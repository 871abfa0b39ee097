package privilege

import (
	"context"
	"fmt"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"slices"
	"strings"
)

// A RoutineGrant is what one account may do with one routine.
type RoutineGrant struct {
	Kind, Name string // `function` and the like
	User, Host string
	Privileges []string
	Grantable  bool
}

// SQL returns the statement that gives it, for the routine in the default
// database.
func (g RoutineGrant) SQL() string {
	sql := "GRANT " + strings.Join(g.Privileges, ", ") + " ON " + strings.ToUpper(g.Kind) + " " + mysql.Quote(g.Name) +
		" TO " + mysql.AccountName(g.User, g.Host)
	if g.Grantable {
		sql += " WITH GRANT OPTION"
	}
	return sql
}

// RoutineGrants returns the rights that accounts have on routines of a database
// by name, in a fixed order. It takes SELECT on `mysql.*`: IsAccessDenied without
// it. Accounts that are gone are left out: a GRANT would make them again on some
// servers.
func RoutineGrants(ctx context.Context, q mysql.Queryer, database string) ([]RoutineGrant, error) {
	rows, err := q.Query(ctx, "SELECT LOWER(p.Routine_type), p.Routine_name, p.User, p.Host, UPPER(p.Proc_priv) FROM mysql.procs_priv p"+
		" JOIN mysql.user u ON u.User = p.User AND u.Host = p.Host WHERE p.Db = ? ORDER BY 1, 2, 3, 4", database)
	if err != nil {
		return nil, fmt.Errorf("reading the rights on routines of `%s`: %w", database, err)
	}
	defer func() { _ = rows.Close() }()
	var out []RoutineGrant
	for rows.Next() {
		var g RoutineGrant
		var privileges string
		if err := rows.Scan(&g.Kind, &g.Name, &g.User, &g.Host, &privileges); err != nil {
			return nil, err
		}
		for _, p := range strings.Split(privileges, ",") {
			if p == "GRANT" {
				g.Grantable = true
				continue
			}
			g.Privileges = append(g.Privileges, p)
		}
		if g.Privileges = slices.DeleteFunc(g.Privileges, func(p string) bool { return p == "" }); len(g.Privileges) == 0 {
			g.Privileges = []string{"USAGE"}
		}
		out = append(out, g)
	}
	return out, rows.Err()
}
