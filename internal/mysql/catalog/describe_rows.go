package catalog

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// describeDoing is what an error of a description was about.
const describeDoing = "read the structure of databases"

// rowsOf runs a query of text columns and calls take for every row. The slices
// are valid during the call only. An error of take ends the query and is
// returned as it is.
func rowsOf(ctx context.Context, q mysql.Queryer, query string, args []any, width int, take func(row [][]byte) error) error {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return mysql.Attempted(err, describeDoing)
	}
	defer func() { _ = rows.Close() }()
	raw := make([]sql.RawBytes, width)
	dest := make([]any, width)
	for i := range raw {
		dest[i] = &raw[i]
	}
	row := make([][]byte, width)
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return fmt.Errorf("%s: %w", describeDoing, err)
		}
		for i := range raw {
			row[i] = raw[i]
		}
		if err := take(row); err != nil {
			return err
		}
	}
	if err := rows.End(); err != nil {
		return fmt.Errorf("%s: %w", describeDoing, err)
	}
	return nil
}
