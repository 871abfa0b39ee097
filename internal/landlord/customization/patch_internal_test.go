package customization

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

var mysql97 = ddl.Server{Product: ddl.MySQL, Version: "9.7.0"}

// TestReadPatch takes every part of a patch apart.
func TestReadPatch(t *testing.T) {
	t.Parallel()
	p := landlord.CustomizationPatch{
		Tables:  map[string]string{"visits": "CREATE TABLE visits (id INT PRIMARY KEY)"},
		Columns: []landlord.CustomizationColumn{{Table: "users", Name: "Phone", Definition: "VARCHAR(20)"}},
		Indexes: []landlord.CustomizationIndex{{Table: "users", Name: "by_phone", Columns: []string{"phone(10) desc", " `a b` "}, Unique: true}},
		Views:   map[string]string{"v": "SELECT id FROM visits"},
		SQL:     "ALTER TABLE users ADD CONSTRAINT ck CHECK (id > 0); CREATE TRIGGER r BEFORE INSERT ON users FOR EACH ROW SET @a = 1;",
	}
	got, err := readPatch(p, mysql97, "tenant_acme")
	if err != nil {
		t.Fatal(err)
	}
	var from []string
	for _, st := range got.Statements {
		from = append(from, string(st.Field)+" "+st.Verb+" "+st.Object)
	}
	want := []string{"tables.visits CREATE visits", "columns.0 ALTER users", "indexes.0 CREATE users", "views.v CREATE v", "sql ALTER users", "sql CREATE r"}
	if diff := cmp.Diff(want, from); diff != "" {
		t.Errorf("statements, -want +got:\n%s", diff)
	}
	makes := []ddl.Place{{Object: "table visits"}, {Object: "table users", Element: "column `phone`"}, {Object: "table users", Element: "key `by_phone`"}, {Object: "view v"}, {Object: "trigger r"}}
	if diff := cmp.Diff(makes, got.Makes); diff != "" {
		t.Errorf("makes, -want +got:\n%s", diff)
	}
	if sql := got.Statements[2].Text; sql != "CREATE UNIQUE INDEX `by_phone` ON `users` (`phone`(10) desc, `a b`)" {
		t.Errorf("index: %s", sql)
	}
}

// TestQuotedPart reads the column of an index as people write it.
func TestQuotedPart(t *testing.T) {
	t.Parallel()
	for part, want := range map[string]string{
		"phone": "`phone`", " phone ( 10 ) DESC ": "`phone` ( 10 ) DESC", "a b": "`a b`", "a`b": "`a``b`", "desc": "`desc`",
		"`a``b`": "`a``b`", "`a``b`(10) desc": "`a``b`(10) desc", "`odd (5)`": "`odd (5)`", "`x` asc": "`x` asc", "``` `": "``` `",
		"`a": "```a`", "`a`b`": "```a``b```", "(lower(`x`))": "(lower(`x`))",
	} {
		if got := quotedPart(part); got != want {
			t.Errorf("%s: got %s, want %s", part, got, want)
		}
	}
}

// TestReadPatch_faults says where in the configuration something is wrong.
func TestReadPatch_faults(t *testing.T) {
	t.Parallel()
	column := func(table, name, definition string) landlord.CustomizationPatch {
		return landlord.CustomizationPatch{Columns: []landlord.CustomizationColumn{{Table: table, Name: name, Definition: definition}}}
	}
	index := func(name string, columns ...string) landlord.CustomizationPatch {
		return landlord.CustomizationPatch{Indexes: []landlord.CustomizationIndex{{Table: "t", Name: name, Columns: columns}}}
	}
	table := func(key, text string) landlord.CustomizationPatch {
		return landlord.CustomizationPatch{Tables: map[string]string{key: text}}
	}
	cases := map[string]struct {
		patch landlord.CustomizationPatch
		field landlord.Field
		want  string // begins the first paragraph
	}{
		"empty":               {landlord.CustomizationPatch{}, "", "It makes nothing."},
		"table, other name":   {table("a", "CREATE TABLE b (id INT)"), "tables.a", "tables.a: Table has another name: "},
		"table, a view":       {table("a", "CREATE VIEW a AS SELECT 1"), "tables.a", "tables.a: Statement makes no table: "},
		"table, an index":     {table("a", "CREATE INDEX a ON b (c)"), "tables.a", "tables.a: Statement makes no table: "},
		"table, nothing":      {table("a", "-- later"), "tables.a", "tables.a: SQL is missing: "},
		"table, two":          {table("a", "CREATE TABLE a (id INT);\nCREATE TABLE b (id INT)"), "tables.a", "tables.a:2:1: More than one statement: "},
		"table, reserved":     {table("Landlord_x", ""), "tables.Landlord_x", "tables.Landlord_x: Table name cannot be used: `Landlord_x` is reserved."},
		"table, long":         {table(strings.Repeat("ä", 65), ""), landlord.Field("tables." + strings.Repeat("ä", 65)), "tables." + strings.Repeat("ä", 65) + ": Table name cannot be used: "},
		"table, blank behind": {table("a ", ""), "tables.a ", "tables.a : Table name cannot be used: "},
		"column, no name":     {column("t", "", "INT"), "columns.0", "columns[0]: Column name cannot be used: The name of the column is empty."},
		"column, no table":    {column("", "a", "INT"), "columns.0", "columns[0]: Table name cannot be used: "},
		"column, second":      {column("t", "a", "INT;\nDROP TABLE t"), "columns.0", "columns[0]:2:1: "},
		"index, no columns":   {index("k"), "indexes.0", "indexes[0]: Index has no columns: Name the columns of index `k`."},
		"index, primary":      {index("primary", "a"), "indexes.0", "indexes[0]: Index name cannot be used: `primary` is reserved."},
		"view, two":           {landlord.CustomizationPatch{Views: map[string]string{"v": "SELECT 1;\n  SELECT 2"}}, "views.v", "views.v:2:3: "},
		"sql, rows":           {landlord.CustomizationPatch{SQL: "ALTER TABLE t ADD a INT;\nINSERT INTO t VALUES (1)"}, "sql", "sql:2:1: "},
		"sql, drop":           {landlord.CustomizationPatch{SQL: "DROP TABLE t"}, "sql", "sql:1:1: "},
		"sql, grant":          {landlord.CustomizationPatch{SQL: "GRANT ALL ON *.* TO a@b"}, "sql", "sql:1:1: "},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := readPatch(c.patch, mysql97, "tenant_acme")
			var p *landlord.Problem
			if !errors.As(err, &p) || p.Field != c.field || !strings.HasPrefix(p.Detail[0], c.want) {
				t.Errorf("got %v", err)
			}
		})
	}
	_, err := readPatch(landlord.CustomizationPatch{Tables: map[string]string{"a": "", "b": ""}, SQL: "GRANT ALL ON *.* TO a@b"}, mysql97, "tenant_acme")
	var p *landlord.Problem
	if !errors.As(err, &p) || len(p.Detail) != 3 || p.Field != "tables.a" {
		t.Errorf("not everything is said at once: %v", err)
	}
}

// TestJudgePatch holds what a patch has made against the rules.
func TestJudgePatch(t *testing.T) {
	t.Parallel()
	const tail = "\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci"
	users := func(more ...string) ddl.Object {
		lines := append([]string{"  `id` int NOT NULL"}, more...)
		return ddl.Object{Kind: ddl.KindTable, Name: "users", SQL: "CREATE TABLE `users` (\n" + strings.Join(lines, ",\n") + tail}
	}
	object := func(kind ddl.Kind, name, table, sql string) ddl.Object {
		return ddl.Object{Kind: kind, Name: name, Table: table, SQL: sql}
	}
	trigger := object(ddl.KindTrigger, "r", "users", "CREATE TRIGGER `r` BEFORE INSERT ON `users` FOR EACH ROW SET @a = 1")
	cases := map[string]struct {
		frozen bool
		after  []ddl.Object
		want   string // summary
	}{
		"nothing":           {false, []ddl.Object{users()}, ""},
		"column":            {false, []ddl.Object{users("  `a` int DEFAULT NULL")}, ""},
		"column, default":   {false, []ddl.Object{users("  `a` int NOT NULL DEFAULT '0'")}, ""},
		"column, no value":  {false, []ddl.Object{users("  `a` int NOT NULL")}, "Extension column needs a default"},
		"key":               {false, []ddl.Object{users("  KEY `k` (`id`)")}, ""},
		"primary key":       {false, []ddl.Object{users("  PRIMARY KEY (`id`)")}, "Customization changes the template"},
		"changed column":    {false, []ddl.Object{{Kind: ddl.KindTable, Name: "users", SQL: "CREATE TABLE `users` (\n  `id` bigint NOT NULL" + tail}}, "Customization changes the template"},
		"table is gone":     {false, nil, "Customization changes the template"},
		"frozen, column":    {true, []ddl.Object{users("  `a` int DEFAULT NULL")}, "Frozen table is extended"},
		"frozen, trigger":   {true, []ddl.Object{users(), trigger}, "Frozen table is extended"},
		"trigger":           {false, []ddl.Object{users(), trigger}, ""},
		"frozen, another":   {true, []ddl.Object{object(ddl.KindTable, "own", "", "CREATE TABLE `own` (\n  `id` int NOT NULL"+tail), users()}, ""},
		"event, once":       {false, []ddl.Object{object(ddl.KindEvent, "e", "", "CREATE EVENT `e` ON SCHEDULE AT '2030-01-01 00:00:00' DO SET @a = 1"), users()}, "Event ends by itself"},
		"event, for a time": {false, []ddl.Object{object(ddl.KindEvent, "e", "", "CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY ENDS '2030-01-01 00:00:00' DO SET @a = 1"), users()}, "Event ends by itself"},
		"event":             {false, []ddl.Object{object(ddl.KindEvent, "e", "", "CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY DO SET @a = 1"), users()}, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := patchTarget{info: mysql.Info{Product: mysql.MySQL, Version: "9.7.0"}}
			if c.frozen {
				target.frozen = []string{"users"}
			}
			err := judgePatch(target, ddl.Schema{Objects: []ddl.Object{users()}}, ddl.Schema{Objects: c.after})
			var p *landlord.Problem
			if errors.As(err, &p); (err == nil) != (c.want == "") || p != nil && p.Summary != c.want {
				t.Errorf("got %v", err)
			}
		})
	}
}
