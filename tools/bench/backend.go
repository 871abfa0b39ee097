package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// stateServer keeps states for Terraform's backend `http`, as a backend of a
// team does: Terraform sends the state now and then and at the end. Into a file
// it writes the whole state after each resource, whose cost grows with the
// square of their number.
type stateServer struct {
	server http.Server
	base   string

	mu     sync.Mutex
	states map[string][]byte
}

func startStateServer(ctx context.Context) (*stateServer, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("starting a server for states: %w", err)
	}
	s := &stateServer{base: "http://" + listener.Addr().String(), states: map[string][]byte{}}
	s.server = http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	go func() { _ = s.server.Serve(listener) }()
	return s, nil
}

func (s *stateServer) close() error {
	if err := s.server.Close(); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("ending the server for states: %w", err)
	}
	return nil
}

// backend configures a workspace to keep its state here.
func (s *stateServer) backend(name string) string {
	return fmt.Sprintf("terraform {\n  backend \"http\" {\n    address = %q\n  }\n}\n\n", s.base+"/"+name)
}

// ServeHTTP gives and takes states.
func (s *stateServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Method == http.MethodPost {
		state, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		s.states[r.URL.Path] = state
		return
	}
	state := s.states[r.URL.Path]
	if state == nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	_, _ = w.Write(state)
}
