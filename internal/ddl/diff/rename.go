package diff

import (
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// Rename is a column that may have got another name: a comparison cannot tell that
// from a column that goes and another one that comes.
type Rename struct{ Table, From, To string }

// SQL returns the statement that says that it is one.
func (r Rename) SQL() string {
	return "ALTER TABLE " + sqltext.Quote(r.Table) + " RENAME COLUMN " + sqltext.Quote(r.From) + " TO " + sqltext.Quote(r.To)
}

// Renames finds the columns that may have got another name: of a table that both
// schemas have, each column that goes together with the first one that comes and
// has a like type, one of the same type before others.
func Renames(before, after ddl.Schema, srv ddl.Server) []Rename {
	p := newPlanner(srv, Options{})
	old := p.load(before, side{})
	next := p.load(after, old)
	var out []Rename
	for _, name := range sorted(old.tables) {
		if now := next.tables[name]; now != nil {
			out = append(out, columnRenames(old.tables[name], now)...)
		}
	}
	return out
}

func columnRenames(before, after *ddl.Table) []Rename {
	same := func(a, b ddl.Column) bool { return a.Type.Equal(b.Type) }
	alike := func(a, b ddl.Column) bool { return a.Type.Like(b.Type) }
	taken, gone := map[string]bool{}, map[string]bool{}
	var out []Rename
	for _, like := range []func(a, b ddl.Column) bool{same, alike} {
		for _, was := range before.Columns {
			if gone[was.Name] || after.Column(was.Name) != nil || was.Generated != "" {
				continue
			}
			for _, now := range after.Columns {
				if before.Column(now.Name) == nil && !taken[now.Name] && now.Generated == "" && like(was, now) {
					gone[was.Name], taken[now.Name] = true, true
					out = append(out, Rename{Table: before.Name, From: was.Name, To: now.Name})
					break
				}
			}
		}
	}
	return out
}
