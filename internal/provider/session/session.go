package session

import (
	"fmt"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// TypeName begins the names of all resources and data sources.
const TypeName = "landlord"

// Session is what Configure hands to resources, data sources and all others.
// Its engine does not change after Configure.
type Session struct {
	// engine is nil while the provider's configuration holds unknown values,
	// because its server is made in the same run. Each sees the part of it that it
	// asks From for.
	engine any

	// planned are the slugs of the tenants that are planned anew, without a state.
	planned sync.Map
	// unreached are the endpoints of servers of which a refresh has said that they
	// cannot be reached.
	unreached sync.Map
}

// New returns a session with an engine; nil for none yet.
func New(engine any) *Session { return &Session{engine: engine} }

// PlansAnew makes known that a resource without a state plans a tenant, and says
// whether it is the first one. Terraform asks once for each, also for the second
// half of a replacement.
func (s *Session) PlansAnew(slug string) bool {
	_, known := s.planned.LoadOrStore(slug, true)
	return !known
}

// Misses makes known that the server at an endpoint cannot be reached, and says
// whether that is new.
func (s *Session) Misses(endpoint string) bool {
	_, known := s.unreached.LoadOrStore(endpoint, true)
	return !known
}

// Missed says whether it is known that the server at an endpoint cannot be reached.
func (s *Session) Missed(endpoint string) bool {
	_, known := s.unreached.Load(endpoint)
	return known
}

// Ready says whether there is a server to talk to.
func (s *Session) Ready() bool { return s != nil && s.engine != nil }

// From takes the session out of a Configure request, and of its engine
// the part that is asked for. Both are nil before the provider was configured,
// which is so while a configuration is validated.
func From[E any](data any, diags *diag.Diagnostics) (s *Session, engine E) {
	if data == nil {
		return nil, engine
	}
	s, ok := data.(*Session)
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

// Configured takes a session for something that cannot wait until the server
// is known. It reports and returns false when there is no server to talk to.
func Configured(s *Session, what string, diags *diag.Diagnostics) bool {
	if s.Ready() {
		return true
	}
	diags.AddError(SummaryNotConnectable, strings.Join([]string{
		fmt.Sprintf("%s needs a connection, but the provider's configuration holds values that are known only after apply.", what),
		"Apply the resource that makes the server first, or let this one depend on it with `depends_on`, so that it is read after the server is there.",
	}, "\n\n"))
	return false
}
