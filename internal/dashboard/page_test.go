package dashboard_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/dashboard"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/health"
)

// TestPages reads each page of a real estate.
func TestPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60, dashboard.Options{})
	v := w.operator(t)
	v.wants("/", "60 tenants", "Shop shop-000", `<span class="state drifted">drifted</span>`, `<span class="state pending_approval">waits for approval</span>`, "1–50 of 60", "shop@1.1.0")
	v.wants("/?page=2", "51–60 of 60")
	v.wants("/?q=tier%3Dgold", "1–30 of 30")
	v.wants("/?state=drifted", "1–1 of 1", "shop-000")
	v.wants("/?sort=-slug", `aria-sort="descending"`, "shop-059")
	v.wants("/?q=nobody", "No tenant is like that.")
	v.wants("/tenants/shop-000", "customers", `<svg class="entities"`, "orders refers to customers", "unknown")
	v.wants("/tenants/shop-000/drift", "column <code>hotfix</code>", "DROP COLUMN `hotfix`", "landlord_tenant_customization", "hotfix")
	v.wants("/tenants/shop-001/health", "pending_approval", "There is no history yet")
	v.until("/?sort=health", `title="drifted">80<`, `drifted">50<`) // with an account of another test that may enter all tenants
	v.wants("/tenants/shop-001/history", "CREATE TABLE `customers`", "done")
	v.wants("/tenants/shop-001/customizations", "The tenant has nothing of its own.")
	v.wants("/tenants/shop-001/accounts", "The landlord made no account for this tenant.")
	v.wants("/tenants/shop-004", `<span class="origin module">module loyalty</span>`)
	v.wants("/templates", "shop@1.0.0", "shop@1.1.0", "A small shop")
	v.wants("/templates/shop@1.1.0?against=shop@1.0.0", "From shop@1.0.0 to shop@1.1.0", `class="added"`, "ADD_ME")
	v.wants("/templates/shop@1.0.0", "loyalty", "1 of 60", "shop-004")
	v.wants("/backups", "60 tenants have no data checkpoint")
	v.wants("/rollouts", "No fleet has been rolled out yet.")
	v.wants("/migrations", "shop@1.0.0 → shop@1.1.0", "2 tenants", "ADD COLUMN `ADD_ME`", "Approve")
	for _, path := range []string{"/tenants/nobody", "/tenants/shop-000/nothing", "/templates/none@1.0.0", "/nothing"} {
		if status, _ := v.get(path); status != http.StatusNotFound {
			t.Errorf("%s: status %d, not 404", path, status)
		}
	}
	for _, path := range []string{"/?q=shop-055", "/tenants/shop-055", "/tenants/shop-055/history"} {
		if _, body := v.get(path); strings.Contains(body, "<script>document") || strings.Contains(body, "<img src=x") {
			t.Errorf("%s has the name of a tenant as HTML", path)
		}
	}
}

// TestApproval approves on the page what Terraform's engine then runs, and
// rejects.
func TestApproval(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3, dashboard.Options{})
	v := w.operator(t)
	form := v.form("/migrations")
	if status, body := v.post("/migrations/approve", form); status != http.StatusConflict || !strings.Contains(body, "Say why") {
		t.Errorf("without a reason: %d\n%s", status, body)
	}
	form.Set("note", "not on a Friday")
	if status, body := v.post("/migrations/reject", form); status != http.StatusOK || !strings.Contains(body, "Rejected by local") {
		t.Errorf("rejecting: %d\n%s", status, body)
	}
	form.Set("note", "looked at it")
	if status, body := v.post("/migrations/approve", form); status != http.StatusOK || !strings.Contains(body, "Approved by local") {
		t.Errorf("approving: %d\n%s", status, body)
	}
	form.Set("tenant", slugOf(2))
	if status, body := v.post("/migrations/reject", form); status != http.StatusConflict || !strings.Contains(body, "It is approved for all tenants with this digest: reject it for all of them.") {
		t.Errorf("rejecting for one what is approved for all: %d\n%s", status, body)
	}
	form.Del("tenant")
	if status, body := v.post("/migrations/approve", form); status != http.StatusConflict || !strings.Contains(body, "It is approved already, by local.") {
		t.Errorf("approving once more: %d\n%s", status, body)
	}
	w.wait(t, 1) // the apply, which no longer waits
	run := w.engine.NewRun()
	tenant, err := run.Tenant(t.Context(), slugOf(1))
	if err != nil {
		t.Fatal(err)
	}
	if tenant.Template != "shop@1.1.0" {
		t.Errorf("the approved migration did not run: the tenant is at %s", tenant.Template)
	}
	v.wants("/tenants/shop-001/history", "migration approved on the page", "migration rejected on the page", "looked at it")
	for name, c := range map[string]struct{ field, value, want string }{
		"a digest that nobody waits for": {"digest", "sha256:" + strings.Repeat("0", 64), "What this tenant needs is another migration than the one that was shown."},
		"no digest":                      {"digest", "", "What this tenant needs is another migration than the one that was shown."},
		"a group that does not wait":     {"group", strings.Repeat("0", 64), "No tenant waits for this migration any more."},
		"a tenant that does not wait":    {"tenant", slugOf(0), "No tenant waits for this migration any more."},
	} {
		other := maps.Clone(form)
		other.Set(c.field, c.value)
		if status, body := v.post("/migrations/approve", other); status != http.StatusConflict || !strings.Contains(body, c.want) {
			t.Errorf("%s: %d\n%s", name, status, body)
		}
	}
}

// TestBackups takes a checkpoint and restores it beside the tenant.
func TestBackups(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3, dashboard.Options{Refresh: time.Millisecond})
	v := w.operator(t)
	form := v.form("/tenants/shop-001/checkpoints")
	form.Set("name", "before-launch")
	if status, body := v.post("/tenants/shop-001/checkpoint", form); status != http.StatusUnprocessableEntity || !strings.Contains(body, "Say why") {
		t.Errorf("without a reason: %d\n%s", status, body)
	}
	form.Set("reason", "the launch")
	form.Set("verify", "1")
	if status, body := v.post("/tenants/shop-001/checkpoint", form); status != http.StatusOK {
		t.Fatalf("taking a checkpoint: %d\n%s", status, body)
	}
	v.until("/jobs", "shop-001/before-launch: 0 rows")
	v.wants("/tenants/shop-001/checkpoints", "before-launch", "proven", `mode       = &#34;in_place&#34;`)
	v.wants("/backups", "2 tenants have no data checkpoint", "before-launch")
	form.Set("checkpoint", "shop-001/before-launch")
	if status, body := v.post("/tenants/shop-001/restore", form); status != http.StatusOK {
		t.Fatalf("restoring: %d\n%s", status, body)
	}
	v.until("/jobs", "restored into the database "+w.server.Prefix)
	v.wants("/tenants/shop-001/history", "checkpoint asked for on the page", "restore beside asked for on the page", "the launch")
}

// until waits until a page says one of some texts.
func (v *visitor) until(path string, texts ...string) {
	v.t.Helper()
	var body string
	for range 300 {
		_, body = v.get(path)
		if slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(body, text) }) {
			return
		}
		if strings.Contains(body, `<span class="state failed">`) {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	v.t.Fatalf("%s never said %s:\n%s", path, texts, body)
}

// TestManyVisitors finds an estate that is read once for all.
func TestManyVisitors(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3, dashboard.Options{Refresh: time.Hour})
	recording := w.server.Record(t)
	w.serveAs(t, recording.Username, recording.Password, dashboard.Options{Refresh: time.Hour, Listen: "127.0.0.1:0"})
	v := w.operator(t)
	v.wants("/", "3 tenants")
	settled := func() int {
		n := -1
		for now := recording.Count(t); n != now; now = recording.Count(t) { // the health of all is read behind the page
			n = now
			time.Sleep(500 * time.Millisecond)
		}
		return n
	}
	first := settled()
	if first == 0 || first > 60 {
		t.Errorf("one read of the estate is %d statements:\n%s", first, strings.Join(recording.Statements(t), "\n"))
	}
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() { v.wants(fmt.Sprintf("/?page=1&q=shop-00%d", i%3), "of 1") })
	}
	all.Wait()
	if n := settled(); n != first {
		t.Errorf("50 visitors made %d statements more", n-first)
	}
}

// TestEntrance tries to come in where nobody may.
func TestEntrance(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3, dashboard.Options{})
	stranger := w.visitor(t)
	for _, path := range []string{"/", "/tenants/shop-001", "/migrations", "/jobs"} {
		if _, body := stranger.get(path); !strings.Contains(body, "Come in") || strings.Contains(body, "shop-001") {
			t.Errorf("%s shows a stranger:\n%s", path, body)
		}
	}
	if status, _ := stranger.get("/login?token=guess"); status != http.StatusForbidden {
		t.Errorf("a guessed token: %d", status)
	}
	token := w.page.Token()
	if status, _ := stranger.get("/login?token=" + token); status != http.StatusOK {
		t.Errorf("the token: %d", status)
	}
	second := w.visitor(t)
	if status, body := second.get("/login?token=" + token); status != http.StatusForbidden || !strings.Contains(body, "used already") {
		t.Errorf("the token a second time: %d\n%s", status, body)
	}
	form := stranger.form("/migrations")
	form.Set("note", "x")
	form.Set("csrf", "guess")
	if status, body := stranger.post("/migrations/approve", form); status != http.StatusForbidden || !strings.Contains(body, "not from this session") {
		t.Errorf("another token in the form: %d\n%s", status, body)
	}
	form = stranger.form("/migrations")
	if status, _ := stranger.post("/logout", form); status != http.StatusOK {
		t.Errorf("leaving: %d", status)
	}
	form.Set("note", "x")
	if status, _ := stranger.post("/migrations/approve", form); status != http.StatusUnauthorized {
		t.Errorf("a form after the session: %d", status)
	}
}

// TestRequests_foreign sends requests as another site would make a browser send.
func TestRequests_foreign(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3, dashboard.Options{})
	v := w.operator(t)
	form := v.form("/migrations")
	form.Set("note", "x")
	cases := map[string]struct {
		change func(*http.Request)
		status int
	}{
		"another origin":       {func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }, http.StatusForbidden},
		"fetched cross-site":   {func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, http.StatusForbidden},
		"another name of host": {func(r *http.Request) { r.Host = "evil.example" }, http.StatusMisdirectedRequest},
	}
	for name, c := range cases {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+"/migrations/approve", strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		c.change(r)
		resp, err := v.client.Do(r)
		if status, body := v.read(resp, err); status != c.status {
			t.Errorf("%s: %d\n%s", name, status, body)
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.url+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := v.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"} {
		if got := resp.Header.Get(name); got != want {
			t.Errorf("%s is %q, not %q", name, got, want)
		}
	}
	if csp := resp.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
		t.Errorf("the policy is %s", csp)
	}
}

// TestRoles lets each role do what it may.
func TestRoles(t *testing.T) {
	t.Parallel()
	users, passwords := staff(t)
	w := newWorld(t, 3, dashboard.Options{Users: users})
	wants := []struct {
		name                string
		approve, checkpoint int
	}{
		{"vera", http.StatusForbidden, http.StatusForbidden},
		{"anna", http.StatusOK, http.StatusForbidden},
		{"olaf", http.StatusConflict, http.StatusOK}, // it is approved by then
	}
	for _, want := range wants {
		name := want.name
		v := w.visitor(t)
		if status, body := v.post("/login", url.Values{"name": {name}, "password": {"wrong password"}}); status != http.StatusForbidden || !strings.Contains(body, "do not belong together") {
			t.Errorf("%s with another password: %d", name, status)
		}
		if status, _ := v.post("/login", url.Values{"name": {name}, "password": {passwords[name]}}); status != http.StatusOK {
			t.Fatalf("%s cannot come in: %d", name, status)
		}
		body := v.wants("/migrations", name)
		if strings.Contains(body, "/migrations/approve") != (want.approve != http.StatusForbidden) {
			t.Errorf("%s: the button to approve is wrong", name)
		}
		form := v.form("/")
		form.Set("note", "fine")
		form.Set("reason", "fine")
		form.Set("name", "of-"+name)
		for name, values := range w.decisionForm(t, passwords) {
			if name != "csrf" {
				form[name] = values
			}
		}
		if status, body := v.post("/migrations/approve", form); status != want.approve {
			t.Errorf("%s approves: %d\n%s", name, status, body)
		}
		if status, body := v.post("/tenants/shop-002/checkpoint", form); status != want.checkpoint {
			t.Errorf("%s takes a checkpoint: %d\n%s", name, status, body)
		}
	}
}

// decisionForm returns the form of the migration that waits, as somebody who may
// approve sees it.
func (w *world) decisionForm(t *testing.T, passwords map[string]string) url.Values {
	t.Helper()
	v := w.visitor(t)
	v.post("/login", url.Values{"name": {"anna"}, "password": {passwords["anna"]}})
	return v.form("/migrations")
}

// TestHealthPage shows how a tenant did: size, score and load over time.
func TestHealthPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3, dashboard.Options{})
	for range 3 {
		if _, err := w.engine.NewRun().SampleHealth(t.Context(), health.Filter{Slugs: []string{slugOf(0)}}, 0); err != nil {
			t.Fatal(err)
		}
	}
	samples := w.server.LandlordDatabase + ".tenant_samples"
	w.server.Exec(t, "UPDATE "+samples+" SET statements = 1, latency_us = 1, errors = 0, rows_read = 1, rows_changed = 1", // as a server counts that tells it, and minutes apart
		"UPDATE "+samples+" AS s JOIN (SELECT sampled_at, ROW_NUMBER() OVER (ORDER BY sampled_at) AS n FROM "+samples+") AS o ON o.sampled_at = s.sampled_at SET s.statements = 100 * o.n * o.n, s.sampled_at = s.sampled_at - INTERVAL 40 - 10 * o.n MINUTE")
	w.operator(t).wants("/tenants/"+slugOf(0)+"/health", "Size over time", "Score over time", "Statements over time", " a minute", "Rows read")
}

// TestDecisions shows the decisions on conflicts that are remembered.
func TestDecisions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3, dashboard.Options{})
	v := w.operator(t)
	if _, body := v.get("/migrations"); strings.Contains(body, "Remembered decisions") {
		t.Error("nobody has decided anything yet")
	}
	w.server.Exec(t, "INSERT INTO "+w.server.LandlordDatabase+".tenant_resolutions (tenant_id, tenant_slug, clash, object, element, decision, sql_text, to_template, author)"+
		" SELECT id, slug, 'sha256:1', 'table customers', 'column fax', 'sql', 'ALTER TABLE customers ADD fax TEXT -- <script>', 'shop@1.1.0', 'Eva' FROM "+w.server.LandlordDatabase+".tenants WHERE slug = '"+slugOf(1)+"'")
	v.wants("/migrations", "Remembered decisions", "table customers column fax", "ADD fax TEXT -- &lt;script&gt;", "shop@1.1.0", "Eva")
}
