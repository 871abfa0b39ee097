package dashboard

import (
	"context"
	"time"
)

const (
	tellEvery = 5 * time.Minute // that the page looks what there is to tell
	tellSoon  = time.Second     // after something was written, which others may follow
	tellTime  = 2 * time.Minute // for one round: what is left is told by the next
)

// tell tells people what there is to tell, now and then and soon after the page has
// written something, until the context ends. Only now and then it looks at all
// tenants: what the page writes changes none of them.
func (s *Server) tell(ctx context.Context) {
	if s.options.Notify == nil {
		return
	}
	next, soon := time.NewTimer(0), time.NewTimer(tellEvery)
	defer next.Stop()
	defer soon.Stop()
	soon.Stop()
	for {
		look := false
		select {
		case <-ctx.Done():
			return
		case <-s.changed:
			soon.Reset(tellSoon)
			continue
		case <-soon.C:
		case <-next.C:
			look = true
		}
		round, cancel := context.WithTimeout(ctx, tellTime)
		if err := s.options.Notify(round, look); err != nil && ctx.Err() == nil {
			s.options.Log.Warn("people could not be told", "cause", errorText(err))
		}
		cancel()
		if look {
			next.Reset(tellEvery)
		}
	}
}

// wrote has people told soon.
func (s *Server) wrote() {
	select {
	case s.changed <- struct{}{}:
	default: // it is known already
	}
}
