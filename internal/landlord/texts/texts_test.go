package texts_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/texts"
)

// told writes an error with the number of its argument.
func told(err error) string {
	if err == nil {
		return ""
	}
	var a *texts.Argument
	if !errors.As(err, &a) {
		return "no argument: " + err.Error()
	}
	return fmt.Sprintf("%d: %v", a.Number, err)
}

func TestCompare(t *testing.T) {
	t.Parallel()
	const (
		before = "CREATE TABLE `t` (\n  `id` int NOT NULL,\n  `a` varchar(20) DEFAULT NULL,\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB;\n"
		after  = "CREATE TABLE `t` (\n  `id` int NOT NULL,\n  `a` varchar(30) DEFAULT NULL,\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB;\n"
		view   = "CREATE VIEW `v` AS select `t`.`id` AS `id` from `t`;\n"
	)
	cases := map[string]struct {
		from, to, flavor string
		want             []string
		err              string
	}{
		"nothing":       {from: before, to: before, flavor: "mysql", want: []string{}},
		"a column":      {from: before, to: after, flavor: "mysql", want: []string{"ALTER TABLE `t` MODIFY COLUMN `a` varchar(30) DEFAULT NULL"}},
		"a view":        {from: before, to: before + view, flavor: "mariadb-10.11", want: []string{"CREATE VIEW `v` AS select `t`.`id` AS `id` from `t`"}},
		"all of it":     {from: "", to: before, flavor: "mysql", want: []string{"CREATE TABLE `t` (`id` int NOT NULL, `a` varchar(20) DEFAULT NULL, PRIMARY KEY (`id`)) ENGINE=InnoDB"}},
		"no flavor":     {flavor: "oracle", err: "2: `oracle` is no flavor: write `mysql` or `mariadb`, perhaps with a version, as in `mariadb-10.11`"},
		"a syntax":      {from: "CREATE TABLE 'a", flavor: "mysql", err: "0: Text is no schema: 1:14: SQL cannot be split into statements: A text in ' quotes is never closed."},
		"no definition": {from: before, to: before + "INSERT INTO t VALUES (1, 2);", flavor: "mysql", err: "1: Text is no schema: 6:1: a statement that defines no object: INSERT INTO t VALUES (1, 2)\n\nA schema is a list of CREATE statements."},
		"not as printed": {from: before, to: "CREATE TABLE `t` (`id` int NOT NULL PRIMARY KEY);", flavor: "mysql",
			err: "1: Schemas cannot be compared: Comparing schemas: table t: no ALTER TABLE changes its option ENGINE.\n\n" +
				"Both texts have to be what a server prints: `sql` of the data source `landlord_schema_snapshot`, or `SHOW CREATE`. What people write is compared by a plan, which asks the server what it makes of it."},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := texts.Compare(c.from, c.to, c.flavor)
			if diff := cmp.Diff(c.err, told(err)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		sql, flavor string
		want        []texts.Finding
		err         string
	}{
		"nothing wrong": {sql: "CREATE TABLE t (id INT NOT NULL PRIMARY KEY);", flavor: "mysql", want: []texts.Finding{}},
		"no flavor":     {flavor: "sqlite", err: "1: `sqlite` is no flavor: write `mysql` or `mariadb`, perhaps with a version, as in `mariadb-10.11`"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := texts.Validate(c.sql, c.flavor)
			if diff := cmp.Diff(c.err, told(err)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	// What is found is tested beside the rules; here it comes with its place.
	for sql, line := range map[string]int{
		"CREATE TABLE t (id INT NOT NULL PRIMARY KEY);\nCREATE TABLE t (id INT NOT NULL PRIMARY KEY);":            2,
		"CREATE TABLE t (id INT NOT NULL PRIMARY KEY);\n\nCREATE VIEW v AS SELECT id FROM gone;":                  3,
		"CREATE TABLE t (id INT NOT NULL PRIMARY KEY, x INT, CONSTRAINT f FOREIGN KEY (x) REFERENCES gone (id));": 1,
		"CREATE TABLE t (id INT NOT NULL PRIMARY KEY;":                                                            1,
	} {
		got, err := texts.Validate(sql, "mysql")
		if err != nil || len(got) == 0 || got[0].Severity != "error" || got[0].Line != line || got[0].Summary == "" || got[0].Detail == "" {
			t.Errorf("%s: %+v, %v", sql, got, err)
		}
	}
}
