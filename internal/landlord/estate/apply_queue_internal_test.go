package estate

import (
	"context"
	"errors"
	"testing"
	"time"
)

// TestQueue_order lets two take the same places in opposite orders, again and
// again: they do not wait for each other.
func TestQueue_order(t *testing.T) {
	t.Parallel()
	var q queue
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
	var q queue
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
