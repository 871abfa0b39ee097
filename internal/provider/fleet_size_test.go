package provider_test

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/preview"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// sizesOf returns what a plan says of the tables that each of its classes touches.
func sizesOf(t *testing.T, state any) []string {
	t.Helper()
	plans, _ := field(t, state, "plans").([]any)
	var lines []string
	for _, p := range plans {
		class, ok := p.(values)
		if !ok {
			t.Fatalf("a plan is a %T", p)
		}
		for _, name := range []string{"rows", "bytes"} {
			if class[name] == (unknown{}) {
				class[name] = "unknown"
			}
		}
		lines = append(lines, fmt.Sprintf("%v %v: %v rows, %v bytes", class["action"], class["tenants"], class["rows"], class["bytes"]))
	}
	return lines
}

// bytesOf asks the server itself how large a table is in tenants.
func bytesOf(t *testing.T, s *mysqltest.Server, table string, slugs ...string) int {
	t.Helper()
	all := 0
	for _, slug := range slugs {
		n, err := strconv.Atoi(s.QueryRows(t, "SELECT DATA_LENGTH + INDEX_LENGTH FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?", s.Prefix+slug, table)[0][0])
		must(t, err)
		all += n
	}
	return all
}

// fill puts rows into the table of the tests, and has the server count them.
func fill(t *testing.T, s *mysqltest.Server, slug string, from, n int) {
	t.Helper()
	rows := make([]string, n)
	for i := range rows {
		rows[i] = fmt.Sprintf("(%d, 'a%d@example.org')", from+i, from+i)
	}
	execIn(t, s, slug, "INSERT INTO users (id, email) VALUES "+strings.Join(rows, ", "), "ANALYZE TABLE users")
}

// TestFleet_sizes: a plan says how large the tables are that each class touches, and
// its apply says the same when there are more rows by then. What waits is counted, what
// is made and what has no statements is not.
func TestFleet_sizes(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		c := coreOn(t, s)
		template := c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
		now := c.must(fleetType, nil, fleetOf(many(3), nil))
		for i, slug := range []string{"t000", "t001", "t002"} {
			fill(t, s, slug, 1, 100*(i+1))
		}
		coreOn(t, s).must("landlord_tenant_template", template, shop("1.1.0", usersWithFax))
		config := fleetOf(many(4), values{"template": "shop@1.1.0", "rollout": values{"canary": []string{"t000"}, "waves": []string{"2"}, "through": "2"}})

		unrefreshed := coreOn(t, s).planInApply(fleetType, now, config)
		if got, want := sizesOf(t, unrefreshed.state)[0], "update 1: unknown rows, unknown bytes"; got != want {
			t.Errorf("without a refresh: %s", got)
		}
		c = coreOn(t, s)
		now, _ = c.refresh(fleetType, now)
		plan := c.plan(fleetType, now, config)
		want := []string{
			"later 1: <nil> rows, <nil> bytes",
			fmt.Sprintf("update 1: 100 rows, %d bytes", bytesOf(t, s, "users", "t000")),
			fmt.Sprintf("update 1: 200 rows, %d bytes", bytesOf(t, s, "users", "t001")),
			"create 1: <nil> rows, <nil> bytes",
		}
		got := sizesOf(t, plan.state)
		slices.Sort(want)
		slices.Sort(got)
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Fatalf("the plan (-want +got):\n%s", diff)
		}

		fill(t, s, "t001", 1000, 500)
		other := coreOn(t, s)
		again := other.planInApply(fleetType, now, config)
		got = sizesOf(t, again.state)
		slices.Sort(got)
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("the apply plans something else (-want +got):\n%s", diff)
		}
		applied, told := other.apply(fleetType, now, config, again)
		said(t, told)
		other.conforms("the state after the apply", "", again.state, applied)

		// The next plan counts anew, two tenants together.
		next := coreOn(t, s)
		now, _ = next.refresh(fleetType, applied)
		fill(t, s, "t002", 1000, 100)
		last := with(config, values{"rollout": nil, "update_policy": "review"})
		plan = next.plan(fleetType, now, last)
		if diff := gocmp.Diff([]string{fmt.Sprintf("wait 2: 400 rows, %d bytes", bytesOf(t, s, "users", "t002", "t003"))}, sizesOf(t, plan.state)); diff != "" {
			t.Errorf("what waits (-want +got):\n%s", diff)
		}
	})
}

// TestAccCLI_fleetSizes: Terraform takes the plan of an apply for the one that it has
// saved, whatever the server estimates by then; a preview has the sizes.
func TestAccCLI_fleetSizes(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := newCLI(t, s)
	next := 0
	people := func(slug string, n int) {
		rows := make([]string, n)
		for i := range rows {
			next++
			rows[i] = fmt.Sprintf("(%d, 'A')", next)
		}
		execIn(t, s, slug, "INSERT INTO people (id, name) VALUES "+strings.Join(rows, ", "), "ANALYZE TABLE people")
	}
	counted := int64(42)
	c.write(fleetConfig("1.0.0", "", 3, ""))
	c.run("init")
	c.run("apply", "-auto-approve")
	people("shop_000", 30)
	people("shop_002", 12)
	const more = ",\n    \"002_more.sql\" = \"ALTER TABLE people ADD COLUMN phone VARCHAR(40) NULL\""
	c.write(fleetConfig("1.1.0", more, 3, ""))
	for _, plan := range []struct {
		flags []string
		rows  *int64
	}{{[]string{"-refresh=false"}, nil}, {nil, &counted}} {
		c.run(append([]string{"plan", "-out", "plan.tfplan"}, plan.flags...)...)
		report, err := preview.Read(bytes.NewReader(c.showJSON("plan.tfplan")), preview.Options{})
		must(t, err)
		if len(report.Fleets) != 1 || len(report.Fleets[0].Classes) != 1 {
			t.Fatalf("the preview has %+v", report.Fleets)
		}
		if diff := gocmp.Diff(plan.rows, report.Fleets[0].Classes[0].Rows); diff != "" {
			t.Errorf("rows, with %v (-want +got):\n%s", plan.flags, diff)
		}
	}
	people("shop_001", 500)
	c.run("apply", "plan.tfplan")
	c.noChanges()
	c.write(fleetConfig("1.2.0", strings.Replace(more, "phone", "fax", 1), 3, "  allow_destructive = true"))
	c.run("plan", "-refresh=false", "-out", "plan.tfplan")
	people("shop_001", 500)
	c.run("apply", "plan.tfplan")
	c.noChanges()
}
