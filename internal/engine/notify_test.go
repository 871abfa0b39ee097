package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// unhealthyTold is an address that is told who is unhealthy. It runs a round at a
// moment and compares what comes.
func unhealthyTold(t *testing.T, s *mysqltest.Server) func(what string, at time.Time, want ...string) {
	t.Helper()
	var mu sync.Mutex
	var got []string
	address := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		mu.Lock()
		defer mu.Unlock()
		_, text, _ := strings.Cut(string(body), `"event":`)
		got = append(got, text)
	}))
	t.Cleanup(address.Close)
	return func(what string, at time.Time, want ...string) {
		t.Helper()
		got = nil
		_, err := engineOn(t, s, func(c *landlord.Config) {
			c.Now = func() time.Time { return at }
			c.Notifications = []landlord.Notification{{Name: "ops", URL: address.URL, Events: []landlord.NotificationEvent{landlord.NotifyUnhealthy}}}
		}).Notify(t.Context(), true)
		if err != nil {
			t.Fatal(explain(err))
		}
		mu.Lock()
		defer mu.Unlock()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
}

// TestNotify_interrupted tells of a tenant that a killed run left in the middle, and
// of none that a run still works on.
func TestNotify_interrupted(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	tenant, to := migrating(t, s, "acme")
	if !victimOf(s, to, tenant, "after create_table table `notes`").run(t) {
		t.Fatal("the process was not killed")
	}
	told := unhealthyTold(t, s)
	working, err := s.DB().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = working.Close() }()
	lock := mysql.LockName("landlord tenant", s.Prefix+"acme")
	if _, err := working.ExecContext(t.Context(), "DO GET_LOCK(?, 60)", lock); err != nil {
		t.Fatal(err)
	}
	told("somebody works on it", time.Now())
	if _, err := working.ExecContext(t.Context(), "DO RELEASE_LOCK(?)", lock); err != nil {
		t.Fatal(err)
	}
	told("nobody works on it", time.Now(), `"unhealthy","subject":"interrupted","tenants":["acme"],"count":1,"title":"interrupted makes tenants unhealthy: acme."}`)
}

// TestNotify_daily tells of each tenant that stays unhealthy once a day, and of one
// that becomes so at once and by itself.
func TestNotify_daily(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := engineOn(t, s)
	publish(t, e, shop("1.0.0"))
	var first []string
	gone := func(from, to int) {
		for i := from; i <= to; i++ {
			s.Exec(t, "DROP DATABASE "+mysqltest.QuoteName(fmt.Sprintf("%st%02d", s.Prefix, i)))
		}
	}
	for i := 1; i <= 12; i++ {
		slug := fmt.Sprintf("t%02d", i)
		create(t, e, landlord.TenantSpec{Slug: slug, Name: slug, Template: "shop@1.0.0"})
		if i <= 10 {
			first = append(first, slug)
		}
	}
	message := func(names []string, count int, title string) string {
		return fmt.Sprintf(`"unhealthy","subject":"missing","tenants":["%s"],"count":%d,"title":"missing makes tenants unhealthy: %s."}`, strings.Join(names, `","`), count, title)
	}
	ten := strings.Join(first, ", ")
	told := unhealthyTold(t, s)
	now := time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)
	told("all are well", now)
	gone(1, 11)
	told("eleven are gone", now, message(first, 11, ten+" and 1 more"))
	told("the same", now.Add(time.Hour))
	gone(12, 12)
	told("another one", now.Add(2*time.Hour), message([]string{"t12"}, 1, "t12"))
	told("all of them", now.Add(3*time.Hour))
	told("the next day", now.Add(24*time.Hour), message(first, 12, ten+" and 2 more"))
	s.Exec(t, "UPDATE "+mysqltest.QuoteName(s.LandlordDatabase)+".notification_outbox SET created_at = created_at - INTERVAL 1 DAY")
	told("the same the next day", now.Add(25*time.Hour))
}

// TestNotify_addresses: an address that hangs, or is broken, is asked once a round and keeps
// no other one waiting; one that refuses a single notification gets those after it. What
// comes at all comes in order, and no redirect is followed.
func TestNotify_addresses(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := engineOn(t, s)
	publish(t, e, shop("1.0.0"))
	for i := range 4 {
		create(t, e, landlord.TenantSpec{Slug: fmt.Sprint("t", i), Name: "x", Template: "shop@1.0.0", Metadata: map[string]string{"contact": fmt.Sprint(i)}})
	}
	publish(t, e, shop("1.1.0"))
	var mu sync.Mutex
	got := map[string]string{}
	hang := make(chan struct{})
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	defer elsewhere.Close()
	address := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Contact string }
		_ = json.NewDecoder(r.Body).Decode(&body)
		mu.Lock()
		got[r.URL.Path] += body.Contact
		mu.Unlock()
		switch r.URL.Path {
		case "/hangs":
			select {
			case <-hang:
			case <-r.Context().Done():
			}
		case "/slow":
			time.Sleep(200 * time.Millisecond)
		case "/broken":
			w.WriteHeader(http.StatusBadGateway)
		case "/picky":
			if body.Contact == "1" {
				w.WriteHeader(http.StatusUnprocessableEntity)
			}
		case "/moved":
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		}
	}))
	defer address.Close()
	defer close(hang)
	var logged sync.Map
	round := func() landlord.Delivery {
		t.Helper()
		out, err := engineOn(t, s, func(c *landlord.Config) {
			c.Log = func(_ context.Context, text string, fields map[string]any) {
				logged.Store(fmt.Sprint(text, fields), true)
			}
			for _, name := range []string{"broken", "fine", "hangs", "moved", "picky", "slow"} {
				c.Notifications = append(c.Notifications, landlord.Notification{Name: name, URL: address.URL + "/" + name, Secret: "planted-secret", Contacts: true})
			}
		}).Notify(t.Context(), false)
		if err != nil {
			t.Fatal(explain(err))
		}
		return out
	}
	want := landlord.Delivery{New: 24, Sent: 4 + 3 + 4, Failed: 1 + 1 + 4 + 1, Pending: 4 + 4 + 4 + 1, Failure: "the address answered with status 502"}
	if out := round(); out != want {
		t.Errorf("delivered %+v, not %+v", out, want)
	}
	if diff := cmp.Diff(map[string]string{"/broken": "0", "/fine": "0123", "/hangs": "0", "/moved": "0123", "/picky": "0123", "/slow": "0123"}, got); diff != "" {
		t.Errorf("contacts that each address was told of (-want +got):\n%s", diff)
	}
	logged.Range(func(key, _ any) bool {
		if text := fmt.Sprint(key); strings.Contains(text, "planted-secret") || strings.Contains(text, strings.TrimPrefix(address.URL, "http://")) {
			t.Errorf("the log has a secret or the address: %s", text)
		}
		return true
	})
}
