package dashboard

import (
	"context"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/health"
)

// healthEvery is how often the health of all tenants is read at most: it costs more
// than the estate.
const healthEvery = time.Minute

// healthHistory is how far back the page shows samples.
const healthHistory = 30 * 24 * time.Hour

// healthIndex is the health of all tenants, by slug.
type healthIndex map[string]*health.Health

// sampleEvery is how often the page keeps the health that it reads.
const sampleEvery = time.Hour

// healthReader reads the health of all tenants, and keeps a sample of what it read
// now and then.
type healthReader struct {
	run func() Engine
	log hclog.Logger
	now func() time.Time

	mu      sync.Mutex
	sampled time.Time // when the last sample was begun; zero before the first
}

// read is the read function of what is shared. An account that may not write keeps
// nothing, and its visitors see the health all the same.
func (r *healthReader) read(ctx context.Context) (*healthIndex, error) {
	report, err := r.report(ctx)
	if err != nil {
		return nil, err
	}
	index := make(healthIndex, len(report.Tenants))
	for i := range report.Tenants {
		index[report.Tenants[i].Slug] = &report.Tenants[i]
	}
	return &index, nil
}

func (r *healthReader) report(ctx context.Context) (*health.Report, error) {
	if r.due() {
		report, err := r.run().SampleHealth(ctx, health.Filter{}, 0)
		if err == nil {
			return report, nil
		}
		r.log.Warn("no sample of the tenants' health is kept", "cause", err.Error())
		if ctx.Err() != nil {
			return nil, err
		}
	}
	return r.run().Health(ctx, health.Filter{})
}

// due says whether it is time for a sample, to one of those who read at once.
func (r *healthReader) due() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	if now.Sub(r.sampled) < sampleEvery {
		return false
	}
	r.sampled = now
	return true
}

// of returns the health of a tenant, nil when it is not known.
func (x *healthIndex) of(slug string) *health.Health {
	if x == nil {
		return nil
	}
	return (*x)[slug]
}
