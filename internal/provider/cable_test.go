package provider_test

import (
	"context"
	"io"
	"net"
	"sync"
	"testing"
)

// A cable lies between a provider and a server, and can be cut and mended.
type cable struct {
	listener net.Listener
	target   string
	forward  func(client io.Reader, server io.Writer, last chan struct{}) // closes last when the next answer is not to be delivered

	mu   sync.Mutex
	cut  bool
	ends map[net.Conn]bool
}

func newCable(t *testing.T, target string) *cable {
	t.Helper()
	c := &cable{target: target}
	c.forward = func(client io.Reader, server io.Writer, _ chan struct{}) { _, _ = io.Copy(server, client) }
	c.lay(t)
	return c
}

// lay begins to take connections, until the test is over.
func (c *cable) lay(t *testing.T) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	c.listener, c.ends = listener, map[net.Conn]bool{}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { c.join(client) })
		}
	})
	t.Cleanup(func() {
		c.stop()
		running.Wait()
	})
}

func (c *cable) endpoint() string { return c.listener.Addr().String() }

// set cuts the cable, with all connections through it, or mends it.
func (c *cable) set(cut bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = cut
	for end := range c.ends {
		if cut {
			_ = end.Close()
		}
	}
}

// stop cuts the cable for good.
func (c *cable) stop() {
	_ = c.listener.Close()
	c.set(true)
}

// join carries one connection until one of its ends is closed.
func (c *cable) join(client net.Conn) {
	defer func() { _ = client.Close() }()
	server, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", c.target)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	c.mu.Lock()
	if c.cut {
		c.mu.Unlock()
		return
	}
	c.ends[client], c.ends[server] = true, true
	c.mu.Unlock()
	last, answered := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(answered)
		c.answer(client, server, last)
	}()
	c.forward(client, server, last)
	_ = server.Close()
	<-answered
	c.mu.Lock()
	delete(c.ends, client)
	delete(c.ends, server)
	c.mu.Unlock()
}

// answer passes on what the server sends, and cuts the cable at the answer that is
// not to be delivered.
func (c *cable) answer(client, server net.Conn, last chan struct{}) {
	defer func() { _ = client.Close() }()
	buffer := make([]byte, 64<<10)
	for {
		n, err := server.Read(buffer)
		select {
		case <-last:
			c.stop()
			return
		default:
		}
		if _, failed := client.Write(buffer[:n]); failed != nil || err != nil {
			return
		}
	}
}
