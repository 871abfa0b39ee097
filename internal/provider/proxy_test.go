package provider_test

import (
	"bufio"
	"encoding/binary"
	"io"
	"slices"
	"strings"
	"testing"
)

// proxy is a cable that is cut at a chosen write, for good: to the server this is
// a provider that was killed, whatever the engine in this process still tries.
type proxy struct {
	*cable

	left  int      // writes until the cut, 0 for never
	after bool     // let the server carry the last write out
	seen  []string // the writes since arm
}

// comQuery is the command of the protocol that carries a statement.
const comQuery = 0x03

func newProxy(t *testing.T, target string) *proxy {
	t.Helper()
	p := &proxy{cable: &cable{target: target}}
	p.forward = p.pass
	p.lay(t)
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

// pass passes packets on and counts the writes among them.
func (p *proxy) pass(client io.Reader, server io.Writer, last chan struct{}) {
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
