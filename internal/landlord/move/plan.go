package move

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/migrate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
)

// Wanted says whether a plan of a tenant has to do with a move: the configuration
// names another server than the tenant has, or a move of it was cut off, which is
// returned.
func (r *Moves) Wanted(ctx context.Context, spec landlord.TenantSpec, row *registry.TenantRow) (bool, *registry.MoveRow, error) {
	if row == nil || row.Server == spec.Server && !strings.HasPrefix(row.Running, registry.MoveMark) {
		return false, nil, nil
	}
	open, err := r.Registry.OpenMove(ctx, r.Servers.Main(), row.ID)
	if err != nil {
		return false, nil, registry.Unreachable(r.Servers.Main(), "reading the moves of tenants", err)
	}
	return row.Server != spec.Server || open != nil, open, nil
}

// sides are the servers of a move.
type sides struct {
	from, to         *registry.Server
	fromInfo, toInfo mysql.Info
}

func (r *Moves) sides(ctx context.Context, from, to string) (s sides, err error) {
	if s.from, err = r.Servers.Server(from); err != nil {
		return s, err
	}
	if s.to, err = r.Servers.Server(to); err != nil {
		return s, err
	}
	if s.fromInfo, err = s.from.Info(ctx); err != nil {
		return s, registry.Unreachable(s.from, "planning a move", err)
	}
	if s.toInfo, err = s.to.Info(ctx); err != nil {
		return s, registry.Unreachable(s.to, "planning a move", err)
	}
	return s, nil
}

// Plan plans a move to another server, or what is left of one that was cut
// off. It comes alone: what else the configuration wants shows in the plan after
// it.
func (r *Moves) Plan(ctx context.Context, spec landlord.TenantSpec, prior *landlord.PriorTenant, row *registry.TenantRow, open *registry.MoveRow, plan *apply.TenantPlan) error {
	if prior == nil {
		return registry.TenantExists(row)
	}
	m := &apply.Move{Row: open, Retired: plan.DatabaseName}
	switch {
	case open == nil:
		m.From, m.To = row.Server, spec.Server
	case open.Status == registry.MoveSwitched && spec.Server == open.To, open.Status != registry.MoveSwitched && (spec.Server == open.To || spec.Server == open.From):
		m.From, m.To, m.Back = open.From, open.To, spec.Server == open.From
	default:
		return landlord.NewProblem(landlord.FieldServer, "Move of the tenant was interrupted",
			fmt.Sprintf("A move of tenant `%s` from %s to %s was cut off; the configuration names %s.", row.Slug, landlord.ServerName(open.From), landlord.ServerName(open.To), landlord.ServerName(spec.Server)),
			open.WayOn())
	}
	s, err := r.sides(ctx, m.From, m.To)
	if m.Row != nil && m.Row.Status == registry.MoveSwitched && mysql.IsUnanswered(err) && ctx.Err() == nil {
		m.Alone, err = true, nil // on the new server: else that one is asked below, in vain
	}
	if err != nil {
		return err
	}
	plan.Move, plan.Verdict, plan.Template, plan.Fingerprint = m, "auto", row.AppliedTemplate(), ""
	if open == nil {
		if err := r.mayMove(ctx, s, spec, row); err != nil {
			return err
		}
	}
	live, err := r.Estate.Snapshot.Fingerprint(ctx, row.Server, row.Database)
	if err != nil {
		return err
	}
	if live == nil {
		return landlord.NewProblem(landlord.FieldServer, "Tenant database is gone",
			fmt.Sprintf("Database `%s` of tenant `%s` is not on %s any more, so it cannot move.", row.Database, row.Slug, landlord.ServerName(row.Server)), "Restore it there, or set `server` back.")
	}
	m.Live = live.Whole
	if m.Alone {
		plan.Notes = append(plan.Notes, leftNote(open))
		plan.Digest = landlord.Digest("move", m.From, m.To, m.Live)
		return nil
	}
	if err := r.steps(ctx, s, row, plan); err != nil {
		return err
	}
	parts := []string{"move", m.From, m.To, m.Live}
	for _, step := range plan.Steps {
		parts = append(parts, step.SQL)
	}
	plan.Digest = landlord.Digest(parts...)
	plan.Notes = append(plan.Notes, r.notes(spec, row, m)...)
	if m.Back {
		return nil
	}
	taken := ""
	if m.Row != nil {
		taken = m.Row.Checkpoint
	}
	takes, notes, err := r.Checkpoints.CrossMove(ctx, row, m.From, taken, spec.Automatic)
	plan.CheckpointBehind, plan.Notes = takes, append(plan.Notes, notes...)
	return err
}

// mayMove refuses a move that would not bring the same tenant to the other server.
func (r *Moves) mayMove(ctx context.Context, s sides, spec landlord.TenantSpec, row *registry.TenantRow) error {
	if row.Running != "" || row.Status == landlord.StatusCreating || row.Status == landlord.StatusDropping {
		return landlord.NewProblem(landlord.FieldServer, "Tenant cannot move between two steps",
			fmt.Sprintf("A run was cut off while it worked on tenant `%s` on %s.", row.Slug, landlord.ServerName(row.Server)), "Set `server` back and apply, which completes that work; then move the tenant.")
	}
	if why := unlike(s); why != "" {
		return landlord.NewProblem(landlord.FieldServer, "Tenant cannot move to that server",
			fmt.Sprintf("Tenant `%s` is to move from %s to %s. %s", row.Slug, landlord.ServerName(row.Server), landlord.ServerName(spec.Server), why),
			"Set `server` back. To bring its rows there all the same, create a new tenant on the other server and use `landlord_tenant_data_copy`.")
	}
	if r.Config.CheckpointDirectory == "" {
		return landlord.NewProblem(landlord.FieldServer, "Provider has no checkpoint directory",
			fmt.Sprintf("Tenant `%s` is to move to %s, by way of a checkpoint.", row.Slug, landlord.ServerName(spec.Server)), "Set `checkpoint_directory` of the provider.")
	}
	if err := r.Checkpoints.CheckAutomatic(landlord.AutomaticData); err != nil {
		return err
	}
	if err := r.roomThere(ctx, s, row); err != nil {
		return err
	}
	if err := r.accountsThere(ctx, r.Servers.Main(), s.from, s.fromInfo, s.from, s.to.Key, row); err != nil {
		return err
	}
	if err := r.accountsWithin(ctx, r.Servers.Main(), s.from, s.fromInfo, s.from, s.to.Key, row); err != nil {
		return err
	}
	return r.keysHere(ctx, s, row)
}

// unlike says why a server cannot hold what another one has; nothing when it can.
func unlike(s sides) string {
	from, to := s.fromInfo, s.toInfo
	switch {
	case from.Product != to.Product:
		return fmt.Sprintf("The one is %s and the other %s, which do not read each other's programs and types.", from.Product, to.Product)
	case from.IsNewerThan(to):
		return fmt.Sprintf("That one is older (%s, and the tenant comes from %s): what a newer server has made, an older one need not understand.", to.Version, from.Version)
	case from.LowerCaseTableNames != to.LowerCaseTableNames:
		return fmt.Sprintf("`lower_case_table_names` differs (%d and %d), so names would be others.", from.LowerCaseTableNames, to.LowerCaseTableNames)
	case from.PartialRevokes != to.PartialRevokes:
		return "`partial_revokes` is on at one of them only, so rights on a database whose name holds `_` or `%` would be rights on others."
	case from.UUID != "" && from.UUID == to.UUID:
		return "Both keys name the same server."
	}
	return ""
}

// roomThere refuses names that the other server has already, and what a group
// there does not replicate.
func (r *Moves) roomThere(ctx context.Context, s sides, row *registry.TenantRow) error {
	there, err := catalog.ListDatabases(ctx, s.to, catalog.Databases{Names: []string{row.Database}})
	if err != nil {
		return registry.Unreachable(s.to, "planning a move", err)
	}
	if len(there) > 0 {
		return landlord.NewProblem(landlord.FieldServer, "Database exists on that server",
			fmt.Sprintf("Tenant `%s` is to move to %s, which has a database `%s`.", row.Slug, landlord.ServerName(s.to.Key), row.Database), "Look whose it is; drop it, or choose another server.")
	}
	if err := r.accountsFree(ctx, r.Servers.Main(), s.to, s.toInfo, s.to.Key, row); err != nil {
		return err
	}
	if s.toInfo.Group == "" {
		return nil
	}
	schema, err := estate.DumpSchema(ctx, s.from, s.fromInfo, row.Database)
	if err != nil {
		return registry.Unreachable(s.from, "planning a move", err)
	}
	refused, err := migrate.RefusedByGroup(schema.Objects, s.toInfo)
	if err != nil || len(refused) == 0 {
		return err
	}
	detail := []string{fmt.Sprintf("Tenant `%s` is to move to %s, which is a member of a group (%s):", row.Slug, landlord.ServerName(s.to.Key), s.toInfo.Group)}
	detail = append(detail, landlord.Bulleted(refused)...)
	return landlord.NewProblem(landlord.FieldServer, "Group of servers refuses these tables", append(detail, "Change these tables first, or choose another server.")...)
}

// accountsFree refuses names of accounts that the other server has already.
func (r *Moves) accountsFree(ctx context.Context, main, to mysql.Queryer, toInfo mysql.Info, key string, row *registry.TenantRow) error {
	accounts, err := r.Registry.ReadTenantAccounts(ctx, main, row.ID)
	if err != nil {
		return registry.Unreachable(r.Servers.Main(), "reading the accounts of tenants", err)
	}
	if len(accounts) == 0 {
		return nil
	}
	users := make([]string, len(accounts))
	for i, a := range accounts {
		users[i] = a.Name
	}
	taken, err := privilege.Accounts(ctx, to, toInfo, users...)
	if err != nil {
		return fmt.Errorf("looking for accounts on %s: %w", landlord.ServerName(key), err)
	}
	if len(taken) > 0 {
		return landlord.NewProblem(landlord.FieldServer, "Account exists on that server",
			fmt.Sprintf("Tenant `%s` is to move to %s with its accounts, and that server has an account %s.", row.Slug, landlord.ServerName(key), taken[0].Name()), "Drop that account, or choose another server.")
	}
	return nil
}

// accountsThere refuses to move accounts that are recorded and not there any more.
func (r *Moves) accountsThere(ctx context.Context, main, from mysql.Queryer, fromInfo mysql.Info, srv *registry.Server, key string, row *registry.TenantRow) error {
	missing, err := r.Accesses.Missing(ctx, main, from, fromInfo, row)
	if err != nil {
		return registry.Unreachable(srv, "looking for the accounts of a tenant", err)
	}
	if len(missing) == 0 {
		return nil
	}
	return landlord.NewProblem(landlord.FieldServer, "Account of the tenant is gone",
		fmt.Sprintf("Tenant `%s` is to move to %s with its accounts, and not on %s any more: %s.", row.Slug, landlord.ServerName(key), landlord.ServerName(srv.Key), strings.Join(missing, ", ")),
		"Set `server` back and apply, so that `landlord_tenant_account` makes them anew, or take them out of the configuration. Then move the tenant.")
}

// accountsWithin refuses accounts that may do more than anything in the database of
// the tenant: on the other server that would be rights on what others have there.
func (r *Moves) accountsWithin(ctx context.Context, main, from mysql.Queryer, fromInfo mysql.Info, srv *registry.Server, key string, row *registry.TenantRow) error {
	beyond, err := r.Accesses.Beyond(ctx, main, from, fromInfo, row)
	if err != nil {
		return registry.Unreachable(srv, "looking at what accounts may do", err)
	}
	if len(beyond) == 0 {
		return nil
	}
	return landlord.NewProblem(landlord.FieldServer, "Account has rights beyond its tenant",
		fmt.Sprintf("Tenant `%s` is to move to %s with its accounts, and they may do more than anything in its database.", row.Slug, landlord.ServerName(key)),
		"Nothing was touched: others may need these rights.",
		"Take them away yourself, and plan again:\n"+strings.Join(beyond, "\n"))
}

// keysHere refuses foreign keys that the move would tear.
func (r *Moves) keysHere(ctx context.Context, s sides, row *registry.TenantRow) error {
	keys, err := catalog.ReachingKeys(ctx, s.from, s.fromInfo)
	if err != nil {
		return registry.Unreachable(s.from, "planning a move", err)
	}
	for _, k := range keys {
		if k.Database == row.Database || k.ReferencedDatabase == row.Database {
			return landlord.NewProblem(landlord.FieldServer, "Foreign keys tie the tenant to others",
				fmt.Sprintf("Tenant `%s` is to move to %s, and the foreign key `%s` of table `%s`.`%s` refers to `%s`.`%s`.", row.Slug, landlord.ServerName(s.to.Key), k.Name, k.Database, k.Table, k.ReferencedDatabase, k.ReferencedTable),
				"Drop it first.")
		}
	}
	return nil
}

// steps lists the statements of a move, or of what is left of one.
func (r *Moves) steps(ctx context.Context, s sides, row *registry.TenantRow, plan *apply.TenantPlan) error {
	m := plan.Move
	on := func(srv *registry.Server, operation, object, sql, reason string) {
		plan.Steps = append(plan.Steps, landlord.Step{SQL: sql, Object: object, Operation: operation, Reversible: true, Reason: "on " + landlord.ServerName(srv.Key) + reason})
	}
	db := "database " + mysql.Quote(row.Database)
	var aside []string // by a run that was cut off
	if m.Row != nil && m.Row.Status == registry.MoveRetiring {
		want, err := r.Estate.StoredSchemaOn(ctx, r.Servers.Main(), m.Row.Schema)
		if err != nil {
			return registry.Unreachable(r.Servers.Main(), "planning a move", err)
		}
		if want == nil {
			return lostSchema(m.Row)
		}
		if aside, err = asideIn(ctx, s.from, m.Row.Retired, want); err != nil {
			return registry.Unreachable(s.from, "planning a move", err)
		}
		if len(aside) > 0 {
			on(s.from, "rename_table", db, renameStatement(m.Row.Retired, row.Database, aside), ": what was set aside comes back, with its triggers and events")
		}
	}
	if m.Back {
		if m.Row.Status == registry.MoveCopying || m.Row.Status == registry.MoveRetiring {
			on(s.to, "drop_database", db, landlord.DropDatabase(row.Database), ": the copy of the move that is taken back")
		}
		return nil
	}
	tables, err := tablesIn(ctx, s.from, row.Database)
	if err != nil {
		return registry.Unreachable(s.from, "planning a move", err)
	}
	tables = slices.Sorted(slices.Values(append(tables, aside...)))
	if err := r.retiredName(ctx, s.from, row, m, len(tables) > 0); err != nil {
		return err
	}
	if m.Row == nil || m.Row.Status != registry.MoveSwitched {
		if len(tables) > 0 {
			on(s.from, landlord.LockTables, db, lockStatement(row.Database, tables, "READ"), ", after the accounts of the tenant are locked: nobody writes until the tenant is on the other server")
		}
		on(s.to, "create_database", db, "CREATE DATABASE "+mysql.Quote(row.Database)+landlord.WithTenantCharacters, fmt.Sprintf(": a checkpoint of %s is loaded into it and compared; programs, accounts with their passwords and the ledger follow", landlord.Several(len(tables), "table")))
		if len(tables) > 0 {
			on(s.from, "create_database", "database "+mysql.Quote(m.Retired), "CREATE DATABASE "+mysql.Quote(m.Retired), "")
			for _, sql := range retirement(s.fromInfo, row.Database, m.Retired, tables) {
				on(s.from, "rename_table", db, sql, ": what the tenant was is set aside without its triggers and events, and compared with the copy")
			}
		}
	}
	on(s.from, "drop_database", db, landlord.DropDatabase(row.Database), ": it holds no table any more")
	return nil
}

// retiredName chooses the database that keeps what the tenant was: one that is not
// there, whoever has made it. Numbers of tenants and moves begin again where a
// landlord database was lost. Without tables there is nothing to keep.
func (r *Moves) retiredName(ctx context.Context, from *registry.Server, row *registry.TenantRow, m *apply.Move, tables bool) error {
	if m.Row != nil {
		m.Retired = m.Row.Retired
		return nil
	}
	if m.Retired = ""; !tables {
		return nil
	}
	past, err := r.Registry.PastMoves(ctx, r.Servers.Main(), row.ID)
	if err != nil {
		return registry.Unreachable(r.Servers.Main(), "reading the moves of tenants", err)
	}
	prefix := fmt.Sprintf("%s_%d_m", r.Registry.Retirement(), row.ID)
	there, err := catalog.ListDatabases(ctx, from, catalog.Databases{Prefix: prefix})
	if err != nil {
		return registry.Unreachable(from, "planning a move", err)
	}
	for n := past + 1; m.Retired == "" || slices.ContainsFunc(there, func(name string) bool { return strings.EqualFold(name, m.Retired) }); n++ {
		m.Retired = fmt.Sprint(prefix, n)
	}
	return nil
}

// notes says what a move takes and leaves.
func (r *Moves) notes(spec landlord.TenantSpec, row *registry.TenantRow, m *apply.Move) []landlord.Note {
	if m.Back {
		return []landlord.Note{{Severity: landlord.Warning, Field: landlord.FieldServer, Summary: "Move of the tenant is taken back",
			Detail: fmt.Sprintf("The move of tenant `%s` from %s to %s was cut off. The next apply removes what it has made there, and lets applications in again where the tenant is.", row.Slug, landlord.ServerName(m.From), landlord.ServerName(m.To))}}
	}
	kept := fmt.Sprintf("What the tenant was stays in database `%s` on %s and is dropped when the `retention` is over", m.Retired, landlord.ServerName(m.From))
	if m.Retired == "" {
		kept = fmt.Sprintf("It has no tables, so nothing of it stays on %s", landlord.ServerName(m.From))
	} else if !spec.AllowDestructive {
		kept = fmt.Sprintf("What the tenant was stays in database `%s` on %s until somebody drops it; with `allow_destructive = true` it is dropped when the `retention` is over", m.Retired, landlord.ServerName(m.From))
	}
	return []landlord.Note{{Severity: landlord.Warning, Field: landlord.FieldServer, Summary: "Tenant moves to another server",
		Detail: fmt.Sprintf("Tenant `%s` moves from %s to %s. Applications cannot reach it from the moment its accounts are locked until it is there, and have to connect to the other server then. "+
			"%s. Data that was retired before, and accounts that were not made with `landlord_tenant_account`, do not follow. What else the configuration wants of the tenant shows in the plan after that.",
			row.Slug, landlord.ServerName(m.From), landlord.ServerName(m.To), kept)}}
}

// tablesIn returns the names of the tables and sequences of a database.
func tablesIn(ctx context.Context, q mysql.Queryer, database string) ([]string, error) {
	return namesIn(ctx, q, "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE IN ('BASE TABLE', 'SEQUENCE', 'SYSTEM VERSIONED') ORDER BY TABLE_NAME", database)
}

func namesIn(ctx context.Context, q mysql.Queryer, query, database string) ([]string, error) {
	rows, err := q.Query(ctx, query, database)
	if err != nil {
		return nil, fmt.Errorf("looking into database `%s`: %w", database, err)
	}
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		names = append(names, name)
	}
	return names, errors.Join(rows.Err(), rows.Close())
}

// lockStatement lets nobody else write to tables (READ), or reach them at all
// (WRITE).
func lockStatement(database string, tables []string, mode string) string {
	locks := make([]string, len(tables))
	for i, name := range tables {
		locks[i] = mysql.Qualified(database, name) + " " + mode
	}
	return "LOCK TABLES " + strings.Join(locks, ", ")
}

// retirement returns the statements that move tables into another database under
// their lock: MariaDB takes the one for all of them only without it.
func retirement(info mysql.Info, from, to string, tables []string) []string {
	if info.Product == mysql.MySQL {
		return []string{renameStatement(from, to, tables)}
	}
	statements := make([]string, len(tables))
	for i, name := range tables {
		statements[i] = "ALTER TABLE " + mysql.Qualified(from, name) + " RENAME TO " + mysql.Qualified(to, name)
	}
	return statements
}

// renameStatement moves tables into another database.
func renameStatement(from, to string, tables []string) string {
	renames := make([]string, 0, len(tables))
	for _, name := range slices.Sorted(slices.Values(tables)) {
		renames = append(renames, mysql.Qualified(from, name)+" TO "+mysql.Qualified(to, name))
	}
	return "RENAME TABLE " + strings.Join(renames, ", ")
}
