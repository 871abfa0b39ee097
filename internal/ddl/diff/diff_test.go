package diff_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
)

var (
	mysql97   = ddl.Server{Product: ddl.MySQL, Version: "9.7.4"}
	mariadb11 = ddl.Server{Product: ddl.MariaDB, Version: "11.8.9-MariaDB"}
)

// schemaOf makes a schema of texts: tables by their name, other kinds by the kind
// before it.
func schemaOf(texts map[string]string) ddl.Schema {
	s := ddl.Schema{CharacterSet: "utf8mb4", Collation: "utf8mb4_unicode_ci"}
	for _, key := range sortedKeys(texts) {
		kind, name, ok := strings.Cut(key, " ")
		if !ok {
			kind, name = "table", key
		}
		s.Objects = append(s.Objects, ddl.Object{Kind: ddl.Kind(kind), Name: name, SQL: texts[key]})
	}
	return s
}

func TestDiff_unsupported(t *testing.T) {
	t.Parallel()
	const (
		plain   = "CREATE TABLE `t` (\n  `id` int NOT NULL\n) ENGINE=InnoDB"
		strange = "CREATE TABLE `t` (\n  `id` int NOT NULL,\n  QUANTUM KEY (`id`)\n) ENGINE=InnoDB"
	)
	cases := map[string]struct {
		from, to   map[string]string
		want       string
		statements []string
	}{
		"table not understood, the same": {
			from: map[string]string{"t": strange + " AUTO_INCREMENT=7"}, to: map[string]string{"t": strange + " AUTO_INCREMENT=9"},
		},
		"table not understood, changed": {
			from: map[string]string{"t": plain}, to: map[string]string{"t": strange},
			want: "comparing schemas: table t: it differs, and its definition is not understood: QUANTUM KEY (`id`) is not understood",
		},
		"table not understood, new": {
			from: map[string]string{}, to: map[string]string{"t": strange},
			statements: []string{"CREATE TABLE `t` (`id` int NOT NULL, QUANTUM KEY (`id`)) ENGINE=InnoDB"},
		},
		"table not understood, gone": {
			from: map[string]string{"t": strange}, to: map[string]string{},
			statements: []string{"DROP TABLE `t`"},
		},
		"option that cannot be taken back": {
			from: map[string]string{"t": plain + " TABLESPACE `x`"}, to: map[string]string{"t": plain},
			want: "comparing schemas: table t: no ALTER TABLE changes its option TABLESPACE",
		},
		"kind not understood, the same": {
			from: map[string]string{"library l": "CREATE LIBRARY l"}, to: map[string]string{"library l": "CREATE LIBRARY l"},
		},
		"two at once": {
			from: map[string]string{"library l": "CREATE LIBRARY l", "t": strange}, to: map[string]string{"t": plain},
			want: "comparing schemas: table t: it differs, and its definition is not understood: QUANTUM KEY (`id`) is not understood; library l: objects of this kind are not understood",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := diff.Diff(schemaOf(c.from), schemaOf(c.to), mysql97, diff.Options{})
			got := ""
			if err != nil {
				var unsupported *diff.UnsupportedError
				if !errors.As(err, &unsupported) || len(unsupported.Objects) == 0 {
					t.Errorf("error of another type: %#v", err)
				}
				got = err.Error()
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if c.want == "" && strings.Join(m.Statements(), ";") != strings.Join(c.statements, ";") {
				t.Errorf("statements %q, want %q", m.Statements(), c.statements)
			}
		})
	}
}

func TestDiff_change(t *testing.T) {
	t.Parallel()
	from := schemaOf(map[string]string{
		"users": "CREATE TABLE `users` (\n  `id` int NOT NULL,\n  `phone` varchar(20) DEFAULT NULL,\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB",
	})
	to := schemaOf(map[string]string{
		"users": "CREATE TABLE `users` (\n  `id` int NOT NULL,\n  `mail` varchar(90) NOT NULL,\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB",
	})
	m, err := diff.Diff(from, to, mysql97, diff.Options{})
	if err != nil {
		t.Fatal(err)
	}
	const implicit = "it is NOT NULL without a default: rows that exist get the implicit value of its type"
	lost := diff.Probe{
		SQL:  "SELECT COUNT(*), MIN(`example`) FROM (SELECT CAST(`id` AS CHAR) AS `example` FROM `users` WHERE `phone` IS NOT NULL LIMIT 1001) AS `found`",
		Text: "{rows} of `users` {lose} the value of `phone`", Label: "`id`", Where: "`phone` IS NOT NULL",
	}
	versions := diff.Probe{
		SQL:    "SELECT COUNT(*), NULL FROM information_schema.INNODB_TABLES WHERE NAME = CONCAT(REPLACE(DATABASE(), '-', '@002d'), '/users') AND TOTAL_ROW_VERSIONS >= 255",
		Blocks: true, Algorithm: "instant", Versions: "users",
		Text: "`users` was changed 255 times without writing its rows, and the server takes no more before `ALTER TABLE `users` FORCE`",
	}
	want := []diff.Change{
		{
			SQL: "ALTER TABLE `users` ADD COLUMN `mail` varchar(90) NOT NULL", Operation: diff.OpAddColumn, Kind: ddl.KindTable,
			Object: "table users", Table: "users", Reversible: true, AskAlgorithm: true, Reason: "column `users`.`mail`: " + implicit,
			Probes: []diff.Probe{versions},
			Clauses: []diff.Clause{{
				SQL: "ADD COLUMN `mail` varchar(90) NOT NULL", Operation: diff.OpAddColumn, Object: "column `users`.`mail`", Column: "mail", Reason: implicit,
			}},
		},
		{
			SQL: "ALTER TABLE `users` DROP COLUMN `phone`", Operation: diff.OpDropColumn, Kind: ddl.KindTable,
			Object: "table users", Table: "users", Destructive: true, Lost: "column `users`.`phone` with its values", AskAlgorithm: true,
			Columns: []string{"phone"}, Probes: []diff.Probe{lost, versions},
			Clauses: []diff.Clause{{
				SQL: "DROP COLUMN `phone`", Operation: diff.OpDropColumn, Object: "column `users`.`phone`", Column: "phone",
				Destructive: true, Lost: "column `users`.`phone` with its values", Probes: []diff.Probe{lost},
			}},
		},
	}
	if diff := cmp.Diff(want, m.Changes); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if m.Empty() {
		t.Error("the migration is not empty")
	}
	var none *diff.Migration
	if !none.Empty() {
		t.Error("no migration is not empty")
	}
}

// TestDiff_spelling holds what MySQL prints in different ways for the same
// thing, depending on how it came to be.
func TestDiff_spelling(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		a, b string
		same bool
	}{
		"collation spelled out":        {"`a` varchar(9) COLLATE utf8mb4_bin", "`a` varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", true},
		"collation of the table":       {"`a` varchar(9)", "`a` varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci", true},
		"default collation":            {"`a` varchar(9) CHARACTER SET latin1", "`a` varchar(9) CHARACTER SET latin1 COLLATE latin1_swedish_ci", true},
		"another collation":            {"`a` varchar(9)", "`a` varchar(9) COLLATE utf8mb4_bin", false},
		"negative number":              {"`a` int GENERATED ALWAYS AS (-(5)) VIRTUAL", "`a` int GENERATED ALWAYS AS (-5) VIRTUAL", true},
		"introducer":                   {"`a` int CHECK (`a` = _latin1'x')", "`a` int CHECK (`a` = _utf8mb4'x')", true},
		"introducer that matters":      {"`a` int CHECK (`a` = _latin1'ü')", "`a` int CHECK (`a` = _utf8mb4'ü')", false},
		"introducer of the table":      {"`a` int CHECK (`a` = _utf8mb3'ü')", "`a` int CHECK (`a` = _utf8mb4'ü')", true},
		"introducer of bytes":          {"`a` blob, CHECK (`a` = _binary'ü')", "`a` blob, CHECK (`a` = _utf8mb4'ü')", true},
		"binary introducer":            {"`a` int CHECK (`a` = _binary'x')", "`a` int CHECK (`a` = _utf8mb4'x')", false},
		"executed comment":             {"`a` int DEFAULT NULL /*!80023 INVISIBLE */", "`a` int DEFAULT NULL INVISIBLE", true},
		"white space":                  {"`a` decimal(8,2)  DEFAULT '1.50'", "`a` DECIMAL(8, 2) default '1.50'", true},
		"case of a value":              {"`a` varchar(9) DEFAULT 'X'", "`a` varchar(9) DEFAULT 'x'", false},
		"comment that looks like more": {"`a` int COMMENT 'x, `b` int'", "`a` int COMMENT 'x, `b` int '", false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			schema := func(column string) ddl.Schema {
				return schemaOf(map[string]string{"t": "CREATE TABLE `t` (\n  " + column + "\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci"})
			}
			m, err := diff.Diff(schema(c.a), schema(c.b), mysql97, diff.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if m.Empty() != c.same {
				t.Errorf("same %t, want %t: %q", m.Empty(), c.same, m.Statements())
			}
		})
	}
}

// TestDiff_lossLast checks that what loses rows comes behind everything that can
// fail.
func TestDiff_lossLast(t *testing.T) {
	t.Parallel()
	from := schemaOf(map[string]string{
		"a": "CREATE TABLE `a` (\n  `id` int NOT NULL,\n  `gone` int DEFAULT NULL\n) ENGINE=InnoDB",
		"b": "CREATE TABLE `b` (\n  `id` int NOT NULL\n) ENGINE=InnoDB",
		"z": "CREATE TABLE `z` (\n  `id` int DEFAULT NULL,\n  `n` bigint NOT NULL\n) ENGINE=InnoDB",
	})
	to := schemaOf(map[string]string{
		"a":      "CREATE TABLE `a` (\n  `id` int NOT NULL\n) ENGINE=InnoDB",
		"c":      "CREATE TABLE `c` (\n  `id` int NOT NULL\n) ENGINE=InnoDB",
		"view v": "CREATE VIEW `v` AS select `c`.`id` AS `id` from `c`",
		"z":      "CREATE TABLE `z` (\n  `id` int NOT NULL,\n  `n` int NOT NULL\n) ENGINE=InnoDB",
	})
	m, err := diff.Diff(from, to, mariadb11, diff.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"ALTER TABLE `z` MODIFY COLUMN `id` int NOT NULL",
		"ALTER TABLE `z` MODIFY COLUMN `n` int NOT NULL",
		"CREATE TABLE `c` (`id` int NOT NULL) ENGINE=InnoDB",
		"CREATE VIEW `v` AS select `c`.`id` AS `id` from `c`",
		"ALTER TABLE `a` DROP COLUMN `gone`",
		"DROP TABLE `b`",
	}
	if diff := cmp.Diff(want, m.Statements()); diff != "" {
		t.Errorf("statements (-want +got):\n%s", diff)
	}
}
