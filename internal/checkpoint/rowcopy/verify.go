package rowcopy

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/value"
)

// verify reads the rows back that were written, and compares them with those of
// the source. Nothing has been committed yet.
func (u *copyUnit) verify(ctx context.Context, t *copyTable, rows [][][]byte, p *Progress) error {
	source, target, err := p.checksums()
	if err != nil {
		return err
	}
	var buf []byte
	for chunk := range slices.Chunk(rows, copyKeys) {
		var here, there value.Checksum
		for _, row := range chunk {
			buf = t.appendCanon(buf[:0], row)
			here.Add(buf)
		}
		found, err := u.readBack(ctx, t, chunk)
		if err != nil {
			return fmt.Errorf("read back what was written: %w", err)
		}
		for _, row := range found {
			buf = t.appendCanon(buf[:0], row)
			there.Add(buf)
		}
		if here != there {
			return t.mismatch(chunk, found)
		}
		source.Merge(here)
		target.Merge(there)
	}
	p.Source, p.Target = source.String(), target.String()
	return nil
}

// checksums returns both checksums.
func (p *Progress) checksums() (source, target value.Checksum, err error) {
	if source, err = value.ParseChecksum(p.Source, p.Inserted+p.Replaced); err != nil {
		return source, target, err
	}
	target, err = value.ParseChecksum(p.Target, p.Inserted+p.Replaced)
	return source, target, err
}

func (u *copyUnit) readBack(ctx context.Context, t *copyTable, rows [][][]byte) ([][][]byte, error) {
	query := fmt.Sprintf("SELECT %s FROM %s c WHERE %s IN (%s)", t.targetList(), u.into(t), t.keyNames("c"), strings.Join(u.keysOf(t, rows), ","))
	found, err := fetchRows(ctx, u.tx, query, len(t.columns), 0)
	return found.rows, err
}

// mismatch finds a row that came out otherwise, and its columns.
func (t *copyTable) mismatch(rows, found [][][]byte) error {
	there := make(map[string][][]byte, len(found))
	for _, row := range found {
		there[t.identity(row)] = row
	}
	for _, row := range rows {
		e := &MismatchError{Table: t.name, Row: t.describe(t.keyOf(row))}
		other := there[t.identity(row)]
		if other == nil {
			return e
		}
		for i := range t.columns {
			if !bytes.Equal(t.columns[i].appendCanon(nil, row[i]), t.columns[i].appendCanon(nil, other[i])) {
				e.Columns = append(e.Columns, t.columns[i].name)
			}
		}
		if e.Columns != nil {
			return e
		}
	}
	return &MismatchError{Table: t.name}
}
