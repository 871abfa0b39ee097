package provider_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/preview"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// previewPlans is where the plans lie of which `preview` has golden files.
const previewPlans = "../preview/testdata/plans"

// showJSON returns a saved plan as JSON, as a pipeline hands it to `preview`.
func (c *cli) showJSON(plan string) []byte {
	c.t.Helper()
	command := c.command("show", "-json", plan)
	command.Args = slices.DeleteFunc(command.Args, func(a string) bool { return a == "-no-color" })
	out, err := command.Output()
	must(c.t, err)
	return out
}

// What differs from run to run in a plan.
var (
	planTimes   = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`)
	planDigests = regexp.MustCompile(`sha256:[0-9a-f]{64}|\b[0-9a-f]{64}\b`)
)

// settledPlan returns a plan without what differs from run to run and from machine to machine: names
// of databases, times, fingerprints, the endpoint. Digests are counted, so that equal ones stay equal.
func settledPlan(t *testing.T, raw []byte, c *cli, s *mysqltest.Server) []byte {
	t.Helper()
	text := strings.NewReplacer(s.Prefix, "tenant_", s.LandlordDatabase, "landlord", c.directory, "/project", s.Endpoint(), "127.0.0.1:3306").Replace(string(raw))
	text = planTimes.ReplaceAllString(text, "2026-01-02T03:04:05Z")
	known := map[string]int{}
	text = planDigests.ReplaceAllStringFunc(text, func(digest string) string {
		if _, ok := known[digest]; !ok {
			known[digest] = len(known) + 1
		}
		prefix := ""
		if strings.HasPrefix(digest, "sha256:") {
			prefix = "sha256:"
		}
		return fmt.Sprintf("%s%064x", prefix, known[digest])
	})
	var out bytes.Buffer
	must(t, json.Indent(&out, []byte(text), "", " "))
	out.WriteByte('\n')
	return out.Bytes()
}

// previewed are the plans, by the name of their file.
var previewed = map[string]func(t *testing.T, c *cli, s *mysqltest.Server){
	"create":   planOfQuickstart,
	"update":   planOfUpdate,
	"conflict": planOfConflict,
	"fleet":    planOfFleet,
	"destroy":  planOfDestroy,
	"drift":    planOfDrift,
}

// TestAccCLI_previewPlans makes the plans of the golden files anew. LANDLORD_TEST_PLANS=write
// writes them; else the preview of what Terraform says now has to tell what that of the file tells,
// but for the spelling of SQL, which is the server's.
func TestAccCLI_previewPlans(t *testing.T) {
	t.Parallel()
	for name, plan := range previewed {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mysqltest.One(t)
			c := newCLI(t, s)
			plan(t, c, s)
			now := settledPlan(t, c.showJSON("plan.tfplan"), c, s)
			file := filepath.Join(previewPlans, name+".json")
			if os.Getenv("LANDLORD_TEST_PLANS") == "write" {
				must(t, os.MkdirAll(previewPlans, 0o755))
				must(t, os.WriteFile(file, now, 0o644))
			}
			kept, err := os.ReadFile(file)
			must(t, err)
			if diff := gocmp.Diff(previewShape(t, kept), previewShape(t, now)); diff != "" {
				t.Errorf("the preview tells something else than that of %s (-file +now):\n%s", file, diff)
			}
			if bytes.Contains(c.preview("plan.tfplan"), []byte("planted-secret")) {
				t.Error("the preview has a secret")
			}
		})
	}
}

// previewShape is what a preview tells, without SQL.
func previewShape(t *testing.T, plan []byte) map[string]any {
	t.Helper()
	report, err := preview.Read(bytes.NewReader(plan), preview.Options{})
	must(t, err)
	var dangers, classes, conflicts []string
	for _, d := range report.Dangers {
		dangers = append(dangers, fmt.Sprintf("%s %s %d", d.Kind, d.Address, d.Tenants))
	}
	all := report.Classes
	for i := range report.Fleets {
		all = append(all, report.Fleets[i].Classes...)
	}
	for i := range all {
		classes = append(classes, fmt.Sprintf("%s %s %d %v %s %s", all[i].Action, all[i].Wave, all[i].Tenants, all[i].Slugs, all[i].From, all[i].To))
	}
	for _, c := range report.Conflicts {
		conflicts = append(conflicts, fmt.Sprintf("%s %s %t", c.Key, c.Slugs, c.Known))
	}
	slices.Sort(classes)
	return map[string]any{
		"dangers": dangers, "classes": classes, "conflicts": conflicts, "summary": report.Summary, "losses": len(report.Losses), "approvals": len(report.Approvals),
		"drift": len(report.Drift), "others": len(report.Others), "outside": report.Outside, "unknown": report.Unknown,
	}
}

// preview runs the program as a pipeline does, and returns what it printed.
func (c *cli) preview(plan string) []byte {
	c.t.Helper()
	root, err := mirror()
	must(c.t, err)
	command := exec.CommandContext(c.t.Context(), filepath.Join(root, "terraform-provider-landlord_v"+binaryVersion), "preview", "-")
	command.Stdin = bytes.NewReader(c.showJSON(plan))
	out, err := command.Output()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 2) {
		c.t.Fatalf("preview: %v", err)
	}
	return out
}

func planOfQuickstart(_ *testing.T, c *cli, s *mysqltest.Server) {
	c.example("quickstart", s)
	c.run("init")
	c.run("plan", "-out=plan.tfplan")
}

// planOfUpdate updates tenants with rows, in a module, and drops a column. A
// contact is a secret.
func planOfUpdate(t *testing.T, c *cli, s *mysqltest.Server) {
	t.Helper()
	c.example("evolution", s)
	file := filepath.Join(c.directory, "main.tf")
	text, err := os.ReadFile(file)
	must(t, err)
	must(t, os.WriteFile(file, []byte(strings.Replace(string(text), "  name     = each.value\n", "  name     = each.value\n  metadata = { contact = sensitive(\"planted-secret-of-${each.key}\") }\n", 1)), 0o600))
	c.run("init")
	c.run("apply", "-auto-approve")
	execIn(t, s, "north", "INSERT INTO people (full_name, fax) VALUES ('Ann', '1')")
	c.run("plan", "-out=plan.tfplan", "-var", "release=2.0.0")
}

func planOfConflict(_ *testing.T, c *cli, s *mysqltest.Server) {
	c.example("conflict", s)
	c.run("init")
	c.run("apply", "-auto-approve")
	c.run("plan", "-out=plan.tfplan", "-var", "release=2.0.0")
}

// planOfFleet makes a fleet's first two waves, a tenant that comes, one that stays
// and one whose approval is missing.
func planOfFleet(t *testing.T, c *cli, s *mysqltest.Server) {
	t.Helper()
	c.write(fleetConfig("1.0.0", "", 24, ""))
	c.run("init")
	c.run("apply", "-auto-approve")
	execIn(t, s, "shop_001", "ALTER TABLE people ADD COLUMN phone INT NULL")
	more := `,
    "002_more.sql" = "ALTER TABLE people ADD COLUMN phone VARCHAR(40) NULL; CREATE TABLE notes (id INT NOT NULL PRIMARY KEY)"`
	c.write(fleetConfig("1.1.0", more, 25, "  rollout = { canary = [\"shop-000\", \"shop-001\"], waves = [\"25%\"], through = \"25%\", max_failures = 1 }"))
	c.run("plan", "-out=plan.tfplan")
}

// planOfDestroy drops one tenant, replaces another, archives a third, and lets go
// of what belongs to them.
func planOfDestroy(t *testing.T, c *cli, s *mysqltest.Server) {
	t.Helper()
	tenant := func(label, slug, attributes string) string {
		return fmt.Sprintf("\nresource \"landlord_tenant\" %q {\n  slug     = %q\n  name     = %q\n  template = landlord_tenant_template.shop.id\n%s\n}\n", label, slug, slug, attributes)
	}
	drop := "  deletion_policy = \"drop\"\n  allow_destructive = true"
	kept := `
resource "landlord_tenant_checkpoint" "before" {
  tenant   = landlord_tenant.kept.slug
  name     = "before"
  contents = "schema"
}

resource "landlord_tenant_account" "app" {
  tenant      = landlord_tenant.kept.slug
  name        = "app"
  role        = "application"
  password_wo = "planted-secret-password"

  password_wo_version = 1
}
`
	c.write(shopConfig + tenant("gone", "gone", drop) + tenant("moved", "moved", drop) + tenant("archived", "archived", "  deletion_policy = \"archive\"") + tenant("kept", "kept", "") + kept)
	c.run("init")
	c.run("apply", "-auto-approve")
	c.write(shopConfig + tenant("moved", "moved-away", drop) + tenant("kept", "kept", ""))
	c.run("plan", "-out=plan.tfplan")
}

// planOfDrift has drift that is reported and drift that is repaired, a migration
// that waits for an approval, and one that rows forbid.
func planOfDrift(t *testing.T, c *cli, s *mysqltest.Server) {
	t.Helper()
	tenants := func(version, more string) string {
		text := linesTemplate(version, more)
		for slug, attributes := range map[string]string{"mended": "drift_policy = \"repair\"", "reported": "", "reviewed": "update_policy = \"review\"", "blocked": ""} {
			text += fmt.Sprintf("\nresource \"landlord_tenant\" %q {\n  slug     = %q\n  name     = %q\n  template = landlord_tenant_template.shop.id\n  %s\n}\n", slug, slug, slug, attributes)
		}
		return text
	}
	c.write(tenants("1.0.0", ""))
	c.run("init")
	c.run("apply", "-auto-approve")
	execIn(t, s, "mended", "ALTER TABLE people ADD COLUMN fax VARCHAR(40) NULL")
	execIn(t, s, "reported", "CREATE TABLE scratch (id INT NOT NULL PRIMARY KEY)")
	execIn(t, s, "blocked", "INSERT INTO people VALUES (1, 'Ann'), (2, 'Ann')")
	c.write(tenants("1.1.0", `,
    "002_unique.sql" = "ALTER TABLE people ADD UNIQUE KEY ux_name (name)"`))
	c.run("plan", "-out=plan.tfplan")
}
