package checkpoint

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"
	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/script"
	"golang.org/x/sync/errgroup"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/value"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

const (
	// readAhead is how much of a file is read at once.
	readAhead = 64 << 10
	// fileAttempts is how often a file is begun again after a deadlock.
	fileAttempts = 5
)

// loadRows loads the files with rows, over all sessions.
func (l *loading) loadRows(ctx context.Context) error {
	computing, err := l.computing(ctx, l.group.First())
	if err != nil {
		return err
	}
	var total, records int64
	for _, f := range l.files {
		total, records = total+f.Bytes, records+f.Rows
	}
	p := newProgress(l.req.Progress, total, records)
	files := make(chan File, len(l.files))
	for _, f := range l.files {
		files <- f
	}
	close(files)
	var rows, written atomic.Int64
	g, gctx := errgroup.WithContext(ctx)
	for _, x := range l.group.Sessions {
		g.Go(func() error {
			r := &fileReader{
				x: x, info: l.info, directory: l.manifest.directory, database: l.req.Database, packet: l.packet, computing: computing, transactional: l.schema.Transactional(), progress: &tally{to: p},
			}
			defer r.close()
			for f := range files {
				if err := r.load(gctx, f); err != nil {
					return err
				}
				rows.Add(f.Rows)
				written.Add(f.Bytes)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	l.rows, l.bytes = rows.Load(), written.Load()
	p.finish()
	return nil
}

// A fileReader runs the statements of files with rows, over one session.
type fileReader struct {
	x         *mysql.Session
	info      mysql.Info
	directory string
	database  string
	packet    int64           // max_allowed_packet of the server
	computing map[string]bool // see loading.computing
	// transactional are the tables in which a statement that fails leaves nothing.
	transactional map[string]bool
	decoder       *zstd.Decoder
	progress      *tally
	buf           []byte
	// checked writes each row when its statement comes, and not all together when
	// the transaction is committed.
	checked bool
	ran     int // statements of the file that is being loaded
}

func (r *fileReader) close() {
	if r.decoder != nil {
		r.decoder.Close()
	}
}

// load loads one file, which is one transaction.
func (r *fileReader) load(ctx context.Context, f File) error {
	for attempt := 1; ; attempt++ {
		err := r.try(ctx, f)
		if err == nil {
			r.progress.add(f.Table, f.Rows, 0)
			r.progress.pass()
			return nil
		}
		late := r.unsure(f.Table, err)
		if !late && !mysql.IsDeadlock(err) || attempt == fileAttempts {
			return err
		}
		r.checked = r.checked || late
		if _, rollback := r.x.Exec(ctx, "ROLLBACK"); rollback != nil {
			return err
		}
	}
}

// unsure says that any row of the transaction may be why. While no check is asked for,
// MariaDB fills an empty table in bulk: it refuses rows at a later statement or when
// the transaction is committed, and takes the whole transaction back.
func (r *fileReader) unsure(table string, err error) bool {
	return !r.checked && (mysql.IsCommitFailed(err) || r.info.Product == mysql.MariaDB && r.transactional[table] && mysql.IsRefused(err))
}

// each calls fn for each statement of a file.
func (r *fileReader) each(f File, fn func(statement []byte) error) error {
	file, err := os.Open(filepath.Join(r.directory, f.Name))
	if err != nil {
		return unreadable(r.directory, f.Name, err)
	}
	defer func() { _ = file.Close() }()
	if r.decoder == nil {
		r.decoder, err = zstd.NewReader(file, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true))
	} else {
		err = r.decoder.Reset(file)
	}
	if err != nil {
		return err
	}
	find := endOfLine
	if f.LineBreaks {
		find = endBehindNames
	}
	return r.statements(r.decoder, find, fn)
}

func (r *fileReader) try(ctx context.Context, f File) error {
	r.ran = 0
	return r.each(f, func(statement []byte) error {
		if err := allowed(statement, f.Table); err != nil {
			return &DamagedError{Directory: r.directory, File: f.Name, Reason: "holds a statement that does not belong there", Err: err}
		}
		text := string(statement)
		if r.computing[f.Table] {
			text = laxly(text)
		}
		if r.checked && text == script.UncheckedRows {
			text = script.CheckedRows
		}
		if err := r.send(ctx, text); err != nil {
			return fmt.Errorf("load %s of `%s`: %w", r.blamed(ctx, text, f, err), f.Table, mysql.WithoutValues(err))
		}
		r.ran++
		r.progress.add(f.Table, 0, int64(len(statement)))
		return nil
	})
}

// send runs a statement. One that is longer than the server takes, which took more
// when the checkpoint was taken, is sent in parts.
func (r *fileReader) send(ctx context.Context, statement string) error {
	if int64(len(statement)) < r.packet {
		_, err := r.x.Exec(ctx, statement)
		return err
	}
	s := value.NewSpreader(r.packet, func(part string) error {
		_, err := r.x.Exec(ctx, part)
		return err
	})
	short, err := s.Spread(statement, s.Longest(maxColumns))
	if err == nil && int64(len(short)) >= r.packet {
		err = fmt.Errorf("a statement has %d bytes, and `max_allowed_packet` of the server is %d", len(statement), r.packet)
	}
	if err == nil {
		_, err = r.x.Exec(ctx, short)
	}
	if err == nil {
		err = s.Free()
	}
	return err
}

// maxColumns is how many columns a table has at most.
const maxColumns = 4096

// A finder looks for the end of the statement that a text begins with, from an
// offset on. It returns where the semicolon is, -1 when the text does not go so far,
// and the offset from which to look next.
type finder func(text []byte, from int) (end, next int)

// endOfLine finds a semicolon at the end of a line: a line break inside of a
// value is written as \n.
func endOfLine(text []byte, from int) (end, next int) {
	end = bytes.Index(text[from:], []byte(";\n"))
	if end < 0 {
		return -1, max(from, len(text)-1)
	}
	return from + end, from + end + 2
}

// endBehindNames finds the same where names hold line breaks: they stand in the
// head of an INSERT, and so before its rows.
func endBehindNames(text []byte, from int) (end, next int) {
	const insert = "INSERT "
	switch {
	case from > 0:
		return endOfLine(text, from)
	case len(text) < len(insert):
		return -1, 0
	case !bytes.HasPrefix(text, []byte(insert)):
		return endOfLine(text, 0)
	}
	scan := sqltext.NewScanner(string(text[:min(len(text), longestHead)]), sqltext.Mode{})
	for t := scan.Next(); t.Kind != sqltext.End; t = scan.Next() {
		if t.Is("VALUES") {
			return endOfLine(text, t.End)
		}
	}
	return -1, 0
}

// longestHead is how long the head of an INSERT is at most: each name has 64
// characters of three bytes, and each may be a backquote.
const longestHead = (maxColumns + 2) * (64*3 + 4)

// statements calls fn for each statement of a file.
func (r *fileReader) statements(from io.Reader, find finder, fn func([]byte) error) error {
	r.buf = r.buf[:0]
	searched := 0
	for {
		begin := 0
		for {
			end, next := find(r.buf[begin:], searched)
			if end < 0 {
				searched = next
				break
			}
			if err := fn(r.buf[begin : begin+end]); err != nil {
				return err
			}
			begin, searched = begin+next, 0
		}
		r.buf = append(r.buf[:0], r.buf[begin:]...)
		r.buf = slices.Grow(r.buf, readAhead)
		n, err := from.Read(r.buf[len(r.buf):cap(r.buf)])
		r.buf = r.buf[:len(r.buf)+n]
		switch {
		case err == nil, n > 0 && errors.Is(err, io.EOF):
		case !errors.Is(err, io.EOF):
			return err
		case len(r.buf) > 0:
			return io.ErrUnexpectedEOF
		default:
			return nil
		}
	}
}

// allowed says whether a statement is one that a dumper writes into a file with
// rows of the table.
func allowed(statement []byte, table string) error {
	text := string(statement[:min(len(statement), 1<<10)])
	if strings.HasPrefix(text, "INSERT INTO "+mysql.Quote(table)+" (") || strings.HasPrefix(text, "SET "+value.VariablesOfFiles) || text == beginRows || text == endRows ||
		text == value.LaxSettings || text == value.StrictSettings || slices.Contains(script.Settings, text) {
		return nil
	}
	return fmt.Errorf("`%.80s` is no INSERT into `%s`", text, table)
}
