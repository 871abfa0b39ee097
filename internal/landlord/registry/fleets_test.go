package registry

import (
	"fmt"
	"maps"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

func tripFleets(t *trip) {
	ctx := t.Context()
	see := func(what string, want map[string]string) {
		t.Helper()
		got, err := t.r.ReadFleets(ctx, t.x)
		t.ok(err)
		t.same(what, got, want)
	}
	see("none", map[string]string{})
	t.ok(t.r.JoinFleet(ctx, t.x, "shops", nil))
	t.ok(t.r.LeaveFleet(ctx, t.x, "shops", nil))
	t.ok(t.r.JoinFleet(ctx, t.x, "shops", []string{"a", "b", "c"}))
	see("joined", map[string]string{"a": "shops", "b": "shops", "c": "shops"})
	t.ok(t.r.JoinFleet(ctx, t.x, "bars", []string{"c", "d"}))
	see("joined another", map[string]string{"a": "shops", "b": "shops", "c": "bars", "d": "bars"})
	t.ok(t.r.LeaveFleet(ctx, t.x, "shops", []string{"a", "c", "nobody"}))
	see("left", map[string]string{"b": "shops", "c": "bars", "d": "bars"})

	many := map[string]string{}
	var slugs []string
	for i := range 2*fleetChunk + 1 {
		slug := fmt.Sprintf("t%d", i)
		many[slug] = "many"
		slugs = append(slugs, slug)
	}
	t.ok(t.r.JoinFleet(ctx, t.x, "many", slugs))
	maps.Copy(many, map[string]string{"b": "shops", "c": "bars", "d": "bars"})
	see("more than one statement writes", many)
	t.ok(t.r.LeaveFleet(ctx, t.x, "many", slugs))
	see("and takes away", map[string]string{"b": "shops", "c": "bars", "d": "bars"})
}

// Who may only plan may meet a landlord database of a former version, or none.
func TestStore_ReadFleets_none(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		r, x := bareRegistry(t, s)
		if got, err := r.ReadFleets(t.Context(), x); err != nil || len(got) > 0 {
			t.Errorf("without a landlord database: %v, %v", got, err)
		}
	})
}
