package metrics

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/common/expfmt"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/health"
)

// Exporter tells the last health that it has read. It is safe for concurrent use.
type Exporter struct {
	read func(context.Context) (*health.Report, error)
	now  func() time.Time

	mu     sync.Mutex
	report *health.Report // of the last reading that succeeded
	took   time.Duration  // the last reading
	failed bool           // the last reading
}

// New returns an exporter that reads the health of tenants with a function.
func New(read func(context.Context) (*health.Report, error)) *Exporter {
	return &Exporter{read: read, now: time.Now}
}

// Refresh reads the health anew. What was read before stays when it fails.
func (e *Exporter) Refresh(ctx context.Context) error {
	began := e.now()
	report, err := e.read(ctx)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.took, e.failed = e.now().Sub(began), err != nil
	if err == nil {
		e.report = report
	}
	return err
}

// gatherer returns the registry that holds the metrics of the exporter alone.
func (e *Exporter) gatherer() *prometheus.Registry {
	r := prometheus.NewPedanticRegistry()
	r.MustRegister(e)
	return r
}

// Write writes the metrics in the text format of Prometheus.
func (e *Exporter) Write(out io.Writer) error {
	families, err := e.gatherer().Gather()
	if err != nil {
		return fmt.Errorf("gathering the metrics: %w", err)
	}
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(out, family); err != nil {
			return fmt.Errorf("writing the metrics: %w", err)
		}
	}
	return nil
}

// Handler serves the metrics under /metrics.
func (e *Exporter) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(e.gatherer(), promhttp.HandlerOpts{}))
	return mux
}

// The times of the server: nobody needs long to ask, and whoever is answered when
// the process ends gets the rest.
const (
	headerTime = 5 * time.Second
	endTime    = 3 * time.Second
)

// Serve serves the metrics on a listener, reading the health anew in each interval,
// until the context ends. What scrapes asks no server: it gets what was read last.
// fail is told of each reading that failed.
func (e *Exporter) Serve(ctx context.Context, listener net.Listener, interval time.Duration, fail func(error)) error {
	server := &http.Server{Handler: e.Handler(), ReadHeaderTimeout: headerTime}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	ticks := time.NewTicker(interval)
	defer ticks.Stop()
	for {
		if err := e.Refresh(ctx); err != nil && ctx.Err() == nil {
			fail(err)
		}
		select {
		case err := <-ended:
			return fmt.Errorf("serving metrics: %w", err)
		case <-ctx.Done():
			end, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
			defer cancel()
			err := server.Shutdown(end)
			if stopped := <-ended; !errors.Is(stopped, http.ErrServerClosed) {
				err = errors.Join(err, stopped)
			}
			return err
		case <-ticks.C:
		}
	}
}
