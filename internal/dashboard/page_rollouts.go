package dashboard

import (
	"net/http"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/overview"
)

// rolloutView is a rollout with its rate and the time that is left.
type rolloutView struct {
	overview.Rollout

	PerMinute float64       // tenants that were done in a minute, on the whole
	Left      time.Duration // 0 when nobody can tell
}

// rolloutsPage is what the page of rollouts shows.
type rolloutsPage struct {
	Rollouts []rolloutView
	Live     bool // one of them runs
}

// statusRunning is the status of a rollout that an apply is at.
const statusRunning = "running"

func (s *Server) rolloutsPage(w http.ResponseWriter, r *http.Request) {
	list, err := s.run().Rollouts(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	var p rolloutsPage
	for _, o := range list {
		p.Rollouts = append(p.Rollouts, viewRollout(o, s.options.Now()))
		p.Live = p.Live || o.Status == statusRunning
	}
	s.render(w, r, http.StatusOK, "rollouts", "Rollouts", p)
}

func viewRollout(o overview.Rollout, now time.Time) rolloutView {
	v := rolloutView{Rollout: o}
	end := o.FinishedAt
	if end.IsZero() {
		end = now
	}
	spent := end.Sub(o.StartedAt)
	if done := o.Done(); done > 0 && spent > 0 {
		v.PerMinute = float64(done) / spent.Minutes()
		if o.Status == statusRunning {
			v.Left = (spent / time.Duration(done) * time.Duration(o.Total()-done)).Round(time.Second)
		}
	}
	return v
}
