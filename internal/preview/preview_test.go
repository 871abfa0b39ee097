package preview_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/preview"
)

// writes says whether the golden files are to be written.
func writes() bool { return os.Getenv("LANDLORD_TEST_GOLDEN") == "write" }

func write(t *testing.T, name string, text []byte) {
	t.Helper()
	if err := os.WriteFile(name, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

// plans returns the names of the plans that real Terraform made.
func plans(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/plans/*.json")
	if err != nil || len(files) != 6 {
		t.Fatalf("there are %d plans: %v", len(files), err)
	}
	for i := range files {
		files[i] = strings.TrimSuffix(filepath.Base(files[i]), ".json")
	}
	return files
}

func read(t *testing.T, name string) *preview.Report {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata/plans", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	report, err := preview.Read(file, preview.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// TestGolden compares the previews of six plans of real Terraform, in each format.
func TestGolden(t *testing.T) {
	t.Parallel()
	for _, name := range plans(t) {
		report := read(t, name)
		if again := read(t, name); fmt.Sprint(again.Markdown()) != report.Markdown() {
			t.Errorf("%s: two previews of one plan differ", name)
		}
		for _, format := range preview.Formats() {
			got, err := report.Write(format)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata/golden", name+"."+map[string]string{preview.FormatMarkdown: "md", preview.FormatHTML: "html", preview.FormatJSON: "json"}[format])
			if writes() {
				write(t, file, []byte(got))
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s is not what the preview is now; LANDLORD_TEST_GOLDEN=write writes it:\n%s", file, got)
			}
		}
	}
}

// TestDangerous says of which of the plans somebody has to know.
func TestDangerous(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"create": "", "update": "destructive", "conflict": "destructive conflict conflict", "fleet": "conflict",
		"destroy": "destroyed destroyed destroyed destroyed destroyed", "drift": "destructive failing",
	}
	for _, name := range plans(t) {
		report := read(t, name)
		var kinds []string
		for _, d := range report.Dangers {
			kinds = append(kinds, string(d.Kind))
		}
		if got := strings.Join(kinds, " "); got != want[name] || report.Dangerous != (got != "") {
			t.Errorf("%s: dangerous is %t, because of %s, not %s", name, report.Dangerous, got, want[name])
		}
	}
	if losses := read(t, "destroy").Losses; losses[0].Name != "gone" || losses[0].Policy != "drop" || !losses[1].Replaced {
		t.Errorf("the losses are %+v", losses)
	}
}

// TestRead_refuses compares what is said of what is no plan.
func TestRead_refuses(t *testing.T) {
	t.Parallel()
	const next = "\n\nHand over what `terraform show -json PLANFILE` prints, PLANFILE being what `terraform plan -out=PLANFILE` wrote."
	for text, want := range map[string]string{
		"":                         "Plan cannot be read\nReading the plan: the text is no JSON.\n\nCause: EOF" + next,
		"[1]":                      "JSON is no plan of Terraform\nReading the plan: the JSON has no `format_version` or no `planned_values`, as that of a state or of another program." + next,
		`{"format_version":"1.0"}`: "JSON is no plan of Terraform\nReading the plan: the JSON has no `format_version` or no `planned_values`, as that of a state or of another program." + next,
		`{"format_version":"2.0","planned_values":{}}`: "Format of the plan is not known\nReading the plan: its `format_version` is `2.0`; this version knows those that begin with `1.`." +
			"\n\nUse a later version of the provider's program for the preview.",
	} {
		_, err := preview.Read(strings.NewReader(text), preview.Options{})
		var problem *landlord.Problem
		if !errors.As(err, &problem) || problem.Summary+"\n"+problem.Text() != want {
			t.Errorf("%q: %v, not %s", text, err, want)
		}
	}
}

// edited returns a plan of the golden files with every text changed.
func edited(t *testing.T, name string, edit func(path, text string) string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata/plans", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(eachText("", value, edit))
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func eachText(path string, value any, edit func(path, text string) string) any {
	switch value := value.(type) {
	case string:
		return edit(path, value)
	case map[string]any:
		for name := range value {
			value[name] = eachText(path+"."+name, value[name], edit)
		}
	case []any:
		for i := range value {
			value[i] = eachText(path, value[i], edit)
		}
	}
	return value
}

func previewOf(t *testing.T, text string) *preview.Report {
	t.Helper()
	report, err := preview.Read(strings.NewReader(text), preview.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// all returns a preview in every format, as one text.
func all(t *testing.T, report *preview.Report) string {
	t.Helper()
	var out string
	for _, format := range preview.Formats() {
		text, err := report.Write(format)
		if err != nil {
			t.Fatal(err)
		}
		out += text
	}
	return out
}

// TestSecrets plants secrets in everything that a plan marks as sensitive, and
// in what is computed from it.
func TestSecrets(t *testing.T) {
	t.Parallel()
	for _, name := range plans(t) {
		if text := all(t, read(t, name)); strings.Contains(text, "planted-secret") {
			t.Errorf("%s has a secret: %s", name, text)
		}
	}
	const secret = "pla'nted\\se`cret\nsecond line of it"
	plant := func(after, marks, more string) string {
		return `{"format_version":"1.2","planned_values":{},"resource_changes":[{"address":"landlord_tenant.a","mode":"managed","type":"landlord_tenant","change":{"actions":["update"],` +
			`"before":{"slug":"a","drift":[]},"after":` + after + `,"after_unknown":{},"before_sensitive":false,"after_sensitive":` + marks + `}}]` + more + `}`
	}
	quoted, _ := json.Marshal(secret)
	inSQL, _ := json.Marshal("INSERT INTO t VALUES ('" + strings.ReplaceAll(strings.ReplaceAll(secret, "\n", `\n`), "'", "''") + "')")
	lines := `"migration":[` + string(inSQL) + `],"findings":[{"severity":"warning","kind":"data_changes","detail":` + string(quoted) + `}]`
	for what, text := range map[string]string{
		"metadata":  plant(`{"slug":"a","metadata":{"contact":`+string(quoted)+`},`+lines+`}`, `{"metadata":{"contact":true}}`, ""),
		"slug":      plant(`{"slug":`+string(quoted)+`,`+lines+`}`, `{"slug":true}`, ""),
		"all of it": plant(`{"slug":"a",`+lines+`}`, `true`, `,"variables":{"p":{"value":`+string(quoted)+`}},"configuration":{"root_module":{"variables":{"p":{"sensitive":true}}}}`),
		"output":    plant(`{"slug":"a",`+lines+`}`, `{}`, `,"output_changes":{"o":{"actions":["create"],"before":null,"after":`+string(quoted)+`,"after_sensitive":true}}`),
		"other resource": plant(`{"slug":"a",`+lines+`}`, `{}`, `,"prior_state":{"values":{"root_module":{"child_modules":[{"resources":[{"type":"random_password","mode":"managed","values":{"result":`+string(quoted)+
			`},"sensitive_values":{"result":true}}]}]}}}`),
		"resolution": plant(`{"slug":"a","resolutions":{"view v":{"decision":"sql","sql":"SELECT 1 /* pla */"}},"migration":["CREATE VIEW v AS SELECT 'pla' AS second"]}`, `{"resolutions":{"view v":{"sql":true}}}`, ""),
	} {
		got := all(t, previewOf(t, text))
		for _, part := range []string{"pla'nted", "pla''nted", "pla&#39;nted", "nted\\\\se", "second line", "AS second"} {
			if strings.Contains(got, part) {
				t.Errorf("%s: the preview has %q:\n%s", what, part, got)
			}
		}
	}
}

// TestSecrets_insideJSON hides numbers and names in a secret that is JSON, however
// deep, also behind a fault of its syntax, and no words that every list has.
func TestSecrets_insideJSON(t *testing.T) {
	t.Parallel()
	const reason = "the name of pin-of-acme, 40512345 and 2.50e3, is twice: 77123456"
	for secret, want := range map[string]string{
		`{"acme":{"name":{"pin-of-acme":40512345}},"b":[[2.50e3,77123456]]}`: "the name of (sensitive value), (sensitive value) and (sensitive value), is twice: (sensitive value)",
		`{"acme":{"pin-of-acme":40512345,"pin-of-acme":77123456},"b":]`:      "the name of (sensitive value), (sensitive value) and 2.50e3, is twice: (sensitive value)",
		`{"name":{"metadata":{"v":"[40512345]"}}}`:                           "the (sensitive value) of pin-of-acme, (sensitive value) and 2.50e3, is twice: 77123456",
	} {
		quoted, err := json.Marshal(secret)
		if err != nil {
			t.Fatal(err)
		}
		report := previewOf(t, `{"format_version":"1.2","planned_values":{},"resource_changes":[{"address":"landlord_tenant_customization.c","mode":"managed","type":"landlord_tenant_customization","change":{"actions":["create"],"before":null,`+
			`"after":{"tenant":"a","name":"c","findings":[{"severity":"error","kind":"x","detail":"`+reason+`"}]}}}],"output_changes":{"o":{"actions":["create"],"before":null,"after":`+string(quoted)+`,"after_sensitive":true}}}`)
		if got := report.Others[0].Findings[0].Detail; got != want {
			t.Errorf("%s: %s, not %s", secret, got, want)
		}
	}
}

// hostile are texts that try to be more than a text.
func hostile() []string {
	return []string{
		"</details><script>alert(1)</script>", "`code` ``` fence\n```\n# heading\n", "@octocat and @org/team", "![x](https://evil.example/a.png)", "[x](javascript:alert(1))",
		"<img src=x onerror=alert(1)>", "| a | b |\n|---|---|", "https://evil.example and www.evil.example", "\u202etxt.exe", "-->", "<!-- -->", "#1 !2 ~3", "\x00\x1b[31m", "'\" onmouseover='x",
	}
}

// TestInjection plants such texts as every name, SQL and sentence of a plan.
func TestInjection(t *testing.T) {
	t.Parallel()
	structural := []string{".actions", ".type", ".mode", ".format_version", ".kind", ".severity", ".update_status", ".migration_verdict", ".deletion_policy", ".action"}
	for _, name := range plans(t) {
		for _, bad := range hostile() {
			report := previewOf(t, edited(t, name, func(path, text string) string {
				if slices.ContainsFunc(structural, func(s string) bool { return strings.HasSuffix(path, s) }) {
					return text
				}
				return text + bad
			}))
			html := report.HTML()
			for _, tag := range []string{"<script", "<img", "</details", "onmouseover='x", "\u202e", "\x00", "\x1b"} {
				if strings.Contains(html, tag) {
					t.Errorf("%s: %q gets into the page", name, bad)
				}
			}
			markdownIsSafe(t, name, bad, report.Markdown())
		}
	}
}

// markdownIsSafe looks at what stands outside of code in a Markdown text.
func markdownIsSafe(t *testing.T, name, bad, text string) {
	t.Helper()
	outside := withoutCode(strings.TrimPrefix(text, preview.Marker))
	shown := strings.ReplaceAll(outside, "\\", "") // what a forge looks for mentions and links in
	for _, mark := range []string{"@octocat", "@org", "://", "www.", "#1", "!2", "\x00", "\u202e", "\n# heading"} {
		if strings.Contains(shown, mark) {
			t.Errorf("%s: %q makes %q stand outside of code:\n%s", name, bad, mark, outside)
		}
	}
	marks := regexp.MustCompile(`\\.`).ReplaceAllString(outside, "") // what is a mark for CommonMark
	for _, mark := range []string{"<", "](", "![", "|---"} {
		if at := strings.Index(strings.ReplaceAll(marks, "|---|---|---|", ""), mark); at >= 0 {
			t.Errorf("%s: %q makes %q stand outside of code:\n%s", name, bad, mark, outside)
		}
	}
}

// withoutCode takes blocks and spans of code out of a Markdown text, as CommonMark
// finds them.
func withoutCode(text string) string {
	var out []string
	fence := ""
	for _, line := range strings.Split(text, "\n") {
		run := len(line) - len(strings.TrimLeft(line, "`"))
		switch {
		case fence != "":
			if run >= len(fence) && strings.Trim(line, "`") == "" {
				fence = ""
			}
		case run >= 3 && !strings.Contains(line[run:], "`"):
			fence = line[:run]
		default:
			out = append(out, withoutSpans(line))
		}
	}
	return strings.Join(out, "\n")
}

func withoutSpans(line string) string {
	var out strings.Builder
	for i := 0; i < len(line); {
		if line[i] == '\\' && i+1 < len(line) {
			out.WriteString(line[i : i+2])
			i += 2
			continue
		}
		run := len(line[i:]) - len(strings.TrimLeft(line[i:], "`"))
		if run == 0 {
			out.WriteByte(line[i])
			i++
			continue
		}
		end := closing(line[i+run:], run)
		if end < 0 {
			out.WriteString(line[i : i+run])
			i += run
			continue
		}
		out.WriteString("CODE")
		i += run + end + run
	}
	return out.String()
}

// closing finds a run of exactly so many backquotes.
func closing(text string, run int) int {
	for i := 0; i < len(text); {
		n := len(text[i:]) - len(strings.TrimLeft(text[i:], "`"))
		if n == run {
			return i
		}
		i += max(n, 1)
	}
	return -1
}

// TestMarkdown_short keeps a comment below what GitHub takes, whatever the plan
// is, and leaves out what is least dangerous.
func TestMarkdown_short(t *testing.T) {
	t.Parallel()
	const limit = 65536
	big := func(n int, sql string) string {
		var changes []string
		for i := range n {
			changes = append(changes, fmt.Sprintf(`{"address":"landlord_tenant.t[%d]","mode":"managed","type":"landlord_tenant","change":{"actions":["update"],"before":{"slug":"t%d","applied_template":"a@1"},`+
				`"after":{"slug":"t%d","template":"a@%d","migration":[%s]}}}`, i, i, i, i, sql))
		}
		changes = append(changes, `{"address":"landlord_tenant.gone","mode":"managed","type":"landlord_tenant","change":{"actions":["delete"],"before":{"slug":"gone","database_name":"tenant_gone","deletion_policy":"drop"},"after":null}}`)
		return `{"format_version":"1.2","planned_values":{},"resource_changes":[` + strings.Join(changes, ",") + `]}`
	}
	line := `"ALTER TABLE x ADD COLUMN y INT` + strings.Repeat(" ", 10) + strings.Repeat("`a`", 400) + `"`
	for what, text := range map[string]string{
		"many tenants": big(3000, `"ALTER TABLE x ADD y INT"`), "long SQL": big(60, line), "many statements": big(3, strings.TrimSuffix(strings.Repeat(line+",", 500), ",")),
		"one text": big(1, `"`+strings.Repeat("x", 1<<20)+`"`),
	} {
		got := previewOf(t, text).Markdown()
		if len(got) >= limit {
			t.Errorf("%s: the comment has %d bytes", what, len(got))
		}
		if !strings.Contains(got, "`landlord_tenant.gone` is destroyed") {
			t.Errorf("%s: the tenant that goes is left out: %s", what, got[:2000])
		}
		if what == "many tenants" && !strings.Contains(got, "**Left out here, what is most dangerous first** (`--format json` has all):\n\n- Tenants: ") {
			t.Errorf("%s: nothing says what is left out: %s", what, got[len(got)-500:])
		}
	}
}

// TestStatement takes risks from what a statement looks like.
func TestStatement(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"DROP TABLE a -- destructive, not reversible: Goes: table `a`": "DROP TABLE a|destructive, not reversible: Goes: table `a`|true",
		"INSERT INTO a VALUES (' -- harmless')":                        "INSERT INTO a VALUES (' -- harmless')||false",
		"INSERT INTO a VALUES ('x') -- it stays":                       "INSERT INTO a VALUES ('x')|it stays|false",
		"DROP VIEW `x -- it` -- destructive":                           "DROP VIEW `x -- it`|destructive|true",
		"ALTER TABLE a ADD b INT /* it's -- */ -- algorithm copy":      "ALTER TABLE a ADD b INT /* it's -- */|algorithm copy|false",
		"ALTER TABLE a DROP b -- algorithm copy, destructive":          "ALTER TABLE a DROP b|algorithm copy, destructive|true",
	} {
		raw, _ := json.Marshal(line)
		report := previewOf(t, `{"format_version":"1.0","planned_values":{},"resource_changes":[{"address":"landlord_tenant.a","type":"landlord_tenant","change":{"actions":["update"],"before":{"slug":"a"},"after":{"slug":"a","migration":[`+string(raw)+`]}}}]}`)
		s := report.Classes[0].Statements[0]
		if got := fmt.Sprintf("%s|%s|%t", s.SQL, s.Risk, s.Destructive); got != want {
			t.Errorf("%s: %s, not %s", line, got, want)
		}
	}
}

// FuzzRead hands over any JSON: nothing panics, and a comment is always short.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"create", "update", "conflict", "fleet", "destroy", "drift"} {
		raw, err := os.ReadFile(filepath.Join("testdata/plans", name+".json"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte(`{"format_version":"1.0","planned_values":1,"resource_changes":[{"type":"landlord_tenant","change":{"actions":["delete","create",1],"after":{"migration":{"a":1},"findings":[1,null]},"after_unknown":[true],"after_sensitive":[{}]}},{"type":"landlord_tenant_fleet","change":{"actions":["update"],"before":{"tenants":"[]"},"after":{"tenants":"{","plans":[{"tenants":-1,"slugs":1}],"rollout":{"waves":[1]}}}}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		report, err := preview.Read(strings.NewReader(string(raw)), preview.Options{})
		if err != nil {
			return
		}
		if got := report.Markdown(); len(got) >= 65536 {
			t.Errorf("the comment has %d bytes", len(got))
		}
		_ = all(t, report)
	})
}
