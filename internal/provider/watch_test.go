package provider_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/command"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// program runs a subcommand on the databases of a test and returns its exit
// status and all that it wrote.
func program(t *testing.T, s *mysqltest.Server, arguments ...string) (int, string) {
	t.Helper()
	return programWith(t, environmentOf(s), arguments...)
}

func programWith(t *testing.T, environment map[string]string, arguments ...string) (int, string) {
	t.Helper()
	c, found := command.Find(command.Commands(), arguments)
	if !found {
		t.Fatalf("there is no %s", arguments[0])
	}
	var variables []string
	for name, value := range environment {
		variables = append(variables, name+"="+value)
	}
	var out strings.Builder
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	status := c.Do(ctx, &command.Process{
		In: strings.NewReader(""), Out: &out, Err: &out,
		Environment: func() (landlord.Config, error) { return provider.EnvironmentConfig("test", variables) },
	}, arguments[1:])
	return status, out.String()
}

// TestFleet_watch looks at a rollout that runs, pauses it, lets it go on, and ends
// others.
func TestFleet_watch(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	if status, out := program(t, s, "watch"); status != 1 || out != "Error: There is no rollout\n\nThe landlord database has no rollout yet.\n\nA rollout begins when an apply changes tenants of a `landlord_tenant_fleet` to another template version or other modules.\n" {
		t.Errorf("before any rollout: %d %s", status, out)
	}
	c := coreOn(t, s)
	template := c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	now := c.must(fleetType, nil, fleetOf(many(4), nil))
	more := strings.Replace(usersTable, "email VARCHAR(190) NOT NULL", "email VARCHAR(190) NOT NULL, fax VARCHAR(20) NULL", 1)
	coreOn(t, s).must("landlord_tenant_template", template, shop("1.1.0", more))
	now, _ = coreOn(t, s).refresh(fleetType, now)
	to := fleetOf(many(4), values{"template": "shop@1.1.0", "rollout": values{"canary": []string{"t000"}, "soak": "6s", "max_parallel": 1}})

	// Aborted while it waits between two waves: nobody of the second one is begun.
	ended := applyBeside(t, s, now, to)
	waitFor(t, "the canary", func() bool {
		_, out := program(t, s, "watch", "--once", "shops")
		return strings.Contains(out, "1 of 4")
	})
	if status, out := program(t, s, "watch", "--once", "shops"); status != 0 || !strings.HasPrefix(out, "fleet shops to shop@1.1.0: running, 1 of 4 tenants (canary 1/1, 100% 0/3), ") || !strings.HasSuffix(out, " left\n") {
		t.Errorf("running: %d %s", status, out)
	}
	if status, out := program(t, s, "watch", "--abort"); status != 0 || out != "Rollout of fleet shops: the apply ends before its next tenant.\n" {
		t.Errorf("asking: %d %s", status, out)
	}
	said(t, <-ended, "ERROR at (rollout): Rollout was aborted\nChanging fleet `shops`: tests asked to abort the rollout, so no further tenant was begun; 1 is done.\n\nApply again to go on with it, or set `template` back.")
	if got := following(t, s, "1.0.0"); got != "t001,t002,t003" {
		t.Errorf("after the abort, %s are where they were", got)
	}
	if status, out := program(t, s, "watch"); status != command.StatusHalted || out != "fleet shops to shop@1.1.0: halted, 1 of 4 tenants (canary 1/1, 100% 0/3)\n" {
		t.Errorf("halted: %d %s", status, out)
	}
	if status, out := program(t, s, "watch", "--abort"); status != 1 || out != "Error: Rollout does not run\n\nThe rollout of fleet `shops` to `shop@1.1.0` is `halted`: no apply is there to be asked for `abort`.\n\nSet `template` of the fleet back and apply, if its tenants are to go back.\n" {
		t.Errorf("asking nobody: %d %s", status, out)
	}

	// A pause of a rollout that does not run holds the next apply; then it is rolled back.
	if status, out := program(t, s, "watch", "--pause", "shops"); status != 0 || out != "Rollout of fleet shops: the apply pauses before its next group of tenants.\n" {
		t.Errorf("pausing: %d %s", status, out)
	}
	to = fleetOf(many(4), values{"template": "shop@1.1.0", "rollout": values{"canary": []string{"t000"}, "waves": []string{"75%"}, "soak": "2s", "max_parallel": 1}})
	now, _ = coreOn(t, s).refresh(fleetType, now)
	ended = applyBeside(t, s, now, to)
	select {
	case told := <-ended:
		t.Fatalf("a paused apply ended: %q", told)
	case <-time.After(8 * time.Second):
	}
	if got := following(t, s, "1.0.0"); got != "t001,t002,t003" {
		t.Errorf("paused, %s are where they were", got)
	}
	if status, out := program(t, s, "watch", "--rollback", "shops"); status != 0 || out != "Rollout of fleet shops: the apply takes its tenants back.\n" {
		t.Errorf("asking: %d %s", status, out)
	}
	said(t, <-ended, "ERROR at (rollout): Rollout was rolled back\nChanging fleet `shops`: tests asked to roll the rollout back: 1 tenant is back where it was. What the rollout had added to them is kept aside for `retention`."+
		"\n\nSet `template` back before the next apply, else the rollout begins anew.")
	if got := following(t, s, "1.0.0"); got != "t000,t001,t002,t003" {
		t.Errorf("after the rollback, %s are where they were", got)
	}

	// What was asked is asked once.
	now, _ = coreOn(t, s).refresh(fleetType, now)
	coreOn(t, s).must(fleetType, now, fleetOf(many(4), values{"template": "shop@1.1.0"}))
	if status, out := program(t, s, "watch"); status != 0 || out != "fleet shops to shop@1.1.0: done, 4 of 4 tenants\n" {
		t.Errorf("done: %d %s", status, out)
	}
	if status, out := program(t, s, "watch", "--pause", "--abort"); status != 1 || out != "Error: choose one of --pause, --resume, --abort and --rollback\n" {
		t.Errorf("two wishes: %d %s", status, out)
	}
}

// applyBeside applies a fleet while the test goes on, and tells what it ended with.
func applyBeside(t *testing.T, s *mysqltest.Server, now any, to values) <-chan []string {
	t.Helper()
	ended := make(chan []string, 1)
	c := coreOn(t, s)
	go func() {
		_, told := c.run(fleetType, now, to)
		ended <- told
	}()
	return ended
}

// waitFor waits until something is so.
func waitFor(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !so(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s never came", what)
		}
	}
}
