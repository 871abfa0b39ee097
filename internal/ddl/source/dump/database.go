package dump

import (
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// defaults are the character set and collation of the database of a file, from
// a line on; an empty one is not said.
type defaults struct {
	line               int
	charset, collation string
}

// databases leaves out what selects, makes or changes the only database of a file,
// which need not have a name there, and its name before a dot. With two databases
// in it everything stays, and is refused.
func (d *dump) databases() {
	var about []*part
	names := map[string]bool{}
	for i := range d.parts {
		p := &d.parts[i]
		name, ok := databaseOf(p)
		if p.gone || !ok {
			continue
		}
		about = append(about, p)
		if name != "" {
			names[name] = true
		}
	}
	if len(names) > 1 {
		return
	}
	for name := range names {
		d.database = name
	}
	for _, p := range about {
		d.keepDefaults(p)
		d.warn(p.Position, source.CodeIgnored, source.SummaryIgnored, "`%s` is of no use here: everything runs in the tenant's own database. Remove it to be rid of this warning.", p.verb())
		d.leaveOut(p)
	}
	for i := range d.parts {
		if d.database != "" && !d.parts[i].gone {
			d.unqualify(&d.parts[i])
		}
	}
}

// verb names a statement about a database.
func (p *part) verb() string {
	if p.Verb == "USE" {
		return p.Verb
	}
	return p.Verb + " " + p.Head.Other
}

// databaseOf returns the database that a statement makes, drops, changes or
// selects; empty when it is the one in use.
func databaseOf(p *part) (string, bool) {
	toks := p.toks
	switch {
	case len(toks) == 2 && toks[0].Is("USE"):
		return toks[1].Value(), true
	case len(toks) < 2 || !toks[0].IsAny("CREATE", "DROP", "ALTER"):
		return "", false
	}
	i := 1
	for i < len(toks) && toks[i].IsAny("OR", "REPLACE") {
		i++
	}
	if i >= len(toks) || !toks[i].IsAny("DATABASE", "SCHEMA") {
		return "", false
	}
	for i++; i < len(toks) && toks[i].IsAny("IF", "NOT", "EXISTS"); i++ {
	}
	if i >= len(toks) || !toks[i].IsName() {
		return "", false
	}
	if toks[0].Is("ALTER") && toks[i].IsAny("CHARACTER", "CHARSET", "COLLATE", "DEFAULT") && i+1 < len(toks) && !toks[i+1].IsAny("CHARACTER", "CHARSET", "COLLATE", "DEFAULT") {
		return "", true
	}
	return toks[i].Value(), true
}

// keepDefaults remembers the character set and collation of CREATE or ALTER
// DATABASE.
func (d *dump) keepDefaults(p *part) {
	if !p.toks[0].IsAny("CREATE", "ALTER") {
		return
	}
	of := defaults{line: p.Line}
	for i := 1; i < len(p.toks); i++ {
		t := p.toks[i]
		k := i + 1
		switch {
		case t.Is("CHARSET") || t.Is("COLLATE"):
		case t.Is("CHARACTER") && k < len(p.toks) && p.toks[k].Is("SET"):
			k++
		default:
			continue
		}
		if k < len(p.toks) && p.toks[k].IsPunct('=') {
			k++
		}
		if k >= len(p.toks) {
			break
		}
		value := strings.ToLower(textOf(p.toks[k]))
		if strings.ContainsFunc(value, func(r rune) bool { return r > 0x7f || !sqltext.IsWordByte(byte(r)) }) {
			continue // no name of one, and it is written into statements that have been judged
		}
		if t.Is("COLLATE") {
			of.collation = value
		} else {
			of.charset = value
		}
		i = k
	}
	if of.charset != "" || of.collation != "" {
		d.charset = append(d.charset, of)
	}
}

// textOf is the value of a name or a string.
func textOf(t sqltext.Token) string {
	if t.Kind == sqltext.String {
		return sqltext.Unquote(t.Text, false)
	}
	return t.Value()
}

// unqualify leaves the database out of names, unless the statement uses its
// name, in backquotes, for something else too.
func (d *dump) unqualify(p *part) {
	plain, alone := source.Unqualify(string(d.text[p.start:p.start+len(p.Text)]), d.database)
	if !slices.ContainsFunc(alone, func(t sqltext.Token) bool { return t.Kind == sqltext.Name }) {
		copy(d.text[p.start:], plain)
	}
}
