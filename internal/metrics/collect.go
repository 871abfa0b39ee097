package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/drift"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/health"
)

// metric is one that each tenant may have.
type metric struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(h *health.Health, r *health.Report) *float64 // nil where it is not known
}

// tenantMetrics are those with the labels tenant and server.
func tenantMetrics() []metric {
	gauge := func(name, help string, value func(h *health.Health, r *health.Report) *float64) metric {
		return metric{prometheus.NewDesc("landlord_tenant_"+name, help, []string{"tenant", "server"}, nil), prometheus.GaugeValue, value}
	}
	counter := func(name, help string, value func(l *health.Load) *float64) metric {
		return metric{prometheus.NewDesc("landlord_tenant_"+name, help, []string{"tenant", "server"}, nil), prometheus.CounterValue, func(h *health.Health, _ *health.Report) *float64 {
			if h.Load == nil {
				return nil
			}
			return value(h.Load)
		}}
	}
	return []metric{
		gauge("health_score", "Score of the tenant's health, from 0 to 100.", func(h *health.Health, _ *health.Report) *float64 { return number(h.Score) }),
		gauge("reachable", "Whether the tenant's database is there and was read.", func(h *health.Health, _ *health.Report) *float64 { return truth(h.Reachable) }),
		gauge("in_sync", "Whether the tenant is as recorded.", func(h *health.Health, _ *health.Report) *float64 {
			return truth(h.Drift == drift.DriftNone || h.Drift == drift.DriftPlanned)
		}),
		gauge("size_bytes", "Data and indexes of the tenant's tables.", ofSize(func(s *health.Size) *float64 { return number(s.Bytes) })),
		gauge("rows", "Rows of the tenant's tables, by the estimate of the storage engine.", ofSize(func(s *health.Size) *float64 { return number(s.Rows) })),
		gauge("tables", "Tables of the tenant.", ofSize(func(s *health.Size) *float64 { return number(s.Tables) })),
		gauge("free_bytes", "What the tenant's tables have allocated and do not use.", ofSize(func(s *health.Size) *float64 { return maybe(s.FreeBytes) })),
		gauge("tables_without_primary_key", "Tables of the tenant that have no primary key.", func(h *health.Health, _ *health.Report) *float64 {
			if h.Size == nil {
				return nil
			}
			return number(len(h.WithoutPrimaryKey))
		}),
		gauge("auto_increment_used_ratio", "Share of the values that are used of the AUTO_INCREMENT column that has the least left.", func(h *health.Health, _ *health.Report) *float64 {
			if h.AutoIncrement == nil {
				return nil
			}
			return number(h.AutoIncrement.Used())
		}),
		gauge("checkpoints", "Checkpoints from which all rows of the tenant come back.", func(h *health.Health, _ *health.Report) *float64 { return number(h.Checkpoints.Count) }),
		gauge("checkpoints_size_bytes", "What those checkpoints take.", func(h *health.Health, _ *health.Report) *float64 { return number(h.Checkpoints.Bytes) }),
		gauge("checkpoint_newest_timestamp_seconds", "The moment that the newest of those checkpoints is a copy of.", func(h *health.Health, _ *health.Report) *float64 { return moment(h.Checkpoints.Newest) }),
		gauge("checkpoint_oldest_timestamp_seconds", "The moment that the oldest of those checkpoints is a copy of.", func(h *health.Health, _ *health.Report) *float64 { return moment(h.Checkpoints.Oldest) }),
		gauge("checkpoint_objective_seconds", "How old the newest checkpoint of the tenant may be; not there without an objective.", func(h *health.Health, r *health.Report) *float64 {
			if r.Objective == 0 || h.Status == landlord.StatusArchived {
				return nil
			}
			return number(r.Objective.Seconds())
		}),
		gauge("transactions", "Open transactions of connections that have the tenant's database selected.", ofActivity(func(a *health.Activity) *float64 { return number(a.Transactions) })),
		gauge("longest_transaction_seconds", "How long the longest of those transactions is open.", ofActivity(func(a *health.Activity) *float64 { return number(a.Longest.Seconds()) })),
		gauge("lock_waits", "Connections of the tenant that wait for a lock.", ofActivity(func(a *health.Activity) *float64 { return number(a.Waiting) })),
		gauge("longest_lock_wait_seconds", "How long the longest of those connections waits.", ofActivity(func(a *health.Activity) *float64 { return number(a.LongestWait.Seconds()) })),
		counter("statements_total", "Statements in the tenant's database.", func(l *health.Load) *float64 { return maybe(l.Statements) }),
		counter("statement_duration_seconds_total", "What the statements in the tenant's database took together.", func(l *health.Load) *float64 {
			if l.Latency == nil {
				return nil
			}
			return number(l.Latency.Seconds())
		}),
		counter("statement_errors_total", "Statements in the tenant's database that failed.", func(l *health.Load) *float64 { return maybe(l.Errors) }),
		counter("rows_read_total", "Rows of the tenant that statements have looked at.", func(l *health.Load) *float64 { return maybe(l.RowsRead) }),
		counter("rows_changed_total", "Rows of the tenant that statements have written.", func(l *health.Load) *float64 { return maybe(l.RowsChanged) }),
	}
}

func ofSize(value func(s *health.Size) *float64) func(h *health.Health, _ *health.Report) *float64 {
	return func(h *health.Health, _ *health.Report) *float64 {
		if h.Size == nil {
			return nil
		}
		return value(h.Size)
	}
}

func ofActivity(value func(a *health.Activity) *float64) func(h *health.Health, _ *health.Report) *float64 {
	return func(h *health.Health, _ *health.Report) *float64 {
		if h.Activity == nil {
			return nil
		}
		return value(h.Activity)
	}
}

func number[N int | int64 | float64](n N) *float64 {
	f := float64(n)
	return &f
}

func maybe(n *int64) *float64 {
	if n == nil {
		return nil
	}
	return number(*n)
}

func truth(is bool) *float64 {
	if is {
		return number(1)
	}
	return number(0)
}

func moment(t time.Time) *float64 {
	if t.IsZero() {
		return nil
	}
	return number(float64(t.UnixNano()) / float64(time.Second))
}

// The metrics that are not one value a tenant.
func infoDesc() *prometheus.Desc {
	return prometheus.NewDesc("landlord_tenant_info", "What the tenant is: always 1.", []string{"tenant", "server", "database", "template", "status"}, nil)
}

func waitingDesc() *prometheus.Desc {
	return prometheus.NewDesc("landlord_tenant_update_waiting", "Whether the tenant does not follow its template, by what waits: interrupted, conflict, pending_approval or held.", []string{"tenant", "server", "update_status"}, nil)
}

func reasonDesc() *prometheus.Desc {
	return prometheus.NewDesc("landlord_tenant_health_points_lost", "Points that the tenant has lost, by reason.", []string{"tenant", "server", "reason"}, nil)
}

func serverDesc() *prometheus.Desc {
	return prometheus.NewDesc("landlord_server_up", "Whether the server could be read.", []string{"server"}, nil)
}

func successDesc() *prometheus.Desc {
	return prometheus.NewDesc("landlord_health_last_reading_success", "Whether the last reading of the health of tenants succeeded; else the values are of the one before.", nil, nil)
}

func atDesc() *prometheus.Desc {
	return prometheus.NewDesc("landlord_health_last_success_timestamp_seconds", "When the values were read.", nil, nil)
}

func tookDesc() *prometheus.Desc {
	return prometheus.NewDesc("landlord_health_reading_duration_seconds", "How long the last reading took.", nil, nil)
}

// Describe tells the metrics.
func (e *Exporter) Describe(to chan<- *prometheus.Desc) {
	for _, m := range tenantMetrics() {
		to <- m.desc
	}
	for _, desc := range []*prometheus.Desc{infoDesc(), waitingDesc(), reasonDesc(), serverDesc(), successDesc(), atDesc(), tookDesc()} {
		to <- desc
	}
}

// Collect tells the values of the last reading.
func (e *Exporter) Collect(to chan<- prometheus.Metric) {
	e.mu.Lock()
	report, took, failed := e.report, e.took, e.failed
	e.mu.Unlock()
	gauge := func(desc *prometheus.Desc, value *float64, labels ...string) {
		if value != nil {
			to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, *value, labels...)
		}
	}
	gauge(successDesc(), truth(!failed && report != nil))
	gauge(tookDesc(), number(took.Seconds()))
	if report == nil {
		return
	}
	gauge(atDesc(), moment(report.At))
	for _, s := range report.Servers {
		gauge(serverDesc(), truth(s.Reachable), s.Key)
	}
	all := tenantMetrics()
	for i := range report.Tenants {
		h := &report.Tenants[i]
		gauge(infoDesc(), number(1), h.Slug, h.Server, h.DatabaseName, h.Template, string(h.Status))
		if h.UpdateStatus != landlord.UpdateCurrent {
			gauge(waitingDesc(), number(1), h.Slug, h.Server, string(h.UpdateStatus))
		}
		for _, r := range h.Reasons {
			gauge(reasonDesc(), number(r.Points), h.Slug, h.Server, string(r.Kind))
		}
		for _, m := range all {
			if value := m.value(h, report); value != nil {
				to <- prometheus.MustNewConstMetric(m.desc, m.kind, *value, h.Slug, h.Server)
			}
		}
	}
}
