package catalog

import (
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// Codes of the faults that a Catalog finds.
const (
	CodeDuplicate     source.Code = "duplicate"      // a name that is taken
	CodeMissingTable  source.Code = "missing_table"  // a table that is defined nowhere
	CodeMissingColumn source.Code = "missing_column" // a column that its table does not have
	CodeOrder         source.Code = "order"          // something that is defined only later
	CodeForeignKey    source.Code = "foreign_key"    // a foreign key that the server refuses
	CodePrimaryKey    source.Code = "primary_key"    // none, or two
	CodeOwner         source.Code = "owner"          // a change of what another layer defines
	CodeDrop          source.Code = "drop"           // DROP in a layer that says what there is
)

// Origin says where a statement comes from.
type Origin struct {
	// Owner is the layer in words, for example `core of basic@1.0.0`. What
	// one owner defines another may extend, but not change.
	Owner string
	// File is the file, as it is to be named in faults; it may be empty.
	File string
}

// Catalog is what a row of statements defines: tables with their columns, keys
// and constraints, views, routines, triggers and events. It finds duplicate
// names, references that point to nothing, and changes of what others own.
//
// Names are compared as a server with lower_case_table_names=0 compares them:
// tables, views and triggers with case, everything else without. The zero value
// is an empty catalog. It is not safe for concurrent use.
type Catalog struct {
	forward     bool                 // a foreign key refers to a later table
	relations   map[string]*relation // tables, views and sequences share their names
	others      map[string]site      // by kind and name
	constraints map[string]site      // foreign keys and checks, by sort and name
	needs       []need
	current     *source.Statement
	origin      Origin
	faults      []source.Fault
}

// site is where something is defined.
type site struct {
	source.Position
	Origin
}

// relation is a table, view or sequence.
type relation struct {
	site
	kind    ddl.Kind
	name    string
	columns map[string]sourceColumn // by name in lower case
	order   []string                // names as written
	keys    []sourceKey
	named   map[string]site // keys by name in lower case
	periods []string
	primary bool
	opaque  bool // its columns are not all known
}

// need is something that a statement needs and that was not there yet.
type need struct {
	site
	what  string // completes the sentence "… needs table `t`"
	table string
	key   *laterKey // when it is a foreign key that needs the table
}

// laterKey is a foreign key to a table that is not defined yet. It is judged
// when everything is.
type laterKey struct {
	statement *source.Statement
	origin    Origin
	child     *relation
	reference sourceReference
}

// Add applies a statement: CREATE, ALTER or DROP of tables, views, indexes,
// routines, triggers and events. Of INSERT and REPLACE it looks at the table
// and the list of columns; other statements change nothing. The faults are about this statement, with the file of the origin; what may still be
// defined later is reported by Finish.
//
// A fault with source.CodeIgnored asks for the statement to be left out: a DROP … IF
// EXISTS of something that is not there.
func (c *Catalog) Add(st source.Statement, origin Origin) []source.Fault {
	if c.relations == nil {
		c.relations, c.others, c.constraints = map[string]*relation{}, map[string]site{}, map[string]site{}
	}
	c.current, c.origin, c.faults = &st, origin, nil
	switch {
	case st.Verb == "INSERT" || st.Verb == "REPLACE":
		c.rows()
	case st.Kind == "" || st.Object == "":
	case st.Head.Index:
		c.alter(st.Object)
	case st.Verb == "DROP":
		c.drop()
	case st.Verb == "ALTER" && st.Kind == ddl.KindTable:
		c.alter(st.Object)
	case st.Verb == "ALTER":
		c.alterOther()
	case st.Verb != "CREATE":
	case st.Kind == ddl.KindTable:
		c.createTable()
	case st.Kind == ddl.KindView:
		c.createView()
	case st.Kind == ddl.KindSequence:
		c.relate(&relation{kind: ddl.KindSequence, opaque: true})
	default:
		c.createOther()
	}
	source.SortFaults(c.faults)
	return c.faults
}

// ForwardKeys says, after Finish, whether a foreign key refers to a table that
// is defined only later, as in dumps, which are sorted by name. A server takes
// such statements while foreign_key_checks is off.
func (c *Catalog) ForwardKeys() bool { return c.forward }

// Finish returns the faults that need the whole: references to what is defined
// nowhere, views on what is defined only later, and tables without a primary
// key. They are sorted by file and position.
func (c *Catalog) Finish() []source.Fault {
	c.faults = nil
	for _, n := range c.needs {
		if r := c.relations[n.table]; r != nil {
			if n.key != nil && r.kind == ddl.KindTable {
				c.forward = true
				c.current, c.origin = n.key.statement, n.key.origin
				c.refersTo(n.key.child, r, n.key.reference, n.what)
				continue
			}
			c.fault(n.site, CodeOrder, source.SeverityError, "Object is defined too late",
				"%s needs table `%s`, which is defined only later, in %s. Move it behind that.", n.what, n.table, c.where(r.site, n.Origin))
			continue
		}
		c.fault(n.site, CodeMissingTable, source.SeverityError, "Table is not defined",
			"%s needs table `%s`, which is defined nowhere.%s", n.what, n.table, c.suggest(n.table))
	}
	for _, r := range c.relations {
		if r.kind == ddl.KindTable && !r.primary && !r.opaque {
			c.fault(r.site, CodePrimaryKey, source.SeverityWarning, "Table without a primary key",
				"Table `%s` has no primary key. Replication, online changes and copies of single rows need one.", r.name)
		}
	}
	source.SortFaults(c.faults)
	return c.faults
}

func (c *Catalog) fault(at site, code source.Code, severity source.Severity, summary, format string, args ...any) {
	c.faults = append(c.faults, source.Fault{
		Position: at.Position, File: at.File, Code: code, Severity: severity, Summary: summary, Detail: fmt.Sprintf(format, args...),
	})
}

// err reports an error at a token of the current statement.
func (c *Catalog) err(at sqltext.Token, code source.Code, summary, format string, args ...any) {
	c.fault(c.here(at), code, source.SeverityError, summary, format, args...)
}

// here is the site of a token of the current statement.
func (c *Catalog) here(t sqltext.Token) site {
	return site{Position: c.current.PositionOf(t.Start), Origin: c.origin}
}

// where names a site in a sentence, as seen from a statement of an origin.
func (c *Catalog) where(s site, from Origin) string {
	text := fmt.Sprintf("line %d", s.Line)
	if s.File != "" && s.File != from.File {
		text = fmt.Sprintf("`%s:%s`", s.File, s.Position)
	}
	if s.Owner != "" && s.Owner != from.Owner {
		text += " (" + s.Owner + ")"
	}
	return text
}

// suggest names a table that is written almost like this one.
func (c *Catalog) suggest(name string) string {
	for _, have := range c.sortedRelations() {
		if strings.EqualFold(have, name) {
			return fmt.Sprintf(" `%s` is: names of tables are compared with case.", have)
		}
	}
	return ""
}

func (c *Catalog) sortedRelations() []string {
	names := make([]string, 0, len(c.relations))
	for name := range c.relations {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// relate adds a table, view or sequence under the name of the statement.
func (c *Catalog) relate(r *relation) bool {
	st := c.current
	r.site, r.name = c.here(st.Head.Object), st.Object
	if have := c.relations[st.Object]; have != nil {
		c.duplicate(st.Head.Object, have.kind, st.Object, have.site)
		return false
	}
	c.relations[st.Object] = r
	return true
}

func (c *Catalog) duplicate(at sqltext.Token, kind ddl.Kind, name string, have site) {
	c.err(at, CodeDuplicate, "Object is defined twice", "%s `%s` is defined already, in %s. Remove one of them, or give it another name.",
		source.UpperFirst(string(kind)), name, c.where(have, c.origin))
}

// createOther adds a routine, trigger, event or package.
func (c *Catalog) createOther() {
	st := c.current
	key := source.NameKey(st.Kind, st.Object)
	if have, ok := c.others[key]; ok {
		c.duplicate(st.Head.Object, st.Kind, st.Object, have)
	} else {
		c.others[key] = c.here(st.Head.Object)
	}
	if st.Kind == ddl.KindTrigger {
		c.trigger()
	}
}

// trigger looks at the table of a trigger and the columns it takes from NEW and
// OLD.
func (c *Catalog) trigger() {
	st := c.current
	toks := sqltext.Tokens(st.Text, sqltext.Mode{})
	at := st.Head.Object
	for i := st.Head.Body; i+1 < len(toks); i++ {
		if toks[i].Is("ON") {
			at, _ = sqltext.NameAt(toks, i+1)
			break
		}
	}
	r := c.table(at, st.Table, "Trigger `"+st.Object+"`")
	if r == nil || r.opaque {
		return
	}
	for i := 2; i < len(toks); i++ {
		if toks[i].IsName() && toks[i-1].IsPunct('.') && toks[i-2].IsAny("NEW", "OLD") && (i < 3 || !toks[i-3].IsPunct('.')) {
			if _, ok := r.columns[strings.ToLower(toks[i].Value())]; !ok {
				c.missingColumn(toks[i], r)
			}
		}
	}
}

// table returns a table that the statement needs; nil when it is not there,
// which is kept for Finish, or no table, which is a fault.
func (c *Catalog) table(at sqltext.Token, name, what string) *relation {
	r := c.relations[name]
	switch {
	case r == nil:
		c.needs = append(c.needs, need{site: c.here(at), what: what, table: name})
	case r.kind != ddl.KindTable:
		c.err(at, CodeMissingTable, "Table is not defined", "%s needs table `%s`, but that is a %s.", what, name, r.kind)
		return nil
	}
	return r
}

func (c *Catalog) missingColumn(at sqltext.Token, r *relation) {
	c.err(at, CodeMissingColumn, "Column is not defined", "%s `%s` has no column `%s`.", source.UpperFirst(string(r.kind)), r.name, at.Value())
}

// rows looks at the table and the columns of INSERT and REPLACE.
func (c *Catalog) rows() {
	st := c.current
	r := tokenReader{sqltext.Cursor{Tokens: sqltext.Head(st.Text, sqltext.Mode{}, sqltext.HeadLength), Index: 1}}
	for r.AcceptAny("LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED", "IGNORE", "INTO") {
	}
	at := r.Name()
	if at.Kind == sqltext.End {
		return
	}
	target := c.relations[at.Value()]
	if target == nil {
		c.table(at, at.Value(), "`"+st.Verb+"`")
		return
	}
	columns := r.inside()
	if target.kind != ddl.KindTable || target.opaque || len(columns) > 0 && columns[0].IsAny("SELECT", "WITH", "VALUES", "TABLE") {
		return
	}
	for _, t := range plainNames(columns) {
		c.column(target, t)
	}
}

// alterOther judges ALTER of a routine, event or view: only its owner may.
func (c *Catalog) alterOther() {
	st := c.current
	have, ok := c.others[source.NameKey(st.Kind, st.Object)]
	if r := c.relations[st.Object]; r != nil && r.kind == st.Kind {
		have, ok = r.site, true
	}
	switch {
	case !ok:
		c.err(st.Head.Object, CodeMissingTable, "Object is not defined", "%s `%s` is not defined here, so that it cannot be altered.", source.UpperFirst(string(st.Kind)), st.Object)
	case have.Owner != c.origin.Owner:
		c.owned(st.Head.Object, st.Kind, st.Object, have, "changed")
	}
}

// owned reports a change of what another owner defines.
func (c *Catalog) owned(at sqltext.Token, kind ddl.Kind, name string, have site, done string) {
	c.err(at, CodeOwner, "Object of another layer is changed", "%s `%s` is defined in %s and cannot be %s from here. What may be added to it are columns, keys and constraints.",
		source.UpperFirst(string(kind)), name, c.where(have, c.origin), done)
}

// drop judges DROP: of something that is not there it is left out.
func (c *Catalog) drop() {
	st := c.current
	found := false
	for _, t := range st.Head.Objects {
		have, ok := c.others[source.NameKey(st.Kind, t.Value())]
		if r := c.relations[t.Value()]; r != nil && (r.kind == st.Kind) {
			have, ok = r.site, true
		}
		if !ok {
			continue
		}
		found = true
		if have.Owner != c.origin.Owner {
			c.owned(t, st.Kind, t.Value(), have, "dropped")
			continue
		}
		c.err(t, CodeDrop, "Object is dropped again", "%s `%s` is defined in %s. To be rid of it remove its definition; for tenants that have it write the `DROP` into a file in `migrations/`.",
			source.UpperFirst(string(st.Kind)), t.Value(), c.where(have, c.origin))
	}
	switch {
	case found:
	case st.Head.IfExists:
		c.fault(c.here(sqltext.Token{}), source.CodeIgnored, source.SeverityWarning, source.SummaryIgnored, "%s is of no use here: nothing of that name is there. Remove it to be rid of this warning.", source.UpperFirst(st.What()))
	default:
		c.err(st.Head.Object, CodeDrop, "Object to drop is not defined", "%s `%s` is not defined here, so that it cannot be dropped. Leave the statement out.", source.UpperFirst(string(st.Kind)), st.Object)
	}
}
