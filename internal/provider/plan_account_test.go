package provider_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

// documentedReader returns the statements that make the account of the
// documentation that only plans, for the databases of a test.
func documentedReader(t *testing.T, s *mysqltest.Server, user string) []string {
	t.Helper()
	return documentedGrants(t, s, user, "CREATE USER 'landlord_plan'")
}

// documentedScratch returns those that let it see statements, too.
func documentedScratch(t *testing.T, s *mysqltest.Server, user string) []string {
	t.Helper()
	return documentedGrants(t, s, user, "GRANT ALL PRIVILEGES ON `landlord\\_scratch")
}

// documentedGrants returns the statements of a block of the documentation.
func documentedGrants(t *testing.T, s *mysqltest.Server, user, begins string) []string {
	t.Helper()
	text, err := os.ReadFile("../../templates/index.md.tmpl")
	must(t, err)
	_, block, found := strings.Cut(string(text), "```sql\n"+begins)
	if !found {
		t.Fatal("the documentation has no such account")
	}
	block, _, _ = strings.Cut(begins+block, "```")
	other := map[bool]string{true: "-- on MySQL", false: "-- on MariaDB"}[s.Kind.IsMariaDB()]
	var statements []string
	for line := range strings.Lines(block) {
		if strings.Contains(line, other) {
			continue
		}
		statement, _, _ := strings.Cut(line, ";")
		statements = append(statements, strings.NewReplacer("'landlord_plan'", "'"+user+"'", "`landlord`", mysqltest.QuoteName(s.LandlordDatabase), "`landlord\\_", "`"+strings.ReplaceAll(s.LandlordDatabase, "_", `\_`)+`\_`,
			"`tenant\\_%`", "`"+strings.ReplaceAll(s.Prefix, "_", `\_`)+"%`", "'…'", "'Reader_pw1'").Replace(statement))
	}
	return statements
}

// TestAccCLI_planOnlyAccount plans with exactly the account that the
// documentation has for it: nothing is written, nothing changes where nothing is
// to change, and what the parser cannot see is said.
func TestAccCLI_planOnlyAccount(t *testing.T) {
	t.Parallel()
	for _, kind := range mysqltest.Kinds(t) {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			planOnlyAccount(t, kind)
		})
	}
}

func planOnlyAccount(t *testing.T, kind instance.Kind) {
	t.Helper()
	s := mysqltest.Private(t, kind, mysqltest.Args("--log-bin", "--server-id=1", "--log-bin-trust-function-creators=1"))
	c := newCLI(t, s.Server)
	programs := strings.Replace(shopConfig, `email VARCHAR(190) NOT NULL);"`, `email VARCHAR(190) NOT NULL);"
    "002_programs.sql" = "CREATE VIEW mails AS SELECT email FROM users; CREATE FUNCTION twice (n INT) RETURNS INT DETERMINISTIC RETURN 2 * n; CREATE TRIGGER lower_mail BEFORE INSERT ON users FOR EACH ROW SET NEW.email = LOWER(NEW.email); CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' DO DELETE FROM users WHERE id = -1;"`, 1)
	config := programs + acmeConfig(`  name = "Acme"`) + `
resource "landlord_tenant_customization" "notes" {
  tenant = landlord_tenant.acme.slug
  name   = "notes"
  reason = "they asked for it"
  tables = { notes = "CREATE TABLE notes (id INT NOT NULL PRIMARY KEY)" }
}
`
	c.write(config)
	c.run("init")
	c.run("apply", "-auto-approve")
	user := s.Prefix + "reader"
	s.Exec(t, documentedReader(t, s.Server, user)...)
	c.set("LANDLORD_USERNAME", user)
	c.set("LANDLORD_PASSWORD", "Reader_pw1")
	c.set("LANDLORD_PLAN_RENDERING", "parser")
	position := func() string {
		if s.Kind.IsMariaDB() {
			return fmt.Sprint(s.QueryRows(t, "SHOW MASTER STATUS"))
		}
		return fmt.Sprint(s.QueryRows(t, "SHOW BINARY LOG STATUS"))
	}
	before := position()
	if out, code := c.try("plan", "-detailed-exitcode"); code != 0 {
		t.Errorf("nothing is to change, but: %s", out)
	}
	c.write(strings.NewReplacer(`"1.0.0"`, `"1.1.0"`, "email VARCHAR(190) NOT NULL", "email VARCHAR(190) NOT NULL, phone VARCHAR(32) NULL", "id INT NOT NULL PRIMARY KEY)\"", "id INT NOT NULL PRIMARY KEY, text TEXT)\"").Replace(config) + `
resource "landlord_tenant" "beta" {
  slug     = "beta"
  name     = "Beta"
  template = landlord_tenant_template.shop.id
}
`)
	out, code := c.try("plan", "-detailed-exitcode")
	if code != 2 {
		t.Fatalf("the plan ended with %d: %s", code, out)
	}
	for _, want := range []string{"CREATE DATABASE `" + s.Prefix + "beta`", "Warning: Statements are not seen by the parser alone", "(and one more similar warning elsewhere)"} {
		if !strings.Contains(out, want) {
			t.Errorf("the plan lacks %q: %s", want, out)
		}
	}
	if after := position(); after != before {
		t.Errorf("a plan has written: the binary log was at %s and is at %s", before, after)
	}
}
