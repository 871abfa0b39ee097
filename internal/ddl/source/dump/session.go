package dump

import (
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// CodeMode is a sql_mode under which a text cannot be read.
const CodeMode source.Code = "mode"

// setting is the value of a session setting or of a user variable.
type setting struct {
	text string
	own  bool // the session's own, whatever that is
}

// session follows what a file sets for the statements behind.
type session struct {
	settings map[string]setting // by name in upper case
	users    map[string]setting // user variables that keep a setting
	mariadb  bool
	joins    bool // rows are made of texts whose length a setting bounds
}

// counted are the settings that count for the statements behind them.
var counted = []string{
	"SQL_MODE", "CHARACTER_SET_CLIENT", "COLLATION_CONNECTION", "TIME_ZONE", "FOREIGN_KEY_CHECKS", "DEFAULT_STORAGE_ENGINE", "STORAGE_ENGINE", "EXPLICIT_DEFAULTS_FOR_TIMESTAMP",
}

// passed are those that a file may keep and give back, and that count for nothing.
var passed = []string{"CHARACTER_SET_RESULTS", "UNIQUE_CHECKS", "SQL_NOTES", "NOTE_VERBOSITY"}

// followSession gives each statement the settings that the file has made for it,
// and leaves the assignments out that make them. Those that it does not understand
// stay, and are judged like others.
func (d *dump) followSession(statements []source.Statement) []source.Statement {
	s := &session{settings: map[string]setting{}, users: map[string]setting{}, mariadb: d.srv.Product == ddl.MariaDB}
	s.joins = slices.ContainsFunc(d.parts, func(p part) bool {
		return !p.gone && slices.ContainsFunc(p.toks, func(t sqltext.Token) bool { return t.IsAny("GROUP_CONCAT", "JSON_ARRAYAGG", "JSON_OBJECTAGG") })
	})
	var out []source.Statement
	told := false
	for _, st := range statements {
		if st.Verb == "SET" {
			out = append(out, d.assignments(s, &st)...)
			continue
		}
		for _, name := range assigned(sqltext.Head(st.Text, sqltext.Mode{}, assigning)) {
			delete(s.users, strings.ToUpper(name))
		}
		d.assumes(s, &st)
		st.Settings = s.of(&st)
		if mode := ddl.ModeReading(s.settings["SQL_MODE"].text, st.Text); mode != "" && !told {
			told = true
			d.faults = append(d.faults, source.Fault{
				Position: st.Position, Code: CodeMode, Severity: source.SeverityError, Summary: "Text of another sql_mode",
				Detail: fmt.Sprintf("The file sets `%s`, under which the same text means something else. Write what stands behind it for a server without that mode.", mode),
			})
		}
		out = append(out, st)
	}
	return out
}

// assigning is how much of a statement is looked through for assignments to variables.
const assigning = 1000

// assignments follows a SET statement and returns what is left of it: the assignments
// that rows read, as a statement beside them, and those that are to be judged.
func (d *dump) assignments(s *session, st *source.Statement) []source.Statement {
	toks := sqltext.Tokens(st.Text, sqltext.Mode{})[1:]
	var read, rest []string
	list := sqltext.SplitCommas(toks)
	for _, a := range list {
		if len(a) == 0 || s.follow(a, d.reads) {
			continue
		}
		text := st.Text[a[0].Start:a[len(a)-1].End]
		if name := a[0].UserVariable(); name != "" && d.reads[name] && d.layer == source.LayerSchema {
			read = append(read, text)
		} else {
			rest = append(rest, text)
		}
	}
	var out []source.Statement
	add := func(texts []string) {
		if len(texts) == 0 {
			return
		}
		part := *st
		if len(texts) < len(list) {
			part.Text = "SET " + strings.Join(texts, ", ")
			part.SQL = sqltext.OneLine(part.Text)
			part.Position = st.PositionOf(strings.Index(st.Text, texts[0]))
		}
		out = append(out, part)
	}
	delete(d.rowsToo, st.Position)
	if add(read); len(out) > 0 {
		d.rowsToo[out[0].Position] = true
	}
	add(rest)
	return out
}

// follow takes one assignment of a SET statement over. It returns false when it has to
// stay: it is not understood, or it gives a variable a value that rows may read too.
func (s *session) follow(a []sqltext.Token, read map[string]bool) bool {
	if a[0].Is("NAMES") || a[0].IsAny("CHARSET") || len(a) > 1 && a[0].Is("CHARACTER") && a[1].Is("SET") {
		return s.names(a)
	}
	name, user, value := assignment(a)
	v, ok := s.value(value)
	switch {
	case user && ok:
		s.users[name] = v
		return len(value) == 1 && strings.HasPrefix(value[0].Text, "@@") && !read[strings.ToLower(name)]
	case user:
		delete(s.users, name)
		return false
	case ok && name != "" && (slices.Contains(counted, name) || slices.Contains(passed, name)):
		s.settings[name] = v
		return true
	case ok && (name == "GROUP_CONCAT_MAX_LEN" && !s.joins || name == "SQL_GENERATE_INVISIBLE_PRIMARY_KEY" && (v.own || isOff(v.text))):
		return true
	}
	s.guess(a)
	return false
}

// guess takes note of the modes that are named in an assignment to sql_mode which is
// not understood, for ddl.ModeReading; what REPLACE takes away aside. The statement has no
// effect, so the mode stays the session's own.
func (s *session) guess(a []sqltext.Token) {
	name, user, value := assignment(a)
	if name != "SQL_MODE" || user || slices.ContainsFunc(value, func(t sqltext.Token) bool { return t.Is("REPLACE") }) {
		return
	}
	var named []string
	for _, t := range value {
		if t.Kind == sqltext.String {
			named = append(named, textOf(t))
		}
	}
	s.settings["SQL_MODE"] = setting{text: strings.Join(named, ","), own: true}
}

// assignment takes `[SESSION] name = value` apart: the name in upper case, and
// whether it is a user variable. The name is empty when it is neither that nor
// a setting of the session.
func assignment(toks []sqltext.Token) (name string, user bool, value []sqltext.Token) {
	if len(toks) > 1 && toks[0].IsAny("SESSION", "LOCAL") && toks[1].IsName() {
		toks = toks[1:]
	}
	at := slices.IndexFunc(toks, func(t sqltext.Token) bool { return t.IsPunct('=') })
	if at < 1 {
		return "", false, nil
	}
	left := toks[:at]
	if left[len(left)-1].IsPunct(':') {
		left = left[:len(left)-1]
	}
	if len(left) != 1 {
		return "", false, nil
	}
	switch t := left[0]; {
	case t.Kind == sqltext.Variable && strings.HasPrefix(t.Text, "@@"):
		return sessionVariable(t.Text), false, toks[at+1:]
	case t.Kind == sqltext.Variable:
		return strings.ToUpper(t.Text), true, toks[at+1:]
	case t.IsName():
		return strings.ToUpper(t.Value()), false, toks[at+1:]
	}
	return "", false, nil
}

// sessionVariable returns the name behind `@@` or `@@session.` in upper case.
func sessionVariable(text string) string {
	name := strings.ToUpper(strings.ReplaceAll(text[2:], "`", ""))
	for _, scope := range []string{"SESSION.", "LOCAL."} {
		name = strings.TrimPrefix(name, scope)
	}
	return name
}

// value reads the right side of an assignment.
func (s *session) value(toks []sqltext.Token) (setting, bool) {
	text := ""
	for i, t := range toks {
		switch {
		case t.Kind == sqltext.Word && strings.HasPrefix(t.Text, "_") && i+1 < len(toks) && toks[i+1].Kind == sqltext.String: // its character set
		case t.Kind == sqltext.Variable && len(toks) == 1 && strings.HasPrefix(t.Text, "@@"):
			v, ok := s.settings[sessionVariable(t.Text)]
			return setting{text: v.text, own: !ok || v.own}, true
		case t.Kind == sqltext.Variable && len(toks) == 1:
			v, ok := s.users[strings.ToUpper(t.Text)]
			return v, ok
		case t.Is("DEFAULT") && len(toks) == 1:
			return setting{own: true}, true
		case t.Kind == sqltext.String, t.Kind == sqltext.Number, t.IsName(), t.IsPunct('+'), t.IsPunct('-'):
			text += textOf(t)
		default:
			return setting{}, false
		}
	}
	return setting{text: text}, len(toks) > 0
}

// names follows SET NAMES and SET CHARACTER SET. All of UTF-8 is what the text
// is in anyway.
func (s *session) names(toks []sqltext.Token) bool {
	i := 1
	if toks[0].Is("CHARACTER") {
		i = 2
	}
	if i >= len(toks) {
		return false
	}
	charset := strings.ToLower(textOf(toks[i]))
	switch {
	case i+1 == len(toks):
	case i+3 == len(toks) && toks[i+1].Is("COLLATE"):
	default:
		return false
	}
	if strings.HasPrefix(charset, "utf8") || charset == "default" {
		s.settings["CHARACTER_SET_CLIENT"] = setting{own: true}
		s.settings["COLLATION_CONNECTION"] = setting{own: true}
		return true
	}
	return false
}

// of returns the settings for a statement.
func (s *session) of(st *source.Statement) ddl.Settings {
	var out ddl.Settings
	if mode, ok := s.settings["SQL_MODE"]; ok && !mode.own {
		out.SQLMode = s.known(mode.text)
		out.NoSQLMode = out.SQLMode == ""
	}
	if st.HasDefiner() {
		out.CharacterSetClient = s.settings["CHARACTER_SET_CLIENT"].text
		out.CollationConnection = s.settings["COLLATION_CONNECTION"].text
	}
	zone := s.settings["TIME_ZONE"].text
	if offset := strings.HasPrefix(zone, "+") || strings.HasPrefix(zone, "-"); offset && (st.Kind == ddl.KindEvent || st.ChangesRows()) {
		out.TimeZone = zone
	}
	out.NoForeignKeyChecks = st.ChangesRows() && s.off("FOREIGN_KEY_CHECKS")
	return out
}

// modesOfMariaDB are the modes that MySQL has no more, or never had.
var modesOfMariaDB = []string{
	"NO_AUTO_CREATE_USER", "MYSQL323", "MYSQL40", "DB2", "MAXDB", "MSSQL", "ORACLE", "POSTGRESQL", "NO_FIELD_OPTIONS", "NO_KEY_OPTIONS",
	"NO_TABLE_OPTIONS", "IGNORE_BAD_TABLE_OPTIONS", "EMPTY_STRING_IS_NULL", "SIMULTANEOUS_ASSIGNMENT", "TIME_ROUND_FRACTIONAL",
}

// known leaves out of a mode what the server at hand does not know, and what only
// says how a text is read: ddl.ModeReading tells where that makes a difference.
func (s *session) known(mode string) string {
	var kept []string
	for m := range strings.SplitSeq(strings.ToUpper(mode), ",") {
		m = strings.TrimSpace(m)
		if m == "" || ddl.ChangesReading(m) || !s.mariadb && slices.Contains(modesOfMariaDB, m) || s.mariadb && m == "TIME_TRUNCATE_FRACTIONAL" {
			continue
		}
		kept = append(kept, m)
	}
	return strings.Join(kept, ",")
}
