package migrate

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// statementsOf reads statements; those of a module, `m: INSERT …`, are its seeds.
func statementsOf(t *testing.T, texts ...string) []template.Statement {
	t.Helper()
	var out []template.Statement
	for _, text := range texts {
		module, sql, seed := strings.Cut(text, ": ")
		if !seed {
			sql = text
		}
		parsed, faults := source.Parse(sql, mysql97)
		if len(parsed) != 1 {
			t.Fatalf("%s: %v", sql, faults)
		}
		st := template.Statement{Statement: parsed[0], Level: 1, Origin: "core", Seed: seed}
		if seed {
			st.Level, st.Origin = 2, "module "+module
		}
		out = append(out, st)
	}
	return out
}

func doneOf(t *testing.T, texts ...string) []registry.DoneStatement {
	t.Helper()
	var out []registry.DoneStatement
	for _, st := range statementsOf(t, texts...) {
		d := registry.DoneStatement{To: "shop@1.1.0", Origin: registry.OriginScript, Data: !st.ChangesStructure(), SQL: st.SQL}
		if st.Seed {
			d.Origin = st.Origin
		}
		out = append(out, d)
	}
	return out
}

func sqlOf(statements []template.Statement) []string {
	var out []string
	for _, st := range statements {
		out = append(out, st.SQL)
	}
	return out
}

// TestBeyond leaves out what a tenant has seen of scripts and seeds.
func TestBeyond(t *testing.T) {
	t.Parallel()
	const (
		one, two, three, add = "UPDATE a SET n = 1", "UPDATE a SET n = 2", "UPDATE a SET n = 3", "ALTER TABLE `a` ADD COLUMN `x` int"
		seed, more           = "INSERT INTO p VALUES (1)", "INSERT INTO p VALUES (2)"
		interrupted          = "an interrupted migration to `shop@1.1.0` has run `" + one + "`, which is not how the scripts to this version go on, so they may do to its rows what is done"
	)
	cases := map[string]struct {
		done, doubtful, before, after  []string
		wantBefore, wantAfter, reasons []string
	}{
		"nothing done":                   {before: []string{one, two}, wantBefore: []string{one, two}},
		"a part":                         {done: []string{one}, before: []string{one, add, two}, wantBefore: []string{add, two}},
		"all":                            {done: []string{one, add}, before: []string{one, add}},
		"the same again later":           {done: []string{one}, before: []string{one, two, one}, wantBefore: []string{two, one}},
		"two attempts":                   {done: []string{one, two}, before: []string{one, two, three}, wantBefore: []string{three}},
		"another way":                    {done: []string{one}, before: []string{two}, wantBefore: []string{two}, reasons: []string{interrupted}},
		"another order":                  {done: []string{one}, before: []string{two, one}, wantBefore: []string{two, one}, reasons: []string{interrupted}},
		"another way, structure alone":   {done: []string{one}, before: []string{add}, wantBefore: []string{add}},
		"another way, structure done":    {done: []string{add}, before: []string{two}, wantBefore: []string{two}},
		"back":                           {done: []string{one}},
		"given up":                       {doubtful: []string{one}, before: []string{one, two}, wantBefore: []string{one, two}, reasons: []string{"a migration to `shop@1.1.0` that was given up has run `" + one + "` before, and what it did to rows may still be there"}},
		"given up, other statements":     {doubtful: []string{three}, before: []string{one, two}, wantBefore: []string{one, two}},
		"given up, structure":            {doubtful: []string{add}, before: []string{add}, wantBefore: []string{add}},
		"seeds":                          {after: []string{"m: " + seed}, wantAfter: []string{seed}},
		"seeds, a part":                  {done: []string{"m: " + seed}, after: []string{"m: " + seed, "m: " + more}, wantAfter: []string{more}},
		"seeds, one twice":               {done: []string{"m: " + seed}, after: []string{"m: " + seed, "m: " + seed}, wantAfter: []string{seed}},
		"seeds of another module":        {done: []string{"m: " + seed}, after: []string{"o: " + seed}, wantAfter: []string{seed}},
		"seeds that are others by now":   {done: []string{"m: " + seed}, after: []string{"m: " + more}, wantAfter: []string{more}, reasons: []string{"an interrupted migration to `shop@1.1.0` has run `" + seed + "`, which the seeds of the module m have no more, so they may add rows that are there"}},
		"scripts and seeds, both a part": {done: []string{one, "m: " + seed}, before: []string{one, two}, after: []string{"m: " + seed, "m: " + more}, wantBefore: []string{two}, wantAfter: []string{more}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := script{before: statementsOf(t, c.before...), after: statementsOf(t, c.after...)}
			rest, reasons := s.beyond(&registry.Past{Done: doneOf(t, c.done...), Doubtful: doneOf(t, c.doubtful...)})
			if diff := cmp.Diff([][]string{c.wantBefore, c.wantAfter, c.reasons}, [][]string{sqlOf(rest.before), sqlOf(rest.after), reasons}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.before, sqlOf(s.before)); diff != "" { // others of the class read it
				t.Errorf("the scripts of the class changed (-want +got):\n%s", diff)
			}
		})
	}
}

// TestSeedsOf asks which seeds of a module run in a tenant: `had` are the modules
// that it had, `there` its tables before, `back` those that come back.
func TestSeedsOf(t *testing.T) {
	t.Parallel()
	const p, q, set, link = "m: INSERT INTO p VALUES (1)", "m: INSERT INTO q VALUES (1)", "m: SET @n = 1", "m: INSERT INTO q VALUES (@n)"
	cases := map[string]struct {
		seeds, had, there, back []string
		want                    int // how many run
		kept                    string
	}{
		"new module":                          {seeds: []string{p, q}, want: 2},
		"new module, table of the core":       {seeds: []string{p}, there: []string{"p"}, want: 1},
		"comes back with its table":           {seeds: []string{p}, back: []string{"p"}, kept: "`p`"},
		"comes back with a table, not both":   {seeds: []string{p, q}, had: []string{"m"}, back: []string{"p"}, want: 1, kept: "`p`"},
		"gone for good":                       {seeds: []string{p, q}, had: []string{"m"}, want: 2},
		"table of the core, module once":      {seeds: []string{p, q}, had: []string{"m"}, there: []string{"p"}, want: 1, kept: "`p`"},
		"table of the core, another once":     {seeds: []string{p}, had: []string{"o"}, there: []string{"p"}, want: 1},
		"of no table, something stays":        {seeds: []string{p, "m: UPDATE p JOIN r ON p.a = r.a SET p.a = 1"}, back: []string{"p"}, kept: "`p`"},
		"of no table, nothing stays":          {seeds: []string{q, "m: UPDATE p JOIN r ON p.a = r.a SET p.a = 1"}, had: []string{"m"}, want: 2},
		"handed on, stays together":           {seeds: []string{set, "m: INSERT INTO p VALUES (@n)", link}, back: []string{"p"}, kept: "`p`"},
		"handed on, gone for good":            {seeds: []string{set, link}, had: []string{"m"}, want: 2},
		"two modules, one comes back":         {seeds: []string{p, "o: INSERT INTO r VALUES (1)"}, back: []string{"p"}, want: 1, kept: "`p`"},
		"two modules, variables of one alone": {seeds: []string{set, "m: INSERT INTO p VALUES (@n)", "o: INSERT INTO r VALUES (1)"}, back: []string{"p"}, want: 1, kept: "`p`"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := Order{scripts: script{after: statementsOf(t, c.seeds...)}, formerModules: c.had}
			m, current := &Migration{}, ddl.Schema{}
			for _, table := range c.there {
				current.Objects = append(current.Objects, ddl.Object{Kind: ddl.KindTable, Name: table})
			}
			for _, table := range c.back {
				m.Steps = append(m.Steps, landlord.Step{Operation: returnTable, Table: table})
			}
			run, notes := o.seedsOf(m, current)
			told := ""
			for _, n := range notes {
				told += strings.TrimSuffix(strings.TrimPrefix(n.Detail, "The module m comes back, and what its seeds had filled is still there: table "), ". What is there stays as it is.")
			}
			if got, want := fmt.Sprint(len(run), " ", told), fmt.Sprint(c.want, " ", c.kept); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}
