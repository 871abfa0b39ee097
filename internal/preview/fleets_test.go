package preview_test

import (
	"fmt"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/preview"
)

// planOf is a plan with one change of a resource, as Terraform prints it. Three
// parts are wanted: what is there, what will be, and what of it is not known.
func planOf(kind, actions, before, after, unknown string) string {
	return fmt.Sprintf(`{"format_version":"1.2","planned_values":{},"resource_changes":[{"address":"%s.it","mode":"managed","type":"%s","change":{"actions":[%s],"before":%s,"after":%s,"after_unknown":%s}}]}`,
		kind, kind, actions, before, after, unknown)
}

// told returns what a preview says of a plan: its classes, its losses and its dangers.
func told(t *testing.T, plan string) []string {
	t.Helper()
	report, err := preview.Read(strings.NewReader(plan), preview.Options{})
	if err != nil {
		t.Fatal(err)
	}
	classes := report.Classes
	for i := range report.Fleets {
		classes = append(classes, report.Fleets[i].Classes...)
	}
	var lines []string
	for i := range classes {
		c := &classes[i]
		lines = append(lines, fmt.Sprintf("%s %d %v: %s", c.Action, c.Tenants, c.Slugs, c.Reason))
	}
	for _, l := range report.Losses {
		lines = append(lines, "loss: "+l.What)
	}
	for _, d := range report.Dangers {
		lines = append(lines, fmt.Sprintf("%s %d: %s", d.Kind, d.Tenants, d.Detail))
	}
	if (len(report.Dangers) > 0) != report.Dangerous {
		t.Errorf("dangerous is %t with %d dangers", report.Dangerous, len(report.Dangers))
	}
	return lines
}

// TestFleet_goes: what becomes of tenants that leave a fleet hangs on what the last
// apply has recorded, and on whose they are.
func TestFleet_goes(t *testing.T) {
	t.Parallel()
	const kind = "landlord_tenant_fleet"
	three := `{"name":"shops","template":"shop@1.0.0","tenants":"{\"a\":{},\"b\":{},\"c\":{}}","deletion_policy":"drop","ready_tenants":"[\"shops-pool-1\",\"shops-pool-2\"]","selected":"[\"x\"]"}`
	for name, c := range map[string]struct {
		plan string
		want []string
	}{
		"a fleet that goes": {planOf(kind, `"delete"`, three, "null", "{}"), []string{
			"delete 3 [a b c]: The database of each is dropped with all rows.",
			"delete 2 [shops-pool-1 shops-pool-2]: They are ready, and nobody's: the database of each is dropped with all rows, whatever `deletion_policy` says.",
			"release 1 [x]: `select` has taken them in: they leave the fleet, and stay as they are.",
			"loss: The fleet goes with 3 tenants. The database of each is dropped with all rows. Of its pool, 2 tenants: dropped with all rows, unless somebody has got them. 1 tenant that `select` has taken in: left as they are.",
			"destroyed 0: The fleet goes with 3 tenants. The database of each is dropped with all rows. Of its pool, 2 tenants: dropped with all rows, unless somebody has got them. 1 tenant that `select` has taken in: left as they are.",
		}},
		"a fleet that is a pool alone": {planOf(kind, `"delete"`, `{"name":"shops","deletion_policy":"archive","ready_tenants":"[\"shops-pool-1\"]"}`, "null", "{}"), []string{
			"delete 1 [shops-pool-1]: They are ready, and nobody's: the database of each is dropped with all rows, whatever `deletion_policy` says.",
			"loss: The fleet goes with 0 tenants. Of its pool, 1 tenant: dropped with all rows, unless somebody has got them.",
			"destroyed 0: The fleet goes with 0 tenants. Of its pool, 1 tenant: dropped with all rows, unless somebody has got them.",
		}},
		"another policy at the same time": {planOf(kind, `"update"`, three, `{"tenants":"{\"a\":{},\"b\":{}}","deletion_policy":"archive","plans":[{"action":"delete","tenants":1,"slugs":"c"}]}`, "{}"), []string{
			"delete 1 [c]: The database of each is dropped with all rows.",
			"destroyed 1: The database of each is dropped with all rows.",
		}},
		"what the provider says of it": {planOf(kind, `"update"`, three, `{"tenants":"{\"a\":{},\"b\":{},\"c\":{}}","deletion_policy":"archive","plans":[{"action":"delete","tenants":1,"slugs":"shops-pool-2","reason":"it is ready and nobody's: its database is dropped with all rows, whatever `+"`deletion_policy`"+` says"}]}`, "{}"), []string{
			"delete 1 [shops-pool-2]: It is ready and nobody's: its database is dropped with all rows, whatever `deletion_policy` says.",
			"destroyed 1: It is ready and nobody's: its database is dropped with all rows, whatever `deletion_policy` says.",
		}},
		"plans that nobody sees": {planOf(kind, `"update"`, three, `{"template":"shop@1.1.0","tenants":"{\"a\":{}}","released":["c"],"deletion_policy":"archive","pool":1,"selected":"[\"x\"]"}`, `{"plans":true,"summary":true}`), []string{
			"delete 1 [b]: The database of each is dropped with all rows.",
			"delete 1 []: They are ready, and nobody's: the database of each is dropped with all rows, whatever `deletion_policy` says.",
			"unplanned 2 []: What happens is known after apply only.",
			"destroyed 1: The database of each is dropped with all rows.",
			"destroyed 1: They are ready, and nobody's: the database of each is dropped with all rows, whatever `deletion_policy` says.",
			"unknown 2: What happens to 2 tenants is known after apply only: nobody can see it here.",
		}},
	} {
		if diff := gocmp.Diff(c.want, told(t, c.plan)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
