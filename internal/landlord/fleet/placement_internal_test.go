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
	begin := func(w Placement, counts map[string]int) *placing {
		rows := map[string]*registry.TenantRow{"another fleet's": {Server: "eu"}, "nobody's": {Server: "eu"}}
		members := []Member{{Slug: "nobody's", pool: true}, {Slug: "to make"}}
		for server, n := range counts {
			for i := range n {
				slug := fmt.Sprint(server, i)
				rows[slug] = &registry.TenantRow{Server: server}
				members = append(members, Member{Slug: slug})
			}
		}
		return w.begin(members, rows)
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
			p := begin(test.weights, test.there)
			got := map[string]int{}
			for range test.newcomes {
				got[p.server(Member{}, nil)]++
			}
			if fmt.Sprint(got) != fmt.Sprint(test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
	us := &registry.TenantRow{Server: "us"}
	for name, test := range map[string]struct {
		weights Placement
		member  Member
		row     *registry.TenantRow
		want    string
	}{
		"exists":                               {Placement{"eu": 1}, Member{}, us, "us"},
		"exists, without weights":              {nil, Member{}, us, "us"},
		"the entry names a server":             {Placement{"eu": 1}, Member{Server: "asia"}, us, "asia"},
		"the entry names the main server":      {Placement{"eu": 1}, Member{OnMain: true}, us, ""},
		"made where the entry says":            {Placement{"eu": 1}, Member{OnMain: true}, nil, ""},
		"nobody's":                             {Placement{"eu": 1}, Member{pool: true}, nil, ""},
		"nobody's, made by a former placement": {Placement{"eu": 1}, Member{pool: true}, us, "us"},
	} {
		if got := test.weights.begin(nil, nil).server(test.member, test.row); got != test.want {
			t.Errorf("%s: goes to %q, not %q", name, got, test.want)
		}
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
