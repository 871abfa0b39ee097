package metrics_test

import (
	"context"
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/health"
	"github.com/landlord-db/terraform-provider-landlord/internal/metrics"
)

// TestMonitoring finds metrics that alert rules, their tests, the dashboard and the
// guide name, and nobody tells.
func TestMonitoring(t *testing.T) {
	t.Parallel()
	e := metrics.New(func(context.Context) (*health.Report, error) { return report(), nil })
	if err := e.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := e.Write(&text); err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (\S+) `).FindAllStringSubmatch(text.String(), -1) {
		told = append(told, m[1])
	}
	elsewhere := []string{"landlord_tenant_health", "landlord_tenant_drift", "landlord_tenant_checkpoint", "landlord_tenant_account", "landlord_tenant_connection"} // of the provider
	for _, path := range []string{"../../examples/monitoring/alerts.yml", "../../examples/monitoring/alerts_test.yml", "../../examples/monitoring/grafana-dashboard.json", "../../templates/guides/monitoring.md.tmpl"} {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(path, ".json") && !json.Valid(raw) {
			t.Errorf("%s is no JSON", path)
		}
		names := regexp.MustCompile(`\blandlord_(?:tenant|server|health)_[a-z_]+\b`).FindAllString(string(raw), -1)
		if len(names) == 0 {
			t.Errorf("%s names no metric", path)
		}
		for _, name := range names {
			if !slices.Contains(told, name) && !slices.Contains(elsewhere, name) {
				t.Errorf("%s names `%s`, which nobody tells", path, name)
			}
		}
	}
}
