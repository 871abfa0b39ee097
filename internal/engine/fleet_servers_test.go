package engine_test

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/fleet"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// further gives an estate a server `eu` at an endpoint. It waits a second for an
// answer.
func further(s *mysqltest.Server, endpoint string) func(*landlord.Config) {
	return func(c *landlord.Config) {
		c.Servers = map[string]engine.ServerConfig{"eu": {Endpoint: endpoint, Username: s.Username, Password: s.Password, MaxConnections: 2, ConnectTimeout: time.Second}}
	}
}

// mute is the endpoint of a server that accepts connections and never answers.
func mute(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var held []net.Conn
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			held = append(held, conn)
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
		for _, conn := range held {
			_ = conn.Close()
		}
	})
	return l.Addr().String()
}

// shops is a fleet of tenants on two servers, of which `eu` is the main one by
// another name.
func shops(version string) fleet.Spec {
	spec := fleet.Spec{Name: "shops", Template: "shop@" + version, Policies: landlord.TenantSpec{AllowDestructive: true}}
	for i := range 14 {
		m := fleet.Member{Slug: fmt.Sprintf("t%02d", i), Name: "T"}
		if i >= 2 {
			m.Server = "eu"
		}
		spec.Members = append(spec.Members, m)
	}
	return spec
}

// TestFleet_serverDown lets a server be down, and another time accept connections
// without a word, from the plan on and from the apply on: its tenants fail, in one
// diagnostic, and the others come to their version.
func TestFleet_serverDown(t *testing.T) {
	t.Parallel()
	for name, endpoint := range map[string]func(*testing.T) string{
		"down": func(*testing.T) string { return "127.0.0.1:1" },
		"mute": mute,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mysqltest.One(t)
			ctx := t.Context()
			e := engineOn(t, s, further(s, s.Endpoint()))
			publish(t, e, shop("1.0.0"))
			publish(t, e, shopWithout())
			made, err := e.ApplyFleet(ctx, shops("1.0.0"), nil, "")
			if err != nil {
				t.Fatal(explain(err))
			}
			prior := &fleet.Prior{Spec: shops("1.0.0"), Fingerprint: made.State.Fingerprint}
			at := endpoint(t)
			cause := "connection refused; is a server listening there?"
			if name == "mute" {
				cause = "the connection was accepted, but no server answered within 1 second."
			}
			list := "`t02`, `t03`, `t04`, `t05`, `t06`, `t07`, `t08`, `t09`, `t10`, `t11` and 2 more"
			said := "Server cannot be reached. 12 tenants: " + list + ". Of the first:\n\nConnect to `" + at + "`: " + cause +
				"\n\nCorrect `endpoint`, `username`, `password` or `tls` of server `eu` in `servers` of the provider, or start that server."

			began := time.Now()
			lame := engineOn(t, s, further(s, at))
			state, err := lame.FleetState(ctx, shops("1.0.0"), nil)
			if err != nil {
				t.Fatal(explain(err))
			}
			if len(state.Results) != 12 || state.Results[0] != (fleet.Result{Slug: "t02", Status: "unreached", Reason: "its server, server `eu`, cannot be reached"}) {
				t.Errorf("results: %+v", state.Results)
			}
			to := shops("2.0.0")
			_, err = lame.PlanFleet(ctx, to, prior)
			wantProblem(t, err, "Fleet cannot be planned []\nPlanning fleet `shops`: of 14 tenants, 12 cannot be planned, and `max_failures` is 0.\n\n"+said)
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("it took %s to find out", took)
			}

			to.Rollout.MaxFailures = 12
			plan, err := e.NewRun().PlanFleet(ctx, to, prior) // all is well
			if err != nil {
				t.Fatal(explain(err))
			}
			applied, err := engineOn(t, s, further(s, at)).ApplyFleet(ctx, to, prior, plan.Digest) // and is not any more
			if err != nil {
				t.Fatal(explain(err))
			}
			note := "Fleet `shops`: 12 tenants failed; `max_failures` is 12. The next apply tries them again.\n\n" + said
			if len(applied.Notes) != 1 || applied.Notes[0].Detail != note {
				t.Errorf("notes: %+v\nwant\n%s", applied.Notes, note)
			}
			rows := s.QueryRows(t, "SELECT applied_version, COUNT(*), MIN(server) FROM "+s.LandlordDatabase+".tenants GROUP BY 1 ORDER BY 1")
			if fmt.Sprint(rows) != "[[1.0.0 12 eu] [2.0.0 2 ]]" {
				t.Errorf("versions: %v", rows)
			}
			prior.Fingerprint = applied.State.Fingerprint
			if _, err := engineOn(t, s, further(s, s.Endpoint())).ApplyFleet(ctx, to, prior, ""); err != nil {
				t.Fatal(explain(err))
			}
			if rows := s.QueryRows(t, "SELECT COUNT(*) FROM "+s.LandlordDatabase+".tenants WHERE applied_version = '2.0.0'"); rows[0][0] != "14" {
				t.Errorf("%v tenants have the version when the server is back", rows)
			}
		})
	}
}

// TestFleet_placement makes tenants by weight, keeps those that are there, and
// shows in the plan where the others go.
func TestFleet_placement(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := engineOn(t, s, further(s, s.Endpoint()))
	publish(t, e, shop("1.0.0"))
	spec := fleet.Spec{Name: "shops", Template: "shop@1.0.0", Placement: fleet.Placement{"": 1, "eu": 2}}
	for i := range 6 {
		spec.Members = append(spec.Members, fleet.Member{Slug: fmt.Sprintf("t%d", i), Name: "T"})
	}
	plan, err := e.PlanFleet(t.Context(), spec, nil)
	if err != nil {
		t.Fatal(explain(err))
	}
	var told []string
	for _, c := range plan.Classes {
		told = append(told, fmt.Sprintf("%s %d on %q: %s", c.Action, c.Tenants, c.Server, strings.Join(c.Slugs, " ")))
	}
	if got := strings.Join(told, "\n"); got != "create 4 on \"eu\": t1 t2 t4 t5\ncreate 2 on \"\": t0 t3" && got != "create 4 on \"eu\": t0 t2 t3 t5\ncreate 2 on \"\": t1 t4" {
		t.Errorf("plan:\n%s", got)
	}
	made, err := e.ApplyFleet(t.Context(), spec, nil, plan.Digest)
	if err != nil {
		t.Fatal(explain(err))
	}
	prior := &fleet.Prior{Spec: spec, Fingerprint: made.State.Fingerprint}
	spec.Placement = nil
	after, err := e.NewRun().PlanFleet(t.Context(), spec, prior)
	if err != nil {
		t.Fatal(explain(err))
	}
	if after.HasWork() {
		t.Errorf("without weights tenants move: %+v", after.Classes)
	}
	spec.Placement = fleet.Placement{"eu": 1}
	after, err = e.NewRun().PlanFleet(t.Context(), spec, prior)
	if err != nil {
		t.Fatal(explain(err))
	}
	if after.HasWork() {
		t.Errorf("other weights move tenants: %+v", after.Classes)
	}
	spec.Placement = fleet.Placement{"us": 1}
	_, err = e.NewRun().PlanFleet(t.Context(), spec, prior)
	wantProblem(t, err, "Server is not configured [placement]\n`placement` names the server `us`, which the provider does not have.\n\nAdd it to `servers` of the provider, or take it out of `placement`; `\"\"` is the main server.")
}

// TestFleet_placedTogether: two fleets of one apply place their tenants as their plans
// say, whatever the other has made by then; and who gets a tenant of a pool finds it where
// claims are made, with its past.
func TestFleet_placedTogether(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := engineOn(t, s, further(s, s.Endpoint()))
	publish(t, e, shop("1.0.0"))
	placed := func(name string, n, pool int) fleet.Spec {
		spec := fleet.Spec{Name: name, Template: "shop@1.0.0", Placement: fleet.Placement{"": 1, "eu": 1}, Pool: pool}
		for i := range n {
			spec.Members = append(spec.Members, fleet.Member{Slug: fmt.Sprintf("%s%d", name, i), Name: "T"})
		}
		return spec
	}
	one, other := placed("one", 5, 2), placed("other", 3, 0)
	planned, err := e.NewRun().PlanFleet(t.Context(), other, nil)
	if err != nil {
		t.Fatal(explain(err))
	}
	run := e.NewRun()
	made, err := run.ApplyFleet(t.Context(), one, nil, "")
	if err != nil {
		t.Fatal(explain(err))
	}
	again, err := run.PlanFleet(t.Context(), other, nil)
	if err != nil {
		t.Fatal(explain(err))
	}
	if a, b := fmt.Sprintf("%+v", planned.Classes), fmt.Sprintf("%+v", again.Classes); a != b || planned.Digest != again.Digest {
		t.Errorf("planned\n%s\nand in the apply\n%s", a, b)
	}
	if rows := s.QueryRows(t, "SELECT GROUP_CONCAT(COALESCE(server, '') ORDER BY slug) FROM "+s.LandlordDatabase+".tenants"); fmt.Sprint(rows) != "[[,,,eu,,eu,]]" && fmt.Sprint(rows) != "[[,,eu,,eu,,]]" {
		t.Errorf("the tenants are on %v", rows)
	}
	if rows := s.QueryRows(t, "SELECT COUNT(*) FROM "+s.LandlordDatabase+".tenants WHERE slug LIKE 'one-pool-%' AND (server IS NULL OR server = '')"); fmt.Sprint(rows) != "[[2]]" {
		t.Errorf("%v ready tenants are on the main server", rows)
	}
	if _, err := e.ClaimTenant(t.Context(), "one", "acme", "", nil); err != nil {
		t.Fatal(explain(err))
	}
	prior := &fleet.Prior{Spec: one, Fingerprint: made.State.Fingerprint}
	prior.Spec.Pooled = made.Pooled
	one.Placement = fleet.Placement{"eu": 1}
	plan, err := e.NewRun().PlanFleet(t.Context(), one, prior)
	if err != nil {
		t.Fatal(explain(err))
	}
	if len(plan.Classes) != 1 || plan.Classes[0].Action != fleet.Create || plan.Classes[0].Server != "" {
		t.Errorf("the pool is filled up with %+v", plan.Classes)
	}
}
