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
