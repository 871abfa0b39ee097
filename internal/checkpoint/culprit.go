package checkpoint

import (
	"bytes"
	"context"
	"slices"
	"strings"

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

// describe says which row it is: by its primary key, or by its first columns.
func (in *insert) describe(r row, key []string) string {
	const longest, first = 80, 3
	var parts []string
	for i, column := range in.columns {
		keyed := slices.ContainsFunc(key, func(name string) bool { return mysql.Quote(name) == column })
		if i < len(r.literals) && (keyed || len(key) == 0 && i < first) {
			literal := r.literals[i]
			if len(literal) > longest {
				literal = literal[:longest] + " …"
			}
			parts = append(parts, column+" = "+literal)
		}
	}
	return strings.Join(parts, " AND ")
}

// blamed says which rows of a statement the server refuses: one of them, where
// halves can be tried because a statement that fails leaves nothing behind, else the
// first and the last.
func (r *fileReader) blamed(ctx context.Context, statement, table string, err error) string {
	in := parseInsert(statement)
	if len(in.rows) == 0 {
		return "the rows"
	}
	var key []string
	if !r.x.Poisoned() {
		keys, failed := primaryKeys(ctx, r.x, r.database)
		if failed == nil {
			key = keys[table]
		}
	}
	rows := in.rows
	if r.transactional[table] && mysql.IsRefused(err) {
		rows = r.culprit(ctx, &in)
	}
	if len(rows) == 1 {
		return "the row with " + in.describe(rows[0], key)
	}
	return "the rows from " + in.describe(rows[0], key) + " to " + in.describe(rows[len(rows)-1], key)
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
