package adopt_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/adopt"
)

var mysql97 = ddl.Server{Product: ddl.MySQL, Version: "9.7.4"}

// schema makes a schema of CREATE statements as a server prints them.
func schema(t *testing.T, sql string) *ddl.Schema {
	t.Helper()
	s := &ddl.Schema{CharacterSet: "utf8mb4", Collation: "utf8mb4_unicode_ci"}
	statements, faults := source.Parse(sql, mysql97)
	for _, f := range faults {
		if f.Severity == source.SeverityError {
			t.Fatalf("%s: %s, in\n%s", f.Position, f.Detail, sql)
		}
	}
	for _, st := range statements {
		o := ddl.Object{Kind: st.Kind, Name: st.Object, Table: st.Table, SQL: st.Text}
		if o.Kind == ddl.KindTable {
			o.SQL = st.SQL // with its names in quotes
		}
		s.Objects = append(s.Objects, o)
	}
	slices.SortFunc(s.Objects, func(a, b ddl.Object) int { return strings.Compare(a.Key(), b.Key()) })
	return s
}

const (
	first  = "CREATE TABLE users (id int NOT NULL, name varchar(20) DEFAULT NULL, PRIMARY KEY (id)); CREATE TABLE posts (id int NOT NULL, old int DEFAULT NULL, KEY by_id (id))"
	second = "CREATE TABLE users (id int NOT NULL, name varchar(20) DEFAULT NULL, mail varchar(50) DEFAULT 'x', PRIMARY KEY (id)); CREATE TABLE posts (id int NOT NULL, KEY by_id (id)); CREATE TABLE tags (id int DEFAULT NULL)"
)

// found says in lines what a plan comes to.
func found(p *adopt.Plan) []string {
	var out []string
	for _, r := range p.Releases {
		line := fmt.Sprintf("release %s: %d tenants", r.Version, r.Tenants)
		if len(r.Open) > 0 {
			line += ", open " + strings.Join(r.Open, " ")
		}
		if r.SQLMode != "" {
			line += ", zero dates"
		}
		out = append(out, line)
	}
	for _, t := range p.Tenants {
		line := fmt.Sprintf("%s: %s of %s", t.Slug, t.Database, t.Version)
		if t.Named {
			line += ", named"
		}
		if t.Patch != nil {
			line += fmt.Sprintf(", has %v%v%v%v%q", keys(t.Patch.Tables), t.Patch.Columns, t.Patch.Indexes, keys(t.Patch.Views), t.Patch.SQL)
		}
		for _, k := range t.Keeps {
			line += ", keeps " + k.String()
		}
		out = append(out, line)
	}
	for _, f := range p.Findings {
		out = append(out, strings.Join(strings.Fields(f.Database+" "+f.Object), " ")+": "+f.Reason)
	}
	return out
}

func keys(m map[string]string) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// TestFind takes estates apart.
func TestFind(t *testing.T) {
	t.Parallel()
	refuse := func(p landlord.CustomizationPatch, _ string) error {
		if strings.Contains(p.SQL, "forbidden") || strings.Contains(p.SQL, "LOAD_FILE") {
			return errors.New("it is forbidden")
		}
		return nil
	}
	cases := map[string]struct {
		databases map[string]string // schemas by name
		problem   map[string]string
		zero      map[string][]string // tables with zero dates in rows
		unread    map[string]string
		least     int
		want      []string
	}{
		"nothing": {},
		"one database": {
			databases: map[string]string{"shop_a": first},
			want:      []string{"release 1.0.0: 1 tenants", "a: shop_a of 1.0.0"},
		},
		"two releases, and the older one is pinned": {
			databases: map[string]string{"shop_a": second, "shop_b": first, "shop_c": first, "shop_d": second, "shop_e": second},
			want: []string{"release 1.0.0: 2 tenants", "release 1.1.0: 3 tenants",
				"a: shop_a of 1.1.0", "b: shop_b of 1.0.0", "c: shop_c of 1.0.0", "d: shop_d of 1.1.0", "e: shop_e of 1.1.0"},
		},
		"fewer than asked for are no release, and keep what they have": {
			databases: map[string]string{"shop_a": second, "shop_b": first, "shop_c": first, "shop_d": second, "shop_e": second}, least: 3,
			want: []string{"release 1.0.0: 5 tenants", "a: shop_a of 1.0.0",
				"b: shop_b of 1.0.0, has [][{posts old int DEFAULT NULL}][][]\"\", keeps table tags, keeps table users column mail",
				"c: shop_c of 1.0.0, has [][{posts old int DEFAULT NULL}][][]\"\", keeps table tags, keeps table users column mail",
				"d: shop_d of 1.0.0", "e: shop_e of 1.0.0"},
		},
		"the nearest release is the one with the fewest differences": {
			databases: map[string]string{"shop_a": first, "shop_b": first, "shop_c": second, "shop_d": second,
				"shop_e": strings.Replace(second, "DEFAULT 'x'", "DEFAULT 'y'", 1), "shop_f": first + "; CREATE TABLE own (id int)"},
			want: []string{"release 1.0.0: 3 tenants", "release 1.1.0: 3 tenants", "a: shop_a of 1.0.0", "b: shop_b of 1.0.0", "c: shop_c of 1.1.0", "d: shop_d of 1.1.0",
				"e: shop_e of 1.1.0, keeps table users column mail", "f: shop_f of 1.0.0, has [own][][][]\"\""},
		},
		"what one has in addition, otherwise or not": {
			databases: map[string]string{"shop_a": first, "shop_b": first,
				"shop_table":   first + "; CREATE TABLE own (id int)",
				"shop_column":  strings.Replace(first, "name varchar(20)", "vat int DEFAULT NULL, name varchar(20)", 1),
				"shop_key":     strings.Replace(first, "PRIMARY KEY (id))", "PRIMARY KEY (id), KEY own (name))", 1),
				"shop_default": strings.Replace(first, "name varchar(20) DEFAULT NULL", "name varchar(20) DEFAULT 'n'", 1),
				"shop_nokey":   strings.Replace(first, ", KEY by_id (id)", "", 1),
				"shop_view":    first + "; CREATE VIEW v AS SELECT id FROM users",
				"shop_trigger": first + "; CREATE TRIGGER tr BEFORE INSERT ON users FOR EACH ROW SET NEW.name = 'x'",
				"shop_order":   strings.Replace(first, "id int NOT NULL, name varchar(20) DEFAULT NULL", "name varchar(20) DEFAULT NULL, id int NOT NULL", 1),
			},
			want: []string{"release 1.0.0: 10 tenants, open users", "a: shop_a of 1.0.0", "b: shop_b of 1.0.0",
				"column: shop_column of 1.0.0, has [][{users vat int DEFAULT NULL}][][]\"\"",
				"default: shop_default of 1.0.0, keeps table users column name",
				"key: shop_key of 1.0.0, has [][][{users own [name] false}][]\"\"",
				"nokey: shop_nokey of 1.0.0, keeps table posts key by_id",
				"order: shop_order of 1.0.0",
				"table: shop_table of 1.0.0, has [own][][][]\"\"",
				"trigger: shop_trigger of 1.0.0, has [][][][]\"CREATE TRIGGER tr BEFORE INSERT ON users FOR EACH ROW SET NEW.name = 'x';\", keeps trigger tr",
				"view: shop_view of 1.0.0, has [][][][v]\"\", keeps view v"},
		},
		"what no customization holds stays, and is told": {
			databases: map[string]string{"shop_a": first, "shop_b": first,
				"shop_must":      strings.Replace(first, "name varchar(20)", "must int NOT NULL, name varchar(20)", 1),
				"shop_zero":      first + "; CREATE TABLE visits (at datetime NOT NULL DEFAULT '0000-00-00 00:00:00')",
				"shop_forbidden": first + "; CREATE PROCEDURE p() SELECT 'forbidden'"},
			want: []string{"release 1.0.0: 5 tenants", "a: shop_a of 1.0.0", "b: shop_b of 1.0.0", "forbidden: shop_forbidden of 1.0.0, keeps procedure p", "must: shop_must of 1.0.0", "zero: shop_zero of 1.0.0",
				"shop_forbidden procedure `p`: no customization can hold it: It is forbidden.",
				"shop_must table `users`, column `must`: no customization can hold it: A column of a customization takes NULL or has a default, so that the template's statements go on working. Change it so first.",
				"shop_zero table `visits`: no customization can hold it: a date without a month or a day is its default, and customizations are made under the strict mode. Change the default."},
		},
		"zero dates that all have are the template's": {
			databases: map[string]string{"shop_a": "CREATE TABLE visits (at datetime NOT NULL DEFAULT '0000-00-00 00:00:00')"},
			want:      []string{"release 1.0.0: 1 tenants, zero dates", "a: shop_a of 1.0.0"},
		},
		"zero dates in rows count for tables of the template": {
			databases: map[string]string{"shop_a": first, "shop_b": first + "; CREATE TABLE visits (at date NOT NULL)"},
			zero:      map[string][]string{"shop_b": {"visits"}},
			want:      []string{"release 1.0.0: 2 tenants", "a: shop_a of 1.0.0", "b: shop_b of 1.0.0, has [visits][][][]\"\""},
		},
		"zero dates in rows of one tenant": {
			databases: map[string]string{"shop_a": first, "shop_b": first, "shop_c": second, "shop_d": second},
			zero:      map[string][]string{"shop_b": {"posts"}},
			unread:    map[string]string{"shop_d": "it took longer than 5s"},
			want: []string{"release 1.0.0: 2 tenants, zero dates", "release 1.1.0: 2 tenants, zero dates", "a: shop_a of 1.0.0", "b: shop_b of 1.0.0", "c: shop_c of 1.1.0", "d: shop_d of 1.1.0",
				"shop_d rows: not all were searched for dates without a month or a day: it took longer than 5s"},
		},
		"what no template holds is left out": {
			databases: map[string]string{"shop_a": first + "; CREATE PROCEDURE p() SELECT LOAD_FILE('/etc/passwd')"},
			want: []string{"release 1.0.0: 1 tenants", "a: shop_a of 1.0.0, keeps procedure p",
				"procedure `p`: a template may not hold it: `LOAD_FILE()` reads a file of the server. Remove the call.",
				"shop_a procedure `p`: no customization can hold it: It is forbidden."},
		},
		"another program, an empty database, and what the reader refuses": {
			databases: map[string]string{"shop_a": first, "shop_b": first, "shop_blog": "CREATE TABLE entries (id int)", "shop_empty": "", "shop_taken": ""},
			problem:   map[string]string{"shop_taken": "it is the database of tenant `x` already"},
			want: []string{"release 1.0.0: 2 tenants", "a: shop_a of 1.0.0", "b: shop_b of 1.0.0",
				"shop_blog: its structure is another one: fewer than half of its tables and of those of most databases are the same (class 24b9b8cd)",
				"shop_empty: it is empty", "shop_taken: it is the database of tenant `x` already"},
		},
		"names that are no slugs": {
			databases: map[string]string{"shop_a": first, "shop_A": first, "shop_42": first, "Shop B!": first, "shop_`x` ${y}": first, "été": first, "mysql_": first, "other_a": first},
			want: []string{"release 1.0.0: 8 tenants", "a: shop_a of 1.0.0", "a-2: shop_A of 1.0.0, named", "db_mysql: mysql_ of 1.0.0, named", "other_a: other_a of 1.0.0, named",
				"shop-b: Shop B! of 1.0.0, named", "shop_42: shop_42 of 1.0.0, named", "t: été of 1.0.0, named", "x-y: shop_`x` ${y} of 1.0.0, named"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var databases []*adopt.Database
			shared := map[string]*ddl.Schema{}
			for name, sql := range c.databases {
				if shared[sql] == nil {
					shared[sql] = schema(t, sql)
				}
				databases = append(databases, &adopt.Database{Name: name, Schema: shared[sql], Problem: c.problem[name], ZeroDates: c.zero[name], Unread: c.unread[name]})
			}
			opt := adopt.Options{Template: "shop", Prefix: "shop_", Common: "shop_", Least: c.least, Server: mysql97, Judge: refuse}
			plan, err := adopt.Find(databases, opt)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, found(plan)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			rand.Shuffle(len(databases), func(i, j int) { databases[i], databases[j] = databases[j], databases[i] })
			again, err := adopt.Find(databases, opt)
			if err != nil {
				t.Fatal(err)
			}
			provider := adopt.Provider{Database: "landlord", Prefix: "shop_"}
			if len(plan.Tenants) > 0 {
				if diff := cmp.Diff(plan.Files(provider), again.Files(provider)); diff != "" {
					t.Errorf("the order of the databases counts:\n%s", diff)
				}
			}
		})
	}
}

// TestFind_modes has programs that were made under modes that change how texts are
// read: what a template holds means the same.
func TestFind_modes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sql, mode string
		want      []string
		wantSQL   string
	}{
		"names between double quotes": {`CREATE FUNCTION "f"("n" int) RETURNS int DETERMINISTIC RETURN "n" * 2`, "ANSI_QUOTES,STRICT_TRANS_TABLES",
			[]string{"release 1.0.0: 1 tenants", "a: shop_a of 1.0.0, keeps function f"}, "CREATE FUNCTION `f`(`n` int) RETURNS int DETERMINISTIC RETURN `n` * 2"},
		"another meaning": {"CREATE FUNCTION `f`(a text) RETURNS text DETERMINISTIC RETURN a || a", "PIPES_AS_CONCAT", []string{"release 1.0.0: 1 tenants", "a: shop_a of 1.0.0, keeps function f",
			"function `f`: a template may not hold it: It was made under the mode `PIPES_AS_CONCAT`, in which its text means something else than in that of the provider.",
			"shop_a function `f`: no customization can hold it: It was made under the mode `PIPES_AS_CONCAT`, in which its text means something else than in that of the provider. " +
				"Make it anew without that mode first, or take it into the template in other words."}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := schema(t, first)
			s.Objects = append(s.Objects, ddl.Object{Kind: ddl.KindFunction, Name: "f", SQL: c.sql, SQLMode: c.mode, CharacterSetClient: "utf8mb4"})
			plan, err := adopt.Find([]*adopt.Database{{Name: "shop_a", Schema: s}}, adopt.Options{Template: "shop", Prefix: "shop_", Common: "shop_", Server: mysql97})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, found(plan)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got := plan.Releases[0].Files["core/001_schema.sql"]; strings.Contains(got, "FUNCTION") != (c.wantSQL != "") || !strings.Contains(got, c.wantSQL) {
				t.Errorf("the file of the release:\n%s\nwant %s", got, c.wantSQL)
			}
		})
	}
}
