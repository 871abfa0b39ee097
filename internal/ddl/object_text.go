package ddl

import (
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// WithoutDefiner returns the text of a view, routine, trigger or event without
// DEFINER = …, so that whoever runs it becomes the definer.
func WithoutDefiner(sql string) string {
	text := strings.TrimSpace(sql)
	toks := sqltext.Head(text, sqltext.Mode{}, sqltext.HeadLength)
	for i, t := range toks {
		if t.Is("definer") && i+3 < len(toks) && toks[i+1].IsPunct('=') {
			end := i + 2
			if toks[end+1].Kind == sqltext.Variable {
				end++
			}
			return text[:t.Start] + strings.TrimLeft(text[toks[end].End:], " ")
		}
	}
	return text
}

// ViewQuery returns the SELECT of a view as a server prints it; ok is false when
// the view is more than its SELECT: another algorithm, the rights of whoever
// reads it, or a list of columns.
func ViewQuery(sql string) (query string, ok bool) {
	text := WithoutDefiner(sql)
	c := &sqltext.Cursor{Source: text, Tokens: sqltext.Head(text, sqltext.Mode{}, sqltext.HeadLength)}
	if !c.Accept("create") {
		return "", false
	}
	c.Accept("or", "replace")
	if c.Accept("algorithm") && (!c.AcceptPunct('=') || !c.Accept("undefined")) {
		return "", false
	}
	c.Accept("sql", "security", "definer")
	if !c.Accept("view") {
		return "", false
	}
	_, c.Index = sqltext.NameAt(c.Tokens, c.Index)
	if !c.Accept("as") {
		return "", false
	}
	return strings.TrimSpace(text[c.Tokens[c.Index-1].End:]), true
}
