package rowcopy_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/rowcopy"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// people have two unique keys, and pets as children.
var people = []string{
	"CREATE TABLE people (id INT PRIMARY KEY, mail VARCHAR(20) COLLATE utf8mb4_unicode_ci UNIQUE, name VARCHAR(20) NULL, extra VARCHAR(20) DEFAULT 'kept')",
	"CREATE TABLE pets (id INT PRIMARY KEY, owner VARCHAR(20) COLLATE utf8mb4_unicode_ci, CONSTRAINT owned FOREIGN KEY (owner) REFERENCES people (mail) ON UPDATE CASCADE)",
}

func TestCopy_conflicts(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		mode           rowcopy.Conflict
		source, target string // rows of people
		counts         string
		err            string
		conflict       *rowcopy.ConflictError
		want           []string
	}{
		"none": {
			rowcopy.ConflictFail, "(1, 'a', 'A', 'x'), (2, 'b', 'B', 'x')", "(3, 'c', 'C', 'y')",
			"people: 2 read, 2 inserted, 0 skipped, 0 replaced", "", nil, []string{"1 a A x", "2 b B x", "3 c C y"},
		},
		"fail": {
			rowcopy.ConflictFail, "(1, 'a', 'A', 'x'), (2, 'b', 'B', 'x'), (3, 'c', 'C', 'x'), (4, 'd', 'D', 'x')", "(3, 'z', 'Z', 'y')",
			"", "the row `id` = 3 of table `people` is in the target already",
			&rowcopy.ConflictError{Table: "people", Row: "`id` = 3", Exists: true}, []string{"1 a A x", "2 b B x", "3 z Z y"},
		},
		"fail in another key": {
			rowcopy.ConflictFail, "(1, 'a', 'A', 'x'), (2, 'b', 'B', 'x')", "(3, 'B', 'Z', 'y')",
			"", "the row `id` = 2 of table `people` meets another one in the target: {reason}",
			&rowcopy.ConflictError{Table: "people", Row: "`id` = 2"}, []string{"3 B Z y"},
		},
		"skip": {
			rowcopy.ConflictSkip, "(1, 'a', 'A', 'x'), (2, 'b', 'B', 'x'), (3, 'c', 'C', 'x'), (4, 'd', 'D', 'x')", "(1, 'z', 'Z', 'y'), (9, 'C', 'Z', 'y')",
			"people: 4 read, 2 inserted, 2 skipped, 0 replaced", "", nil, []string{"1 z Z y", "2 b B x", "4 d D x", "9 C Z y"},
		},
		"replace": {
			rowcopy.ConflictReplace, "(1, 'a', NULL, 'x'), (2, 'b', 'B', 'x')", "(1, 'z', 'Z', 'y'), (9, 'c', 'Z', 'y')",
			"people: 2 read, 1 inserted, 0 skipped, 1 replaced", "", nil, []string{"1 a NULL x", "2 b B x", "9 c Z y"},
		},
		"replace meets another row": {
			rowcopy.ConflictReplace, "(1, 'c', 'A', 'x'), (2, 'b', 'B', 'x')", "(1, 'z', 'Z', 'y'), (9, 'c', 'Z', 'y'), (2, 'b', 'Y', 'y')",
			"", "the row `id` = 1 of table `people` meets another one in the target: {reason}",
			&rowcopy.ConflictError{Table: "people", Row: "`id` = 1"}, []string{"1 z Z y", "2 b Y y", "9 c Z y"},
		},
		"insert meets another row": {
			rowcopy.ConflictReplace, "(1, 'c', 'A', 'x')", "(9, 'c', 'Z', 'y')",
			"", "the row `id` = 1 of table `people` meets another one in the target: {reason}",
			&rowcopy.ConflictError{Table: "people", Row: "`id` = 1"}, []string{"9 c Z y"},
		},
	}
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		b := newCopyBed(t, s, s, people, people)
		source, target := b.sides(t)
		for name, test := range tests {
			t.Run(name, func(t *testing.T) {
				s.Exec(t, "DELETE FROM "+b.journal.table, "DELETE FROM "+mysql.Qualified(b.source, "people"), "DELETE FROM "+mysql.Qualified(b.target, "people"),
					"INSERT INTO "+mysql.Qualified(b.source, "people")+" VALUES "+test.source, "INSERT INTO "+mysql.Qualified(b.target, "people")+" VALUES "+test.target)
				report, err := b.copyOn(t, source, target, rowcopy.Request{Tables: []string{"people"}, OnConflict: test.mode, ChunkRows: 2})
				if test.err == "" {
					if err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff([]string{test.counts}, counts(report)); diff != "" {
						t.Errorf("report (-want +got):\n%s", diff)
					}
				} else {
					checkConflict(t, b, err, test.conflict, test.err)
				}
				if diff := cmp.Diff(test.want, rowsOf(t, s, b.target, "SELECT * FROM {db}.people ORDER BY id")); diff != "" {
					t.Errorf("rows (-want +got):\n%s", diff)
				}
			})
		}
	})
}

// checkConflict compares an error with what it should say. The server's words
// differ between products.
func checkConflict(t *testing.T, b *copyBed, err error, want *rowcopy.ConflictError, text string) {
	t.Helper()
	var conflict *rowcopy.ConflictError
	if !errors.As(err, &conflict) {
		t.Fatalf("got %v, want a *ConflictError", err)
	}
	reason := conflict.Reason
	if reason == "" {
		t.Error("there is no reason")
	}
	got := *conflict
	got.Reason = ""
	if diff := cmp.Diff(*want, got); diff != "" {
		t.Errorf("conflict (-want +got):\n%s", diff)
	}
	text = fmt.Sprintf("copy table `people` from `%s` into `%s`: %s", b.source, b.target, text)
	if len(text) > 8 && text[len(text)-8:] == "{reason}" {
		text = text[:len(text)-8] + reason
	}
	if diff := cmp.Diff(text, err.Error()); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
}

// The collation decides which rows are the same, and circles stay whole.
func TestCopy_conflictsInCircles(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		tables := []string{
			"CREATE TABLE words (w VARCHAR(5) COLLATE utf8mb4_unicode_ci PRIMARY KEY, parent VARCHAR(5) COLLATE utf8mb4_unicode_ci NULL, v INT, CONSTRAINT up FOREIGN KEY (parent) REFERENCES words (w))",
		}
		rows := []string{"SET foreign_key_checks = 0", "INSERT INTO words VALUES ('a', 'c', 1), ('b', NULL, 1), ('c', 'b', 1), ('d', 'D', 1)"}
		here := []string{"INSERT INTO words VALUES ('A', NULL, 2)", "INSERT INTO words VALUES ('C', 'a', 2), ('z', 'c', 2)"}
		for mode, want := range map[rowcopy.Conflict][]string{
			rowcopy.ConflictSkip:    {"A NULL 2", "b NULL 1", "C a 2", "d D 1", "z c 2"},
			rowcopy.ConflictReplace: {"a c 1", "b NULL 1", "c b 1", "d D 1", "z c 2"},
		} {
			b := newCopyBed(t, mysqltest.On(t, s.Kind), mysqltest.On(t, s.Kind), slices.Concat(tables, rows), slices.Concat(tables, here))
			if _, err := b.copy(t, rowcopy.Request{Tables: []string{"words"}, OnConflict: mode, ChunkRows: 1}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, rowsOf(t, s, b.target, "SELECT * FROM {db}.words ORDER BY w")); diff != "" {
				t.Errorf("%s (-want +got):\n%s", mode, diff)
			}
		}
	})
}

// Replacing a parent keeps its children, which REPLACE would delete.
func TestCopy_replaceKeepsChildren(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		narrow := []string{"CREATE TABLE people (id INT PRIMARY KEY, mail VARCHAR(20) COLLATE utf8mb4_unicode_ci UNIQUE)", "INSERT INTO people VALUES (1, 'new')"}
		b := newCopyBed(t, s, s, narrow, slices.Concat(people, []string{"INSERT INTO people VALUES (1, 'old', 'N', 'mine')", "INSERT INTO pets VALUES (7, 'old')"}))
		if _, err := b.copy(t, rowcopy.Request{Tables: []string{"people"}, OnConflict: rowcopy.ConflictReplace}); err != nil {
			t.Fatal(err)
		}
		got := rowsOf(t, s, b.target, "SELECT p.*, q.* FROM {db}.people p LEFT JOIN {db}.pets q ON q.owner = p.mail")
		if diff := cmp.Diff([]string{"1 new N mine 7 new"}, got); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
	})
}

// What triggers of the target change is found before anything is committed, and
// so are rows without parents.
func TestCopy_refused(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		tables := []string{
			"CREATE TABLE marked (id INT PRIMARY KEY, a VARCHAR(10), b INT)", "CREATE TABLE bare (a VARCHAR(10))",
			"CREATE TABLE nodes (id INT PRIMARY KEY, parent INT NULL, CONSTRAINT up FOREIGN KEY (parent) REFERENCES nodes (id))",
			"CREATE TABLE short (id INT PRIMARY KEY, a VARCHAR(10) NULL)",
		}
		rows := []string{
			"INSERT INTO marked VALUES (1, 'a', 1), (2, 'b', 2)", "INSERT INTO bare VALUES ('a')",
			"INSERT INTO nodes VALUES (1, NULL), (2, 1), (3, 1), (4, 2)", "INSERT INTO short VALUES (1, 'abc'), (2, 'abcdef'), (3, NULL)",
		}
		b := newCopyBed(t, s, s, slices.Concat(tables, rows), slices.Concat(tables, []string{
			"CREATE TRIGGER mark BEFORE INSERT ON marked FOR EACH ROW SET NEW.a = IF(NEW.id = 2, 'x', NEW.a), NEW.b = NEW.b + NEW.id - 1",
			"CREATE TRIGGER mark_bare BEFORE INSERT ON bare FOR EACH ROW SET NEW.a = 'x'",
			"ALTER TABLE short MODIFY a VARCHAR(5) NOT NULL",
		}))
		prefix := func(table string) string {
			return fmt.Sprintf("copy table `%s` from `%s` into `%s`: ", table, b.source, b.target)
		}
		for name, test := range map[string]struct {
			request rowcopy.Request
			want    string
		}{
			"trigger": {
				rowcopy.Request{Tables: []string{"marked"}},
				prefix("marked") + "the row `id` = 2 of table `marked` came out otherwise in the target than in the source, in `a`, `b`; a trigger of the target may have changed what was inserted",
			},
			"trigger without a key": {
				rowcopy.Request{Tables: []string{"bare"}},
				prefix("bare") + "rows of table `bare` came out otherwise in the target than in the source; a trigger of the target may have changed what was inserted",
			},
			"parent that is not copied": {
				rowcopy.Request{Tables: []string{"nodes"}, Where: "id <> 2", ChunkRows: 1},
				prefix("nodes") + "the row `id` = 4 of table `nodes` refers to a row of `nodes` that is neither in the target nor copied (foreign key `up`)",
			},
			"value that does not fit": {
				rowcopy.Request{Tables: []string{"short"}},
				"table `short` has values in column `a` that do not fit, in the row `id` = 2: it is varchar(10) in the source and varchar(5) in the target: values longer than 5 characters do not fit",
			},
			"NULL": {
				rowcopy.Request{Tables: []string{"short"}, Where: "id <> 2"},
				"table `short` has values in column `a` that do not fit, in the row `id` = 3: NULL is allowed in the source and not in the target",
			},
		} {
			t.Run(name, func(t *testing.T) {
				s.Exec(t, "DELETE FROM "+b.journal.table)
				_, err := b.copy(t, test.request)
				if err == nil {
					t.Fatal("there is no error")
				}
				if diff := cmp.Diff(test.want, err.Error()); diff != "" {
					t.Errorf("error (-want +got):\n%s", diff)
				}
				if got := rowsOf(t, s, b.target, "SELECT COUNT(*) FROM {db}."+test.request.Tables[0]); got[0] != "0" && name != "parent that is not copied" {
					t.Errorf("%s rows are in the target", got)
				}
			})
		}
		// The values that fit go in.
		s.Exec(t, "DELETE FROM "+b.journal.table)
		if _, err := b.copy(t, rowcopy.Request{Tables: []string{"short"}, Where: "CHAR_LENGTH(a) <= 5"}); err != nil {
			t.Error(err)
		}
		if got := rowsOf(t, s, b.target, "SELECT * FROM {db}.short"); !slices.Equal(got, []string{"1 abc"}) {
			t.Errorf("got %q", got)
		}
	})
}
