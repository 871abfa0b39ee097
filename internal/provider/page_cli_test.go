package provider_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// pageOf starts the administration page as people do, and returns its address.
func pageOf(t *testing.T, s *mysqltest.Server) string {
	t.Helper()
	root, err := mirror()
	must(t, err)
	program := exec.CommandContext(t.Context(), filepath.Join(root, "terraform-provider-landlord_v"+binaryVersion), "dashboard", "--listen", "127.0.0.1:0", "--refresh", "1s")
	for name, value := range environmentOf(s) {
		program.Env = append(program.Env, name+"="+value)
	}
	out, err := program.StdoutPipe()
	must(t, err)
	must(t, program.Start())
	t.Cleanup(func() { _ = program.Process.Kill(); _ = program.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	must(t, err)
	address, found := strings.CutPrefix(strings.TrimSpace(line), "The page is at ")
	if !found {
		t.Fatalf("the page says %q", line)
	}
	return address
}

// chromiumOn opens an address in a headless Chromium.
func chromiumOn(t *testing.T, address string) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	switch {
	case err == nil:
	case os.Getenv("CI") != "":
		t.Fatal("there is no Chromium: .ci/run installs it")
	default:
		t.Skip("there is no Chromium on this machine")
	}
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()))...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(cancel)
	must(t, chromedp.Do(ctx, chromedp.Navigate(address), chromedp.WaitVisible("#list")))
	return ctx
}

// TestAccCLI_approvedOnPage has a migration wait in Terraform, approves it in a browser on
// the page, and has Terraform run it, whose plan is empty afterwards.
func TestAccCLI_approvedOnPage(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := newCLI(t, s)
	config := func(version, more string) string {
		return `
resource "landlord_tenant_template" "shop" {
  name    = "shop"
  version = "` + version + `"
  core    = { "001.sql" = "CREATE TABLE users (id INT NOT NULL PRIMARY KEY` + more + `);" }
}

resource "landlord_tenant" "acme" {
  slug          = "acme"
  name          = "Acme"
  template      = landlord_tenant_template.shop.id
  update_policy = "review"
}
`
	}
	applied := func(want string) {
		t.Helper()
		if got := s.QueryRows(t, "SELECT applied_version FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".tenants WHERE slug = 'acme'"); got[0][0] != want {
			t.Fatalf("the tenant is at %s, not at %s", got[0][0], want)
		}
	}
	c.write(config("1.0.0", ""))
	c.run("init")
	c.run("apply", "-auto-approve")
	c.write(config("1.1.0", ", phone VARCHAR(20) NULL"))
	c.run("apply", "-auto-approve")
	applied("1.0.0")

	address := pageOf(t, s)
	ctx := chromiumOn(t, address)
	base, _, _ := strings.Cut(address, "login?")
	must(t, chromedp.Do(ctx, chromedp.Navigate(base+"migrations"), chromedp.WaitVisible("form.row"), chromedp.SendKeys("form.row input[name=note]", "seen with the tenant"),
		chromedp.Click("form.row button.main"), chromedp.WaitVisible(".note.good")))
	said, err := chromedp.Run(ctx, chromedp.Text("#main"))
	must(t, err)
	if !strings.Contains(said, "Approved by local") || !strings.Contains(said, "seen with the tenant") {
		t.Errorf("after approving the page says\n%s", said)
	}
	applied("1.0.0") // the page runs no migration

	c.run("apply", "-auto-approve")
	applied("1.1.0")
	c.noChanges()
	must(t, chromedp.Do(ctx, chromedp.Sleep(1100*time.Millisecond), chromedp.Navigate(base+"migrations"), chromedp.Navigate(base+"migrations"), chromedp.WaitVisible(".empty")))
	if said, err = chromedp.Run(ctx, chromedp.Text(".empty")); err != nil || said != "No migration waits for anybody." {
		t.Errorf("after the apply the page says %q: %v", said, err)
	}
}
