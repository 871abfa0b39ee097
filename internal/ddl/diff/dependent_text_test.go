package diff_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
)

// TestDependents_text: which programs and views depend on column `x` of table `t`,
// which goes, while table `other` keeps a column of that name.
func TestDependents_text(t *testing.T) {
	t.Parallel()
	const other = "CREATE TABLE `other` (`id` int, `x` int)"
	cases := map[string]struct {
		object ddl.Object
		want   bool
	}{
		"a view":                                  {ddl.Object{Kind: ddl.KindView, Name: "v", SQL: "CREATE VIEW `v` AS select `t`.`x` AS `x` from `t`"}, true},
		"a view of another column":                {ddl.Object{Kind: ddl.KindView, Name: "v", SQL: "CREATE VIEW `v` AS select `t`.`id` AS `x` from `t`"}, false},
		"a view by an alias":                      {ddl.Object{Kind: ddl.KindView, Name: "v", SQL: "CREATE VIEW `v` AS select `a`.`x` AS `y` from `t` `a`"}, true},
		"a view by an alias behind AS":            {ddl.Object{Kind: ddl.KindView, Name: "v", SQL: "CREATE VIEW `v` AS select `a`.`x` AS `y` from `t` AS `a` where `a`.`id` > 1"}, true},
		"the alias is of the other table":         {ddl.Object{Kind: ddl.KindView, Name: "v", SQL: "CREATE VIEW `v` AS select `a`.`x` AS `y` from (`t` join `other` `a`)"}, false},
		"the alias in another case":               {ddl.Object{Kind: ddl.KindView, Name: "v", SQL: "CREATE VIEW `v` AS select `A`.`X` AS `y` from (`other` join `T` `a`)"}, true},
		"a column that is called as the table":    {ddl.Object{Kind: ddl.KindView, Name: "v", SQL: "CREATE VIEW `v` AS select `o`.`t` AS `a`,`a`.`x` AS `y` from (`o` join `other` `a`)"}, false},
		"a text that is cut off":                  {ddl.Object{Kind: ddl.KindView, Name: "v", SQL: "CREATE VIEW `v` AS select `t`.`x` AS `x` from `t` AS"}, true},
		"a procedure":                             {ddl.Object{Kind: ddl.KindProcedure, Name: "p", SQL: "CREATE PROCEDURE `p`() SELECT x FROM t"}, true},
		"a procedure that says it in a text":      {ddl.Object{Kind: ddl.KindProcedure, Name: "p", SQL: "CREATE PROCEDURE `p`() SELECT 'x' FROM t"}, false},
		"a procedure that is called as the table": {ddl.Object{Kind: ddl.KindProcedure, Name: "t", SQL: "CREATE PROCEDURE `t`() SELECT x FROM other"}, false},
		"the same, and it reads the table":        {ddl.Object{Kind: ddl.KindProcedure, Name: "t", SQL: "CREATE PROCEDURE `t`() SELECT x FROM t"}, true},
		"a procedure with an alias `new`":         {ddl.Object{Kind: ddl.KindProcedure, Name: "p", SQL: "CREATE PROCEDURE `p`() SELECT new.x FROM t AS new"}, true},
		"a trigger on the table":                  {ddl.Object{Kind: ddl.KindTrigger, Name: "r", Table: "t", SQL: "CREATE TRIGGER `r` BEFORE UPDATE ON `t` FOR EACH ROW SET @y = OLD.x"}, true},
		"a trigger on the other, with its rows":   {ddl.Object{Kind: ddl.KindTrigger, Name: "r", Table: "other", SQL: "CREATE TRIGGER `r` BEFORE INSERT ON `other` FOR EACH ROW BEGIN INSERT INTO t (id) VALUES (1); SET NEW.x = 1; END"}, false},
		"a trigger on the other, with old rows":   {ddl.Object{Kind: ddl.KindTrigger, Name: "r", Table: "other", SQL: "CREATE TRIGGER `r` AFTER DELETE ON `other` FOR EACH ROW INSERT INTO t (id) VALUES (OLD.x)"}, false},
		"a trigger on the other that writes it":   {ddl.Object{Kind: ddl.KindTrigger, Name: "r", Table: "other", SQL: "CREATE TRIGGER `r` AFTER DELETE ON `other` FOR EACH ROW INSERT INTO t (x) VALUES (1)"}, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			schema := func(table string) ddl.Schema {
				s := schemaOf(map[string]string{"t": table, "other": other})
				s.Objects = append(s.Objects, c.object)
				return s
			}
			got := diff.Dependents(schema("CREATE TABLE `t` (`id` int, `x` int)"), schema("CREATE TABLE `t` (`id` int)"), mysql97)
			var want []diff.Dependent
			if c.want {
				want = []diff.Dependent{{
					Place: ddl.Place{Object: c.object.Key()}, On: ddl.Place{Object: "table t", Element: "column `x`"}, Gone: true, Breaks: true,
					Reason: "it names column `x` of table `t`, which goes", Text: c.object.SQL, OnBefore: "`x` int",
				}}
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// TestDependents_reshaped: what a key and a computed column stand on becomes
// otherwise, and stays; each is said once, though a key names it twice.
func TestDependents_reshaped(t *testing.T) {
	t.Parallel()
	table := func(x, g string) ddl.Schema {
		return schemaOf(map[string]string{"t": "CREATE TABLE `t` (`x` " + x + ", `g` int GENERATED ALWAYS AS (" + g + ") VIRTUAL, `h` int GENERATED ALWAYS AS (length(`x`) + length(`x`)) VIRTUAL, KEY `k` (`x`), KEY `l` (`g`)) CHARSET=utf8mb4"})
	}
	before := table("varchar(9) COLLATE utf8mb4_bin", "1")
	for name, c := range map[string]struct {
		after ddl.Schema
		want  []string
	}{
		"nothing":   {before, nil},
		"the type":  {table("varchar(7) COLLATE utf8mb4_bin", "1"), []string{"table t column h: it stands on column `x` of table `t`, which becomes varchar(7) instead of varchar(9)", "table t key k: it stands on column `x` of table `t`, which becomes varchar(7) instead of varchar(9)"}},
		"collation": {table("varchar(9) COLLATE utf8mb4_unicode_ci", "1"), []string{"table t column h: it stands on column `x` of table `t`, which gets the collation utf8mb4_unicode_ci instead of utf8mb4_bin", "table t key k: it stands on column `x` of table `t`, which gets the collation utf8mb4_unicode_ci instead of utf8mb4_bin"}},
		"computed":  {table("varchar(9) COLLATE utf8mb4_bin", "2"), []string{"table t key l: it stands on column `g` of table `t`, which is computed in another way"}},
	} {
		var got []string
		for _, d := range diff.Dependents(before, c.after, mysql97) {
			got = append(got, d.Place.String()+": "+d.Reason)
			if d.Gone || d.Breaks || d.OnBefore == "" || d.OnAfter == "" {
				t.Errorf("%s: %+v", name, d)
			}
		}
		if d := cmp.Diff(c.want, sortedList(got)); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}
