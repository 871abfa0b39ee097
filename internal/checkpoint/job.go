package checkpoint

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/value"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

const (
	// rangeSize is how large, about, the parts of a large table are.
	rangeSize = 64 << 20
	// maxRanges bounds the parts of one table.
	maxRanges = 256
)

// A job is rows that one session reads: a table, or a part of one.
type job struct {
	table   string
	columns []value.Column
	key     []string // columns of the primary key; none: it has none
	where   string   // empty for all rows
	number  int      // of the table
	part    int
	size    int64 // about
	// locked says that the table has no transactions, so that the session that
	// locks it must read it.
	locked bool
}

// query selects the rows of the job.
func (j *job) query(database string) string {
	query := "SELECT " + value.SelectList(j.columns) + " FROM " + mysql.Qualified(database, j.table)
	if len(j.columns) == 0 { // every column is generated
		query = "SELECT 1 FROM " + mysql.Qualified(database, j.table)
	}
	if j.where != "" {
		query += " WHERE " + j.where
	}
	return query
}

// describe says which row it is, see keyOf. Where that does not tell, the size of its
// value finds it.
func (j *job) describe(values []sql.RawBytes) string {
	if len(j.key) == 0 {
		return "a row (there is no primary key)"
	}
	key, _ := keyOf(j.key, j.columns, func(column string) string {
		i := slices.IndexFunc(j.columns, func(c value.Column) bool { return c.Name == column })
		return string(j.columns[i].AppendLiteral(nil, values[i]))
	})
	return "the row with " + key
}

// planJobs cuts the tables into jobs of about a size, the largest first. It reads
// the columns, and the ends of the keys of large tables.
func planJobs(ctx context.Context, q mysql.Queryer, info mysql.Info, database string, tables []tableInfo, part int64) ([]job, error) {
	if len(tables) == 0 {
		return nil, nil
	}
	columns, err := value.ReadColumns(ctx, q, info, database)
	if err != nil {
		return nil, err
	}
	keys, err := primaryKeys(ctx, q, database)
	if err != nil {
		return nil, err
	}
	var jobs []job
	for i, t := range tables {
		if t.remote() {
			continue
		}
		whole := job{table: t.name, columns: value.Stored(columns[t.name]), key: keys[t.name], number: i + 1, size: t.size, locked: !t.snapshots()}
		parts := []job{whole}
		if t.size > 2*part && t.snapshots() {
			if parts, err = splitJob(ctx, q, database, whole, part); err != nil {
				return nil, err
			}
		}
		jobs = append(jobs, parts...)
	}
	slices.SortStableFunc(jobs, func(a, b job) int { return cmp.Compare(b.size, a.size) })
	return jobs, nil
}

// splitJob cuts a table by the first column of its primary key, when that is a
// whole number. The parts hold about the same number of rows when the keys are
// spread evenly; whether they are does not matter for what is copied.
func splitJob(ctx context.Context, q mysql.Queryer, database string, whole job, part int64) ([]job, error) {
	key := whole.numberKey()
	if key == "" {
		return []job{whole}, nil
	}
	var low, high sql.NullFloat64
	query := fmt.Sprintf("SELECT MIN(%s) * 1e0, MAX(%[1]s) * 1e0 FROM %s", mysql.Quote(key), mysql.Qualified(database, whole.table))
	if err := q.Row(ctx, query).Scan(&low, &high); err != nil {
		return nil, fmt.Errorf("read the ends of the key of `%s`: %w", whole.table, err)
	}
	count := min(whole.size/part, maxRanges)
	step := (high.Float64 - low.Float64) / float64(count)
	if !low.Valid || step < 1 {
		return []job{whole}, nil
	}
	parts := make([]job, count)
	for i := range parts {
		j := whole
		j.part, j.size = i+1, whole.size/count
		var conditions []string
		if i > 0 {
			conditions = append(conditions, fmt.Sprintf("%s >= %.0f", mysql.Quote(key), low.Float64+float64(i)*step))
		}
		if int64(i) < count-1 {
			conditions = append(conditions, fmt.Sprintf("%s < %.0f", mysql.Quote(key), low.Float64+float64(i+1)*step))
		}
		j.where = strings.Join(conditions, " AND ")
		parts[i] = j
	}
	return parts, nil
}

// primaryKeys reads the columns of the primary keys, by table.
func primaryKeys(ctx context.Context, q mysql.Queryer, database string) (map[string][]string, error) {
	rows, err := q.Query(ctx, "SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ?"+
		" AND INDEX_NAME = 'PRIMARY' ORDER BY TABLE_NAME, SEQ_IN_INDEX", database)
	if err != nil {
		return nil, fmt.Errorf("read the keys of `%s`: %w", database, err)
	}
	defer func() { _ = rows.Close() }()
	keys := map[string][]string{}
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			return nil, fmt.Errorf("read the keys of `%s`: %w", database, err)
		}
		keys[table] = append(keys[table], column)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the keys of `%s`: %w", database, err)
	}
	return keys, nil
}

// numberKey returns the first column of the primary key when it is a whole
// number, else an empty name.
func (j *job) numberKey() string {
	for _, c := range j.columns {
		if len(j.key) > 0 && c.Name == j.key[0] && strings.HasSuffix(c.DataType, "int") {
			return c.Name
		}
	}
	return ""
}
