package script

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/value"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/program"
)

// A Statement creates one object of a database in the default database of a
// session, see [Statement.Run].
type Statement struct {
	Kind  ddl.Kind
	Name  string
	Table string // that a trigger belongs to
	SQL   string
	// Settings are those that the server keeps with the object; TimeZone is that
	// of an event, when it is not the session's.
	Settings ddl.Settings
	TimeZone string
	// Memory is how many bytes a table has that lies in memory.
	Memory int64
	// Broken says that the object did not work where it was copied, so that it
	// may be impossible to create.
	Broken bool
}

// Options are choices about the statements of a schema.
type Options struct {
	// EventsDisabled creates every event disabled, so that none of them runs.
	EventsDisabled bool
}

// Tables returns the statements that make sequences and tables, in an order in
// which they work with foreign_key_checks off. Automatic values go on where they
// stood.
func (s Schema) Tables() []Statement {
	var out []Statement
	for _, kind := range []ddl.Kind{ddl.KindSequence, ddl.KindTable} {
		for _, o := range s.Objects {
			if o.Kind != kind {
				continue
			}
			out = append(out, Statement{Kind: kind, Name: o.Name, SQL: withCounter(o.SQL, s.Counters[o.Name]), Memory: s.Memory[o.Name]})
			if v, ok := s.Sequences[o.Name]; ok && kind == ddl.KindSequence {
				sql := fmt.Sprintf("DO SETVAL(%s, %d, 0, %d)", mysql.Quote(o.Name), v.Next, v.Round)
				out = append(out, Statement{Kind: kind, Name: o.Name, SQL: sql})
			}
		}
	}
	return out
}

// tableOptions is where the options of a printed table begin. Line breaks inside
// of quotes are printed as \n.
var tableOptions = regexp.MustCompile(`(?m)^\) ENGINE=\w+`)

// withCounter writes the next automatic value into a printed table.
func withCounter(sql string, next uint64) string {
	if next == 0 {
		return sql
	}
	found := tableOptions.FindAllStringIndex(sql, -1)
	if len(found) != 1 {
		return sql // rows that follow set it to the highest value at least
	}
	at := found[0][1]
	return sql[:at] + " AUTO_INCREMENT=" + strconv.FormatUint(next, 10) + sql[at:]
}

// Programs returns the statements that make routines, views, triggers and
// events, in an order in which they work once tables and rows are there.
func (s Schema) Programs(opt Options) []Statement {
	var rest []ddl.Object
	for _, o := range s.Objects {
		if o.Kind != ddl.KindTable && o.Kind != ddl.KindSequence {
			rest = append(rest, o)
		}
	}
	out := make([]Statement, 0, len(rest))
	for _, o := range creationOrder(rest) {
		st := Statement{
			Kind: o.Kind, Name: o.Name, Table: o.Table, SQL: strings.TrimSpace(o.SQL),
			Settings: ddl.Settings{SQLMode: o.SQLMode, CharacterSetClient: o.CharacterSetClient, CollationConnection: o.CollationConnection},
			Broken:   o.Kind == ddl.KindView && slices.Contains(s.Broken, o.Name),
		}
		if o.Kind == ddl.KindEvent {
			st.TimeZone = s.EventTimeZones[o.Name]
			if opt.EventsDisabled {
				st.SQL = program.WithEventState(st.SQL, "DISABLE")
			}
		}
		out = append(out, st)
	}
	return out
}

// creationOrder sorts objects that are no tables. ddl knows the order; what it
// cannot order keeps its place.
func creationOrder(objects []ddl.Object) []ddl.Object {
	byName := map[string]ddl.Object{}
	for _, o := range objects {
		byName[string(o.Kind)+" "+o.Name] = o
	}
	migration, err := diff.Diff(ddl.Schema{}, ddl.Schema{Objects: objects}, ddl.Server{}, diff.Options{})
	if err != nil {
		return objects
	}
	out := make([]ddl.Object, 0, len(objects))
	for _, c := range migration.Changes {
		if o, ok := byName[c.Object]; ok {
			out = append(out, o)
			delete(byName, c.Object)
		}
	}
	for _, o := range objects {
		if _, left := byName[string(o.Kind)+" "+o.Name]; left {
			out = append(out, o)
		}
	}
	return out
}

// unicode says whether a text in UTF-8 is right for a client character set.
func unicode(characterSet string) bool {
	return characterSet == "" || strings.HasPrefix(characterSet, "utf8")
}

// Run creates the object in the default database of a session that
// [value.PrepareWrite] prepared, and leaves the settings as they were.
func (st Statement) Run(ctx context.Context, x *mysql.Session) error {
	if err := st.run(ctx, x); err != nil {
		return fmt.Errorf("create the %s `%s`: %w", st.Kind, st.Name, err)
	}
	return nil
}

func (st Statement) run(ctx context.Context, x *mysql.Session) error {
	text, err := st.text(ctx, x)
	if err != nil {
		return err
	}
	if sets := st.sets(); sets != "" {
		if _, err := x.Exec(ctx, sets); err != nil {
			return err
		}
	}
	_, err = x.Exec(ctx, text)
	if reset := st.resets(); reset != "" && !x.Poisoned() {
		if _, failed := x.Exec(ctx, reset); err == nil {
			err = failed
		}
	}
	return err
}

// text returns the statement in the character set of the client that made the
// object, which is how the server will take it.
func (st Statement) text(ctx context.Context, x *mysql.Session) (string, error) {
	if unicode(st.Settings.CharacterSetClient) || value.IsASCII([]byte(st.SQL)) {
		return st.SQL, nil
	}
	if _, err := x.Exec(ctx, "SET character_set_results = NULL"); err != nil {
		return "", err
	}
	var converted []byte
	if err := x.Row(ctx, "SELECT CONVERT(? USING "+mysql.Quote(st.Settings.CharacterSetClient)+")", st.SQL).Scan(&converted); err != nil {
		return "", err
	}
	_, err := x.Exec(ctx, "SET character_set_results = utf8mb4")
	return string(converted), err
}

// heapBlock is how much a table in memory takes at once, about.
const heapBlock = 1 << 20

// sets returns the SET statement for the settings, empty when there is none.
func (st Statement) sets() string {
	var parts []string
	add := func(name, v string) {
		if v != "" {
			parts = append(parts, name+" = "+string(value.AppendQuoted(nil, []byte(v))))
		}
	}
	switch st.Kind {
	case ddl.KindProcedure, ddl.KindFunction, ddl.KindTrigger, ddl.KindEvent, ddl.KindPackage, ddl.KindPackageBody:
		// An empty mode is a mode, too.
		parts = append(parts, "sql_mode = "+string(value.AppendQuoted(nil, []byte(st.Settings.SQLMode))))
	}
	add("character_set_client", st.Settings.CharacterSetClient)
	add("collation_connection", st.Settings.CollationConnection)
	add("time_zone", st.TimeZone)
	if st.Memory > 0 {
		// The server keeps it with the table; rows take more room in another order.
		parts = append(parts, fmt.Sprintf("max_heap_table_size = CAST(GREATEST(@@max_heap_table_size, %d) AS UNSIGNED)", 2*st.Memory+heapBlock))
	}
	if len(parts) == 0 {
		return ""
	}
	return "SET " + strings.Join(parts, ", ")
}

// resets returns the statement that undoes sets.
func (st Statement) resets() string {
	switch {
	case st.sets() == "":
		return ""
	case st.Memory > 0:
		return value.WriteSettings + ", max_heap_table_size = @@global.max_heap_table_size"
	}
	return value.WriteSettings
}
