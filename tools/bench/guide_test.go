package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

// TestGuide writes figures into a page, twice, and finds a page without the marks.
func TestGuide(t *testing.T) {
	t.Parallel()
	b := &bench{options: options{kind: instance.MySQL97, tenants: 500, rounds: 2, fleet: true}, memory: 99 << 20}
	bare, idle := b.row("create", "bare SQL"), b.row("create", "idle provider")
	apply := b.row("create", "terraform apply").against(1.15, bare, idle)
	for n := range 2 {
		seconds := func(of int) time.Duration { return time.Duration(of*(n+1)) * time.Second }
		bare.samples = append(bare.samples, sample{wall: seconds(2), client: seconds(1), server: time.Second, statements: 100})
		idle.samples = append(idle.samples, sample{wall: seconds(1)})
		apply.samples = append(apply.samples, sample{wall: seconds(3), client: seconds(2), server: time.Second, statements: 120})
	}
	least := b.row("plan", "a | b")
	least.samples = []sample{{wall: 10 * time.Millisecond}}
	b.row("plan", "none").against(0, least).samples = []sample{{}}
	text := b.figures("two cores", time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC))
	want := "mysql-9.7, two cores; 4 March 2026. Repeat it with `make bench TESTARGS='-rounds 2 -tenants 500 -fleet'`.\n" + `
| | create | seconds | CPU of client + server | statements | compared |
|---|---|--:|--:|--:|---|
| A | bare SQL | 2.00 | 1.00 + 1.00 | 100 |  |
| B | idle provider | 1.00 | 0.00 + 0.00 | 0 |  |
| C | terraform apply | 3.00 | 2.00 + 1.00 | 120 | 1.00 × (A + B), CPU 1.50, goal 1.15 |

| | plan | seconds | CPU of client + server | statements | compared |
|---|---|--:|--:|--:|---|
| A | a \| b | 0.01 | 0.00 + 0.00 | 0 |  |
| B | none | 0.00 | 0.00 + 0.00 | 0 | 0.00 × A, CPU 0.00 |

Memory of the provider: 99 MiB at most.
`
	if diff := cmp.Diff(want, text); diff != "" {
		t.Errorf("figures (-want +got):\n%s", diff)
	}

	page := "# A\n\n<!-- measured: fleet -->\nold\n<!-- end: fleet -->\n\n<!-- measured: tenants -->\nkept\n<!-- end: tenants -->\n"
	for range 2 {
		var err error
		if page, err = replaceSection(page, b.section(), text); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff("# A\n\n<!-- measured: fleet -->\n"+text+"<!-- end: fleet -->\n\n<!-- measured: tenants -->\nkept\n<!-- end: tenants -->\n", page); diff != "" {
		t.Errorf("page (-want +got):\n%s", diff)
	}
	if _, err := replaceSection(page, "copies", text); err == nil || !strings.Contains(err.Error(), `no lines "<!-- measured: copies -->" and "<!-- end: copies -->"`) {
		t.Errorf("a page without the section: %v", err)
	}
	for section, o := range map[string]options{"tenants": {}, "fleet": {fleet: true}, "fleet-small": {fleet: true, small: true}, "copies": {copies: true}} {
		if got := o.section(); got != section {
			t.Errorf("%+v is %s", o, got)
		}
	}
}
