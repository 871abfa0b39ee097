package estate

import (
	"context"
	"sync"

	"golang.org/x/sync/singleflight"
)

// Memo keeps what is computed once in a process, by key. The zero value is
// empty. What is returned is shared: nobody changes it.
type Memo[T any] struct {
	flight singleflight.Group
	Mu     sync.Mutex
	Done   map[string]T
}

// Get returns what is kept under a key, or makes it. Who asks for the same at
// the same time waits for one result, as long as its context lasts; the work goes
// on for the others. A failure is not kept.
func (m *Memo[T]) Get(ctx context.Context, key string, compute func() (T, error)) (T, error) {
	if got, ok := m.Known(key); ok {
		return got, nil
	}
	made, err := Shared(ctx, &m.flight, key, func() (any, error) {
		value, err := compute()
		if err != nil {
			return nil, err
		}
		m.Mu.Lock()
		defer m.Mu.Unlock()
		if m.Done == nil {
			m.Done = map[string]T{}
		}
		m.Done[key] = value
		return value, nil
	})
	if err != nil {
		var none T
		return none, err
	}
	return made.(T), nil //nolint:forcetypeassert // the function above returns nothing else
}

// Known returns what is kept under a key.
func (m *Memo[T]) Known(key string) (T, bool) {
	m.Mu.Lock()
	defer m.Mu.Unlock()
	got, ok := m.Done[key]
	return got, ok
}

// Forget lets go of what is kept under a key.
func (m *Memo[T]) Forget(key string) {
	m.Mu.Lock()
	defer m.Mu.Unlock()
	delete(m.Done, key)
}

// Shared does what several may ask for at the same time once for all of them.
// Whoever gives up waits no longer, and the work goes on for the others.
func Shared(ctx context.Context, flight *singleflight.Group, key string, work func() (any, error)) (any, error) {
	select {
	case done := <-flight.DoChan(key, work):
		return done.Val, done.Err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
