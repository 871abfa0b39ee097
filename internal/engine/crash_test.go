package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/customization"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/fleet"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// victimEnv holds, for a process that is to be killed, what it is to do.
const victimEnv = "LANDLORD_TEST_VICTIM"

// victim is what a process does until it is killed.
type victim struct {
	Config landlord.Config
	Spec   landlord.TenantSpec
	Prior  *landlord.PriorTenant // nil: create
	Kill   int                   // the number of the point at which the process ends, from 1; 0 for none
	KillAt string                // the name of that point instead

	Checkpoint *checkpointing.Spec     // to take, instead of what is above
	Restore    *landlord.RestoreSpec   // to restore, instead
	Delete     *landlord.DeleteOptions // to delete the tenant of Spec, instead
	Copy       *landlord.DataCopySpec  // to copy rows, instead

	Fleet      *fleet.Spec  // to apply, instead
	FleetPrior *fleet.Prior // nil: create

	Customize *customization.Spec // to apply, instead
	Objects   []customization.Object
	Remove    *customization.RemovalOptions // of the customization of Customize, instead
}

// runVictim is the life of a process that is to be killed: it ends by SIGKILL
// at the point that it was told, or prints the points that it passed.
func runVictim(text string) int {
	var v victim
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	e, err := engine.New(v.Config)
	if err != nil {
		fmt.Fprintln(os.Stderr, explain(err))
		return 2
	}
	var passed atomic.Int64 // by several at a time, where a fleet is worked on
	e.OnFault(func(point string) {
		n := int(passed.Add(1))
		fmt.Println(point)
		if n == v.Kill || point == v.KillAt {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	})
	ctx := context.Background()
	switch {
	case v.Checkpoint != nil:
		_, err = e.RetakeCheckpoint(ctx, *v.Checkpoint)
	case v.Restore != nil:
		_, err = e.Restore(ctx, *v.Restore, "")
	case v.Delete != nil:
		err = e.DeleteTenant(ctx, v.Spec.Slug, *v.Delete)
	case v.Copy != nil:
		_, err = e.CopyData(ctx, *v.Copy)
	case v.Fleet != nil:
		_, err = e.ApplyFleet(ctx, *v.Fleet, v.FleetPrior, "")
	case v.Remove != nil:
		err = e.RemoveCustomization(ctx, v.Customize.Tenant, v.Customize.Name, *v.Remove)
	case v.Customize != nil:
		var prior *customization.PriorCustomization
		if v.Objects != nil {
			prior = &customization.PriorCustomization{Objects: v.Objects}
		}
		_, err = e.ApplyCustomization(ctx, *v.Customize, prior, "")
	case v.Prior == nil:
		_, err = e.CreateTenant(ctx, v.Spec, "")
	default:
		_, err = e.UpdateTenant(ctx, v.Spec, *v.Prior, "")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, explain(err))
		return 1
	}
	return 0
}

// command returns the command that is the victim.
func (v victim) command(t *testing.T) *exec.Cmd {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), victimEnv+"="+string(raw))
	return cmd
}

// run starts the victim and returns whether it was killed.
func (v victim) run(t *testing.T) (killed bool) {
	t.Helper()
	cmd := v.command(t)
	out, err := cmd.CombinedOutput()
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() && status.Signal() == syscall.SIGKILL {
		return true
	}
	if err != nil {
		t.Fatalf("the victim failed by itself: %v\n%s", err, out)
	}
	return false
}

// TestCreateTenant_killed kills the process at every point of a creation, and
// wants the next run to complete exactly the rest. The points are the engine's,
// not the server's, so MariaDB sees every third one.
func TestCreateTenant_killed(t *testing.T) {
	t.Parallel()
	killCreations(t, 3)
}

// TestSoakCreateTenant_killed is the same with every point on every server.
func TestSoakCreateTenant_killed(t *testing.T) {
	soak(t)
	killCreations(t, 1)
}

// soak skips a test that is part of the long run only.
func soak(t *testing.T) {
	t.Helper()
	if os.Getenv("LANDLORD_SOAK") == "" {
		t.Skip("part of make soak")
	}
	t.Parallel()
}

func killCreations(t *testing.T, onMariaDB int) {
	t.Helper()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		publish(t, engineOn(t, s), shop("1.0.0"))
		cfg := landlord.Config{
			Main:     engine.ServerConfig{Endpoint: s.Endpoint(), Username: s.Username, Password: s.Password},
			Database: s.LandlordDatabase, Prefix: s.Prefix,
		}
		undisturbed, stride := "", 1
		if s.Kind.IsMariaDB() {
			stride = onMariaDB
		}
		for point := 0; ; point += stride {
			slug := fmt.Sprintf("killed-%d", point)
			v := victim{Config: cfg, Spec: landlord.TenantSpec{Slug: slug, Name: slug, Template: "shop@1.0.0", Modules: []string{"loyalty"}}, Kill: point}
			killed := v.run(t)
			if point > 0 && !killed {
				if point < 12+stride {
					t.Fatalf("only %d points to be killed at", point-1)
				}
				return
			}
			if killed {
				resume(t, engineOn(t, s), v.Spec, point)
			}
			state := snapshot(t, s, slug)
			if point == 0 {
				undisturbed = state
			} else if diff := cmp.Diff(undisturbed, state); diff != "" {
				t.Errorf("killed at point %d (-undisturbed +killed and completed):\n%s", point, diff)
			}
		}
	})
}

// resume plans and completes an interrupted creation. The plan is that of the
// whole creation, and says where it goes on.
func resume(t *testing.T, e *engine.Engine, spec landlord.TenantSpec, point int) {
	t.Helper()
	plan, err := e.PlanTenant(t.Context(), spec, nil)
	if err != nil {
		t.Fatalf("killed at point %d: %s", point, explain(err))
	}
	if len(plan.Steps) == 0 || plan.Steps[0].Operation != "create_database" {
		t.Errorf("killed at point %d, the plan is not that of the whole creation: %+v", point, plan.Steps)
	}
	seen, err := e.Tenant(t.Context(), spec.Slug)
	if begun := err == nil && !seen.DatabaseMissing; begun != (len(plan.Notes) > 0) {
		t.Errorf("killed at point %d, the database is there: %v; the plan says %+v", point, begun, plan.Notes)
	}
	if _, err := e.CreateTenant(t.Context(), spec, plan.Digest); err != nil {
		t.Fatalf("killed at point %d: %s", point, explain(err))
	}
}

// snapshot writes what a tenant is, in a form that is equal for equal tenants.
func snapshot(t *testing.T, s *mysqltest.Server, slug string) string {
	t.Helper()
	db := s.QueryRows(t, "SELECT database_name FROM "+s.LandlordDatabase+".tenants WHERE slug = ?", slug)[0][0]
	return fmt.Sprint(
		s.QueryRows(t, "SELECT status, template, applied_version, current_schema, COALESCE(running_digest, 'none') FROM "+s.LandlordDatabase+".tenants WHERE slug = ?", slug),
		s.QueryRows(t, "SELECT status, COALESCE(running, 'none'), steps FROM "+s.LandlordDatabase+".tenant_migrations_history WHERE tenant_slug = ?", slug),
		s.QueryRows(t, "SELECT COUNT(*) FROM "+s.LandlordDatabase+".tenant_migration_steps st JOIN "+s.LandlordDatabase+".tenant_migrations_history h ON h.id = st.migration_id WHERE h.tenant_slug = ? AND st.state = 'done'", slug),
		s.QueryRows(t, "SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? ORDER BY 1", db),
		s.QueryRows(t, "SELECT id, email FROM "+db+".customers ORDER BY id"),
	)
}
