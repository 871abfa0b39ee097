//go:build unix

package source_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source/dump"
)

// fragments are what adversarial texts are put together from: everything behind
// which a reader might look back, or far ahead.
var fragments = []string{
	"(", ")", "a.b", ".", ",", ";", "'", "''", `\'`, "\"", "`", "``", "/*", "*/", "/* x */", "/*!40000 ", "/*!99999 ", "-- x\n", "#\n", "\n", "--", "\\",
	"CASE ", "WHEN 1 ", "THEN ", "ELSE ", "END ", "BEGIN ", "IF 1 THEN ", "END IF;", "LOOP ", "END LOOP;", "WHILE 1 DO ", "REPEAT ", "UNTIL ", "FOR i IN (", "DECLARE x INT;", "HANDLER FOR ",
	"SELECT 1 ", "FROM a ", "JOIN b ON 1 ", "UNION ", "AS x ", "SET @a=1", "SET a=1", ",@b=2", "x:", "{d '1'}", "{x a}", "x LIKE y ", "1e5", "0x1", "N'a'", "_utf8'a'", "@@global.x ",
	"CREATE ", "TABLE t ", "VIEW v AS ", "PROCEDURE p() ", "TRIGGER t BEFORE INSERT ON t FOR EACH ROW ", "DELIMITER //\n", "//\n", "INSERT INTO t VALUES (1),", "(1,'a'),", "PARTITION p VALUES IN (1),", "KEY k (a),",
	"shop_b.c ", "`shop_b`.c ", "ENGINE=x ", "UNION=(a) ", "LANGUAGE SQL ", "x INT, ", "execute ", "DROP VIEW IF EXISTS v;", "USE a;", "CREATE DATABASE a;", "a.b.c ", "TYPE OF a ", "NEXT VALUE FOR s ",
}

// shape is a text whose middle can be repeated.
type shape struct{ before, part, after string }

func (s shape) String() string {
	return fmt.Sprintf("%q, %q again and again, %q", s.before, s.part, s.after)
}

func (s shape) text(n int) string { return s.before + strings.Repeat(s.part, n) + s.after }

func randomShape(r *rand.Rand) shape {
	var part strings.Builder
	for range 1 + r.IntN(4) {
		part.WriteString(fragments[r.IntN(len(fragments))] + []string{"", " "}[r.IntN(2)])
	}
	before := []string{"", "SELECT 1 ", "CREATE PROCEDURE p() BEGIN ", "CREATE VIEW v AS SELECT 1 FROM a ", "CREATE TABLE t (id INT", "CREATE TRIGGER t BEFORE INSERT ON t FOR EACH ROW ",
		"INSERT INTO t VALUES ", "SET ", "CREATE FUNCTION f(a INT) RETURNS INT RETURN CASE ", "'", "/*!50000 ", "DELIMITER //\nCREATE PROCEDURE p() BEGIN ", "UPDATE a SET b = "}
	after := []string{"", "; END", ")", " END", "'", " */", ";"}
	return shape{before[r.IntN(len(before))], part.String(), after[r.IntN(len(after))]}
}

// readers are all that reads a text of a user.
var readers = map[string]func(text string){
	"customization": func(text string) { guarded(text, source.LayerCustomization, estate(ddl.MySQL)) },
	"seed":          func(text string) { guarded(text, source.LayerSeed, estate(ddl.MariaDB)) },
	"own": func(text string) {
		source.ParseOwn(text, estate(ddl.MySQL), source.Rules{Layer: source.LayerCustomization, Databases: []string{"shop_a"}})
	},
	"file of a schema": func(text string) {
		for _, st := range dump.Parse(text, source.LayerSchema, estate(ddl.MySQL)).Schema {
			source.Guard(st, source.Rules{Layer: source.LayerSchema})
		}
	},
	"file of seeds": func(text string) { dump.Parse(text, source.LayerSeed, estate(ddl.MariaDB)) },
	"condition":     func(text string) { _, _ = source.PredicateTables(text, estate(ddl.MySQL)) },
	"program":       func(text string) { source.Mentions(ddl.KindProcedure, text, []string{"shop_a"}, estate(ddl.MySQL)) },
}

// cpu returns the time of the processor that a call takes, the best of a few.
func cpu(rounds int, call func()) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	used := func() time.Duration {
		var u syscall.Rusage
		const thread = 1 // RUSAGE_THREAD
		if syscall.Getrusage(thread, &u) != nil {
			return 0
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	best := time.Duration(0)
	for i := range rounds {
		began := used()
		call()
		if took := used() - began; i == 0 || took < best {
			best = took
		}
	}
	return best
}

// checkRatio compares a text with one of four times the parts: a reader that is
// linear takes four times as long, one that is quadratic sixteen times.
func checkRatio(t *testing.T, s shape) {
	t.Helper()
	for name, read := range readers {
		n := 400
		for {
			small := cpu(3, func() { read(s.text(n)) })
			large := cpu(2, func() { read(s.text(4 * n)) })
			const enough, most = 40 * time.Millisecond, 10
			if large < enough && n < 6400 { // too fast to tell: more of it
				n *= 4
				continue
			}
			if large > enough && large > most*small {
				t.Errorf("%s: %v for %d parts, %v for %d of %s", name, small, n, large, 4*n, s)
			}
			break
		}
	}
}

// TestRatio reads texts of random shapes.
func TestRatio(t *testing.T) {
	shapes := 12
	if testing.Short() {
		shapes = 2
	}
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // not for secrets
	for range shapes {
		checkRatio(t, randomShape(r))
	}
}

// TestRatio_kinds reads texts of each kind.
func TestRatio_kinds(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute of a processor")
	}
	for name, h := range heavy {
		t.Run(name, func(t *testing.T) { checkRatio(t, shape{h.before, h.part, h.after}) })
	}
}

// TestSoakRatio does so for as long as LANDLORD_SOAK says.
func TestSoakRatio(t *testing.T) {
	length, err := time.ParseDuration(os.Getenv("LANDLORD_SOAK"))
	if err != nil {
		t.Skip("LANDLORD_SOAK is not set")
	}
	n := 0
	for end := time.Now().Add(length); time.Now().Before(end) && !t.Failed(); n++ {
		checkRatio(t, randomShape(rand.New(rand.NewPCG(rand.Uint64(), 2)))) //nolint:gosec // not for secrets
	}
	t.Logf("%d shapes", n)
}
