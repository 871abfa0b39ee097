package diff_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// soakVariable is how many random pairs of schemas TestDiff_random runs on each
// server; a few when it is not set.
const soakVariable = "LANDLORD_SOAK"

// TestDiff_random makes random schemas, changes them at random, and proves that
// the migration leads there, with rows in the way: it fails only where a probe
// said so.
func TestDiff_random(t *testing.T) {
	t.Parallel()
	rounds, err := strconv.Atoi(os.Getenv(soakVariable))
	if err != nil {
		rounds = 6
	}
	first, _ := strconv.Atoi(os.Getenv(soakVariable + "_FROM"))
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		b := newBench(t, s, s.Prefix)
		for seed := first; seed < first+rounds; seed++ {
			t.Run(strconv.Itoa(seed), func(t *testing.T) {
				r := randomPairs.Example(seed)
				t.Cleanup(func() {
					if t.Failed() {
						t.Logf("before:\n%s\nafter:\n%s", r.before.sql(), r.after.sql())
					}
				})
				b.runRandom(t, r)
			})
		}
	})
}

func (b *bench) runRandom(t *testing.T, r randomPair) {
	t.Helper()
	p := &pair{}
	after := b.build(t, b.databases[1], r.after.sql(), "")
	before := b.build(t, b.databases[0], r.before.sql(), "")
	for _, sql := range r.rows {
		_ = b.exec(t.Context(), sql) // many violate something
	}
	m, err := diff.Diff(before, after, b.ddl, p.options())
	if err != nil {
		t.Fatal(err)
	}
	warned := false
	for _, c := range m.Changes {
		found, _ := b.probe(t, c, "")
		warned = warned || len(found) > 0
	}
	failed, err := b.apply(t, m)
	switch {
	case err != nil && !warned:
		t.Errorf("%s: %v, and no probe said so; of\n%s", failed, err, strings.Join(m.Statements(), "\n"))
	case err == nil:
		b.converged(t, p, "forth", b.dump(t, b.databases[0]), after)
	}
	if err := b.exec(t.Context(), "USE "+mysql.Quote(b.databases[1])); err != nil {
		t.Fatal(err)
	}
	b.back(t, p, before, after)
}

// TestDiff_pure checks what must hold for any two schemas, without a server. The
// texts are what MySQL prints, near enough.
func TestDiff_pure(t *testing.T) {
	t.Parallel()
	srv := ddl.Server{Product: ddl.MySQL, Version: "9.7.4"}
	rapid.Check(t, func(t *rapid.T) {
		r := randomPairs.Draw(t, "pair")
		from, to := r.before.schema(), r.after.schema()
		m := mustDiff(t, from, to, srv)
		if diff := cmp.Diff(m, mustDiff(t, from, to, srv)); diff != "" {
			t.Errorf("not the same twice:\n%s", diff)
		}
		for _, s := range []ddl.Schema{from, to} {
			if n := mustDiff(t, s, roundTrip(t, s), srv); !n.Empty() {
				t.Errorf("a schema differs from itself: %s", n.Statements())
			}
		}
		back := mustDiff(t, to, from, srv)
		if m.Empty() != back.Empty() {
			t.Errorf("forth %q, back %q", m.Statements(), back.Statements())
		}
		if gone := r.before.losesAgainst(r.after); gone && !slices.ContainsFunc(m.Changes, func(c diff.Change) bool { return c.Destructive }) {
			t.Errorf("a table or column goes and no change is destructive: %q", m.Statements())
		}
		for _, c := range m.Changes {
			if c.SQL == "" || c.Object == "" || c.Operation == "" || strings.Contains(c.SQL, "\n") {
				t.Errorf("incomplete change: %+v", c)
			}
		}
	})
}

// TestDiff_garbage feeds texts that no server prints: they may be refused, and
// nothing else may happen.
func TestDiff_garbage(t *testing.T) {
	t.Parallel()
	srv := ddl.Server{Product: ddl.MariaDB, Version: "11.8.9-MariaDB"}
	pieces := []string{"`a`", "int", "(", ")", ",", "CHECK", "KEY", "PRIMARY KEY", "CONSTRAINT", "FOREIGN KEY", "REFERENCES", "PARTITION BY", "RANGE", "PARTITION",
		"DEFAULT", "GENERATED ALWAYS AS", "=", "'x'", "ENGINE", "COMMENT", "/*!80023 INVISIBLE */", "ON UPDATE", ".", "1", "WITH SYSTEM VERSIONING", "PERIOD FOR"}
	rapid.Check(t, func(t *rapid.T) {
		r := randomPairs.Draw(t, "pair")
		from, to := r.before.schema(), r.after.schema()
		for i := range to.Objects {
			o := &to.Objects[i]
			words := strings.Split(o.SQL, " ")
			for range rapid.IntRange(0, 4).Draw(t, "changes") {
				at := rapid.IntRange(0, len(words)-1).Draw(t, "at")
				words = slices.Replace(words, at, min(len(words), at+rapid.IntRange(0, 3).Draw(t, "gone")), rapid.SampledFrom(pieces).Draw(t, "piece"))
			}
			o.SQL = strings.Join(words, " ")
		}
		_, _ = diff.Diff(from, to, srv, diff.Options{})
		_, _ = diff.Diff(to, from, srv, diff.Options{IndexOrder: true, IgnoreDefiner: true})
	})
}

// TestDiff_missingColumn: a foreign key over a column that its table does not have gets
// no probe, whether its parent is new or not. A server prints none; a merge can have one.
func TestDiff_missingColumn(t *testing.T) {
	t.Parallel()
	srv := ddl.Server{Product: ddl.MySQL, Version: "9.7.1"}
	parent := ddl.Object{Kind: ddl.KindTable, Name: "p", SQL: "CREATE TABLE `p` (`id` int NOT NULL, PRIMARY KEY (`id`))"}
	child := func(more string) ddl.Object {
		return ddl.Object{Kind: ddl.KindTable, Name: "t", SQL: "CREATE TABLE `t` (`id` int NOT NULL, PRIMARY KEY (`id`)" + more + ")"}
	}
	broken := child(",KEY `f` (`gone`),CONSTRAINT `f` FOREIGN KEY (`gone`) REFERENCES `p` (`id`)")
	for _, before := range [][]ddl.Object{{child("")}, {parent, child("")}} {
		m, err := diff.Diff(ddl.Schema{Objects: before}, ddl.Schema{Objects: []ddl.Object{parent, broken}}, srv, diff.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range m.Changes {
			for _, clause := range c.Clauses {
				if strings.Contains(clause.SQL, "FOREIGN KEY") && len(clause.Probes) > 0 {
					t.Errorf("probes of %s: %v", clause.SQL, clause.Probes)
				}
			}
		}
	}
}

func mustDiff(t *rapid.T, from, to ddl.Schema, srv ddl.Server) *diff.Migration {
	m, err := diff.Diff(from, to, srv, diff.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func roundTrip(t *rapid.T, s ddl.Schema) ddl.Schema {
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var out ddl.Schema
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

type randomPair struct {
	before, after randomSchema
	rows          []string
}

type randomSchema struct {
	tables []randomTable
	views  [][2]string // name and the table it reads
}

type randomTable struct {
	name      string
	columns   []randomColumn
	pk        []string
	keys      []randomKey
	checks    map[string]string    // name to column
	fks       map[string][2]string // name to column and parent
	comment   string
	collation string
}

type randomColumn struct {
	name, typ, def, comment string
	null                    bool
	generated, base         string // VIRTUAL or STORED, of base + 1
}

type randomKey struct {
	name, kind string
	columns    []string
}

func (c randomColumn) isInt() bool { return strings.Contains(c.typ, "int") && c.generated == "" }

func (t *randomTable) column(name string) *randomColumn {
	for i := range t.columns {
		if t.columns[i].name == name {
			return &t.columns[i]
		}
	}
	return nil
}

func (s *randomSchema) table(name string) *randomTable {
	for i := range s.tables {
		if s.tables[i].name == name {
			return &s.tables[i]
		}
	}
	return nil
}

func (s *randomSchema) clone() randomSchema {
	out := randomSchema{views: slices.Clone(s.views)}
	for _, t := range s.tables {
		t.columns, t.pk, t.keys = slices.Clone(t.columns), slices.Clone(t.pk), slices.Clone(t.keys)
		checks, fks := map[string]string{}, map[string][2]string{}
		for k, v := range t.checks {
			checks[k] = v
		}
		for k, v := range t.fks {
			fks[k] = v
		}
		t.checks, t.fks = checks, fks
		out.tables = append(out.tables, t)
	}
	return out
}

func (s *randomSchema) losesAgainst(to randomSchema) bool {
	for _, t := range s.tables {
		u := to.table(t.name)
		if u == nil {
			return true
		}
		for _, c := range t.columns {
			if c.generated == "" && u.column(c.name) == nil {
				return true
			}
		}
	}
	return false
}

func sortedKeys[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// lines returns the table as a server prints it, near enough.
func (t *randomTable) create() string {
	var lines []string
	for _, c := range t.columns {
		line := "`" + c.name + "` " + c.typ
		switch {
		case c.generated != "":
			line += " GENERATED ALWAYS AS ((`" + c.base + "` + 1)) " + c.generated
		case !c.null:
			line += " NOT NULL"
			if c.def != "" {
				line += " DEFAULT " + c.def
			}
		case c.def != "":
			line += " DEFAULT " + c.def
		case !strings.Contains(c.typ, "text") && !strings.Contains(c.typ, "blob") && c.typ != "json":
			line += " DEFAULT NULL"
		}
		if c.comment != "" {
			line += " COMMENT '" + c.comment + "'"
		}
		lines = append(lines, line)
	}
	if len(t.pk) > 0 {
		lines = append(lines, "PRIMARY KEY (`"+strings.Join(t.pk, "`,`")+"`)")
	}
	for _, k := range t.keys {
		lines = append(lines, k.kind+" `"+k.name+"` (`"+strings.Join(k.columns, "`,`")+"`)")
	}
	for _, name := range sortedKeys(t.fks) {
		lines = append(lines, fmt.Sprintf("CONSTRAINT `%s` FOREIGN KEY (`%s`) REFERENCES `%s` (`id`)", name, t.fks[name][0], t.fks[name][1]))
	}
	for _, name := range sortedKeys(t.checks) {
		lines = append(lines, fmt.Sprintf("CONSTRAINT `%s` CHECK ((`%s` > %d))", name, t.checks[name], map[bool]int{true: -100}[name == "c0"]))
	}
	sql := "CREATE TABLE `" + t.name + "` (\n  " + strings.Join(lines, ",\n  ") + "\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=" + t.collation
	if t.comment != "" {
		sql += " COMMENT='" + t.comment + "'"
	}
	return sql
}

func (s *randomSchema) sql() string {
	b := strings.Builder{}
	b.WriteString("SET foreign_key_checks = 0;\n")
	for i := range s.tables {
		b.WriteString(s.tables[i].create() + ";\n")
	}
	b.WriteString("SET foreign_key_checks = 1;\n")
	for _, v := range s.views {
		b.WriteString(s.view(v) + ";\n")
	}
	return b.String()
}

func (s *randomSchema) view(v [2]string) string {
	source := v[1]
	column := "`id`"
	if t := s.table(source); t != nil {
		column = "`" + t.columns[0].name + "` AS `id`"
	}
	return "CREATE VIEW `" + v[0] + "` AS select " + column + " from `" + source + "`"
}

func (s *randomSchema) schema() ddl.Schema {
	out := ddl.Schema{CharacterSet: "utf8mb4", Collation: "utf8mb4_unicode_ci"}
	for i := range s.tables {
		out.Objects = append(out.Objects, ddl.Object{Kind: ddl.KindTable, Name: s.tables[i].name, SQL: s.tables[i].create()})
	}
	for _, v := range s.views {
		out.Objects = append(out.Objects, ddl.Object{Kind: ddl.KindView, Name: v[0], SQL: s.view(v)})
	}
	return out
}

// randomPairs makes a schema and what becomes of it by a few changes.
var randomPairs = rapid.Custom(func(t *rapid.T) randomPair {
	g := generator{t}
	r := randomPair{before: g.schema()}
	for _, table := range r.before.tables {
		for n := range g.upTo(3) {
			r.rows = append(r.rows, g.row(table, n))
		}
	}
	r.after = r.before.clone()
	for range 4 + g.upTo(8) { // small numbers are drawn more often
		g.mutate(&r.after)
	}
	return r
})

type generator struct{ t *rapid.T }

func (g generator) upTo(n int) int { return rapid.IntRange(0, n).Draw(g.t, "n") }
func (g generator) chance(percent int) bool {
	return rapid.IntRange(1, 100).Draw(g.t, "chance") <= percent
}

func pick[T any](g generator, list ...T) T { return list[g.upTo(len(list)-1)] }

var (
	randomNames = []string{"a", "b", "c", "d", "e", "F", "g h", "x`y"}
	randomTypes = []string{"int", "bigint", "smallint unsigned", "tinyint(1)", "varchar(20)", "varchar(5)", "char(8)", "text", "enum('a','b')",
		"enum('b','a','c')", "enum('A','B')", "set('x','y')", "decimal(8,2)", "decimal(6,3)", "double", "date", "datetime", "datetime(3)", "timestamp", "varbinary(16)", "blob", "json"}
	randomCollations = []string{"utf8mb4_unicode_ci", "utf8mb4_general_ci", "utf8mb4_bin"}
)

// escaped returns a name for the place between two backticks.
func escaped(name string) string { return strings.ReplaceAll(name, "`", "``") }

func (g generator) schema() randomSchema {
	s := randomSchema{}
	for range 1 + g.upTo(3) {
		g.addTable(&s)
	}
	for range g.upTo(4) {
		g.addForeignKey(&s)
	}
	for range g.upTo(3) {
		g.addView(&s)
	}
	return s
}

func (g generator) addTable(s *randomSchema) {
	name := "t" + strconv.Itoa(g.upTo(6))
	if s.table(name) != nil || slices.ContainsFunc(s.views, func(v [2]string) bool { return v[0] == name }) {
		return
	}
	t := randomTable{name: name, checks: map[string]string{}, fks: map[string][2]string{}, collation: pick(g, randomCollations...)}
	t.columns = []randomColumn{{name: "id", typ: "int"}}
	t.pk = []string{"id"}
	for range 1 + g.upTo(5) {
		g.addColumn(&t)
	}
	for range g.upTo(3) {
		g.addKey(&t)
	}
	s.tables = append(s.tables, t)
}

func (g generator) addColumn(t *randomTable) {
	name := escaped(pick(g, randomNames...))
	if t.column(name) != nil {
		return
	}
	c := g.define(name)
	if bases := t.ints(); len(bases) > 0 && g.chance(20) {
		c = randomColumn{name: name, typ: "bigint", generated: pick(g, "VIRTUAL", "STORED"), base: pick(g, bases...), null: true}
	}
	t.columns = slices.Insert(t.columns, 1+g.upTo(len(t.columns)-1), c)
}

func (t *randomTable) ints() []string {
	var out []string
	for _, c := range t.columns {
		if c.isInt() && c.name != "id" {
			out = append(out, c.name)
		}
	}
	return out
}

func (g generator) define(name string) randomColumn {
	c := randomColumn{name: name, typ: pick(g, randomTypes...), null: g.chance(60), comment: pick(g, "", "", "it''s", "one, (two")}
	if c.typ == "timestamp" {
		c.typ, c.null = "timestamp NULL", true
		return c
	}
	defaults := map[string][]string{"int": {"'0'", "'5'"}, "char": {"'x'", "'it''s'", "''"}, "enum": {"'a'"}, "set": {"'x'"}, "dec": {"'1.50'"}, "date": {"'2020-01-01'"}}
	for _, kind := range sortedKeys(defaults) {
		if strings.Contains(c.typ, kind) && strings.Index(c.typ, "(") != 0 && g.chance(40) {
			c.def = pick(g, defaults[kind]...)
		}
	}
	if strings.HasPrefix(c.typ, "datetime") && c.def != "" {
		c.def = "CURRENT_TIMESTAMP" + strings.TrimPrefix(c.typ, "datetime")
	}
	if strings.Contains(c.typ, "tinyint") && c.def != "" {
		c.def = "'1'"
	}
	return c
}

// keyable says whether a column can stand in a key without a prefix.
func keyable(c randomColumn) bool {
	return !strings.Contains(c.typ, "text") && !strings.Contains(c.typ, "blob") && c.typ != "json"
}

func (g generator) addKey(t *randomTable) {
	name := "k" + strconv.Itoa(g.upTo(6))
	if slices.ContainsFunc(t.keys, func(k randomKey) bool { return k.name == name }) {
		return
	}
	if g.chance(15) {
		for _, c := range t.columns {
			if c.typ == "text" {
				t.keys = append(t.keys, randomKey{name, "FULLTEXT KEY", []string{c.name}})
				return
			}
		}
	}
	k := randomKey{name: name, kind: pick(g, "KEY", "KEY", "UNIQUE KEY")}
	for _, c := range t.columns {
		if keyable(c) && c.name != "id" && g.chance(40) && len(k.columns) < 3 {
			k.columns = append(k.columns, c.name)
		}
	}
	if len(k.columns) > 0 {
		t.keys = append(t.keys, k)
	}
}

func (g generator) addForeignKey(s *randomSchema) {
	t := &s.tables[g.upTo(len(s.tables)-1)]
	parent := s.tables[g.upTo(len(s.tables)-1)]
	name := "f" + strconv.Itoa(g.upTo(6))
	column := "r" + strconv.Itoa(g.upTo(2))
	for _, u := range s.tables {
		if _, taken := u.fks[name]; taken {
			return
		}
	}
	if t.column(column) != nil || len(parent.pk) != 1 {
		return
	}
	t.columns = append(t.columns, randomColumn{name: column, typ: parent.column("id").typ, null: true})
	t.keys = append(t.keys, randomKey{name: "i" + column, kind: "KEY", columns: []string{column}})
	t.fks[name] = [2]string{column, parent.name}
}

func (g generator) addView(s *randomSchema) {
	name := "v" + strconv.Itoa(g.upTo(4))
	if slices.ContainsFunc(s.views, func(v [2]string) bool { return v[0] == name }) {
		return
	}
	sources := []string{s.tables[g.upTo(len(s.tables)-1)].name}
	for _, v := range s.views {
		sources = append(sources, v[0])
	}
	s.views = append(s.views, [2]string{name, pick(g, sources...)})
}

// row returns an INSERT that may violate anything.
func (g generator) row(t randomTable, n int) string {
	names, values := []string{}, []string{}
	for _, c := range t.columns {
		if c.generated != "" {
			continue
		}
		value := g.value(c)
		if c.name == "id" {
			value = strconv.Itoa(n + 1)
		} else if strings.HasPrefix(c.name, "r") {
			value = pick(g, "NULL", "1")
		}
		names, values = append(names, "`"+c.name+"`"), append(values, value)
	}
	return fmt.Sprintf("INSERT INTO `%s` (%s) VALUES (%s)", t.name, strings.Join(names, ", "), strings.Join(values, ", "))
}

// value returns a value for a column, now and then NULL.
func (g generator) value(c randomColumn) string {
	switch {
	case c.null && g.chance(20):
		return "NULL"
	case strings.Contains(c.typ, "date"), strings.Contains(c.typ, "timestamp"):
		return pick(g, "'2020-01-01 10:00:00.5'", "'2020-01-01'", "'1999-12-31'")
	case strings.Contains(c.typ, "tinyint"):
		return pick(g, "0", "1", "-7")
	case strings.Contains(c.typ, "int"):
		return pick(g, "0", "1", "7", "60000")
	case strings.Contains(c.typ, "decimal"), c.typ == "double":
		return pick(g, "0", "1.5", "-1.234", "99.99")
	case c.typ == "json":
		return pick(g, "'{}'", "'[1]'")
	case strings.Contains(c.typ, "enum"):
		return pick(g, "'a'", "'b'")
	case strings.Contains(c.typ, "set"):
		return pick(g, "'x'", "'x,y'", "''")
	}
	return pick(g, "'1'", "'a'", "'A'", "''", "'x '", "'{}'", "'2020-01-01'", "'1.5'")
}

// mutate changes one thing.
func (g generator) mutate(s *randomSchema) {
	t := &s.tables[g.upTo(len(s.tables)-1)]
	switch g.upTo(17) {
	case 0:
		g.addTable(s)
	case 1:
		if len(s.tables) > 1 {
			s.dropTable(t.name)
		}
	case 2, 3:
		g.addColumn(t)
	case 4, 5:
		if c := t.columns[g.upTo(len(t.columns)-1)]; c.name != "id" {
			t.dropColumn(c.name)
		}
	case 6, 7:
		g.redefine(t)
	case 8:
		g.move(t)
	case 9:
		g.addKey(t)
	case 10:
		if len(t.keys) > 0 {
			t.dropKey(g.upTo(len(t.keys) - 1))
		}
	case 11:
		g.addForeignKey(s)
	case 12:
		for _, name := range sortedKeys(t.fks)[:min(1, len(t.fks))] {
			delete(t.fks, name)
		}
	case 13:
		s.retypeID(t.name, pick(g, "int", "bigint"))
	case 14:
		t.comment, t.collation = pick(g, "", "new"), pick(g, randomCollations...)
	case 15:
		g.toggleCheck(s, t)
	case 16:
		g.addView(s)
	case 17:
		if len(s.views) > 0 {
			s.dropView(s.views[g.upTo(len(s.views)-1)][0])
		}
	}
}

// redefine changes a column that nothing else depends on, or how a generated one
// is kept.
func (g generator) redefine(t *randomTable) {
	c := &t.columns[g.upTo(len(t.columns)-1)]
	switch {
	case c.name == "id" || strings.HasPrefix(c.name, "r"):
	case c.generated != "":
		c.generated = pick(g, "VIRTUAL", "STORED")
	case slices.ContainsFunc(t.columns, func(d randomColumn) bool { return d.base == c.name }) || len(t.checks) > 0:
		c.comment = pick(g, "", "changed")
	default:
		n := g.define(c.name)
		inKey := slices.ContainsFunc(t.keys, func(k randomKey) bool { return slices.Contains(k.columns, c.name) })
		if !inKey || keyable(n) && keyable(*c) {
			*c = n
		}
	}
}

func (g generator) move(t *randomTable) {
	i, j := g.upTo(len(t.columns)-1), g.upTo(len(t.columns)-1)
	c := t.columns[i]
	t.columns = slices.Insert(slices.Delete(t.columns, i, i+1), j, c)
}

func (g generator) toggleCheck(s *randomSchema, t *randomTable) {
	name := "c" + strconv.Itoa(g.upTo(3))
	if _, ok := t.checks[name]; ok {
		delete(t.checks, name)
		return
	}
	for _, u := range s.tables {
		if _, taken := u.checks[name]; taken {
			return
		}
	}
	if ints := t.ints(); len(ints) > 0 {
		t.checks[name] = pick(g, ints...)
	}
}

func (t *randomTable) dropKey(i int) {
	for _, f := range t.fks {
		if t.keys[i].columns[0] == f[0] {
			return
		}
	}
	t.keys = slices.Delete(t.keys, i, i+1)
}

func (t *randomTable) dropColumn(name string) {
	for _, c := range slices.Clone(t.columns) {
		if c.base == name {
			t.dropColumn(c.name)
		}
	}
	for _, n := range sortedKeys(t.fks) {
		if t.fks[n][0] == name {
			delete(t.fks, n)
		}
	}
	for _, n := range sortedKeys(t.checks) {
		if t.checks[n] == name {
			delete(t.checks, n)
		}
	}
	t.keys = slices.DeleteFunc(t.keys, func(k randomKey) bool { return slices.Contains(k.columns, name) })
	t.columns = slices.DeleteFunc(t.columns, func(c randomColumn) bool { return c.name == name })
}

func (s *randomSchema) dropTable(name string) {
	s.tables = slices.DeleteFunc(s.tables, func(t randomTable) bool { return t.name == name })
	for i := range s.tables {
		for _, n := range sortedKeys(s.tables[i].fks) {
			if s.tables[i].fks[n][1] == name {
				delete(s.tables[i].fks, n)
			}
		}
	}
	s.dropReaders(name)
}

func (s *randomSchema) dropView(name string) {
	s.views = slices.DeleteFunc(s.views, func(v [2]string) bool { return v[0] == name })
	s.dropReaders(name)
}

func (s *randomSchema) dropReaders(of string) {
	for _, v := range slices.Clone(s.views) {
		if v[1] == of {
			s.dropView(v[0])
		}
	}
}

// retypeID changes a primary key and the foreign keys that stand on it.
func (s *randomSchema) retypeID(name, typ string) {
	s.table(name).column("id").typ = typ
	for i := range s.tables {
		for _, f := range s.tables[i].fks {
			if f[1] == name {
				s.tables[i].column(f[0]).typ = typ
			}
		}
	}
}
