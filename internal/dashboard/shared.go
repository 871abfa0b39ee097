package dashboard

import (
	"context"
	"sync"
	"time"
)

// readTime bounds one read for all visitors.
const readTime = time.Minute

// shared is what is read for all visitors: at most once an interval, however many
// ask.
type shared[T any] struct {
	read  func(context.Context) (*T, error)
	every time.Duration
	now   func() time.Time

	reading sync.Mutex // held while it is read, so that others wait for the same
	mu      sync.Mutex
	last    *T
	err     error // of the newest read
	readAt  time.Time
}

// current returns what was read at most an interval ago, and reads it when there is
// nothing so new. When that fails, what was read last comes with the error; nil when
// nothing ever was.
func (s *shared[T]) current(ctx context.Context) (*T, error) {
	s.reading.Lock()
	defer s.reading.Unlock()
	if last, err, fresh := s.known(); fresh {
		return last, err
	}
	// The read is for all, so it does not end with the visitor who began it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTime)
	defer cancel()
	value, err := s.read(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.last = value
	}
	s.err, s.readAt = err, s.now()
	return s.last, err
}

// latest returns what is known without waiting, nil for nothing yet, and has it read
// anew in the background when it is older than the interval.
func (s *shared[T]) latest(ctx context.Context) *T {
	last, _, fresh := s.known()
	if !fresh && s.reading.TryLock() {
		s.reading.Unlock()
		go func() { _, _ = s.current(context.WithoutCancel(ctx)) }() // an error leaves what is known
	}
	return last
}

func (s *shared[T]) known() (last *T, err error, fresh bool) { //nolint:revive // the error is a value that is remembered
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last, s.err, !s.readAt.IsZero() && s.now().Sub(s.readAt) < s.every
}

// forget makes the next visitor see what has just been changed.
func (s *shared[T]) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.readAt = time.Time{}
}
