package dashboard

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/health"
)

// TestViewHealth_load: the load over time is what was done between two samples; a counter
// that began anew counts from there, and a sample without one is left out.
func TestViewHealth_load(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	sample := func(minutes int, statements int64, latency time.Duration) health.Sample {
		s := health.Sample{At: began.Add(time.Duration(minutes) * time.Minute)}
		if statements >= 0 {
			s.Load.Statements, s.Load.Latency = &statements, &latency
		}
		return s
	}
	h := &health.Health{}
	v := viewHealth(h, []health.Sample{sample(0, 100, 0), sample(10, 700, 6*time.Second), sample(20, 50, time.Second), sample(30, -1, 0), sample(40, 60, 2*time.Second), sample(60, 460, 3*time.Second)})
	want := []*chart{
		{
			Name: "Score over time", Points: "0.0,80.0 100.0,80.0 200.0,80.0 300.0,80.0 400.0,80.0 600.0,80.0", Area: "0,84 0.0,80.0 100.0,80.0 200.0,80.0 300.0,80.0 400.0,80.0 600.0,80.0 600,84",
			Values: "0, 2026-11-30 09:00:00|0, 2026-11-30 09:10:00|0, 2026-11-30 09:20:00|0, 2026-11-30 09:30:00|0, 2026-11-30 09:40:00|0, 2026-11-30 10:00:00",
			From:   began, To: began.Add(time.Hour), Least: "0", Most: "0",
		},
		{
			Name: "Statements over time", Points: "0.0,0.0 120.0,73.3 600.0,53.3", Area: "0,84 0.0,0.0 120.0,73.3 600.0,53.3 600,84",
			Values: "60 a minute, 2026-11-30 09:10:00|5 a minute, 2026-11-30 09:20:00|20 a minute, 2026-11-30 10:00:00",
			From:   began.Add(10 * time.Minute), To: began.Add(time.Hour), Least: "5 a minute", Most: "60 a minute",
		},
		{
			Name: "Time of a statement", Points: "0.0,40.0 120.0,0.0 600.0,70.0", Area: "0,84 0.0,40.0 120.0,0.0 600.0,70.0 600,84",
			Values: "10ms, 2026-11-30 09:10:00|20ms, 2026-11-30 09:20:00|2.5ms, 2026-11-30 10:00:00",
			From:   began.Add(10 * time.Minute), To: began.Add(time.Hour), Least: "2.5ms", Most: "20ms",
		},
	}
	if diff := cmp.Diff(want, v.Charts); diff != "" {
		t.Errorf("charts (-want +got):\n%s", diff)
	}
	for _, c := range viewHealth(h, []health.Sample{sample(0, 100, 0), sample(10, 700, 0)}).Charts {
		if c.Name != "Score over time" {
			t.Errorf("one value makes a line: %+v", c)
		}
	}
}

// TestDrawChart draws a line through what is known.
func TestDrawChart(t *testing.T) {
	t.Parallel()
	begun := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	draw := func(values ...int64) *chart {
		var points []point
		for i, n := range values {
			points = append(points, point{begun.Add(time.Duration(i) * time.Hour), n})
		}
		return drawChart("size", points, func(n int64) string { return fmt.Sprint(n) })
	}
	for _, none := range [][]int64{{}, {5}} {
		if c := draw(none...); c != nil {
			t.Errorf("%v has a line: %+v", none, c)
		}
	}
	want := &chart{
		Name: "size", Points: "0.0,53.3 300.0,0.0 600.0,26.7", Area: "0,84 0.0,53.3 300.0,0.0 600.0,26.7 600,84",
		Values: "10, 2026-01-01 00:00:00|30, 2026-01-01 01:00:00|20, 2026-01-01 02:00:00", From: begun, To: begun.Add(2 * time.Hour), Least: "10", Most: "30",
	}
	if diff := cmp.Diff(want, draw(10, 30, 20)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if c := draw(5, 5); c.Points != "0.0,0.0 600.0,0.0" {
		t.Errorf("values that stay are %s", c.Points)
	}
}

// TestThin: of many points the peaks stay.
func TestThin(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	var points []point
	for i := range 20_000 {
		points = append(points, point{began.Add(time.Duration(i) * time.Minute), 100})
	}
	points[777].n, points[15_003].n = 9000, 1
	c := drawChart("x", points, func(n int64) string { return fmt.Sprint(n) })
	if got := strings.Count(c.Values, "|") + 1; got > mostPoints || got < mostPoints/4 || c.Least != "1" || c.Most != "9000" {
		t.Errorf("%d points from %s to %s", got, c.Least, c.Most)
	}
	for i, p := range thin(points)[1:] {
		if !p.at.After(thin(points)[i].at) {
			t.Fatalf("the points are out of order at %d", i)
		}
	}
}

// TestProse: names between backquotes are code, and nothing is anything else.
func TestProse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"plain":                    "plain",
		"table `a<b`, column `c`":  "table <code>a&lt;b</code>, column <code>c</code>",
		"`<script>`":               "<code>&lt;script&gt;</code>",
		"<i>one` alone":            "&lt;i&gt;one` alone",
		"``":                       "<code></code>",
		"`a``b` and <img src=x> `": "<code>a</code><code>b</code> and &lt;img src=x&gt; `",
	} {
		if got := string(prose(text)); got != want {
			t.Errorf("%q is %q, not %q", text, got, want)
		}
	}
}
