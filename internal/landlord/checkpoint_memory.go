package landlord

import (
	"runtime"
	"runtime/debug"
	"sync"
)

const (
	// copyMemory is what the process may use while tenants are copied, beside
	// its program: what a copy itself needs is far less, and without a limit the
	// collector would let garbage grow to twice of everything.
	copyMemory = 64 << 20
	// copyRoom is left to copies in a process that has much to remember.
	copyRoom = 40 << 20
)

// sparing bounds the memory of the process as long as somebody copies a tenant.
type sparing struct {
	mu     sync.Mutex
	copies int
	former int64
}

// begin sets the bound, and returns what ends it.
func (s *sparing) begin() (end func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.copies++; s.copies == 1 {
		debug.FreeOSMemory() // what planning has left
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		s.former = debug.SetMemoryLimit(-1)
		debug.SetMemoryLimit(min(s.former, max(copyMemory, int64(m.HeapAlloc)+copyRoom))) //nolint:gosec // no heap is that large
	}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.copies--; s.copies == 0 {
			debug.SetMemoryLimit(s.former)
		}
	}
}
