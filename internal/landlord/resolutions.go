package landlord

import (
	"context"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
)

// allDecisions returns the decisions of all tenants. One statement reads them,
// once in a run.
func (e *Engine) allDecisions(ctx context.Context) (*decisions, error) {
	s := e.estate
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.decisions == nil {
		all, err := e.registry.readDecisions(ctx, e.main())
		if err != nil {
			return nil, unreachable(e.main(), "reading earlier decisions", err)
		}
		s.decisions = all
	}
	for tenant := range s.changed {
		if err := s.readChanged(ctx, tenant); err != nil {
			return nil, err
		}
	}
	return s.decisions, nil
}

func (e *Engine) decisionsOf(ctx context.Context, tenant uint64) ([]merge.Remembered, error) {
	all, err := e.allDecisions(ctx)
	if err != nil {
		return nil, err
	}
	return all.byTenant[tenant], nil
}
