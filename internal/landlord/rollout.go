package landlord

import (
	"fmt"
	"strings"
	"time"
)

// RolloutWish is what somebody asks of the apply that runs a rollout. It is
// honored between two tenants.
type RolloutWish string

// What can be asked of a rollout. WishNone takes back what was asked.
const (
	WishNone     RolloutWish = ""
	WishPause    RolloutWish = "pause"    // no further tenant is begun until the wish is taken back
	WishAbort    RolloutWish = "abort"    // no further tenant is begun, and the apply ends with an error
	WishRollback RolloutWish = "rollback" // the tenants that were changed go back, and the apply ends with an error
)

// RolloutProgress is how far the newest rollout of a fleet has come.
type RolloutProgress struct {
	Fleet    string
	Template string // name@version that it leads to
	Status   string // running, waiting, halted, rolling_back, rolled_back, replaced or done
	Author   string // whose apply runs it, or ran it last
	Through  string // the last wave that was allowed to begin
	Waves    []WaveProgress
	Failures []RolloutFailure // the first ten, by slug

	Wish       RolloutWish // that is not honored yet, or holds
	WishAuthor string

	StartedAt  time.Time
	FinishedAt time.Time // zero until it is finished
	Asked      time.Time // when the landlord database was asked, by its clock
}

// WaveProgress counts the tenants of one wave.
type WaveProgress struct {
	Name                            string
	Total, Done, Failed, RolledBack int // what is none of these has not been changed yet
}

// RolloutFailure is a tenant that failed, and why.
type RolloutFailure struct{ Slug, Reason string }

// Count returns how many tenants the rollout has in all, and how many of them are
// done, failed, or were taken back.
func (p *RolloutProgress) Count() (all, ended int) {
	for _, w := range p.Waves {
		all, ended = all+w.Total, ended+w.Done+w.Failed+w.RolledBack
	}
	return all, ended
}

// Runs says whether an apply is at it, forward or back, unless it was killed.
func (p *RolloutProgress) Runs() bool {
	return p.Status == "running" || p.Status == "rolling_back" && p.FinishedAt.IsZero()
}

// Standing tells where the rollout and its waves stand.
func (p *RolloutProgress) Standing() string {
	all, ended := p.Count()
	failed, back := 0, 0
	var waves []string
	for _, w := range p.Waves {
		failed, back = failed+w.Failed, back+w.RolledBack
		if w.Total > 0 {
			waves = append(waves, fmt.Sprintf("%s %d/%d", w.Name, w.Done+w.Failed+w.RolledBack, w.Total))
		}
	}
	text := fmt.Sprintf("%s, %d of %d tenants", p.Status, ended, all)
	if failed > 0 {
		text += fmt.Sprintf(", %d failed", failed)
	}
	if back > 0 {
		text += fmt.Sprintf(", %d taken back", back)
	}
	if len(waves) > 1 {
		text += " (" + strings.Join(waves, ", ") + ")"
	}
	return text
}
