package diff_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

var (
	probesRow     = regexp.MustCompile("(?m)^\\| (\\d+) \\| `(\\w+)`( \\(MariaDB\\))? \\| (.*) \\|$")
	refusedNumber = regexp.MustCompile(`(?m)^refused: (\d+):`)
)

// probesNote reads docs/design/probes.md: names by number, and the pairs in which a
// number was met.
func probesNote(t *testing.T) (names map[string]string, met map[string][]string) {
	t.Helper()
	text, err := os.ReadFile("../../../docs/design/probes.md")
	if err != nil {
		t.Fatal(err)
	}
	names, met = map[string]string{}, map[string][]string{}
	for _, row := range probesRow.FindAllStringSubmatch(string(text), -1) {
		number := row[1] + row[3] // the products use some numbers for different things
		if names[number] != "" {
			t.Errorf("%s has two rows", number)
		}
		names[number] = row[2]
		if cells := strings.Split(row[4], " | "); len(cells) == 2 {
			met[row[1]] = strings.Split(strings.ReplaceAll(cells[1], "`", ""), ", ")
		}
	}
	return names, met
}

// TestDiff_probesNote holds the table of error numbers to the pairs: what a pair was
// refused for is asked by a probe, and each number that is said to be met was.
func TestDiff_probesNote(t *testing.T) {
	t.Parallel()
	_, met := probesNote(t)
	got := map[string][]string{}
	for _, p := range readPairs(t) {
		text, err := os.ReadFile(p.path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range refusedNumber.FindAllStringSubmatch(string(text), -1) {
			if !slices.Contains(got[m[1]], p.name) {
				got[m[1]] = append(got[m[1]], p.name)
			}
		}
	}
	for n := range got {
		slices.Sort(got[n])
	}
	if diff := cmp.Diff(got, met); diff != "" {
		t.Errorf("docs/design/probes.md (-pairs +note):\n%s", diff)
	}
}

// speaksOfRows matches the names of errors that could be answers to an ALTER: they
// speak of values, rows, keys, partitions or documents.
const speaksOfRows = "DUP|NULL|RANGE|TRUNC|TOO_LONG|TOO_BIG|TOO_LARGE|OVERFLOW|VALUE|JSON|PARTITION|CHECK_CONSTRAINT_VIOLATED|SRS|SRID|GIS|GEOM|TITUDE|DIVISION|" +
	"AUTOINC|AUTO_INC|ROW|FUNCTIONAL_INDEX|MV_KEY|RECORD|DISK|FULL|CONVERT|CAST|COLUMN_CHANGE|CANT_CREATE_GEO|REGEXP|VECTOR|VERSION|ALTER|INSTANT|FK|FOREIGN|REFERENCED|DEFAULT"

// TestDiff_probesNoteIsWhole holds the table to the server's own list of errors.
func TestDiff_probesNoteIsWhole(t *testing.T) {
	t.Parallel()
	names, _ := probesNote(t)
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		b := newBench(t, s, s.Prefix)
		if b.ddl.Product == ddl.MariaDB {
			t.Skip("MariaDB has no list of its errors in SQL")
		}
		listed := map[string]string{}
		for _, row := range s.QueryRows(t, "SELECT ERROR_NUMBER, ERROR_NAME FROM performance_schema.events_errors_summary_global_by_error"+
			" WHERE (ERROR_NUMBER BETWEEN 1000 AND 1999 OR ERROR_NUMBER BETWEEN 3000 AND 6999) AND ERROR_NAME REGEXP '"+speaksOfRows+"'"+
			" AND ERROR_NAME NOT REGEXP 'WARN_DEPRECATED|REPLICA|SLAVE|BINLOG|GTID|SDI|PLUGIN|COMPONENT|OBSOLETE|UNUSED|RPL|XPLUGIN|LOG_|^ER_(LH|JDV|BULK)_'") {
			listed[row[0]] = row[1]
		}
		if len(listed) < 400 {
			t.Fatalf("the server lists %d errors", len(listed))
		}
		for number, name := range listed {
			if names[number] != name {
				t.Errorf("%s %s: the note says %q", number, name, names[number])
			}
		}
	})
}
