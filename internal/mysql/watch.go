package mysql

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

type patientKey struct{}

// Patient returns a context whose statements take as long as their work does:
// those that change or read the rows of tables. Only the context itself ends them,
// and a server that answers nobody. Others end after Config.StatementTimeout.
func Patient(ctx context.Context) context.Context {
	return context.WithValue(ctx, patientKey{}, true)
}

// Impatient takes the patience back, for statements that take no
// time by themselves.
func Impatient(ctx context.Context) context.Context {
	return context.WithValue(ctx, patientKey{}, false)
}

// Uninterrupted returns a context that whoever cancels the given one does not
// end, but its deadline does. It is for a statement that is better ended than cut
// off. The caller calls the function when it is done.
func Uninterrupted(ctx context.Context) (context.Context, context.CancelFunc) {
	whole := context.WithoutCancel(ctx)
	if end, ok := ctx.Deadline(); ok {
		return context.WithDeadline(whole, end)
	}
	return context.WithCancel(whole)
}

// A watch ends a statement that gets no answer: after its limit, or as soon as it
// shows that the server answers nobody. Time counts while an answer is waited for,
// row by row. TCP notices a host that is gone, and not a server that stands still.
type watch struct {
	server *Server
	limit  time.Duration // 0: as long as the server lives
	cancel context.CancelCauseFunc

	since atomic.Int64 // when the waiting began; 0 while nobody waits
	mu    sync.Mutex
	timer *time.Timer // nil when the watch is over
	dead  int         // how often the server did not answer, in a row
}

// watched returns the context for a statement, and its watch.
func (h *handle) watched(ctx context.Context) (context.Context, *watch) {
	w := &watch{server: h.server, limit: h.limit}
	if patient, _ := ctx.Value(patientKey{}).(bool); patient {
		w.limit = 0
	}
	ctx, w.cancel = context.WithCancelCause(ctx)
	w.begin()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timer = time.AfterFunc(w.interval(), w.look)
	return ctx, w
}

// interval is how long a silence lasts until somebody asks whether the server is
// alive, so that the answer is there when the limit is over.
func (w *watch) interval() time.Duration {
	limit := w.server.cfg.StatementTimeout
	if w.limit != 0 {
		limit = w.limit
	}
	return max(limit-w.server.cfg.ConnectTimeout, limit/2)
}

func (w *watch) begin() {
	if w.since.Swap(time.Now().UnixNano()) == 0 {
		w.server.cfg.Traffic.begin()
	}
}

func (w *watch) pause() {
	if w.since.Swap(0) != 0 {
		w.server.cfg.Traffic.end()
	}
}

// end ends the watch and its context.
func (w *watch) end() {
	w.pause()
	w.mu.Lock()
	if w.timer != nil {
		w.timer.Stop()
		w.timer = nil
	}
	w.mu.Unlock()
	w.cancel(nil)
}

func (w *watch) again(in time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer != nil {
		w.timer.Reset(in)
	}
}

// look runs when the waiting may have lasted for the interval.
func (w *watch) look() {
	began := w.since.Load()
	silence := time.Duration(time.Now().UnixNano() - began)
	switch {
	case began == 0:
		w.again(w.interval())
	case silence < w.interval():
		w.again(w.interval() - silence)
	case w.limit != 0 && silence >= w.limit:
		w.cancel(&StatementTimeoutError{Limit: w.limit})
	default:
		w.ask(began)
	}
}

// patientAttempts is how often a server has to be silent until a statement is
// given up that may take long by itself: its work is lost then.
const patientAttempts = 2

// ask looks whether the server answers anybody.
func (w *watch) ask(began int64) {
	failure := w.server.pulse()
	if w.since.Load() != began {
		w.dead = 0
		w.again(w.interval())
		return
	}
	if failure == nil {
		w.dead = 0
	} else if w.dead++; w.limit != 0 || w.dead >= patientAttempts {
		w.server.giveUp(failure)
		if w.server.connector.several() { // another one may take over: what took effect is looked for there
			w.cancel(&LostError{Endpoint: w.server.cfg.Endpoint, Err: failure})
		} else {
			w.cancel(failure)
		}
		return
	}
	next := w.interval()
	if w.limit != 0 {
		next = max(w.limit-time.Duration(time.Now().UnixNano()-began), time.Millisecond)
	}
	w.again(next)
}

// pulse opens a connection of its own and returns the error when no answer
// comes. A refusal is an answer.
func (s *Server) pulse() *ConnectError { return s.connector.pulse() }

// giveUp makes everybody who asks for a connection next look whether the server
// is back, and throws the ones away that nobody uses: they would be waited for
// one after the other.
func (s *Server) giveUp(failure *ConnectError) {
	s.connector.remember(failure)
	s.pool.SetMaxIdleConns(0)
	s.pool.SetMaxIdleConns(s.cfg.MaxConnections)
}
