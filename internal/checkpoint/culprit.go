package checkpoint

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/value"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// An insert is an INSERT of a file with rows, taken apart.
type insert struct {
	head    string // up to VALUES and the line break
	columns []string
	rows    []row
}

// A row is the text of a row with its literals.
type row struct {
	text     string
	literals []string
	number   int // in its file, 1 the first
}

// parseInsert takes an INSERT apart; it has no rows when the statement is none.
func parseInsert(statement string) insert {
	var in insert
	if !strings.HasPrefix(statement, "INSERT ") {
		return in
	}
	depth, begin, item := 0, 0, 0
	behind := false // the head
	scan := sqltext.NewScanner(statement, sqltext.Mode{})
	for t := scan.Next(); t.Kind != sqltext.End; t = scan.Next() {
		switch {
		case !behind && t.Is("VALUES"):
			behind = true
			in.head = statement[:t.End] + "\n"
		case !behind && depth == 1 && t.Kind == sqltext.Name:
			in.columns = append(in.columns, t.Text)
		}
		switch {
		case t.IsPunct('('):
			if depth++; depth == 1 && behind {
				begin, item = t.Start, t.End
				in.rows = append(in.rows, row{})
			}
		case t.IsPunct(',') && depth == 1 && behind, t.IsPunct(')') && depth == 1 && behind:
			last := &in.rows[len(in.rows)-1]
			last.literals = append(last.literals, strings.TrimSpace(statement[item:t.Start]))
			item = t.End
			if t.IsPunct(')') {
				depth--
				last.text = statement[begin:t.End]
			}
		case t.IsPunct(')'):
			depth--
		}
	}
	return in
}

// statement is the INSERT of some of its rows.
func (in *insert) statement(rows []row) string {
	var b bytes.Buffer
	b.WriteString(in.head)
	for i, r := range rows {
		if i > 0 {
			b.WriteString(",\n")
		}
		b.WriteString(r.text)
	}
	return b.String()
}

// keyOf says which row it is by its primary key, of which it tells the numbers and
// the dates: any other value may be a token, an address or a hash, and an error gets
// into logs and tickets. All says that nothing was left out.
func keyOf(key []string, columns []value.Column, literal func(column string) string) (text string, all bool) {
	parts := make([]string, len(key))
	all = len(key) > 0
	for i, name := range key {
		told := ""
		if slices.ContainsFunc(columns, func(c value.Column) bool { return c.Name == name && c.IsNumberOrDate() }) {
			told = literal(name)
		}
		if told == "" {
			told, all = "…", false
		}
		parts[i] = mysql.Quote(name) + " = " + told
	}
	return strings.Join(parts, " AND "), all
}

// literal returns the literal that a row has for a column, empty when it has none.
func (in *insert) literal(r row, column string) string {
	if i := slices.Index(in.columns, mysql.Quote(column)); i >= 0 && i < len(r.literals) {
		return r.literals[i]
	}
	return ""
}

// describe says which rows they are: by their key, and by their place in the file
// where that does not tell.
func (in *insert) describe(rows []row, file string, key []string, columns []value.Column) string {
	first, last := rows[0], rows[len(rows)-1]
	from, all := keyOf(key, columns, func(column string) string { return in.literal(first, column) })
	to, _ := keyOf(key, columns, func(column string) string { return in.literal(last, column) })
	place := fmt.Sprintf("row %d of file `%s`", first.number, file)
	text := "the row with " + from
	if len(rows) > 1 {
		place = fmt.Sprintf("rows %d to %d of file `%s`", first.number, last.number, file)
		text = "the rows from " + from + " to " + to
	}
	switch {
	case len(key) == 0:
		return place
	case !all:
		return text + " (" + place + ")"
	}
	return text
}

// blamed says which rows of a statement the server refuses: one of them, where
// halves can be tried because a statement that fails leaves nothing behind, else the
// first and the last.
func (r *fileReader) blamed(ctx context.Context, statement string, f File, err error) string {
	in := parseInsert(statement)
	if len(in.rows) == 0 || r.unsure(f.Table, err) {
		return "the rows"
	}
	before, failed := r.rowsBefore(f)
	if failed != nil {
		return "rows of file `" + f.Name + "`"
	}
	for i := range in.rows {
		in.rows[i].number = before + i + 1
	}
	var key []string
	var columns []value.Column
	if !r.x.Poisoned() {
		keys, failed := primaryKeys(ctx, r.x, r.database)
		if failed == nil {
			key = keys[f.Table]
		}
		if found, failed := value.ReadColumns(ctx, r.x, r.info, r.database, f.Table); failed == nil {
			columns = found[f.Table]
		}
	}
	rows := in.rows
	if r.transactional[f.Table] && mysql.IsRefused(err) {
		rows = r.culprit(ctx, &in)
	}
	return in.describe(rows, f.Name, key, columns)
}

// rowsBefore counts the rows of a file in the statements that were run. Only an error
// has to know, so that nothing counts them before.
func (r *fileReader) rowsBefore(f File) (int, error) {
	again := &fileReader{directory: r.directory}
	defer again.close()
	rows, statements := 0, 0
	err := again.each(f, func(statement []byte) error {
		if statements++; statements <= r.ran {
			rows += len(parseInsert(string(statement)).rows)
		}
		return nil
	})
	return rows, err
}

// culprit returns the row that the server refuses, of rows among which there is one.
func (r *fileReader) culprit(ctx context.Context, in *insert) []row {
	rows := in.rows
	for len(rows) > 1 && !r.x.Poisoned() {
		half := rows[:len(rows)/2]
		_, err := r.x.Exec(ctx, in.statement(half))
		switch {
		case err == nil:
			rows = rows[len(half):]
		case mysql.IsRefused(err):
			rows = half
		default:
			return rows
		}
	}
	return rows
}
