package dashboard_test

import (
	"context"
	_ "embed"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/landlord-db/terraform-provider-landlord/internal/dashboard"
)

//go:embed testdata/axe.min.js
var axe string

// needBrowser returns the path of a Chromium. Tests are skipped where there is
// none.
func needBrowser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			return found
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("there is no Chromium: .ci/run installs it")
	}
	t.Skip("there is no Chromium on this machine")
	return ""
}

// browser starts a headless Chromium.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := needBrowser(t)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-quic", true), chromedp.UserDataDir(t.TempDir()))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 5*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// do runs actions of the browser.
func do(ctx context.Context, t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// ask runs one action and returns what it says.
func ask[T any](ctx context.Context, t *testing.T, action chromedp.Action[T]) T {
	t.Helper()
	value, err := chromedp.Run(ctx, action)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// wide and narrow are the windows that the pages are looked at in.
const (
	wide   = 1280
	narrow = 400
)

func window(width int64) chromedp.Action[chromedp.Void] { return chromedp.EmulateViewport(width, 900) }

// choose has the next pages be dark or light, as the button does.
func choose(ctx context.Context, t *testing.T, theme string) {
	t.Helper()
	ask(ctx, t, chromedp.Evaluate[string](`localStorage.theme = "`+theme+`"`))
}

// TestBrowser walks through all pages in a real browser, in both themes and in a
// narrow window: no finding of axe, nothing wider than the window, no script that
// a name brought in.
func TestBrowser(t *testing.T) {
	needBrowser(t)
	w := newWorld(t, browserTenants(), dashboard.Options{})
	w.mix(t)
	ctx := browser(t)
	do(ctx, t, chromedp.Navigate(w.url+"/login?token="+w.page.Token()), chromedp.WaitVisible("#list"))
	pages := map[string]string{
		"estate": "/", "schema": "/tenants/shop-004", "drift": "/tenants/shop-000/drift", "drifts": "/tenants/shop-021/drift", "health": "/tenants/shop-001/health", "history": "/tenants/shop-055/history",
		"checkpoints": "/tenants/shop-001/checkpoints", "customizations": "/tenants/shop-010/customizations", "accounts": "/tenants/shop-001/accounts", "missing": "/tenants/shop-020", "long": "/tenants/" + longSlug,
		"templates": "/templates", "template": "/templates/shop@2.0.0?against=shop@1.0.0", "migrations": "/migrations", "rollouts": "/rollouts", "backups": "/backups", "jobs": "/jobs", "nothing": "/nothing",
	}
	for name, path := range pages {
		for _, mode := range []string{"light", "dark"} {
			choose(ctx, t, mode)
			do(ctx, t, window(wide), chromedp.Navigate(w.url+path), chromedp.WaitVisible("#main"))
			looksRight(ctx, t, name+" in "+mode)
			picture(ctx, t, name+"-"+mode)
		}
		do(ctx, t, window(narrow), chromedp.Navigate(w.url+path), chromedp.WaitVisible("#main"))
		if ask(ctx, t, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > document.documentElement.clientWidth`)) {
			t.Errorf("%s is wider than a window of %d pixels", name, narrow)
		}
		picture(ctx, t, name+"-narrow")
	}
	do(ctx, t, window(wide), chromedp.Navigate(w.url+"/tenants/shop-055"), chromedp.WaitVisible("h1"))
	if title := ask(ctx, t, chromedp.Title()); title != "shop-055 · Landlord" {
		t.Errorf("a name ran as a script: the title is %q", title)
	}
}

// looksRight has axe look at the page.
func looksRight(ctx context.Context, t *testing.T, what string) {
	t.Helper()
	ask(ctx, t, chromedp.Evaluate[bool](axe+"; true"))
	found := ask(ctx, t, chromedp.Evaluate[string](
		`axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then(r => JSON.stringify(r.violations.map(v => ({id: v.id, nodes: v.nodes.map(n => n.html + " " + n.failureSummary)}))))`,
		chromedp.EvalAwaitPromise))
	var violations []struct {
		ID    string
		Nodes []string
	}
	if err := json.Unmarshal([]byte(found), &violations); err != nil {
		t.Fatal(err)
	}
	for _, v := range violations {
		t.Errorf("%s: %s:\n%s", what, v.ID, strings.Join(v.Nodes[:min(3, len(v.Nodes))], "\n"))
	}
}

// picture keeps a picture of the page where LANDLORD_TEST_SCREENSHOTS names a
// folder: those of the documentation are made so.
func picture(ctx context.Context, t *testing.T, name string) {
	t.Helper()
	folder := os.Getenv("LANDLORD_TEST_SCREENSHOTS")
	if folder == "" {
		return
	}
	png := ask(ctx, t, fullPage())
	if err := os.WriteFile(filepath.Join(folder, name+".png"), png, 0o600); err != nil {
		t.Fatal(err)
	}
}

// fullPage takes a picture of the whole page where LANDLORD_TEST_SCREENSHOTS_FULL is set,
// else of the window.
func fullPage() chromedp.Action[[]byte] {
	if os.Getenv("LANDLORD_TEST_SCREENSHOTS_FULL") != "" {
		return chromedp.FullScreenshot(100)
	}
	return chromedp.CaptureScreenshot()
}

// TestBrowser_works searches, approves and changes the theme as a person does,
// with the keyboard where that is the way.
func TestBrowser_works(t *testing.T) {
	needBrowser(t)
	w := newWorld(t, 60, dashboard.Options{})
	ctx := browser(t)
	do(ctx, t, window(wide), chromedp.Navigate(w.url+"/login?token="+w.page.Token()), chromedp.WaitVisible("#list"))
	ask(ctx, t, chromedp.Evaluate[bool](`document.dispatchEvent(new KeyboardEvent("keydown", {key: "/", bubbles: true}))`))
	if at := ask(ctx, t, chromedp.Evaluate[string](`document.activeElement.id`)); at != "search" {
		t.Errorf("`/` leads to %q, not to the search", at)
	}
	do(ctx, t, chromedp.SendKeys("#search", "shop-042"), chromedp.WaitNotPresent(`a[href="/tenants/shop-000"]`))
	address, list := ask(ctx, t, chromedp.Location()), ask(ctx, t, chromedp.Text("#list"))
	if !strings.Contains(address, "q=shop-042") || !strings.Contains(list, "1–1 of 1") {
		t.Errorf("searching leads to %s with\n%s", address, list)
	}
	const theme = `document.documentElement.dataset.theme || ""`
	do(ctx, t, chromedp.Click("#theme"))
	chosen := ask(ctx, t, chromedp.Evaluate[string](theme))
	do(ctx, t, chromedp.Navigate(w.url+"/migrations"), chromedp.WaitVisible("form.row"))
	if now := ask(ctx, t, chromedp.Evaluate[string](theme)); now == "" || now != chosen {
		t.Errorf("the theme is %q on the next page, not %q", now, chosen)
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	do(ctx, t, chromedp.SendKeys(`form[action="/migrations/approve"] input[name=note]`, "looked at it"), chromedp.Click(`form[action="/migrations/approve"] button.main`),
		chromedp.WaitVisible(".note.good"))
	if said := ask(ctx, t, chromedp.Text("#main")); !strings.Contains(said, "Approved by local") {
		t.Errorf("after approving the page says\n%s", said)
	}
}

// TestBrowser_trouble looks what a page says that is open when the program behind it
// fails, ends, and when the session is over.
func TestBrowser_trouble(t *testing.T) {
	needBrowser(t)
	w := newWorld(t, 3, dashboard.Options{})
	var status atomic.Int32
	front := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if code := int(status.Load()); code != 0 {
			rw.WriteHeader(code)
			return
		}
		w.page.ServeHTTP(rw, r)
	}))
	defer front.Close()
	ctx := browser(t)
	do(ctx, t, window(wide), chromedp.Navigate(front.URL+"/login?token="+w.page.Token()), chromedp.WaitVisible("#list"))
	search := func(text string) {
		t.Helper()
		ask(ctx, t, chromedp.Evaluate[bool](`document.getElementById("search").value = ""; true`))
		do(ctx, t, chromedp.SendKeys("#search", text))
	}
	status.Store(http.StatusBadGateway)
	search("shop-001")
	do(ctx, t, chromedp.WaitVisible("#trouble"))
	if said := ask(ctx, t, chromedp.Text("#trouble")); said != "This could not be read just now (502). What you see is from before. Load the page again to see why." {
		t.Errorf("of a program that fails the page says %q", said)
	}
	looksRight(ctx, t, "trouble")
	status.Store(0)
	search("shop-002")
	do(ctx, t, chromedp.WaitNotVisible("#trouble"), chromedp.WaitNotPresent(`a[href="/tenants/shop-001"]`))
	ask(ctx, t, chromedp.Evaluate[bool](`fetch("/logout", {method: "POST", body: new URLSearchParams({csrf: document.querySelector("input[name=csrf]").value})}).then(() => true)`, chromedp.EvalAwaitPromise))
	search("shop-001")
	do(ctx, t, chromedp.WaitVisible("section.narrow"))
	if at := ask(ctx, t, chromedp.Location()); at != front.URL+"/login" {
		t.Errorf("after the session the page is at %s", at)
	}
	do(ctx, t, chromedp.Navigate(front.URL+"/login?token="+w.page.Token()), chromedp.WaitVisible("#list"))
	front.CloseClientConnections()
	front.Listener.Close()
	search("shop-001")
	do(ctx, t, chromedp.WaitVisible("#trouble"))
	if said := ask(ctx, t, chromedp.Text("#trouble")); said != "The program behind this page does not answer. What you see is from before; it is asked again when you go on." {
		t.Errorf("of a program that is gone the page says %q", said)
	}
}

// browserTenants is how many tenants the walk through all pages has.
func browserTenants() int {
	if os.Getenv("LANDLORD_SOAK") != "" {
		return 2000
	}
	return 200
}

// TestBrowser_findings: what the data says of a migration is asked once somebody sees its
// place on the page, and not before.
func TestBrowser_findings(t *testing.T) {
	needBrowser(t)
	w := newWorld(t, 4, dashboard.Options{})
	ctx := browser(t)
	do(ctx, t, chromedp.Navigate(w.url+"/login?token="+w.page.Token()), chromedp.WaitVisible("#list"), chromedp.EmulateViewport(wide, 60), chromedp.Navigate(w.url+"/migrations"), chromedp.WaitVisible("ol.steps"))
	time.Sleep(time.Second)
	const asked = `[...document.querySelectorAll("[id^=findings-]")].map(e => e.textContent.includes("The plan asks each tenant.")).join()`
	if said := ask(ctx, t, chromedp.Evaluate[string](asked)); said != "false" {
		t.Errorf("below the window the data was asked: %q", said)
	}
	do(ctx, t, window(wide), chromedp.ScrollIntoView("[id^=findings-]"))
	said := ""
	for range 100 {
		if said = ask(ctx, t, chromedp.Evaluate[string](asked)); said == "true" {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("in the window the data was not asked: %q", said)
}
