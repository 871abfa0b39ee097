package replay

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/value"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/binlog"
)

// A replayTable is a table of the target with what rows in the log need.
type replayTable struct {
	name     string // quoted, with its database
	columns  []value.Column
	kind     string // BASE TABLE, SEQUENCE …
	key      []int  // columns that tell rows apart; none: all of them do
	updating []bool // columns that change by themselves unless they are set
	// computes says that the server computes values of the rows, which a session that
	// was not strict has stored although they do not fit.
	computes bool
	// referenced says that foreign keys refer to the table, so that the order in
	// which rows go matters.
	referenced bool
}

// table reads a table of the target, once until a statement changes it.
func (r *replayer) table(ctx context.Context, database, name string) (*replayTable, error) {
	key := database + "\x00" + name
	if t := r.tables[key]; t != nil {
		return t, nil
	}
	t := &replayTable{name: mysql.Qualified(database, name)}
	err := r.w.Row(ctx, "SELECT TABLE_TYPE FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?", database, name).Scan(&t.kind)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, r.unreplayable(fmt.Sprintf("the log holds rows of the table `%s`, which is not there", name), "", nil)
	}
	if err != nil {
		return nil, fmt.Errorf("read the table `%s`: %w", name, err)
	}
	columns, err := value.ReadColumns(ctx, r.w, r.info, database, name)
	if err != nil {
		return nil, err
	}
	for _, c := range columns { // the only table; the server may write its name in another case
		t.columns = c
	}
	if err := r.readKey(ctx, database, name, t); err != nil {
		return nil, fmt.Errorf("read the keys of `%s`: %w", name, err)
	}
	if err := r.w.Row(ctx, "SELECT EXISTS (SELECT 1 FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = ?"+
		" AND REFERENCED_TABLE_SCHEMA = ? AND REFERENCED_TABLE_NAME = ?)", database, database, name).Scan(&t.referenced); err != nil {
		return nil, fmt.Errorf("read the keys of `%s`: %w", name, err)
	}
	t.computes = t.computes || len(value.Stored(t.columns)) < len(t.columns)
	t.updating = make([]bool, len(t.columns))
	for i, c := range t.columns {
		t.updating[i] = c.DataType == "timestamp" || c.DataType == "datetime"
	}
	r.tables[key] = t
	return t, nil
}

// readKey finds the primary key, or else a unique key without NULL, and whether there
// are keys over expressions.
func (r *replayer) readKey(ctx context.Context, database, name string, t *replayTable) error {
	rows, err := r.w.Query(ctx, "SELECT INDEX_NAME, COLUMN_NAME, COALESCE(SUB_PART, 0), COALESCE(NULLABLE, '') FROM information_schema.STATISTICS"+
		" WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND (NON_UNIQUE = 0 OR COLUMN_NAME IS NULL) ORDER BY NON_UNIQUE, INDEX_NAME <> 'PRIMARY', INDEX_NAME, SEQ_IN_INDEX", database, name)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	var (
		order []string
		keys  = map[string][]int{}
		bad   = map[string]bool{}
	)
	for rows.Next() {
		var index, nullable string
		var column sql.NullString
		var part int
		if err := rows.Scan(&index, &column, &part, &nullable); err != nil {
			return err
		}
		if len(keys[index]) == 0 && !bad[index] {
			order = append(order, index)
		}
		t.computes = t.computes || !column.Valid
		at := t.column(column.String)
		if !column.Valid || at < 0 || nullable == "YES" || t.columns[at].Generated {
			bad[index] = true
			continue
		}
		keys[index] = append(keys[index], at)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, index := range order {
		if !bad[index] {
			t.key = keys[index]
			break
		}
	}
	return nil
}

func (t *replayTable) column(name string) int {
	for i, c := range t.columns {
		if c.Name == name {
			return i
		}
	}
	return -1
}

// insertLimit is the size from which on an INSERT is sent.
const insertLimit = 1 << 20

// applyRows repeats a change of rows.
func (r *replayer) applyRows(ctx context.Context, e *binlog.Rows) error {
	t, err := r.table(ctx, r.place(e.Table.Database), e.Table.Name)
	if err != nil {
		return err
	}
	if err := t.fits(e.Table); err != "" {
		return r.unreplayable(fmt.Sprintf("rows of the table `%s` do not fit it: %s", e.Table.Name, err), "", nil)
	}
	if err := r.setForRows(ctx, !e.NoForeignKeyChecks, t.computes || hasZeroEnum(e)); err != nil {
		return err
	}
	if !r.inTransaction {
		if _, err := r.w.Exec(ctx, "START TRANSACTION"); err != nil {
			return fmt.Errorf("begin a transaction: %w", err)
		}
		r.inTransaction = true
	}
	switch e.Change {
	case binlog.Insert:
		err = r.insert(ctx, t, e)
	case binlog.Update:
		err = r.update(ctx, t, e)
	case binlog.Delete:
		err = r.delete(ctx, t, e)
	}
	if err != nil {
		var known *UnreplayableError
		if errors.As(err, &known) || r.w.Poisoned() {
			return err
		}
		return r.unreplayable(fmt.Sprintf("rows of the table `%s` cannot be written", e.Table.Name), "", err)
	}
	n := max(len(e.Before), len(e.After))
	r.out.Rows += int64(n)
	r.pendingRows += n
	return nil
}

// companionRows repeats a change of rows in a companion, of the tables that are
// followed there.
func (r *replayer) companionRows(ctx context.Context, e *binlog.Rows) error {
	c := r.companions[r.fold(e.Table.Database)]
	if c == nil {
		return nil
	}
	if r.tables[c.target+"\x00"+e.Table.Name] == nil {
		if found, err := r.hasTable(ctx, c.target, e.Table.Name); err != nil || !found {
			return err
		}
	}
	return r.spared(e.Table.Database, r.applyRows(ctx, e))
}

// hasZeroEnum says whether a row holds the value of an ENUM that is no member.
func hasZeroEnum(e *binlog.Rows) bool {
	for _, row := range e.After {
		for i, v := range row {
			if e.Table.Columns[i].Type == binlog.Enum && v == int64(0) {
				return true
			}
		}
	}
	return false
}

// insert adds rows, several at once.
func (r *replayer) insert(ctx context.Context, t *replayTable, e *binlog.Rows) error {
	var stored []int
	var names []string
	for i, c := range t.columns {
		if !c.Generated {
			stored, names = append(stored, i), append(names, c.Name)
		}
	}
	head := "INSERT INTO " + t.name + " (" + mysql.QuoteAll(names) + ") VALUES "
	b := []byte(head)
	send := func() error {
		if len(b) == len(head) {
			return nil
		}
		_, err := r.send(ctx, string(b), len(stored))
		b = append(b[:0], head...)
		return err
	}
	for _, row := range e.After {
		if len(b) > len(head) {
			b = append(b, ',')
		}
		for n, i := range stored {
			b = append(b, "(,"[min(n, 1)])
			var err error
			if b, err = t.appendValue(b, e.Table, i, row[i]); err != nil {
				return err
			}
		}
		b = append(b, ')')
		// A sequence takes one row at a time.
		if len(b) >= insertLimit || t.kind == sequenceKind {
			if err := send(); err != nil {
				return err
			}
		}
	}
	return send()
}

const sequenceKind = "SEQUENCE"

// send runs a statement with literals, of whatever length. What is too large for
// the server ends the replay.
func (r *replayer) send(ctx context.Context, statement string, literals int) (res mysql.Result, err error) {
	err = r.spreader.Send(statement, literals, func(text string) error {
		res, err = r.w.Exec(ctx, text)
		return err
	})
	return res, err
}

// update changes rows one by one: a value may move from one row to the next.
func (r *replayer) update(ctx context.Context, t *replayTable, e *binlog.Rows) error {
	for n, before := range e.Before {
		after := e.After[n]
		b := append([]byte("UPDATE "), t.name...)
		word := " SET "
		changed := false
		for i := range t.columns {
			same := equalValues(before[i], after[i])
			if t.columns[i].Generated || same && !t.updating[i] {
				continue
			}
			changed = changed || !same
			b = append(b, word...)
			b = append(b, mysql.Quote(t.columns[i].Name)...)
			b = append(b, " = "...)
			var err error
			if b, err = t.appendValue(b, e.Table, i, after[i]); err != nil {
				return err
			}
			word = ", "
		}
		if !changed {
			continue
		}
		where, err := t.match(e.Table, before)
		if err != nil {
			return err
		}
		res, err := r.send(ctx, string(b)+" WHERE "+where+" LIMIT 1", 2*len(t.columns))
		if err != nil {
			return err
		}
		if res.RowsAffected == 0 {
			if err := r.mustExist(ctx, t, e.Table, after); err != nil {
				return err
			}
		}
	}
	return nil
}

// equalValues compares two values of one column.
func equalValues(a, b binlog.Value) bool {
	if x, ok := a.([]byte); ok {
		y, ok := b.([]byte)
		return ok && bytes.Equal(x, y)
	}
	return reflect.DeepEqual(a, b)
}

// mustExist finds out whether an UPDATE that changed nothing met its row: one
// that has these values already is not changed.
func (r *replayer) mustExist(ctx context.Context, t *replayTable, of *binlog.Table, row []binlog.Value) error {
	where, err := t.match(of, row)
	if err != nil {
		return err
	}
	var found bool
	if err := r.w.Row(ctx, "SELECT EXISTS (SELECT 1 FROM "+t.name+" WHERE "+where+")").Scan(&found); err != nil {
		return err
	}
	if !found {
		return r.missing(of)
	}
	return nil
}

func (r *replayer) missing(of *binlog.Table) error {
	return r.unreplayable(fmt.Sprintf("a row of the table `%s` that was changed is not there", of.Name), "", nil)
}

// deleteLimit is how many rows one statement deletes.
const deleteLimit = 100

// delete removes rows: several at once where a key tells them apart and no
// foreign key makes the order matter.
func (r *replayer) delete(ctx context.Context, t *replayTable, e *binlog.Rows) error {
	together := 1
	if len(t.key) > 0 && (e.NoForeignKeyChecks || !t.referenced) {
		together = deleteLimit
	}
	for part := range slices.Chunk(e.Before, together) {
		var where []string
		for _, row := range part {
			one, err := t.match(e.Table, row)
			if err != nil {
				return err
			}
			where = append(where, "("+one+")")
		}
		res, err := r.send(ctx, fmt.Sprintf("DELETE FROM %s WHERE %s LIMIT %d", t.name, strings.Join(where, " OR "), len(part)), len(t.columns)*len(part))
		if err != nil {
			return err
		}
		if res.RowsAffected != int64(len(part)) {
			return r.missing(e.Table)
		}
	}
	return nil
}
