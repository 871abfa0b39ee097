package rowcopy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// orphanListLimit is how many waiting rows a list takes before those are taken
// out that have got their parents meanwhile.
const orphanListLimit = 50_000

// An orphanList holds the rows of a transaction whose parents are still to come.
type orphanList struct {
	table     *copyTable
	reference *ddl.ForeignKeyInfo
	waiting   []waitingRow
	limit     int
}

// A waitingRow is the primary key of a row, for SQL and for people.
type waitingRow struct{ id, text string }

// look finds the parents of the rows that were written without foreign key
// checks. Parents outside of the group must be there; others may come later.
func (u *copyUnit) look(ctx context.Context, t *copyTable, rows [][][]byte) error {
	for i := range t.references {
		f := &t.references[i]
		for chunk := range slices.Chunk(rows, copyKeys) {
			orphans, err := u.orphansAmong(ctx, t, f, u.keysOf(t, chunk))
			if err != nil {
				return err
			}
			if len(orphans) > 0 && !u.group.has(f, u.target.Database) {
				return newOrphanError(t, f, orphans[0])
			}
			u.wait(t, f, orphans)
		}
	}
	return nil
}

func newOrphanError(t *copyTable, f *ddl.ForeignKeyInfo, row waitingRow) error {
	return &OrphanError{Table: t.name, Row: row.text, ForeignKey: f.Name, Parent: f.Table}
}

// orphansAmong returns those rows that refer to a row that is not there. The
// parents that are found stay locked until the transaction ends.
func (u *copyUnit) orphansAmong(ctx context.Context, t *copyTable, f *ddl.ForeignKeyInfo, keys []string) ([]waitingRow, error) {
	database := f.Database
	if database == "" {
		database = u.target.Database
	}
	var on, where []string
	for i, column := range f.Columns {
		on = append(on, "p."+mysql.Quote(f.References[i])+" = c."+mysql.Quote(column))
		where = append(where, "c."+mysql.Quote(column)+" IS NOT NULL")
	}
	query := fmt.Sprintf("SELECT %s FROM %s c LEFT JOIN %s p ON %s WHERE %s IN (%s) AND %s AND p.%s IS NULL LOCK IN SHARE MODE",
		t.keyTargets("c"), u.into(t), mysql.Qualified(database, f.Table), strings.Join(on, " AND "),
		t.keyNames("c"), strings.Join(keys, ","), strings.Join(where, " AND "), mysql.Quote(f.References[0]))
	found, err := fetchRows(ctx, u.tx, query, len(t.key), 0)
	if err != nil {
		return nil, fmt.Errorf("look for the rows of `%s` that foreign key `%s` refers to: %w", f.Table, f.Name, err)
	}
	var orphans []waitingRow
	for _, key := range found.rows {
		orphans = append(orphans, waitingRow{id: tuple(t.literals(key)), text: t.describe(key)})
	}
	return orphans, nil
}

// wait keeps rows whose parents are still to come.
func (u *copyUnit) wait(t *copyTable, f *ddl.ForeignKeyInfo, rows []waitingRow) {
	if len(rows) == 0 {
		return
	}
	for _, l := range u.orphans {
		if l.table == t && l.reference == f {
			l.waiting = append(l.waiting, rows...)
			return
		}
	}
	u.orphans = append(u.orphans, &orphanList{table: t, reference: f, waiting: rows, limit: orphanListLimit})
}

// settle says whether every row has its parents now.
func (u *copyUnit) settle(ctx context.Context) (bool, error) {
	settled := true
	for _, l := range u.orphans {
		if err := u.shorten(ctx, l); err != nil {
			return false, err
		}
		settled = settled && len(l.waiting) == 0
	}
	return settled, nil
}

// shorten takes rows out of a list that have got their parents: from its front
// until one has not, or everywhere when the list has become long. The first is
// asked for alone, because it is mostly the answer.
func (u *copyUnit) shorten(ctx context.Context, l *orphanList) error {
	long := len(l.waiting) > l.limit
	var kept []waitingRow
	for n := 1; len(l.waiting) > 0 && (long || len(kept) == 0); n = copyKeys {
		n = min(n, len(l.waiting))
		keys := make([]string, n)
		for i := range keys {
			keys[i] = l.waiting[i].id
		}
		orphans, err := u.orphansAmong(ctx, l.table, l.reference, keys)
		if err != nil {
			return err
		}
		kept = append(kept, orphans...)
		l.waiting = l.waiting[n:]
	}
	l.waiting = append(kept, l.waiting...)
	if long {
		l.limit = 2*len(l.waiting) + orphanListLimit
	}
	return nil
}

// orphaned is the error of a group that was read to its end.
func (u *copyUnit) orphaned() error {
	for _, l := range u.orphans {
		if len(l.waiting) > 0 {
			return newOrphanError(l.table, l.reference, l.waiting[0])
		}
	}
	return nil // unreachable: it is asked for when rows wait
}
