package landlord

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// table returns the quoted name of a table of the landlord database.
func (e *Engine) table(name string) string { return mysql.Qualified(e.cfg.Database, name) }

// registryVersionOf returns the version of the landlord database; 0 when there
// is none. The error is a *Problem when the database is newer than this code,
// or is somebody else's.
func (e *Engine) registryVersionOf(ctx context.Context, q mysql.Queryer) (int, error) {
	var version sql.NullInt64
	err := q.Row(ctx, "SELECT MAX(version) FROM "+e.table("landlord_versions")).Scan(&version)
	switch {
	case mysql.IsNoSuchDatabase(err):
		return 0, nil
	case mysql.IsNoSuchTable(err):
		return 0, e.checkForeign(ctx, q)
	case err != nil:
		return 0, fmt.Errorf("reading the version of the landlord database: %w", err)
	case version.Int64 > registryVersion:
		return 0, problem(FieldNone, "Landlord database is newer than the provider",
			fmt.Sprintf("The landlord database `%s` has version %d; this provider knows versions up to %d.", e.cfg.Database, version.Int64, registryVersion),
			"Use the provider version that upgraded it, or a later one.")
	}
	return int(version.Int64), nil
}

// checkForeign refuses a database that has tables but is no landlord database.
func (e *Engine) checkForeign(ctx context.Context, q mysql.Queryer) error {
	var tables int
	err := q.Row(ctx, "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?", e.cfg.Database).Scan(&tables)
	if err != nil {
		return fmt.Errorf("looking into database `%s`: %w", e.cfg.Database, err)
	}
	if tables > 0 {
		return problem(FieldNone, "Database is no landlord database",
			fmt.Sprintf("The database `%s` exists and holds %s, but none that says that it is a landlord database.", e.cfg.Database, several(tables, "table")),
			"Name another one in `landlord_database` of the provider; it is created when it does not exist.")
	}
	return nil
}

// openRegistry makes sure that the server has a landlord database of the
// present version. Only writers call it. The session stays the caller's.
func (e *Engine) openRegistry(ctx context.Context, s *server, x *mysql.Session) error {
	s.registryMu.Lock()
	defer s.registryMu.Unlock()
	if s.registryReady {
		return nil
	}
	version, err := e.registryVersionOf(ctx, x)
	if err != nil {
		return err
	}
	if version < registryVersion {
		if err := e.upgradeRegistry(ctx, x); err != nil {
			return err
		}
	}
	s.registryReady = true
	return nil
}

// upgradeRegistry brings the landlord database to the present version, under a
// lock, so that of two first runs one waits.
func (e *Engine) upgradeRegistry(ctx context.Context, x *mysql.Session) (err error) {
	lock := mysql.LockName("landlord upgrade", e.cfg.Database)
	if err := x.Lock(ctx, lock, e.cfg.LockTimeout); err != nil {
		return lockProblem(FieldNone, fmt.Sprintf("Upgrading the landlord database `%s`", e.cfg.Database), err)
	}
	defer func() { err = errors.Join(err, x.Unlock(context.WithoutCancel(ctx), lock)) }()
	version, err := e.registryVersionOf(ctx, x)
	if err != nil {
		return err
	}
	create := "CREATE DATABASE IF NOT EXISTS " + mysql.Quote(e.cfg.Database) + withTenantCharacters
	if _, err := x.Exec(ctx, create); err != nil {
		return registryProblem(e.cfg.Database, err)
	}
	if err := x.Use(ctx, e.cfg.Database); err != nil {
		return registryProblem(e.cfg.Database, err)
	}
	upgrades, err := registryUpgrades()
	if err != nil {
		return err
	}
	for _, u := range upgrades {
		if u.version <= version {
			continue
		}
		for _, statement := range u.statements {
			if _, err := x.Exec(ctx, statement); err != nil {
				return registryProblem(e.cfg.Database, err)
			}
		}
		_, err := x.Exec(ctx, "INSERT IGNORE INTO "+e.table("landlord_versions")+" (version, provider_version) VALUES (?, ?)", u.version, e.cfg.Version)
		if err != nil {
			return registryProblem(e.cfg.Database, err)
		}
	}
	return nil
}

func registryProblem(database string, err error) error {
	return problem(FieldNone, "Landlord database cannot be made",
		fmt.Sprintf("Creating or upgrading the landlord database `%s` stopped.", database),
		"The account of the provider needs all privileges on this database. Everything done so far is kept; the next apply goes on.").because(err)
}

// lockProblem translates the failure to take a lock.
func lockProblem(field Field, doing string, err error) error {
	var held *mysql.LockHeldError
	if !errors.As(err, &held) {
		return fmt.Errorf("%s: taking the lock: %w", doing, err)
	}
	return &Problem{Field: field, Summary: "Another run holds the lock", Detail: []string{
		doing + " has to wait for another run.",
		held.Error() + ".",
		"Wait until that run is over and apply again, or raise `lock_timeout` of the provider.",
	}, Err: err}
}

// tenantRow is a row of `tenants`, with the unfinished migration if there is
// one.
type tenantRow struct {
	id                           uint64
	slug, name, database, server string
	status                       Status
	metadata                     map[string]string
	template, desired, applied   string // name; versions
	modules                      []string
	composition                  string
	initialSchema, currentSchema string
	running                      string // digest of a migration that is running or was interrupted
	last                         *LastMigration
	lockedOut                    []byte
	createdAt                    time.Time
}

// appliedTemplate returns name@version of what is in force, or nothing.
func (r *tenantRow) appliedTemplate() string {
	if r.template == "" || r.applied == "" {
		return ""
	}
	return r.template + "@" + r.applied
}

const tenantColumns = `id, slug, name, database_name, server, status, metadata, template, desired_version, applied_version,
 modules, composition, initial_schema, current_schema, running_digest, last_migration, locked_out, created_at`

// scanner is what a row and rows have in common.
type scanner interface{ Scan(dest ...any) error }

func scanTenant(from scanner) (*tenantRow, error) {
	var r tenantRow
	var metadata, modules, last []byte
	var applied, composition, initial, current, running sql.NullString
	err := from.Scan(&r.id, &r.slug, &r.name, &r.database, &r.server, &r.status, &metadata, &r.template, &r.desired, &applied,
		&modules, &composition, &initial, &current, &running, &last, &r.lockedOut, &r.createdAt)
	if err != nil {
		return nil, err
	}
	r.applied, r.composition, r.initialSchema, r.currentSchema = applied.String, composition.String, initial.String, current.String
	r.running = running.String
	for _, field := range []struct {
		raw []byte
		to  any
	}{{metadata, &r.metadata}, {modules, &r.modules}, {last, &r.last}} {
		if len(field.raw) == 0 {
			continue
		}
		if err := json.Unmarshal(field.raw, field.to); err != nil {
			return nil, fmt.Errorf("reading the row of tenant `%s`: %w", r.slug, err)
		}
	}
	return &r, nil
}

// readTenants reads all tenants. A landlord database that does not exist has
// none.
func (e *Engine) readTenants(ctx context.Context, q mysql.Queryer) ([]*tenantRow, error) {
	rows, err := q.Query(ctx, "SELECT "+tenantColumns+" FROM "+e.table("tenants"))
	if mysql.IsNoSuchDatabase(err) || mysql.IsNoSuchTable(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the tenants: %w", err)
	}
	defer rows.Close()
	var out []*tenantRow
	for rows.Next() {
		r, err := scanTenant(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// readTenant reads one tenant; nil when there is none.
func (e *Engine) readTenant(ctx context.Context, q mysql.Queryer, slug string) (*tenantRow, error) {
	r, err := scanTenant(q.Row(ctx, "SELECT "+tenantColumns+" FROM "+e.table("tenants")+" WHERE slug = ?", slug))
	switch {
	case errors.Is(err, sql.ErrNoRows), mysql.IsNoSuchDatabase(err), mysql.IsNoSuchTable(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("reading tenant `%s`: %w", slug, err)
	}
	return r, nil
}

// toJSON writes a value for a JSON column; nil for an empty one.
func toJSON(v any) (any, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("writing JSON: %w", err)
	}
	if string(raw) == "null" {
		return nil, nil
	}
	return string(raw), nil
}

// nullable returns nil for an empty text, for columns that may be NULL.
func nullable(text string) any {
	if text == "" {
		return nil
	}
	return text
}
