package catalog

import (
	"context"
	"fmt"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// A TableSize is what InnoDB has last estimated of a table, all its partitions together.
type TableSize struct {
	Database, Table string
	Rows, Bytes     int64 // with the indexes
}

// TableSizes returns the sizes of tables of these names in databases, in one statement:
// what InnoDB keeps for its optimizer. TableUsages is for numbers that are newer. The information schema opens each
// table for them, which takes 2.5 seconds for 1,200 tables where this takes 3 ms.
// Tables of other engines, and those for which nothing is kept, are not among them.
func TableSizes(ctx context.Context, q mysql.Queryer, databases, tables []string) ([]TableSize, error) {
	args := make([]any, 0, len(databases)+len(tables))
	for _, names := range [][]string{databases, tables} {
		for _, name := range names {
			args = append(args, name)
		}
	}
	in := func(n int) string { return " IN (?" + strings.Repeat(",?", n-1) + ")" }
	const table = "SUBSTRING_INDEX(SUBSTRING_INDEX(table_name, '#P#', 1), '#p#', 1)" // without the partition
	rows, err := q.Query(ctx, "SELECT database_name, "+table+" AS named, CAST(SUM(n_rows) AS SIGNED), CAST(SUM(clustered_index_size + sum_of_other_index_sizes) * @@innodb_page_size AS SIGNED)"+
		" FROM mysql.innodb_table_stats WHERE database_name"+in(len(databases))+" AND "+table+in(len(tables))+" GROUP BY database_name, named", args...)
	if err != nil {
		return nil, fmt.Errorf("read the sizes of tables: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []TableSize
	for rows.Next() {
		var t TableSize
		if err := rows.Scan(&t.Database, &t.Table, &t.Rows, &t.Bytes); err != nil {
			return nil, fmt.Errorf("read the sizes of tables: %w", err)
		}
		all = append(all, t)
	}
	if err := rows.End(); err != nil {
		return nil, fmt.Errorf("read the sizes of tables: %w", err)
	}
	return all, nil
}
