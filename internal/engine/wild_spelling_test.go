package engine_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestUpdateTenant_spellings writes random schemas in two ways of which the server
// makes the same: the second version plans no statement.
func TestUpdateTenant_spellings(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		for seed := range uint64(2) {
			t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) { spellWild(t, s, seed) })
		}
	})
}

// TestSoakUpdateTenant_spellings does so for as long as LANDLORD_SOAK says.
func TestSoakUpdateTenant_spellings(t *testing.T) {
	soak(t)
	wildly(t, spellWild)
}

func spellWild(t *testing.T, s *mysqltest.Server, seed uint64) {
	t.Helper()
	w, b := newWild(s, seed, 9), newWildBench(t, s)
	first := w.schema()
	b.settle(t, s.Prefix+"direct", first)
	b.build(t, s.Prefix+"direct", first)
	want := schemaLines(t, s, s.Prefix+"direct")
	statements := w.respell(first)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("seed %d, first:\n%s\nsecond:\n%s", seed, first.script(), scriptOf(statements))
		}
	})
	b.begin(t, s.Prefix+"direct")
	for _, statement := range statements {
		if err := b.exec(t.Context(), statement); err != nil {
			t.Fatalf("the other spelling is none: %v\n%s", err, statement)
		}
	}
	if diff := cmp.Diff(want, schemaLines(t, s, s.Prefix+"direct")); diff != "" {
		t.Fatalf("the other spelling means something else (-first +second):\n%s", diff)
	}
	e, name := engineOn(t, s), fmt.Sprintf("s%d", seed)
	publish(t, e, landlord.TemplateSpec{Name: name, Version: "1.0.0", Core: map[string]string{"1.sql": first.script()}})
	publish(t, e, landlord.TemplateSpec{Name: name, Version: "1.1.0", Core: map[string]string{"1.sql": scriptOf(statements)}})
	spec := landlord.TenantSpec{Slug: name, Name: name, Template: name + "@1.0.0"}
	_, tenant := create(t, e, spec)
	spec.Template = name + "@1.1.0"
	plan, after, err := update(t.Context(), engineOn(t, s), spec, tenant)
	if err != nil {
		t.Fatal(explain(err))
	}
	if len(plan.Steps) > 0 || len(after.Drift) > 0 {
		t.Errorf("another spelling plans statements:\n%s\ndrift %v", sqlOf(plan.Steps), after.Drift)
	}
}

// respell writes the statements of a schema in another way.
func (w *wild) respell(s *wildSchema) []string {
	s = s.clone()
	var out, later []string
	for _, t := range s.tables {
		key := slices.IndexFunc(t.columns, func(c wildColumn) bool { return c.id == "id"+t.id })
		if t.parts[0] == "PRIMARY KEY ({id"+t.id+"})" && w.chance(40) {
			t.columns[key].definition += w.pick(" PRIMARY KEY", " KEY")
			t.parts = t.parts[1:]
		}
		t.parts = slices.DeleteFunc(t.parts, func(p string) bool {
			plain := regexp.MustCompile(`^(KEY|INDEX|UNIQUE KEY) `).MatchString(p) && !strings.Contains(p, "{id") // a counter needs its key
			if plain && w.chance(30) {
				later = append(later, s.fill("ALTER TABLE {"+t.id+"} ADD "+p))
				return true
			}
			return false
		})
		if !slices.ContainsFunc(t.options, func(o string) bool { return strings.Contains(o, "ENGINE") }) && w.chance(40) {
			t.options = append(t.options, w.pick("ENGINE=InnoDB", "ENGINE innodb", "ENGINE = InnoDB"))
		}
		out = append(out, s.create(t))
	}
	out = append(out, later...)
	for _, t := range s.tables {
		for _, k := range t.keys {
			if !strings.Contains(k, " ON ") {
				k += w.pick("", " ON DELETE NO ACTION", " ON DELETE RESTRICT ON UPDATE RESTRICT")
			}
			out = append(out, s.fill("ALTER TABLE {"+t.id+"} ADD "+k))
		}
	}
	for _, o := range s.objects {
		out = append(out, s.fill(o))
	}
	for i, statement := range out {
		if table := strings.HasPrefix(statement, "CREATE TABLE") || strings.HasPrefix(statement, "ALTER TABLE"); table {
			out[i] = w.respellTokens(statement)
		} else {
			out[i] = strings.Replace(statement, "CREATE ", w.pick("CREATE ", "create ", "CREATE /* here */ ", "CREATE\n\t"), 1) // bodies are kept as they are written
		}
	}
	return out
}

// synonyms are words, by the one that they may stand for.
var synonyms = map[string][]string{
	"INT": {"INTEGER", "INT4", "int"}, "BIGINT": {"INT8", "bigint"}, "SMALLINT": {"INT2"}, "MEDIUMINT": {"MIDDLEINT", "INT3"}, "BOOL": {"BOOLEAN", "TINYINT(1)"},
	"DECIMAL": {"DEC", "NUMERIC", "FIXED"}, "NUMERIC": {"DEC", "DECIMAL"}, "DOUBLE": {"DOUBLE PRECISION", "FLOAT8"}, "REAL": {"DOUBLE"}, "FLOAT": {"FLOAT4"},
	"VARCHAR": {"CHARACTER VARYING", "VARCHARACTER"}, "CHAR": {"CHARACTER"}, "MEDIUMTEXT": {"LONG VARCHAR", "LONG"},
	"CHARSET": {"CHARACTER SET"}, "CURRENT_TIMESTAMP": {"NOW()", "CURRENT_TIMESTAMP()", "LOCALTIMESTAMP"}, "INDEX": {"KEY", "index"},
}

// respellTokens writes a statement about a table in another way, word by word.
func (w *wild) respellTokens(statement string) string {
	var b strings.Builder
	end, bits := 0, false
	tokens := sqltext.Tokens(statement, sqltext.Mode{})
	is := func(i int, words ...string) bool { return i >= 0 && i < len(tokens) && tokens[i].IsAny(words...) }
	for i, t := range tokens {
		b.WriteString(statement[end:t.Start])
		end = t.End
		text := t.Text
		bits = !t.IsPunct(',') && (bits || t.Is("bit"))
		switch {
		case t.Is("page_compressed"): // is printed as it is written
		case t.Kind == sqltext.Word && w.chance(40):
			text = w.word(text, is, i, i+1 < len(tokens) && tokens[i+1].IsPunct('('))
		case t.Kind == sqltext.Word && w.chance(30):
			text = strings.ToLower(text)
		case t.Kind == sqltext.Name && w.chance(30) && regexp.MustCompile("^`[a-z]+[0-9]+`$").MatchString(text):
			text = strings.Trim(text, "`")
		case t.Kind == sqltext.Number && is(i-1, "default") && !bits && w.chance(50) && regexp.MustCompile(`^[0-9]+$`).MatchString(text):
			text = "'" + text + "'"
		case t.Kind == sqltext.String && w.chance(30) && regexp.MustCompile(`^'[a-z]+'$`).MatchString(text):
			text = `"` + strings.Trim(text, "'") + `"`
		}
		b.WriteString(text)
		if (t.IsPunct(',') || t.IsPunct('(')) && w.chance(12) { // behind a name it would mean that no call begins
			b.WriteString(w.pick(" /* a comment; of 'one' */", " -- a comment, (of `one`\n", "\n\t", " # and \"another\"\n"))
		}
	}
	return b.String() + statement[end:]
}

// word returns another way to write a word at a place in a statement.
func (w *wild) word(text string, is func(i int, words ...string) bool, at int, called bool) string {
	others := synonyms[strings.ToUpper(text)]
	switch {
	case len(others) == 0 || is(at-1, "as", "national", "array") || is(at-2, "cast"):
		return text
	case is(at, "current_timestamp", "bigint", "int", "smallint", "mediumint", "real", "float", "mediumtext") && called, is(at, "charset") && !is(at-1, "default"):
		return text
	case is(at, "index") && is(at-1, "invisible", "visible"):
		return text
	}
	return w.pick(others...)
}

// scriptOf is a file of statements.
func scriptOf(statements []string) string {
	var b strings.Builder
	for _, statement := range statements {
		if strings.Contains(statement, "BEGIN") {
			b.WriteString("DELIMITER //\n" + statement + "//\nDELIMITER ;\n")
		} else {
			b.WriteString(statement + ";\n")
		}
	}
	return b.String()
}
