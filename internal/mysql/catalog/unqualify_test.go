package catalog

import (
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

func TestUnqualify(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		database string
		text     string
		want     string
		dialect  dialect
	}{
		"quoted":              {text: "select `db`.`t`.`a` from `db`.`t`", want: "select `t`.`a` from `t`"},
		"bare":                {text: "INSERT INTO db.t VALUES (db.f(1))", want: "INSERT INTO t VALUES (f(1))"},
		"mixed, with space":   {text: "SELECT * FROM `db` . t, db\n.\n`u`", want: "SELECT * FROM t, `u`"},
		"only a name":         {text: "CREATE TABLE `t` (`db` int)", want: "CREATE TABLE `t` (`db` int)"},
		"string":              {text: "select 'db.t', \"db.t\", `db`.`t`", want: "select 'db.t', \"db.t\", `t`"},
		"escaped string":      {text: `select 'it\'s db.t', 'it''s db.t', db.t`, want: `select 'it\'s db.t', 'it''s db.t', t`},
		"no escapes":          {text: `select '\', db.t, '\'`, want: `select '\', t, '\'`, dialect: dialect{mode: sqltext.Mode{NoBackslashEscapes: true}}},
		"comments":            {text: "/* db.t */ -- db.t's\n# db.t\ndb.t", want: "/* db.t */ -- db.t's\n# db.t\nt"},
		"minus is no comment": {text: "1--db.f()", want: "1--f()"},
		"second of a chain":   {text: "`db`.`db`.`db`, x.db.y", want: "`db`.`db`, x.db.y"},
		"user variable":       {text: "SET @db.t = 1, @`db`.x = db.f()", want: "SET @db.t = 1, @`db`.x = f()"},
		"longer names":        {text: "db2.t, xdb.t, `db `.t, mydb.db.t", want: "db2.t, xdb.t, `db `.t, mydb.db.t"},
		"ANSI quotes":         {text: `"db"."t"`, want: `"t"`, dialect: dialect{mode: sqltext.Mode{ANSIQuotes: true}}},
		"no ANSI quotes":      {text: `"db"."t"`, want: `"db"."t"`},
		"case":                {text: "DB.t", want: "DB.t"},
		"case folded":         {text: "DB.t", want: "t", dialect: dialect{foldCase: true}},
		"alias":               {text: "select `db`.`a` from `db`.`t` `db`", want: "select `db`.`a` from `db`.`t` `db`"},
		"alias and chain":     {text: "select `db`.`t`.`a` from `t` `db`", want: "select `t`.`a` from `t` `db`"},
		"column alias, printed": {
			text: "select `db`.`t`.`a` AS `db` from `db`.`t`", want: "select `t`.`a` AS `db` from `t`",
			dialect: dialect{printed: true},
		},
		"user of an account": {text: "CREATE DEFINER=`db`@`%` VIEW `db`.`v` AS select db.a from db.t", want: "CREATE DEFINER=`db`@`%` VIEW `v` AS select a from t"},
		"alias, printed": {
			text:    "CREATE VIEW `db`.`v` AS select `db`.`a` AS `a`,`db`.`f`(1) AS `b` from ((`db`.`t` `db` join `db`.`u`) straight_join `db`.`w`) where (`db`.`a` = (select `db`.`a` from `db`.`x`))",
			want:    "CREATE VIEW `v` AS select `db`.`a` AS `a`,`f`(1) AS `b` from ((`t` `db` join `u`) straight_join `w`) where (`db`.`a` = (select `db`.`a` from `x`))",
			dialect: dialect{printed: true},
		},
		"backquote in the name": {database: "d`b", text: "`d``b`.`t`", want: "`t`"},
		"dot in the name":       {database: "d.b", text: "`d.b`.`t`, d.b.t", want: "`t`, d.b.t"},
		"unicode":               {database: "dü", text: "dü.t, `dü`.`t`", want: "t, `t`"},
		"number":                {text: "SELECT 1.5, .5, db.t", want: "SELECT 1.5, .5, t"},
		"open string":           {text: "'db.t", want: "'db.t"},
		"open name":             {text: "`db", want: "`db"},
		"open comment":          {text: "/* db.t", want: "/* db.t"},
		"ends with a dot":       {text: "db.", want: "db."},
		"star":                  {text: "SELECT db.t.*, x.*", want: "SELECT t.*, x.*"},
		"empty":                 {text: "", want: ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database := test.database
			if database == "" {
				database = "db"
			}
			if got := string(unqualify([]byte(test.text), database, test.dialect)); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// Whatever the text, nothing but the name and its dot goes, and nothing panics.
func FuzzUnqualify(f *testing.F) {
	f.Add("select `db`.`t`", true, false)
	f.Add("'\\", false, true)
	f.Fuzz(func(t *testing.T, text string, ansi, plain bool) {
		d := dialect{mode: sqltext.Mode{ANSIQuotes: ansi, NoBackslashEscapes: plain}}
		once := string(unqualify([]byte(text), "db", d))
		if len(once) > len(text) {
			t.Errorf("%q grew to %q", text, once)
		}
	})
}

func TestWithoutCounter(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"none":       {"CREATE TABLE `t` (\n  `a` int\n) ENGINE=InnoDB", "CREATE TABLE `t` (\n  `a` int\n) ENGINE=InnoDB"},
		"option":     {") ENGINE=InnoDB AUTO_INCREMENT=12 DEFAULT CHARSET=x", ") ENGINE=InnoDB DEFAULT CHARSET=x"},
		"in a text":  {"COMMENT 'AUTO_INCREMENT=3' AUTO_INCREMENT=4 X", "COMMENT 'AUTO_INCREMENT=3' X"},
		"in a name":  {"`AUTO_INCREMENT=3` int AUTO_INCREMENT", "`AUTO_INCREMENT=3` int AUTO_INCREMENT"},
		"at the end": {") ENGINE=InnoDB AUTO_INCREMENT=12", ") ENGINE=InnoDB"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := withoutCounter(test.text); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}
