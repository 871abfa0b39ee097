package rowcopy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/value"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

const (
	// copyStatementBytes is how long a statement may become, but for a row that
	// is longer by itself. Every server takes this much.
	copyStatementBytes = 512 << 10
	// copyKeys is how many keys are named in one statement. From 1,000 on
	// MariaDB turns such a list into a table, whose types are its own.
	copyKeys = 500
	// incomingAlias is the name of the rows of an INSERT.
	incomingAlias = "`landlord_incoming`"
)

// write puts a chunk into the target and proves that it is there.
func (u *copyUnit) write(ctx context.Context, t *copyTable, rows [][][]byte) error {
	fresh, known := rows, [][][]byte(nil)
	if t.mode != ConflictFail {
		var err error
		if fresh, known, err = u.divide(ctx, t, rows); err != nil {
			return err
		}
	}
	inserted, err := u.insert(ctx, t, fresh)
	if err != nil {
		return err
	}
	p := u.state[t.name]
	p.Inserted += int64(len(inserted))
	p.Skipped += int64(len(fresh) - len(inserted))
	written := inserted
	if t.mode == ConflictReplace {
		if err := u.replace(ctx, t, known); err != nil {
			return err
		}
		p.Replaced += int64(len(known))
		written = slices.Concat(inserted, known)
	} else {
		p.Skipped += int64(len(known))
	}
	if err := u.verify(ctx, t, written, &p); err != nil {
		return err
	}
	u.state[t.name] = p
	if u.group.unchecked {
		return u.look(ctx, t, written)
	}
	return nil
}

// divide tells the rows apart that the target has already, and locks those.
func (u *copyUnit) divide(ctx context.Context, t *copyTable, rows [][][]byte) (fresh, known [][][]byte, err error) {
	for chunk := range slices.Chunk(rows, copyKeys) {
		there := map[string]bool{}
		err := u.eachKey(ctx, t, u.keysOf(t, chunk), " FOR UPDATE", func(key [][]byte) { there[tuple(t.literals(key))] = true })
		if err != nil {
			return nil, nil, fmt.Errorf("look for rows that are there already: %w", err)
		}
		var rest [][][]byte
		for _, row := range chunk {
			if id := t.identity(row); there[id] {
				delete(there, id)
				known = append(known, row)
			} else {
				rest = append(rest, row)
			}
		}
		for _, row := range rest {
			// Keys of the target that are left are equal to ours and spelled
			// otherwise: the collation takes A for a.
			if len(there) > 0 {
				found, err := u.exists(ctx, t, row, " FOR UPDATE")
				if err != nil {
					return nil, nil, err
				}
				if found {
					known = append(known, row)
					continue
				}
			}
			fresh = append(fresh, row)
		}
	}
	return fresh, known, nil
}

func (u *copyUnit) keysOf(t *copyTable, rows [][][]byte) []string {
	keys := make([]string, len(rows))
	for i := range rows {
		keys[i] = t.identity(rows[i])
	}
	return keys
}

// into is the target's name of a table.
func (u *copyUnit) into(t *copyTable) string { return mysql.Qualified(u.target.Database, t.name) }

// eachKey reads the primary keys of those rows of the target that are named.
func (u *copyUnit) eachKey(ctx context.Context, t *copyTable, keys []string, lock string, fn func(key [][]byte)) error {
	query := fmt.Sprintf("SELECT %s FROM %s c WHERE %s IN (%s)%s", t.keyTargets("c"), u.into(t), t.keyNames("c"), strings.Join(keys, ","), lock)
	found, err := fetchRows(ctx, u.tx, query, len(t.key), 0)
	for _, key := range found.rows {
		fn(key)
	}
	return err
}

// exists says whether the target has a row with the primary key of this one.
func (u *copyUnit) exists(ctx context.Context, t *copyTable, row [][]byte, lock string) (bool, error) {
	if t.key == nil {
		return false, nil
	}
	found := false
	err := u.eachKey(ctx, t, []string{t.identity(row)}, lock, func([][]byte) { found = true })
	return found, err
}

// insert inserts rows and returns those that went in: all of them, unless
// conflicts are skipped.
func (u *copyUnit) insert(ctx context.Context, t *copyTable, rows [][][]byte) ([][][]byte, error) {
	inserted := make([][][]byte, 0, len(rows))
	err := t.batches(rows, func(batch [][][]byte, literals string) error {
		err := u.insertLiterals(ctx, t, literals, t.isLax(batch[0]))
		switch {
		case err == nil:
			inserted = append(inserted, batch...)
		case !mysql.IsDuplicateKey(err):
			return err
		case t.mode == ConflictSkip:
			some, err := u.insertSome(ctx, t, batch)
			inserted = append(inserted, some...)
			return err
		default:
			return u.conflict(ctx, t, batch, err, u.insertRows)
		}
		return nil
	})
	return inserted, err
}

// batches calls fn for as many rows at a time as make one statement, with their
// literals. A row that needs a lax mode is alone.
func (t *copyTable) batches(rows [][][]byte, fn func(batch [][][]byte, literals string) error) error {
	var buf []byte
	from := 0
	for i, row := range rows {
		if i > from {
			buf = append(buf, ',')
		}
		buf = t.appendRow(buf, row)
		if len(buf) < copyStatementBytes && i+1 < len(rows) && !t.isLax(row) && !t.isLax(rows[i+1]) {
			continue
		}
		if err := fn(rows[from:i+1], string(buf)); err != nil {
			return err
		}
		buf, from = buf[:0], i+1
	}
	return nil
}

// isLax says whether a row holds a value that a strict server refuses. That it
// is stored as it was is seen when it is read back.
func (t *copyTable) isLax(row [][]byte) bool {
	for i := range t.columns {
		if t.columns[i].write.IsZeroEnum(row[i]) {
			return true
		}
	}
	return false
}

func (u *copyUnit) insertLiterals(ctx context.Context, t *copyTable, literals string, lax bool) error {
	return u.exec(ctx, t, "INSERT INTO "+u.into(t)+" ("+t.names()+") VALUES "+literals, lax)
}

// exec runs a statement, in a lax mode when it has to.
func (u *copyUnit) exec(ctx context.Context, t *copyTable, statement string, lax bool) error {
	if lax {
		if _, err := u.tx.Exec(ctx, value.LaxSettings); err != nil {
			return fmt.Errorf("set the sql_mode: %w", err)
		}
	}
	err := u.send(ctx, t, statement)
	if lax && !u.target.Session.Poisoned() {
		if _, reset := u.tx.Exec(ctx, value.StrictSettings); reset != nil {
			return fmt.Errorf("set the sql_mode: %w", errors.Join(reset, err))
		}
	}
	return err
}

// send runs a statement with rows, of whatever length.
func (u *copyUnit) send(ctx context.Context, t *copyTable, statement string) error {
	run := func(text string) error {
		_, err := u.tx.Exec(ctx, text)
		return err
	}
	if len(statement) < 2*copyStatementBytes {
		return run(statement)
	}
	packet, err := value.Packet(ctx, u.tx)
	if err != nil {
		return err
	}
	return value.NewSpreader(packet, run).Send(statement, len(t.columns), run) //nolint:wrapcheck // it says what is too large
}

// insertRows inserts rows in one statement, whatever its length: they were part
// of one before.
func (u *copyUnit) insertRows(ctx context.Context, t *copyTable, rows [][][]byte) error {
	return u.insertLiterals(ctx, t, t.appendRows(rows), t.isLax(rows[0]))
}

// insertSome inserts the rows that meet no other, of rows among which there is
// one that does. A statement that fails leaves nothing behind, so that halves
// can be tried. INSERT IGNORE would not do: it also turns other errors into
// warnings, and changes values.
func (u *copyUnit) insertSome(ctx context.Context, t *copyTable, rows [][][]byte) ([][][]byte, error) {
	if len(rows) == 1 {
		return nil, nil
	}
	var inserted [][][]byte
	for _, half := range [][][][]byte{rows[:len(rows)/2], rows[len(rows)/2:]} {
		err := u.insertRows(ctx, t, half)
		switch {
		case err == nil:
			inserted = append(inserted, half...)
		case !mysql.IsDuplicateKey(err):
			return nil, err
		default:
			some, err := u.insertSome(ctx, t, half)
			if err != nil {
				return nil, err
			}
			inserted = append(inserted, some...)
		}
	}
	return inserted, nil
}

// conflict finds the row that meets another one, among rows that a statement
// could not write.
func (u *copyUnit) conflict(ctx context.Context, t *copyTable, rows [][][]byte, refused error, write copyWriter) error {
	for len(rows) > 1 {
		half := rows[:len(rows)/2]
		switch err := write(ctx, t, half); {
		case err == nil:
			rows = rows[len(rows)/2:]
		case mysql.IsDuplicateKey(err):
			rows, refused = half, err
		default:
			return err
		}
	}
	there, err := u.exists(ctx, t, rows[0], "")
	if err != nil {
		return err
	}
	return &ConflictError{Table: t.name, Row: t.describe(t.keyOf(rows[0])), Exists: there && t.mode == ConflictFail, Reason: mysql.Message(refused)}
}

// A copyWriter writes rows in one statement.
type copyWriter func(ctx context.Context, t *copyTable, rows [][][]byte) error

// replace gives rows of the target the values of the source.
func (u *copyUnit) replace(ctx context.Context, t *copyTable, rows [][][]byte) error {
	return t.batches(rows, func(batch [][][]byte, literals string) error {
		err := u.replaceLiterals(ctx, t, literals, t.isLax(batch[0]))
		if mysql.IsDuplicateKey(err) {
			return u.conflict(ctx, t, batch, err, u.replaceRows)
		}
		return err
	})
}

// replaceLiterals updates rows. The server looks for the primary key first, and
// that is there: so no other row is met before the right one, and one that is
// met by the new values is an error.
func (u *copyUnit) replaceLiterals(ctx context.Context, t *copyTable, literals string, lax bool) error {
	alias, value := "", "VALUES(%s)"
	if u.plan.into == ddl.MySQL {
		alias, value = " AS "+incomingAlias, incomingAlias+".%s"
	}
	sets := make([]string, len(t.columns))
	for i := range t.columns {
		name := mysql.Quote(t.columns[i].name)
		sets[i] = name + " = " + fmt.Sprintf(value, name)
	}
	return u.exec(ctx, t, "INSERT INTO "+u.into(t)+" ("+t.names()+") VALUES "+literals+alias+" ON DUPLICATE KEY UPDATE "+strings.Join(sets, ", "), lax)
}

// replaceRows updates rows in one statement.
func (u *copyUnit) replaceRows(ctx context.Context, t *copyTable, rows [][][]byte) error {
	return u.replaceLiterals(ctx, t, t.appendRows(rows), t.isLax(rows[0]))
}
