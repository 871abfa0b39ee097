package dashboard

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-hclog"
)

// TestTell: people are told when the page begins, every five minutes and soon after
// something was written; what could not be told is in the log, and is tried again.
func TestTell(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var rounds []time.Duration
		var logged bytes.Buffer
		began := time.Now()
		fail := true
		s, err := New(Options{
			Listen: "127.0.0.1:0", Log: hclog.New(&hclog.LoggerOptions{Output: &logged}),
			Notify: func(context.Context) error {
				rounds = append(rounds, time.Since(began))
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
		time.Sleep(time.Minute)
		cancel()
		<-done
		want := []time.Duration{0, 5 * time.Minute, 6*time.Minute + 1500*time.Millisecond}
		if len(rounds) != len(want) || rounds[0] != want[0] || rounds[1] != want[1] || rounds[2] != want[2] {
			t.Errorf("told at %v, not at %v", rounds, want)
		}
		if want := `[WARN]  people could not be told: cause="the server is away"`; strings.Count(logged.String(), want) != 1 {
			t.Errorf("logged %q, want once %q", logged.String(), want)
		}
	})
}
