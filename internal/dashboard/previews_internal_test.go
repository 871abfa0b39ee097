package dashboard

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/overview"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/tenant"
)

// slowEngine takes a second for each plan, and counts.
type slowEngine struct {
	Engine

	mu             sync.Mutex
	now, most, all int
}

func (e *slowEngine) Preview(context.Context, tenant.PreviewSpec) (*tenant.Preview, error) {
	e.mu.Lock()
	e.now++
	e.all++
	e.most = max(e.most, e.now)
	e.mu.Unlock()
	time.Sleep(time.Second)
	e.mu.Lock()
	e.now--
	e.mu.Unlock()
	return &tenant.Preview{Impact: []tenant.Impact{{Customization: "crm"}}}, nil
}

// TestPreviews_atOnce: whatever asks for plans, there are four at a time; and the page of
// a tenant has one made once.
func TestPreviews_atOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := &slowEngine{}
		s, err := New(Options{Listen: "127.0.0.1:0", Now: time.Now}, func() Engine { return e }, &Progress{})
		if err != nil {
			t.Fatal(err)
		}
		estate := estateOf(6, nil)
		groups := func() (out []*waiting) {
			for i := range estate.Tenants {
				out = append(out, alone(&estate.Tenants[i], "shop@2.0.0"))
			}
			return out
		}
		var all sync.WaitGroup
		all.Go(func() { s.preview(t.Context(), groups()) })
		for _, x := range groups() {
			all.Go(func() {
				if kept, fault := s.answers.of(t.Context(), x, s.run); kept.Preview == nil || fault != "" {
					t.Errorf("%s: %v %s", x.Slugs[0], kept, fault)
				}
			})
		}
		page := func(x overview.Tenant) {
			p := tenantPage{Tenant: tenantLine{Tenant: x}}
			s.readImpact(t.Context(), &p, "shop@2.0.0")
			if _, ok := p.Impact["crm"]; !ok || p.ImpactFault != "" || p.Next != "shop@2.0.0" {
				t.Errorf("the page of %s: %v %s %s", x.Slug, p.Impact, p.ImpactFault, p.Next)
			}
		}
		for range 3 {
			all.Go(func() { page(estate.Tenants[0]) })
		}
		all.Wait()
		page(estate.Tenants[0])
		if e.most != previewsAtOnce || e.all != 12 {
			t.Errorf("%d plans at a time, %d in all, not %d and 12", e.most, e.all, previewsAtOnce)
		}
	})
}
