package dashboard

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/tenant"
)

// previewsAtOnce is how many plans are made at a time, for all visitors together.
const previewsAtOnce = 4

// previews remembers what migrations of groups would do: each is a plan, which is
// made once for all who ask at the same time.
type previews struct {
	room    chan struct{} // for plans that are made
	askData bool          // also what the data means for it
	life    time.Duration // how long one is remembered, 0 for ever
	now     func() time.Time

	flight singleflight.Group
	mu     sync.Mutex
	kept   map[string]keptPreview
}

// keptPreview is a preview with the moment at which it was made.
type keptPreview struct {
	*tenant.Preview

	At time.Time
}

func newPreviews(room chan struct{}, now func() time.Time) *previews {
	return &previews{room: room, now: now, kept: map[string]keptPreview{}}
}

// answersLife is how long the page shows what the data said before it asks again.
const answersLife = 5 * time.Minute

// newAnswers makes previews that ask the data.
func newAnswers(room chan struct{}, now func() time.Time) *previews {
	return &previews{room: room, askData: true, life: answersLife, now: now, kept: map[string]keptPreview{}}
}

// mostPreviews bounds what is remembered.
const mostPreviews = 200

// of returns what a group's migration would do, or why that cannot be said. The
// key of a group holds all that a plan depends on but the data.
func (p *previews) of(ctx context.Context, x *waiting, run func() Engine) (keptPreview, string) {
	if known := p.known(x); known.Preview != nil && (p.life == 0 || p.now().Sub(known.At) < p.life) {
		return known, ""
	}
	made := p.flight.DoChan(x.planKey(), func() (any, error) {
		p.room <- struct{}{}
		defer func() { <-p.room }()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTime)
		defer cancel()
		preview, err := run().Preview(ctx, tenant.PreviewSpec{Slug: x.Slugs[0], Template: x.To, AskData: p.askData})
		kept := keptPreview{preview, p.now()}
		if err == nil {
			p.keep(x, kept)
		}
		return kept, err
	})
	select {
	case result := <-made:
		if result.Err != nil {
			return keptPreview{}, errorText(result.Err)
		}
		preview, _ := result.Val.(keptPreview)
		return preview, ""
	case <-ctx.Done():
		return keptPreview{}, errorText(ctx.Err())
	}
}

// known returns what is remembered of a group; nil for nothing.
func (p *previews) known(x *waiting) keptPreview {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.kept[x.planKey()]
}

func (p *previews) keep(x *waiting, preview keptPreview) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.kept) >= mostPreviews {
		p.kept = map[string]keptPreview{}
	}
	p.kept[x.planKey()] = preview
}

// drop has the migration of a group looked at anew.
func (p *previews) drop(x *waiting) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.kept, x.planKey())
	p.flight.Forget(x.planKey())
}

// planKey names the plan that stands for a group.
func (x *waiting) planKey() string { return x.Key + "|" + x.Slugs[0] }
