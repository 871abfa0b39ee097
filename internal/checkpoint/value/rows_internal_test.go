package value

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A large row is written in pieces, and is the same literal with the same sum as
// if it had been written at once.
func TestRowEncoder_pieces(t *testing.T) {
	t.Parallel()
	long := func(text string, size int) sql.RawBytes { return sql.RawBytes(strings.Repeat(text, size/len(text))) }
	columns := []Column{{Name: "id"}, {Name: "text", Kind: Text}, {Name: "bytes", Kind: Binary}, {Name: "doc", Kind: JSON},
		{Name: "latin", Kind: ASCII, CharacterSet: "latin1"}, {Name: "cn", Kind: Foreign, CharacterSet: "gbk"}}
	for name, values := range map[string][]sql.RawBytes{
		"small":            {{'1'}, {'a'}, {0xff}, []byte(`{}`), {0xe9}, {0xb0, 0xa1}},
		"null":             {{'1'}, nil, nil, nil, nil, nil},
		"empty":            {{'1'}, {}, {}, {}, {}, {}},
		"long text":        {{'1'}, long("é'\\\n", 2<<20), nil, nil, nil, nil},
		"long bytes":       {{'1'}, nil, long("\x00\xff'", 2<<20), nil, nil, nil},
		"digits":           {{'1'}, long("x", 1<<20), long("\x00", 400<<10), nil, nil, nil}, // too short to be escaped
		"long document":    {{'1'}, nil, nil, sql.RawBytes(`["` + strings.Repeat("d", 2<<20) + `"]`), nil, nil},
		"exact document":   {{'1'}, long("x", 1<<20), nil, sql.RawBytes(`[1.10, "` + strings.Repeat("d", 2<<20) + `"]`), nil, nil},
		"long latin":       {{'1'}, nil, nil, nil, long("\xe9", 2<<20), nil},
		"long ASCII":       {{'1'}, nil, nil, nil, long("e", 2<<20), nil},
		"long and foreign": {{'1'}, nil, nil, nil, nil, long("\xb0\xa1", 2<<20)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := AppendRow(nil, columns, values)
			var sum Checksum
			sum.add(sha256.Sum256(want))
			var got []byte
			longest := 0
			e := Encoder{Columns: columns, Emit: func(p []byte) error {
				got, longest = append(got, p...), max(longest, len(p))
				return nil
			}}
			n, err := e.Row(values)
			if err == nil {
				err = e.Flush()
			}
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) || n != int64(len(want)) {
				t.Errorf("%d bytes were written and %d reported, want %d", len(got), n, len(want))
			}
			if diff := cmp.Diff(sum.String(), e.Sum.String()); diff != "" {
				t.Errorf("the sum (-want +got):\n%s", diff)
			}
			// The sum alone is the same, and needs nobody to write to.
			alone := Encoder{Columns: columns}
			if n, err := alone.Row(values); err != nil || n != int64(len(want)) || alone.Sum != sum {
				t.Errorf("the sum alone: %d bytes, %v, %v", n, alone.Sum, err)
			}
			if cap(e.Buf) > keptBuffer {
				t.Errorf("a buffer of %d bytes is kept", cap(e.Buf))
			}
		})
	}
}

// An error of whoever takes the pieces ends the row.
func TestRowEncoder_error(t *testing.T) {
	t.Parallel()
	full := fmt.Errorf("the disk is full")
	for name, value := range map[string]string{"large": strings.Repeat("x", 2<<20), "small": "x"} {
		e := Encoder{Columns: []Column{{Name: "text", Kind: Text}}, Emit: func([]byte) error { return full }}
		_, err := e.Row([]sql.RawBytes{sql.RawBytes(value)})
		if err == nil {
			err = e.Flush()
		}
		if err != full { //nolint:errorlint // the very same
			t.Errorf("%s: %v", name, err)
		}
	}
}

// sampleRow is a row as applications have them.
func sampleRow() ([]Column, []sql.RawBytes) {
	return []Column{{Name: "id"}, {Name: "code", Kind: Text}, {Name: "weight", Kind: Float}, {Name: "created", Kind: Date}, {Name: "note", Kind: Text}, {Name: "raw", Kind: Binary}},
		[]sql.RawBytes{[]byte("4711"), []byte("a1b2c3d4e5f6a7b8c9d0"), []byte("0.14285714285714285"), []byte("2024-01-01 00:00:00"), []byte("Bestellung für 'jemand'"), nil}
}

// Rows are written into a buffer that is used again: a table of any size makes no
// garbage here.
func TestRowEncoder_allocations(t *testing.T) {
	columns, values := sampleRow()
	for name, emit := range map[string]func([]byte) error{"written": func([]byte) error { return nil }, "summed up": nil} {
		e := Encoder{Columns: columns, Emit: emit}
		rows := func() {
			for range 2000 {
				if _, err := e.Row(values); err != nil {
					t.Error(err)
				}
				if len(e.Buf) >= 240<<10 {
					if err := e.Flush(); err != nil {
						t.Error(err)
					}
				}
			}
		}
		rows()
		if n := testing.AllocsPerRun(10, rows); n > 0 {
			t.Errorf("%s: 2,000 rows make %v objects", name, n)
		}
	}
}

func BenchmarkRowEncoder(b *testing.B) {
	columns, values := sampleRow()
	e := Encoder{Columns: columns}
	b.ReportAllocs()
	for b.Loop() {
		n, err := e.Row(values)
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(n)
	}
}
