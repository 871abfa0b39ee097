package dashboard

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/health"
)

// sampling is an engine that only tells health, and whose samples may be refused.
type sampling struct {
	Engine

	refused        error
	reads, samples int
}

func (s *sampling) Health(context.Context, health.Filter) (*health.Report, error) {
	s.reads++
	return &health.Report{Tenants: []health.Health{{Slug: "acme", Score: 90}}}, nil
}

func (s *sampling) SampleHealth(context.Context, health.Filter, time.Duration) (*health.Report, error) {
	s.samples++
	return &health.Report{Tenants: []health.Health{{Slug: "acme", Score: 80}}}, s.refused
}

// TestHealthReader: the first read keeps a sample and so does one each hour; where the
// account may not write, the health is read without.
func TestHealthReader(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	var logged bytes.Buffer
	e := &sampling{}
	r := &healthReader{run: func() Engine { return e }, log: hclog.New(&hclog.LoggerOptions{Output: &logged}), now: func() time.Time { return now }}
	for _, step := range []struct {
		later          time.Duration
		refused        error
		reads, samples int
		score          int
	}{
		{0, nil, 0, 1, 80},
		{time.Minute, nil, 1, 1, 90},
		{58 * time.Minute, nil, 2, 1, 90},
		{time.Minute, nil, 2, 2, 80},
		{time.Hour, errors.New("the account may not write"), 3, 3, 90},
		{time.Minute, errors.New("the account may not write"), 4, 3, 90},
	} {
		now = now.Add(step.later)
		e.refused = step.refused
		index, err := r.read(t.Context())
		if err != nil || e.reads != step.reads || e.samples != step.samples || index.of("acme").Score != step.score {
			t.Errorf("%+v: %d reads, %d samples, %+v, %v", step, e.reads, e.samples, index.of("acme"), err)
		}
	}
	if want := `[WARN]  no sample of the tenants' health is kept: cause="the account may not write"`; strings.Count(logged.String(), want) != 1 {
		t.Errorf("logged %q, want once %q", logged.String(), want)
	}
}

// TestViewHealth_load: the load over time is what was done between two samples; a counter
// that began anew counts from there, and a sample without one is left out.
func TestViewHealth_load(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	sample := func(minutes int, statements int64) health.Sample {
		s := health.Sample{At: began.Add(time.Duration(minutes) * time.Minute)}
		if statements >= 0 {
			s.Load.Statements = &statements
		}
		return s
	}
	since := int64(41)
	h := &health.Health{Growth: &health.Growth{Since: began, Load: &health.Load{}}}
	h.Growth.Load.Statements = &since
	v := viewHealth(h, []health.Sample{sample(0, 100), sample(10, 700), sample(20, 50), sample(30, -1), sample(40, 60), sample(60, 460)})
	want := &chart{Points: "0.0,0.0 120.0,80.0 600.0,58.2", From: began.Add(10 * time.Minute), To: began.Add(60 * time.Minute), Least: "5 a minute", Most: "60 a minute"}
	if v.Loads == nil || *v.Loads != *want {
		t.Errorf("the load is %+v, not %+v", v.Loads, want)
	}
	if few := viewHealth(h, []health.Sample{sample(0, 100), sample(10, 700)}); few.Loads != nil {
		t.Errorf("one value makes a line: %+v", few.Loads)
	}
}
