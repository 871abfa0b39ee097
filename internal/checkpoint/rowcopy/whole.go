package rowcopy

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/value"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// copyWholeBytes is how large a table without a primary key may be when both
// sides share a session: it is kept in memory, because one session cannot read
// and write at the same time.
const copyWholeBytes = 64 << 20

// whole copies a table whose rows cannot be told apart, in one transaction. What
// has come in is the difference between the checksums of the whole table before
// and after, which see the same snapshot of what others do.
func (u *copyUnit) whole(ctx context.Context, t *copyTable) error {
	source := u.stream
	if u.shared {
		rows, err := u.hold(ctx, t)
		if err != nil {
			return err
		}
		source = func(_ context.Context, _ *copyTable, fn func([][]byte) error) error {
			for _, row := range rows {
				if err := fn(row); err != nil {
					return err
				}
			}
			return nil
		}
	}
	if err := u.begin(ctx, "REPEATABLE READ"); err != nil {
		return err
	}
	defer u.tx.Rollback()
	before, err := u.sumTarget(ctx, t)
	if err != nil {
		return err
	}
	copied, err := u.pour(ctx, t, source)
	if err != nil {
		return err
	}
	after, err := u.sumTarget(ctx, t)
	if err != nil {
		return err
	}
	before.Merge(copied)
	if before != after {
		return &MismatchError{Table: t.name}
	}
	p := u.state[t.name]
	p.Done, p.Read, p.Inserted = true, copied.Rows, copied.Rows
	p.Source, p.Target = copied.String(), copied.String()
	u.state[t.name] = p
	if err := u.journal.Save(ctx, u.tx, p); err != nil {
		return fmt.Errorf("keep the progress: %w", err)
	}
	return u.commit(ctx)
}

func (u *copyUnit) wholeQuery(t *copyTable) string {
	return "SELECT " + t.sourceList() + " FROM " + mysql.Qualified(u.source.Database, t.name) + " WHERE " + t.condition()
}

// stream calls fn for every row of the source, which stays open meanwhile.
func (u *copyUnit) stream(ctx context.Context, t *copyTable, fn func([][]byte) error) error {
	row := make([][]byte, len(t.columns))
	return value.EachRow(ctx, u.source.Session, u.wholeQuery(t), len(t.columns), func(values []sql.RawBytes) error {
		for i := range values {
			row[i] = values[i]
		}
		return fn(row)
	})
}

// hold reads all rows of the source into memory.
func (u *copyUnit) hold(ctx context.Context, t *copyTable) ([][][]byte, error) {
	found, err := u.readUpTo(ctx, nil, t, u.wholeQuery(t), copyWholeBytes)
	if err != nil {
		return nil, err
	}
	if found.cut {
		return nil, fmt.Errorf("it has no primary key and more than %d MiB, which takes two connections: one to read and one to write", copyWholeBytes>>20)
	}
	return found.rows, nil
}

// pour inserts rows as they come.
func (u *copyUnit) pour(ctx context.Context, t *copyTable, source func(context.Context, *copyTable, func([][]byte) error) error) (value.Checksum, error) {
	var sum value.Checksum
	var buf, canon []byte
	flush := func(lax bool) error {
		if len(buf) == 0 {
			return nil
		}
		err := u.insertLiterals(ctx, t, string(buf), lax)
		buf = buf[:0]
		if mysql.IsDuplicateKey(err) {
			return &ConflictError{Table: t.name, Reason: mysql.Message(err)}
		}
		return err
	}
	err := source(ctx, t, func(row [][]byte) error {
		canon = t.appendCanon(canon[:0], row)
		sum.Add(canon)
		lax := t.isLax(row)
		if lax {
			if err := flush(false); err != nil {
				return err
			}
		}
		if len(buf) > 0 {
			buf = append(buf, ',')
		}
		buf = t.appendRow(buf, row)
		if len(buf) < copyStatementBytes && !lax {
			return nil
		}
		return flush(lax)
	})
	if err == nil {
		err = flush(false)
	}
	return sum, err
}

// sumTarget sums up what the target's table holds.
func (u *copyUnit) sumTarget(ctx context.Context, t *copyTable) (value.Checksum, error) {
	var sum value.Checksum
	var buf []byte
	row := make([][]byte, len(t.columns))
	err := value.EachRow(ctx, u.tx, "SELECT "+t.targetList()+" FROM "+u.into(t), len(t.columns), func(values []sql.RawBytes) error {
		for i := range values {
			row[i] = values[i]
		}
		buf = t.appendCanon(buf[:0], row)
		sum.Add(buf)
		return nil
	})
	if err != nil {
		return value.Checksum{}, fmt.Errorf("sum up the target: %w", err)
	}
	return sum, nil
}
