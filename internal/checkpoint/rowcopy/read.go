package rowcopy

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/value"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

const (
	// copyChunkBytes ends a chunk before its rows take too much memory.
	copyChunkBytes = 8 << 20
	// firstCopyChunk is how many rows are asked for first: how large they are
	// is not known yet, and what is asked for has to be fetched.
	firstCopyChunk = 128
)

// copyRows are rows in memory. Of a table with a primary key each has its cursor
// behind its columns.
type copyRows struct {
	rows [][][]byte
	cut  bool // there may be more: the limit in bytes was met
}

// read runs a query on the source. tx is the open transaction of the target,
// nil when there is none: then the source is read in a transaction that cannot
// write.
func (c *copier) read(ctx context.Context, tx *mysql.Tx, t *copyTable, query string) (copyRows, error) {
	return c.readUpTo(ctx, tx, t, query, copyChunkBytes)
}

// readUpTo is read with another limit in bytes.
func (c *copier) readUpTo(ctx context.Context, tx *mysql.Tx, t *copyTable, query string, limit int) (copyRows, error) {
	width := len(t.columns) + len(t.key)
	if !c.shared {
		return fetchRows(ctx, c.source.Session, query, width, limit)
	}
	if tx != nil {
		return fetchRows(ctx, tx, query, width, limit)
	}
	x := c.source.Session
	if _, err := x.Exec(ctx, "START TRANSACTION READ ONLY"); err != nil {
		return copyRows{}, fmt.Errorf("begin to read: %w", err)
	}
	rows, err := fetchRows(ctx, x, query, width, limit)
	if _, ended := x.Exec(ctx, "ROLLBACK"); err == nil && ended != nil {
		err = fmt.Errorf("end reading: %w", ended)
	}
	return rows, err
}

// chunk reads the rows behind a key, at most as many as the limit.
func (c *copier) chunk(ctx context.Context, tx *mysql.Tx, t *copyTable, after [][]byte, limit int) (copyRows, error) {
	query := fmt.Sprintf("SELECT %s FROM %s WHERE %s AND %s ORDER BY %s LIMIT %d",
		t.sourceList(), mysql.Qualified(c.source.Database, t.name), t.condition(), t.after(after), t.order(), limit)
	rows, err := c.read(ctx, tx, t, query)
	if err != nil {
		return copyRows{}, fmt.Errorf("read table `%s` of `%s`: %w", t.name, c.source.Database, err)
	}
	return rows, nil
}

// errEnough ends reading before the last row.
var errEnough = errors.New("enough rows")

// fetchRows runs a query and keeps its rows, up to a limit in bytes; 0 is none.
func fetchRows(ctx context.Context, q mysql.Queryer, query string, width, limit int) (copyRows, error) {
	var out copyRows
	size := 0
	err := value.EachRow(ctx, q, query, width, func(values []sql.RawBytes) error {
		row := make([][]byte, width)
		for i, v := range values {
			if v != nil {
				row[i] = append(make([]byte, 0, len(v)), v...)
				size += len(v)
			}
		}
		out.rows = append(out.rows, row)
		if limit > 0 && size > limit {
			out.cut = true
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return out, err
}
