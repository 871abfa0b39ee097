package catalog

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// A TableUsage is what a base table takes and has left. Rows and bytes are the
// estimates of the storage engine.
type TableUsage struct {
	Database, Name       string
	Rows                 int64
	DataBytes            int64
	IndexBytes           int64
	FreeBytes            int64 // allocated and not used; 0 where FreeKnown is false
	FreeKnown            bool  // the table has a file of its own, so that the free bytes are its own
	PrimaryKey           bool
	AutoIncrement        string // name of the column; empty when there is none
	AutoIncrementNext    uint64 // the value that comes next
	AutoIncrementHighest uint64 // the highest that the type of the column has; 0 when that is not known
}

// TableUsages returns the base tables of databases with what they take, in three
// statements, whatever their number up to a thousand names, and two more on MySQL.
// There the server would else answer with numbers that are up to a day old, and
// write them into a table of its own for the next one who asks.
func TableUsages(ctx context.Context, x *mysql.Session, info mysql.Info, which Databases) ([]TableUsage, error) {
	if info.Product == mysql.MySQL {
		if _, err := x.Exec(ctx, "SET SESSION information_schema_stats_expiry = 0"); err != nil {
			return nil, fmt.Errorf("ask for the present sizes of tables: %w", err)
		}
		defer func() {
			if _, err := x.Exec(context.WithoutCancel(ctx), "SET SESSION information_schema_stats_expiry = DEFAULT"); err != nil {
				x.Taint()
			}
		}()
	}
	r := usageReader{chosen: which.filter(info.LowerCaseTableNames != 0), at: map[[2]string]int{}}
	for _, s := range which.selections() {
		where, args := s.condition("TABLE_SCHEMA")
		for _, part := range []struct {
			query string
			take  func(*mysql.Rows) error
		}{
			{"SELECT TABLE_SCHEMA, TABLE_NAME, COALESCE(TABLE_ROWS, 0), COALESCE(DATA_LENGTH, 0), COALESCE(INDEX_LENGTH, 0), COALESCE(DATA_FREE, 0)," +
				" ENGINE <> 'InnoDB' OR @@innodb_file_per_table, COALESCE(AUTO_INCREMENT, 0) FROM information_schema.TABLES WHERE TABLE_TYPE = 'BASE TABLE' AND ", r.table},
			{"SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.STATISTICS WHERE INDEX_NAME = 'PRIMARY' AND SEQ_IN_INDEX = 1 AND ", r.key},
			{"SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, COLUMN_TYPE FROM information_schema.COLUMNS WHERE EXTRA LIKE '%auto_increment%' AND ", r.column},
		} {
			if err := r.read(ctx, x, part.query+where, args, part.take); err != nil {
				return nil, fmt.Errorf("read the sizes of tables: %w", err)
			}
		}
	}
	return r.all, nil
}

// usageReader puts rows together.
type usageReader struct {
	chosen func(database string) bool
	all    []TableUsage
	at     map[[2]string]int // by database and table
}

func (r *usageReader) read(ctx context.Context, q mysql.Queryer, query string, args []any, take func(*mysql.Rows) error) error {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := take(rows); err != nil {
			return err
		}
	}
	return rows.End()
}

func (r *usageReader) table(rows *mysql.Rows) error {
	var t TableUsage
	var own sql.NullBool
	var free int64
	if err := rows.Scan(&t.Database, &t.Name, &t.Rows, &t.DataBytes, &t.IndexBytes, &free, &own, &t.AutoIncrementNext); err != nil {
		return err
	}
	if t.FreeKnown = own.Bool; t.FreeKnown {
		t.FreeBytes = free
	}
	if r.chosen(t.Database) {
		r.at[[2]string{t.Database, t.Name}] = len(r.all)
		r.all = append(r.all, t)
	}
	return nil
}

func (r *usageReader) key(rows *mysql.Rows) error {
	var database, table string
	if err := rows.Scan(&database, &table); err != nil {
		return err
	}
	if i, ok := r.at[[2]string{database, table}]; ok {
		r.all[i].PrimaryKey = true
	}
	return nil
}

func (r *usageReader) column(rows *mysql.Rows) error {
	var database, table, column, columnType string
	if err := rows.Scan(&database, &table, &column, &columnType); err != nil {
		return err
	}
	if i, ok := r.at[[2]string{database, table}]; ok {
		r.all[i].AutoIncrement, r.all[i].AutoIncrementHighest = column, highest(columnType)
	}
	return nil
}

// highest returns the highest value of an integer type as the information schema
// writes it, 0 for another one.
func highest(columnType string) uint64 {
	words := strings.FieldsFunc(strings.ToLower(columnType), func(r rune) bool { return r == ' ' || r == '(' })
	if len(words) == 0 {
		return 0
	}
	bits, ok := map[string]int{"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "bigint": 64}[words[0]]
	if !ok {
		return 0
	}
	all := ^uint64(0) >> (64 - bits)
	if strings.Contains(columnType, "unsigned") {
		return all
	}
	return all >> 1
}
