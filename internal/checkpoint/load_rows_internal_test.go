package checkpoint

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/script"
	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/value"
)

// statementsOf reads a text in pieces of some bytes.
func statementsOf(t *testing.T, text string, lineBreaks bool, piece int) (found []string, err error) {
	t.Helper()
	r := &fileReader{}
	find := endOfLine
	if lineBreaks {
		find = endBehindNames
	}
	err = r.statements(&pieces{text: text, size: piece}, find, func(statement []byte) error {
		found = append(found, string(statement))
		return nil
	})
	return found, err
}

// pieces reads a text some bytes at a time.
type pieces struct {
	text string
	size int
}

func (p *pieces) Read(b []byte) (int, error) {
	n := copy(b, p.text[:min(p.size, len(p.text))])
	p.text = p.text[n:]
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// A file is cut into statements the same way however it is read.
func TestStatements(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text  string
		lines []string // where names hold no line break
		scan  []string // where they may
		err   error
	}{
		"empty":              {},
		"one":                {"COMMIT;\n", []string{"COMMIT"}, []string{"COMMIT"}, nil},
		"several":            {"START TRANSACTION;\nINSERT INTO `t` (`a`) VALUES\n(1),\n(2);\nCOMMIT;\n", []string{"START TRANSACTION", "INSERT INTO `t` (`a`) VALUES\n(1),\n(2)", "COMMIT"}, []string{"START TRANSACTION", "INSERT INTO `t` (`a`) VALUES\n(1),\n(2)", "COMMIT"}, nil},
		"semicolon in value": {"INSERT INTO `t` (`a`) VALUES\n(';'),\n('\\n;\\n');\n", []string{"INSERT INTO `t` (`a`) VALUES\n(';'),\n('\\n;\\n')"}, []string{"INSERT INTO `t` (`a`) VALUES\n(';'),\n('\\n;\\n')"}, nil},
		"name with the end":  {"INSERT INTO `t;\nu` (`a`) VALUES\n('\\'');\nCOMMIT;\n", []string{"INSERT INTO `t", "u` (`a`) VALUES\n('\\'')", "COMMIT"}, []string{"INSERT INTO `t;\nu` (`a`) VALUES\n('\\'')", "COMMIT"}, nil},
		"doubled backtick":   {"INSERT INTO `t``;\n` (`a`) VALUES\n('``;');\n", []string{"INSERT INTO `t``", "` (`a`) VALUES\n('``;')"}, []string{"INSERT INTO `t``;\n` (`a`) VALUES\n('``;')"}, nil},
		"backslash in name":  {"INSERT INTO `t\\` (`a`) VALUES\n('\\\\');\n", []string{"INSERT INTO `t\\` (`a`) VALUES\n('\\\\')"}, []string{"INSERT INTO `t\\` (`a`) VALUES\n('\\\\')"}, nil},
		"cut":                {"COMMIT;\nINSERT", []string{"COMMIT"}, []string{"COMMIT"}, io.ErrUnexpectedEOF},
		"cut at the end":     {"COMMIT;", nil, nil, io.ErrUnexpectedEOF},
		"longer than a read": {"INSERT INTO `t` (`a`) VALUES\n('" + strings.Repeat("x", 3*readAhead) + "');\nCOMMIT;\n", []string{"INSERT INTO `t` (`a`) VALUES\n('" + strings.Repeat("x", 3*readAhead) + "')", "COMMIT"}, []string{"INSERT INTO `t` (`a`) VALUES\n('" + strings.Repeat("x", 3*readAhead) + "')", "COMMIT"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, piece := range []int{1, 2, 3, 7, 1 << 20} {
				if piece < 7 && len(c.text) > 1000 {
					continue
				}
				for lineBreaks, want := range map[bool][]string{false: c.lines, true: c.scan} {
					got, err := statementsOf(t, c.text, lineBreaks, piece)
					if diff := cmp.Diff(want, got); diff != "" || !errors.Is(err, c.err) {
						t.Errorf("line breaks %v, %d bytes at a time: %v (-want +got):\n%s", lineBreaks, piece, err, diff)
					}
				}
			}
		})
	}
}

// What the disk or the server says ends the file.
func TestStatements_errors(t *testing.T) {
	t.Parallel()
	broken, refused := errors.New("input/output error"), errors.New("the server is gone")
	r := &fileReader{}
	never := func([]byte) error { return nil }
	if err := r.statements(iotest.ErrReader(broken), endOfLine, never); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	count := 0
	err := r.statements(strings.NewReader("SELECT 1;\nSELECT 2;\n"), endOfLine, func([]byte) error { count++; return refused })
	if !errors.Is(err, refused) || count != 1 {
		t.Errorf("after %d statements: %v", count, err)
	}
}

// A file with rows may hold nothing but rows of its table.
func TestAllowed(t *testing.T) {
	t.Parallel()
	for statement, want := range map[string]string{
		"INSERT INTO `t` (`a`) VALUES\n(1)":   "",
		beginRows:                             "",
		endRows:                               "",
		"SET @landlord_value_1 = _binary 'x'": "",
		"SET @other = _binary 'x'":            "`SET @other = _binary 'x'` is no INSERT into `t`",
		value.LaxSettings:                     "",
		value.StrictSettings:                  "",
		script.Settings[0]:                    "",
		script.Settings[1]:                    "",
		script.Settings[2]:                    "",
		"INSERT INTO `t` (`" + strings.Repeat("x", 2000) + "`) VALUES (1)": "",
		"INSERT INTO `u` (`a`) VALUES\n(1)":                                "`INSERT INTO `u` (`a`) VALUES\n(1)` is no INSERT into `t`",
		"INSERT INTO `t``u` (`a`) VALUES\n(1)":                             "`INSERT INTO `t``u` (`a`) VALUES\n(1)` is no INSERT into `t`",
		"INSERT INTO `t` SELECT 1":                                         "`INSERT INTO `t` SELECT 1` is no INSERT into `t`",
		"DROP TABLE `t`":                                                   "`DROP TABLE `t`` is no INSERT into `t`",
		"COMMIT ":                                                          "`COMMIT ` is no INSERT into `t`",
		"SET sql_mode = ''":                                                "`SET sql_mode = ''` is no INSERT into `t`",
		strings.Repeat("y", 100):                                           "`" + strings.Repeat("y", 80) + "` is no INSERT into `t`",
		"":                                                                 "`` is no INSERT into `t`",
	} {
		got := ""
		if err := allowed([]byte(statement), "t"); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A file is read through one buffer, whatever its size.
func TestStatements_allocations(t *testing.T) {
	var text bytes.Buffer
	for i := range 20 {
		fmt.Fprintf(&text, "INSERT INTO `t` (`a`) VALUES\n(%d,'%s');\n", i, strings.Repeat("x", statementSize))
	}
	r := &fileReader{}
	from := bytes.NewReader(nil)
	load := func() {
		from.Reset(text.Bytes())
		if err := r.statements(from, endOfLine, func(s []byte) error { return allowed(s, "t") }); err != nil {
			t.Error(err)
		}
	}
	load()
	// For each statement its beginning, which is looked at.
	if n := testing.AllocsPerRun(10, load); n > 3*20 {
		t.Errorf("20 statements make %v objects", n)
	}
	if most := 2*statementSize + 2*readAhead; cap(r.buf) > most {
		t.Errorf("the buffer has %d bytes, at most %d are needed", cap(r.buf), most)
	}
}
