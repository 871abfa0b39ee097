package metrics_test

import (
	"context"
	"errors"
	"flag"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/drift"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/health"
	"github.com/landlord-db/terraform-provider-landlord/internal/metrics"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
)

var update = flag.Bool("update", false, "write the golden file anew") //nolint:gochecknoglobals // a flag

func counted[N any](n N) *N { return &n }

// report has a tenant of which everything is known, and one of which nothing is.
func report() *health.Report {
	at := time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)
	return &health.Report{
		At: at, Objective: 24 * time.Hour,
		Servers: []health.Server{{Reachable: true, Version: "9.7.4", LoadSource: catalog.LoadPerformanceSchema}, {Key: "eu", Problem: "It is off."}},
		Tenants: []health.Health{
			{
				ID: 1, Slug: "acme", Name: "Acme", DatabaseName: "tenant_acme", Template: "shop@1.0.0", Status: landlord.StatusActive, UpdateStatus: landlord.UpdateConflict, Wanted: "shop@2.0.0",
				Drift: drift.DriftNone, Reachable: true, Size: &health.Size{Tables: 3, Rows: 1000, Bytes: 4096, FreeBytes: counted(int64(1024))},
				AutoIncrement: &health.Headroom{Table: "t", Column: "id", Next: 65, Highest: 128}, WithoutPrimaryKey: []string{"log"},
				Checkpoints: health.Checkpoints{Count: 2, Bytes: 99, Oldest: at.Add(-time.Hour), Newest: at.Add(-time.Minute)},
				Activity:    &health.Activity{Transactions: 2, Longest: 3 * time.Second, Waiting: 1, LongestWait: 1500 * time.Millisecond},
				Load: &health.Load{Source: catalog.LoadPerformanceSchema, Load: catalog.Load{
					Statements: counted(int64(10)), Latency: counted(2500 * time.Millisecond), Errors: counted(int64(1)), RowsRead: counted(int64(20)), RowsChanged: counted(int64(5))}},
				Score: 70, Level: health.Degraded, Reasons: []health.Reason{{Kind: health.KindConflict, Points: 25}, {Kind: health.KindNoKey, Points: 5}},
			},
			{
				ID: 2, Slug: "beta", DatabaseName: "tenant_\"beta\"", Server: "eu", Status: landlord.StatusArchived, UpdateStatus: landlord.UpdateCurrent,
				Drift: drift.DriftUnreadable, Score: 0, Level: health.Unhealthy, Reasons: []health.Reason{{Kind: health.KindUnreachable, Points: 100}},
			},
		},
	}
}

// TestWrite compares the whole text, and has it linted as promtool does it.
func TestWrite(t *testing.T) {
	t.Parallel()
	e := metrics.New(func(context.Context) (*health.Report, error) { return report(), nil })
	if err := e.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := e.Write(&text); err != nil {
		t.Fatal(err)
	}
	problems, err := promlint.New(strings.NewReader(text.String())).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("%v: %v", problems, err)
	}
	const golden = "testdata/metrics.txt"
	got := withoutDuration(text.String())
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
}

// withoutDuration leaves out the only value that no test knows.
func withoutDuration(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "landlord_health_reading_duration_seconds ") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

// TestServe scrapes what was read, and goes on with it when a reading fails.
func TestServe(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	readings, failures := 0, make(chan error, 8)
	e := metrics.New(func(context.Context) (*health.Report, error) {
		if readings++; readings > 1 {
			return nil, errors.New("no idea")
		}
		return report(), nil
	})
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- e.Serve(ctx, listener, 10*time.Millisecond, func(err error) { failures <- err }) }()
	if err := <-failures; err.Error() != "no idea" {
		t.Errorf("failure: %v", err)
	}
	text := scrape(t, "http://"+listener.Addr().String()+"/metrics")
	for _, want := range []string{"landlord_health_last_reading_success 0\n", `landlord_tenant_health_score{server="",tenant="acme"} 70` + "\n", `landlord_server_up{server="eu"} 0` + "\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q:\n%s", want, text)
		}
	}
	end()
	if err := <-ended; err != nil {
		t.Errorf("end: %v", err)
	}
}

func scrape(t *testing.T, address string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatal(response.Status, err)
	}
	return string(text)
}
