package dashboard_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/landlord-db/terraform-provider-landlord/internal/dashboard"
	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

func TestMain(m *testing.M) { mysqltest.Run(m) }

// hostile is what somebody may call a tenant.
const hostile = `<script>document.title="taken"</script><img src=x onerror="document.title='taken'">`

// hostileTenant is the one that is called so, in estates that are large enough.
const hostileTenant = 55

// world is an estate on a real server with the page before it.
type world struct {
	server *mysqltest.Server
	engine *engine.Engine
	page   *dashboard.Server
	url    string
}

func (w *world) config(t *testing.T, progress landlord.Progress) landlord.Config {
	t.Helper()
	return landlord.Config{
		Main:     engine.ServerConfig{Endpoint: w.server.Endpoint(), Username: w.server.Username, Password: w.server.Password, MaxConnections: 8},
		Database: w.server.LandlordDatabase, Prefix: w.server.Prefix, Version: "test", CheckpointDirectory: t.TempDir(), Progress: progress, Author: "test",
	}
}

func shop(version, extra string) landlord.TemplateSpec {
	return landlord.TemplateSpec{
		Name: "shop", Version: version, Description: "A small shop", ApprovalRequired: nil,
		Core: map[string]string{"001.sql": "CREATE TABLE customers (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, email VARCHAR(190) NOT NULL, note VARCHAR(40) NULL" + extra + ");\n" +
			"CREATE TABLE orders (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, customer_id INT NOT NULL, CONSTRAINT fk_orders_customer FOREIGN KEY (customer_id) REFERENCES customers (id));"},
		Optional: map[string]string{"loyalty.sql": "CREATE TABLE points (customer_id INT NOT NULL PRIMARY KEY, points INT NOT NULL DEFAULT 0);"},
	}
}

func slugOf(i int) string { return fmt.Sprintf("shop-%03d", i) }

// newWorld makes an estate of n tenants: the first ones drifted, wait for an
// approval, are called something hostile, or have a module.
func newWorld(t *testing.T, n int, options dashboard.Options) *world {
	t.Helper()
	w := &world{server: mysqltest.One(t)}
	progress := &dashboard.Progress{}
	var err error
	if w.engine, err = engine.New(w.config(t, progress)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.engine.Close() })
	w.publish(t, shop("1.0.0", ""))
	var all errgroup.Group
	all.SetLimit(6)
	for i := range n {
		all.Go(func() error { return w.create(t.Context(), i) })
	}
	if err := all.Wait(); err != nil {
		t.Fatal(err)
	}
	w.server.Exec(t, "ALTER TABLE `"+w.server.Prefix+strings.ReplaceAll(slugOf(0), "-", "_")+"`.customers ADD COLUMN hotfix INT NULL")
	w.publish(t, shop("1.1.0", ", ADD_ME INT NOT NULL DEFAULT 7"))
	for _, i := range []int{1, 2} {
		w.wait(t, i)
	}
	if options.Listen == "" {
		options.Listen = "127.0.0.1:0"
	}
	w.serve(t, w.engine, options, progress)
	return w
}

// serve puts the page before an engine.
func (w *world) serve(t *testing.T, e *engine.Engine, options dashboard.Options, progress *dashboard.Progress) {
	t.Helper()
	page, err := dashboard.New(options, func() dashboard.Engine { return e.NewRun() }, progress)
	if err != nil {
		t.Fatal(err)
	}
	served := httptest.NewServer(page)
	t.Cleanup(served.Close)
	w.page, w.url = page, served.URL
}

// serveAs puts the page before an engine with another account.
func (w *world) serveAs(t *testing.T, username, password string, options dashboard.Options) {
	t.Helper()
	progress := &dashboard.Progress{}
	cfg := w.config(t, progress)
	cfg.Main.Username, cfg.Main.Password = username, password
	e, err := engine.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	w.serve(t, e, options, progress)
}

func (w *world) publish(t *testing.T, spec landlord.TemplateSpec) {
	t.Helper()
	run := w.engine.NewRun()
	if _, err := run.PlanTemplate(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
	if _, err := run.PublishTemplate(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
}

func (w *world) spec(i int, version string) landlord.TenantSpec {
	spec := landlord.TenantSpec{Slug: slugOf(i), Name: "Shop " + slugOf(i), Template: "shop@" + version, Status: landlord.StatusActive,
		UpdatePolicy: landlord.UpdateReview, Metadata: map[string]string{"tier": []string{"gold", "basic"}[i%2]}}
	if i == hostileTenant {
		spec.Name, spec.Metadata["owner"] = hostile, hostile
	}
	if i == 4 {
		spec.Modules = []string{"loyalty"}
	}
	return spec
}

func (w *world) create(ctx context.Context, i int) error {
	run, spec := w.engine.NewRun(), w.spec(i, "1.0.0")
	plan, err := run.PlanTenant(ctx, spec, nil)
	if err != nil {
		return err
	}
	_, err = run.CreateTenant(ctx, spec, plan.Digest)
	return err
}

// wait has a tenant want version 1.1.0, which its policy lets wait.
func (w *world) wait(t *testing.T, i int) {
	t.Helper()
	w.want(t, i, "1.1.0")
}

// want has a tenant want a version, which its policy lets wait.
func (w *world) want(t *testing.T, i int, version string) {
	t.Helper()
	run := w.engine.NewRun()
	now, err := run.Tenant(t.Context(), slugOf(i))
	if err != nil {
		t.Fatal(err)
	}
	spec := w.spec(i, version)
	prior := landlord.PriorTenant{Name: now.Name, Status: now.Status, Metadata: now.Metadata, Template: now.Template, Fingerprint: now.SchemaFingerprint, Last: now.LastMigration}
	plan, err := run.PlanTenant(t.Context(), spec, &prior)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run.UpdateTenant(t.Context(), spec, prior, plan.Digest); err != nil {
		t.Fatal(err)
	}
}

// visitor is a browser without scripts.
type visitor struct {
	t      *testing.T
	client *http.Client
	url    string
}

func (w *world) visitor(t *testing.T) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t: t, client: &http.Client{Jar: jar}, url: w.url}
}

// operator is a visitor whom the one-time token let in.
func (w *world) operator(t *testing.T) *visitor {
	t.Helper()
	v := w.visitor(t)
	if status, _ := v.get("/login?token=" + w.page.Token()); status != http.StatusOK {
		t.Fatalf("the token does not let in: %d", status)
	}
	return v
}

func (v *visitor) get(path string) (int, string) {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), http.MethodGet, v.url+path, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	resp, err := v.client.Do(r)
	return v.read(resp, err)
}

func (v *visitor) post(path string, form url.Values) (int, string) {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := v.client.Do(r)
	return v.read(resp, err)
}

func (v *visitor) read(resp *http.Response, err error) (int, string) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

var hidden = regexp.MustCompile(`name="(csrf|digest|group)" value="([^"]+)"`)

// form returns the hidden fields of the first form of a page that has them.
func (v *visitor) form(path string) url.Values {
	v.t.Helper()
	_, body := v.get(path)
	out := url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(body, -1) {
		out.Set(m[1], m[2])
	}
	if out.Get("csrf") == "" {
		v.t.Fatalf("%s has no form:\n%s", path, body)
	}
	return out
}

// wants checks that a page says all of some texts.
func (v *visitor) wants(path string, texts ...string) string {
	v.t.Helper()
	status, body := v.get(path)
	if status != http.StatusOK {
		v.t.Errorf("%s: status %d\n%s", path, status, body)
	}
	for _, text := range texts {
		if !strings.Contains(body, text) {
			v.t.Errorf("%s lacks %s:\n%s", path, text, body)
		}
	}
	return body
}

// secret is a password that nobody has.
func secret() string { return rand.Text() }
