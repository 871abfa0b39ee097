package catalog

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/program"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// An Object is one object of a database as the server prints it, in a form that
// is the same for the same object in a database of another name.
type Object struct {
	// Kind is `table`, `view`, `procedure`, `function`, `trigger`, `event`, and
	// on MariaDB `sequence`, `package` and `package body`.
	Kind string
	Name string
	// Table is the table of a trigger, else empty.
	Table string
	// SQL creates the object in the default database. The database's own name
	// is removed where it qualifies another name. A table has no AUTO_INCREMENT
	// counter. A trigger has the head that MySQL prints, and FOLLOWS when others
	// come before it. An event has no STARTS when that is only the moment at
	// which it was made.
	SQL string
	// SQLMode, CharacterSetClient and CollationConnection are the session's
	// settings with which a stored program or view was created and which it
	// keeps; empty where there are none.
	SQLMode             string
	CharacterSetClient  string
	CollationConnection string
	TimeZone            string // of an event, in which its times are meant
}

// A Dump is the structure of one database.
type Dump struct {
	CharacterSet string
	Collation    string
	Objects      []Object // sorted by kind and name
}

// A HiddenError says that the account may not see the text of an object.
type HiddenError struct{ Kind, Name string }

func (e *HiddenError) Error() string {
	return fmt.Sprintf("the account may not see the text of the %s `%s`", e.Kind, e.Name)
}

// DumpDatabase reads one database as the server prints it: one statement for
// the list, and one SHOW CREATE per object. The error is IsNoSuchDatabase when
// it does not exist, and a *HiddenError when a text may not be seen.
func DumpDatabase(ctx context.Context, q mysql.Queryer, info mysql.Info, database string) (Dump, error) {
	return DumpObjects(ctx, q, info, database, func(string, string) bool { return true })
}

// DumpObjects reads those objects of one database that are wanted by their kind
// and name, as DumpDatabase does. Where somebody renames or drops one of them
// between the list and its text, the database is read again, readingAttempts
// times at most.
func DumpObjects(ctx context.Context, q mysql.Queryer, info mysql.Info, database string, wanted func(kind, name string) bool) (Dump, error) {
	for attempt := 1; ; attempt++ {
		dump, err := dumpOnce(ctx, q, info, database, wanted)
		if err == nil || attempt == readingAttempts || !mysql.IsNoSuchTable(err) && !mysql.IsNoSuchObject(err) {
			return dump, err
		}
	}
}

// readingAttempts is how often a database is read whose objects go meanwhile.
const readingAttempts = 5

func dumpOnce(ctx context.Context, q mysql.Queryer, info mysql.Info, database string, wanted func(kind, name string) bool) (Dump, error) {
	listed, dump, err := listObjects(ctx, q, info, database)
	if err != nil {
		return Dump{}, err
	}
	listed = slices.DeleteFunc(listed, func(o listedObject) bool { return !wanted(o.kind, o.name) })
	dump.Objects = make([]Object, 0, len(listed))
	for i := range listed {
		o, err := listed[i].show(ctx, q, info, database)
		if err != nil {
			return Dump{}, err
		}
		dump.Objects = append(dump.Objects, o)
	}
	return dump, nil
}

// A listedObject is what must be known of an object before it is shown.
type listedObject struct {
	kind, name string
	// For a trigger: its table, when it fires, and the one before it.
	table, timing, event, order string
	follows                     string
	// starts is the start of an event that is to be left out.
	starts string
}

// listingSources are the sources of the list. They share what Describe uses.
func listingSources() []source {
	return []source{
		schemataSource(),
		src("tables", "TABLES", "TABLE_SCHEMA", tableKind, "TABLE_NAME").only("TABLE_TYPE <> 'TEMPORARY'"),
		src("routines", "ROUTINES", "ROUTINE_SCHEMA", "LOWER(ROUTINE_TYPE)", "ROUTINE_NAME"),
		src("triggers", "TRIGGERS", "EVENT_OBJECT_SCHEMA", "'trigger'", "TRIGGER_NAME",
			"EVENT_OBJECT_TABLE", "ACTION_TIMING", "EVENT_MANIPULATION", "LPAD(ACTION_ORDER, 10, '0')"),
		src("events", "EVENTS", "EVENT_SCHEMA", "'event'", "EVENT_NAME",
			"IF("+implicitStart+" IS NULL, STARTS, NULL)"),
	}
}

func listObjects(ctx context.Context, q mysql.Queryer, info mysql.Info, database string) ([]listedObject, Dump, error) {
	var (
		listed []listedObject
		dump   Dump
		exists bool
	)
	r := newReader(info, Databases{Names: []string{database}}, func(row DescribeRow) error {
		o := listedObject{kind: row.Kind, name: row.Object}
		switch row.Source {
		case "schemata":
			exists = true
			dump.CharacterSet, dump.Collation = string(row.Values[0]), string(row.Values[1])
			return nil
		case "triggers":
			o.table, o.timing = string(row.Values[0]), string(row.Values[1])
			o.event, o.order = string(row.Values[2]), string(row.Values[3])
		case "events":
			o.starts = string(row.Values[0])
		}
		listed = append(listed, o)
		return nil
	})
	if err := r.read(ctx, q, listingSources(), selection{names: []string{database}}); err != nil {
		return nil, dump, err
	}
	if !exists {
		return nil, dump, mysql.NoSuchDatabase(database)
	}
	linkTriggers(listed)
	slices.SortFunc(listed, func(a, b listedObject) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.name, b.name))
	})
	return listed, dump, nil
}

// linkTriggers finds for each trigger the one that fires just before it.
func linkTriggers(listed []listedObject) {
	slices.SortFunc(listed, func(a, b listedObject) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.table, b.table), cmp.Compare(a.timing, b.timing),
			cmp.Compare(a.event, b.event), cmp.Compare(a.order, b.order))
	})
	for i := 1; i < len(listed); i++ {
		a, b := &listed[i-1], &listed[i]
		if b.kind == "trigger" && a.kind == b.kind && a.table == b.table && a.timing == b.timing && a.event == b.event {
			b.follows = a.name
		}
	}
}

// show asks for the text of an object and brings it into the common form.
func (o *listedObject) show(ctx context.Context, q mysql.Queryer, info mysql.Info, database string) (Object, error) {
	shown, err := showCreate(ctx, q, o.kind, database, o.name)
	if err != nil {
		return Object{}, err
	}
	if info.Definer != "" {
		shown.SQL, _ = program.WithDefiner(shown.SQL, "")
	}
	d := dialectOf([]byte(shown.SQLMode))
	switch o.kind {
	case "view":
		d = dialect{printed: true} // views are stored without the sql_mode
	case "table":
		d = dialect{printed: true}
		shown.SQL = withoutCounter(shown.SQL)
	case "trigger":
		shown.Table = o.table
		shown.SQL = o.triggerSQL(shown.SQL, d)
	case "event":
		shown.SQL = withoutStart(shown.SQL, o.starts)
		if mysql.HoldsEvent(q, database, o.name) {
			shown.SQL = program.WithEventState(shown.SQL, "ENABLE")
		}
	}
	d.foldCase = info.LowerCaseTableNames != 0
	shown.SQL = string(unqualify([]byte(shown.SQL), database, d))
	return shown, nil
}

// showCreate runs SHOW CREATE. The columns have other names for each kind, and
// other positions.
func showCreate(ctx context.Context, q mysql.Queryer, kind, database, name string) (Object, error) {
	doing := fmt.Sprintf("show the %s `%s`", kind, name)
	show := "SHOW CREATE " + strings.ToUpper(kind) + " " + mysql.Qualified(database, name)
	rows, err := q.Query(ctx, show)
	if kind == "view" && mysql.IsGroupingRefused(err) {
		// MariaDB reads a view by the rules of whoever asks for its text, and
		// this one was made under laxer ones.
		rows, err = q.Query(ctx, "SET STATEMENT sql_mode = '', tx_read_only = 1 FOR "+show)
	}
	if class, _ := mysql.ClassOf(err); kind == "view" && (errors.Is(err, mysql.ErrViewWrites) || class == mysql.ClassReadOnly) {
		return unopenedView(ctx, q, database, name)
	}
	if err != nil {
		return Object{}, fmt.Errorf("%s: %w", doing, err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return Object{}, fmt.Errorf("%s: %w", doing, err)
	}
	o := Object{Kind: kind, Name: name}
	var text, mode, client, collation, zone sql.NullString
	dest := make([]any, len(columns))
	for i, c := range columns {
		switch c = strings.ToLower(c); {
		case strings.HasPrefix(c, "create "), c == "sql original statement":
			dest[i] = &text
		case c == "sql_mode":
			dest[i] = &mode
		case c == "character_set_client":
			dest[i] = &client
		case c == "collation_connection":
			dest[i] = &collation
		case c == "time_zone":
			dest[i] = &zone
		default:
			dest[i] = new(sql.RawBytes)
		}
	}
	if rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return Object{}, fmt.Errorf("%s: %w", doing, err)
		}
	}
	if err := rows.End(); err != nil {
		return Object{}, fmt.Errorf("%s: %w", doing, err)
	}
	if !text.Valid {
		return Object{}, &HiddenError{Kind: kind, Name: name}
	}
	o.SQL, o.SQLMode, o.CharacterSetClient, o.CollationConnection = text.String, mode.String, client.String, collation.String
	o.TimeZone = zone.String
	return o, nil
}

// unopenedView writes the text of a view as SHOW CREATE VIEW of MariaDB does, which opens
// the view and with it what the view calls. The information schema has the parts of the
// text and opens nothing.
func unopenedView(ctx context.Context, q mysql.Queryer, database, name string) (Object, error) {
	o := Object{Kind: "view", Name: name}
	var query, check, definer, security, algorithm string
	err := q.Row(ctx, "SELECT VIEW_DEFINITION, CHECK_OPTION, DEFINER, SECURITY_TYPE, ALGORITHM, CHARACTER_SET_CLIENT, COLLATION_CONNECTION"+
		" FROM information_schema.VIEWS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?", database, name).
		Scan(&query, &check, &definer, &security, &algorithm, &o.CharacterSetClient, &o.CollationConnection)
	if err != nil {
		return Object{}, fmt.Errorf("read the view `%s`: %w", name, err)
	}
	if query == "" {
		return Object{}, &HiddenError{Kind: "view", Name: name}
	}
	account := mysql.Quote(definer) // a role
	if at := strings.LastIndexByte(definer, '@'); at >= 0 {
		account = mysql.Quote(definer[:at]) + "@" + mysql.Quote(definer[at+1:])
	}
	o.SQL = fmt.Sprintf("CREATE ALGORITHM=%s DEFINER=%s SQL SECURITY %s VIEW %s AS %s", algorithm, account, security, mysql.Quote(name), query)
	if check != "NONE" {
		o.SQL += " WITH " + check + " CHECK OPTION"
	}
	return o, nil
}

// triggerSQL replaces the head of a trigger, which MariaDB keeps as it was
// written, and writes down the order, which both products leave out. The body is
// taken from here because the information schema shows it without the escapes
// of its strings.
func (o *listedObject) triggerSQL(text string, d dialect) string {
	definer, body, ok := splitTrigger(text, d)
	if !ok {
		return text
	}
	order := ""
	if o.follows != "" {
		order = " FOLLOWS " + mysql.Quote(o.follows)
	}
	return fmt.Sprintf("%sTRIGGER %s %s %s ON %s FOR EACH ROW%s%s",
		definer, mysql.Quote(o.name), o.timing, o.event, mysql.Quote(o.table), order, body)
}

// splitTrigger returns what stands before TRIGGER and what comes after FOR EACH
// ROW, space included.
func splitTrigger(text string, d dialect) (definer, body string, ok bool) {
	trigger, matched := -1, 0
	want := []string{"FOR", "EACH", "ROW"}
	for _, t := range sqltext.Tokens(text, d.mode) {
		switch {
		case t.Kind != sqltext.Word:
			continue
		case trigger < 0 && t.Is("TRIGGER"):
			trigger = t.Start
		case trigger >= 0 && t.Is(want[matched]):
			matched++
		default:
			matched = 0
		}
		if matched == len(want) {
			return text[:trigger], text[t.End:], true
		}
	}
	return "", "", false
}

// withoutCounter removes the table option AUTO_INCREMENT=n, which grows with
// the data.
func withoutCounter(text string) string {
	const option = "AUTO_INCREMENT="
	if !strings.Contains(text, option) {
		return text
	}
	for _, t := range sqltext.Tokens(text, sqltext.Mode{}) {
		if t.Kind == sqltext.Word && strings.HasPrefix(text[t.Start:], option) {
			end := t.Start + len(option)
			for end < len(text) && text[end] >= '0' && text[end] <= '9' {
				end++
			}
			return strings.TrimRight(text[:t.Start], " ") + text[end:]
		}
	}
	return text
}

func withoutStart(text, starts string) string {
	if starts == "" {
		return text
	}
	head, rest, ok := strings.Cut(text, " ON SCHEDULE EVERY ")
	if !ok {
		return text
	}
	return head + " ON SCHEDULE EVERY " + strings.Replace(rest, " STARTS '"+starts+"'", "", 1)
}
