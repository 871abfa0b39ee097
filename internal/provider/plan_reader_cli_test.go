package provider_test

import (
	"bytes"
	"slices"
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
