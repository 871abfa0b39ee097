package engine_test

import (
	"context"
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// twoServers is an estate with its registry on one server and a tenant, `acme`, on
// another one of another make.
type twoServers struct {
	main, eu  *mysqltest.Server
	directory string
}

func onTwoServers(t *testing.T) twoServers {
	t.Helper()
	kinds := mysqltest.Kinds(t)
	if len(kinds) < 2 {
		t.Skip("one kind of server is there only")
	}
	s := twoServers{main: mysqltest.On(t, kinds[0]), eu: mysqltest.On(t, kinds[1]), directory: t.TempDir()}
	t.Cleanup(func() {
		for _, name := range []string{s.main.LandlordDatabase, s.main.LandlordDatabase + "_retired", s.main.Prefix + "acme"} {
			if _, err := s.eu.DB().ExecContext(context.WithoutCancel(t.Context()), "DROP DATABASE IF EXISTS "+name); err != nil {
				t.Error(err)
			}
		}
	})
	e := s.engine(t)
	publish(t, e, shop("1.0.0"))
	create(t, e, landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "shop@1.0.0", Server: "eu"})
	return s
}

// engine returns a fresh run with one connection to each of the servers.
func (s twoServers) engine(t *testing.T) *engine.Engine {
	t.Helper()
	return copying(t, s.main, s.directory, func(c *landlord.Config) {
		c.Servers = map[string]engine.ServerConfig{"eu": {Endpoint: s.eu.Endpoint(), Username: s.eu.Username, Password: s.eu.Password, MaxConnections: 1}}
	})
}

// whole says which checkpoints there are, and wants their files.
func (s twoServers) whole(t *testing.T) [][]string {
	t.Helper()
	var names [][]string
	for _, row := range s.main.QueryRows(t, "SELECT name, location FROM "+s.main.LandlordDatabase+".tenant_checkpoints WHERE present = 1 AND status = 'ready' ORDER BY name") {
		if _, err := os.Stat(row[1]); err != nil {
			t.Errorf("checkpoint `%s`: %v", row[0], err)
		}
		names = append(names, row[:1])
	}
	return names
}

// TestRetakeCheckpoint_otherServer fails, or loses its connection, while the new
// checkpoint of a tenant on a further server takes the name of the former one: one
// of the two is there in every case.
func TestRetakeCheckpoint_otherServer(t *testing.T) {
	t.Parallel()
	s := onTwoServers(t)
	spec := checkpointing.Spec{Tenant: "acme", Name: "daily"}
	if _, err := s.engine(t).TakeCheckpoint(t.Context(), spec); err != nil {
		t.Fatal(explain(err))
	}
	trigger := func(body string) {
		s.main.Exec(t, "DROP TRIGGER IF EXISTS "+s.main.LandlordDatabase+".disturb")
		if body != "" {
			s.main.Exec(t, "CREATE TRIGGER "+s.main.LandlordDatabase+".disturb BEFORE UPDATE ON "+s.main.LandlordDatabase+".tenant_checkpoints FOR EACH ROW BEGIN IF NEW.status = 'ready' THEN "+body+"; END IF; END")
		}
	}
	trigger("SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'disturbed'")
	if _, err := s.engine(t).RetakeCheckpoint(t.Context(), spec); err == nil {
		t.Fatal("it was taken")
	}
	if diff := cmp.Diff([][]string{{"daily"}}, s.whole(t)); diff != "" {
		t.Errorf("after an error (-want +got):\n%s", diff)
	}

	trigger("DO SLEEP(2)")
	e := s.engine(t)
	ctx, cancel := context.WithCancel(t.Context())
	e.OnFault(func(point string) {
		if point == "between ledger and registry" {
			time.AfterFunc(time.Second, cancel)
		}
	})
	if _, err := e.RetakeCheckpoint(ctx, spec); err == nil {
		t.Fatal("it was taken")
	}
	trigger("") // waits for the statement that the server goes on with
	if diff := cmp.Diff([][]string{{"daily"}}, s.whole(t)); diff != "" {
		t.Errorf("after a lost connection (-want +got):\n%s", diff)
	}
	if _, err := s.engine(t).RetakeCheckpoint(t.Context(), spec); err != nil {
		t.Fatal(explain(err))
	}
	if rows := s.main.QueryRows(t, "SELECT COUNT(*) FROM "+s.main.LandlordDatabase+".tenant_checkpoints"); rows[0][0] != "1" || len(s.whole(t)) != 1 {
		t.Errorf("at the end: %v", rows)
	}
}

// TestCheckpoints_oneConnection takes checkpoints of tenants of two servers at the
// same time, with one connection to each: whoever removes what is overdue waits for
// the main server, and nobody who has its connection waits for them.
func TestCheckpoints_oneConnection(t *testing.T) {
	t.Parallel()
	s := onTwoServers(t)
	e := s.engine(t)
	create(t, e, landlord.TenantSpec{Slug: "beta", Name: "beta", Template: "shop@1.0.0"})
	if _, err := e.TakeCheckpoint(t.Context(), checkpointing.Spec{Tenant: "acme", Name: "old", Retention: time.Hour}); err != nil {
		t.Fatal(explain(err))
	}
	s.main.Exec(t, "UPDATE "+s.main.LandlordDatabase+".tenant_checkpoints SET expires_at = UTC_TIMESTAMP(6)")

	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	e = s.engine(t)
	var others sync.WaitGroup
	var begun atomic.Bool
	held := make(chan struct{})
	e.OnFault(func(point string) {
		switch {
		case point == "before expiry" && !begun.Swap(true): // acme's run has the connection of the further server
			others.Go(func() {
				if _, err := e.TakeCheckpoint(ctx, checkpointing.Spec{Tenant: "beta", Name: "new"}); err != nil {
					t.Error(explain(err))
				}
			})
			select {
			case <-held:
			case <-ctx.Done():
			}
		case point == "after checkpoint" && begun.Load(): // beta's run has that of the main server
			others.Go(func() {
				if _, err := e.Checkpoint(ctx, "beta", "new"); err != nil {
					t.Error(explain(err))
				}
			})
			time.Sleep(500 * time.Millisecond) // the reader waits for the connection by then
			close(held)
		}
	})
	if _, err := e.TakeCheckpoint(ctx, checkpointing.Spec{Tenant: "acme", Name: "new"}); err != nil {
		t.Error(explain(err))
	}
	others.Wait()
}

// TestCheckpoint_keptWhilePurged keeps an overdue checkpoint for longer between the
// question what is overdue and the removal of its files, and kills the process
// between the record and the files.
func TestCheckpoint_keptWhilePurged(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	directory := t.TempDir()
	e := copying(t, s, directory)
	stocked(t, s, e, "acme")
	old, err := e.TakeCheckpoint(t.Context(), checkpointing.Spec{Tenant: "acme", Name: "old", Retention: time.Hour})
	if err != nil {
		t.Fatal(explain(err))
	}
	overdue := func() {
		s.Exec(t, "UPDATE "+s.LandlordDatabase+".tenant_checkpoints SET expires_at = UTC_TIMESTAMP(6) WHERE name = 'old'")
	}
	overdue()
	next := copying(t, s, directory)
	next.OnFault(func(point string) {
		if point == "before expiry" {
			if _, err := copying(t, s, directory).KeepCheckpoint(t.Context(), "acme", "old", 0); err != nil {
				t.Error(explain(err))
			}
		}
	})
	if _, err := next.TakeCheckpoint(t.Context(), checkpointing.Spec{Tenant: "acme", Name: "other", Contents: landlord.CheckpointSchema}); err != nil {
		t.Fatal(explain(err))
	}
	if got, err := copying(t, s, directory).Checkpoint(t.Context(), "acme", "old"); err != nil || got.Status != landlord.CheckpointReady {
		t.Errorf("kept for longer: %+v, %v", got, err)
	}
	overdue()
	v := copyingVictim(s, directory)
	v.Checkpoint, v.KillAt = &checkpointing.Spec{Tenant: "acme", Name: "third", Contents: landlord.CheckpointSchema}, "after expiry"
	if !v.run(t) {
		t.Fatal("the process was not killed")
	}
	if _, err := copying(t, s, directory).TakeCheckpoint(t.Context(), checkpointing.Spec{Tenant: "acme", Name: "fourth", Contents: landlord.CheckpointSchema}); err != nil {
		t.Fatal(explain(err))
	}
	if _, err := os.Stat(old.Location); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the files are still there: %v", err)
	}
}
