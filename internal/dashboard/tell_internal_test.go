package dashboard

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-hclog"
)

// TestTell: people are told when the page begins, every five minutes and soon after
// something was written, which does not look at the tenants; what could not be told is
// in the log, and is tried again.
func TestTell(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		type round struct {
			at   time.Duration
			look bool
		}
		var rounds []round
		var logged bytes.Buffer
		began := time.Now()
		fail := true
		s, err := New(Options{
			Listen: "127.0.0.1:0", Log: hclog.New(&hclog.LoggerOptions{Output: &logged}),
			Notify: func(_ context.Context, look bool) error {
				rounds = append(rounds, round{time.Since(began), look})
				if fail {
					fail = false
					return errors.New("the server is away")
				}
				return nil
			},
		}, func() Engine { return nil }, &Progress{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); s.tell(ctx) }()
		time.Sleep(6 * time.Minute)
		s.wrote()
		time.Sleep(500 * time.Millisecond)
		s.wrote()
		s.wrote()
		time.Sleep(4 * time.Minute)
		cancel()
		<-done
		want := []round{{0, true}, {5 * time.Minute, true}, {6*time.Minute + 1500*time.Millisecond, false}, {10 * time.Minute, true}}
		if !slices.Equal(rounds, want) {
			t.Errorf("told at %v, not at %v", rounds, want)
		}
		if want := `[WARN]  people could not be told: cause="the server is away"`; strings.Count(logged.String(), want) != 1 {
			t.Errorf("logged %q, want once %q", logged.String(), want)
		}
	})
}
