package source_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
	"github.com/landlord-db/terraform-provider-landlord/tools/shared"
)

// trialText is a text that is tried in three ways: with the guard alone, with the
// account alone, and with both.
type trialText struct {
	corpus, id string
	layer      source.Layer
	sql        string
	then       []string
	products   []ddl.Product // where it is meant for; empty: anywhere
	benign     bool
	works      bool // a server takes all of it, from the account too
}

// tallies counts what became of the texts of a corpus on one server.
type tallies struct {
	texts, refused     int // by the guard
	ended              int // with a statement that a deadline ended, past one of the walls or both
	guard, alone, both map[string]int
}

// The classes of harm that each wall has to prevent alone.
var beyondTenant = []string{"neighbor", "neighbor read", "account", "run account", "server", "file", "file read"}

// TestSoakThreeWays runs all texts in three ways on real servers. What either wall lets
// through alone reaches nothing beyond the tenant, both together let nothing do
// harm, and what is benign is accepted. docs/design/hostile.md has the counts.
func TestSoakThreeWays(t *testing.T) {
	t.Parallel()
	if os.Getenv("LANDLORD_SOAK") == "" {
		t.Skip("LANDLORD_SOAK is not set")
	}
	texts := trialTexts(t)
	var mu sync.Mutex
	counts := map[instance.Kind]map[string]*tallies{}
	t.Run("servers", func(t *testing.T) {
		for _, kind := range mysqltest.Kinds(t) {
			t.Run(string(kind), func(t *testing.T) {
				t.Parallel()
				got := tryAll(t, kind, texts)
				mu.Lock()
				defer mu.Unlock()
				counts[kind] = got
			})
		}
	})
	if !t.Failed() {
		checkHostileTable(t, counts)
	}
}

// tryAll tries the texts of each corpus on a server of a kind.
func tryAll(t *testing.T, kind instance.Kind, texts []trialText) map[string]*tallies {
	t.Helper()
	w := newWorld(t, kind)
	srv := trialServer(kind)
	of := map[string][]trialText{}
	for _, x := range texts {
		if len(x.products) == 0 || slices.Contains(x.products, srv.Product) {
			of[x.corpus] = append(of[x.corpus], x)
		}
	}
	out := map[string]*tallies{}
	for _, corpus := range slices.Sorted(maps.Keys(of)) {
		t.Run(corpus, func(t *testing.T) {
			c := &tallies{texts: len(of[corpus]), guard: map[string]int{}, alone: map[string]int{}, both: map[string]int{}}
			for _, x := range of[corpus] {
				w.tryOne(t, x, srv, c)
			}
			out[corpus] = c
		})
	}
	return out
}

// trialServer is a server of a kind as the guard is told of it, in the picture of the
// texts.
func trialServer(kind instance.Kind) ddl.Server {
	srv := ddl.Server{Product: ddl.MySQL, Version: "9.7.4", Others: &ddl.Others{Names: []string{"landlord", "billing"}, Prefixes: []string{"sec_"}}}
	if kind.IsMariaDB() {
		srv.Product, srv.Version = ddl.MariaDB, strings.TrimPrefix(string(kind), "mariadb-")+".9-MariaDB"
	}
	return srv
}

// TestHostileTable: the design note counts the texts that there are, and those that
// the guard refuses. What they do on servers TestSoakThreeWays counts.
func TestHostileTable(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(hostileTable)
	if err != nil {
		t.Fatal(err)
	}
	texts, kinds := trialTexts(t), 0
	for _, kind := range instance.Kinds() {
		if !strings.Contains(string(page), "| "+string(kind)+" | ") {
			continue
		}
		kinds++
		srv, counted := trialServer(kind), map[string]*tallies{}
		for _, x := range texts {
			if len(x.products) > 0 && !slices.Contains(x.products, srv.Product) {
				continue
			}
			c := counted[x.corpus]
			if c == nil {
				c = &tallies{}
				counted[x.corpus] = c
			}
			c.texts++
			if _, refused := x.judged(x.sql, srv); refused {
				c.refused++
			}
		}
		for corpus, c := range counted {
			if row := fmt.Sprintf("| %s | %s | %d | %d | ", kind, corpus, c.texts, c.refused); !strings.Contains(string(page), row) {
				t.Errorf("the page has no row that begins with %q: run TestSoakThreeWays with LANDLORD_TEST_WRITE=1", row)
			}
		}
	}
	if kinds == 0 {
		t.Error("the page has no counts")
	}
}

// tryOne tries one text in three ways.
func (w *world) tryOne(t *testing.T, x trialText, srv ddl.Server, c *tallies) {
	t.Helper()
	text := w.here(x.sql)
	written := x.written(text)
	sent, refused := x.judged(text, srv)
	w.late = false
	defer func() {
		if w.late {
			c.ended++
		}
	}()
	note := func(way string, classes []string, into map[string]int, forbidden []string) {
		for _, class := range classes {
			into[class]++
			if slices.Contains(forbidden, class) {
				t.Errorf("%s, %s: %s does harm: %s: %.300s", x.corpus, x.id, way, class, text)
			}
		}
	}
	if refused {
		c.refused++
	} else {
		w.failed = nil
		note("past the guard", w.harm(t, w.asAdministrator(t, sent, x.then)), c.guard, beyondTenant)
		note("past both walls", w.harm(t, w.asAccount(t, x.layer, sent, x.then)), c.both, append([]string{"own core", "lock"}, beyondTenant...))
		if x.works && w.failed != nil {
			t.Errorf("%s, %s: a server refuses it: %s: %.300s", x.corpus, x.id, errors.Join(w.failed...), text)
		}
	}
	switch {
	case x.benign && refused:
		t.Errorf("%s, %s: benign, and refused: %.300s", x.corpus, x.id, text)
	case !x.benign:
		note("past the account", w.harm(t, w.asAccount(t, x.layer, written, x.then)), c.alone, beyondTenant)
	}
}

// written are the statements of a text as they stand.
func (x trialText) written(text string) []string {
	if x.layer == layerWhere {
		return []string{condition(text)}
	}
	parts, err := source.Split(text)
	if err != nil || len(parts) == 0 {
		return []string{text}
	}
	var out []string
	for _, p := range parts {
		out = append(out, p.Text)
	}
	return out
}

// condition is the statement that a condition is put into.
func condition(text string) string { return "SELECT id FROM users WHERE (" + text + ")" }

// judged takes a text apart as the place where it stands does, and returns what
// would be sent of it, and whether it is refused. Of benign texts nobody told which
// databases there are: an alias may have any name.
func (x trialText) judged(text string, srv ddl.Server) (sent []string, refused bool) {
	if x.benign {
		srv.Others = nil
	}
	if x.layer == layerWhere {
		_, err := source.PredicateTables(text, srv)
		return []string{condition(text)}, err != nil
	}
	statements, faults := taken(guardCase{layer: x.layer, sql: text}, srv, "sec_a")
	for _, st := range statements {
		sent = append(sent, st.SQL)
	}
	return sent, source.HasErrors(faults)
}

// trialTexts collects the texts: the shared corpora, and those of testdata.
func trialTexts(t *testing.T) []trialText {
	t.Helper()
	var out []trialText
	for _, file := range []string{"hostile.jsonl", "benign.jsonl"} {
		benign := file == "benign.jsonl"
		for _, s := range samples(t, file) {
			x := trialText{corpus: strings.TrimSuffix(file, ".jsonl") + " sample", id: s.ID, layer: source.LayerCustomization, sql: s.text(t), benign: benign}
			if benign {
				for _, server := range s.Servers {
					x.products = append(x.products, map[bool]ddl.Product{true: ddl.MySQL, false: ddl.MariaDB}[strings.HasPrefix(server, "mysql")])
				}
			}
			out = append(out, x)
		}
	}
	out = append(out, wallTexts(t)...)
	for _, file := range []string{"refused.txt", "attacks.txt", "corners.txt", "syntax.txt", "server.txt", "further.txt"} {
		out = append(out, caseTexts(t, file)...)
	}
	for _, file := range []string{"idioms.txt", "usual.txt"} {
		for _, x := range caseTexts(t, file) {
			x.benign, x.works = true, file == "usual.txt" && x.layer != source.LayerSeed && x.layer != layerWhere
			out = append(out, x)
		}
	}
	return out
}

// caseTexts are the texts of a file in testdata/guard, in the picture of the trial.
func caseTexts(t *testing.T, file string) (out []trialText) {
	t.Helper()
	rename := strings.NewReplacer("shop_a", "sec_a", "shop_b", "sec_b", "SHOP_B", "SEC_B", "Shop_B", "Sec_B")
	for _, tc := range guardCases(t, file) {
		x := trialText{corpus: file, id: string(tc.layer) + ": " + tc.name, layer: tc.layer, sql: rename.Replace(tc.sql)}
		for _, product := range []ddl.Product{ddl.MySQL, ddl.MariaDB} {
			if strings.HasPrefix(tc.name, map[ddl.Product]string{ddl.MySQL: "MySQL, ", ddl.MariaDB: "MariaDB, "}[product]) {
				x.products = []ddl.Product{product}
			}
		}
		out = append(out, x)
	}
	return out
}

// wallTexts are texts that once did harm, where they stood.
func wallTexts(t *testing.T) []trialText {
	t.Helper()
	f, err := os.Open(shared.Path(t, "cases", "walls", "texts.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	layers := map[string]source.Layer{"customization": source.LayerCustomization, "seed": source.LayerSeed, "core": source.LayerSchema, "data copy where": layerWhere}
	var out []trialText
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var s struct{ ID, Place, SQL, Then string }
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			t.Fatal(err)
		}
		x := trialText{corpus: "walls", id: s.ID, layer: layers[s.Place], sql: s.SQL}
		if s.Then != "" {
			x.then = []string{s.Then}
		}
		out = append(out, x)
	}
	return out
}

// hostileTable is where the counts are kept.
const hostileTable = "../../../docs/design/hostile.md"

// checkHostileTable holds the rows of the servers and corpora that were tried in the
// table of the design note to what was counted. With LANDLORD_TEST_WRITE=1 it writes
// them.
func checkHostileTable(t *testing.T, counts map[instance.Kind]map[string]*tallies) {
	t.Helper()
	before, err := os.ReadFile(hostileTable)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- counted -->\n", "<!-- end -->\n"
	head, rest, ok := strings.Cut(string(before), begin)
	table, tail, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no place for the table", hostileTable)
	}
	rows := slices.DeleteFunc(strings.SplitAfter(table, "\n"), func(row string) bool {
		cells := strings.Split(row+"||", "|")
		_, tried := counts[instance.Kind(strings.TrimSpace(cells[1]))][strings.TrimSpace(cells[2])]
		return tried || !strings.HasPrefix(row, "| ") || strings.HasPrefix(row, "| server ")
	})
	rows = append(rows, rowsOf(counts)...)
	slices.Sort(rows)
	after := head + begin + "| server | texts of | number | refused by the guard | harm past the guard | past the account | past both | ended by a deadline |\n|---|---|---|---|---|---|---|---|\n" + strings.Join(rows, "") + end + tail
	switch {
	case after == string(before):
	case os.Getenv("LANDLORD_TEST_WRITE") == "":
		t.Errorf("%s does not have these counts; run the test with LANDLORD_TEST_WRITE=1:\n%s", hostileTable, strings.Join(rowsOf(counts), ""))
	default:
		if err := os.WriteFile(hostileTable, []byte(after), 0o644); err != nil { //nolint:gosec // a document
			t.Fatal(err)
		}
	}
}

func rowsOf(counts map[instance.Kind]map[string]*tallies) []string {
	var out []string
	for kind, corpora := range counts {
		for corpus, c := range corpora {
			out = append(out, fmt.Sprintf("| %s | %s | %d | %d | %s | %s | %s | %d |\n", kind, corpus, c.texts, c.refused, harms(c.guard), harms(c.alone), harms(c.both), c.ended))
		}
	}
	return out
}

func harms(classes map[string]int) string {
	if len(classes) == 0 {
		return "none"
	}
	var parts []string
	for _, class := range slices.Sorted(maps.Keys(classes)) {
		parts = append(parts, fmt.Sprintf("%s: %d", class, classes[class]))
	}
	return strings.Join(parts, ", ")
}
