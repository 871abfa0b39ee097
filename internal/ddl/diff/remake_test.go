package diff_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
)

// TestRemake makes programs anew: where a server replaces them in one statement,
// with it; else in the place that they have among their kin.
func TestRemake(t *testing.T) {
	t.Parallel()
	trigger := func(name, order string) ddl.Object {
		return ddl.Object{Kind: ddl.KindTrigger, Name: name, Table: "t", SQL: "CREATE TRIGGER `" + name + "` BEFORE INSERT ON `t` FOR EACH ROW" + order + " SET NEW.a = 1"}
	}
	event := func(state string) ddl.Object {
		return ddl.Object{Kind: ddl.KindEvent, Name: "e", SQL: "CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY ON COMPLETION NOT PRESERVE " + state + " COMMENT 'preserve disable' DO SELECT 'enable'"}
	}
	table := ddl.Object{Kind: ddl.KindTable, Name: "t", SQL: "CREATE TABLE `t` (`a` int DEFAULT NULL)"}
	view := ddl.Object{Kind: ddl.KindView, Name: "v", SQL: "CREATE ALGORITHM=UNDEFINED SQL SECURITY DEFINER VIEW `v` AS select 1 AS `1`"}
	procedure := ddl.Object{Kind: ddl.KindProcedure, Name: "p", SQL: "CREATE PROCEDURE `p`()\nSELECT 1"}
	first, second, third := trigger("z", ""), trigger("a", " FOLLOWS `z`"), trigger("m", " FOLLOWS `a`")
	mySQL, mariaDB := ddl.Server{Product: ddl.MySQL, Version: "9.7.4"}, ddl.Server{Product: ddl.MariaDB, Version: "10.11.9"}
	cases := map[string]struct {
		srv     ddl.Server
		objects []ddl.Object // the first one is made anew
		want    []string
	}{
		"view":                         {mySQL, []ddl.Object{view, table}, []string{"CREATE OR REPLACE ALGORITHM=UNDEFINED SQL SECURITY DEFINER VIEW `v` AS select 1 AS `1`"}},
		"event":                        {mySQL, []ddl.Object{event("ENABLE")}, []string{"ALTER EVENT `e` ENABLE"}},
		"event, disabled":              {mariaDB, []ddl.Object{event("DISABLE")}, []string{"ALTER EVENT `e` DISABLE"}},
		"event of a replica":           {mySQL, []ddl.Object{event("DISABLE ON REPLICA")}, []string{"ALTER EVENT `e` DISABLE ON REPLICA"}},
		"procedure":                    {mySQL, []ddl.Object{procedure}, []string{"DROP PROCEDURE `p`", "CREATE PROCEDURE `p`()\nSELECT 1"}},
		"procedure of MariaDB":         {mariaDB, []ddl.Object{procedure}, []string{"CREATE OR REPLACE PROCEDURE `p`()\nSELECT 1"}},
		"trigger":                      {mySQL, []ddl.Object{first, table}, []string{"DROP TRIGGER `z`", first.SQL}},
		"first trigger":                {mySQL, []ddl.Object{first, table, second, third}, []string{"DROP TRIGGER `z`", "CREATE TRIGGER `z` BEFORE INSERT ON `t` FOR EACH ROW PRECEDES `a` SET NEW.a = 1"}},
		"trigger between":              {mySQL, []ddl.Object{second, table, first, third}, []string{"DROP TRIGGER `a`", second.SQL}},
		"first trigger of MariaDB":     {mariaDB, []ddl.Object{first, table, second}, []string{"CREATE OR REPLACE TRIGGER `z` BEFORE INSERT ON `t` FOR EACH ROW PRECEDES `a` SET NEW.a = 1"}},
		"last trigger of MariaDB":      {mariaDB, []ddl.Object{third, table, first, second}, []string{"CREATE OR REPLACE TRIGGER `m` BEFORE INSERT ON `t` FOR EACH ROW FOLLOWS `a` SET NEW.a = 1"}},
		"function that a view may use": {mySQL, []ddl.Object{{Kind: ddl.KindFunction, Name: "f", SQL: "CREATE FUNCTION `f`() RETURNS int\nRETURN 1"}, view}, []string{"DROP FUNCTION `f`", "CREATE FUNCTION `f`() RETURNS int\nRETURN 1"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changes, err := diff.Remake(ddl.Schema{Objects: c.objects}, c.objects[0], c.srv)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, change := range changes {
				got = append(got, change.SQL)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}
