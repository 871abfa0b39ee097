package restore

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
)

// companionOf returns what says of a name whether it is that of a database in
// which tables of a tenant are set aside, or from which they are brought back: those
// of migrations, of restores, and of replays within them.
func (rs *Restores) companionOf(row *registry.TenantRow) func(name string) bool {
	tenant, retired := strings.ToLower(row.Database), strings.ToLower(rs.Registry.Retirement())
	number := fmt.Sprint("_", row.ID, "_")
	return func(name string) bool {
		name = strings.ToLower(name)
		if name == retired {
			return true
		}
		if before, _, ok := strings.Cut(name, besideMark); ok {
			return before == tenant || strings.HasPrefix(tenant, before) && len(name) > landlord.MaxDatabaseName-len("_zz")-2
		}
		before, _, ok := strings.Cut(name, number)
		return ok && before != "" && strings.HasPrefix(retired, before)
	}
}

// besideMark is in the name of every database that a restore fills.
const besideMark = "__restore_"

// asides are the databases that one replay needs beside the one that it fills.
type asides struct {
	r    *restoring
	made []string
}

// make makes one more. Whoever drops what a killed run has left knows the names.
func (a *asides) make(ctx context.Context) (string, error) {
	const letters = 26
	for n := range letters * letters {
		suffix := "_" + string(rune('a'+n%letters))
		if n >= letters {
			suffix += string(rune('a' + n/letters - 1))
		}
		name := landlord.Cut(a.r.r.Side, landlord.MaxDatabaseName-len("_zz")) + suffix
		_, err := a.r.X.Exec(ctx, "CREATE DATABASE "+mysql.Quote(name)+landlord.WithTenantCharacters)
		switch {
		case mysql.IsDatabaseExists(err):
			continue
		case err != nil:
			return "", fmt.Errorf("creating database `%s`: %w", name, err)
		}
		a.made = append(a.made, name)
		return name, nil
	}
	return "", fmt.Errorf("no name is left for a database beside `%s`", a.r.r.Side)
}

// drop drops them. What fails is swept by the next run.
func (a *asides) drop(ctx context.Context) {
	for _, name := range a.made {
		if err := a.r.room.dropMade(ctx, a.r.X, name); err != nil {
			a.r.room.Config.Log(ctx, "A database of a replay could not be dropped yet", map[string]any{"database": name, "error": mysql.Message(err)})
		}
	}
}

// dropAsides drops what a replay that was killed has left beside the database
// that it filled.
func (rs *Restores) dropAsides(ctx context.Context, x *mysql.Session, side string) error {
	if side == "" {
		return nil
	}
	side = landlord.Cut(side, landlord.MaxDatabaseName-len("_zz"))
	names, err := catalog.ListDatabases(ctx, x, catalog.Databases{Prefix: side + "_"})
	if err != nil {
		return fmt.Errorf("looking for databases beside `%s`: %w", side, err)
	}
	aside := regexp.MustCompile(`^[a-z]{1,2}$`)
	for _, name := range names {
		if aside.MatchString(strings.TrimPrefix(name, side+"_")) {
			if err := rs.dropMade(ctx, x, name); err != nil {
				return err
			}
		}
	}
	return nil
}
