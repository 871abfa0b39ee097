package provider_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/preview"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// asReader makes a run plan as the account of the documentation that only plans.
func (c *cli) asReader(s *mysqltest.Server) {
	c.t.Helper()
	user := s.Prefix + "reader"
	s.Exec(c.t, documentedReader(c.t, s, user)...)
	c.set("LANDLORD_USERNAME", user)
	c.set("LANDLORD_PASSWORD", "Reader_pw1")
	c.set("LANDLORD_PLAN_RENDERING", "parser")
}

// TestAccCLI_readersPlan: what an account plans that only reads is applied by the one
// of the provider, of tenants and of fleets. A preview says that nobody sees it.
func TestAccCLI_readersPlan(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := newCLI(t, s)
	config := func(version, more string, n int, extra string) string {
		return fleetConfig(version, more, n, "  deletion_policy = \"drop\"\n  allow_destructive = true\n  drift_policy = \"repair\"") + extra
	}
	c.write(config("1.0.0", "", 4, ""))
	c.run("init")
	c.run("apply", "-auto-approve")
	execIn(t, s, "shop_001", "ALTER TABLE people ADD COLUMN stray INT NULL")
	own := slices.Clone(c.variables)
	c.asReader(s)
	defer func() { s.Exec(t, "DROP USER '"+s.Prefix+"reader'@'%'") }()

	const more = ",\n    \"002_more.sql\" = \"ALTER TABLE people ADD COLUMN phone VARCHAR(40) NULL\""
	c.write(config("1.1.0", more, 3, `
resource "landlord_tenant" "alone" {
  slug     = "alone"
  name     = "Alone"
  template = landlord_tenant_template.shop.id
}
`))
	c.run("plan", "-out=tfplan")
	report, err := preview.Read(bytes.NewReader(c.showJSON("tfplan")), preview.Options{})
	must(t, err)
	var got []string
	for _, d := range report.Dangers {
		got = append(got, string(d.Kind)+": "+d.Detail)
	}
	want := []string{
		"destroyed: The database of each is dropped with all rows.",
		"unknown: What happens to 3 tenants is known after apply only: nobody can see it here.",
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("the dangers (-want +got):\n%s", diff)
	}
	c.variables = own
	c.run("apply", "tfplan")
	c.noChanges()
	if got := following(t, s, "1.0.0"); got != "" {
		t.Errorf("%s stay behind", got)
	}
}

// asPlanner makes a run plan as the account of the documentation that tries statements
// in scratch databases of its own, and writes nothing else but what it has found.
func (c *cli) asPlanner(s *mysqltest.Server) {
	c.t.Helper()
	c.asReader(s)
	s.Exec(c.t, documentedScratch(c.t, s, s.Prefix+"reader")...)
	c.set("LANDLORD_PLAN_RENDERING", "server")
	c.set("LANDLORD_EXECUTION_ACCOUNT", "own")
}

// TestAccCLI_plannersPlan: what such an account plans shows the statements, their risk
// and what the data says, and is applied as it was shown.
func TestAccCLI_plannersPlan(t *testing.T) {
	t.Parallel()
	for _, kind := range mysqltest.Kinds(t) {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			plannersPlan(t, mysqltest.Private(t, kind, mysqltest.Args("--log-bin", "--server-id=1", "--log-bin-trust-function-creators=1")).Server)
		})
	}
}

func plannersPlan(t *testing.T, s *mysqltest.Server) {
	t.Helper()
	c := newCLI(t, s)
	const programs = ",\n    \"002_programs.sql\" = \"CREATE VIEW names AS SELECT name FROM people; CREATE FUNCTION twice (n INT) RETURNS INT DETERMINISTIC RETURN 2 * n; CREATE TRIGGER small BEFORE INSERT ON people FOR EACH ROW SET NEW.name = LOWER(NEW.name)\""
	alone := func(extra string) string {
		return "resource \"landlord_tenant\" \"alone\" {\n  slug = \"alone\"\n  name = \"Alone\"\n  template = landlord_tenant_template.shop.id\n" + extra + "}\n"
	}
	c.write(fleetConfig("1.0.0", programs+",\n    \"003_more.sql\" = \"ALTER TABLE people ADD COLUMN fax VARCHAR(40) NULL\"", 3, "") + alone(""))
	c.run("init")
	c.run("apply", "-auto-approve")
	for _, slug := range []string{"shop_000", "shop_001", "shop_002", "alone"} {
		execIn(t, s, slug, "INSERT INTO people (id, name, fax) VALUES (1, 'a', '1'), (2, 'b', '2')", "ANALYZE TABLE people")
	}
	own := slices.Clone(c.variables)
	c.asPlanner(s)
	c.noChanges()

	next := strings.Replace(programs, "SELECT name FROM", "SELECT id, name FROM", 1) + ",\n    \"003_more.sql\" = \"CREATE TABLE more (id INT PRIMARY KEY)\""
	c.write(fleetConfig("1.1.0", next, 4, "  allow_destructive = true") + alone("  allow_destructive = true\n"))
	c.run("plan", "-out=tfplan")
	report, err := preview.Read(bytes.NewReader(c.showJSON("tfplan")), preview.Options{})
	must(t, err)
	var got []string
	for _, d := range report.Dangers {
		got = append(got, string(d.Kind)+": "+d.Detail)
	}
	want := []string{
		"destructive: 1 statement from `shop@1.0.0` to `shop@1.1.0`: data or objects are lost in 3 tenants.",
		"destructive: 1 statement from `shop@1.0.0` to `shop@1.1.0`: data or objects are lost in 1 tenant.",
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("the dangers (-want +got):\n%s\n%s", diff, report.Markdown())
	}
	c.variables = own
	c.run("apply", "tfplan")
	c.noChanges()
	if got := following(t, s, "1.0.0"); got != "" {
		t.Errorf("%s stay behind", got)
	}
}
