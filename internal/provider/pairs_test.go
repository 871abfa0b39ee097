package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// A pair is two plans that are made of the same moment, and applied one after
// the other: what happens when two people, or two pipelines, apply at once.
type pair struct {
	name string
	base string // what both begin with; empty: nothing is there, as after a lost state
	a, b string // what one and the other plan
	with func(t *testing.T, s *mysqltest.Server)
	// refused says that the older plan must not be applied: what it would do
	// differs from what it showed. Else it may end either way.
	refused bool
	blocked bool // the newer plan says itself that it cannot be applied
}

// blames are words with which Terraform says that a provider broke its rules.
var blames = []string{"produced inconsistent", "Provider produced", "bug in the provider", "produced an invalid", "Provider returned invalid"}

// copyOf makes a second working directory with the same state, as a colleague
// has it.
func (c *cli) copyOf() *cli {
	c.t.Helper()
	other := *c
	other.directory = c.t.TempDir()
	must(c.t, os.CopyFS(other.directory, os.DirFS(c.directory)))
	return &other
}

// ownSummaries are the summaries of every error that the provider has words for.
func ownSummaries(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "design", "diagnostics.md"))
	must(t, err)
	var out []string
	for _, m := range regexp.MustCompile(`(?m)^\| ([^|]+) \| error`).FindAllStringSubmatch(string(text), -1) {
		out = append(out, m[1])
	}
	if len(out) < 100 {
		t.Fatalf("only %d summaries were found", len(out))
	}
	return out
}

// checkWords fails when a command was ended by other words than the provider's.
func checkWords(t *testing.T, own []string, what, out string, code int) {
	t.Helper()
	for _, blame := range blames {
		if strings.Contains(out, blame) {
			t.Errorf("%s blames the provider: %s", what, out)
			return
		}
	}
	found := regexp.MustCompile(`(?m)^.*Error: (.+)$`).FindAllStringSubmatch(out, -1)
	if code != 0 && len(found) == 0 {
		t.Errorf("%s ends with %d and no error: %s", what, code, out)
	}
	for _, m := range found {
		if !slices.Contains(own, m[1]) {
			t.Errorf("%s ends with words that are not ours, %q: %s", what, m[1], out)
		}
	}
}

// runPair plans twice, applies the second plan and then the first one, and looks
// at the words and at where it ends: the one who was refused plans again, and
// after that apply there is nothing left to do.
func runPair(t *testing.T, s *mysqltest.Server, p *pair) {
	t.Helper()
	own := ownSummaries(t)
	settings := fmt.Sprintf("provider \"landlord\" {\n  checkpoint_directory = %q\n}\n", t.TempDir())
	first := newCLI(t, s)
	first.write(settings + p.base)
	first.run("init")
	if p.base != "" {
		first.run("apply", "-auto-approve")
	}
	second := first.copyOf()
	first.write(settings + p.a)
	second.write(settings + p.b)
	first.run("plan", "-out", "plan.tfplan")
	if p.with != nil {
		p.with(t, s)
	}
	second.run("plan", "-out", "plan.tfplan")
	out, code := second.try("apply", "plan.tfplan")
	checkWords(t, own, "the newer plan", out, code)
	if (code != 0) != p.blocked {
		t.Errorf("the newer plan cannot be applied: %s", out)
	}
	out, code = first.try("apply", "plan.tfplan")
	checkWords(t, own, "the older plan", out, code)
	if p.refused && code == 0 {
		t.Errorf("the older plan was applied: %s", out)
	}
	t.Logf("%s: the older plan ends with %d: %v", p.name, code, regexp.MustCompile(`(?m)^.*(?:Error|Warning): .+$`).FindAllString(out, -1))
	out, code = first.try("apply", "-auto-approve")
	checkWords(t, own, "the next apply", out, code)
}

// runPairs runs the pairs of one resource, each in databases of its own.
func runPairs(t *testing.T, pairs []pair) {
	t.Helper()
	for _, p := range pairs {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			runPair(t, mysqltest.One(t), &p)
		})
	}
}

// shopOf is the template of the tests at a version, with more columns.
func shopOf(version, columns string) string {
	return strings.NewReplacer(`"1.0.0"`, fmt.Sprintf("%q", version), "email VARCHAR(190) NOT NULL", "email VARCHAR(190) NOT NULL"+columns).Replace(shopConfig)
}

func TestAccPairs_template(t *testing.T) {
	t.Parallel()
	runPairs(t, []pair{
		{name: "both publish the same", a: shopConfig, b: shopConfig},
		{name: "both publish one version differently", a: shopConfig, b: shopOf("1.0.0", ", b INT"), refused: true},
		{name: "both go on to the same version", base: shopConfig, a: shopOf("1.1.0", ", b INT"), b: shopOf("1.1.0", ", b INT")},
		{name: "both go on to one version differently", base: shopConfig, a: shopOf("1.1.0", ", a INT"), b: shopOf("1.1.0", ", b INT"), refused: true},
		{name: "to different versions", base: shopConfig, a: shopOf("1.1.0", ", a INT"), b: shopOf("1.2.0", ", b INT")},
		{name: "one destroys it", base: shopConfig, a: shopOf("1.1.0", ", a INT"), b: ""},
		{name: "one destroys what the other uses", base: shopConfig, a: shopConfig + acmeConfig(`name = "A"`), b: "", refused: true},
		{name: "both destroy it", base: shopConfig, a: "", b: ""},
	})
}

func TestAccPairs_tenant(t *testing.T) {
	t.Parallel()
	plain, named := shopConfig+acmeConfig(`name = "A"`), shopConfig+acmeConfig(`name = "B"`)
	wider := func(attributes string) string {
		return shopOf("1.1.0", ", phone VARCHAR(40) NULL") + acmeConfig(attributes)
	}
	strict := func(n int) string {
		return strings.ReplaceAll(shopOf("1.1.0", ""), "VARCHAR(190)", fmt.Sprintf("VARCHAR(%d)", n)) + acmeConfig(`name = "A"`)
	}
	rows := func(statement string) func(t *testing.T, s *mysqltest.Server) {
		return func(t *testing.T, s *mysqltest.Server) {
			t.Helper()
			execIn(t, s, "acme", statement)
		}
	}
	runPairs(t, []pair{
		{name: "both make it", a: plain, b: plain},
		{name: "both make it under other names", a: plain, b: named, refused: true},
		{name: "both make it of a template that is there", base: shopConfig, a: plain, b: plain},
		{name: "made otherwise", base: shopConfig, a: plain, b: shopConfig + acmeConfig("name = \"A\"\nmetadata = { a = \"b\" }"), refused: true},
		{name: "both rename it", base: plain, a: named, b: shopConfig + acmeConfig(`name = "C"`)},
		{name: "both migrate it", base: plain, a: wider(`name = "A"`), b: wider(`name = "A"`)},
		{name: "to different versions", base: plain, a: wider(`name = "A"`), b: shopOf("1.2.0", ", b INT") + acmeConfig(`name = "A"`), refused: true},
		{name: "a rename against a migration", base: plain, a: named, b: wider(`name = "A"`)},
		{name: "a migration against a rename", base: plain, a: wider(`name = "A"`), b: named},
		{name: "a migration against a destroy", base: plain, a: wider(`name = "A"`), b: shopConfig, refused: true},
		{name: "a destroy against a migration", base: plain, a: shopConfig, b: wider(`name = "A"`)},
		{name: "both destroy it", base: plain, a: shopConfig, b: shopConfig},
		{name: "a suspension against a migration", base: plain, a: shopConfig + acmeConfig("name = \"A\"\nstatus = \"suspended\""), b: wider(`name = "A"`)},
		{name: "rows that forbid it come", base: plain, a: strict(20), b: strict(20), blocked: true,
			with: rows("INSERT INTO users (id, email) VALUES (2, 'a.very.long.address@of.some.example.org')")},
		{name: "a review against the same", base: plain, a: wider("name = \"A\"\nupdate_policy = \"review\""), b: wider("name = \"A\"\nupdate_policy = \"review\"")},
		{name: "a hold against a migration", base: plain, a: wider("name = \"A\"\nupdate_policy = \"hold\""), b: wider(`name = "A"`)},
		{name: "a replacement against a migration", base: plain, a: strings.ReplaceAll(plain, `"acme"`, `"beta"`), b: wider(`name = "A"`)},
	})
}

func TestAccPairs_fleet(t *testing.T) {
	t.Parallel()
	const drops = "  deletion_policy = \"drop\"\n  allow_destructive = true\n"
	const more = "\n    \"002_more.sql\" = \"ALTER TABLE people ADD COLUMN phone VARCHAR(40) NULL\""
	two, three := fleetConfig("1.0.0", "", 2, drops), fleetConfig("1.0.0", "", 3, drops)
	wider := fleetConfig("1.1.0", more, 2, drops)
	runPairs(t, []pair{
		{name: "both make it", a: two, b: two},
		{name: "made of other tenants", a: two, b: three},
		{name: "both make it larger", base: two, a: three, b: three},
		{name: "larger against smaller", base: two, a: three, b: fleetConfig("1.0.0", "", 1, drops)},
		{name: "both migrate it", base: two, a: wider, b: wider},
		{name: "larger against a migration", base: two, a: three, b: wider},
		{name: "a migration against larger", base: two, a: wider, b: three},
		{name: "to different versions", base: two, a: wider, b: fleetConfig("1.2.0", more, 2, drops)},
		{name: "a migration against a destroy", base: two, a: wider, b: linesTemplate("1.0.0", "")},
		{name: "both destroy it", base: two, a: linesTemplate("1.0.0", ""), b: linesTemplate("1.0.0", "")},
	})
}

// notesConfig is a customization of the tenant of the tests.
func notesConfig(table, reason string) string {
	return fmt.Sprintf(`
resource "landlord_tenant_customization" "notes" {
  tenant            = landlord_tenant.acme.slug
  name              = "notes"
  reason            = %q
  allow_destructive = true
  tables            = { (%q) = "CREATE TABLE %s (id INT NOT NULL PRIMARY KEY)" }
}
`, reason, table, table)
}

func TestAccPairs_customization(t *testing.T) {
	t.Parallel()
	base := shopConfig + acmeConfig(`name = "A"`)
	one, other := base+notesConfig("x_notes", "a"), base+notesConfig("x_other", "a")
	migrated := shopOf("1.1.0", ", phone VARCHAR(40) NULL") + acmeConfig(`name = "A"`)
	runPairs(t, []pair{
		{name: "both make it", base: base, a: one, b: one},
		{name: "both make all", a: one, b: one},
		{name: "made otherwise", base: base, a: one, b: other, refused: true},
		{name: "both change it", base: one, a: other, b: other},
		{name: "changed otherwise", base: one, a: other, b: base + notesConfig("x_third", "a"), refused: true},
		{name: "another reason", base: one, a: base + notesConfig("x_notes", "b"), b: base + notesConfig("x_notes", "c")},
		{name: "a change against its end", base: one, a: other, b: base, refused: true},
		{name: "both end it", base: one, a: base, b: base},
		{name: "made while the tenant migrates", base: base, a: one, b: migrated},
		{name: "a migration while it is made", base: base, a: migrated, b: one},
		{name: "a migration of both", base: one, a: migrated + notesConfig("x_notes", "a"), b: migrated + notesConfig("x_notes", "a")},
	})
}

func TestAccPairs_account(t *testing.T) {
	t.Parallel()
	base := shopConfig + acmeConfig(`name = "A"`)
	const app = "role = \"application\""
	with := func(attributes string) string {
		return base + "resource \"landlord_tenant_account\" \"app\" {\n  tenant = landlord_tenant.acme.slug\n  password_wo = \"Secret-of-the-test-1\"\n  password_wo_version = 1\n" + attributes + "\n}\n"
	}
	runPairs(t, []pair{
		{name: "both make it", base: base, a: with(app), b: with(app)},
		{name: "made otherwise", base: base, a: with(app), b: with("role = \"read_only\"")},
		{name: "made with another limit", base: base, a: with(app), b: with(app + "\nmax_user_connections = 3"), refused: true},
		{name: "both change it", base: with(app), a: with("role = \"read_only\""), b: with("role = \"read_only\"")},
		{name: "changed otherwise", base: with(app), a: with("role = \"read_only\""), b: with(app + "\nmax_user_connections = 3")},
		{name: "a change against its end", base: with(app), a: with("role = \"read_only\""), b: base},
		{name: "both end it", base: with(app), a: base, b: base},
		{name: "made while the tenant goes", base: base, a: with(app), b: shopConfig, refused: true},
	})
}

// copiedConfig is a checkpoint of the tenant of the tests.
func copiedConfig(keepers string) string {
	return fmt.Sprintf(`
resource "landlord_tenant_checkpoint" "before" {
  tenant  = landlord_tenant.acme.slug
  name    = "before"
  keepers = { at = %q }
}
`, keepers)
}

func TestAccPairs_checkpoint(t *testing.T) {
	t.Parallel()
	base := shopConfig + acmeConfig("name = \"A\"\nautomatic_checkpoint = \"none\"")
	runPairs(t, []pair{
		{name: "both take it", base: base, a: base + copiedConfig("1"), b: base + copiedConfig("1")},
		{name: "taken otherwise", base: base, a: base + copiedConfig("1"), b: base + copiedConfig("2")},
		{name: "both take it anew", base: base + copiedConfig("1"), a: base + copiedConfig("2"), b: base + copiedConfig("2")},
		{name: "anew against its end", base: base + copiedConfig("1"), a: base + copiedConfig("2"), b: base},
		{name: "both end it", base: base + copiedConfig("1"), a: base, b: base},
		{name: "taken while the tenant goes", base: base, a: base + copiedConfig("1"), b: shopConfig, refused: true},
	})
}

func TestAccPairs_restore(t *testing.T) {
	t.Parallel()
	base := shopConfig + acmeConfig("name = \"A\"\nautomatic_checkpoint = \"none\"") + copiedConfig("1")
	restore := func(mode, keepers string) string {
		return base + fmt.Sprintf(`
resource "landlord_tenant_restore" "acme" {
  tenant            = landlord_tenant.acme.slug
  checkpoint        = landlord_tenant_checkpoint.before.id
  mode              = %q
  keepers           = { at = %q }
  allow_destructive = true
}
`, mode, keepers)
	}
	migrated := strings.Replace(base, shopConfig, shopOf("1.1.0", ", phone VARCHAR(40) NULL"), 1)
	runPairs(t, []pair{
		{name: "both beside", base: base, a: restore("side_by_side", "1"), b: restore("side_by_side", "1")},
		{name: "both in place", base: base, a: restore("in_place", "1"), b: restore("in_place", "1")},
		{name: "both in place for other reasons", base: base, a: restore("in_place", "1"), b: restore("in_place", "2")},
		{name: "beside against in place", base: base, a: restore("side_by_side", "1"), b: restore("in_place", "1")},
		{name: "in place against beside", base: base, a: restore("in_place", "1"), b: restore("side_by_side", "1")},
		{name: "in place against a migration", base: base, a: restore("in_place", "1"), b: migrated, refused: true},
		{name: "a migration against in place", base: base, a: migrated, b: restore("in_place", "1")},
		{name: "again by both", base: restore("in_place", "1"), a: restore("in_place", "2"), b: restore("in_place", "2")},
		{name: "both end it", base: restore("side_by_side", "1"), a: base, b: base},
		{name: "in place without its checkpoint", base: base, a: restore("in_place", "1"), b: shopConfig + acmeConfig("name = \"A\"\nautomatic_checkpoint = \"none\""), refused: true},
	})
}

func TestAccPairs_dataCopy(t *testing.T) {
	t.Parallel()
	base := shopConfig + acmeConfig(`name = "A"`) + strings.ReplaceAll(acmeConfig(`name = "B"`), "acme", "beta")
	rows := func(conflict, keepers string) string {
		return base + fmt.Sprintf(`
resource "landlord_tenant_data_copy" "users" {
  source      = landlord_tenant.acme.slug
  target      = landlord_tenant.beta.slug
  tables      = ["users"]
  on_conflict = %q
  keepers     = { at = %q }
}
`, conflict, keepers)
	}
	runPairs(t, []pair{
		{name: "both copy", base: base, a: rows("skip", "1"), b: rows("skip", "1")},
		{name: "copied otherwise", base: base, a: rows("skip", "1"), b: rows("replace", "1")},
		{name: "again by both", base: rows("skip", "1"), a: rows("skip", "2"), b: rows("skip", "2")},
		{name: "again against its end", base: rows("skip", "1"), a: rows("skip", "2"), b: base},
		{name: "both end it", base: rows("skip", "1"), a: base, b: base},
		{name: "copied while the target goes", base: base, a: rows("skip", "1"), b: shopConfig + acmeConfig(`name = "A"`), refused: true},
	})
}

func TestAccPairs_approval(t *testing.T) {
	t.Parallel()
	approval := func(by, note string) string {
		return fmt.Sprintf("resource \"landlord_migration_approval\" \"all\" {\n  digest = %q\n  approved_by = %q\n  note = %q\n}\n", "sha256:"+strings.Repeat("0a", 32), by, note)
	}
	runPairs(t, []pair{
		{name: "both approve", a: approval("a", "x"), b: approval("a", "x")},
		{name: "others approve", a: approval("a", "x"), b: approval("b", "x")},
		{name: "both change it", base: approval("a", "x"), a: approval("a", "y"), b: approval("a", "z")},
		{name: "a change against a withdrawal", base: approval("a", "x"), a: approval("a", "y"), b: ""},
		{name: "both withdraw", base: approval("a", "x"), a: "", b: ""},
	})
}
