package rowcopy_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/rowcopy"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

func TestNewPlan(t *testing.T) {
	t.Parallel()
	const (
		looked = " Before its first row the copy looks for such values, and fails when there are any; give both columns the same type to be sure."
		blocks = "BLOCKS "
	)
	tests := map[string]struct {
		source, target []string
		request        rowcopy.Request
		want           []string
		order          []string
	}{
		"nothing": {
			source: []string{"CREATE TABLE a (id INT PRIMARY KEY, v VARCHAR(5) NULL, w INT AS (id + 1))"},
			target: []string{"CREATE TABLE a (w INT AS (id + 2) STORED, v VARCHAR(9) NULL, id BIGINT, more INT NULL, other INT NOT NULL DEFAULT 3, PRIMARY KEY (id))"},
			order:  []string{"a"},
		},
		"tables": {
			source:  []string{"CREATE TABLE a (id INT PRIMARY KEY)", "CREATE VIEW v AS SELECT 1"},
			target:  []string{"CREATE TABLE b (id INT PRIMARY KEY)"},
			request: rowcopy.Request{Tables: []string{"a", "b", "c", "v"}},
			want: []string{
				blocks + "table `a`: the target has no such table. Create it in the target first.",
				blocks + "table `b`: the source has no such table. Correct the name.",
				blocks + "table `c`: the source has no such table. Correct the name.",
				blocks + "table `v`: it is a view in the source, and no table. Name tables only.",
			},
		},
		"columns": {
			source: []string{"CREATE TABLE a (id INT PRIMARY KEY, gone INT, made INT, free INT NULL)"},
			target: []string{"CREATE TABLE a (id INT PRIMARY KEY, need INT NOT NULL, made INT AS (id), free INT NOT NULL)"},
			want: []string{
				blocks + "table `a`, column `gone`: the target has no such column, so that its values would be lost. Add it to the target, or leave the table out.",
				blocks + "table `a`, column `made`: the target computes it, so that the values of the source would be lost. Make it a plain column in the target.",
				"table `a`, column `free`: NULL is allowed in the source and not in the target. Before its first row the copy looks for such values, and fails when there are any; let it be NULL in the target to be sure.",
				blocks + "table `a`, column `need`: the target wants a value, and the source has no such column. Give it a default in the target, or let it be NULL.",
			},
			order: []string{"a"},
		},
		"types": {
			source: []string{"CREATE TABLE a (id INT PRIMARY KEY, short VARCHAR(20), kind DATE, names VARCHAR(5) CHARACTER SET latin1, less VARCHAR(5), d DECIMAL(10,4), e ENUM('a','b'))"},
			target: []string{"CREATE TABLE a (id INT PRIMARY KEY, short VARCHAR(10), kind TIME, names VARCHAR(5), less VARCHAR(5) CHARACTER SET latin1, d DECIMAL(10,2), e ENUM('b'))"},
			want: []string{
				"table `a`, column `short`: it is varchar(20) in the source and varchar(10) in the target: values longer than 10 characters do not fit." + looked,
				blocks + "table `a`, column `kind`: it is date in the source and time in the target, which takes its values only in another form. Give both columns the same type.",
				"table `a`, column `names`: its text is latin1 in the source and utf8mb4 in the target. The text is converted; every character stays the same.",
				"table `a`, column `less`: it is varchar(5) in utf8mb4 in the source and varchar(5) in latin1 in the target: characters that latin1 lacks do not fit." + looked,
				"table `a`, column `d`: it is decimal(10,4) in the source and decimal(10,2) in the target: digits behind the point beyond 2 do not fit." + looked,
				"table `a`, column `e`: it is enum('a','b') in the source and enum('b') in the target: the values 'a' do not fit." + looked,
			},
			order: []string{"a"},
		},
		"keys": {
			source:  []string{"CREATE TABLE none (v INT)", "CREATE TABLE other (a INT PRIMARY KEY, b INT NOT NULL)", "CREATE TABLE part (v VARCHAR(20), PRIMARY KEY (v(5)))"},
			target:  []string{"CREATE TABLE none (v INT)", "CREATE TABLE other (a INT, b INT PRIMARY KEY)", "CREATE TABLE part (v VARCHAR(20), PRIMARY KEY (v(5)))"},
			request: rowcopy.Request{Tables: []string{"none", "other", "part"}},
			want: []string{
				"table `none`: it has no primary key, so that it is copied in one transaction, and from its beginning after each interruption. Give it the same primary key on both sides when it is large.",
				"table `other`: its primary key differs, so that it is copied in one transaction, and from its beginning after each interruption. Give it the same primary key on both sides when it is large.",
				"table `part`: its primary key holds a part of a column, or one that the server computes, so that it is copied in one transaction, and from its beginning after each interruption. Give it the same primary key on both sides when it is large.",
			},
			order: []string{"none", "other", "part"},
		},
		"keys and conflicts": {
			source:  []string{"CREATE TABLE a (v INT)", "CREATE TABLE k (v VARCHAR(5) COLLATE utf8mb4_bin PRIMARY KEY, u VARCHAR(5) COLLATE utf8mb4_bin UNIQUE)"},
			target:  []string{"CREATE TABLE a (v INT)", "CREATE TABLE k (v VARCHAR(5) COLLATE utf8mb4_general_ci PRIMARY KEY, u VARCHAR(5) COLLATE utf8mb4_general_ci UNIQUE)"},
			request: rowcopy.Request{Tables: []string{"k", "a"}, OnConflict: rowcopy.ConflictReplace},
			want: []string{
				blocks + "table `a`: it has no primary key, so that no row can be recognized in the target. Give it the same primary key on both sides, or let conflicts fail.",
				blocks + "table `k`, column `v`: its text is compared by utf8mb4_bin in the source and by utf8mb4_general_ci in the target, so that rows that differ there may be the same here. Give both columns the same collation, or let conflicts fail.",
			},
			order: []string{"a", "k"},
		},
		"engines and triggers": {
			source: []string{"CREATE TABLE a (id INT PRIMARY KEY) ENGINE=MyISAM"},
			target: []string{"CREATE TABLE a (id INT PRIMARY KEY) ENGINE=MyISAM", "CREATE TRIGGER i AFTER INSERT ON a FOR EACH ROW SET @x = 1", "CREATE TRIGGER u AFTER UPDATE ON a FOR EACH ROW SET @x = 1"},
			want: []string{
				blocks + "table `a`: the target keeps it in MyISAM, which has no transactions, so that a copy that is cut off could not go on. Change its engine to InnoDB.",
				"table `a`: the source keeps it in MyISAM, which is in no snapshot, so that rows that change meanwhile may be missed or come half changed. Stop writing to it during the copy.",
				"table `a`: the target has the trigger `i`, which fires for the rows that come in. When it changes them the copy fails; what it does elsewhere stays.",
			},
			order: []string{"a"},
		},
		"foreign keys": {
			source: familyTables, target: slices.Concat(familyTables, []string{"ALTER TABLE nodes ADD COLUMN code INT UNIQUE", "CREATE TABLE leaves (code INT, CONSTRAINT coded FOREIGN KEY (code) REFERENCES nodes (code))"}),
			request: rowcopy.Request{Tables: []string{"notes", "nodes"}, OnConflict: rowcopy.ConflictReplace},
			want: []string{
				blocks + "table `nodes`: it is in a circle of foreign keys, and the foreign key `coded` of table `leaves` refers to a column outside of its primary key: rows that are replaced could leave others without a parent. Skip rows that are there already, or let conflicts fail.",
				"table `notes`: its rows refer to `books`, which is not copied. The rows that they refer to must be in the target.",
			},
			order: []string{"nodes", "notes"},
		},
		"conditions": {
			source: []string{"CREATE TABLE a (id INT PRIMARY KEY)", "CREATE TABLE b (id INT PRIMARY KEY)", "CREATE TABLE c (id INT PRIMARY KEY)", "CREATE VIEW v AS SELECT 1 AS id"},
			target: []string{"CREATE TABLE a (id INT PRIMARY KEY)", "CREATE TABLE b (id INT PRIMARY KEY)", "CREATE TABLE c (id INT PRIMARY KEY)"},
			request: rowcopy.Request{Tables: []string{"a", "b", "c"}, Where: "id IN (SELECT id FROM v)", WhereTable: map[string]string{
				"a": "SLEEP(5)", "b": "id IN (SELECT id FROM a WHERE a.id > 0) AND b.id <> '0000-00-00'",
			}},
			want: []string{
				blocks + "table `a`: the condition `SLEEP(5)` cannot be used: 1:1: `SLEEP()` is not among the functions that a condition may call. Correct the condition.",
				blocks + "table `c`: the condition reads `v`, which is no table of the source. Name tables only.",
			},
			order: []string{"a", "b", "c"},
		},
	}
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		for name, test := range tests {
			t.Run(name, func(t *testing.T) {
				b := newCopyBed(t, mysqltest.On(t, s.Kind), mysqltest.On(t, s.Kind), test.source, test.target)
				if test.request.Tables == nil {
					test.request.Tables = []string{"a"}
				}
				source, target := b.sides(t)
				plan, err := rowcopy.NewPlan(t.Context(), source, target, test.request)
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, f := range plan.Findings {
					text := f.String()
					if f.Blocks {
						text = blocks + text
					}
					got = append(got, text)
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("findings (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(test.order, plan.Tables()); diff != "" {
					t.Errorf("order (-want +got):\n%s", diff)
				}
				if !plan.Blocked() {
					return
				}
				_, err = rowcopy.Copy(t.Context(), source, target, plan, b.journal)
				var blocked *rowcopy.BlockedError
				if !errors.As(err, &blocked) || !strings.HasPrefix(err.Error(), "the tables cannot be copied: table `") {
					t.Errorf("got %v, want a *BlockedError", err)
				}
			})
		}
	})
}

func TestNewPlan_request(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	b := newCopyBed(t, s, s, []string{"CREATE TABLE a (id INT PRIMARY KEY)"}, nil)
	source, target := b.sides(t)
	for want, request := range map[string]rowcopy.Request{
		"no table is named":        {},
		"table `a` is named twice": {Tables: []string{"a", "b", "a"}},
		"`ignore` is no way to treat conflicts: it is `fail`, `skip` or `replace`": {Tables: []string{"a"}, OnConflict: "ignore"},
		"there is a condition for table `b`, which is not copied":                  {Tables: []string{"a"}, WhereTable: map[string]string{"b": "1"}},
		"a chunk cannot have fewer than no rows":                                   {Tables: []string{"a"}, ChunkRows: -1},
	} {
		if _, err := rowcopy.NewPlan(t.Context(), source, target, request); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, err := rowcopy.NewPlan(t.Context(), source, source, rowcopy.Request{Tables: []string{"a"}}); err == nil || err.Error() != "source and target are the same database `"+b.source+"`" {
		t.Errorf("got %v", err)
	}
}
