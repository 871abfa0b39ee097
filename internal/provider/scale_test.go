package provider_test

import (
	"fmt"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysqltest"
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
