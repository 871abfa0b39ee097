package ddl_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

var update = flag.Bool("update", false, "write what is found into the files of testdata; look at each line of the difference")

// TestColumnNarrowings goes through testdata/narrowings.txt: pairs of types, each
// rule on both sides of its limit, with what is lost and how that is found.
func TestColumnNarrowings(t *testing.T) {
	t.Parallel()
	const path = "testdata/narrowings.txt"
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	srv := ddl.Server{Product: ddl.MySQL, Version: "9.7.4"}
	var lines []string
	for line := range strings.Lines(string(file)) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "  ") {
			continue
		}
		lines = append(lines, line)
		from, into, ok := strings.Cut(line, " -> ")
		if !ok {
			continue
		}
		for _, n := range ddl.ColumnNarrowings(readColumn(t, from, srv), readColumn(t, into, srv), srv) {
			sign := "  ~ "
			switch {
			case n.Refused:
				sign = "  ! "
			case n.Guessed:
				sign = "  ? "
			}
			lines = append(lines, sign+n.Lost+": "+n.Condition)
		}
	}
	if *update {
		if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(strings.Split(strings.TrimSuffix(string(file), "\n"), "\n"), lines); diff != "" {
		t.Errorf("narrowings (-want +got):\n%s", diff)
	}
}

// readColumn reads the column `c` of that definition, in a table of utf8mb4.
func readColumn(t *testing.T, definition string, srv ddl.Server) *ddl.Column {
	t.Helper()
	table, err := ddl.ReadTable("CREATE TABLE `t` (\n  `c` "+definition+"\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci", srv)
	if err != nil {
		t.Fatal(err)
	}
	return &table.Columns[0]
}
