package ddl_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

// TestReadTable goes through testdata/tables.txt: tables as servers print them,
// and below each line what is read from it.
func TestReadTable(t *testing.T) {
	t.Parallel()
	const path = "testdata/tables.txt"
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out, text []string
	srv := ddl.Server{}
	flush := func() {
		if len(text) > 0 {
			out = append(out, readLines(strings.Join(text, "\n"), srv)...)
			text = nil
		}
	}
	for line := range strings.Lines(string(file)) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "  = "):
			continue
		case line == "" || strings.HasPrefix(line, "#"):
			flush()
			if product, version, ok := strings.Cut(strings.TrimPrefix(line, "## "), " "); ok && strings.HasPrefix(line, "## ") {
				srv = ddl.Server{Product: ddl.Product(product), Version: version}
			}
		default:
			text = append(text, line)
		}
		out = append(out, line)
	}
	flush()
	if *update {
		if err := os.WriteFile(path, []byte(strings.Join(out, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(strings.Split(strings.TrimSuffix(string(file), "\n"), "\n"), out); diff != "" {
		t.Errorf("what is read (-want +got):\n%s", diff)
	}
}

// readLines describes a table in lines.
func readLines(sql string, srv ddl.Server) (lines []string) {
	say := func(format string, args ...any) {
		lines = append(lines, strings.TrimRight("  = "+fmt.Sprintf(format, args...), " "))
	}
	info, err := ddl.DescribeTable(ddl.Object{Kind: ddl.KindTable, SQL: sql}, srv)
	if err != nil {
		say("error: %v", err)
		return lines
	}
	for _, c := range info.Columns {
		say("column %s: %s", c.Name, strings.Join(columnFacts(&c), "; "))
	}
	for _, k := range info.Keys {
		say("%s %s: %s", k.Kind, k.Name, strings.Join(keyFacts(&k), "; "))
	}
	for _, f := range info.ForeignKeys {
		say("foreign key %s: %s to %s (%s), delete %s, update %s", f.Name, strings.Join(f.Columns, ", "),
			strings.TrimPrefix(f.Database+"."+f.Table, "."), strings.Join(f.References, ", "), f.OnDelete, f.OnUpdate)
	}
	for _, c := range info.Checks {
		say("check %s: %s, enforced %t", c.Name, c.Expression, c.Enforced)
	}
	say("table: engine %s, character set %s, collation %s, comment %q, options %v, partitions %s",
		info.Engine, info.CharacterSet, info.Collation, info.Comment, info.Options, info.Partitions)
	return lines
}

// columnFacts says what differs in a column from one that takes NULL and no more.
func columnFacts(c *ddl.ColumnInfo) []string {
	facts := []string{c.Type}
	for _, f := range []struct {
		fact string
		is   bool
	}{
		{"not null", !c.Nullable}, {"auto increment", c.AutoIncrement}, {"invisible", c.Invisible}, {"stored", c.Stored}, {"needs a value", c.NeedsValue()},
		{"default " + c.Default, c.Default != ""}, {"on update " + c.OnUpdate, c.OnUpdate != ""}, {"generated " + c.Generated, c.Generated != ""},
		{"character set " + c.CharacterSet, c.CharacterSet != ""}, {"collation " + c.Collation, c.Collation != ""},
		{fmt.Sprintf("comment %q", c.Comment), c.Comment != ""}, {"check " + c.Check, c.Check != ""},
	} {
		if f.is {
			facts = append(facts, f.fact)
		}
	}
	return facts
}

func keyFacts(k *ddl.KeyInfo) []string {
	var parts []string
	for _, p := range k.Parts {
		text := p.Column
		if p.Expression != "" {
			text = "(" + p.Expression + ")"
		}
		if p.Length > 0 {
			text += fmt.Sprintf(" first %d", p.Length)
		}
		if p.Descending {
			text += " descending"
		}
		parts = append(parts, text)
	}
	facts := []string{strings.Join(parts, ", ")}
	if k.Hidden {
		facts = append(facts, "hidden")
	}
	if k.Comment != "" {
		facts = append(facts, fmt.Sprintf("comment %q", k.Comment))
	}
	return facts
}
