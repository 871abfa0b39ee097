package landlord

import (
	"sync"

	"golang.org/x/sync/singleflight"
)

// memo keeps what is computed once in a process, by key. The zero value is
// empty. What is returned is shared: nobody changes it.
type memo[T any] struct {
	flight singleflight.Group
	mu     sync.Mutex
	done   map[string]T
}

// get returns what is kept under a key, or makes it. Who asks for the same at
// the same time waits for one result. A failure is not kept.
func (m *memo[T]) get(key string, compute func() (T, error)) (T, error) {
	m.mu.Lock()
	got, ok := m.done[key]
	m.mu.Unlock()
	if ok {
		return got, nil
	}
	made, err, _ := m.flight.Do(key, func() (any, error) {
		value, err := compute()
		if err != nil {
			return nil, err
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.done == nil {
			m.done = map[string]T{}
		}
		m.done[key] = value
		return value, nil
	})
	if err != nil {
		var none T
		return none, err
	}
	return made.(T), nil //nolint:forcetypeassert // the function above returns nothing else
}
