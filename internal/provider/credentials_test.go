package provider_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

const lentAccount = "landlord_tenant_credentials"

// TestCredentials_glue opens, renews and closes an account for one run.
func TestCredentials_glue(t *testing.T) {
	t.Parallel()
	c, fake := newFakeCore(t)
	config := values{"tenant": "acme", "role": "application", "require_tls": true, "ttl": "10m"}
	got, private, diagnostics := c.ephemeral(lentAccount, config)
	want := with(config, values{
		"username": "landlord_cred_1", "password": "hunter2hunter2", "server": "eu", "host": "db.example.com", "port": "3307", "database": "tenant_acme",
		"dsn": "landlord_cred_1:hunter2hunter2@tcp(db.example.com:3307)/tenant_acme?tls=true", "expires_at": "2026-03-04T05:06:07Z",
	})
	if diff := cmp.Diff(want, got); diff != "" || len(diagnostics) > 0 {
		t.Errorf("opened with %q (-want +got):\n%s", diagnostics, diff)
	}
	if diff := cmp.Diff(landlord.CredentialsSpec{Tenant: "acme", Role: landlord.RoleApplication, Hosts: []string{"%"}, RequireTLS: true, Life: 10 * time.Minute}, fake.spec); diff != "" {
		t.Errorf("the engine was asked for (-want +got):\n%s", diff)
	}
	if strings.Contains(string(private), "hunter2") {
		t.Errorf("the password is in what Terraform keeps: %s", private)
	}
	said(t, c.renew(lentAccount, private))
	if diff := cmp.Diff([]any{"eu", "landlord_cred_1", 10 * time.Minute}, fake.spec); diff != "" {
		t.Errorf("renewed (-want +got):\n%s", diff)
	}
	said(t, c.closes(lentAccount, private))
	if diff := cmp.Diff([]any{"acme", "landlord_cred_1"}, fake.spec); diff != "" {
		t.Errorf("closed (-want +got):\n%s", diff)
	}

	for _, method := range []string{"OpenCredentials", "RenewCredentials", "CloseCredentials"} {
		fake.fail[method] = errors.New("no idea")
	}
	_, _, diagnostics = c.ephemeral(lentAccount, config)
	said(t, diagnostics, "ERROR: Credentials could not be opened\nCause: no idea")
	said(t, c.renew(lentAccount, private), "ERROR: Credentials could not be renewed\nCause: no idea")
	said(t, c.closes(lentAccount, private), "ERROR: Credentials could not be closed\nCause: no idea")
	_, _, diagnostics = c.ephemeral(lentAccount, with(config, values{"ttl": "10s"}))
	said(t, diagnostics, "ERROR at (ttl): Lifetime cannot be used\n`10s` is shorter than `1m0s`, which it takes to renew an account.")
}

// TestConnection_glue reads one connection and all.
func TestConnection_glue(t *testing.T) {
	t.Parallel()
	c, fake := newFakeCore(t)
	one := values{"host": "db.example.com", "port": "3307", "database": "tenant_acme", "status": "active", "tls_mode": "required", "accounts": []any{
		values{"name": "tenant_acme_app", "role": "application", "hosts": []any{"%"}, "require_tls": true, "dsn": "tenant_acme_app@tcp(db.example.com:3307)/tenant_acme?tls=true"}}}
	state, diagnostics := c.data("landlord_tenant_connection", values{"tenant": "acme"})
	all := values{"acme": with(one, values{"server": nil, "socket": nil})}
	if diff := cmp.Diff(with(one, values{"tenant": "acme", "connections": all}), state); diff != "" || len(diagnostics) > 0 {
		t.Errorf("one tenant: %q (-want +got):\n%s", diagnostics, diff)
	}
	if diff := cmp.Diff([]string{"acme"}, fake.spec); diff != "" {
		t.Error(diff)
	}
	state, _ = c.data("landlord_tenant_connection", values{})
	if diff := cmp.Diff(values{"connections": all}, state); diff != "" || fmt.Sprint(fake.spec) != "[]" {
		t.Errorf("all tenants, asked for %v (-want +got):\n%s", fake.spec, diff)
	}
	fake.fail["Connections"] = errors.New("no idea")
	_, diagnostics = c.data("landlord_tenant_connection", values{"tenants": []string{"acme"}})
	said(t, diagnostics, "ERROR: Connections could not be read\nCause: no idea")
}

// TestAccCLI_credentials makes a tenant and an account for the run in one apply.
// The account is there while Terraform runs, and gone afterwards, with nothing of
// it in what Terraform keeps.
func TestAccCLI_credentials(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := newCLI(t, s)
	credentials := func(wait string) string {
		return shopConfig + acmeConfig(`  name = "Acme"`) + `
ephemeral "landlord_tenant_credentials" "run" {
  tenant = landlord_tenant.acme.slug
  role   = "application"
` + wait + `
}

# Tells the test what the account is, and waits until the test has used it.
resource "terraform_data" "use" {
  provisioner "local-exec" {
    command = "printf '%s %s' \"$USERNAME\" \"$PASSWORD\" >told.part && mv told.part told && while [ ! -e seen ]; do sleep 0.1; done"
    environment = {
      USERNAME = ephemeral.landlord_tenant_credentials.run.username
      PASSWORD = ephemeral.landlord_tenant_credentials.run.password
    }
  }
}
`
	}
	c.write(credentials(""))
	c.run("init")
	out, code := c.try("plan")
	deferred := code == 0 && strings.Contains(out, "Deferred due to pending dependencies") // OpenTofu
	if !deferred && (code == 0 || !strings.Contains(out, "Error: Tenant is not made yet")) {
		t.Errorf("an account of a tenant that is not there: %s", out)
	}
	c.write(credentials("  wait_for = landlord_tenant.acme.created_at"))
	c.run("plan", "-out", "plan.tfplan")
	used := make(chan string, 1)
	go func() { used <- use(s, c.directory, s.Prefix+"acme") }()
	c.run("apply", "plan.tfplan")
	told := <-used
	name, password, ok := strings.Cut(told, " ")
	if !ok || !strings.HasPrefix(name, s.LandlordDatabase+"_cred_") || len(password) < 20 {
		t.Fatalf("told: %s", told)
	}
	c.run("plan")
	if rows := s.QueryRows(t, "SELECT User FROM mysql.user WHERE User LIKE ?", s.LandlordDatabase+`_cred_%`); len(rows) > 0 {
		t.Errorf("left: %v", rows)
	}
	events := s.QueryRows(t, "SELECT event FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".tenant_events WHERE event LIKE 'credentials%' ORDER BY id")
	if fmt.Sprint(events) != "[[credentials_opened] [credentials_closed] [credentials_opened] [credentials_closed]]" {
		t.Errorf("events: %v", events)
	}
	for _, file := range []string{"terraform.tfstate", "plan.tfplan"} {
		text, err := os.ReadFile(filepath.Join(c.directory, file))
		must(t, err)
		if strings.Contains(string(text), name) || strings.Contains(string(text), password) {
			t.Errorf("the account is in %s", file)
		}
	}
	c.run("destroy", "-auto-approve")
}

// use waits for the account that a run tells, reads a table with it, and lets the
// run go on. It returns what was told, or what went wrong.
func use(s *mysqltest.Server, directory, database string) string {
	defer func() { _ = os.WriteFile(filepath.Join(directory, "seen"), nil, 0o600) }()
	for range 600 {
		text, err := os.ReadFile(filepath.Join(directory, "told"))
		if err != nil {
			time.Sleep(100 * time.Millisecond)
			continue
		}
		name, password, _ := strings.Cut(string(text), " ")
		db, err := sql.Open("mysql", fmt.Sprintf("%s:%s@tcp(%s)/%s", name, password, s.Endpoint(), database))
		if err == nil {
			_, err = db.ExecContext(context.Background(), "INSERT INTO users VALUES (7, 'run@example.com')")
			_ = db.Close()
		}
		if err != nil {
			return "error: " + err.Error()
		}
		return string(text)
	}
	return "nothing was told"
}
