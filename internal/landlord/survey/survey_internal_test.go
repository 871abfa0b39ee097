package survey

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/adopt"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// TestOneDialect: the release with the most databases that can be adopted is the
// one; those of the others are refused, and what has a problem keeps it.
func TestOneDialect(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		found  map[string]string // by release: a database a letter, in upper case where it has a problem
		server string
		left   string // databases that nothing is in the way of
	}{
		"none":                     {nil, "", ""},
		"one":                      {map[string]string{"mysql 9.7": "ab"}, "mysql 9.7", "ab"},
		"the most":                 {map[string]string{"mysql 9.7": "a", "mariadb 11.8": "bc"}, "mariadb 11.8", "bc"},
		"as many":                  {map[string]string{"mysql 9.7": "a", "mariadb 11.8": "b"}, "mariadb 11.8", "b"},
		"tenants' do not count":    {map[string]string{"mysql 9.7": "ABCDE", "mariadb 11.8": "fg"}, "mariadb 11.8", "fg"},
		"what is left of them":     {map[string]string{"mysql 9.7": "ABCd", "mariadb 11.8": "ef"}, "mariadb 11.8", "ef"},
		"none of any":              {map[string]string{"mysql 9.7": "AB", "mysql 8.4": "C"}, "mysql 8.4", ""},
		"none of the first":        {map[string]string{"mysql 8.4": "A", "mysql 9.7": "b"}, "mysql 9.7", "b"},
		"three, and two of a kind": {map[string]string{"mysql 8.4": "ab", "mysql 9.7": "cde", "mariadb 11.8": "fgH"}, "mysql 9.7", "cde"},
	} {
		all := map[string]*dialect{}
		for release, letters := range c.found {
			d := &dialect{server: ddl.Server{Version: release}}
			for _, letter := range letters {
				one := &adopt.Database{Name: strings.ToLower(string(letter))}
				if one.Name != string(letter) {
					one.Problem = "it is the database of a tenant already"
				}
				d.databases = append(d.databases, one)
			}
			all[release] = d
		}
		if got := oneDialect(all).Version; got != c.server {
			t.Errorf("%s: %q, not %q", name, got, c.server)
		}
		left := ""
		for release, d := range all {
			for i, one := range d.databases {
				want := fmt.Sprintf("its server is %s, and most of those that can be adopted are on %s, which prints schemas in other words", release, c.server)
				switch was := string(c.found[release][i]); {
				case one.Problem == "":
					left += one.Name
				case was == one.Name && one.Problem != want, was != one.Name && one.Problem == want:
					t.Errorf("%s: %s: %q", name, one.Name, one.Problem)
				}
			}
		}
		if left != c.left {
			t.Errorf("%s: nothing is in the way of %q, wanted %q", name, left, c.left)
		}
	}
}

func TestDialectName(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{"9.7.4": "mysql 9.7", "9.7.4-log": "mysql 9.7", "11.8.9-MariaDB": "mysql 11.8", "9": "mysql 9"} {
		if got := dialectName(mysql.Info{Product: mysql.MySQL, Version: version}); !strings.EqualFold(got, want) {
			t.Errorf("%s: %q, not %q", version, got, want)
		}
	}
}

// TestAssemble: a schema has the texts of its fingerprint, in one order, and no
// text that another database has under the same name.
func TestAssemble(t *testing.T) {
	t.Parallel()
	object := func(kind ddl.Kind, name, sql string) ddl.Object { return ddl.Object{Kind: kind, Name: name, SQL: sql} }
	a, b, view := object(ddl.KindTable, "a", "1"), object(ddl.KindTable, "b", "2"), object(ddl.KindView, "a", "3")
	texts := map[text]ddl.Object{
		{"table a", "h1"}: a, {"table b", "h2"}: b, {"view a", "h3"}: view,
		{"table a", "h4"}: object(ddl.KindTable, "a", "another"), {"table c", "h5"}: object(ddl.KindTable, "c", "of another database"),
	}
	f := &ddl.Fingerprint{Objects: map[string]string{"view a": "h3", "table b": "h2", "table a": "h1", landlord.DatabaseObject: "h6", "table lost": "h7"}}
	want := &ddl.Schema{CharacterSet: landlord.TenantCharacterSet, Collation: landlord.TenantCollation, Objects: []ddl.Object{a, b, view}}
	for range 20 { // a map has another order each time
		if diff := cmp.Diff(want, assemble(f, texts)); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	}
}

// TestSearches: which tables are looked through for incomplete dates.
func TestSearches(t *testing.T) {
	t.Parallel()
	table := func(name, columns string) ddl.Object {
		return ddl.Object{Kind: ddl.KindTable, Name: name, SQL: "CREATE TABLE `" + name + "` (" + columns + ")"}
	}
	s := &ddl.Schema{Objects: []ddl.Object{
		table("numbers", "`a` int, `b` varchar(9)"),
		table("one", "`a` date"),
		table("two", "`a` datetime, `b` time, `c` timestamp NULL"),
		table("computed", "`a` int, `b` date GENERATED ALWAYS AS (from_days(`a`)) STORED"),
		{Kind: ddl.KindTable, Name: "strange", SQL: "CREATE TABLE `strange` (`a` date, QUANTUM KEY (`a`))"},
		{Kind: ddl.KindView, Name: "v", SQL: "CREATE VIEW `v` AS select cast('2020-01-01' as date) AS `a`"},
	}}
	var got []string
	for _, one := range searches(s, ddl.Server{Product: ddl.MySQL, Version: "9.7.4"}) {
		got = append(got, one.table+": "+one.condition)
	}
	want := []string{"one: (MONTH(`a`) = 0 OR DAYOFMONTH(`a`) = 0)", "two: (MONTH(`a`) = 0 OR DAYOFMONTH(`a`) = 0) OR (MONTH(`c`) = 0 OR DAYOFMONTH(`c`) = 0)"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
