package provider_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/notify"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

const (
	notifySecret = "planted-secret-of-the-signature"
	notifyPath   = "/planted-secret-path"
)

// receiver is an address that is told of events.
type receiver struct {
	*httptest.Server

	mu     sync.Mutex
	got    []received
	answer func(http.ResponseWriter, *http.Request)
}

type received struct {
	Path, Key string
	Signed    bool
	Body      map[string]any
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		one := received{Path: request.URL.Path, Key: request.Header.Get(notify.HeaderKey)}
		one.Signed = request.Header.Get(notify.HeaderSignature) == notify.Sign(notifySecret, request.Header.Get(notify.HeaderTimestamp), body)
		_ = json.Unmarshal(body, &one.Body)
		r.mu.Lock()
		r.got = append(r.got, one)
		answer := r.answer
		r.mu.Unlock()
		if answer != nil {
			answer(w, request)
		}
	}))
	t.Cleanup(r.Server.Close)
	return r
}

// answers sets how it answers from now on, and forgets what it got.
func (r *receiver) answers(answer func(http.ResponseWriter, *http.Request)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer, r.got = answer, nil
}

// told returns what it got, by event and title.
func (r *receiver) told() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for _, one := range r.got {
		out = append(out, fmt.Sprintf("%v | %v", one.Body["event"], one.Body["title"]))
	}
	slices.Sort(out)
	return out
}

func (r *receiver) keys() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for _, one := range r.got {
		out = append(out, one.Key)
	}
	slices.Sort(out)
	return out
}

// notifying is the environment of a test with a file of addresses.
func notifying(t *testing.T, s *mysqltest.Server, list ...map[string]any) map[string]string {
	t.Helper()
	raw, err := json.Marshal(list)
	must(t, err)
	file := filepath.Join(t.TempDir(), "notifications.json")
	must(t, os.WriteFile(file, raw, 0o600))
	environment := environmentOf(s)
	environment["LANDLORD_NOTIFICATIONS"] = file
	return environment
}

// TestNotify tells of what there is to tell through an address that fails, hangs,
// is gone, and kills the program between sending and marking: nothing is lost, and
// nothing comes twice without its key.
func TestNotify(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	r := newReceiver(t)
	environment := notifying(t, s, map[string]any{"name": "ops", "url": r.URL + notifyPath, "secret": notifySecret})
	outbox := mysqltest.QuoteName(s.LandlordDatabase) + ".notification_outbox"
	again := func() { s.Exec(t, "UPDATE "+outbox+" SET next_at = CURRENT_TIMESTAMP(6)") }
	said := func(what string, status int, want string, arguments ...string) {
		t.Helper()
		got, out := programWith(t, environment, append([]string{"notify", "--log-level=debug"}, arguments...)...)
		if strings.Contains(out, "planted-secret") || strings.Contains(out, strings.TrimPrefix(r.URL, "http://")) {
			t.Errorf("%s: the output has a secret or the address: %s", what, out)
		}
		lines := strings.Split(strings.TrimSpace(out), "\n")
		if last := lines[len(lines)-1]; got != status || last != want {
			t.Errorf("%s: %d %s\nwant %d %s", what, got, last, status, want)
		}
	}
	c := coreOn(t, s)
	template := c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	for _, slug := range []string{"acme", "beta"} {
		c.must("landlord_tenant", nil, values{"slug": slug, "name": slug, "template": "shop@1.0.0"})
	}
	said("nothing to tell", 0, "0 new, 0 sent, 0 left.")
	more := strings.Replace(usersTable, "email VARCHAR(190) NOT NULL", "email VARCHAR(190) NOT NULL, fax VARCHAR(20) NULL", 1)
	coreOn(t, s).must("landlord_tenant_template", template, shop("1.1.0", more))
	execIn(t, s, "beta", "ALTER TABLE users ADD COLUMN nick VARCHAR(20) NULL")

	r.answers(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	said("failing", 2, "2 new, 0 sent, 2 left: the address answered with status 500.")
	want := []string{"update_available | shop@1.1.0 has a newer version than tenants follow: acme, beta."} // the oldest: the others wait
	if got := r.told(); !slices.Equal(got, want) {
		t.Errorf("told %q, not %q", got, want)
	}
	var first []string
	for _, row := range s.QueryRows(t, "SELECT idempotency_key FROM "+outbox+" ORDER BY 1") {
		first = append(first, row[0])
	}
	r.answers(nil)
	s.Exec(t, "UPDATE "+outbox+" SET next_at = CURRENT_TIMESTAMP(6) + INTERVAL 1 MINUTE")
	said("before its time", 2, "0 new, 0 sent, 2 left: the address answered with status 500.")
	if got := r.told(); got != nil {
		t.Errorf("it is tried at once: %q", got)
	}

	again()
	hang := make(chan struct{})
	r.answers(func(http.ResponseWriter, *http.Request) { <-hang })
	said("hanging", 2, "0 new, 0 sent, 2 left: the address did not answer in time.", "--timeout=1s", "--quick")
	close(hang)

	// Killed when the address has it and the outbox does not know: it comes again with its key.
	again()
	root, err := mirror()
	must(t, err)
	killed := exec.CommandContext(t.Context(), filepath.Join(root, "terraform-provider-landlord_v"+binaryVersion), "notify", "--quick")
	for name, value := range environment {
		killed.Env = append(killed.Env, name+"="+value)
	}
	var once sync.Once
	started := make(chan struct{})
	r.answers(func(http.ResponseWriter, *http.Request) {
		once.Do(func() { <-started; _ = killed.Process.Kill() })
	})
	must(t, killed.Start())
	close(started)
	if killed.Wait() == nil {
		t.Error("the program was not killed")
	}
	if got := r.keys(); len(got) != 1 || !slices.Contains(first, got[0]) {
		t.Errorf("the killed program sent %q, of %q", got, first)
	}
	r.answers(nil)
	said("its lease holds", 2, "0 new, 1 sent, 1 left: the address did not answer in time.", "--quick")
	again()
	said("after the lease", 0, "0 new, 1 sent, 0 left.", "--quick")
	if got := r.keys(); !slices.Equal(got, first) {
		t.Errorf("the keys are %q, not %q", got, first)
	}
	for _, one := range r.got {
		if !one.Signed || one.Path != notifyPath {
			t.Errorf("%+v is not signed, or went elsewhere", one)
		}
	}
	said("told once", 0, "0 new, 0 sent, 0 left.")
	if rows := fmt.Sprint(s.QueryRows(t, "SELECT notification, message, failure FROM "+outbox)); strings.Contains(rows, "planted-secret") || strings.Contains(rows, "127.0.0.1") {
		t.Errorf("the landlord database has a secret: %s", rows)
	}

	s.Exec(t, "DROP DATABASE "+mysqltest.QuoteName(s.Prefix+"acme"))
	r.Server.Close()
	said("gone", 2, "1 new, 0 sent, 1 left: the address could not be reached.")
	got := fmt.Sprint(s.QueryRows(t, "SELECT JSON_UNQUOTE(JSON_EXTRACT(message, '$.title')) FROM "+outbox+" WHERE event = 'unhealthy'"))
	if want := "[[missing makes tenants unhealthy: acme.]]"; got != want { // beta has drifted, and is degraded
		t.Errorf("what is told of health is %s, not %s", got, want)
	}
}

// TestNotify_apply tells of what an apply did, without another program, and each
// contact of itself alone.
func TestNotify_apply(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	r, gateway := newReceiver(t), newReceiver(t)
	environment := notifying(t, s,
		map[string]any{"name": "ops", "url": r.URL, "secret": notifySecret, "events": []string{"pending_approval", "rollout_finished", "checkpoint_too_old"}},
		map[string]any{"name": "tenants", "url": gateway.URL, "contacts": true})
	environment["LANDLORD_BACKUP_OBJECTIVE"] = "1ns"
	c := coreWith(t, environment)
	template := c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	acme := values{"slug": "acme", "name": "acme", "template": "shop@1.0.0", "update_policy": "review", "metadata": values{"contact": "ann@acme.example"}}
	now := c.must("landlord_tenant", nil, acme)
	c.must("landlord_tenant", nil, values{"slug": "beta", "name": "beta", "template": "shop@1.0.0", "metadata": values{"contact": "ben@beta.example"}})
	c.must("landlord_tenant", nil, values{"slug": "silent", "name": "silent", "template": "shop@1.0.0"})
	fleet := c.must(fleetType, nil, fleetOf(many(1), nil))
	more := strings.Replace(usersTable, "email VARCHAR(190) NOT NULL", "email VARCHAR(190) NOT NULL, fax VARCHAR(20) NULL", 1)
	c = coreWith(t, environment)
	c.must("landlord_tenant_template", template, shop("1.1.0", more))
	waitFor(t, "the word to the contacts", func() bool { return len(gateway.told()) == 2 })
	gateway.mu.Lock()
	for _, one := range gateway.got {
		of := map[any]string{"ann@acme.example": "acme", "ben@beta.example": "beta"}[one.Body["contact"]]
		if want := "shop@1.1.0 has a newer version than tenants follow: " + of + "."; one.Body["title"] != want || fmt.Sprint(one.Body["tenants"]) != "["+of+"]" {
			t.Errorf("%v is told %v of %v", one.Body["contact"], one.Body["title"], one.Body["tenants"])
		}
	}
	gateway.mu.Unlock()
	c = coreWith(t, environment)
	now, _ = c.refresh("landlord_tenant", now)
	if _, told := c.run("landlord_tenant", now, with(acme, values{"template": "shop@1.1.0"})); hasErrors(told) {
		t.Fatal(told)
	}
	c = coreWith(t, environment)
	fleet, _ = c.refresh(fleetType, fleet)
	c.must(fleetType, fleet, fleetOf(many(1), values{"template": "shop@1.1.0"}))
	for _, want := range []string{"pending_approval | shop@1.1.0 waits for an approval: acme.", "rollout_finished | shops has finished its rollout to shop@1.1.0."} {
		waitFor(t, want, func() bool { return slices.Contains(r.told(), want) })
	}
	waitFor(t, "checkpoints", func() bool {
		return slices.ContainsFunc(r.told(), func(one string) bool {
			return strings.HasPrefix(one, "checkpoint_too_old | backups are older than 1ns, or missing: ")
		})
	})
}

// TestNotifications_refuses compares what is said of addresses that cannot be used.
func TestNotifications_refuses(t *testing.T) {
	t.Parallel()
	c := newCore(t, nil)
	said(t, c.validateProvider(values{"notifications": []values{{"name": "Ops", "url": "https://a.example"}}}),
		"ERROR at (notifications).ElementKeyInt(0).(name): Notification name cannot be used\n`Ops` is no name: write lower-case letters, digits, `-` and `_`, a letter first, at most 64 characters.")
	said(t, c.validateProvider(values{"notifications": []values{{"name": "ops", "url": "planted-secret"}}}),
		"ERROR at (notifications).ElementKeyInt(0).(url): Notification address cannot be used\n`url` is no address that begins with `https://` or `http://`.")
	file := filepath.Join(t.TempDir(), "list.json")
	for text, want := range map[string]string{
		`{"planted-secret"`:                                            "the file is no list of objects with `name`, `url`, `secret`, `events`, `template` and `contacts`",
		`[{"name":"ops","url":"planted-secret"}]`:                      "entry 1: `url` is no address that begins with `https://` or `http://`",
		`[{"name":"ops","url":"https://a.example","events":["all"]}]`:  "entry 1: the event `all` is not known",
		`[{"name":"ops","url":"https://a.example","template":"mail"}]`: "entry 1: the template `mail` is not known",
		`[{"name":"","url":"https://a.example"}]`:                      "entry 1: `` is no name: write lower-case letters, digits, `-` and `_`, a letter first, at most 64 characters",
	} {
		must(t, os.WriteFile(file, []byte(text), 0o600))
		status, out := programWith(t, map[string]string{"LANDLORD_NOTIFICATIONS": file}, "notify")
		if want := "Error: Environment variable cannot be used: `LANDLORD_NOTIFICATIONS`: " + want + ".\n"; status != 1 || out != want {
			t.Errorf("%s: %d %s\nwant %s", text, status, out, want)
		}
	}
	if status, out := programWith(t, nil, "notify"); status != 1 || out != "Error: nobody is to be told: LANDLORD_NOTIFICATIONS names a JSON file with a list of objects with `name`, `url`, `secret`, `events`, `template` and `contacts`\n" {
		t.Errorf("%d %s", status, out)
	}
}
