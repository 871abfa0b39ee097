package program

import (
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// WithDefiner returns a statement that makes a view, routine, trigger or event,
// or alters a view or event, with another DEFINER: the account as statements
// take it, quoted, or none when it is empty, so that whoever runs the statement
// becomes the definer. ok is false for any other statement, which comes back as
// it is.
func WithDefiner(sql, account string) (text string, ok bool) {
	h := ReadHead(sql)
	if h == nil {
		return sql, false
	}
	return h.WithDefiner(sql, account), true
}

// A Head is what stands before the name of a program that is made.
type Head struct {
	Database string // that qualifies the name; empty for the default one
	moved    string // that qualifies the new name of an event; empty for the default one, and where it keeps its name
	from, to int    // where DEFINER = … stands; both the same where it would have to stand
	doubtful bool   // see headReader
	view     bool
}

// WithDefiner returns the statement whose head it is as the function of that name
// does.
func (h *Head) WithDefiner(sql, account string) string {
	before, after := sql[:h.from], sql[h.to:]
	switch {
	case account != "" && h.from == h.to:
		return before + " DEFINER=" + account + after
	case account != "":
		return before + "DEFINER=" + account + after
	case h.from < h.to && after != "" && after[0] == ' ':
		return before + after[1:]
	}
	return before + after
}

// A headReader reads the tokens of a statement from its beginning, as few as
// tell: rows to insert may be megabytes.
type headReader struct {
	scanner *sqltext.Scanner
	last    sqltext.Token
	now     sqltext.Token

	// doubtful says that a comment was read which not every server executes, or
	// something else than this reader knows.
	doubtful bool
}

func (r *headReader) next() {
	r.last = r.now
	for {
		r.now = r.scanner.Next()
		switch r.now.Kind {
		case sqltext.Open:
			r.doubtful = r.doubtful || !sqltext.IsForAllServers(r.now.Text)
			continue
		case sqltext.Comment, sqltext.Hint, sqltext.Close:
			continue
		}
		return
	}
}

func (r *headReader) accept(words ...string) bool {
	if !r.now.IsAny(words...) {
		return false
	}
	r.next()
	return true
}

// option reads `= value` behind the name of an option.
func (r *headReader) option() bool {
	if !r.now.IsPunct('=') {
		return false
	}
	r.next()
	r.next()
	return true
}

// ReadHead returns nil for a statement that makes no program. The account
// behind DEFINER may be called like a kind of object.
func ReadHead(sql string) *Head {
	r := &headReader{scanner: sqltext.NewScanner(sql, sqltext.Mode{})}
	r.next()
	altered := r.now.Is("ALTER")
	if !r.accept("CREATE", "ALTER") {
		return nil
	}
	h := &Head{from: r.last.End}
	if r.accept("OR") {
		r.accept("REPLACE")
		h.from = r.last.End
	}
	if r.accept("ALGORITHM") {
		if !r.option() {
			return nil
		}
		h.from = r.last.End
	}
	if r.accept("MATERIALIZED") {
		h.from = r.last.End
	}
	h.to = h.from
	if r.now.Is("DEFINER") {
		h.from = r.now.Start
		if r.next(); !r.option() {
			return nil
		}
		h.to = r.account()
	}
	for r.accept("SQL", "SECURITY", "DEFINER", "INVOKER", "AGGREGATE", "JSON", "RELATIONAL", "DUALITY") {
		continue
	}
	if !r.isProgram(altered) {
		return nil
	}
	kind := strings.ToUpper(r.last.Text)
	h.view = kind == "VIEW"
	h.Database = r.qualifier()
	if r.accept("RETURNS") {
		if r.next(); r.now.Is("SONAME") { // code of a shared library, and no definer
			return nil
		}
	}
	if !r.now.IsPunct('(') && !r.now.IsAny(behind[kind]...) {
		r.doubtful = true
	}
	if altered && kind == "EVENT" {
		h.moved = r.renamed()
	}
	h.doubtful = r.doubtful
	return h
}

// behind are the words that may follow the name of a program where it is made, or
// altered by whoever becomes its definer; beside them it is a parenthesis.
var behind = map[string][]string{
	"VIEW": {"AS"}, "PROCEDURE": nil, "FUNCTION": nil, "TRIGGER": {"BEFORE", "AFTER"}, "PACKAGE": {"AS", "IS", "COMMENT", "SQL"},
	"EVENT": {"ON", "RENAME", "COMMENT", "ENABLE", "DISABLE", "DO"},
}

// renamed reads on to the new name of an event, and returns what stands before its
// dot.
func (r *headReader) renamed() (database string) {
	for r.now.Kind != sqltext.End {
		if r.accept("RENAME") && r.accept("TO") {
			return r.qualifier()
		}
		r.next()
	}
	return ""
}

// qualifier reads the name of a program and returns what stands before its dot. To
// MariaDB one with nothing before the dot is a name too.
func (r *headReader) qualifier() (database string) {
	if r.last.Is("PACKAGE") {
		r.accept("BODY")
	}
	for r.accept("IF", "NOT", "EXISTS") {
		continue
	}
	if r.now.IsPunct('.') {
		r.next()
	}
	name := r.now
	if r.next(); r.now.IsPunct('.') && name.IsName() {
		database = name.Value()
		r.next()
		r.next()
	}
	return database
}

// account reads the rest of an account whose name was read, and returns where
// it ends.
func (r *headReader) account() int {
	end := r.last.End
	switch {
	case r.now.Kind == sqltext.Variable:
		at := r.now.Text == "@"
		end = r.now.End
		if r.next(); at {
			end = r.now.End
			r.next()
		}
	case r.now.IsPunct('('): // CURRENT_USER()
		r.next()
		end = r.now.End
		r.next()
	}
	return end
}

// isProgram says whether a kind of object follows that keeps a definer. Altering
// a routine leaves its definer as it is, and no other kind is altered so.
func (r *headReader) isProgram(altered bool) bool {
	if altered {
		return r.accept("VIEW", "EVENT")
	}
	return r.accept("VIEW", "PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "PACKAGE")
}

// Databases says whether a statement makes, alters or drops views,
// routines, triggers or events, and which databases it names before their names.
// ok is false where that hangs on a comment that some servers skip, and where
// something stands there that is not known.
func Databases(sql string) (databases []string, ok bool) {
	add := func(database string) {
		if database != "" {
			databases = append(databases, database)
		}
	}
	if h := ReadHead(sql); h != nil {
		add(h.Database)
		add(h.moved)
		return databases, !h.doubtful
	}
	r := &headReader{scanner: sqltext.NewScanner(sql, sqltext.Mode{})}
	r.next()
	dropped := r.now.Is("DROP")
	if !r.accept("ALTER", "DROP") || !r.accept("VIEW", "PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "PACKAGE") {
		return nil, false
	}
	for add(r.qualifier()); r.now.IsPunct(','); add(r.qualifier()) { // views
		r.next()
	}
	if dropped {
		r.accept("RESTRICT", "CASCADE")
		r.doubtful = r.doubtful || r.now.Kind != sqltext.End
	}
	return databases, !r.doubtful
}

// MakesView says whether a statement makes or alters a view.
func MakesView(sql string) bool {
	h := ReadHead(sql)
	return h != nil && h.view
}

// InDatabase returns a statement that drops a function with the name of its database,
// where it has none: without it, a server drops the function of all databases that a
// library has brought, if there is one of that name.
func InDatabase(sql, database string) string {
	r := &headReader{scanner: sqltext.NewScanner(sql, sqltext.Mode{})}
	r.next()
	if database == "" || !r.accept("DROP") || !r.accept("FUNCTION") {
		return sql
	}
	for r.accept("IF", "EXISTS") {
		continue
	}
	name := r.now
	if r.next(); !name.IsName() || r.now.IsPunct('.') {
		return sql
	}
	return sql[:name.Start] + "`" + strings.ReplaceAll(database, "`", "``") + "`." + sql[name.Start:]
}

// Makes says whether a statement makes a view, routine, trigger or event,
// or becomes its definer by altering it.
func Makes(sql string) bool { return ReadHead(sql) != nil }
