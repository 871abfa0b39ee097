package fleet

import (
	"errors"
	"fmt"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
)

func TestPlacement(t *testing.T) {
	t.Parallel()
	rows := func(counts map[string]int) map[string]*registry.TenantRow {
		out := map[string]*registry.TenantRow{}
		for server, n := range counts {
			for i := range n {
				out[fmt.Sprint(server, i)] = &registry.TenantRow{Server: server}
			}
		}
		return out
	}
	for name, test := range map[string]struct {
		weights  Placement
		there    map[string]int
		newcomes int
		want     map[string]int
	}{
		"none: the main server":         {nil, map[string]int{"": 5}, 3, map[string]int{"": 3}},
		"fewest tenants":                {Placement{"eu": 1, "us": 1}, map[string]int{"eu": 4, "us": 1}, 5, map[string]int{"eu": 1, "us": 4}},
		"in proportion":                 {Placement{"": 1, "eu": 3}, nil, 8, map[string]int{"": 2, "eu": 6}},
		"none with the weight 0":        {Placement{"eu": 0, "us": 2}, map[string]int{"us": 50}, 3, map[string]int{"us": 3}},
		"a server that is not in it":    {Placement{"eu": 1}, map[string]int{"us": 9}, 2, map[string]int{"eu": 2}},
		"from what is there, weighted":  {Placement{"eu": 2, "us": 1}, map[string]int{"eu": 0, "us": 3}, 6, map[string]int{"eu": 6}},
		"first key among equals, by it": {Placement{"b": 1, "a": 1}, nil, 1, map[string]int{"a": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := test.weights.begin(rows(test.there))
			got := map[string]int{}
			for range test.newcomes {
				got[p.server(Member{}, nil)]++
			}
			if fmt.Sprint(got) != fmt.Sprint(test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
	p := Placement{"eu": 1}.begin(nil)
	if got := p.server(Member{}, &registry.TenantRow{Server: "us"}); got != "us" {
		t.Errorf("a tenant that exists goes to %q", got)
	}
	if got := p.server(Member{Server: "asia"}, &registry.TenantRow{Server: "us"}); got != "asia" {
		t.Errorf("a tenant whose entry names a server goes to %q", got)
	}
}

func TestPlacement_check(t *testing.T) {
	t.Parallel()
	known := func(key string) error {
		if key == "" || key == "eu" {
			return nil
		}
		return errors.New("unknown")
	}
	for want, weights := range map[string]Placement{
		"": {"eu": 1, "": 0},
		"Server is not configured\n`placement` names the server `us`, which the provider does not have.\n\nAdd it to `servers` of the provider, or take it out of `placement`; `\"\"` is the main server.": {"us": 1},
		"No server takes tenants\nAll weights of `placement` are 0, so no tenant can be made.\n\nGive one of the servers a weight.":                                                                        {"eu": 0},
	} {
		got := ""
		var p *landlord.Problem
		if errors.As(weights.check(known), &p) {
			got = p.Summary + "\n" + p.Text()
		}
		if got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}
