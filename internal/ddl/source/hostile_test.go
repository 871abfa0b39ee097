package source_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/tools/shared"
)

// sample is one line of the shared corpus of hostile and benign SQL.
type sample struct {
	ID      string
	Mode    string
	SQL     string
	Base64  string    `json:"sql_b64"`
	Gen     *generate `json:"sql_gen"`
	Session string
	Servers []string
	Harms   map[string]bool `json:"escapes_or_harms_as_root"`
	Strict  map[string]bool `json:"strict_account_blocks"`
}

type generate struct {
	Pre, Rep, Mid, Rep2, Post string
	N, N2                     int
}

func (s sample) text(t *testing.T) string {
	t.Helper()
	text := s.SQL
	switch {
	case s.Base64 != "":
		b, err := base64.StdEncoding.DecodeString(s.Base64)
		if err != nil {
			t.Fatalf("%s: %v", s.ID, err)
		}
		text = string(b)
	case s.Gen != nil:
		var b strings.Builder
		b.WriteString(s.Gen.Pre + repeat(s.Gen.Rep, s.Gen.N))
		b.WriteString(s.Gen.Mid + repeat(s.Gen.Rep2, s.Gen.N2))
		b.WriteString(s.Gen.Post)
		text = b.String()
	}
	if s.Session != "" {
		return s.Session + ";\n" + text
	}
	return text
}

// repeat writes a text n times, with `%d` for the count.
func repeat(s string, n int) string {
	if !strings.Contains(s, "%d") {
		return strings.Repeat(s, n)
	}
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(s, "%d", strconv.Itoa(i)))
	}
	return b.String()
}

// samples reads a file of the shared corpus; the test is skipped without it.
func samples(t *testing.T, name string) []sample {
	t.Helper()
	f, err := os.Open(shared.Path(t, "hostile", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []sample
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var s sample
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

// neighbors are the databases of others in the picture of the corpus.
var neighbors = &ddl.Others{Names: []string{"landlord"}, Prefixes: []string{"sec_"}}

// guardText returns the faults of a text as the customization of `sec_a`.
func guardText(text string, product ddl.Product, others *ddl.Others) []source.Fault {
	version := map[ddl.Product]string{ddl.MySQL: "9.7.4", ddl.MariaDB: "10.11.19"}[product]
	statements, faults := source.Parse(text, ddl.Server{Product: product, Version: version, Others: others})
	for _, st := range statements {
		faults = append(faults, source.Guard(st, source.Rules{Layer: source.LayerCustomization, Databases: []string{"sec_a"}})...)
	}
	return faults
}

// TestGuard_hostile: what does harm is refused, or the account of a
// customization blocks it.
func TestGuard_hostile(t *testing.T) {
	t.Parallel()
	all := samples(t, "hostile.jsonl")
	refused, blocked, harmless := 0, 0, 0
	for _, s := range all {
		text := s.text(t)
		if source.HasErrors(guardText(text, ddl.MySQL, neighbors)) && source.HasErrors(guardText(text, ddl.MariaDB, neighbors)) {
			refused++
			continue
		}
		harms, stopped := false, true
		for server, harm := range s.Harms {
			harms = harms || harm
			stopped = stopped && (!harm || s.Strict[server])
		}
		switch {
		case !harms:
			harmless++
			t.Logf("accepted, harmless on every server: %s: %.80s", s.ID, s.SQL)
		case stopped:
			blocked++
			t.Logf("accepted, blocked by the account: %s: %.80s", s.ID, s.SQL)
		default:
			t.Errorf("accepted and not blocked: %s: %.200s", s.ID, s.SQL)
		}
	}
	t.Logf("%d hostile texts: %d refused, %d blocked by the account only, %d accepted that do no harm", len(all), refused, blocked, harmless)
}

// TestGuard_benign: what is harmless and useful is accepted.
func TestGuard_benign(t *testing.T) {
	t.Parallel()
	for _, s := range samples(t, "benign.jsonl") {
		for _, server := range s.Servers {
			product := ddl.MySQL
			if strings.HasPrefix(server, "mariadb") {
				product = ddl.MariaDB
			}
			for _, f := range guardText(s.text(t), product, nil) {
				t.Errorf("%s on %s: %s\n\t%.200s", s.ID, server, f, s.SQL)
			}
		}
	}
}

// mutations change how a text is written, not what it does.
var mutations = map[string]func(string) string{
	"upper case":         outside(strings.ToUpper),
	"lower case":         outside(strings.ToLower),
	"tabs and lines":     outside(func(s string) string { return strings.ReplaceAll(s, " ", "\r\n\t") }),
	"vertical tabs":      outside(func(s string) string { return strings.ReplaceAll(s, " ", "\v") }),
	"form feeds":         outside(func(s string) string { return strings.ReplaceAll(s, " ", "\f") }),
	"comments":           outside(func(s string) string { return strings.ReplaceAll(s, " ", "/* ' */") }),
	"comments of a line": outside(func(s string) string { return strings.ReplaceAll(s, " ", " -- ' `\n") }),
	"hashes":             outside(func(s string) string { return strings.ReplaceAll(s, " ", " # \" /*\n") }),
	"blanks at dots":     outside(func(s string) string { return strings.ReplaceAll(s, ".", " /**/ . ") }),
	"quoted names":       outside(func(s string) string { return strings.ReplaceAll(s, "sec_b", "`sec_b`") }),
	"quoted as text":     outside(func(s string) string { return strings.ReplaceAll(s, "sec_b", `"sec_b"`) }),
	"executed comment":   func(s string) string { return "/*!50000 " + s + " */" },
	"of MariaDB":         func(s string) string { return "/*M! " + s + " */" },
	"newer":              func(s string) string { return "/*!90000 " + s + " */" },
	"six digits":         func(s string) string { return "/*!100100 " + s + " */" },
	"behind another":     func(s string) string { return "SELECT 1;\n" + s },
	"before another":     func(s string) string { return s + "\n; SELECT 1" },
	"with a delimiter":   func(s string) string { return "DELIMITER //\n" + s + "//\n" },
	"in a procedure":     func(s string) string { return "CREATE PROCEDURE p() BEGIN " + s + "; END" },
	"as a body":          func(s string) string { return "CREATE PROCEDURE p() " + s },
	"as a body of sorts": func(s string) string { return "CREATE PROCEDURE p() COMMENT 'x' READS SQL DATA " + s },
	"in an event":        func(s string) string { return "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO " + s },
	"in a trigger":       func(s string) string { return "CREATE TRIGGER x BEFORE INSERT ON ext_notes FOR EACH ROW " + s },
	"in a function": func(s string) string {
		return "CREATE FUNCTION f() RETURNS INT DETERMINISTIC BEGIN IF 1 THEN " + s + "; END IF; RETURN 1; END"
	},
	"in a handler": func(s string) string {
		return "CREATE PROCEDURE p() BEGIN DECLARE EXIT HANDLER FOR SQLEXCEPTION, NOT FOUND " + s + "; SELECT 1; END"
	},
	"byte order mark": func(s string) string { return "\ufeff" + s },
}

// outside applies a change to what stands outside of quotes and comments.
func outside(change func(string) string) func(string) string {
	return func(s string) string {
		var b strings.Builder
		for s != "" {
			i := strings.IndexAny(s, "'\"`/-#")
			if i < 0 {
				return b.String() + change(s)
			}
			b.WriteString(change(s[:i]))
			end := i + 1
			if strings.ContainsRune("'\"`", rune(s[i])) {
				end = len(s)
				if j := strings.IndexByte(s[i+1:], s[i]); j >= 0 {
					end = i + j + 2
				}
			}
			b.WriteString(s[i:end])
			s = s[end:]
		}
		return b.String()
	}
}

// TestGuard_mutations: what is refused stays refused however it is written.
func TestGuard_mutations(t *testing.T) {
	t.Parallel()
	for _, s := range samples(t, "hostile.jsonl") {
		if s.Gen != nil || s.Base64 != "" || !source.HasErrors(guardText(s.text(t), ddl.MySQL, neighbors)) {
			continue
		}
		for name, mutate := range mutations {
			text := mutate(s.text(t))
			if statements, err := source.Split(text); err == nil && len(statements) == 0 {
				continue // a comment for every server (`/*m! … */`)
			}
			if !source.HasErrors(guardText(text, ddl.MySQL, neighbors)) {
				t.Errorf("%s, %s: accepted: %.300s", s.ID, name, text)
			}
		}
	}
}
