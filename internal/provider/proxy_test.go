package provider_test

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
)

// proxy stands between a provider and its server. At a chosen write it cuts all
// connections and takes no more: to the server this is a provider that was
// killed, whatever the engine in this process still tries.
type proxy struct {
	endpoint string
	listener net.Listener
	target   string

	mu          sync.Mutex
	connections map[net.Conn]bool
	left        int  // writes until the cut, 0 for never
	after       bool // let the server carry the last write out
	cut         bool
	seen        []string // the writes since arm
}

// comQuery is the command of the protocol that carries a statement.
const comQuery = 0x03

func newProxy(t *testing.T, target string) *proxy {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	p := &proxy{endpoint: listener.Addr().String(), listener: listener, target: target, connections: map[net.Conn]bool{}}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { p.serve(client) })
		}
	})
	t.Cleanup(func() {
		p.stop()
		running.Wait()
	})
	return p
}

// arm cuts at the write of that number from now on, before the server gets
// it or after the server has carried it out.
func (p *proxy) arm(number int, after bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left, p.after, p.seen = number, after, nil
}

// writes returns the writes since arm, and whether the last one was cut off.
func (p *proxy) writes() ([]string, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen, p.cut
}

// stop cuts everything.
func (p *proxy) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = true
	_ = p.listener.Close()
	for connection := range p.connections {
		_ = connection.Close()
	}
}

func (p *proxy) serve(client net.Conn) {
	defer func() { _ = client.Close() }()
	server, err := net.Dial("tcp", p.target) //nolint:noctx // ended by stop
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	p.mu.Lock()
	if p.cut {
		p.mu.Unlock()
		return
	}
	p.connections[client], p.connections[server] = true, true
	p.mu.Unlock()

	last := make(chan struct{}) // closed when the next answer is not to be delivered
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		buffer := make([]byte, 64<<10)
		for {
			n, err := server.Read(buffer)
			select {
			case <-last:
				p.stop()
				return
			default:
			}
			if n > 0 {
				if _, err := client.Write(buffer[:n]); err != nil {
					return
				}
			}
			if err != nil {
				_ = client.Close()
				return
			}
		}
	}()
	p.forward(client, server, last)
	_ = server.Close()
	<-answered
}

// forward passes packets on and counts the writes among them.
func (p *proxy) forward(client io.Reader, server io.Writer, last chan struct{}) {
	in := bufio.NewReader(client)
	for {
		header := make([]byte, 4)
		if _, err := io.ReadFull(in, header); err != nil {
			return
		}
		body := make([]byte, int(binary.LittleEndian.Uint32([]byte{header[0], header[1], header[2], 0})))
		if _, err := io.ReadFull(in, body); err != nil {
			return
		}
		before, after := p.count(header[3], body)
		if before {
			p.stop()
			return
		}
		if after {
			close(last)
		}
		if _, err := server.Write(slices.Concat(header, body)); err != nil {
			return
		}
	}
}

// count says whether to cut before or after a packet.
func (p *proxy) count(sequence byte, body []byte) (before, after bool) {
	if sequence != 0 || len(body) == 0 || body[0] != comQuery || !isWrite(string(body[1:])) {
		return false, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cut {
		return true, false
	}
	p.seen = append(p.seen, string(body[1:]))
	if p.left == 0 {
		return false, false
	}
	p.left--
	return p.left == 0 && !p.after, p.left == 0 && p.after
}

// isWrite says whether a statement changes what is stored.
func isWrite(sql string) bool {
	verb, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(sql)), " ")
	return slices.Contains([]string{"CREATE", "ALTER", "DROP", "INSERT", "REPLACE", "UPDATE", "DELETE", "COMMIT"}, verb)
}
