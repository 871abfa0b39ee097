package migrate

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

var mysql97 = ddl.Server{Product: ddl.MySQL, Version: "9.7.0"}

// lineageOf makes a version of a template with migration scripts.
func lineageOf(t *testing.T, version string, scripts ...template.MigrationScript) *template.Lineage {
	t.Helper()
	made, err := template.New(template.Metadata{Name: "shop", Version: version}, template.Sources{Migrations: scripts})
	if err != nil {
		t.Fatal(err)
	}
	l, err := template.Resolve(made, nil)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func scriptOf(from, to, sql string) template.MigrationScript {
	return template.MigrationScript{From: from, To: to, File: template.File{Name: from + "--" + to + ".sql", SQL: sql}}
}

// TestExplicitSteps takes the scripts between two versions in order, and undoes
// renames on the way back.
func TestExplicitSteps(t *testing.T) {
	t.Parallel()
	one := scriptOf("1.0.0", "1.1.0", "ALTER TABLE a RENAME COLUMN x TO y; UPDATE a SET z = 1;")
	two := scriptOf("1.1.0", "2.0.0", "RENAME TABLE a TO b;")
	back := scriptOf("2.0.0", "1.0.0", "UPDATE b SET z = 0;")
	broken := scriptOf("1.0.0", "1.1.0", "GRANT ALL ON *.* TO a@b;")
	cases := map[string]struct {
		from, to string
		scripts  [2][]template.MigrationScript // of the old version, of the new one
		want     []string
		fault    string
	}{
		"none":               {"1.0.0", "2.0.0", [2][]template.MigrationScript{}, nil, ""},
		"one":                {"1.0.0", "1.1.0", [2][]template.MigrationScript{nil, {one}}, []string{"ALTER TABLE `a` RENAME COLUMN `x` TO `y`", "UPDATE a SET z = 1"}, ""},
		"both, in order":     {"1.0.0", "2.0.0", [2][]template.MigrationScript{nil, {two, one}}, []string{"ALTER TABLE `a` RENAME COLUMN `x` TO `y`", "UPDATE a SET z = 1", "RENAME TABLE a TO b"}, ""},
		"the later alone":    {"1.1.0", "2.0.0", [2][]template.MigrationScript{nil, {one, two}}, []string{"RENAME TABLE a TO b"}, ""},
		"back, renames only": {"2.0.0", "1.0.0", [2][]template.MigrationScript{{one, two}, nil}, []string{"RENAME TABLE `b` TO `a`", "ALTER TABLE `a` RENAME COLUMN `y` TO `x`"}, ""},
		"back, written":      {"2.0.0", "1.0.0", [2][]template.MigrationScript{{one, two, back}, nil}, []string{"UPDATE b SET z = 0"}, ""},
		"broken": {"1.0.0", "1.1.0", [2][]template.MigrationScript{nil, {broken}}, nil,
			"Migration script cannot be used: 1.0.0--1.1.0.sql:1:1: error: Accounts are no part of a schema: `GRANT` changes accounts. " +
				"The accounts of a server are looked after elsewhere. Leave the statement out."},
		"back, broken": {"1.1.0", "1.0.0", [2][]template.MigrationScript{{broken}, nil}, nil, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := &estate.Target{ID: template.ID{Name: "shop", Version: c.to}, Lineage: lineageOf(t, c.to, c.scripts[1]...)}
			statements, err := explicitSteps(lineageOf(t, c.from, c.scripts[0]...), want, mysql97)
			var got []string
			for _, st := range statements {
				got = append(got, st.SQL)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			text := ""
			if err != nil {
				text = err.Error()
			}
			if text != c.fault {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestOriginsOf says which layer objects come from.
func TestOriginsOf(t *testing.T) {
	t.Parallel()
	statement := func(verb string, kind ddl.Kind, object string, level int, origin string) template.Statement {
		st := template.Statement{Level: level, Origin: origin}
		st.Verb, st.Kind, st.Object = verb, kind, object
		return st
	}
	old := &template.Composition{Statements: []template.Statement{
		statement("CREATE", ddl.KindTable, "users", 1, "core"), statement("CREATE", ddl.KindView, "v", 1, "core"), statement("CREATE", ddl.KindTable, "gone", 2, "module old"),
	}}
	now := &template.Composition{Statements: []template.Statement{
		statement("CREATE", ddl.KindTable, "users", 2, "module crm"), // an index on the core's table
		statement("CREATE", ddl.KindView, "v", 2, "module crm"), statement("INSERT", "", "rows", 2, "module crm"), statement("ALTER", ddl.KindTable, "other", 2, "module crm"),
	}}
	o := originsOf(nil, old, now)
	for name, c := range map[string]struct {
		change diff.Change
		want   []any
	}{
		"first layer of a table": {diff.Change{Object: "table users"}, []any{int64(1), "core"}},
		"last layer of a view":   {diff.Change{Object: "view v"}, []any{int64(2), "module crm"}},
		"goes with a module":     {diff.Change{Object: "table gone"}, []any{int64(2), "module old"}},
		"by its table":           {diff.Change{Object: "trigger r", Table: "gone"}, []any{int64(2), "module old"}},
		"rows are no object":     {diff.Change{Object: "table rows"}, []any{int64(1), "template"}},
		"nothing was made":       {diff.Change{Object: "table other"}, []any{int64(1), "template"}},
	} {
		level, from := o.of(c.change)
		if diff := cmp.Diff(c.want, []any{level, from}); diff != "" {
			t.Errorf("%s, -want +got:\n%s", name, diff)
		}
	}
}

// TestMigrationDigest names what somebody approves: each part counts, and what is
// only for people does not.
func TestMigrationDigest(t *testing.T) {
	t.Parallel()
	type parts struct {
		m    Migration
		want estate.Target
	}
	digest := func(change func(*parts)) string {
		p := &parts{
			m: Migration{States: []string{"a", "b"}, Final: &estate.Rendering{Fingerprint: ddl.Fingerprint{Whole: "b"}}, Steps: []landlord.Step{{SQL: "X"}, {SQL: "Y"}},
				Decided: []merge.Remembered{{Resolution: merge.Resolution{Decision: merge.KeepTenant}, Clash: "c"}}},
			want: estate.Target{ID: template.ID{Name: "shop", Version: "2.0.0"}, Composition: &template.Composition{Digest: "d"}},
		}
		change(p)
		return migrationDigest(&p.m, &p.want)
	}
	same := digest(func(*parts) {})
	for name, change := range map[string]func(*parts){
		"reason": func(p *parts) { p.m.Steps[0].Reason = "why" }, "notes": func(p *parts) { p.m.Notes = []landlord.Note{{Summary: "n"}} },
		"verdict": func(p *parts) { p.m.Verdict = "review" }, "states between": func(p *parts) { p.m.States = []string{"a", "x", "b"} },
	} {
		if digest(change) != same {
			t.Errorf("%s counts", name)
		}
	}
	seen := map[string]string{same: "the same"}
	for name, change := range map[string]func(*parts){
		"version": func(p *parts) { p.want.ID.Version = "2.0.1" }, "composition": func(p *parts) { p.want.Composition.Digest = "e" },
		"start": func(p *parts) { p.m.States[0] = "z" }, "end": func(p *parts) { p.m.Final.Fingerprint.Whole = "z" },
		"statement": func(p *parts) { p.m.Steps[0].SQL = "Z" }, "order": func(p *parts) { p.m.Steps[0], p.m.Steps[1] = p.m.Steps[1], p.m.Steps[0] },
		"fewer": func(p *parts) { p.m.Steps = p.m.Steps[:1] }, "decision": func(p *parts) { p.m.Decided[0].Decision = merge.TakeTemplate },
		"conflict": func(p *parts) { p.m.Decided[0].Clash = "d" }, "no decision": func(p *parts) { p.m.Decided = nil },
	} {
		sum := digest(change)
		if other, ok := seen[sum]; ok {
			t.Errorf("%s and %s have one digest", name, other)
		}
		seen[sum] = name
	}
}

// TestInstantiate writes the names of a tenant into the steps of its class.
func TestInstantiate(t *testing.T) {
	t.Parallel()
	plain := &Migration{Steps: []landlord.Step{{SQL: "ALTER TABLE `a` ADD COLUMN `b` int"}}}
	if got := plain.Instantiate("d", "s"); &got[0] != &plain.Steps[0] {
		t.Error("steps without names are copied")
	}
	table := &landlord.Retired{Table: "a"}
	values := &landlord.Retired{Table: "b", Columns: []string{"x"}}
	m := &Migration{Digest: "sha256:1", Steps: []landlord.Step{
		{SQL: "RENAME TABLE `" + markDatabase + "`.`a` TO `retired`.`" + markRetired + "`", Retires: table},
		{SQL: "CREATE TABLE `" + markRetired + "`", Retires: values}, {SQL: "INSERT INTO `" + markRetired + "`", Retires: values}, {SQL: "DROP VIEW `v`"},
	}}
	got := m.Instantiate("d`e", "acme 1")
	a, b := got[0].Retires.As, got[1].Retires.As
	if a == b || len(a) != 26 || a[:2] != "r_" || got[2].Retires.As != b {
		t.Errorf("names %q, %q, %q", a, b, got[2].Retires.As)
	}
	var sql []string
	for _, s := range got {
		sql = append(sql, s.SQL)
	}
	want := []string{"RENAME TABLE `d``e`.`a` TO `retired`.`" + a + "`", "CREATE TABLE `" + b + "`", "INSERT INTO `" + b + "`", "DROP VIEW `v`"}
	if diff := cmp.Diff(want, sql); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if table.As != "" || m.Steps[1].SQL != "CREATE TABLE `"+markRetired+"`" {
		t.Error("the steps of the class changed")
	}
	if diff := cmp.Diff(got, m.Instantiate("d`e", "acme 1")); diff != "" {
		t.Errorf("planned again:\n%s", diff)
	}
	names := map[string]bool{a: true}
	for _, other := range [][]landlord.Step{m.Instantiate("other", "acme 1"), m.Instantiate("d`e", "acme 2"), (&Migration{Digest: "sha256:2", Steps: m.Steps}).Instantiate("d`e", "acme 1")} {
		names[other[0].Retires.As] = true
	}
	if len(names) != 4 {
		t.Errorf("others have the names %v", names)
	}
}

// TestColumns asks which columns a change takes away, and which it brings back.
func TestColumns(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change diff.Change
		want   []string
	}{
		"none":            {diff.Change{Destructive: true}, nil},
		"named":           {diff.Change{Columns: []string{"a", "b"}}, []string{"a", "b"}},
		"of clauses":      {diff.Change{Clauses: []diff.Clause{{Column: "a", Destructive: true}, {Column: "b"}, {Destructive: true}, {Column: "c", Destructive: true}}}, []string{"a", "c"}},
		"both, once each": {diff.Change{Columns: []string{"a"}, Clauses: []diff.Clause{{Column: "a", Destructive: true}, {Column: "b", Destructive: true}}}, []string{"a", "b"}},
	} {
		before := len(c.change.Columns)
		if diff := cmp.Diff(c.want, lostColumns(c.change)); diff != "" || len(c.change.Columns) != before {
			t.Errorf("%s, -want +got:\n%s", name, diff)
		}
	}
	add := diff.Change{Clauses: []diff.Clause{{Operation: diff.OpAddColumn, Column: "Phone"}, {Operation: diff.OpAddIndex, Column: "k"}, {Operation: diff.OpAddColumn, Column: "new"}}}
	if diff := cmp.Diff([]string{"phone"}, addedColumns(add, []string{"phone", "k", "old"})); diff != "" {
		t.Errorf("added, -want +got:\n%s", diff)
	}
	types, err := columnTypes(map[string]columnState{"a": {kind: "int"}, "b": {kind: "varchar(9) utf8mb4_bin"}}, []string{"B", "a", "gone"})
	if err != nil || types != `["varchar(9) utf8mb4_bin","int",""]` {
		t.Errorf("types %s, %v", types, err)
	}
}
