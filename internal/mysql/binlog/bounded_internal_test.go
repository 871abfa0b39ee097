package binlog

import (
	"runtime"
	"testing"
)

// bounded runs a decoder and fails when it allocates more than so many bytes
// for each byte that it gets, and a base for the library: a length in the data is
// no reason to believe it. Nothing else may run at the same time, as it
// is while a fuzz target is tried.
func bounded(t *testing.T, data []byte, base, perByte uint64, decode func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	decode()
	runtime.ReadMemStats(&after)
	if got, most := after.TotalAlloc-before.TotalAlloc, uint64(len(data))*perByte+base; got > most {
		t.Errorf("%d bytes made it allocate %d", len(data), got)
	}
}
