package rowcopy_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/rowcopy"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// A copyBed is a source and a target database, with a journal beside the
// target.
type copyBed struct {
	from, into     *mysqltest.Server
	source, target string
	journal        *tableJournal
}

// newCopyBed makes the databases and runs statements in them.
func newCopyBed(t *testing.T, from, into *mysqltest.Server, source, target []string) *copyBed {
	t.Helper()
	b := &copyBed{from: from, into: into, source: from.Prefix + "source", target: into.Prefix + "target"}
	from.Exec(t, "CREATE DATABASE "+mysql.Quote(b.source)+" CHARACTER SET utf8mb4")
	into.Exec(t, "CREATE DATABASE "+mysql.Quote(b.target)+" CHARACTER SET utf8mb4", "CREATE DATABASE "+mysql.Quote(into.LandlordDatabase))
	b.journal = &tableJournal{table: mysql.Qualified(into.LandlordDatabase, "progress")}
	into.Exec(t, "CREATE TABLE "+b.journal.table+" (name VARCHAR(64) PRIMARY KEY, body TEXT NOT NULL)")
	run(t, useSession(t, open(t, from, 1), b.source), source...)
	run(t, useSession(t, open(t, into, 1), b.target), target...)
	return b
}

// session takes a session that is thrown away at the end of the test.
func session(t *testing.T, s *mysqltest.Server) *mysql.Session {
	t.Helper()
	return useSession(t, open(t, s, 1), "information_schema")
}

// sides returns both sides, each with a session of its own.
func (b *copyBed) sides(t *testing.T) (source, target rowcopy.Side) {
	t.Helper()
	return rowcopy.Side{Session: session(t, b.from), Database: b.source}, rowcopy.Side{Session: session(t, b.into), Database: b.target}
}

// copy plans and copies, with sessions of its own.
func (b *copyBed) copy(t *testing.T, request rowcopy.Request) (*rowcopy.Report, error) {
	t.Helper()
	source, target := b.sides(t)
	return b.copyOn(t, source, target, request)
}

func (b *copyBed) copyOn(t *testing.T, source, target rowcopy.Side, request rowcopy.Request) (*rowcopy.Report, error) {
	t.Helper()
	plan, err := rowcopy.NewPlan(t.Context(), source, target, request)
	if err != nil {
		t.Fatal(err)
	}
	return rowcopy.Copy(t.Context(), source, target, plan, b.journal)
}

// rows returns the rows of a query on one side, each as a text.
func rowsOf(t *testing.T, s *mysqltest.Server, database, query string) []string {
	t.Helper()
	var out []string
	for _, row := range s.QueryRows(t, strings.ReplaceAll(query, "{db}", mysql.Quote(database))) {
		out = append(out, strings.Join(row, " "))
	}
	return out
}

// sameRows compares a query on both sides.
func (b *copyBed) sameRows(t *testing.T, query string) {
	t.Helper()
	if diff := cmp.Diff(rowsOf(t, b.from, b.source, query), rowsOf(t, b.into, b.target, query)); diff != "" {
		t.Errorf("%s (-source +target):\n%s", query, diff)
	}
}

// A tableJournal keeps the progress in a table.
type tableJournal struct {
	table string
	saves int
	// before is called before each Save, with its number from 1.
	before func(n int) error
}

func (j *tableJournal) Load(ctx context.Context, q mysql.Queryer) ([]rowcopy.Progress, error) {
	rows, err := q.Query(ctx, "SELECT body FROM "+j.table)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var all []rowcopy.Progress
	for rows.Next() {
		var body string
		var p rowcopy.Progress
		if err := rows.Scan(&body); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(body), &p); err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, rows.Err()
}

func (j *tableJournal) Save(ctx context.Context, tx *mysql.Tx, p rowcopy.Progress) error {
	j.saves++
	if j.before != nil {
		if err := j.before(j.saves); err != nil {
			return err
		}
	}
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "REPLACE INTO "+j.table+" VALUES (?, ?)", p.Table, string(body))
	return err
}

// counts writes what a report says of each table.
func counts(r *rowcopy.Report) []string {
	var out []string
	for _, p := range r.Tables {
		out = append(out, fmt.Sprintf("%s: %d read, %d inserted, %d skipped, %d replaced", p.Table, p.Read, p.Inserted, p.Skipped, p.Replaced))
	}
	return out
}

// allTypes makes one table of all columns of typeCases and its rows, and returns
// the names of the columns.
func allTypes(t *testing.T, info mysql.Info, usable func(typeCase) bool) (create string, rows []string, names []string) {
	t.Helper()
	cases := typeCases()
	longest := 0
	var columns []string
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		c := cases[name]
		// Megabytes are for the tests of literals.
		c.Values = slices.DeleteFunc(c.Values, func(v string) bool { return strings.HasSuffix(v, "00000)") })
		cases[name] = c
		if c.On(info) && usable(c) && len(c.Values) > 0 {
			names = append(names, name)
			columns = append(columns, mysql.Quote(name)+" "+c.Column)
			longest = max(longest, len(c.Values))
		}
	}
	create = "CREATE TABLE all_types (id INT PRIMARY KEY, doubled BIGINT AS (id * 2) STORED, " + strings.Join(columns, ", ") + ")"
	for i := -1; i < longest; i++ {
		values := []string{fmt.Sprint(i)}
		for _, name := range names {
			v := cases[name].Values
			if i < 0 {
				v = []string{"NULL"}
			}
			values = append(values, v[max(i, 0)%len(v)])
		}
		rows = append(rows, "INSERT INTO all_types (id, "+mysql.QuoteAll(names)+") VALUES ("+strings.Join(values, ", ")+")")
	}
	return create, rows, names
}

func TestCopy_types(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		create, rows, names := allTypes(t, infoOf(t, open(t, s, 1)), func(typeCase) bool { return true })
		source := slices.Concat([]string{"SET time_zone = 'SYSTEM', sql_mode = 'ALLOW_INVALID_DATES'", create}, rows)
		b := newCopyBed(t, s, s, source, []string{create})
		report, err := b.copy(t, rowcopy.Request{Tables: []string{"all_types"}, ChunkRows: 3})
		if err != nil {
			t.Fatal(err)
		}
		if n := int64(len(rows)); report.Rows() != n || report.Tables[0].Source != report.Tables[0].Target {
			t.Errorf("got %+v, want %d rows with equal checksums", report, n)
		}
		for _, name := range names {
			column := mysql.Quote(name)
			same := strings.NewReplacer("{a}", "a."+column, "{b}", "b."+column).Replace(typeCases()[name].Same)
			got := rowsOf(t, s, "", "SELECT COUNT(*), SUM("+same+") FROM "+mysql.Qualified(b.source, "all_types")+" a JOIN "+mysql.Qualified(b.target, "all_types")+" b USING (id)")
			if want := []string{fmt.Sprintf("%d %d", len(rows), len(rows))}; !slices.Equal(got, want) {
				t.Errorf("column %s: %s rows are there and equal, want %s", name, got, want)
			}
		}
	})
}

// From one product to the other, where both have the type.
func TestCopy_products(t *testing.T) {
	t.Parallel()
	kinds := mysqltest.Kinds(t)
	if len(kinds) < 2 {
		t.Skip("this takes two products")
	}
	for name, pair := range map[string][2]int{"forth": {0, len(kinds) - 1}, "back": {len(kinds) - 1, 0}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, into := mysqltest.On(t, kinds[pair[0]]), mysqltest.On(t, kinds[pair[1]])
			create, rows, names := allTypes(t, infoOf(t, open(t, from, 1)), func(c typeCase) bool {
				return c.Only == "" && !strings.HasPrefix(c.Column, "TIMESTAMP") // which ends earlier on MySQL
			})
			lax := "SET time_zone = 'SYSTEM', sql_mode = 'ALLOW_INVALID_DATES'"
			b := newCopyBed(t, from, into, slices.Concat([]string{lax, create}, rows), []string{lax, create})
			if _, err := b.copy(t, rowcopy.Request{Tables: []string{"all_types"}}); err != nil {
				t.Fatal(err)
			}
			for _, name := range names {
				column := mysql.Quote(name)
				query := "SELECT id, HEX(CONVERT(" + column + " USING utf8mb4)) FROM {db}.all_types ORDER BY id"
				switch name {
				case "json": // MySQL writes a document in its own way
					query = "SELECT id, JSON_VALID(" + column + "), JSON_EXTRACT(" + column + ", '$.a[2]') + 0 FROM {db}.all_types ORDER BY id"
				case "float", "float(m,d)", "double", "double(m,d)":
					query = "SELECT id, " + column + " * 1e0 + 0 FROM {db}.all_types ORDER BY id" // MariaDB has no -0
				case "point", "geometry", "binary", "varbinary", "blob", "bit", "bit(64)":
					query = "SELECT id, HEX(" + column + ") FROM {db}.all_types ORDER BY id"
				}
				b.sameRows(t, query)
			}
		})
	}
}

// keyTables have keys that are compared in ways of their own.
var keyTables = []string{
	"CREATE TABLE composite (a VARCHAR(5) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci, b ENUM('z','y','x'), c BIT(4), d DATETIME(3), v INT, PRIMARY KEY (a, b, c, d))",
	"CREATE TABLE bytes (k VARBINARY(8) PRIMARY KEY, v INT)",
	"CREATE TABLE latin (k VARCHAR(8) CHARACTER SET latin1 COLLATE latin1_bin PRIMARY KEY, v INT)",
	"CREATE TABLE dates (k DATE PRIMARY KEY, v INT)",
	"CREATE TABLE counted (k INT AUTO_INCREMENT PRIMARY KEY, e VARCHAR(5) DEFAULT '😀' COMMENT '😀é', v INT)",
	"CREATE TABLE numbers (k DECIMAL(20,4), l DOUBLE, PRIMARY KEY (k DESC, l))",
}

var keyRows = []string{
	"SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO'",
	"INSERT INTO counted VALUES (-1, 'a', 1), (0, '', 2), (3, NULL, 3)",
	"INSERT INTO composite SELECT a, b, c, d, 1 FROM (SELECT 'b' a UNION SELECT 'A' UNION SELECT 'ä1' UNION SELECT '' UNION SELECT '''') q," +
		" (SELECT 'z' b UNION SELECT 'y' UNION SELECT 'x') r, (SELECT 0 c UNION SELECT 9) s, (SELECT '2024-01-01 00:00:00.001' d UNION SELECT '0000-00-00') u",
	"INSERT INTO bytes VALUES ('', 1), (x'00', 2), (x'0000', 3), (x'ff', 4), ('a', 5), ('A', 6), (x'27', 7)",
	"INSERT INTO latin VALUES ('', 1), ('é', 2), ('e', 3), ('E', 4), ('\\'', 5), ('\\\\', 6)",
	"INSERT INTO dates VALUES ('0000-00-00', 1), ('2024-01-01', 2), ('2024-01-02', 3), ('9999-12-31', 4)",
	"INSERT INTO numbers VALUES (1, 0.1), (1, -0.1), (1, 1e300), (-1, 1e-300), (0, 0), (123456789012.3456, 3)",
}

func TestCopy_keys(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		b := newCopyBed(t, s, s, slices.Concat(keyTables, keyRows), keyTables)
		tables := []string{"composite", "bytes", "latin", "dates", "numbers", "counted"}
		report, err := b.copy(t, rowcopy.Request{Tables: tables, ChunkRows: 2})
		if err != nil {
			t.Fatal(err)
		}
		for _, table := range tables {
			b.sameRows(t, "SELECT * FROM {db}."+table+" ORDER BY 1, 2")
		}
		// The same rows are found again by their keys.
		b.into.Exec(t, "DELETE FROM "+b.journal.table, "UPDATE "+mysql.Qualified(b.target, "composite")+" SET v = 2")
		again, err := b.copy(t, rowcopy.Request{Tables: tables, ChunkRows: 100, OnConflict: rowcopy.ConflictReplace})
		if err != nil {
			t.Fatal(err)
		}
		want := []string{
			"bytes: 7 read, 0 inserted, 0 skipped, 7 replaced", "composite: 60 read, 0 inserted, 0 skipped, 60 replaced",
			"counted: 3 read, 0 inserted, 0 skipped, 3 replaced", "dates: 4 read, 0 inserted, 0 skipped, 4 replaced", "latin: 6 read, 0 inserted, 0 skipped, 6 replaced",
			"numbers: 6 read, 0 inserted, 0 skipped, 6 replaced",
		}
		if diff := cmp.Diff(want, counts(again)); diff != "" {
			t.Errorf("report (-want +got):\n%s", diff)
		}
		if report.Checksum() != again.Checksum() {
			t.Errorf("the checksums differ: %s and %s", report.Checksum(), again.Checksum())
		}
		b.sameRows(t, "SELECT * FROM {db}.composite ORDER BY 1, 2, 3, 4")
	})
}

// familyTables refer to each other in a circle, to themselves, and onwards.
var familyTables = []string{
	"CREATE TABLE shelves (id INT PRIMARY KEY, best INT NULL)",
	"CREATE TABLE books (id INT PRIMARY KEY, shelf INT NOT NULL, CONSTRAINT on_shelf FOREIGN KEY (shelf) REFERENCES shelves (id))",
	"ALTER TABLE shelves ADD CONSTRAINT best_book FOREIGN KEY (best) REFERENCES books (id)",
	"CREATE TABLE nodes (id INT PRIMARY KEY, parent INT NULL, CONSTRAINT up FOREIGN KEY (parent) REFERENCES nodes (id))",
	"CREATE TABLE notes (book INT, n INT, PRIMARY KEY (book, n), CONSTRAINT about FOREIGN KEY (book) REFERENCES books (id))",
	"CREATE TABLE loose (v INT NULL)",
}

var familyRows = []string{
	"SET foreign_key_checks = 0",
	"INSERT INTO shelves VALUES (1, NULL), (2, 5), (3, NULL), (4, NULL), (5, 1)",
	"INSERT INTO books VALUES (1, 1), (2, 1), (3, 4), (4, 5), (5, 2)",
	"INSERT INTO nodes VALUES (1, NULL), (2, 1), (3, 2), (4, 9), (5, 4), (6, NULL), (7, 6), (8, 8), (9, 1), (10, 11), (11, 10), (12, NULL)",
	"INSERT INTO notes VALUES (1, 1), (1, 2), (1, 3), (5, 1), (4, 9)",
	"INSERT INTO loose VALUES (1), (1), (NULL), (2)",
	"SET foreign_key_checks = 1",
}

var familyNames = []string{"notes", "nodes", "loose", "books", "shelves"}

const familyFirst = "SELECT 'loose', COUNT(*), COALESCE(SUM(v), 0) FROM {db}.loose UNION ALL SELECT 'shelves', COUNT(*), COALESCE(SUM(id * 100 + COALESCE(best, 0)), 0) FROM {db}.shelves" +
	" UNION ALL SELECT 'books', COUNT(*), COALESCE(SUM(id * 100 + shelf), 0) FROM {db}.books UNION ALL SELECT 'nodes', COUNT(*), COALESCE(SUM(id * 100 + COALESCE(parent, 0)), 0) FROM {db}.nodes" +
	" UNION ALL SELECT 'notes', COUNT(*), COALESCE(SUM(book * 100 + n), 0) FROM {db}.notes"

// familyOrphans counts rows that refer to nothing.
const familyOrphans = "SELECT (SELECT COUNT(*) FROM {db}.books b LEFT JOIN {db}.shelves s ON s.id = b.shelf WHERE s.id IS NULL)" +
	" + (SELECT COUNT(*) FROM {db}.shelves s LEFT JOIN {db}.books b ON b.id = s.best WHERE s.best IS NOT NULL AND b.id IS NULL)" +
	" + (SELECT COUNT(*) FROM {db}.nodes c LEFT JOIN {db}.nodes p ON p.id = c.parent WHERE c.parent IS NOT NULL AND p.id IS NULL)"

// A run is cut off before each of its commits in turn, and each time the next
// one goes on. No row comes twice, and no row is ever without its parent.
func TestCopy_killed(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		b := newCopyBed(t, s, s, slices.Concat(familyTables, familyRows), familyTables)
		killed := errors.New("killed")
		for n := 1; ; n++ {
			b.journal.saves = 0
			b.journal.before = func(save int) error {
				if save == n {
					return killed
				}
				return nil
			}
			report, err := b.copy(t, rowcopy.Request{Tables: familyNames, ChunkRows: 2})
			if got := rowsOf(t, s, b.target, familyOrphans); got[0] != "0" {
				t.Fatalf("after run %d %s rows are without their parents", n, got)
			}
			if err == nil {
				if !report.Resumed || n < 5 {
					t.Errorf("it ended in run %d: %+v", n, report)
				}
				want := []string{
					"books: 5 read, 5 inserted, 0 skipped, 0 replaced", "shelves: 5 read, 5 inserted, 0 skipped, 0 replaced",
					"loose: 4 read, 4 inserted, 0 skipped, 0 replaced", "nodes: 12 read, 12 inserted, 0 skipped, 0 replaced",
					"notes: 5 read, 5 inserted, 0 skipped, 0 replaced",
				}
				if diff := cmp.Diff(want, counts(report)); diff != "" {
					t.Errorf("report (-want +got):\n%s", diff)
				}
				break
			}
			if !errors.Is(err, killed) {
				t.Fatal(err)
			}
			if n > 20 {
				t.Fatal("it does not end")
			}
		}
		b.sameRows(t, familyFirst)
	})
}
