package provider_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// mostStatements is what a plan without changes may send, whatever the number
// of tenants.
const mostStatements = 20

// TestTenant_noOpStatements counts what a plan without changes sends, as the
// server saw it. The number must not grow with the tenants.
func TestTenant_noOpStatements(t *testing.T) {
	t.Parallel()
	s := mysqltest.On(t, mysqltest.Kinds(t)[0])
	recording := s.Record(t)
	environment := environmentOf(s)
	environment["LANDLORD_USERNAME"], environment["LANDLORD_PASSWORD"] = recording.Username, recording.Password
	c := coreWith(t, environment)
	config := shop("1.0.0", usersTable)
	template := c.must("landlord_tenant_template", nil, config)
	const tenants = 40
	states := make([]any, tenants)
	for i := range states {
		states[i] = c.must("landlord_tenant", nil, acme(values{"slug": fmt.Sprintf("n%d", i)}))
	}
	recording.Reset(t)
	reader := coreWith(t, environment)
	reader.settled("landlord_tenant_template", template, config)
	for i, state := range states {
		reader.settled("landlord_tenant", state, acme(values{"slug": fmt.Sprintf("n%d", i)}))
	}
	if n := recording.Count(t); n > mostStatements {
		t.Errorf("a plan of %d tenants without changes sends %d statements: %q", tenants, n, recording.Statements(t))
	}
}

// TestTenant_concurrently is what core does: many resources at once, all on
// one provider.
func TestTenant_concurrently(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	const tenants = 24
	states := make([]any, tenants)
	each := func(work func(i int, config values)) {
		var running sync.WaitGroup
		for i := range tenants {
			running.Go(func() { work(i, acme(values{"slug": fmt.Sprintf("p%d", i)})) })
		}
		running.Wait()
	}
	each(func(i int, config values) {
		var diagnostics []string
		if states[i], diagnostics = c.run("landlord_tenant", nil, config); len(diagnostics) > 0 {
			t.Errorf("creating tenant %d: %v", i, diagnostics)
		}
	})
	next := coreOn(t, s)
	each(func(i int, config values) {
		now, diagnostics := next.refresh("landlord_tenant", states[i])
		plan := next.plan("landlord_tenant", now, config)
		if diff := cmp.Diff(open(t, now), open(t, plan.state)); diff != "" || len(diagnostics)+len(plan.diagnostics) > 0 {
			t.Errorf("tenant %d: %s %v %v", i, diff, diagnostics, plan.diagnostics)
		}
	})
	each(func(i int, _ values) {
		if left, diagnostics := next.run("landlord_tenant", states[i], nil); left != nil {
			t.Errorf("destroying tenant %d: %v", i, diagnostics)
		}
	})
}
