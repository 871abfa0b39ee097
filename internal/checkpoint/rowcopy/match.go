package rowcopy

import (
	"fmt"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/value"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// A copyMatch compares a table of the source with the one of the target.
type copyMatch struct {
	plan       *Plan
	name       string
	from, into *copyStructure
	a, b       *copySource // nil when there is none
	probes     []copyProbe
}

func (m *copyMatch) blocks(code Code, column, problem, advice string) {
	m.plan.add(Finding{Table: m.name, Column: column, Code: code, Problem: problem, Advice: advice, Blocks: true})
}

func (m *copyMatch) notes(code Code, column, problem, advice string) {
	m.plan.add(Finding{Table: m.name, Column: column, Code: code, Problem: problem, Advice: advice})
}

// table makes the plan of the table, nil when it cannot be copied at all.
func (m *copyMatch) table() *copyTable {
	if !m.isTable(m.a, "source", "Correct the name.") || !m.isTable(m.b, "target", "Create it in the target first.") {
		return nil
	}
	t := &copyTable{name: m.name, where: m.plan.request.condition(m.name), mode: m.plan.request.OnConflict, references: m.b.info.ForeignKeys, steady: m.a.transactional}
	m.engines()
	m.columns(t)
	m.key(t)
	m.triggers(t)
	t.probes = m.probes
	if len(t.columns) == 0 {
		m.blocks(CodeColumn, "", "the two sides have no column in common that can be copied", "Leave the table out.")
		return nil
	}
	return t
}

func (m *copyMatch) isTable(s *copySource, side, advice string) bool {
	switch {
	case s == nil:
		m.blocks(CodeTable, "", "the "+side+" has no such table", advice)
		return false
	case !s.kind.isTable():
		m.blocks(CodeTable, "", fmt.Sprintf("it is a %s in the %s, and no table", strings.ToLower(string(s.kind)), side), "Name tables only.")
		return false
	case s.info == nil:
		m.blocks(CodeTable, "", fmt.Sprintf("its structure in the %s is not understood (%v)", side, s.unread), "Copy it by hand.")
		return false
	}
	return true
}

func (m *copyMatch) engines() {
	if !m.b.transactional {
		m.blocks(CodeEngine, "", fmt.Sprintf("the target keeps it in %s, which has no transactions, so that a copy that is cut off could not go on", m.b.engine),
			"Change its engine to InnoDB.")
	}
	if !m.a.transactional {
		m.notes(CodeEngine, "", fmt.Sprintf("the source keeps it in %s, which is in no snapshot, so that rows that change meanwhile may be missed or come half changed", m.a.engine),
			"Stop writing to it during the copy.")
	}
}

// columns matches the columns by name.
func (m *copyMatch) columns(t *copyTable) {
	for i := range m.a.columns {
		x := &m.a.columns[i]
		k := m.b.column(x.Name)
		switch {
		case k < 0 && x.Generated:
		case k < 0:
			m.blocks(CodeColumn, x.Name, "the target has no such column, so that its values would be lost", "Add it to the target, or leave the table out.")
		case m.b.columns[k].Generated && x.Generated:
		case m.b.columns[k].Generated:
			m.blocks(CodeComputed, x.Name, "the target computes it, so that the values of the source would be lost", "Make it a plain column in the target.")
		default:
			m.column(t, x, &m.b.columns[k])
		}
	}
	for i := range m.b.columns {
		y := &m.b.columns[i]
		if described := m.b.described(y.Name); m.a.column(y.Name) < 0 && !y.Generated && described.NeedsValue() {
			m.blocks(CodeColumn, y.Name, "the target wants a value, and the source has no such column", "Give it a default in the target, or let it be NULL.")
		}
	}
}

// column compares two columns and says how the values get from one to the other.
func (m *copyMatch) column(t *copyTable, x, y *value.Column) {
	from, into := m.a.described(x.Name), m.b.described(y.Name)
	narrowings, err := ddl.Narrowings(from, into, m.from.server, m.into.server)
	if err != nil {
		m.blocks(CodeType, y.Name, "its type is not understood: "+err.Error(), "Copy the table by hand.")
		return
	}
	for _, n := range narrowings {
		m.narrowing(x, y, n)
	}
	if x.Nullable && !y.Nullable {
		m.probe(CodeNull, y.Name, "NULL is allowed in the source and not in the target", mysql.Quote(x.Name)+" IS NULL", "let it be NULL in the target")
	}
	if len(narrowings) == 0 && x.CharacterSet != "" && y.CharacterSet != "" && !sameCharset(x, y) {
		m.notes(CodeCharset, y.Name, fmt.Sprintf("its text is %s in the source and %s in the target", x.CharacterSet, y.CharacterSet),
			"The text is converted; every character stays the same.")
	}
	t.columns = append(t.columns, pairColumns(x, y, m.from.server, m.into.server))
}

// narrowing reports values that do not fit. What a condition can find is looked for
// before the first row is copied.
func (m *copyMatch) narrowing(x, y *value.Column, n ddl.Narrowing) {
	problem := fmt.Sprintf("it is %s in the source and %s in the target: %s do not fit", typeName(x, y), typeName(y, x), n.Lost)
	if n.Condition == "" {
		problem = fmt.Sprintf("it is %s in the source and %s in the target, which takes its values only in another form", typeName(x, y), typeName(y, x))
		m.blocks(CodeType, y.Name, problem, "Give both columns the same type.")
		return
	}
	m.probe(CodeType, y.Name, problem, n.Condition, "give both columns the same type")
}

// typeName returns the type of a column, with its character set when the other
// one has another.
func typeName(c, other *value.Column) string {
	if c.CharacterSet != "" && other.CharacterSet != "" && !sameCharset(c, other) {
		return c.Type + " in " + c.CharacterSet
	}
	return c.Type
}

func (m *copyMatch) probe(code Code, column, problem, condition, advice string) {
	finding := Finding{
		Table: m.name, Column: column, Code: code, Problem: problem,
		Advice: "Before its first row the copy looks for such values, and fails when there are any; " + advice + " to be sure.",
	}
	m.plan.add(finding)
	m.probes = append(m.probes, copyProbe{condition: condition, finding: finding})
}

// key decides by which key the rows are read, recognized and read back.
func (m *copyMatch) key(t *copyTable) {
	reason := m.takeKey(t)
	switch {
	case reason == "":
		m.collations(t)
	case t.mode == ConflictFail:
		m.notes(CodeKey, "", reason+", so that it is copied in one transaction, and from its beginning after each interruption",
			"Give it the same primary key on both sides when it is large.")
	default:
		m.blocks(CodeKey, "", reason+", so that no row can be recognized in the target", "Give it the same primary key on both sides, or let conflicts fail.")
	}
}

// takeKey sets the key, or says why there is none.
func (m *copyMatch) takeKey(t *copyTable) string {
	a, b := m.a.primary(), m.b.primary()
	switch {
	case a == nil && b == nil:
		return "it has no primary key"
	case a == nil:
		return "it has no primary key in the source"
	case b == nil:
		return "it has no primary key in the target"
	case len(a.Parts) != len(b.Parts):
		return "its primary key differs"
	}
	var key []copyKey
	for _, part := range a.Parts {
		k := copyKey{column: -1}
		for i := range t.columns {
			if strings.EqualFold(t.columns[i].bare, part.Column) && part.Length == 0 {
				k.column = i
			}
		}
		if k.column < 0 {
			return "its primary key holds a part of a column, or one that the server computes"
		}
		found := false
		for _, other := range b.Parts {
			found = found || other.Length == 0 && strings.EqualFold(other.Column, t.columns[k.column].name)
		}
		if !found {
			return "its primary key differs"
		}
		switch t.columns[k.column].write.DataType {
		case "float":
			return "its primary key holds a FLOAT, which compares with nothing exactly"
		case "enum", "set", "bit":
			k.number, k.members = true, enumMembers(t.columns[k.column].write.Type)
		}
		key = append(key, k)
	}
	t.key = key
	return ""
}

// collations looks for keys that compare text in another way in the target: two
// rows of the source could be one there, and the second be taken for the first.
func (m *copyMatch) collations(t *copyTable) {
	if t.mode == ConflictFail {
		return
	}
	for _, k := range m.b.info.Keys {
		if k.Kind != "primary" && (k.Kind != "unique" || t.mode != ConflictSkip) {
			continue
		}
		for _, part := range k.Parts {
			i, j := m.a.column(part.Column), m.b.column(part.Column)
			if part.Column == "" || i < 0 || j < 0 || m.a.columns[i].Collation == m.b.columns[j].Collation {
				continue
			}
			m.blocks(CodeKey, part.Column, fmt.Sprintf("its text is compared by %s in the source and by %s in the target, so that rows that differ there may be the same here",
				m.a.columns[i].Collation, m.b.columns[j].Collation), "Give both columns the same collation, or let conflicts fail.")
		}
	}
}

// triggers reports the triggers of the target that fire.
func (m *copyMatch) triggers(t *copyTable) {
	names := m.into.triggers[m.name]["INSERT"]
	if t.mode == ConflictReplace {
		names = append(names[:len(names):len(names)], m.into.triggers[m.name]["UPDATE"]...)
	}
	for _, name := range names {
		m.notes(CodeTrigger, "", fmt.Sprintf("the target has the trigger `%s`, which fires for the rows that come in", name),
			"When it changes them the copy fails; what it does elsewhere stays.")
	}
}
