package diff_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
)

// TestChange_Losses: which questions tell what a change loses, and which rows. A
// part whose loss no question finds makes both unknown.
func TestChange_Losses(t *testing.T) {
	t.Parallel()
	a, b := diff.Probe{Text: "a", Where: "a > 1"}, diff.Probe{Text: "b", Where: "b > 1"}
	blocks := diff.Probe{Text: "blocks", Where: "c > 1", Blocks: true}
	modify := func(untold bool, probes ...diff.Probe) diff.Clause {
		return diff.Clause{Operation: diff.OpModifyColumn, Destructive: true, Untold: untold, Probes: probes}
	}
	harmless := diff.Clause{Operation: diff.OpAddColumn, Probes: []diff.Probe{b}}
	for name, c := range map[string]struct {
		change diff.Change
		losses string
		where  string
	}{
		"no parts":                     {diff.Change{Probes: []diff.Probe{a, blocks, b}}, "a b", ""},
		"a column":                     {diff.Change{Clauses: []diff.Clause{modify(false, a)}}, "a", "(a > 1)"},
		"two columns":                  {diff.Change{Clauses: []diff.Clause{modify(false, a, blocks), modify(false, b)}}, "a b", "(a > 1) OR (b > 1)"},
		"beside what loses nothing":    {diff.Change{Clauses: []diff.Clause{harmless, modify(false, a)}}, "a", "(a > 1)"},
		"only what loses nothing":      {diff.Change{Clauses: []diff.Clause{harmless}}, "", ""},
		"what no question finds":       {diff.Change{Clauses: []diff.Clause{modify(false, a), modify(true, b)}}, "", ""},
		"no question":                  {diff.Change{Clauses: []diff.Clause{modify(false, a), modify(false)}}, "a", ""},
		"a question that only refuses": {diff.Change{Clauses: []diff.Clause{modify(false, blocks)}}, "", ""},
		"a column that goes":           {diff.Change{Clauses: []diff.Clause{{Operation: diff.OpDropColumn, Destructive: true, Probes: []diff.Probe{a}}}}, "a", ""},
	} {
		var texts []string
		for _, p := range c.change.Losses() {
			texts = append(texts, p.Text)
		}
		if got := strings.Join(texts, " "); got != c.losses {
			t.Errorf("%s: the questions are %q, not %q", name, got, c.losses)
		}
		if got := c.change.LostWhere(); got != c.where {
			t.Errorf("%s: the rows are %q, not %q", name, got, c.where)
		}
	}
}

// TestProbe_Concerns: a question that is for one algorithm is asked for it alone.
func TestProbe_Concerns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		of, asked string
		want      bool
	}{{"", "copy", true}, {"", "", true}, {"copy", "copy", true}, {"copy", "instant", false}, {"instant", "instant", true}, {"instant", "", false}} {
		if got := (diff.Probe{Algorithm: c.of}).Concerns(c.asked); got != c.want {
			t.Errorf("a question for %q concerns %q: %t", c.of, c.asked, got)
		}
	}
}

// TestProbe_algorithm: what stays is only computed anew, and checked, when the table
// is copied; what changes always is.
func TestProbe_algorithm(t *testing.T) {
	t.Parallel()
	table := func(a, rest string) ddl.Schema {
		return schemaOf(map[string]string{"t": "CREATE TABLE `t` (`id` int NOT NULL, `a` " + a + ", `b` int, " + rest + ") ENGINE=InnoDB"})
	}
	for name, c := range map[string]struct {
		rest string
		want map[string]bool // whether it is only for a copy, by a piece of the question
	}{
		"a stored column of another one":  {"`g` int GENERATED ALWAYS AS (`b` + 1) STORED", map[string]bool{"`b` + 1": true}},
		"a virtual column of another one": {"`g` int GENERATED ALWAYS AS (`b` + 1) VIRTUAL", map[string]bool{"`b` + 1": true}},
		"a check of another one":          {"CONSTRAINT `c` CHECK ((`b` > 1))", map[string]bool{"`b` > 1": true}},
		"a check of the column":           {"CONSTRAINT `c` CHECK ((`a` > 1))", map[string]bool{") > 1": false}},
	} {
		m, err := diff.Diff(table("decimal(5,2)", c.rest), table("decimal(5,1)", c.rest), mysql97, diff.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for piece, want := range c.want {
			found := false
			for _, change := range m.Changes {
				for _, p := range change.Probes {
					if strings.Contains(p.SQL, piece) {
						found = true
						if (p.Algorithm == "copy") != want {
							t.Errorf("%s: the algorithm is %q: %s", name, p.Algorithm, p.SQL)
						}
					}
				}
			}
			if !found {
				t.Errorf("%s: nothing asks for %s", name, piece)
			}
		}
	}
}

// TestDiff_fewestMoves: columns in another order are brought into it by as few
// moves as possible, which a search through all sets of columns that stay knows.
func TestDiff_fewestMoves(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	table := func(order []int) ddl.Schema {
		var columns []string
		for _, n := range order {
			columns = append(columns, fmt.Sprintf("`c%d` int", n))
		}
		return schemaOf(map[string]string{"t": "CREATE TABLE `t` (" + strings.Join(columns, ", ") + ") ENGINE=InnoDB"})
	}
	for range 300 {
		order := r.Perm(1 + r.IntN(7))
		m, err := diff.Diff(table(order), table(sortedInts(len(order))), mysql97, diff.Options{})
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Count(strings.Join(m.Statements(), ";"), "MODIFY COLUMN")
		if want := len(order) - longestRising(order); got != want {
			t.Errorf("%v is sorted by %d moves, not %d: %q", order, got, want, m.Statements())
		}
	}
}

func sortedInts(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// longestRising tries each subset.
func longestRising(list []int) int {
	most := 0
	for set := range 1 << len(list) {
		last, count := -1, 0
		for i, n := range list {
			if set>>i&1 == 0 {
				continue
			}
			if n < last {
				count = 0
				break
			}
			last = n
			count++
		}
		most = max(most, count)
	}
	return most
}

// TestDiff_database: a database gets other defaults when both sides say theirs, and
// they differ.
func TestDiff_database(t *testing.T) {
	t.Parallel()
	schema := func(set, collation string) ddl.Schema { return ddl.Schema{CharacterSet: set, Collation: collation} }
	latin, utf8 := schema("latin1", "latin1_bin"), schema("utf8mb4", "utf8mb4_bin")
	const statement = "ALTER DATABASE CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin"
	for _, c := range []struct {
		from, to ddl.Schema
		want     []string
	}{
		{latin, utf8, []string{statement}},
		{schema("utf8mb4", "utf8mb4_unicode_ci"), utf8, []string{statement}},
		{utf8, utf8, nil},
		{schema("", ""), utf8, nil},
		{utf8, schema("", ""), nil},
	} {
		m, err := diff.Diff(c.from, c.to, mysql97, diff.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(strings.Join(c.want, ";"), strings.Join(m.Statements(), ";")); d != "" {
			t.Errorf("%v to %v (-want +got):\n%s", c.from, c.to, d)
		}
	}
}

// TestChange_untold: a change of a column's type tells by questions what it loses,
// but for losses without a condition: then nobody is told that nothing is lost.
func TestChange_untold(t *testing.T) {
	t.Parallel()
	types := []string{
		"int", "tinyint unsigned", "decimal(8,3)", "float", "double", "year", "bit(8)", "varchar(9) COLLATE utf8mb4_bin", "varchar(20) COLLATE utf8mb4_unicode_ci",
		"varchar(20) CHARACTER SET latin1 COLLATE latin1_bin", "char(5) COLLATE utf8mb4_bin", "text COLLATE utf8mb4_bin", "varbinary(9)", "blob", "date", "time", "datetime(3)", "timestamp NULL",
		"enum('a','b') COLLATE utf8mb4_bin", "enum('b','ä') COLLATE utf8mb4_unicode_ci", "set('a','b') COLLATE utf8mb4_bin", "json", "point", "geometry",
	}
	seen := map[bool]int{}
	for _, srv := range []ddl.Server{mysql97, mariadb11} {
		for _, from := range types {
			for _, to := range types {
				text := func(typ string) string {
					return "CREATE TABLE `t` (`id` int NOT NULL, `a` " + typ + ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin"
				}
				m, err := diff.Diff(schemaOf(map[string]string{"t": text(from)}), schemaOf(map[string]string{"t": text(to)}), srv, diff.Options{})
				if err != nil {
					t.Fatalf("%s to %s: %v", from, to, err)
				}
				x, y := readTable(t, text(from), srv), readTable(t, text(to), srv)
				untold, lost := false, false
				for _, n := range ddl.ColumnNarrowings(x.Column("a"), y.Column("a"), srv) {
					lost = lost || !n.Refused
					untold = untold || !n.Refused && n.Condition == ""
				}
				for _, change := range m.Changes {
					for _, c := range change.Clauses {
						if !strings.HasPrefix(c.SQL, "MODIFY COLUMN") {
							continue
						}
						seen[c.Untold]++
						if c.Untold != untold || c.Destructive != lost {
							t.Errorf("%s, %s to %s: untold %t, destructive %t: %+v", srv.Product, from, to, c.Untold, c.Destructive, c)
						}
						if told := len(change.Losses()) > 0; c.Destructive && told == c.Untold {
							t.Errorf("%s, %s to %s: untold %t, and there are questions: %t", srv.Product, from, to, c.Untold, told)
						}
					}
				}
			}
		}
	}
	if seen[false] < 100 {
		t.Errorf("only %v were compared", seen)
	}
}

func readTable(t *testing.T, sql string, srv ddl.Server) *ddl.Table {
	t.Helper()
	table, err := ddl.ReadTable(sql, srv)
	if err != nil {
		t.Fatal(err)
	}
	return table
}
