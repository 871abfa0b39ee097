package provider

import (
	"fmt"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// typeName begins the names of all resources and data sources.
const typeName = "landlord"

// session is what Configure hands to resources, data sources and all others.
// Its engine does not change after Configure.
type session struct {
	// engine is nil while the provider's configuration holds unknown values,
	// because its server is made in the same run. Each sees the part of it that it
	// asks sessionFrom for.
	engine any

	// planned are the slugs of the tenants that are planned anew, without a state.
	planned sync.Map
	// unreached are the endpoints of servers of which a refresh has said that they
	// cannot be reached.
	unreached sync.Map
}

// newSession returns a session with an engine; nil for none yet.
func newSession(engine any) *session { return &session{engine: engine} }

// plansAnew makes known that a resource without a state plans a tenant, and says
// whether it is the first one. Terraform asks once for each, also for the second
// half of a replacement.
func (s *session) plansAnew(slug string) bool {
	_, known := s.planned.LoadOrStore(slug, true)
	return !known
}

// misses makes known that the server at an endpoint cannot be reached, and says
// whether that is new.
func (s *session) misses(endpoint string) bool {
	_, known := s.unreached.LoadOrStore(endpoint, true)
	return !known
}

// missed says whether it is known that the server at an endpoint cannot be reached.
func (s *session) missed(endpoint string) bool {
	_, known := s.unreached.Load(endpoint)
	return known
}

// ready says whether there is a server to talk to.
func (s *session) ready() bool { return s != nil && s.engine != nil }

// sessionFrom takes the session out of a Configure request, and of its engine
// the part that is asked for. Both are nil before the provider was configured,
// which is so while a configuration is validated.
func sessionFrom[E any](data any, diags *diag.Diagnostics) (s *session, engine E) {
	if data == nil {
		return nil, engine
	}
	s, ok := data.(*session)
	if ok && s.engine != nil {
		engine, ok = s.engine.(E)
	}
	if !ok {
		diags.AddError("Provider handed over unexpected data",
			fmt.Sprintf("A value of type %T came where the provider's own session was expected. Please report this: it is a bug in the provider.", data))
		return nil, engine
	}
	return s, engine
}

// configured takes a session for something that cannot wait until the server
// is known. It reports and returns false when there is no server to talk to.
func configured(s *session, what string, diags *diag.Diagnostics) bool {
	if s.ready() {
		return true
	}
	diags.AddError(summaryNotConnectable, strings.Join([]string{
		fmt.Sprintf("%s needs a connection, but the provider's configuration holds values that are known only after apply.", what),
		"Apply the resource that makes the server first, or let this one depend on it with `depends_on`, so that it is read after the server is there.",
	}, "\n\n"))
	return false
}
