package dashboard

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/overview"
)

// rolloutView is a rollout with its rate and the time that is left.
type rolloutView struct {
	overview.Rollout

	PerMinute float64       // tenants that were done in a minute, on the whole
	Left      time.Duration // 0 when nobody can tell
}

// Later says whether there are waves that have not begun: nobody knows their tenants yet.
func (v *rolloutView) Later() bool {
	return slices.ContainsFunc(v.Waves, func(w overview.Wave) bool { return w.Total == 0 })
}

// MayPause says whether a pause can be asked for: also of a rollout that waits, for
// the next apply honors it.
func (v *rolloutView) MayPause() bool { return v.Open() && v.Wish == landlord.WishNone }

// MayResume says whether there is a pause to take back.
func (v *rolloutView) MayResume() bool { return v.Open() && v.Wish == landlord.WishPause }

// MayAbort says whether an apply is there to be ended.
func (v *rolloutView) MayAbort() bool {
	return v.Status == statusRunning && v.Wish != landlord.WishAbort
}

// rolloutsPage is what the page of rollouts shows.
type rolloutsPage struct {
	Rollouts []rolloutView
	Live     bool // one of them runs
	Said     string
}

// wishes are what the page may ask of a rollout, by the address. To take tenants
// back is more than a page should do: that is for the configuration, or for
// `terraform-provider-landlord watch --rollback`.
func wishes() map[string]landlord.RolloutWish {
	return map[string]landlord.RolloutWish{"pause": landlord.WishPause, "resume": landlord.WishNone, "abort": landlord.WishAbort}
}

// askRollout asks something of the apply that runs a rollout.
func (s *Server) askRollout(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("wish")
	wish, known := wishes()[name]
	if !known {
		s.refuse(w, r, http.StatusNotFound, "There is no such page.")
		return
	}
	note := strings.TrimSpace(r.PostForm.Get("note"))
	if note == "" {
		s.refuse(w, r, http.StatusUnprocessableEntity, noReason)
		return
	}
	run, who := s.run(), visitor(r).name
	list, err := run.Rollouts(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	at := slices.IndexFunc(list, func(o overview.Rollout) bool { return o.Fleet == r.PostForm.Get("fleet") })
	if at < 0 {
		s.refuse(w, r, http.StatusConflict, "This fleet has no rollout. Load the page again to see what runs.")
		return
	}
	if _, err := run.AskRollout(r.Context(), list[at].Fleet, wish, who, note); err != nil {
		s.refuse(w, r, http.StatusConflict, errorText(err))
		return
	}
	s.options.Log.Info("rollout asked for something on the page", "by", who, "fleet", list[at].Fleet, "wish", name)
	s.wrote()
	s.redirect(w, r, "/rollouts", "asked")
}

// statusRunning is the status of a rollout that an apply is at.
const statusRunning = "running"

func (s *Server) rolloutsPage(w http.ResponseWriter, r *http.Request) {
	list, err := s.run().Rollouts(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	p := rolloutsPage{Said: r.URL.Query().Get("said")}
	for _, o := range list {
		p.Rollouts = append(p.Rollouts, viewRollout(o, s.options.Now()))
		p.Live = p.Live || o.Status == statusRunning || o.Status == "rolling_back" && o.FinishedAt.IsZero()
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
