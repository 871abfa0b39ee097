package dashboard_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/dashboard"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/fleet"
)

// TestRollout_paused pauses the rollout of a fleet on the page, looks that an apply
// begins no tenant then, and lets it go on.
func TestRollout_paused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3, dashboard.Options{Refresh: time.Millisecond})
	spec := fleet.Spec{Name: "chain", Template: "shop@1.0.0", Rollout: fleet.Rollout{Canary: []string{"chain-a"}}}
	for _, slug := range []string{"chain-a", "chain-b", "chain-c", "chain-d"} {
		spec.Members = append(spec.Members, fleet.Member{Slug: slug, Name: slug})
	}
	if _, err := w.engine.NewRun().ApplyFleet(t.Context(), spec, nil, ""); err != nil {
		t.Fatal(err)
	}
	prior := &fleet.Prior{Spec: spec}
	spec.Template, spec.Rollout.Through = "shop@1.1.0", "canary"
	if _, err := w.engine.NewRun().ApplyFleet(t.Context(), spec, prior, ""); err != nil {
		t.Fatal(err)
	}
	v := w.operator(t)
	v.wants("/rollouts", "chain → shop@1.1.0", ">Pause</button>")
	form := v.form("/rollouts")
	form.Set("fleet", "chain")
	form.Set("note", "the sale has begun")
	if status, body := v.post("/rollouts/abort", form); status != http.StatusConflict || !strings.Contains(body, "Rollout does not run") {
		t.Errorf("aborting what no apply runs: %d\n%s", status, body)
	}
	if status, body := v.post("/rollouts/faster", form); status != http.StatusNotFound {
		t.Errorf("asking for something else: %d\n%s", status, body)
	}
	if status, body := v.post("/rollouts/pause", form); status != http.StatusOK || !strings.Contains(body, "It is asked.") || !strings.Contains(body, "local has asked for this: <strong>pause</strong>") {
		t.Fatalf("pausing: %d\n%s", status, body)
	}
	done := make(chan error, 1)
	go func() {
		spec.Rollout.Through = ""
		_, err := w.engine.NewRun().ApplyFleet(t.Context(), spec, prior, "")
		done <- err
	}()
	v.until("/rollouts", `<span class="state running">`)
	select {
	case err := <-done:
		t.Fatalf("the apply did not wait: %v", err)
	case <-time.After(3 * time.Second):
	}
	if got := w.server.QueryRows(t, "SELECT COUNT(*) FROM "+w.server.LandlordDatabase+".tenants WHERE slug LIKE 'chain-%' AND applied_version = '1.1.0'"); got[0][0] != "1" {
		t.Errorf("%s tenants are at the new version while it is paused, not the canary alone", got[0][0])
	}
	body := v.wants("/rollouts", ">Resume</button>", ">Abort</button>")
	if strings.Contains(body, ">Pause</button>") {
		t.Error("what is paused can be paused")
	}
	form.Set("note", "the sale is over")
	if status, body := v.post("/rollouts/resume", form); status != http.StatusOK {
		t.Fatalf("resuming: %d\n%s", status, body)
	}
	select {
	case err := <-done:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(time.Minute):
		t.Fatal("the apply never went on")
	}
	if got := w.server.QueryRows(t, "SELECT COUNT(*) FROM "+w.server.LandlordDatabase+".tenants WHERE slug LIKE 'chain-%' AND applied_version = '1.1.0'"); got[0][0] != "4" {
		t.Errorf("%s tenants are at the new version, not all", got[0][0])
	}
	v.wants("/tenants/chain-a/history", "rollout asked for something", "the sale has begun", "the sale is over")
	v.wants("/tenants/chain-d/history", "rollout asked for something", "the sale is over")
}
