package landlord

import (
	"sync"

	"golang.org/x/sync/singleflight"

	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// classes keeps what is the same for many tenants, computed once: the
// composition of a template with modules, and the migration from one schema to
// another.
type classes struct {
	flight       singleflight.Group
	mu           sync.Mutex
	compositions map[string]*template.Composition
	migrations   map[string]*migration
	computed     int // migrations that were computed, not found
}

func newClasses() *classes {
	return &classes{compositions: map[string]*template.Composition{}, migrations: map[string]*migration{}}
}

// migration returns the migration kept under a key, or makes it. What is
// returned is shared: nobody changes it.
func (c *classes) migration(key string, compute func() (*migration, error)) (*migration, error) {
	c.mu.Lock()
	got := c.migrations[key]
	c.mu.Unlock()
	if got != nil {
		return got, nil
	}
	made, err, _ := c.flight.Do("migration\x00"+key, func() (any, error) {
		m, err := compute()
		if err != nil {
			return nil, err
		}
		c.mu.Lock()
		c.migrations[key] = m
		c.computed++
		c.mu.Unlock()
		return m, nil
	})
	if err != nil {
		return nil, err
	}
	return made.(*migration), nil //nolint:forcetypeassert // the function above returns nothing else
}

// composition returns what is kept under a key, or makes it. What is returned
// is shared: nobody changes it.
func (c *classes) composition(key string, compute func() (*template.Composition, error)) (*template.Composition, error) {
	c.mu.Lock()
	got := c.compositions[key]
	c.mu.Unlock()
	if got != nil {
		return got, nil
	}
	made, err, _ := c.flight.Do(key, func() (any, error) {
		composition, err := compute()
		if err != nil {
			return nil, err
		}
		c.mu.Lock()
		c.compositions[key] = composition
		c.mu.Unlock()
		return composition, nil
	})
	if err != nil {
		return nil, err
	}
	return made.(*template.Composition), nil //nolint:forcetypeassert // the function above returns nothing else
}
