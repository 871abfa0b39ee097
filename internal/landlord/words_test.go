package landlord_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// TestDatabaseName asks for the database of a slug, at each limit.
func TestDatabaseName(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 57) // with `tenant_` 64 characters
	cases := map[string]struct{ prefix, slug, name, fault string }{
		"plain":                 {"tenant_", "acme", "tenant_acme", ""},
		"hyphens":               {"tenant_", "a-b_c-1", "tenant_a_b_c_1", ""},
		"one letter":            {"tenant_", "a", "tenant_a", ""},
		"without a prefix":      {"", strings.Repeat("a", 64), strings.Repeat("a", 64), ""},
		"as long as may be":     {"tenant_", long, "tenant_" + long, ""},
		"one more":              {"tenant_", long + "a", "", "of 65 characters; servers allow 64."},
		"longer than a slug":    {"", strings.Repeat("a", 65), "", "of 65 characters; servers allow 64."},
		"empty":                 {"tenant_", "", "", "has to start with a lower-case letter"},
		"upper case":            {"tenant_", "Acme", "", "has to start with a lower-case letter"},
		"digit first":           {"tenant_", "1acme", "", "has to start with a lower-case letter"},
		"another alphabet":      {"tenant_", "açme", "", "has to start with a lower-case letter"},
		"line end":              {"tenant_", "acme\n", "", "has to start with a lower-case letter"},
		"backtick":              {"tenant_", "a`b", "", "has to start with a lower-case letter"},
		"reserved":              {"tenant_", "mysql", "", "is reserved"},
		"reserved with hyphen":  {"tenant_", "information-schema", "", "is reserved"},
		"begins like reserved":  {"tenant_", "mysql2", "tenant_mysql2", ""},
		"of templates":          {"tenant_", "template_shop", "", "begins like the databases `tenant_template_…`"},
		"of templates, hyphen":  {"tenant_", "template-shop", "", "begins like the databases `tenant_template_…`"},
		"begins like templates": {"tenant_", "templates", "tenant_templates", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := landlord.DatabaseName(c.prefix, c.slug)
			if got != c.name || (err == nil) != (c.fault == "") {
				t.Fatalf("got %q, %v", got, err)
			}
			var p *landlord.Problem
			if err != nil && (!errors.As(err, &p) || p.Field != landlord.FieldSlug || !strings.Contains(p.Detail[0], c.fault)) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestCheckDatabase says which databases may be adopted by their names, and why not.
func TestCheckDatabase(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Shop-1": "", "a`b; DROP ${x}": "", strings.Repeat("ä", 64): "",
		"":                      "The database name `` is empty or ends with a blank.",
		"a ":                    "The database name `a ` is empty or ends with a blank.",
		strings.Repeat("a", 65): "The database name `" + strings.Repeat("a", 65) + "` has 65 characters; servers allow 64.",
		"a\x00":                 "The database name `a\x00` holds a character that no server takes in a name.",
		"a😀":                    "The database name `a😀` holds a character that no server takes in a name.",
		"MySQL":                 "The database name `MySQL` belongs to the server itself.",
	} {
		err := landlord.CheckDatabase(name)
		var p *landlord.Problem
		switch errors.As(err, &p); {
		case want == "" && err != nil, want != "" && (p == nil || p.Field != landlord.FieldDatabaseName || p.Summary+"\n"+p.Text() != "Database cannot be adopted\n"+want+"\n\nCorrect `database_name`."):
			t.Errorf("%q: %v", name, err)
		}
	}
}

// TestTenantImport writes and reads the IDs of imports.
func TestTenantImport(t *testing.T) {
	t.Parallel()
	for _, c := range [][4]string{{"ann", "", "shop_a", "ann=shop_a"}, {"ann", "eu", "Shop=@A", "ann@eu=Shop=@A"}} {
		slug, server, database := landlord.ParseTenantImport(c[3])
		if got := landlord.TenantImport(c[0], c[1], c[2]); got != c[3] || slug != c[0] || server != c[1] || database != c[2] {
			t.Errorf("%q: %q, %q, %q, %q", c[3], got, slug, server, database)
		}
	}
	if slug, server, database := landlord.ParseTenantImport("ann"); slug != "ann" || server+database != "" {
		t.Errorf("%q, %q, %q", slug, server, database)
	}
}

// TestWords compares small texts.
func TestWords(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 499) + "ä tail"
	cases := map[string]struct{ got, want any }{
		"shorten, short":         {landlord.Shorten("  SELECT 1\n"), "SELECT 1"},
		"shorten, limit":         {landlord.Shorten(strings.Repeat("x", 500)), strings.Repeat("x", 500)},
		"shorten, inside a rune": {landlord.Shorten(long), strings.Repeat("x", 499) + " …"},
		"cut counts characters":  {landlord.Cut("äöü", 2), "äö"},
		"cut leaves":             {landlord.Cut("äö", 2), "äö"},
		"quoted":                 {landlord.Quoted([]string{"a", "b c"}), "`a`, `b c`"},
		"upper first":            {landlord.UpperFirst("column"), "Column"},
		"upper first, quoted":    {landlord.UpperFirst("`a`"), "`a`"},
		"upper first, umlaut":    {landlord.UpperFirst("ärger"), "ärger"},
		"upper first, empty":     {landlord.UpperFirst(""), ""},
		"sentence":               {landlord.Sentence("no such table"), "No such table."},
		"sentence, ended":        {landlord.Sentence("no such table."), "No such table."},
		"sentence, question":     {landlord.Sentence("is it `a`?"), "Is it `a`?"},
		"bulleted":               {landlord.Bulleted([]string{"a", "b"}), []string{"- a", "- b"}},
		"ascii":                  {landlord.IsASCII("a\x7f\x00"), true},
		"not ascii":              {landlord.IsASCII("aß"), false},
		"drop database":          {landlord.DropDatabase("a`b"), "DROP DATABASE IF EXISTS `a``b`"},
		"one":                    {landlord.Several(1, "row"), "1 row"},
		"none":                   {landlord.Several(int64(0), "row"), "0 rows"},
		"many":                   {landlord.Several(12, "row"), "12 rows"},
		"no placeholders":        {landlord.Placeholders(0, "?"), ""},
		"placeholders":           {landlord.Placeholders(3, "?"), "?,?,?"},
		"rows of placeholders":   {landlord.Placeholders(2, "(?,?)"), "(?,?),(?,?)"},
		"nullable":               {landlord.Nullable("a"), any("a")},
		"nullable, empty":        {landlord.Nullable(""), nil},
		"no time":                {landlord.NullableTime(time.Time{}), nil},
		"time in UTC": {landlord.NullableTime(time.Date(2026, 1, 2, 3, 0, 0, 0, time.FixedZone("", 3600))),
			any(time.Date(2026, 1, 2, 2, 0, 0, 0, time.UTC))},
		"moment":            {landlord.Moment(time.Date(2026, 1, 2, 3, 4, 5, 600, time.FixedZone("", -3600))), "2026-01-02T04:04:05.0000006Z"},
		"main server":       {landlord.ServerName(""), "the main server"},
		"server":            {landlord.ServerName("eu"), "server `eu`"},
		"approval, all":     {landlord.Approval{Digest: "sha256:1"}.ID(), "sha256:1"},
		"approval, one":     {landlord.Approval{Digest: "sha256:1", Tenant: "acme"}.ID(), "sha256:1/acme"},
		"checkpoint":        {(&landlord.Checkpoint{Tenant: "acme", Name: "c"}).ID(), "acme/c"},
		"inline template":   {landlord.TemplateSpec{}.SourceField(), landlord.FieldNone},
		"template of files": {landlord.TemplateSpec{Source: "shop"}.SourceField(), landlord.FieldSource},
		"statement": {(&landlord.StatementError{Statement: statementAt("core/a.sql", 7), Number: 2, Total: 9, Err: errors.New("no")}).Error(),
			"`core/a.sql` line 7, statement 2 of 9: no"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, c.got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func statementAt(file string, line int) template.Statement {
	st := template.Statement{File: file}
	st.Line = line
	return st
}

// TestJSON writes values for JSON columns and reads them back.
func TestJSON(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		value any
		want  any // nil: NULL
	}{
		"nothing":    {nil, nil},
		"nil map":    {map[string]string(nil), nil},
		"nil list":   {[]string(nil), nil},
		"empty list": {[]string{}, "[]"},
		"map":        {map[string]string{"b": "2", "a": "`<ä>`"}, `{"a":"` + "`\\u003cä\\u003e`" + `","b":"2"}`},
	} {
		got, err := landlord.ToJSON(c.value)
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v, -want +got:\n%s", name, err, diff)
		}
	}
	if _, err := landlord.ToJSON(func() {}); err == nil {
		t.Error("a function was written")
	}
	list := []string{"before"}
	if err := landlord.FromJSON("", &list); err != nil || !cmp.Equal(list, []string{"before"}) {
		t.Errorf("an empty column: %v, %v", list, err)
	}
	if err := landlord.FromJSON(`["a","b"]`, &list); err != nil || !cmp.Equal(list, []string{"a", "b"}) {
		t.Errorf("a list: %v, %v", list, err)
	}
	if err := landlord.FromJSON("[", &list); err == nil {
		t.Error("half a list was read")
	}
}

// TestProblem builds problems: the cause comes before what to do, and the
// problem that it is made from stays as it was.
func TestProblem(t *testing.T) {
	t.Parallel()
	cause := errors.New("access denied")
	for name, c := range map[string]struct {
		detail []string
		want   string
	}{
		"no paragraph": {nil, "Summary: Cause: access denied"},
		"one":          {[]string{"Do this."}, "Summary: Cause: access denied\n\nDo this."},
		"three":        {[]string{"Tried.", "On what.", "Do this."}, "Summary: Tried.\n\nOn what.\n\nCause: access denied\n\nDo this."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := landlord.NewProblem(landlord.FieldSlug, "Summary", c.detail...)
			before := p.Error()
			got := p.Because(cause)
			if got.Error() != c.want || got.Field != landlord.FieldSlug || !errors.Is(got, cause) {
				t.Errorf("got %q at %q", got, got.Field)
			}
			if p.Error() != before || errors.Is(p, cause) {
				t.Errorf("the former problem is %q", p)
			}
		})
	}
	if text := landlord.NewProblem("", "Summary").Error(); text != "Summary" {
		t.Errorf("without a detail: %q", text)
	}
	held := fmt.Errorf("locking: %w", &mysql.LockHeldError{Name: "landlord", Wait: 10 * time.Second})
	want := "Another run holds the lock: Updating has to wait for another run.\n\nThe lock `landlord` was not free within 10 seconds.\n\n" +
		"Wait until that run is over and apply again, or raise `lock_timeout` of the provider."
	if got := landlord.LockProblem(landlord.FieldSlug, "Updating", held); got.Error() != want || !errors.Is(got, held) {
		t.Errorf("a lock: %v", got)
	}
	if got := landlord.LockProblem(landlord.FieldSlug, "Updating", cause); got.Error() != "Updating: taking the lock: access denied" || !errors.Is(got, cause) {
		t.Errorf("no lock: %v", got)
	}
}

// TestDifferences names things and says in words how they differ.
func TestDifferences(t *testing.T) {
	t.Parallel()
	names := map[string]string{
		"table users": "table `users`", "table a b": "table `a b`", "package body p": "package body `p`", "procedure body p": "procedure `body p`",
		"package p": "package `p`", landlord.DatabaseObject: "database", "table ": "table",
	}
	for key, want := range names {
		if got := landlord.ObjectName(key); got != want {
			t.Errorf("%q: %q", key, got)
		}
	}
	if got := landlord.PlaceName(ddl.Place{Object: "table users", Element: "column `phone`"}); got != "column `phone` of table `users`" {
		t.Errorf("place: %q", got)
	}
	cases := map[string]struct {
		change diff.ElementChange
		want   landlord.Difference
	}{
		"object gone": {diff.ElementChange{Object: "view v", Kind: diff.ChangeMissing, Before: "CREATE VIEW"},
			landlord.Difference{Object: "view `v`", Kind: "missing", Detail: "recorded, but the server has it no longer", Expected: "CREATE VIEW", Key: "view v"}},
		"object more": {diff.ElementChange{Object: "view v", Kind: diff.ChangeExtra, After: "CREATE VIEW"},
			landlord.Difference{Object: "view `v`", Kind: "extra", Detail: "on the server, but never recorded", Actual: "CREATE VIEW", Key: "view v"}},
		"element more": {diff.ElementChange{Object: "table t", Element: "column `a`", Kind: diff.ChangeExtra, After: "`a`\n  int"},
			landlord.Difference{Object: "table `t`", Element: "column `a`", Kind: "extra", Detail: "on the server, but never recorded: (`a` int)", Actual: "`a`\n  int", Key: "table t"}},
		"object changed": {diff.ElementChange{Object: "view v", Kind: diff.ChangeDiffers, Before: "a", After: "b"},
			landlord.Difference{Object: "view `v`", Kind: "changed", Detail: "differs from what was recorded", Expected: "a", Actual: "b", Key: "view v"}},
		"element changed": {diff.ElementChange{Object: "table t", Element: "column `a`", Kind: diff.ChangeDiffers, Before: "`a` int", After: strings.Repeat("ä", 130)},
			landlord.Difference{Object: "table `t`", Element: "column `a`", Kind: "changed", Detail: "recorded as (`a` int), now (" + strings.Repeat("ä", 120) + " …)",
				Expected: "`a` int", Actual: strings.Repeat("ä", 130), Key: "table t"}},
		"database changed": {diff.ElementChange{Object: "database", Kind: diff.ChangeDiffers, Before: "latin1", After: "utf8mb4"},
			landlord.Difference{Object: "database", Kind: "changed", Detail: "recorded as (latin1), now (utf8mb4)", Expected: "latin1", Actual: "utf8mb4", Key: "database"}},
		"order without texts": {diff.ElementChange{Object: "table t", Element: diff.ElementOrder, Kind: diff.ChangeDiffers},
			landlord.Difference{Object: "table `t`", Element: diff.ElementOrder, Kind: "changed", Detail: "the columns stand in another order", Key: "table t"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, landlord.DescribeChange(c.change)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestListDifferences compares fingerprints, and cuts a long list.
func TestListDifferences(t *testing.T) {
	t.Parallel()
	list := landlord.Differences(map[string]string{"table a": "1", "table b": "1", "view c": "1"}, map[string]string{"table b": "2", "view c": "1", "event d": "1"})
	if got := landlord.ListDifferences(list); got != "event `d`: extra\ntable `a`: missing\ntable `b`: changed" {
		t.Errorf("got:\n%s", got)
	}
	if got := landlord.Differences(nil, nil); got == nil || len(got) > 0 {
		t.Errorf("of nothing: %#v", got)
	}
	ten := make([]landlord.Difference, 10)
	for i := range ten {
		ten[i] = landlord.Difference{Object: "table `t`", Element: "column `c`", Kind: landlord.DifferenceExtra}
	}
	lines := strings.Repeat("table `t`, column `c`: extra\n", 10)
	if got := landlord.ListDifferences(ten); got != strings.TrimSpace(lines) {
		t.Errorf("ten:\n%s", got)
	}
	if got := landlord.ListDifferences(slices.Concat(ten, ten[:2])); got != lines+"… and 2 more" {
		t.Errorf("twelve:\n%s", got)
	}
}

// TestConfig_defaults sees that every default is put in, and that nothing else
// is touched.
func TestConfig_defaults(t *testing.T) {
	t.Parallel()
	c := landlord.Config{}.WithDefaults()
	got := []any{c.Database, c.Prefix, c.Rendering, c.LockTimeout, c.CheckpointDirectory, c.Author}
	if diff := cmp.Diff([]any{"landlord", "tenant_", landlord.RenderingServer, 10 * time.Second, "", ""}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if c.Now == nil || c.Log == nil || c.Progress == nil {
		t.Fatal("a function is missing")
	}
	c.Progress.Report(t.Context(), landlord.Event{What: "nobody listens"})

	var lines []any
	own := landlord.Config{Database: "d", Prefix: "p_", Rendering: landlord.RenderingParser, LockTimeout: 1,
		Log: func(_ context.Context, message string, fields map[string]any) { lines = append(lines, message, fields) }}.WithDefaults()
	if diff := cmp.Diff([]any{"d", "p_", landlord.RenderingParser, time.Duration(1)}, []any{own.Database, own.Prefix, own.Rendering, own.LockTimeout}); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	own.Progress.Report(t.Context(), landlord.Event{Tenant: "acme", What: "Taking", Step: 1, Rows: 7, TotalBytes: 9})
	want := []any{"Taking", map[string]any{"tenant": "acme", "step": int64(1), "rows": int64(7), "of_about": int64(9)}}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("what is logged, -want +got:\n%s", diff)
	}
}

// TestDigest sees that lists of texts do not collide.
func TestDigest(t *testing.T) {
	t.Parallel()
	seen := map[string][]string{}
	for _, parts := range [][]string{nil, {""}, {"", ""}, {"ab"}, {"a", "b"}, {"a1:b"}, {"b", "a"}, {"1:a"}, {"a\x00b"}} {
		sum := landlord.Digest(parts...)
		if other, ok := seen[sum]; ok || !strings.HasPrefix(sum, "sha256:") || len(sum) != 71 {
			t.Errorf("%q and %q: %s", parts, other, sum)
		}
		seen[sum] = parts
	}
	// The landlord database keeps digests: another way to compute them would forget approvals.
	if got := landlord.Digest("a", "b"); got != "sha256:facdde7abf1eac5b301273ab2e282f79bab0100f058833a7b8bdf9f80741e149" {
		t.Errorf("got %s", got)
	}
}

// TestCheckRewrites refuses decisions that change what they are not about.
func TestCheckRewrites(t *testing.T) {
	t.Parallel()
	rewrites := []merge.Rewrite{{Place: ddl.Place{Object: "table users", Element: "column `phone`"}}}
	own := []diff.ElementChange{{Object: "table users", Element: "column `phone`"}, {Object: "table users", Element: "key `k`"}}
	if err := landlord.CheckRewrites(rewrites, own); err != nil {
		t.Errorf("its own: %v", err)
	}
	want := "Resolution changes another object: The decisions on `table users column phone` also change `table a`, `view v`.\n\n" +
		"What a tenant has in addition is a `landlord_tenant_customization`. Let `sql` change nothing but the object of its key."
	err := landlord.CheckRewrites(rewrites, append(own, diff.ElementChange{Object: "table a"}, diff.ElementChange{Object: "view v"}, diff.ElementChange{Object: "table a", Element: "key `x`"}))
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}
