package customization

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// schema makes a schema of CREATE statements as a server prints them.
func schema(t *testing.T, sql string) ddl.Schema {
	t.Helper()
	s := ddl.Schema{CharacterSet: "utf8mb4", Collation: "utf8mb4_0900_ai_ci"}
	statements, _ := source.Parse(sql, ddl.Server{Product: ddl.MySQL, Version: "9.7.4"})
	for _, st := range statements {
		s.Objects = append(s.Objects, ddl.Object{Kind: st.Kind, Name: st.Object, Table: st.Table, SQL: st.SQL})
	}
	return s
}

// core is what a template has made: `frozen` takes nothing.
const core = "CREATE TABLE `t` (`id` int NOT NULL, `a` int DEFAULT NULL, PRIMARY KEY (`id`), KEY `k` (`a`));\n" +
	"CREATE TABLE `frozen` (`id` int NOT NULL, PRIMARY KEY (`id`));\nCREATE VIEW `v` AS select 1 AS `x`;"

// TestJudgePatch_changes: what a patch may add to a template, and what it may not touch. A
// case replaces text of the core, and adds to it.
func TestJudgePatch_changes(t *testing.T) {
	t.Parallel()
	const next = "\n\nNothing was run but in a scratch database. What the template makes stays as it is: add columns, indexes, keys and checks to its tables, or objects of your own; or change the template."
	cases := map[string]struct {
		replace, by string
		more        string
		want        string // the problem, empty for none
	}{
		"nothing":                   {},
		"a column":                  {replace: "`a` int DEFAULT NULL", by: "`a` int DEFAULT NULL, `b` int DEFAULT NULL"},
		"a column with a default":   {replace: "`a` int DEFAULT NULL", by: "`a` int DEFAULT NULL, `b` int NOT NULL DEFAULT '7'"},
		"a computed column":         {replace: "`a` int DEFAULT NULL", by: "`a` int DEFAULT NULL, `b` int GENERATED ALWAYS AS (`a` + 1) STORED NOT NULL"},
		"a column between":          {replace: "`a` int DEFAULT NULL", by: "`b` int DEFAULT NULL, `a` int DEFAULT NULL"},
		"a key":                     {replace: "KEY `k` (`a`)", by: "KEY `k` (`a`), UNIQUE KEY `l` (`a`,`id`)"},
		"a check":                   {replace: "KEY `k` (`a`)", by: "KEY `k` (`a`), CONSTRAINT `c` CHECK ((`a` > 0))"},
		"a foreign key":             {replace: "KEY `k` (`a`)", by: "KEY `k` (`a`), CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `frozen` (`id`)"},
		"a table that needs values": {more: "CREATE TABLE `mine` (`id` int NOT NULL);"},
		"a trigger":                 {more: "CREATE TRIGGER `r` BEFORE INSERT ON `t` FOR EACH ROW SET @a = 1;"},
		"an event":                  {more: "CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY DO SET @a = 1;"},
		"a column without a default": {replace: "`a` int DEFAULT NULL", by: "`a` int DEFAULT NULL, `b` int NOT NULL",
			want: "Extension column needs a default: Column `b` of table `t` takes no NULL and has no default, so that whoever does not know it could insert no rows any more.\n\nLet it take NULL, or give it a `DEFAULT`."},
		"a column is another": {replace: "`a` int DEFAULT NULL", by: "`a` bigint DEFAULT NULL",
			want: "Customization changes the template: Column `a` of table `t` would be changed.\nTemplate: `a` int DEFAULT NULL\nCustomization: `a` bigint DEFAULT NULL" + next},
		"a column goes": {replace: ", `a` int DEFAULT NULL, PRIMARY KEY (`id`), KEY `k` (`a`)", by: ", PRIMARY KEY (`id`)",
			want: "Customization changes the template: Column `a` of table `t` would go.\nTemplate: `a` int DEFAULT NULL\n\nKey `k` of table `t` would go.\nTemplate: KEY `k` (`a`)" + next},
		"columns in another order": {replace: "`id` int NOT NULL, `a` int DEFAULT NULL", by: "`a` int DEFAULT NULL, `id` int NOT NULL",
			want: "Customization changes the template: Order of columns of table `t` would be another one." + next},
		"a view is another": {replace: "select 1 AS `x`", by: "select 2 AS `x`",
			want: "Customization changes the template: View `v` would be changed.\nTemplate: CREATE VIEW `v` AS select 1 AS `x`\nCustomization: CREATE VIEW `v` AS select 2 AS `x`" + next},
		"an option of a table": {replace: "KEY `k` (`a`))", by: "KEY `k` (`a`)) COMMENT='x'",
			want: "Customization changes the template: Table `t` would get `COMMENT 'x'`." + next},
		"a frozen table gets a column": {replace: "CREATE TABLE `frozen` (`id` int NOT NULL", by: "CREATE TABLE `frozen` (`id` int NOT NULL, `b` int DEFAULT NULL",
			want: "Frozen table is extended: Column `b` of table `frozen` would be added to table `frozen`, which the template has frozen: customizations add nothing to it, and no trigger.\n\nPut what is needed into a table of its own that refers to `frozen`."},
		"a frozen table gets a trigger": {more: "CREATE TRIGGER `r` BEFORE INSERT ON `frozen` FOR EACH ROW SET @a = 1;",
			want: "Frozen table is extended: Trigger `r` would be added to table `frozen`, which the template has frozen: customizations add nothing to it, and no trigger.\n\nPut what is needed into a table of its own that refers to `frozen`."},
		"a frozen table changes": {replace: "CREATE TABLE `frozen` (`id` int NOT NULL", by: "CREATE TABLE `frozen` (`id` bigint NOT NULL",
			want: "Customization changes the template: Column `id` of table `frozen` would be changed.\nTemplate: `id` int NOT NULL\nCustomization: `id` bigint NOT NULL" + next},
		"an event that ends": {more: "CREATE EVENT `e` ON SCHEDULE AT '2030-01-01 00:00:00' DO SET @a = 1;",
			want: "Event ends by itself: Event `e` has a last run (`AT` or `ENDS`), behind which the server drops or disables it, so that it is no part of a schema.\n\nGive it a schedule with `EVERY` and without `ENDS`, or run its statement by hand."},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			after := core
			if c.replace != "" {
				if !strings.Contains(core, c.replace) {
					t.Fatalf("the core has no %s", c.replace)
				}
				after = strings.Replace(core, c.replace, c.by, 1)
			}
			got := ""
			target := patchTarget{info: mysql.Info{Product: mysql.MySQL, Version: "9.7.4"}, frozen: []string{"frozen"}}
			if err := judgePatch(target, schema(t, core), schema(t, after+"\n"+c.more)); err != nil {
				var p *landlord.Problem
				if !errors.As(err, &p) {
					t.Errorf("no problem: %v", err)
				}
				got = err.Error()
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCheckCustomizationName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"crm": true, "a": true, "crm-2_b": true, strings.Repeat("a", 64): true,
		"": false, "Crm": false, "2crm": false, "_crm": false, "crm.x": false, "crm\n": false, "crm x": false, "größe": false, strings.Repeat("a", 65): false,
	} {
		if err := CheckCustomizationName(name); (err == nil) != want {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// TestHas: a thing is among others by its place and its text, whoever its definer
// is.
func TestHas(t *testing.T) {
	t.Parallel()
	had := []merge.OwnedElement{{Object: "trigger r", Text: "CREATE DEFINER=`a`@`%` TRIGGER `r` BEFORE INSERT ON `t` FOR EACH ROW SET @a = 1"}}
	for _, c := range []struct {
		object, text string
		want         bool
	}{
		{"trigger r", "CREATE DEFINER=`b`@`%` TRIGGER `r` BEFORE INSERT ON `t` FOR EACH ROW SET @a = 1", true},
		{"trigger r", "CREATE TRIGGER `r` BEFORE INSERT ON `t` FOR EACH ROW SET @a = 1", true},
		{"trigger r", "CREATE TRIGGER `r` BEFORE INSERT ON `t` FOR EACH ROW SET @a = 2", false},
		{"trigger s", "CREATE TRIGGER `r` BEFORE INSERT ON `t` FOR EACH ROW SET @a = 1", false},
	} {
		if got := has(had, merge.OwnedElement{Object: c.object, Text: c.text}); got != c.want {
			t.Errorf("%s, %s: %t", c.object, c.text, got)
		}
	}
}
