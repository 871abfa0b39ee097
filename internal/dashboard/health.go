package dashboard

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
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

// chart is a line through the samples of a tenant, in a box of 600 by 80.
type chart struct {
	Points      string // of the line, as SVG takes them
	From, To    time.Time
	Least, Most string // values, for people
}

const (
	chartWidth  = 600
	chartHeight = 80
)

// drawChart draws what a function takes from samples; nil when fewer than two have
// it.
func drawChart(samples []health.Sample, value func(health.Sample) (int64, bool), words func(int64) string) *chart {
	type point struct {
		at time.Time
		n  int64
	}
	var points []point
	for _, s := range samples {
		if n, ok := value(s); ok {
			points = append(points, point{s.At, n})
		}
	}
	if len(points) < 2 {
		return nil
	}
	first, last := points[0].at, points[len(points)-1].at
	least, most := points[0].n, points[0].n
	for _, p := range points {
		least, most = min(least, p.n), max(most, p.n)
	}
	var line strings.Builder
	for _, p := range points {
		x, y := 0.0, float64(chartHeight)/2
		if last.After(first) {
			x = chartWidth * float64(p.at.Sub(first)) / float64(last.Sub(first))
		}
		if most > least {
			y = chartHeight * (1 - float64(p.n-least)/float64(most-least))
		}
		fmt.Fprintf(&line, "%.1f,%.1f ", x, y)
	}
	return &chart{Points: strings.TrimSpace(line.String()), From: first, To: last, Least: words(least), Most: words(most)}
}

// healthView is the health of one tenant with its past.
type healthView struct {
	*health.Health

	Samples       int
	Sizes, Scores *chart
	Loads         *chart // statements a minute
}

func viewHealth(h *health.Health, samples []health.Sample) *healthView {
	return &healthView{
		Health: h, Samples: len(samples),
		Sizes: drawChart(samples, func(s health.Sample) (int64, bool) {
			if s.Bytes == nil {
				return 0, false
			}
			return *s.Bytes, true
		}, landlord.ByteSize),
		Scores: drawChart(samples, func(s health.Sample) (int64, bool) { return int64(s.Score), true }, func(n int64) string { return fmt.Sprint(n) }),
		Loads: drawChart(perMinute(samples), func(s health.Sample) (int64, bool) { return *s.Load.Statements, true }, func(n int64) string {
			return fmt.Sprint(n, " a minute")
		}),
	}
}

// perMinute returns the samples that know what was done since the one before, with the
// statements of a minute in the place of the counter. One that is lower than before
// began anew with the server.
func perMinute(samples []health.Sample) []health.Sample {
	var out []health.Sample
	for i := 1; i < len(samples); i++ {
		before, s := samples[i-1], samples[i]
		took := s.At.Sub(before.At)
		if before.Load.Statements == nil || s.Load.Statements == nil || took <= 0 {
			continue
		}
		n := *s.Load.Statements
		if n >= *before.Load.Statements {
			n -= *before.Load.Statements
		}
		rate := int64(math.Round(float64(n) / took.Minutes()))
		s.Load.Statements = &rate
		out = append(out, s)
	}
	return out
}
