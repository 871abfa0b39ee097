package registry

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// registryVersion is the version of the landlord database that this code
// writes. A database with a higher one is refused: an older provider must not
// write into what it does not understand.
const registryVersion = 14

// registryFiles are the steps from nothing to registryVersion, one file a
// version. A published step never changes; a new one is added.
//
//go:embed *.sql
var registryFiles embed.FS

// upgrade is one step of the landlord database's own history.
type upgrade struct {
	version    int
	statements []string
}

// registryUpgrades returns the steps in order.
func registryUpgrades() ([]upgrade, error) {
	names, err := fs.Glob(registryFiles, "*.sql")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	out := make([]upgrade, 0, len(names))
	for _, name := range names {
		number := strings.TrimSuffix(name, ".sql")
		version, err := strconv.Atoi(number)
		if err != nil {
			return nil, fmt.Errorf("upgrade `%s` has no number: %w", name, err)
		}
		text, err := registryFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		statements, err := source.Split(string(text))
		if err != nil {
			return nil, fmt.Errorf("splitting upgrade `%s`: %w", name, err)
		}
		u := upgrade{version: version}
		for _, s := range statements {
			u.statements = append(u.statements, s.Text)
		}
		out = append(out, u)
	}
	return out, nil
}

// SchemaVersion returns the version of the landlord database; 0 when there is
// none. The error is a *Problem when the database is newer than this code, or is
// somebody else's.
func (r *Store) SchemaVersion(ctx context.Context, q mysql.Queryer) (int, error) {
	var version sql.NullInt64
	err := q.Row(ctx, "SELECT MAX(version) FROM "+r.table("landlord_versions")).Scan(&version)
	switch {
	case mysql.IsNoSuchDatabase(err):
		return 0, nil
	case mysql.IsNoSuchTable(err):
		return 0, r.checkForeign(ctx, q)
	case err != nil:
		return 0, fmt.Errorf("reading the version of the landlord database: %w", err)
	case version.Int64 > registryVersion:
		return 0, landlord.NewProblem(landlord.FieldNone, "Landlord database is newer than the provider",
			fmt.Sprintf("The landlord database `%s` has version %d; this provider knows versions up to %d.", r.Database, version.Int64, registryVersion),
			"Use the provider version that upgraded it, or a later one.")
	}
	return int(version.Int64), nil
}

// checkForeign refuses a database that has tables but is no landlord database.
func (r *Store) checkForeign(ctx context.Context, q mysql.Queryer) error {
	var tables int
	err := q.Row(ctx, "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?", r.Database).Scan(&tables)
	if err != nil {
		return fmt.Errorf("looking into database `%s`: %w", r.Database, err)
	}
	if tables > 0 {
		return landlord.NewProblem(landlord.FieldNone, "Database is no landlord database",
			fmt.Sprintf("The database `%s` exists and holds %s, but none that says that it is a landlord database.", r.Database, landlord.Several(tables, "table")),
			"Name another one in `landlord_database` of the provider; it is created when it does not exist.")
	}
	return nil
}

// open makes sure that a server has a landlord database of the present version.
// Only writers call it. The session stays the caller's.
func (r *Store) open(ctx context.Context, x *mysql.Session) error {
	version, err := r.SchemaVersion(ctx, x)
	if err != nil || version >= registryVersion {
		return err
	}
	return r.upgrade(ctx, x)
}

// upgrade brings the landlord database to the present version, under a lock, so
// that of two first runs one waits.
func (r *Store) upgrade(ctx context.Context, x *mysql.Session) (err error) {
	lock := mysql.LockName("landlord upgrade", r.Database)
	if err := x.Lock(ctx, lock, r.lockTimeout); err != nil {
		return landlord.LockProblem(landlord.FieldNone, fmt.Sprintf("Upgrading the landlord database `%s`", r.Database), err)
	}
	defer func() { err = errors.Join(err, x.Unlock(context.WithoutCancel(ctx), lock)) }()
	version, err := r.SchemaVersion(ctx, x)
	if err != nil {
		return err
	}
	create := "CREATE DATABASE IF NOT EXISTS " + mysql.Quote(r.Database) + landlord.WithTenantCharacters
	if _, err := x.Exec(ctx, create); err != nil {
		return r.problem(err)
	}
	if err := x.Use(ctx, r.Database); err != nil {
		return r.problem(err)
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
			if _, err := x.Exec(ctx, statement); err != nil && !mysql.IsDuplicateColumn(err) { // a run that was killed has added it
				return r.problem(err)
			}
		}
		_, err := x.Exec(ctx, "INSERT IGNORE INTO "+r.table("landlord_versions")+" (version, provider_version) VALUES (?, ?)", u.version, r.version)
		if err != nil {
			return r.problem(err)
		}
	}
	return nil
}

func (r *Store) problem(err error) error {
	return landlord.NewProblem(landlord.FieldNone, "Landlord database cannot be made",
		fmt.Sprintf("Creating or upgrading the landlord database `%s` stopped.", r.Database),
		"The account of the provider needs all privileges on this database. Everything done so far is kept; the next apply goes on.").Because(err)
}
