package value

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// ReadColumns reads the columns of the tables of a database, in their order,
// generated and invisible ones included. With names it reads those tables only.
// Views are among them, too. A table that does not exist is not in the answer.
func ReadColumns(ctx context.Context, q mysql.Queryer, info mysql.Info, database string, tables ...string) (map[string][]Column, error) {
	query := "SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, CHARACTER_SET_NAME, COLLATION_NAME, IS_NULLABLE, EXTRA," +
		" GENERATION_EXPRESSION FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ?"
	args := []any{database}
	if len(tables) > 0 {
		query += " AND TABLE_NAME IN (?" + strings.Repeat(", ?", len(tables)-1) + ")"
		for _, name := range tables {
			args = append(args, name)
		}
	}
	rows, err := q.Query(ctx, query+" ORDER BY TABLE_NAME, ORDINAL_POSITION", args...)
	if err != nil {
		return nil, fmt.Errorf("read the columns of `%s`: %w", database, err)
	}
	defer func() { _ = rows.Close() }()
	found := map[string][]Column{}
	for rows.Next() {
		var (
			table, nullable, extra            string
			characterSet, collation, computed sql.NullString
			c                                 Column
		)
		err := rows.Scan(&table, &c.Name, &c.DataType, &c.Type, &characterSet, &collation, &nullable, &extra, &computed)
		if err != nil {
			return nil, fmt.Errorf("read the columns of `%s`: %w", database, err)
		}
		c.DataType = strings.ToLower(c.DataType)
		c.CharacterSet, c.Collation, c.Nullable = characterSet.String, collation.String, nullable == "YES"
		extra = strings.ToUpper(extra)
		// DEFAULT_GENERATED is a default that is an expression.
		c.Generated = computed.String != "" || strings.Contains(extra, "VIRTUAL GENERATED") || strings.Contains(extra, "STORED GENERATED")
		c.Kind = kindOf(info.Product, c.DataType, c.CharacterSet)
		c.zeroEnum = c.DataType == "enum" && !hasEmptyMember(c.Type)
		found[table] = append(found[table], c)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the columns of `%s`: %w", database, err)
	}
	return found, nil
}
