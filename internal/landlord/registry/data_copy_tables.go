package registry

import (
	"context"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// ReadCopyProgress reads how far the tables of a copy are, as JSON.
func (r *Store) ReadCopyProgress(ctx context.Context, q mysql.Queryer, id uint64) ([][]byte, error) {
	rows, err := q.Query(ctx, "SELECT progress FROM "+r.table("tenant_data_copy_tables")+" WHERE copy_id=?", id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out [][]byte
	for rows.Next() {
		var text []byte
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		out = append(out, text)
	}
	return out, rows.Err()
}

// WriteCopyProgress writes how far one table of a copy is. It has the key of the
// last row in it, which is data of a tenant.
func (r *Store) WriteCopyProgress(ctx context.Context, q mysql.Queryer, id uint64, table string, progress any) error {
	text, err := landlord.ToJSON(progress)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, "INSERT INTO "+r.table("tenant_data_copy_tables")+" (copy_id, object_table, progress) VALUES (?,?,?)"+
		" ON DUPLICATE KEY UPDATE progress=VALUES(progress)", id, table, text)
	if err != nil {
		return fmt.Errorf("recording the progress: %w", err)
	}
	return nil
}

// deleteCopyProgress forgets the progress that a condition chooses.
func (r *Store) deleteCopyProgress(ctx context.Context, q mysql.Queryer, where string, args ...any) error {
	_, err := q.Exec(ctx, "DELETE FROM "+r.table("tenant_data_copy_tables")+" WHERE "+where, args...)
	return err
}
