package ddl

import (
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// WithoutDefiner returns the text of a view, routine, trigger or event without
// DEFINER = …, so that whoever runs it becomes the definer.
func WithoutDefiner(sql string) string {
	text := strings.TrimSpace(sql)
	toks := sqltext.Head(text, sqltext.Mode{}, headLength)
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
	c := &cursor{src: text, toks: sqltext.Head(text, sqltext.Mode{}, headLength)}
	if !c.accept("create") {
		return "", false
	}
	c.accept("or", "replace")
	if c.accept("algorithm") && (!c.acceptPunct('=') || !c.accept("undefined")) {
		return "", false
	}
	c.accept("sql", "security", "definer")
	if !c.accept("view") {
		return "", false
	}
	_, c.i = nameAt(c.toks, c.i)
	if !c.accept("as") {
		return "", false
	}
	return strings.TrimSpace(text[c.toks[c.i-1].End:]), true
}
