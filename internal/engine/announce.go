package engine

import (
	"context"
	"sync"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

const (
	// announcePause gathers what several applies of one run have to tell.
	announcePause = 300 * time.Millisecond
	// announceTime bounds one round: what is left is sent by a later run.
	announceTime = 30 * time.Second
)

// announcer tells people what a run has done, beside the run.
type announcer struct {
	mu      sync.Mutex
	running bool
	again   bool
	cancel  context.CancelFunc
	done    chan struct{} // closed when the last round is over
}

// Announce lets people be told of what was applied, and what was changed a while ago be
// sampled, and returns at once.
func (e *Engine) Announce() {
	if len(e.cfg.Notifications) == 0 && !e.changed.due(e.cfg.Now()) {
		return
	}
	a := &e.announcer
	a.mu.Lock()
	defer a.mu.Unlock()
	a.again = true
	if a.running {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	a.running, a.cancel, a.done = true, cancel, make(chan struct{})
	go e.announce(ctx, a.done)
}

// announce goes round until nothing was applied meanwhile.
func (e *Engine) announce(ctx context.Context, done chan struct{}) {
	defer close(done)
	for e.announcer.next(ctx) {
		round, cancel := context.WithTimeout(ctx, announceTime)
		if e.changed.due(e.cfg.Now()) {
			e.sampleChanged(round)
		}
		if len(e.cfg.Notifications) == 0 {
			cancel()
			continue
		}
		if _, err := e.Notify(round, false); err != nil && ctx.Err() == nil {
			e.cfg.Log(ctx, "People could not be told", map[string]any{"cause": err.Error()})
		}
		cancel()
	}
}

// next waits for a moment and says whether there is another round.
func (a *announcer) next(ctx context.Context) bool {
	select {
	case <-time.After(announcePause):
	case <-ctx.Done():
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.again || ctx.Err() != nil {
		a.running = false
		return false
	}
	a.again = false
	return true
}

// Settle samples the tenants that were changed and waits until people were told, at most
// for the patience.
func (e *Engine) Settle(patience time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	e.sampleChanged(ctx)
	e.announcer.mu.Lock()
	done := e.announcer.done
	e.announcer.mu.Unlock()
	if done == nil {
		return
	}
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// stop ends what is being told.
func (a *announcer) stop() {
	a.mu.Lock()
	cancel, done := a.cancel, a.done
	a.mu.Unlock()
	if cancel != nil {
		cancel()
		<-done
	}
}

// Notify finds what there is to tell and sends it to the addresses of the
// configuration, as long as the context lasts. Look asks the servers for drift,
// too. What cannot be sent now is sent by a later run. Errors are Problems.
func (e *Engine) Notify(ctx context.Context, look bool) (landlord.Delivery, error) {
	found, err := e.notifier.Find(ctx, look)
	if err != nil {
		return landlord.Delivery{}, err
	}
	out, err := e.notifier.Send(ctx)
	out.New = found
	return out, err
}
