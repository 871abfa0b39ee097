package engine_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/fleet"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestRollout_asked: what somebody asks of a rollout is in the history of its tenants, and
// people are told of it once.
func TestRollout_asked(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		spec := fleetOf(t, s, 3)
		spec.Rollout = fleet.Rollout{MaxParallel: 1, Canary: []string{"w00"}, Through: "canary"}
		if _, err := engineOn(t, s, pooled).ApplyFleet(t.Context(), spec, priorFleet(spec), ""); err != nil {
			t.Fatal(explain(err))
		}
		for _, ask := range []struct {
			wish   landlord.RolloutWish
			author string
			note   string
		}{{landlord.WishPause, "ops", "the sale has begun"}, {landlord.WishNone, "", ""}} {
			if _, err := engineOn(t, s).AskRollout(t.Context(), spec.Name, ask.wish, ask.author, ask.note); err != nil {
				t.Fatal(explain(err))
			}
		}
		account := s.QueryRows(t, "SELECT DISTINCT author FROM "+s.LandlordDatabase+".tenant_events WHERE event = 'rollout asked for something' AND author <> 'ops'")
		if len(account) != 1 || account[0][0] == "" {
			t.Fatalf("whoever asks without a name is %q", account)
		}
		events := s.QueryRows(t, "SELECT tenant_slug, author, JSON_UNQUOTE(JSON_EXTRACT(detail, '$.fleet')), JSON_UNQUOTE(JSON_EXTRACT(detail, '$.wish')), COALESCE(JSON_UNQUOTE(JSON_EXTRACT(detail, '$.note')), '') FROM "+
			s.LandlordDatabase+".tenant_events WHERE event = 'rollout asked for something' AND tenant_slug = 'w00' ORDER BY id")
		if diff := cmp.Diff([][]string{{"w00", "ops", spec.Name, "pause", "the sale has begun"}, {"w00", account[0][0], spec.Name, "resume", ""}}, events); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}

		var got []string
		address := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
			body, _ := io.ReadAll(request.Body)
			_, text, _ := strings.Cut(string(body), `"event":`)
			got = append(got, text)
		}))
		defer address.Close()
		tell := func() {
			t.Helper()
			if _, err := engineOn(t, s, func(c *landlord.Config) {
				c.Notifications = []landlord.Notification{{Name: "ops", URL: address.URL, Events: []landlord.NotificationEvent{landlord.NotifyAsked}}}
			}).Notify(t.Context(), false); err != nil {
				t.Fatal(explain(err))
			}
		}
		tell()
		tell()
		message := func(title string) string {
			return fmt.Sprintf(`"rollout_asked","subject":%q,"tenants":null,"count":0,"title":%q}`, spec.Name, spec.Name+" "+title+".")
		}
		want := []string{message("was asked by ops to pause its rollout to shop@1.1.0"), message("was asked by " + account[0][0] + " to go on with its rollout to shop@1.1.0")}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
	})
}

// TestRollout_askedMeanwhile: who asks waits for nobody who holds the rows of the
// tenants, and what is asked stands with its events or not at all.
func TestRollout_askedMeanwhile(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		spec := fleetOf(t, s, 2)
		spec.Rollout = fleet.Rollout{MaxParallel: 1, Canary: []string{"w00"}, Through: "canary"}
		if _, err := engineOn(t, s, pooled).ApplyFleet(t.Context(), spec, priorFleet(spec), ""); err != nil {
			t.Fatal(explain(err))
		}
		recorded := func() string {
			t.Helper()
			return fmt.Sprint(s.QueryRows(t, "SELECT (SELECT COUNT(*) FROM "+s.LandlordDatabase+".rollout_wishes), (SELECT COUNT(*) FROM "+
				s.LandlordDatabase+".tenant_events WHERE event = 'rollout asked for something')"))
		}
		// ask asks while somebody else holds what a statement locks.
		ask := func(held string) (time.Duration, error) {
			t.Helper()
			conn, err := s.DB().Conn(t.Context())
			must(t, err)
			defer conn.Close()
			for _, text := range []string{"START TRANSACTION", held} {
				_, err = conn.ExecContext(t.Context(), text)
				must(t, err)
			}
			defer func() {
				_, err := conn.ExecContext(context.WithoutCancel(t.Context()), "ROLLBACK")
				must(t, err)
				_, err = conn.ExecContext(context.WithoutCancel(t.Context()), "UNLOCK TABLES")
				must(t, err)
			}()
			began := time.Now()
			_, err = engineOn(t, s, func(c *landlord.Config) { c.Main.LockTimeout = time.Second }).AskRollout(t.Context(), spec.Name, landlord.WishPause, "ops", "")
			return time.Since(began), err
		}
		_, err := ask("LOCK TABLES " + s.LandlordDatabase + ".tenant_events READ")
		refuses(t, s, err, "asking something of the rollout of fleet `shops` on server `SERVER`: in one transaction: recording event `rollout asked for something`: error 1205: Lock wait timeout exceeded; try restarting transaction")
		if got := recorded(); got != "[[0 0]]" {
			t.Errorf("wishes and events of what failed: %s", got)
		}
		took, err := ask("UPDATE " + s.LandlordDatabase + ".tenants SET name = 'locked'")
		if err != nil {
			t.Fatalf("the rows of all tenants are locked: %s", explain(err))
		}
		if took >= time.Second {
			t.Errorf("asking while the rows of all tenants are locked took %s: it waited for one", took)
		}
		if got := recorded(); got != "[[1 1]]" {
			t.Errorf("wishes and events: %s", got)
		}
	})
}
