package account

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// checkDefiners refuses steps on routines, events and views that belong to an account
// with the privilege SYSTEM_USER: MySQL lets nobody alter or drop them who does not
// have it too. Views may be replaced all the same; triggers are no such case (tried on
// 9.7), nor is the whole database. An account that does not see the privileges of
// others finds nothing.
func (a *Accounts) checkDefiners(ctx context.Context, srv *mysql.Server, seen *OwnersSeen, database string, field landlord.Field, steps []landlord.Step) error {
	var touched []string
	for _, s := range steps {
		if isKeptByDefiner(s) && !slices.Contains(touched, s.Object) {
			touched = append(touched, s.Object)
		}
	}
	if len(touched) == 0 {
		return nil
	}
	rights, err := a.rightsOn(ctx, srv)
	if err != nil {
		return err
	}
	if rights.info.Product != mysql.MySQL || rights.Global("SYSTEM_USER") {
		return nil
	}
	privileged, err := seen.privilegedOn(ctx, srv)
	if err != nil {
		return err
	}
	var named []string
	for _, p := range privileged {
		if p.database == database && slices.ContainsFunc(touched, func(object string) bool { return strings.EqualFold(object, p.object) }) {
			named = append(named, p.object+" of "+mysql.AccountName(mysql.SplitAccount(p.definer)))
		}
	}
	if len(named) == 0 {
		return nil
	}
	to := provider(rights.info)
	return landlord.NewProblem(field, "Programs belong to a privileged account",
		fmt.Sprintf("Programs of database `%s` that are to be changed belong to accounts with the privilege SYSTEM_USER: %s.", database, strings.Join(named, ", ")),
		"MySQL lets no other account alter or drop them, and the account of the provider does not have the privilege. Nothing was run. Grant it, as an administrator:",
		"GRANT SYSTEM_USER ON *.* TO "+to+";",
		"Once they are changed the programs belong to another account, and it can be taken away: REVOKE SYSTEM_USER ON *.* FROM "+to+";")
}

// isKeptByDefiner says whether a step is one that the definer of its object can forbid.
func isKeptByDefiner(s landlord.Step) bool {
	kind, _, _ := strings.Cut(s.Object, " ")
	return slices.Contains([]string{"procedure", "function", "event"}, kind) || kind == "view" && strings.HasPrefix(s.SQL, "DROP ")
}

// ownedProgram is a routine, event or view, and the account that it belongs to.
type ownedProgram struct{ database, object, definer string }

// privilegedOn returns the routines, events and views on a server of MySQL whose
// accounts have SYSTEM_USER; none where the account of the provider does not see it.
func (o *OwnersSeen) privilegedOn(ctx context.Context, srv *mysql.Server) ([]ownedProgram, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if there, ok := o.privileged[srv]; ok {
		return there, nil
	}
	there, err := readPrivileged(ctx, srv)
	if err != nil && !mysql.IsAccessDenied(err) {
		return nil, fmt.Errorf("ask which programs belong to administrators: %w", err)
	}
	if o.privileged == nil {
		o.privileged = map[*mysql.Server][]ownedProgram{}
	}
	o.privileged[srv] = there
	return there, nil
}

func readPrivileged(ctx context.Context, q mysql.Queryer) (out []ownedProgram, err error) {
	rows, err := q.Query(ctx, "SELECT p.db, p.object, p.definer FROM ("+
		"SELECT ROUTINE_SCHEMA AS db, CONCAT(LOWER(ROUTINE_TYPE), ' ', ROUTINE_NAME) AS object, DEFINER AS definer FROM information_schema.ROUTINES"+
		" UNION ALL SELECT EVENT_SCHEMA, CONCAT('event ', EVENT_NAME), DEFINER FROM information_schema.EVENTS"+
		" UNION ALL SELECT TABLE_SCHEMA, CONCAT('view ', TABLE_NAME), DEFINER FROM information_schema.VIEWS) p"+
		" WHERE p.db <> 'sys' AND CONVERT(p.definer USING utf8mb4) COLLATE utf8mb4_bin IN (SELECT CONVERT(CONCAT(USER, '@', HOST) USING utf8mb4) COLLATE utf8mb4_bin"+
		" FROM mysql.global_grants WHERE PRIV = 'SYSTEM_USER') ORDER BY p.db, p.object")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var p ownedProgram
		if err := rows.Scan(&p.database, &p.object, &p.definer); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, rows.Err()
}
