package engine_test

import (
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestPublishTemplate_modules counts the scratch databases in which the choices
// of modules are tried: one, unless a choice has to be tried on its own.
func TestPublishTemplate_modules(t *testing.T) {
	t.Parallel()
	const (
		one   = "CREATE TABLE one (id INT NOT NULL PRIMARY KEY);"
		two   = "CREATE TABLE two (id INT NOT NULL PRIMARY KEY);"
		three = "CREATE TABLE three (id INT NOT NULL PRIMARY KEY);"
	)
	tests := map[string]struct {
		optional, seeds map[string]string
		plan, publish   int
		want            string // the problem
	}{
		"none":        {plan: 1},
		"independent": {optional: map[string]string{"a.sql": one, "b.sql": two, "c.sql": three}, plan: 1},
		"seeds of one table": {
			optional: map[string]string{"a.sql": one, "b.sql": two},
			seeds:    map[string]string{"a/1.sql": "INSERT INTO core (name) VALUES ('a');", "b/1.sql": "INSERT INTO core (name) VALUES ('b');"},
			plan:     1,
		},
		"one extends what the other seeds": {
			optional: map[string]string{"a.sql": one, "b.sql": "ALTER TABLE core ADD COLUMN more INT NULL;"},
			seeds:    map[string]string{"a/1.sql": "INSERT INTO core (name) VALUES ('a');"},
			plan:     1, publish: 1,
		},
		"they exclude each other": {
			optional: map[string]string{"a.sql": "-- landlord:conflicts: b\n" + one, "b.sql": two},
			plan:     2,
		},
		"seeds that count on numbers": {
			optional: map[string]string{"a.sql": "CREATE TABLE one (id INT NOT NULL PRIMARY KEY, FOREIGN KEY (id) REFERENCES core (id));", "b.sql": two},
			seeds:    map[string]string{"1.sql": "INSERT INTO core (name) VALUES ('first');", "a/1.sql": "INSERT INTO one (id) VALUES (1);"},
			plan:     1, publish: 1,
		},
		"one reads what the other makes": {
			optional: map[string]string{"a.sql": one, "b.sql": two},
			seeds:    map[string]string{"a/1.sql": "INSERT INTO one (id) SELECT id FROM two;"},
			plan:     1, publish: 1,
			want: "Server refuses a statement of the template []\n" +
				"Trying template `shop@1.0.0` with no other modules than `a` in a scratch database stopped at statement 3 of 3.\n\n" +
				"seeds/a/1.sql:1:1: INSERT INTO one (id) SELECT id FROM two\n\nCause: ",
		},
	}
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		for name, test := range tests {
			t.Run(name, func(t *testing.T) {
				r := s.Record(t)
				e := engineOn(t, s, func(c *landlord.Config) {
					c.Main.Username, c.Main.Password = r.Username, r.Password
					c.Database += "_" + strings.ReplaceAll(name, " ", "_")
				})
				spec := landlord.TemplateSpec{
					Name: "shop", Version: "1.0.0", Optional: test.optional, Seeds: test.seeds,
					Core: map[string]string{"1.sql": "CREATE TABLE core (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20) NOT NULL);"},
				}
				scratches := func() (n int) {
					for _, statement := range r.Statements(t) {
						if strings.HasPrefix(statement, "CREATE DATABASE") && strings.Contains(statement, "_scratch_") {
							n++
						}
					}
					r.Reset(t)
					return n
				}
				if _, err := e.PlanTemplate(t.Context(), spec); err != nil {
					t.Fatal(explain(err))
				}
				if n := scratches(); n != test.plan {
					t.Errorf("the plan made %d scratch databases, want %d", n, test.plan)
				}
				_, err := e.PublishTemplate(t.Context(), spec)
				if n := scratches(); n != test.publish {
					t.Errorf("publishing made %d scratch databases, want %d", n, test.publish)
				}
				switch {
				case err == nil && test.want != "":
					t.Error("it was published")
				case err != nil && (test.want == "" || !strings.HasPrefix(explain(err), test.want)):
					t.Errorf("got %s", explain(err))
				}
			})
		}
	})
}

// TestPlanTemplate_refused says what to do about statements that a server refuses,
// the common ones of real dumps.
func TestPlanTemplate_refused(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	if s.Kind.IsMariaDB() {
		t.Skip("the server's words are those of MySQL")
	}
	e := engineOn(t, s)
	const family = "CREATE TABLE parents (id INT PRIMARY KEY);\nCREATE TABLE children (id INT PRIMARY KEY, p INT, CONSTRAINT fk FOREIGN KEY (p) REFERENCES parents (id));"
	const wide = "Tenants have the character set utf8mb4, of which a character counts as 4 bytes. Where the file was written for a smaller one, name it behind the table (`DEFAULT CHARACTER SET latin1`) or its column; or make the column or the key shorter, or let the column be TEXT."
	tests := map[string]struct{ core, seeds, want string }{
		"seeds in another order": {core: family, seeds: "INSERT INTO children VALUES (1, 1);\nINSERT INTO parents VALUES (1);",
			want: "stopped at statement 3 of 4.\n\nseeds/1.sql:1:1: INSERT INTO children VALUES (1, 1)\n\nCause: Cannot add or update a child row: a foreign key constraint fails (`children`, CONSTRAINT `fk` FOREIGN KEY (`p`) REFERENCES `parents` (`id`))\n\n" +
				"Put the rows of the parent table first: in the same file, or in one whose name comes before. A `SET FOREIGN_KEY_CHECKS` is left out, so rows that refer to each other in a circle get NULL first and an UPDATE after."},
		"zero date": {core: "CREATE TABLE t (id INT PRIMARY KEY, d DATE NOT NULL DEFAULT '0000-00-00');",
			want: "stopped at statement 1 of 1.\n\ncore/1.sql:1:1: CREATE TABLE `t` (`id` INT PRIMARY KEY, `d` DATE NOT NULL DEFAULT '0000-00-00')\n\nCause: Invalid default value for 'd'\n\n" +
				"A zero date is no date: the sessions of the provider have NO_ZERO_DATE, on every server. Let the column be NULL, give it a real date as its default, or set `sql_mode = \"STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO\"` of the template, which takes such dates."},
		"wide characters": {core: "CREATE TABLE t (id INT PRIMARY KEY, content VARCHAR(64000));",
			want: "stopped at statement 1 of 1.\n\ncore/1.sql:1:1: CREATE TABLE `t` (`id` INT PRIMARY KEY, `content` VARCHAR(64000))\n\nCause: Column length too big for column 'content' (max = 16383); use BLOB or TEXT instead\n\n" + wide},
		"wide keys": {core: "CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(1000), KEY name (name));",
			want: "stopped at statement 1 of 1.\n\ncore/1.sql:1:1: CREATE TABLE `t` (`id` INT PRIMARY KEY, `name` VARCHAR(1000), KEY `name` (`name`))\n\nCause: Specified key was too long; max key length is 3072 bytes\n\n" + wide},
		"rows of a column that goes": {core: "CREATE TABLE t (id INT PRIMARY KEY, old INT);\nALTER TABLE t DROP COLUMN old;", seeds: "UPDATE t SET id = 1 WHERE old = 1;",
			want: "stopped at statement 3 of 3.\n\nseeds/1.sql:1:1: UPDATE t SET id = 1 WHERE old = 1\n\nCause: Unknown column 'old' in 'where clause'\n\n" +
				"Seeds run when the whole structure stands, behind every ALTER of the files too. Write the statement for the columns that the table has in the end, or leave it out."},
		"reserved word": {core: "CREATE PROCEDURE purge() SELECT 1;",
			want: "stopped at statement 1 of 1.\n\ncore/1.sql:1:1: CREATE PROCEDURE purge() SELECT 1\n\nCause: the statement has a syntax error at line 1: it stops at `purge() SELECT 1`\n\nCorrect the file."},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			spec := landlord.TemplateSpec{Name: "dump", Version: "1.0.0", Core: map[string]string{"1.sql": test.core}}
			if test.seeds != "" {
				spec.Seeds = map[string]string{"1.sql": test.seeds}
			}
			_, err := e.PlanTemplate(t.Context(), spec)
			wantProblem(t, err, "Server refuses a statement of the template []\nTrying template `dump@1.0.0` in a scratch database "+test.want)
		})
	}
}
