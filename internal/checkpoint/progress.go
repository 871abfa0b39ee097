package checkpoint

import (
	"sync"
	"time"
)

// Progress is how far a copy has come.
type Progress struct {
	Table string // that was last worked on
	Rows  int64  // so far, of all tables
	Bytes int64  // of the literals of these rows
	// TotalBytes is about what Bytes will be at the end; when a checkpoint is
	// taken it is the server's estimate, in which indexes and free space count.
	TotalBytes int64
	TotalRows  int64 // as TotalBytes; 0 where nobody knows
}

const (
	// progressInterval is the time between two reports.
	progressInterval = time.Second
	// progressBatch is how much is counted before somebody looks at the clock.
	progressBatch = 1 << 20
)

// progress reports to the caller, never twice at the same time.
type progress struct {
	report func(Progress)

	mu   sync.Mutex
	now  Progress
	last time.Time
}

func newProgress(report func(Progress), bytes, rows int64) *progress {
	return &progress{report: report, now: Progress{TotalBytes: bytes, TotalRows: rows}, last: time.Now()}
}

// A tally counts for one session, without a lock for each row.
type tally struct {
	to    *progress
	table string
	rows  int64
	bytes int64
}

func (t *tally) add(table string, rows, bytes int64) {
	t.table = table
	t.rows += rows
	t.bytes += bytes
	if t.bytes >= progressBatch {
		t.pass()
	}
}

// pass adds what was counted to the whole.
func (t *tally) pass() {
	p := t.to
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now.Table = t.table
	p.now.Rows += t.rows
	p.now.Bytes += t.bytes
	t.rows, t.bytes = 0, 0
	if p.report != nil && time.Since(p.last) >= progressInterval {
		p.last = time.Now()
		p.report(p.now)
	}
}

// finish reports the end.
func (p *progress) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.report != nil {
		p.report(p.now)
	}
}
