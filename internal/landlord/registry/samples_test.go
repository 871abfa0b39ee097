package registry

import "time"

func tripSamples(t *trip) {
	ctx := t.Context()
	last, err := t.r.LastSamples(ctx, t.x)
	t.ok(err)
	t.same("nothing is recorded", len(last), 0)
	n := func(n int64) *int64 { return &n }
	took := 1500 * time.Microsecond
	at := time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
	first := SampleRow{Tenant: 1, At: at, Score: 70, Reasons: []string{"drifted", "overdue"}, Bytes: n(1 << 40), Rows: n(5), FreeBytes: n(6), Statements: n(7), Latency: &took, Errors: n(8), RowsRead: n(9), RowsChanged: n(10)}
	second := SampleRow{Tenant: 1, At: at.Add(time.Hour), Score: 100, Bytes: n(1)}
	other := SampleRow{Tenant: 2, At: at}
	t.ok(t.r.WriteSamples(ctx, t.x, nil, time.Hour))
	t.ok(t.r.WriteSamples(ctx, t.x, []SampleRow{first, other}, time.Hour))
	t.ok(t.r.WriteSamples(ctx, t.x, []SampleRow{second, {Tenant: 1, At: at, Score: 1}}, time.Hour))
	last, err = t.r.LastSamples(ctx, t.x)
	t.ok(err)
	t.same("newest", last, map[uint64]SampleRow{1: second, 2: other})
	read := func(what string, since time.Time, want ...SampleRow) {
		t.Helper()
		got, err := t.r.ReadSamples(ctx, t.x, 1, since)
		t.ok(err)
		t.same(what, got, want)
	}
	read("all", time.Time{}.AddDate(1999, 0, 0), first, second)
	read("since", at.Add(time.Minute), second)
	t.ok(t.r.PurgeSamples(ctx, t.x, at.Add(time.Hour-time.Second)))
	read("none is over", at, first, second)
	t.ok(t.r.PurgeSamples(ctx, t.x, at.Add(time.Hour)))
	read("the first is over", at, second)
	t.ok(t.r.DeleteSamples(ctx, t.x, 1))
	read("gone with its tenant", at)
	t.ok(t.r.WriteSamples(ctx, t.x, []SampleRow{first}, time.Hour))
}
