package mysqltest

import (
	"errors"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

// PrivateServer is a server that one test has for itself: to kill it, to fill
// its disk, to start it with other flags or to change its global variables.
type PrivateServer struct {
	*Server

	Instance *instance.Instance
}

// Option changes how Private starts a server.
type Option func(*instance.Options)

// Args adds flags of the server, for instance "--event-scheduler=ON".
func Args(args ...string) Option {
	return func(o *instance.Options) { o.Args = append(o.Args, args...) }
}

// DataDir puts the data, and only the data, into that empty folder: for
// instance a small file system.
func DataDir(path string) Option {
	return func(o *instance.Options) { o.DataDir = path }
}

// Private starts a server for this test alone; it ends with the test. It takes
// one to three seconds. SetupVariable counts for it too, where its own flags do not
// say otherwise.
func Private(t testing.TB, kind instance.Kind, options ...Option) *PrivateServer {
	t.Helper()
	return privates(t, kind, options)[0]
}

// privates starts several servers at the same time, one for each list of options.
func privates(t testing.TB, kind instance.Kind, lists ...[]Option) []*PrivateServer {
	t.Helper()
	Need(t, "a server")
	software, err := instance.Acquire(t.Context(), kind, os.Stderr)
	if err != nil {
		unavailable(t, kind, err)
	}
	setup, err := setupArgs()
	if err != nil {
		t.Fatal(err)
	}
	started, errs := make([]*instance.Instance, len(lists)), make([]error, len(lists))
	var all sync.WaitGroup
	for n, options := range lists {
		all.Go(func() {
			o := instance.Options{Args: slices.Clone(setup)}
			for _, option := range options {
				option(&o)
			}
			started[n], errs[n] = instance.Start(t.Context(), software, o)
		})
	}
	all.Wait()
	servers := make([]*PrivateServer, len(lists))
	for n, i := range started {
		if i == nil {
			continue
		}
		t.Cleanup(func() {
			if err := i.Close(); err != nil {
				t.Error(err)
			}
		})
		servers[n] = &PrivateServer{Server: newServer(t, AddressOf(i)), Instance: i}
	}
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	return servers
}

// Kill ends the server at once, as a power failure would.
func (p *PrivateServer) Kill(t testing.TB) {
	t.Helper()
	if err := p.Instance.Kill(); err != nil {
		t.Fatal(err)
	}
}

// Stop ends the server in order.
func (p *PrivateServer) Stop(t testing.TB) {
	t.Helper()
	if err := p.Instance.Stop(); err != nil {
		t.Fatal(err)
	}
}

// Restart starts the server again on the same data and port, stopping it first
// when it runs.
func (p *PrivateServer) Restart(t testing.TB) {
	t.Helper()
	if err := p.Instance.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
}
