package dashboard

import (
	"context"
	"sync"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/overview"
)

// readTime bounds one read of the estate.
const readTime = time.Minute

// estateReader reads the estate for all visitors: at most once an interval,
// however many ask.
type estateReader struct {
	read  func(context.Context) (*overview.Estate, error)
	every time.Duration
	now   func() time.Time

	mu     sync.Mutex // held while it is read, so that others wait for the same
	last   *overview.Estate
	err    error // of the newest read
	readAt time.Time
}

// current returns the estate, at most an interval old. When it cannot be read,
// what was read last comes with the error; nil when nothing ever was.
func (e *estateReader) current(ctx context.Context) (*overview.Estate, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.readAt.IsZero() && e.now().Sub(e.readAt) < e.every {
		return e.last, e.err
	}
	// The read is for all, so it does not end with the visitor who began it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTime)
	defer cancel()
	estate, err := e.read(ctx)
	if err == nil {
		e.last = estate
	}
	e.err, e.readAt = err, e.now()
	return e.last, err
}

// forget makes the next visitor see what has just been changed.
func (e *estateReader) forget() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.readAt = time.Time{}
}
