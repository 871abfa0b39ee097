package diff_test

import (
	"os"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
)

// TestDiff_changes goes through testdata/changes.txt: one change of a table each,
// the element in which the tables differ, the statements there and back, their
// risk, and the questions to the database.
func TestDiff_changes(t *testing.T) {
	t.Parallel()
	const path = "testdata/changes.txt"
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	srv := mysql97
	var out []string
	for block := range strings.SplitSeq(strings.TrimSuffix(string(file), "\n"), "\n\n") {
		c := readChange(block)
		switch c.title {
		case "## MySQL":
			srv = mysql97
		case "## MariaDB":
			srv = mariadb11
		}
		out = append(out, strings.Join(append(c.written, c.describe(t, srv)...), "\n"))
	}
	got := strings.Join(out, "\n\n") + "\n"
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if diff := gocmp.Diff(strings.Split(string(file), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}

// tableChange is a block of the file: two schemas in the form of a unified
// difference.
type tableChange struct {
	title         string
	written       []string
	before, after map[string][]string // lines of tables
}

func readChange(block string) *tableChange {
	c := &tableChange{before: map[string][]string{}, after: map[string][]string{}}
	name := "t"
	for line := range strings.SplitSeq(block, "\n") {
		if strings.HasPrefix(line, "\t") {
			continue
		}
		c.written = append(c.written, line)
		sides := []map[string][]string{c.before, c.after}
		if len(line) > 1 && line[0] != '#' && len(c.before)+len(c.after) == 0 && !strings.HasPrefix(line[2:], "TABLE ") {
			c.before[name], c.after[name] = []string{""}, []string{""}
		}
		switch line[0] {
		case '#':
			c.title = line
			continue
		case '-':
			sides = sides[:1]
		case '+':
			sides = sides[1:]
		}
		text := line[2:]
		if table, ok := strings.CutPrefix(text, "TABLE "); ok {
			name, text = table, ""
		}
		for _, side := range sides {
			side[name] = append(side[name], text)
		}
	}
	return c
}

// printedTable makes the text of a table of the lines of a block: `id` is its
// first column, which the primary key is made of when there is no other.
func printedTable(name string, lines []string) string {
	columns, rest, primary, end := []string{"`id` int NOT NULL"}, []string(nil), "PRIMARY KEY (`id`)", "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci"
	for _, line := range lines {
		options, isEnd := strings.CutPrefix(line, ") ")
		switch {
		case isEnd:
			end = options
		case strings.HasPrefix(line, "`"):
			columns = append(columns, line)
		case strings.HasPrefix(line, "PRIMARY KEY "), line == "NO PRIMARY KEY":
			primary = strings.TrimPrefix(line, "NO PRIMARY KEY")
		case line != "":
			rest = append(rest, line)
		}
	}
	if primary != "" {
		columns = append(columns, primary)
	}
	return "CREATE TABLE `" + name + "` (\n  " + strings.Join(append(columns, rest...), ",\n  ") + "\n) " + end
}

func (c *tableChange) schemas() (before, after ddl.Schema) {
	texts := [2]map[string]string{{}, {}}
	for i, side := range []map[string][]string{c.before, c.after} {
		for name, lines := range side {
			texts[i][name] = printedTable(name, lines)
		}
	}
	return schemaOf(texts[0]), schemaOf(texts[1])
}

// describe says what is made of the change.
func (c *tableChange) describe(t *testing.T, srv ddl.Server) (lines []string) {
	t.Helper()
	if len(c.before) == 0 && len(c.after) == 0 {
		return nil
	}
	before, after := c.schemas()
	for _, e := range diff.Compare(before, after, srv) {
		lines = append(lines, "\t"+string(e.Kind)+": "+strings.TrimSpace(strings.TrimPrefix(e.Object, "table t")+" "+e.Element))
	}
	forth, err := diff.Diff(before, after, srv, diff.Options{})
	if err != nil {
		return append(lines, "\terror: "+err.Error())
	}
	for _, ch := range forth.Changes {
		lines = append(lines, "\t"+ch.SQL)
		for _, said := range [][2]string{{"lost", ch.Lost}, {"reason", ch.Reason}} {
			if said[1] != "" {
				lines = append(lines, "\t  "+said[0]+": "+said[1])
			}
		}
		for _, p := range ch.Probes {
			word := "counts"
			if p.Blocks {
				word = "blocks"
			}
			lines = append(lines, "\t  "+word+": "+p.Finding(1, "…"), "\t    "+p.SQL)
		}
	}
	back, err := diff.Diff(after, before, srv, diff.Options{})
	if err != nil {
		return append(lines, "\tback: error: "+err.Error())
	}
	for _, sql := range back.Statements() {
		lines = append(lines, "\tback: "+sql)
	}
	return lines
}
