package registry

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestQueue_order lets two take the same places in opposite orders, again and
// again: they do not wait for each other.
func TestQueue_order(t *testing.T) {
	t.Parallel()
	var q Queue
	a, b := Place{Database: "a"}, Place{Server: "eu", Database: "a"}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ended := make(chan error, 2)
	inside := 0 // guarded by the turns
	for _, places := range [][]Place{{a, b}, {b, a, b}} {
		go func() {
			for range 1000 {
				done, err := q.Take(ctx, places...)
				if err != nil {
					ended <- err
					return
				}
				inside++
				done()
			}
			ended <- nil
		}()
	}
	for range 2 {
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	}
	if inside != 2000 {
		t.Errorf("%d turns", inside)
	}
}

// TestQueue_canceled gives back what was taken when the wait for the rest ends.
func TestQueue_canceled(t *testing.T) {
	t.Parallel()
	var q Queue
	a, b := Place{Database: "a"}, Place{Database: "b"}
	done, err := q.Take(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := q.Take(ctx, a, b); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	again, err := q.Take(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	again()
	done()
	if again, err = q.Take(t.Context(), b, a); err != nil {
		t.Fatal(err)
	}
	again()
}

// TestQueue_one lets many ask for places in any order: one at a time works at
// each place, and all get their turn.
func TestQueue_one(t *testing.T) {
	t.Parallel()
	var q Queue
	places := []Place{{Database: "a"}, {Database: "b"}, {Server: "eu", Database: "a"}, {Server: "eu", Database: "c"}}
	inside := make([]atomic.Int32, len(places))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			for n := range 50 {
				var mine []Place
				for k := range places {
					if (i*7+n*3)>>k&1 == 1 {
						mine = append(mine, places[k])
					}
				}
				if n%2 == 1 {
					slices.Reverse(mine)
				}
				done, err := q.Take(ctx, mine...)
				if err != nil {
					t.Error(err)
					return
				}
				for _, p := range mine {
					at := &inside[slices.Index(places, p)]
					if at.Add(1) != 1 {
						t.Errorf("two at %v", p)
					}
				}
				for _, p := range mine {
					inside[slices.Index(places, p)].Add(-1)
				}
				done()
			}
		})
	}
	all.Wait()
}

// TestQueue_cause says why a wait ended, and takes nothing twice.
func TestQueue_cause(t *testing.T) {
	t.Parallel()
	var q Queue
	p := Place{Database: "a"}
	done, err := q.Take(t.Context(), p, p)
	if err != nil {
		t.Fatal(err)
	}
	over := errors.New("the user has had enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(over)
	if _, err := q.Take(ctx, p); !errors.Is(err, over) {
		t.Errorf("got %v", err)
	}
	done()
	done() // once more ends nothing
	again, err := q.Take(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	again()
	if none, err := q.Take(ctx); err != nil {
		t.Errorf("of no place: %v", err)
	} else {
		none()
	}
}

// TestQueue_try takes a turn that is nobody's, and no other.
func TestQueue_try(t *testing.T) {
	t.Parallel()
	var q Queue
	p := Place{Server: "eu", Database: "a"}
	done := q.Try(p)
	if done == nil {
		t.Fatal("nobody has the turn")
	}
	if q.Try(p) != nil {
		t.Error("the turn was taken twice")
	}
	if other := q.Try(Place{Database: "a"}); other == nil {
		t.Error("that of another server is taken")
	}
	done()
	again, err := q.Take(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if q.Try(p) != nil {
		t.Error("the turn was taken from who has it")
	}
	again()
}
