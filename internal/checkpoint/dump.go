package checkpoint

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/script"
	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/value"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

const (
	// statementSize is how large an INSERT grows, about. Servers take 16 MiB
	// and more by default; one that takes less is asked for. The driver keeps its
	// buffer for what is smaller than 256 KiB, and makes one for each larger
	// statement.
	statementSize = 240 << 10
	// fileSize is how large a file with rows grows before compression. It is what
	// one transaction loads.
	fileSize = 64 << 20
)

// beginRows and endRows stand around the rows of a file.
const (
	beginRows = "START TRANSACTION"
	endRows   = "COMMIT"
)

// A dumper writes the rows of jobs into files, over one session.
type dumper struct {
	x        *mysql.Session
	database string
	size     int   // of a statement
	packet   int64 // what the server puts together
	fileSize int64 // of a file
	writer   *fileWriter
	progress *tally

	job     *job
	rows    value.Encoder
	head    string // INSERT … VALUES
	inside  int    // rows of the statement that is open
	written int    // bytes of it that were passed on
	files   []File
	number  int // of the file within the job
	count   int64
	spread  *value.Spreader
	largest *LargeValue // of the job
}

// run writes one job and returns its files and its sum.
func (d *dumper) run(ctx context.Context, j *job) ([]File, tableSum, error) {
	d.job, d.files, d.number, d.inside, d.written = j, nil, 0, 0, 0
	d.rows.Reset(j.columns)
	d.rows.Emit = func(p []byte) error {
		d.written += len(p)
		_, err := d.writer.Write(p)
		return err
	}
	d.head = insertHead(j)
	d.largest = nil
	d.spread = value.NewFileSpreader(d.packet, func(statement string) error {
		d.rows.Buf = append(append(d.rows.Buf, statement...), ";\n"...)
		return d.rows.Flush()
	})
	var bytes int64
	err := value.EachRow(ctx, d.x, j.query(d.database), max(1, len(j.columns)), func(values []sql.RawBytes) error {
		n, err := d.row(values[:len(j.columns)])
		bytes += n
		d.progress.add(j.table, 1, n)
		return err
	})
	if err == nil {
		err = d.endFile()
	}
	if err != nil {
		return nil, tableSum{}, fmt.Errorf("copy the rows of `%s`: %w", j.table, err)
	}
	return d.files, tableSum{sum: d.rows.Sum, bytes: bytes, largest: d.largest}, nil
}

// A tableSum is what is known of rows that were read.
type tableSum struct {
	sum     value.Checksum
	bytes   int64
	largest *LargeValue
}

func insertHead(j *job) string {
	return "INSERT INTO " + mysql.Quote(j.table) + " (" + mysql.QuoteAll(value.Names(j.columns)) + ") VALUES\n"
}

// row writes one row, as the next one of a statement.
func (d *dumper) row(values []sql.RawBytes) (int64, error) {
	lax, big := false, 0
	for i := range d.job.columns {
		lax = lax || d.job.columns[i].IsZeroEnum(values[i])
		big += len(values[i])
	}
	alone := lax || big >= statementSize
	if alone {
		d.noteLarge(values)
	}
	n, err := d.literals(values, alone, lax)
	if err != nil {
		return n, err
	}
	d.inside++
	d.count++
	if alone || d.written+len(d.rows.Buf) >= d.size {
		err = d.endStatement()
	}
	if lax && err == nil {
		d.rows.Buf = append(d.rows.Buf, value.StrictSettings+";\n"...)
	}
	if err == nil && d.writer.entry.Bytes >= d.fileSize {
		err = d.endFile()
	}
	return n, err
}

// literals writes a row with what stands before it. One that is larger than a
// server takes at once is put together in variables first.
func (d *dumper) literals(values []sql.RawBytes, alone, lax bool) (int64, error) {
	if err := d.roomFor(alone); err != nil {
		return 0, err
	}
	if !alone || value.FitsRow(d.spread, values) {
		d.beginRow(lax)
		return d.rows.Row(values)
	}
	row, n, err := d.rows.Spread(values, d.spread)
	var large *value.TooLargeError
	if errors.As(err, &large) {
		return n, &TooLargeError{LargeValue: *d.largest, Table: d.job.table, Limit: large.Limit}
	}
	if err != nil {
		return n, err
	}
	d.beginRow(lax)
	d.rows.Buf = append(d.rows.Buf, row...)
	return n, nil
}

// noteLarge keeps what the largest value is, and in which row.
func (d *dumper) noteLarge(values []sql.RawBytes) {
	for i, c := range d.job.columns {
		if size := int64(len(values[i])); size >= statementSize && (d.largest == nil || size > d.largest.Bytes) {
			d.largest = &LargeValue{Column: c.Name, Row: d.job.describe(values), Bytes: size}
		}
	}
}

// roomFor makes sure that there is a file, and that a row that has to be alone is
// the first of its statement.
func (d *dumper) roomFor(alone bool) error {
	if d.writer.file == nil {
		if err := d.beginFile(); err != nil {
			return err
		}
	}
	if alone && d.inside > 0 {
		return d.endStatement()
	}
	return nil
}

// beginRow writes what stands before a row.
func (d *dumper) beginRow(lax bool) {
	if lax {
		d.rows.Buf = append(d.rows.Buf, value.LaxSettings+";\n"...)
	}
	if d.inside == 0 {
		d.rows.Buf = append(d.rows.Buf, d.head...)
	} else {
		d.rows.Buf = append(d.rows.Buf, ",\n"...)
	}
}

func (d *dumper) endStatement() error {
	if d.inside == 0 {
		return nil
	}
	d.rows.Buf = append(d.rows.Buf, ";\n"...)
	err := d.rows.Flush()
	d.inside, d.written = 0, 0
	if err == nil {
		err = d.spread.Free()
	}
	return err
}

func (d *dumper) beginFile() error {
	d.number++
	d.count = 0
	name := fmt.Sprintf("10_%04d_%s.%03d.%03d.sql.zst", d.job.number, safeName(d.job.table), d.job.part, d.number)
	if err := d.writer.open(name, d.job.table); err != nil {
		return err
	}
	_, err := d.writer.Write([]byte(rowsHeader()))
	return err
}

// rowsHeader is the head of a file with rows.
func rowsHeader() string { return strings.Join(script.Settings, ";\n") + ";\n" + beginRows + ";\n" }

// endFile ends the file that is open.
func (d *dumper) endFile() error {
	if d.writer.file == nil {
		return nil
	}
	if err := d.endStatement(); err != nil {
		return err
	}
	d.rows.Buf = append(d.rows.Buf, endRows+";\n"...)
	if err := d.rows.Flush(); err != nil {
		return err
	}
	f, err := d.writer.finish()
	if err != nil {
		return err
	}
	f.Rows = d.count
	f.LineBreaks = strings.Count(d.head, "\n") > 1
	d.files = append(d.files, f)
	return nil
}

// maxSafeName bounds the readable part of a file's name.
const maxSafeName = 60

// safeName makes a part of a file's name of the name of a table. Two tables may
// get the same: they have different numbers.
func safeName(table string) string {
	safe := strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, table)
	return safe[:min(len(safe), maxSafeName)]
}
