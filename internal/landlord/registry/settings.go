package registry

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// complete tells a server which account stands for every definer in fingerprints
// and schemas: the one that made the landlord database, or brought it to the
// version in which owner accounts begin. Programs of tenants belong to as many
// accounts as there are tenants, and an estate may get another account for the
// provider; neither may make two schemas differ.
func (r *Store) complete(ctx context.Context, q mysql.Queryer, info *mysql.Info) error {
	info.Definer = info.Account
	err := q.Row(ctx, "SELECT value FROM "+r.table("landlord_settings")+" WHERE name = 'definer'").Scan(&info.Definer)
	if err != nil && !errors.Is(err, sql.ErrNoRows) && !nothing(err) && !mysql.IsAccessDenied(err) {
		return fmt.Errorf("reading the settings of the landlord database: %w", err)
	}
	return nil
}
