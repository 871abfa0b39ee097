package dashboard

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// readTime bounds one read for all visitors.
const readTime = time.Minute

// shared is what is read for all visitors: at most once an interval, however many
// ask.
type shared[T any] struct {
	read  func(context.Context) (*T, error)
	every time.Duration
	now   func() time.Time

	flight  singleflight.Group
	mu      sync.Mutex
	last    *T
	err     error // of the newest read
	readAt  time.Time
	changes int // how often it was forgotten: a read that began before knows less
}

// current returns what was read at most an interval ago. What is a little older is
// returned, too, and read anew behind the visitor: a large estate takes seconds.
// What is older than that, or was forgotten, is waited for. When reading fails, what
// was read last comes with the error; nil when nothing ever was.
func (s *shared[T]) current(ctx context.Context) (*T, error) {
	last, err, fresh := s.known()
	if fresh {
		return last, err
	}
	if last != nil && s.passable() {
		s.begin(ctx)
		return last, err
	}
	select {
	case <-s.begin(ctx):
	case <-ctx.Done():
		last, _, _ := s.known()
		return last, ctx.Err()
	}
	last, err, _ = s.known()
	return last, err
}

// passable says whether what is known may be shown while it is read anew: nobody has
// changed anything since, and a read that began in time may be under way.
func (s *shared[T]) passable() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.readAt.IsZero() && s.now().Sub(s.readAt) < s.every+readTime
}

// begin has it read, once for all who ask meanwhile. The read is for all, so it does
// not end with the visitor who began it.
func (s *shared[T]) begin(ctx context.Context) <-chan singleflight.Result {
	return s.flight.DoChan("", func() (any, error) {
		if _, _, fresh := s.known(); fresh {
			return struct{}{}, nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTime)
		defer cancel()
		s.mu.Lock()
		began := s.changes
		s.mu.Unlock()
		value, err := s.read(ctx)
		s.keep(value, err, began)
		return struct{}{}, nil
	})
}

// keep remembers what was read, unless a read that began later has been: then this
// one is of before a change.
func (s *shared[T]) keep(value *T, err error, began int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if began != s.changes && s.last != nil {
		return
	}
	if err == nil {
		s.last = value
	}
	s.err = err
	if began == s.changes {
		s.readAt = s.now()
	}
}

// latest returns what is known without waiting, nil for nothing yet, and has it read
// anew in the background when it is older than the interval.
func (s *shared[T]) latest(ctx context.Context) *T {
	last, _, fresh := s.known()
	if !fresh {
		s.begin(ctx)
	}
	return last
}

func (s *shared[T]) known() (last *T, err error, fresh bool) { //nolint:revive // the error is a value that is remembered
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last, s.err, !s.readAt.IsZero() && s.now().Sub(s.readAt) < s.every
}

// asked says whether a read has ended, well or not.
func (s *shared[T]) asked() bool {
	last, err, _ := s.known()
	return last != nil || err != nil
}

// forget makes the next visitor see what has just been changed: also when somebody
// has begun to read before.
func (s *shared[T]) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.readAt = time.Time{}
	s.changes++
	s.flight.Forget("")
}
