package registry

import (
	"cmp"
	"context"
	"slices"
	"sync"
)

// Place is a database on a server, whether it exists or not.
type Place struct {
	Server, Database string // key of the server, empty for the main one
}

// Queue lets one verb of this process at a time work on a database, of whichever run
// it is: the others wait for their turn, however long it takes. Other processes are held off by
// locks of the server, whose patience is short. A turn is taken before a
// connection is: who holds a connection never waits for a turn.
type Queue struct {
	mu    sync.Mutex
	turns map[Place]chan struct{} // with room for the one whose turn it is
}

// Take waits for the turn at all places, and returns what ends it. Every verb
// takes its places in one order, so two never wait for each other.
func (q *Queue) Take(ctx context.Context, places ...Place) (done func(), err error) {
	sorted := slices.SortedFunc(slices.Values(places), func(a, b Place) int {
		return cmp.Or(cmp.Compare(a.Server, b.Server), cmp.Compare(a.Database, b.Database))
	})
	var taken []chan struct{}
	done = func() {
		for _, turn := range taken {
			<-turn
		}
		taken = nil
	}
	for _, p := range slices.Compact(sorted) {
		turn := q.at(p)
		select {
		case turn <- struct{}{}:
			taken = append(taken, turn)
		case <-ctx.Done():
			done()
			return nil, context.Cause(ctx)
		}
	}
	return done, nil
}

func (q *Queue) at(p Place) chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	turn := q.turns[p]
	if turn == nil {
		if q.turns == nil {
			q.turns = map[Place]chan struct{}{}
		}
		turn = make(chan struct{}, 1)
		q.turns[p] = turn
	}
	return turn
}

// Try takes the turn at a place if it is nobody's, for work that can wait for another
// run; nil when somebody has it.
func (q *Queue) Try(p Place) (done func()) {
	turn := q.at(p)
	select {
	case turn <- struct{}{}:
		return func() { <-turn }
	default:
		return nil
	}
}
