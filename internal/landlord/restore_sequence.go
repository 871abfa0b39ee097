package landlord

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// sequenceDefault is a column of MariaDB that takes its values from a sequence.
// The server keeps the name of the sequence with that of its database, and
// RENAME TABLE leaves it as it is.
type sequenceDefault struct {
	table, column, expression string
}

// sequenceDefaults returns the columns of a database whose default names the
// database beside a tenant.
func sequenceDefaults(ctx context.Context, q mysql.Queryer, info mysql.Info, database, side string) ([]sequenceDefault, error) {
	if info.Product != mysql.MariaDB || side == "" {
		return nil, nil
	}
	rows, err := q.Query(ctx, "SELECT TABLE_NAME, COLUMN_NAME, COLUMN_DEFAULT FROM information_schema.COLUMNS"+
		" WHERE TABLE_SCHEMA = ? AND INSTR(COLUMN_DEFAULT, ?) > 0 ORDER BY TABLE_NAME, ORDINAL_POSITION", database, mysql.Quote(side)+".")
	if err != nil {
		return nil, fmt.Errorf("looking for sequences of database `%s`: %w", database, err)
	}
	var out []sequenceDefault
	for rows.Next() {
		var d sequenceDefault
		if err := rows.Scan(&d.table, &d.column, &d.expression); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		out = append(out, d)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, fmt.Errorf("looking for sequences of database `%s`: %w", database, err)
	}
	return out, nil
}

// repoint returns the statements that make columns take their values from the
// sequences of the tenant: before the exchange where the tenant has a sequence
// of the name already, so that no insert ever misses it, else behind it.
func (v *swapView) repoint(r *restoreRow, origin string) (before, after []Step) {
	for _, d := range v.sequences {
		sql := func(database string) string {
			return "ALTER TABLE " + mysql.Qualified(database, d.table) + " ALTER COLUMN " + mysql.Quote(d.column) +
				" SET DEFAULT (" + strings.ReplaceAll(d.expression, mysql.Quote(r.side)+".", mysql.Quote(r.database)+".") + ")"
		}
		step := Step{Object: "table " + mysql.Quote(d.table), Operation: "modify_column", Origin: origin, Level: 1, Reversible: true, table: d.table,
			Reason: "The server keeps the name of a sequence with that of its database."}
		known := slices.ContainsFunc(v.leaving, func(name string) bool {
			return strings.Contains(d.expression, mysql.Quote(r.side)+"."+mysql.Quote(name))
		})
		if !v.moved && known {
			step.SQL = sql(r.side)
			before = append(before, step)
			continue
		}
		step.SQL = sql(r.database)
		after = append(after, step)
	}
	return before, after
}

// unnamed takes the name of the database beside a tenant out of the texts of
// tables, as if their sequences were the tenant's already.
func unnamed(s ddl.Schema, side string) ddl.Schema {
	if side == "" {
		return s
	}
	s.Objects = slices.Clone(s.Objects)
	for i, o := range s.Objects {
		if o.Kind == ddl.KindTable {
			s.Objects[i].SQL = strings.ReplaceAll(o.SQL, mysql.Quote(side)+".", "")
		}
	}
	return s
}
