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
}

// counted are the settings that count for the statements behind them.
var counted = []string{"SQL_MODE", "CHARACTER_SET_CLIENT", "COLLATION_CONNECTION", "TIME_ZONE", "FOREIGN_KEY_CHECKS"}

// passed are those that a file may keep and give back, and that count for nothing.
var passed = []string{"CHARACTER_SET_RESULTS", "UNIQUE_CHECKS", "SQL_NOTES", "NOTE_VERBOSITY"}

// followSession gives each statement the settings that the file has made for it,
// and leaves the statements out that make them. SET statements that it does
// not understand stay, and are judged like others.
func (d *dump) followSession(statements []source.Statement) []source.Statement {
	s := &session{settings: map[string]setting{}, users: map[string]setting{}, mariadb: d.srv.Product == ddl.MariaDB}
	read := variables(statements)
	d.assigns = map[source.Position]bool{}
	var out []source.Statement
	told := false
	for _, st := range statements {
		if st.Verb == "SET" {
			toks := sqltext.Tokens(st.Text, sqltext.Mode{})[1:]
			if s.follow(toks) {
				continue
			}
			s.guess(toks)
		}
		if st.Verb == "SET" && d.layer == source.LayerSchema && assignsOnly(&st, read) {
			d.assigns[st.Position] = true
			out = append(out, st)
			continue
		}
		st.Settings = s.of(&st)
		if mode := ddl.ModeReading(s.settings["SQL_MODE"].text, st.Text); mode != "" && st.Verb != "SET" && !told {
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

// variables are the user variables that statements which change rows read.
func variables(statements []source.Statement) map[string]bool {
	read := map[string]bool{}
	for i := range statements {
		if !statements[i].ChangesRows() {
			continue
		}
		for _, name := range statements[i].SessionUse().Variables {
			read[name] = true
		}
	}
	return read
}

// assignsOnly says whether a SET assigns to user variables only, one of which a
// statement that changes rows reads.
func assignsOnly(st *source.Statement, read map[string]bool) bool {
	some := false
	for _, a := range sqltext.SplitCommas(sqltext.Tokens(st.Text, sqltext.Mode{})[1:]) {
		if len(a) == 0 || a[0].UserVariable() == "" {
			return false
		}
		some = some || read[a[0].UserVariable()]
	}
	return some
}

// follow takes the assignments of a SET statement over. It returns false when the
// statement has to stay: nothing is taken over of one that is not understood, and the
// values that a file gives to variables of its own are, for the settings behind.
func (s *session) follow(toks []sqltext.Token) bool {
	if len(toks) == 0 {
		return false
	}
	if toks[0].Is("NAMES") || toks[0].IsAny("CHARSET") || len(toks) > 1 && toks[0].Is("CHARACTER") && toks[1].Is("SET") {
		return s.names(toks)
	}
	type change struct {
		name string
		user bool
		setting
	}
	var changes []change
	foreign := false // a variable has a value of the file's own, which rows may read too
	for _, a := range sqltext.SplitCommas(toks) {
		name, user, value := assignment(a)
		v, ok := s.value(value)
		if !ok || name == "" || !user && !slices.Contains(counted, name) && !slices.Contains(passed, name) {
			s.forget(toks)
			return false
		}
		foreign = foreign || user && (len(value) != 1 || !strings.HasPrefix(value[0].Text, "@@"))
		changes = append(changes, change{name, user, v})
	}
	if foreign && slices.ContainsFunc(changes, func(c change) bool { return !c.user }) {
		s.forget(toks)
		return false
	}
	for _, c := range changes {
		if c.user {
			s.users[c.name] = c.setting
		} else {
			s.settings[c.name] = c.setting
		}
	}
	return !foreign
}

// forget drops what is known of the variables that a SET gives other values to.
func (s *session) forget(toks []sqltext.Token) {
	for _, a := range sqltext.SplitCommas(toks) {
		if name, user, _ := assignment(a); user {
			delete(s.users, name)
		}
	}
}

// guess takes note of the modes that are named in an assignment to sql_mode which is
// not understood, for ddl.ModeReading; what REPLACE takes away aside. The statement has no
// effect, so the mode stays the session's own.
func (s *session) guess(toks []sqltext.Token) {
	for _, a := range sqltext.SplitCommas(toks) {
		name, user, value := assignment(a)
		if name != "SQL_MODE" || user || slices.ContainsFunc(value, func(t sqltext.Token) bool { return t.Is("REPLACE") }) {
			continue
		}
		var named []string
		for _, t := range value {
			if t.Kind == sqltext.String {
				named = append(named, textOf(t))
			}
		}
		s.settings["SQL_MODE"] = setting{text: strings.Join(named, ","), own: true}
	}
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
	if mode, ok := s.settings["SQL_MODE"]; ok && !mode.own && st.Verb != "SET" {
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
	out.NoForeignKeyChecks = st.ChangesRows() && slices.Contains([]string{"0", "OFF", "FALSE"}, strings.ToUpper(s.settings["FOREIGN_KEY_CHECKS"].text))
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
