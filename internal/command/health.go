package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/health"
	"github.com/landlord-db/terraform-provider-landlord/internal/metrics"
)

// sampleCommand keeps how tenants do. It is for cron.
func sampleCommand() Command {
	var retention, every time.Duration
	return Command{
		Name: "sample", Synopsis: "[flags]", Summary: "Keeps how all tenants do at present, for their growth and their history",
		Flags: func(flags *flag.FlagSet) {
			flags.DurationVar(&retention, "retention", health.DefaultRetention, "how long this sample is kept")
			flags.DurationVar(&every, "event", 0, "keep nothing, but print the SQL of an event that lets the main server itself keep what SQL can see, so often, for example 15m")
		},
		Run: func(ctx context.Context, p *Process, arguments []string) (int, error) {
			switch {
			case len(arguments) > 0:
				return StatusFailed, errors.New("sample takes no arguments")
			case retention <= 0:
				return StatusFailed, fmt.Errorf("--retention is `%s`: give a time above zero, for example 720h", retention)
			case every != 0 && every < time.Minute:
				return StatusFailed, fmt.Errorf("--event is `%s`: give at least 1m", every)
			}
			return withEngine(p, func(e *engine.Engine) error {
				if every != 0 {
					text, err := e.SampleEvent(ctx, every, retention)
					if err == nil {
						_, err = fmt.Fprintf(p.Out, "DELIMITER //\n%s//\nDELIMITER ;\n", text)
					}
					return err //nolint:wrapcheck // it is in the words of the interface
				}
				report, err := e.SampleHealth(ctx, health.Filter{}, retention)
				if err != nil {
					return err //nolint:wrapcheck // it is in the words of the interface
				}
				counts := map[health.Level]int{}
				for i := range report.Tenants {
					counts[report.Tenants[i].Level]++
				}
				_, err = fmt.Fprintf(p.Out, "%s: %d healthy, %d degraded, %d unhealthy\n", landlord.Several(len(report.Tenants), "tenant"), counts[health.Healthy], counts[health.Degraded], counts[health.Unhealthy])
				return err //nolint:wrapcheck // of a standard output
			})
		},
	}
}

// The defaults of metrics: a port that nobody else has been given, and an interval
// at which a large estate is read without being felt.
const (
	metricsAddress  = "127.0.0.1:9478"
	metricsInterval = time.Minute
)

// metricsCommand tells the health of tenants to Prometheus.
func metricsCommand() Command {
	var address string
	var interval time.Duration
	var once bool
	return Command{
		Name: "metrics", Synopsis: "[flags]", Summary: "Serves the health of all tenants to Prometheus",
		Flags: func(flags *flag.FlagSet) {
			flags.StringVar(&address, "listen", metricsAddress, "where /metrics is served; there is neither a password nor encryption")
			flags.DurationVar(&interval, "interval", metricsInterval, "how often the servers are read; what scrapes gets what was read last")
			flags.BoolVar(&once, "once", false, "print the metrics and end")
		},
		Run: func(ctx context.Context, p *Process, arguments []string) (int, error) {
			switch {
			case len(arguments) > 0:
				return StatusFailed, errors.New("metrics takes no arguments")
			case interval < time.Second:
				return StatusFailed, fmt.Errorf("--interval is `%s`: give at least 1s", interval)
			}
			return withEngine(p, func(e *engine.Engine) error {
				exporter := metrics.New(func(ctx context.Context) (*health.Report, error) { return e.NewRun().Health(ctx, health.Filter{}) })
				if once {
					if err := exporter.Refresh(ctx); err != nil {
						return err //nolint:wrapcheck // it is in the words of the interface
					}
					return exporter.Write(p.Out) //nolint:wrapcheck // it says what it did
				}
				return serveMetrics(ctx, p, exporter, address, interval)
			})
		},
	}
}

// serveMetrics listens and tells where.
func serveMetrics(ctx context.Context, p *Process, exporter *metrics.Exporter, address string, interval time.Duration) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("listening on `%s` of --listen: %w", address, err)
	}
	cfg, err := p.Environment()
	if err != nil {
		return err
	}
	log, err := p.Logger(cfg.Passwords()...)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(p.Out, "http://%s/metrics\n", listener.Addr()); err != nil {
		return err //nolint:wrapcheck // of a standard output
	}
	return exporter.Serve(ctx, listener, interval, func(err error) { //nolint:wrapcheck // it says what it did
		log.Error("the health of tenants could not be read", "cause", err.Error())
	})
}

// withEngine runs something on the estate of the environment.
func withEngine(p *Process, do func(e *engine.Engine) error) (int, error) {
	cfg, err := p.Config()
	if err != nil {
		return StatusFailed, err
	}
	e, err := engine.New(cfg)
	if err != nil {
		return StatusFailed, err //nolint:wrapcheck // it is in the words of the interface
	}
	if err := errors.Join(do(e), e.Close()); err != nil {
		return StatusFailed, err
	}
	return StatusDone, nil
}
