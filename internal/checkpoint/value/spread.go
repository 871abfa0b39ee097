package value

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// A TooLargeError says that a value has more bytes than a server puts together:
// nothing but a file that it reads itself can bring it there.
type TooLargeError struct {
	Size  int64 // of the value, in bytes
	Limit int64 // max_allowed_packet of the server
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("a value has %d bytes, and `max_allowed_packet` of the server is %d", e.Size, e.Limit)
}

// Packet is what the server takes at once, in bytes: its max_allowed_packet. No
// statement may be longer, and no value that a statement puts together.
func Packet(ctx context.Context, q mysql.Queryer) (int64, error) {
	var packet int64
	if err := q.Row(ctx, "SELECT @@max_allowed_packet").Scan(&packet); err != nil {
		return 0, fmt.Errorf("ask for max_allowed_packet: %w", err)
	}
	return packet, nil
}

// mostStatement bounds a statement with one row, whatever the server takes: the
// standard client, too, and a server at its default settings shall load it.
const mostStatement = 8 << 20

// A Spreader brings statements through a server that are longer than what it takes
// at once: the long literals among them are put together in variables of the
// session, piece by piece, before the statement. Binary variables are stored byte by
// byte, in columns of any character set.
type Spreader struct {
	packet    int64
	limit     int    // of a statement
	variables string // begins their names
	run       func(statement string) error
	used      int // variables that hold something
}

// VariablesOfFiles begins the names of the variables of the session that a file with
// rows uses.
const VariablesOfFiles = "@landlord_value_"

// NewSpreader returns a Spreader for a server with a max_allowed_packet. Run takes
// the statements that put values together.
func NewSpreader(packet int64, run func(statement string) error) *Spreader {
	return &Spreader{packet: packet, limit: int(min(mostStatement, packet/2)), variables: "@landlord_part_", run: run}
}

// NewFileSpreader returns a Spreader for statements that are kept in a file.
func NewFileSpreader(packet int64, run func(statement string) error) *Spreader {
	s := NewSpreader(packet, run)
	s.variables = VariablesOfFiles
	return s
}

// Longest is how long a literal may be that stays in a statement, when it has a
// number of literals.
func (s *Spreader) Longest(literals int) int { return s.limit / (literals + 1) }

// FitsRow says whether the literals of a row are sent as they are, whatever
// characters the values have.
func FitsRow[T ~[]byte](s *Spreader, values []T) bool {
	const around = 24 // quotes, an introducer, a comma
	length := 0
	for _, v := range values {
		if length += 2*len(v) + around; length > s.limit {
			return false
		}
	}
	return true
}

// Spread puts the literals of a text that are longer than some bytes into
// variables, and returns the text with these in their places. The error is a
// *TooLargeError when the server could not put a value together.
func (s *Spreader) Spread(text string, longest int) (string, error) {
	var b strings.Builder
	var last [2]sqltext.Token // the tokens before
	from := 0
	scan := sqltext.NewScanner(text, sqltext.Mode{})
	for t := scan.Next(); t.Kind != sqltext.End; t = scan.Next() {
		if t.Kind == sqltext.String && t.End-t.Start > longest {
			l := literalOf(t, last)
			name := s.variables + strconv.Itoa(s.used+1)
			if err := s.put(name, l); err != nil {
				return "", err
			}
			b.WriteString(text[from:l.start] + l.expression(name))
			from = t.End
		}
		last[0], last[1] = last[1], t
	}
	return b.String() + text[from:], nil
}

// Send runs a statement with a number of literals. One that is longer than what is
// sent at once is spread before. The error is a *TooLargeError when the server could
// not put a value together.
func (s *Spreader) Send(statement string, literals int, run func(statement string) error) error {
	if len(statement) <= s.limit {
		return run(statement)
	}
	text, err := s.Spread(statement, s.Longest(literals))
	if err == nil {
		err = run(text)
	}
	if free := s.Free(); err == nil {
		return free
	}
	return err
}

// Free lets go of what the variables hold, after the statement.
func (s *Spreader) Free() error {
	if s.used == 0 {
		return nil
	}
	names := make([]string, s.used)
	for i := range names {
		names[i] = s.variables + strconv.Itoa(i+1) + " = NULL"
	}
	s.used = 0
	return s.run("SET " + strings.Join(names, ", "))
}

// A longLiteral is a literal of this package.
type longLiteral struct {
	start        int    // in the text
	characterSet string // of the introducer; empty: that of the client
	body         string // between the quotes
	hex          bool
}

// literalOf reads a literal whose string is a token, and what stands before it.
func literalOf(t sqltext.Token, last [2]sqltext.Token) longLiteral {
	l := longLiteral{start: t.Start, body: t.Text[1 : len(t.Text)-1]}
	before := last[1]
	if before.Is("x") && before.End == t.Start {
		l.hex, l.start = true, before.Start
		before = last[0]
	}
	if before.Kind == sqltext.Word && strings.HasPrefix(before.Text, "_") {
		l.characterSet, l.start = before.Text[1:], before.Start
	}
	return l
}

// expression is what has the value of the literal: binary bytes are converted
// where they have to be text, for a document or a comparison.
func (l longLiteral) expression(variable string) string {
	switch {
	case l.characterSet == "binary" || l.characterSet == "" && l.hex:
		return variable
	case l.characterSet == "":
		return "CONVERT(" + variable + " USING utf8mb4)"
	}
	return "CONVERT(" + variable + " USING " + l.characterSet + ")"
}

// size is how many bytes the value has.
func (l longLiteral) size() int64 {
	if l.hex {
		return int64(len(l.body) / 2)
	}
	n := 0
	for i := 0; i < len(l.body); i++ {
		if c := l.body[i]; (c == '\\' || c == '\'') && i+1 < len(l.body) {
			i++
		}
		n++
	}
	return int64(n)
}

// put puts a value together in a variable.
func (s *Spreader) put(variable string, l longLiteral) error {
	if size := l.size(); size > s.packet {
		return &TooLargeError{Size: size, Limit: s.packet}
	}
	s.used++
	for rest, first := l.body, true; first || rest != ""; first = false {
		n := cut(rest, s.limit/2)
		piece := "_binary '" + rest[:n] + "'"
		if l.hex {
			piece = "x'" + rest[:n] + "'"
		}
		if !first {
			piece = "CONCAT(" + variable + ", " + piece + ")"
		}
		if err := s.run("SET " + variable + " = " + piece); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
}

// cut returns how much of an escaped text makes a piece of a size at most. What
// escapes and what is escaped stay together, as digits do that make a byte.
func cut(escaped string, size int) int {
	if len(escaped) <= size {
		return len(escaped)
	}
	n := size &^ 1
	slashes := 0
	for slashes < n && (escaped[n-1-slashes] == '\\' || escaped[n-1-slashes] == '\'') {
		slashes++
	}
	return n - slashes%2
}
