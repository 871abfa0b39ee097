package diff_test

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

var update = flag.Bool("update", false, "write what the servers of this run say into the files of testdata/pairs")

// lanes is how many pairs run at once on one server, each in two databases.
const lanes = 4

// TestDiff_pairs proves on real servers that each migration leads from its
// before to its after, and back: afterwards there is nothing left to do in
// either direction.
func TestDiff_pairs(t *testing.T) {
	t.Parallel()
	pairs := readPairs(t)
	if len(pairs) < 120 {
		t.Errorf("%d pairs, want at least 120", len(pairs))
	}
	t.Cleanup(func() { // after the servers, which run in parallel
		for _, p := range pairs {
			p.write(t)
		}
	})
	writePrinted(t)
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		queue := make(chan *pair)
		var wg sync.WaitGroup
		for lane := range lanes {
			b := newBench(t, s, fmt.Sprintf("%s%d", s.Prefix, lane))
			wg.Go(func() {
				for p := range queue {
					t.Run(p.name, func(t *testing.T) { b.run(t, p) })
				}
			})
		}
		for _, p := range pairs {
			if p.runsOn(string(s.Kind)) {
				queue <- p
			}
		}
		close(queue)
		wg.Wait()
	})
}

// bench is a place to run pairs: a session and two databases.
type bench struct {
	kind      string
	server    *mysql.Server
	session   *mysql.Session
	info      mysql.Info
	ddl       ddl.Server
	databases [3]string
}

func newBench(t *testing.T, s *mysqltest.Server, prefix string) *bench {
	t.Helper()
	server, err := mysql.Open(mysql.Config{Endpoint: s.Endpoint(), Username: s.Username, Password: s.Password})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	b := &bench{kind: string(s.Kind), server: server, databases: [3]string{prefix + "a", prefix + "b", prefix + "c"}}
	if b.info, err = server.Info(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.ddl = ddl.Server{Product: ddl.Product(b.info.Product), Version: b.info.Version}
	if b.session, err = server.Session(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.session.Discard)
	return b
}

func (b *bench) exec(ctx context.Context, sql string) error {
	_, err := b.session.Exec(ctx, sql)
	return err
}

// build makes a database of a script and returns what the server prints of it.
func (b *bench) build(t *testing.T, database, script, data string) ddl.Schema {
	t.Helper()
	if err := b.exec(t.Context(), "DROP DATABASE IF EXISTS "+mysql.Quote(database)); err != nil && !mysql.IsDirectoryNotEmpty(err) {
		t.Fatal(err)
	}
	// A database that lost its tables but could not go is as good as a new one.
	b.must(t, "CREATE DATABASE IF NOT EXISTS "+mysql.Quote(database))
	b.must(t, "ALTER DATABASE "+mysql.Quote(database)+" CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
	b.must(t, "USE "+mysql.Quote(database))
	for _, text := range []string{script, data} {
		statements, err := source.Split(text)
		if err != nil {
			t.Fatalf("splitting %s: %v", text, err)
		}
		for _, st := range statements {
			b.must(t, st.Text)
		}
	}
	s := b.dump(t, database)
	record(b, printedScript(script), s)
	return s
}

func (b *bench) must(t *testing.T, sql string) {
	t.Helper()
	if err := b.exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func (b *bench) dump(t *testing.T, database string) ddl.Schema {
	t.Helper()
	d, err := catalog.DumpDatabase(t.Context(), b.session, b.info, database)
	if err != nil {
		t.Fatal(err)
	}
	out := ddl.Schema{CharacterSet: d.CharacterSet, Collation: d.Collation}
	for _, o := range d.Objects {
		out.Objects = append(out.Objects, ddl.Object{
			Kind: ddl.Kind(o.Kind), Name: o.Name, Table: o.Table, SQL: o.SQL, SQLMode: o.SQLMode,
			CharacterSetClient: o.CharacterSetClient, CollationConnection: o.CollationConnection,
		})
	}
	return out
}

// apply runs a migration in the current database; failed is the statement that
// the server refused.
func (b *bench) apply(t *testing.T, m *diff.Migration) (failed string, err error) {
	t.Helper()
	for _, c := range m.Changes {
		restore := b.set(t, c.Settings)
		err := b.exec(t.Context(), c.SQL)
		restore()
		if err != nil {
			return c.SQL, err
		}
	}
	return "", nil
}

var errorNumber = regexp.MustCompile(`^error (\d+)`)

// applyAll runs the statements of a migration, and goes on with other tables where
// the server refuses one. It returns what was refused and by which error, and
// compares that with what the probes said of each statement.
func (b *bench) applyAll(t *testing.T, m *diff.Migration, blocked map[string]bool, exact bool) (refused []string) {
	t.Helper()
	stopped := map[string]bool{} // tables
	for _, c := range m.Changes {
		if stopped[c.Table] || len(stopped) > 0 && c.Kind != ddl.KindTable {
			continue
		}
		restore := b.set(t, c.Settings)
		err := b.exec(t.Context(), c.SQL)
		restore()
		switch {
		case err != nil:
			stopped[c.Table] = true
			number := errorNumber.FindStringSubmatch(err.Error())
			if number == nil {
				t.Fatalf("%s: %v", c.SQL, err)
			}
			refused = append(refused, "refused: "+number[1]+": "+c.SQL)
			if !blocked[c.SQL] {
				t.Errorf("%s: %v, and no probe said so", c.SQL, err)
			}
		case blocked[c.SQL] && exact:
			t.Errorf("%s: a probe said that it fails, and it did not", c.SQL)
		}
	}
	return refused
}

// set puts the settings of a change in force.
func (b *bench) set(t *testing.T, s ddl.Settings) (restore func()) {
	t.Helper()
	if s == (ddl.Settings{}) {
		return func() {}
	}
	b.must(t, "SET @mode = @@sql_mode, @client = @@character_set_client, @collation = @@collation_connection")
	b.must(t, fmt.Sprintf("SET sql_mode = '%s'", s.SQLMode))
	if s.CharacterSetClient != "" {
		b.must(t, fmt.Sprintf("SET character_set_client = %s, collation_connection = %s", s.CharacterSetClient, s.CollationConnection))
	}
	return func() {
		b.must(t, "SET sql_mode = @mode, character_set_client = @client, collation_connection = @collation")
	}
}

// probe asks the probes of a migration and returns what they find, and whether
// one says that the migration will fail.
func (b *bench) probe(t *testing.T, c diff.Change, algorithm string) (found []string, blocked bool) {
	t.Helper()
	for _, p := range c.Probes {
		if algorithm != "" && !p.Concerns(algorithm) {
			continue
		}
		text, err := b.ask(t, p)
		if err != nil {
			t.Errorf("probe %s: %v", p.SQL, err)
		}
		if text != "" {
			found = append(found, text)
			blocked = blocked || p.Blocks
		}
	}
	return found, blocked
}

func (b *bench) ask(t *testing.T, p diff.Probe) (string, error) {
	t.Helper()
	var count int64
	var example *string
	err := b.session.Row(t.Context(), p.SQL).Scan(&count, &example)
	switch {
	case p.Evaluates != "" && mysql.IsValueRefused(err):
		return p.Failure(strings.ReplaceAll(mysql.Message(err), "`"+b.databases[0]+"`.", "")), nil
	case err != nil:
		return "", err
	case count == 0 && p.Evaluates != "":
		warning, err := mysql.ValueWarning(t.Context(), b.session)
		if err != nil || warning == "" {
			return "", err
		}
		return p.Failure(strings.ReplaceAll(warning, "`"+b.databases[0]+"`.", "")), nil
	}
	value := ""
	if example != nil {
		value = *example
	}
	return p.Finding(count, value), nil
}

// algorithms says by which algorithm each change of a migration runs, as an empty
// copy of the schema says.
func (b *bench) algorithms(t *testing.T, before string, m *diff.Migration) map[string]string {
	t.Helper()
	out := map[string]string{}
	if !slices.ContainsFunc(m.Changes, func(c diff.Change) bool {
		return slices.ContainsFunc(c.Probes, func(p diff.Probe) bool { return p.Algorithm == "copy" })
	}) {
		return out
	}
	b.build(t, b.databases[2], before, "")
	for _, c := range m.Changes {
		restore := b.set(t, c.Settings)
		err := errors.New("not asked")
		if c.AskAlgorithm {
			for _, a := range []string{"instant", "inplace", "copy"} {
				if err = b.exec(t.Context(), c.SQL+", ALGORITHM="+a); err == nil {
					out[c.SQL] = a
					break
				}
			}
			out[c.SQL] = cmp.Or(out[c.SQL], "copy")
		}
		if err != nil {
			err = b.exec(t.Context(), c.SQL)
		}
		restore()
		if err != nil {
			t.Errorf("on an empty copy: %s: %v", c.SQL, err)
			break
		}
	}
	b.must(t, "USE "+mysql.Quote(b.databases[0]))
	return out
}

// run runs one pair there and back.
func (b *bench) run(t *testing.T, p *pair) {
	t.Helper()
	if b.ddl.Product == ddl.MySQL { // half of the time goes into its binary log, which changes the rules for defaults only
		log := 0
		if strings.Contains(p.section("after"), "UUID()") {
			log = 1
		}
		b.must(t, fmt.Sprintf("SET sql_log_bin = %d", log))
	}
	after := b.build(t, b.databases[1], p.section("after"), "")
	before := b.build(t, b.databases[0], p.section("before"), p.section("data"))
	m, err := diff.Diff(before, after, b.ddl, p.options())
	if err != nil {
		var unsupported *diff.UnsupportedError
		if !errors.As(err, &unsupported) {
			t.Fatalf("error of another type: %v", err)
		}
		p.expect(t, b.kind, []string{"error: " + err.Error()})
		return
	}
	algorithms := b.algorithms(t, p.section("before"), m)
	blocked := map[string]bool{}
	lines := describe(t, m, func(c diff.Change) []string {
		found, blocks := b.probe(t, c, algorithms[c.SQL])
		blocked[c.SQL] = blocks
		return found
	})
	refused := b.applyAll(t, m, blocked, !strings.Contains(p.section("options"), "probes may be wrong"))
	lines = append(lines, refused...)
	p.expect(t, b.kind, lines)
	if len(refused) == 0 {
		b.converged(t, p, "forth", b.dump(t, b.databases[0]), after)
	}
	if len(refused) == 0 && p.section("data") == "" {
		b.back(t, p, before, after)
	}
}

// back runs the inverse migration in the database of after.
func (b *bench) back(t *testing.T, p *pair, before, after ddl.Schema) {
	t.Helper()
	m, err := diff.Diff(after, before, b.ddl, p.options())
	if err != nil {
		t.Errorf("back: %v", err)
		return
	}
	b.must(t, "USE "+mysql.Quote(b.databases[1]))
	if failed, err := b.apply(t, m); err != nil {
		t.Errorf("back: %s: %v\nof\n%s", failed, err, strings.Join(m.Statements(), "\n"))
		return
	}
	b.converged(t, p, "back", b.dump(t, b.databases[1]), before)
}

// converged says whether two schemas are the same for Diff.
func (b *bench) converged(t *testing.T, p *pair, way string, got, want ddl.Schema) {
	t.Helper()
	for _, sides := range [][2]ddl.Schema{{got, want}, {want, got}} {
		m, err := diff.Diff(sides[0], sides[1], b.ddl, p.options())
		if err != nil {
			t.Errorf("%s: %v", way, err)
			continue
		}
		if !m.Empty() {
			t.Errorf("%s: left to do:\n%s\nprinted (-want +got):\n%s", way, strings.Join(m.Statements(), "\n"), gocmp.Diff(want, got))
		}
	}
}

var definer = regexp.MustCompile("DEFINER=`[^`]*`@`[^`]*`")

// describe returns a migration in words: each statement, and below it what is
// said about its risk. find asks the probes of a change.
func describe(t *testing.T, m *diff.Migration, find func(diff.Change) []string) (lines []string) {
	t.Helper()
	for _, c := range m.Changes {
		sql := strings.Join(strings.Fields(c.SQL), " ")
		if c.Kind == ddl.KindTable {
			sql = c.SQL
		}
		lines = append(lines, string(c.Operation)+": "+definer.ReplaceAllString(sql, "DEFINER=me"))
		if c.Destructive != (c.Lost != "") || c.Reversible == c.Destructive {
			t.Errorf("destructive %t, reversible %t, lost %q", c.Destructive, c.Reversible, c.Lost)
		}
		if c.Lost != "" {
			lines = append(lines, "  lost: "+c.Lost)
		}
		if c.Reason != "" {
			lines = append(lines, "  reason: "+c.Reason)
		}
		for _, f := range find(c) {
			lines = append(lines, "  found: "+f)
		}
	}
	return lines
}

// pair is a file of testdata/pairs: a title, then sections that begin with a
// line `-- name`.
type pair struct {
	name, path, title string
	sections          map[string]string

	mu  sync.Mutex
	got map[string]string // by the name of the section
}

var sectionLine = regexp.MustCompile(`(?m)^-- (before|after|data|servers|options|expect(?: (?:mysql|mariadb)[-.0-9]*)?)(?: +(.*))?$`)

func readPairs(t *testing.T) []*pair {
	t.Helper()
	files, err := filepath.Glob("testdata/pairs/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	var out []*pair
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, parsePair(path, string(text)))
	}
	return out
}

func parsePair(path, text string) *pair {
	p := &pair{
		path: path, name: strings.TrimSuffix(filepath.Base(path), ".sql"),
		sections: map[string]string{}, got: map[string]string{},
	}
	marks := sectionLine.FindAllStringSubmatchIndex(text, -1)
	p.title = text[:marks[0][0]]
	for i, m := range marks {
		end := len(text)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		name := text[m[2]:m[3]]
		rest := ""
		if m[4] >= 0 {
			rest = text[m[4]:m[5]]
		}
		p.sections[name] = strings.TrimSpace(rest + "\n" + text[m[1]:end])
	}
	return p
}

func (p *pair) section(name string) string { return p.sections[name] }

func (p *pair) runsOn(kind string) bool {
	list := strings.Fields(p.section("servers"))
	return len(list) == 0 || slices.ContainsFunc(list, func(s string) bool { return strings.HasPrefix(kind, s) })
}

func (p *pair) options() diff.Options {
	o := p.section("options")
	return diff.Options{IndexOrder: strings.Contains(o, "index order"), IgnoreDefiner: strings.Contains(o, "ignore definer")}
}

// want returns what is expected of a kind of server: of the kind, of the
// product, or of all.
func (p *pair) want(kind string) string {
	product, _, _ := strings.Cut(kind, "-")
	return cmp.Or(p.sections["expect "+kind], p.sections["expect "+product], p.sections["expect"])
}

// expect compares the migration with the file: with the section of the kind of
// server, of the product, or of all.
func (p *pair) expect(t *testing.T, kind string, lines []string) {
	t.Helper()
	name := "expect " + kind
	got := strings.Join(lines, "\n")
	if got == "" {
		got = "nothing"
	}
	if *update {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.got[name] = got
		return
	}
	want := p.want(kind)
	if os.Getenv(mysqltest.SetupVariable) == "names" { // the server keeps names of tables in lower case
		want, got = strings.ToLower(want), strings.ToLower(got)
	}
	if diff := gocmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("migration (-want +got):\n%s", diff)
	}
}

// write writes the file with what the servers said.
func (p *pair) write(t *testing.T) {
	t.Helper()
	if len(p.got) == 0 {
		return
	}
	expected := map[string]string{}
	for name, text := range p.got {
		product := strings.TrimRight(name, "-.0123456789")
		if old, ok := expected[product]; ok && old != text {
			expected = p.got // versions of a product differ
			break
		}
		expected[product] = text
	}
	all := slices.Compact(slices.Sorted(maps.Values(expected)))
	if len(all) == 1 {
		expected = map[string]string{"expect": all[0]}
	}
	text := p.title
	for _, name := range []string{"servers", "options"} {
		if s := p.section(name); s != "" {
			text += "-- " + name + " " + s + "\n"
		}
	}
	for _, name := range []string{"before", "data", "after"} {
		if s := p.section(name); s != "" || name != "data" {
			text += "-- " + name + "\n" + s + "\n"
		}
	}
	for _, name := range sortedKeys(expected) {
		text += "-- " + name + "\n" + expected[name] + "\n"
	}
	if err := os.WriteFile(p.path, []byte(text), 0o600); err != nil {
		t.Error(err)
	}
}
