package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// customizationsConfig are some customizations of the tenant acme, one of which
// stands on another one.
func customizationsConfig(names ...string) string {
	var b strings.Builder
	for _, name := range names {
		fmt.Fprintf(&b, `
resource "landlord_tenant_customization" "%[1]s" {
  tenant  = landlord_tenant.acme.slug
  name    = "%[1]s"
  reason  = "Asked for by acme."
  tables  = { %[1]s = "CREATE TABLE %[1]s (id INT NOT NULL PRIMARY KEY, user_id INT, FOREIGN KEY (user_id) REFERENCES users (id))" }
  columns = [{ table = "users", name = "%[1]s", definition = "VARCHAR(20) NULL" }]
  sql     = "CREATE TRIGGER t_%[1]s BEFORE INSERT ON users FOR EACH ROW SET NEW.%[1]s = 'x'"
}
`, name)
	}
	fmt.Fprintf(&b, `
resource "landlord_tenant_customization" "reads" {
  tenant     = landlord_tenant.acme.slug
  name       = "reads"
  reason     = "Reads %[1]s."
  views      = { reads = "SELECT u.email, a.id FROM users u JOIN %[1]s a ON a.user_id = u.id" }
  depends_on = [landlord_tenant_customization.%[1]s]
}
`, names[0])
	return b.String()
}

// TestAccCLI_customizations makes several customizations of one tenant in the
// run that makes the tenant, in parallel; moves the template and edits in one
// saved plan; renames one; and takes all away with the tenant.
func TestAccCLI_customizations(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := newCLI(t, s)
	tenant := acmeConfig(`  name = "Acme"`)
	c.write(shopConfig + tenant + customizationsConfig("alpha", "bravo", "carol", "delta"))
	c.run("init")
	c.run("plan", "-out", "create.tfplan")
	if sql := c.migration("create.tfplan", "landlord_tenant_customization.alpha"); len(sql) != 3 {
		t.Errorf("the plan of a new customization is %q", sql)
	}
	c.run("apply", "create.tfplan")
	c.noChanges()

	upgraded := strings.NewReplacer(`"1.0.0"`, `"1.1.0"`, "email VARCHAR(190) NOT NULL", "email VARCHAR(190) NOT NULL, phone VARCHAR(40) NULL").Replace(shopConfig)
	edited := strings.ReplaceAll(customizationsConfig("alpha", "bravo", "carol", "delta"), "SELECT u.email,", "SELECT u.email, u.phone,")
	c.write(upgraded + tenant + edited)
	c.run("plan", "-out", "upgrade.tfplan")
	if sql := c.migration("upgrade.tfplan", "landlord_tenant_customization.reads"); len(sql) != 1 || !strings.Contains(sql[0], "`phone`") {
		t.Errorf("the edit is planned as %q", sql)
	}
	c.run("apply", "upgrade.tfplan")
	c.noChanges()

	s.Exec(t, "INSERT INTO "+mysqltest.QuoteName(s.Prefix+"acme")+".users (id, email) VALUES (7, 'x')", "INSERT INTO "+mysqltest.QuoteName(s.Prefix+"acme")+".delta (id, user_id) VALUES (1, 7)")
	renamed := strings.Replace(edited, `name    = "delta"`, `name    = "echo"`, 1)
	c.write(upgraded + tenant + renamed)
	c.run("apply", "-auto-approve")
	c.noChanges()
	if got := fmt.Sprint(s.QueryRows(t, "SELECT COUNT(*) FROM "+mysqltest.QuoteName(s.Prefix+"acme")+".delta")); got != "[[1]]" {
		t.Errorf("rows after the rename: %s", got)
	}
	out := c.run("destroy", "-auto-approve")
	if !strings.Contains(out, "Customization takes its objects away") {
		t.Errorf("the destroy does not say what it runs: %s", out)
	}
	if databaseExists(t, s, s.Prefix+"acme") {
		t.Error("the database is left")
	}
	if rows := s.QueryRows(t, "SELECT name FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".tenant_customizations"); len(rows) > 0 {
		t.Errorf("recorded after the destroy: %v", rows)
	}
}
