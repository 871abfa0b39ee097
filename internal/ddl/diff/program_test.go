package diff_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
)

func sortedList(list []string) []string {
	slices.Sort(list)
	return list
}

// TestDiff_conjunctions: MySQL adds the conditions of a view with INTERSECT or
// EXCEPT once more each time it is made. Such a text is the same as before; what
// only looks like it is not.
func TestDiff_conjunctions(t *testing.T) {
	t.Parallel()
	view := func(where, behind string) ddl.Schema {
		return schemaOf(map[string]string{"view v": "CREATE VIEW `v` AS select `t`.`x` AS `x` from `t` where " + where + behind})
	}
	const x, y, intersect = "(`t`.`x` > 1)", "(`t`.`x` > 2)", " intersect select 1 AS `1`"
	for name, c := range map[string]struct {
		a, b, behind string
		same         bool
	}{
		"twice":                     {x, "(" + x + " and " + x + ")", intersect, true},
		"three times":               {x, "(" + x + " and " + x + " and " + x + ")", intersect, true},
		"with except":               {x, "(" + x + " and " + x + ")", " except select 1 AS `1`", true},
		"in another case":           {x, "(" + x + " AND " + x + ")", intersect, true},
		"two and three times":       {"(" + x + " and " + x + ")", "(" + x + " and " + x + " and " + x + ")", intersect, true},
		"another condition":         {x, "(" + x + " and " + y + ")", intersect, false},
		"another one at the end":    {x, "(" + x + " and " + x + " and " + y + ")", intersect, false},
		"or":                        {x, "(" + x + " or " + x + ")", intersect, false},
		"without a set operation":   {x, "(" + x + " and " + x + ")", "", false},
		"a parenthesis around":      {"(" + x + ")", "((" + x + ") and (" + x + "))", intersect, true},
		"in a condition":            {"(" + y + " or " + x + ")", "(" + y + " or (" + x + " and " + x + "))", intersect, true},
		"the last condition counts": {"((" + x + " and " + x + ") or " + y + ")", "(" + x + " or " + y + ")", intersect, true},
		"another number":            {x, y, intersect, false},
	} {
		m, err := diff.Diff(view(c.a, c.behind), view(c.b, c.behind), mysql97, diff.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if m.Empty() != c.same {
			t.Errorf("%s: same %t, %q", name, m.Empty(), m.Statements())
		}
	}
}

// TestDiff_viewOrder: a view is made behind those that it reads, whatever they are
// called. Columns and other names do not count.
func TestDiff_viewOrder(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		views map[string]string
		want  []string
	}{
		"from":                    {map[string]string{"a": "select `b`.`x` AS `x` from `b`", "b": "select 1 AS `x`"}, []string{"b", "a"}},
		"join":                    {map[string]string{"a": "select `b`.`x` AS `x` from `t` join `b` on(`b`.`x` = `t`.`x`)", "b": "select 1 AS `x`"}, []string{"b", "a"}},
		"a chain":                 {map[string]string{"a": "select 1 from `b`", "b": "select 1 from `c`", "c": "select 1"}, []string{"c", "b", "a"}},
		"parenthesis":             {map[string]string{"a": "select 1 from (`b` join `t`)", "b": "select 1"}, []string{"b", "a"}},
		"comma":                   {map[string]string{"a": "select 1 from `t`,`b`", "b": "select 1"}, []string{"b", "a"}},
		"a column before a dot":   {map[string]string{"a": "select 1 from (`z`.`t`)", "z": "select 1 from `a`"}, []string{"a", "z"}},
		"a column that is joined": {map[string]string{"z": "select 1 from (`t` join `u` using (`a`))", "a": "select 1 from `z`"}, []string{"z", "a"}},
		"the last word":           {map[string]string{"a": "select 1 from `b`", "b": "select 1 AS `a`"}, []string{"b", "a"}},
		"itself":                  {map[string]string{"a": "select `a`.`a` AS `a` from `t` `a`", "b": "select 1"}, []string{"a", "b"}},
	} {
		texts, want := map[string]string{}, []string(nil)
		for view, text := range c.views {
			texts["view "+view] = "CREATE VIEW `" + view + "` AS " + text
		}
		for _, view := range c.want {
			want = append(want, texts["view "+view])
		}
		m, err := diff.Diff(ddl.Schema{}, schemaOf(texts), mysql97, diff.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, m.Statements()); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

// TestDiff_packages: MariaDB before 11.4 knows packages only in the sql_mode that
// they were made in, so they are dropped in it; a body goes with its package, and
// comes back when that is made anew.
func TestDiff_packages(t *testing.T) {
	t.Parallel()
	object := func(kind ddl.Kind, text string) ddl.Object {
		return ddl.Object{Kind: kind, Name: "p", SQL: text, SQLMode: "ORACLE"}
	}
	spec, body := object(ddl.KindPackage, "CREATE PACKAGE `p` AS PROCEDURE a; END"), object(ddl.KindPackageBody, "CREATE PACKAGE BODY `p` AS PROCEDURE a AS BEGIN NULL; END; END")
	spec2, body2 := object(ddl.KindPackage, "CREATE PACKAGE `p` AS PROCEDURE b; END"), object(ddl.KindPackageBody, "CREATE PACKAGE BODY `p` AS PROCEDURE a AS BEGIN SELECT 1; END; END")
	for name, c := range map[string]struct {
		from, to []ddl.Object
		want     []string
	}{
		"the package changes":  {[]ddl.Object{spec, body}, []ddl.Object{spec2, body}, []string{"DROP PACKAGE `p` ORACLE", spec2.SQL + " ORACLE", body.SQL + " ORACLE"}},
		"both change":          {[]ddl.Object{spec, body}, []ddl.Object{spec2, body2}, []string{"DROP PACKAGE `p` ORACLE", spec2.SQL + " ORACLE", body2.SQL + " ORACLE"}},
		"the body changes":     {[]ddl.Object{spec, body}, []ddl.Object{spec, body2}, []string{"DROP PACKAGE BODY `p` ORACLE", body2.SQL + " ORACLE"}},
		"the body goes":        {[]ddl.Object{spec, body}, []ddl.Object{spec}, []string{"DROP PACKAGE BODY `p` ORACLE"}},
		"nothing changes":      {[]ddl.Object{spec, body}, []ddl.Object{spec, body}, nil},
		"both come":            {nil, []ddl.Object{spec, body}, []string{spec.SQL + " ORACLE", body.SQL + " ORACLE"}},
		"a function goes":      {[]ddl.Object{object(ddl.KindFunction, "CREATE FUNCTION `p`() RETURNS int RETURN 1")}, nil, []string{"DROP FUNCTION `p` "}},
		"a procedure is there": {[]ddl.Object{spec, object(ddl.KindProcedure, "CREATE PROCEDURE `p`() SELECT 1")}, []ddl.Object{spec2, object(ddl.KindProcedure, "CREATE PROCEDURE `p`() SELECT 1")}, []string{"DROP PACKAGE `p` ORACLE", spec2.SQL + " ORACLE"}},
	} {
		m, err := diff.Diff(ddl.Schema{Objects: c.from}, ddl.Schema{Objects: c.to}, ddl.Server{Product: ddl.MariaDB, Version: "10.11.9-MariaDB"}, diff.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, change := range m.Changes {
			got = append(got, change.SQL+" "+change.Settings.SQLMode)
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}
