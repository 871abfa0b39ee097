package health

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
)

// DefaultRetention is how long samples are kept.
const DefaultRetention = 30 * 24 * time.Hour

// Sample tells how tenants do as Read does, and keeps it in the landlord database
// for as long as the retention, 0 for the default. What is older than its own
// retention goes. Errors are *landlord.Problems.
func (r *Reader) Sample(ctx context.Context, filter Filter, retention time.Duration) (*Report, error) {
	if retention <= 0 {
		retention = DefaultRetention
	}
	report, err := r.Read(ctx, filter)
	if err != nil {
		return nil, err
	}
	samples := make([]registry.SampleRow, 0, len(report.Tenants))
	for i := range report.Tenants {
		if h := &report.Tenants[i]; h.ID != 0 {
			samples = append(samples, h.sample(report.At))
		}
	}
	main := r.Servers.Main()
	x, err := main.Session(ctx)
	if err != nil {
		return nil, registry.Unreachable(main, "keeping how tenants do", err)
	}
	defer x.Close()
	if err := registry.CheckWritable(ctx, x); err != nil {
		return nil, err
	}
	if err := r.Servers.OpenRegistry(ctx, main, x); err != nil {
		return nil, err
	}
	err = r.Registry.WriteSamples(ctx, x, samples, retention)
	if err == nil {
		err = r.Registry.PurgeSamples(ctx, x, report.At)
	}
	if err != nil {
		return nil, registry.Unreachable(main, "keeping how tenants do", err)
	}
	return report, nil
}

// Event returns a statement that makes an event of the main server which keeps what SQL
// can see of its tenants. Errors are *landlord.Problems.
func (r *Reader) Event(ctx context.Context, every, retention time.Duration) (string, error) {
	main := r.Servers.Main()
	info, err := main.Info(ctx)
	if err != nil {
		return "", registry.Unreachable(main, "asking what the server counts", err)
	}
	counts, err := catalog.CountsStatements(ctx, main)
	if err != nil {
		return "", registry.Unreachable(main, "asking what the server counts", err)
	}
	return r.Registry.SampleEvent(info, counts, every, retention), nil
}

// History returns the samples of a tenant since a moment, the oldest first. The
// error is a *landlord.Problem when nobody knows the tenant.
func (r *Reader) History(ctx context.Context, slug string, since time.Time) ([]Sample, error) {
	row, err := r.Estate.Snapshot.Row(ctx, slug)
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, landlord.TenantUnknown(slug)
	}
	rows, err := r.Registry.ReadSamples(ctx, r.Servers.Main(), row.ID, since)
	if err != nil {
		return nil, registry.Unreachable(r.Servers.Main(), "reading how a tenant did", err)
	}
	out := make([]Sample, len(rows))
	for i, s := range rows {
		out[i] = Sample{At: s.At, Score: s.Score, Bytes: s.Bytes, Rows: s.Rows, FreeBytes: s.FreeBytes, Load: loadOf(s)}
		for _, kind := range s.Reasons {
			out[i].Reasons = append(out[i].Reasons, Kind(kind))
		}
	}
	return out, nil
}

func loadOf(s registry.SampleRow) catalog.Load {
	return catalog.Load{Statements: s.Statements, Latency: s.Latency, Errors: s.Errors, RowsRead: s.RowsRead, RowsChanged: s.RowsChanged}
}

// sample is what is kept.
func (h *Health) sample(at time.Time) registry.SampleRow {
	s := registry.SampleRow{Tenant: h.ID, At: at.Truncate(time.Microsecond), Score: h.Score}
	for _, reason := range h.Reasons {
		s.Reasons = append(s.Reasons, string(reason.Kind))
	}
	if h.Size != nil {
		s.Bytes, s.Rows, s.FreeBytes = &h.Size.Bytes, &h.Size.Rows, h.Size.FreeBytes
	}
	if h.Load != nil && !h.Load.unseen() {
		s.Statements, s.Latency, s.Errors, s.RowsRead, s.RowsChanged = h.Load.Statements, h.Load.Latency, h.Load.Errors, h.Load.RowsRead, h.Load.RowsChanged
	}
	return s
}

// unseen says that the server has counted nothing of a database, and had no room to count
// all: what is counted later would look as if it had been done since.
func (l *Load) unseen() bool { return l.Lost && l.Statements != nil && *l.Statements == 0 }

// growth compares a tenant with its last sample; nil without one, or when its size
// was not read.
func growth(samples map[uint64]registry.SampleRow, h *Health) *Growth {
	s, ok := samples[h.ID]
	if !ok || s.Bytes == nil || s.Rows == nil || h.Size == nil {
		return nil
	}
	g := &Growth{Since: s.At, Bytes: h.Size.Bytes - *s.Bytes, Rows: h.Size.Rows - *s.Rows}
	if h.Load != nil {
		g.Load = &Load{Source: h.Load.Source, Lost: h.Load.Lost, Load: catalog.Load{
			Statements: more(h.Load.Statements, s.Statements), Latency: more(h.Load.Latency, s.Latency), Errors: more(h.Load.Errors, s.Errors),
			RowsRead: more(h.Load.RowsRead, s.RowsRead), RowsChanged: more(h.Load.RowsChanged, s.RowsChanged),
		}}
	}
	return g
}

// more is what a counter has counted since; all of it when it began anew, because
// the server was started meanwhile.
func more[N int64 | time.Duration](now, before *N) *N {
	if now == nil || before == nil {
		return nil
	}
	n := *now
	if n >= *before {
		n -= *before
	}
	return &n
}

// reason is the text of an error, for a sentence.
func reason(err error) string {
	var p *landlord.Problem
	if errors.As(err, &p) {
		return p.Summary + ". " + strings.Join(p.Detail, " ")
	}
	return landlord.Sentence(mysql.Message(err))
}
