package dashboard

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/health"
)

// chart is a line through the samples of a tenant, in a box of 600 by 80.
type chart struct {
	Name         string
	Points, Area string // of the line, and of what is below it, as SVG takes them
	Values       string // of the points, for people, between bars
	From, To     time.Time
	Least, Most  string // values, for people
}

const (
	chartWidth  = 600
	chartHeight = 80
)

// point is a value at a moment.
type point struct {
	at time.Time
	n  int64
}

// drawChart draws points, from zero on; nil when there are fewer than two.
func drawChart(name string, points []point, words func(int64) string) *chart {
	points = thin(points)
	if len(points) < 2 {
		return nil
	}
	first, last := points[0].at, points[len(points)-1].at
	least, most := points[0].n, points[0].n
	for _, p := range points {
		least, most = min(least, p.n), max(most, p.n)
	}
	var line, values []string
	for _, p := range points {
		x, y := 0.0, float64(chartHeight)
		if last.After(first) {
			x = chartWidth * float64(p.at.Sub(first)) / float64(last.Sub(first))
		}
		if most > 0 {
			y = chartHeight * (1 - float64(p.n)/float64(most))
		}
		line, values = append(line, fmt.Sprintf("%.1f,%.1f", x, y)), append(values, words(p.n)+", "+whenText(p.at))
	}
	c := &chart{Name: name, Points: strings.Join(line, " "), Values: strings.Join(values, "|"), From: first, To: last, Least: words(least), Most: words(most)}
	c.Area = fmt.Sprintf("0,%d %s %d,%d", chartHeight+4, c.Points, chartWidth, chartHeight+4)
	return c
}

// mostPoints is how many points a chart has: two for each of its units of width.
const mostPoints = 2 * chartWidth

// thin leaves of many points the least and the most of each stretch, so that no peak is
// lost.
func thin(points []point) []point {
	if len(points) <= mostPoints {
		return points
	}
	stretch := (2*len(points) + mostPoints - 1) / mostPoints
	var out []point
	for from := 0; from < len(points); from += stretch {
		part := points[from:min(from+stretch, len(points))]
		low, high := 0, 0
		for i, p := range part {
			if p.n < part[low].n {
				low = i
			}
			if p.n > part[high].n {
				high = i
			}
		}
		out = append(out, part[min(low, high)])
		if low != high {
			out = append(out, part[max(low, high)])
		}
	}
	return out
}

// healthView is the health of one tenant with its past.
type healthView struct {
	*health.Health

	Samples int
	Charts  []*chart // those that have values
}

func viewHealth(h *health.Health, samples []health.Sample) *healthView {
	v := &healthView{Health: h, Samples: len(samples)}
	var sizes, scores []point
	for _, s := range samples {
		if scores = append(scores, point{s.At, int64(s.Score)}); s.Bytes != nil {
			sizes = append(sizes, point{s.At, *s.Bytes})
		}
	}
	number := func(n int64) string { return fmt.Sprint(n) }
	aMinute := func(n int64) string { return fmt.Sprint(n, " a minute") }
	for _, c := range []*chart{
		drawChart("Size over time", sizes, landlord.ByteSize),
		drawChart("Score over time", scores, number),
		drawChart("Statements over time", perMinute(samples, func(s health.Sample) *int64 { return s.Load.Statements }), aMinute),
		drawChart("Time of a statement", latencies(samples), func(n int64) string { return (time.Duration(n) * time.Microsecond).String() }),
		drawChart("Statements that failed", perMinute(samples, func(s health.Sample) *int64 { return s.Load.Errors }), aMinute),
		drawChart("Rows read", perMinute(samples, func(s health.Sample) *int64 { return s.Load.RowsRead }), aMinute),
		drawChart("Rows changed", perMinute(samples, func(s health.Sample) *int64 { return s.Load.RowsChanged }), aMinute),
	} {
		if c != nil {
			v.Charts = append(v.Charts, c)
		}
	}
	return v
}

// since returns by how much a counter has grown between two samples; false where one
// does not know it. One that is lower than before began anew with the server.
func since(before, now health.Sample, counter func(health.Sample) *int64) (int64, bool) {
	was, is := counter(before), counter(now)
	if was == nil || is == nil || !now.At.After(before.At) {
		return 0, false
	}
	if *is >= *was {
		return *is - *was, true
	}
	return *is, true
}

// perMinute returns by how much a counter has grown in a minute, between each two
// samples.
func perMinute(samples []health.Sample, counter func(health.Sample) *int64) (out []point) {
	for i := 1; i < len(samples); i++ {
		if n, ok := since(samples[i-1], samples[i], counter); ok {
			out = append(out, point{samples[i].At, int64(math.Round(float64(n) / samples[i].At.Sub(samples[i-1].At).Minutes()))})
		}
	}
	return out
}

// latencies returns how long a statement took in the mean, in microseconds, between each
// two samples in which there was one.
func latencies(samples []health.Sample) (out []point) {
	for i := 1; i < len(samples); i++ {
		took, ok := since(samples[i-1], samples[i], func(s health.Sample) *int64 {
			if s.Load.Latency == nil {
				return nil
			}
			us := s.Load.Latency.Microseconds()
			return &us
		})
		n, counted := since(samples[i-1], samples[i], func(s health.Sample) *int64 { return s.Load.Statements })
		if ok && counted && n > 0 {
			out = append(out, point{samples[i].At, took / n})
		}
	}
	return out
}
