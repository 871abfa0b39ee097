package registry

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
)

// directory is what applications read: its columns only ever become more.
const directory = "tenant_directory"

// directoryQuery is the view. Tenants that are about to be made or dropped are
// nobody's to work with.
func (r *Store) directoryQuery() string {
	return "SELECT t.slug AS slug, t.database_name AS `database`, t.server AS server, s.host AS host, s.port AS port, t.status AS status," +
		" NULLIF(t.template, '') AS template, t.applied_version AS version, t.metadata AS metadata, t.name AS name" +
		" FROM " + r.table("tenants") + " t LEFT JOIN " + r.table("landlord_servers") + " s ON s.server = t.server" +
		" WHERE t.status IN ('active', 'suspended', 'archived')"
}

// WriteServers records how servers are reached, by their keys.
func (r *Store) WriteServers(ctx context.Context, q mysql.Queryer, servers map[string]mysql.Reach) error {
	args := make([]any, 0, 3*len(servers))
	for _, key := range slices.Sorted(maps.Keys(servers)) {
		reach := servers[key]
		port := any(reach.Port)
		if reach.Host == "" {
			port = nil
		}
		args = append(args, key, landlord.Nullable(reach.Host), port)
	}
	_, err := q.Exec(ctx, "INSERT INTO "+r.table("landlord_servers")+" (server, host, port) VALUES "+landlord.Placeholders(len(servers), "(?,?,?)")+
		" ON DUPLICATE KEY UPDATE host=VALUES(host), port=VALUES(port)", args...)
	if err != nil {
		return fmt.Errorf("recording the servers: %w", err)
	}
	return nil
}

// publish makes what applications use of the landlord database, unless it is
// there as this code makes it. It belongs to a locked account that may do just
// what is needed for it. An account of the provider that may make no accounts, or
// nothing that belongs to others, goes without: applications miss it, tenants do
// not.
func (r *Store) publish(ctx context.Context, x *mysql.Session) (err error) {
	wanted := landlord.Digest(r.directoryQuery(), r.claimOfText(), r.claimText())
	done, err := r.isPublished(ctx, x, wanted)
	if err != nil || done {
		return err
	}
	lock := mysql.LockName("landlord upgrade", r.Database)
	if err := x.Lock(ctx, lock, r.lockTimeout); err != nil {
		return landlord.LockProblem(landlord.FieldNone, fmt.Sprintf("Upgrading the landlord database `%s`", r.Database), err)
	}
	defer func() { err = errors.Join(err, x.Unlock(context.WithoutCancel(ctx), lock)) }()
	if done, err = r.isPublished(ctx, x, wanted); err != nil || done {
		return err
	}
	err = r.publishAll(ctx, x)
	if mysql.IsAccessDenied(err) {
		r.log(ctx, "The landlord database goes without what applications use, because the account of the provider lacks a privilege", map[string]any{"view": directory, "error": mysql.Message(err)})
		return nil
	}
	if err != nil {
		return r.problem(err)
	}
	_, err = x.Exec(ctx, "REPLACE INTO "+r.table("landlord_settings")+" (name, value) VALUES ('published', ?)", wanted)
	return err
}

// isPublished says whether everything is there: a dump may have left it out.
func (r *Store) isPublished(ctx context.Context, x *mysql.Session, wanted string) (bool, error) {
	var known string
	err := x.Row(ctx, "SELECT value FROM "+r.table("landlord_settings")+" WHERE name = 'published'"+
		" AND EXISTS (SELECT 1 FROM information_schema.VIEWS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?)"+
		" AND 2 = (SELECT COUNT(*) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ? AND ROUTINE_NAME IN (?, ?))",
		r.Database, directory, r.Database, claim, claimOf).Scan(&known)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("reading the settings of the landlord database: %w", err)
	}
	return known == wanted, nil
}

// publishAll makes the view and the procedures. Who may call a procedure by name
// still may when it is made anew.
func (r *Store) publishAll(ctx context.Context, x *mysql.Session) error {
	if _, err := x.Exec(ctx, "CREATE OR REPLACE SQL SECURITY DEFINER VIEW "+r.table(directory)+" AS "+r.directoryQuery()); err != nil {
		return err
	}
	grants, err := privilege.RoutineGrants(ctx, x, r.Database)
	if err != nil && !mysql.IsAccessDenied(err) {
		return err
	}
	for _, p := range []struct{ name, text string }{{claimOf, r.claimOfText()}, {claim, r.claimText()}} {
		for _, statement := range []string{"DROP PROCEDURE IF EXISTS " + r.table(p.name), p.text} {
			if _, err := x.Exec(ctx, statement); err != nil {
				return err
			}
		}
	}
	if err := x.Use(ctx, r.Database); err != nil {
		return err
	}
	for _, g := range grants {
		if _, err := x.Exec(ctx, g.SQL()); err != nil {
			return err
		}
	}
	return r.permit(ctx, x)
}

// permits are what the programs of the landlord database need, by table or view.
var permits = map[string]string{
	directory:                   "SELECT",
	"tenants":                   "SELECT, UPDATE (slug, name, metadata)",
	"landlord_servers":          "SELECT",
	"fleet_tenants":             "SELECT",
	"pool_tenants":              "SELECT, UPDATE",
	"tenant_events":             "SELECT, INSERT, UPDATE (tenant_slug)",
	"tenant_migrations_history": "SELECT, UPDATE (tenant_slug)",
	"retired_objects":           "SELECT, UPDATE (tenant_slug)",
}

// permit gives the account that the programs of the landlord database belong to
// what they need, and nothing else. The account of the provider needs nothing.
func (r *Store) permit(ctx context.Context, x *mysql.Session) error {
	info, err := x.Info(ctx)
	if err != nil {
		return err
	}
	var definer string
	if err := x.Row(ctx, "SELECT DEFINER FROM information_schema.VIEWS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?", r.Database, directory).Scan(&definer); err != nil {
		return err
	}
	if definer == info.Account {
		return nil
	}
	account := mysql.AccountName(mysql.SplitAccount(definer))
	for _, name := range slices.Sorted(maps.Keys(permits)) {
		if _, err := x.Exec(ctx, "GRANT "+permits[name]+" ON "+r.table(name)+" TO "+account); err != nil {
			return err
		}
	}
	for _, name := range []string{claim, claimOf} { // whoever calls one, it begins as its definer
		if _, err := x.Exec(ctx, "GRANT EXECUTE ON PROCEDURE "+r.table(name)+" TO "+account); err != nil {
			return err
		}
	}
	return nil
}
