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
	"golang.org/x/sync/errgroup"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/value"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

const (
	// readAhead is how much of a file is read at once.
	readAhead = 64 << 10
	// fileAttempts is how often a file is begun again after a deadlock.
	fileAttempts = 5
)

// loadRows loads the files with rows, over all sessions.
func (l *loading) loadRows(ctx context.Context) error {
	var total int64
	for _, f := range l.files {
		total += f.Bytes
	}
	p := newProgress(l.req.Progress, total)
	files := make(chan File, len(l.files))
	for _, f := range l.files {
		files <- f
	}
	close(files)
	var rows, written atomic.Int64
	g, gctx := errgroup.WithContext(ctx)
	for _, x := range l.group.Sessions {
		g.Go(func() error {
			r := &fileReader{x: x, directory: l.manifest.directory, progress: &tally{to: p}}
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
	directory string
	decoder   *zstd.Decoder
	progress  *tally
	buf       []byte
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
		err = fmt.Errorf("load the rows of `%s`: %w", f.Table, err)
		if !mysql.IsDeadlock(err) || attempt == fileAttempts {
			return err
		}
		if _, rollback := r.x.Exec(ctx, "ROLLBACK"); rollback != nil {
			return err
		}
	}
}

func (r *fileReader) try(ctx context.Context, f File) error {
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
		find = (&quoteScan{}).find
	}
	return r.statements(r.decoder, find, func(statement []byte) error {
		if err := allowed(statement, f.Table); err != nil {
			return &DamagedError{Directory: r.directory, File: f.Name, Reason: "holds a statement that does not belong there", Err: err}
		}
		if _, err := r.x.Exec(ctx, string(statement)); err != nil {
			return err
		}
		r.progress.add(f.Table, 0, int64(len(statement)))
		return nil
	})
}

// A finder looks for the end of a statement from an offset on. It returns where
// the semicolon is, -1 when the text does not go so far, and the offset from
// which to look next.
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

// A quoteScan finds the same where names may hold line breaks.
type quoteScan struct {
	quote   byte // of what is open, else 0
	escaped bool // by a backslash before it
}

func (s *quoteScan) find(text []byte, from int) (end, next int) {
	for i := from; i < len(text); i++ {
		c := text[i]
		switch {
		case s.escaped:
			s.escaped = false
		case s.quote != 0:
			s.escaped = c == '\\' && s.quote == '\''
			if c == s.quote {
				s.quote = 0
			}
		case c == '\'' || c == '`':
			s.quote = c
		case c == ';' && i+1 == len(text):
			return -1, i
		case c == ';' && text[i+1] == '\n':
			return i, i + 2
		}
	}
	return -1, len(text)
}

// statements calls fn for each statement of a file.
func (r *fileReader) statements(from io.Reader, find finder, fn func([]byte) error) error {
	r.buf = r.buf[:0]
	searched := 0
	for {
		begin := 0
		for {
			end, next := find(r.buf, searched)
			searched = next
			if end < 0 {
				break
			}
			if err := fn(r.buf[begin:end]); err != nil {
				return err
			}
			begin = next
		}
		r.buf = append(r.buf[:0], r.buf[begin:]...)
		searched -= begin
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
	if strings.HasPrefix(text, "INSERT INTO "+mysql.Quote(table)+" (") || text == beginRows || text == endRows ||
		text == value.LaxSettings || text == value.StrictSettings || slices.Contains(fileSettings, text) {
		return nil
	}
	return fmt.Errorf("`%.80s` is no INSERT into `%s`", text, table)
}
