package provider_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

const (
	account       = "landlord_tenant_account"
	firstSecret   = "Corr3ct-horse-battery"
	secondSecret  = "Sec0nd-horse-battery"
	accountOfAcme = "landlord_tenant_account.app"
)

func TestAccount_validate(t *testing.T) {
	t.Parallel()
	good := values{"tenant": "acme", "role": "application", "password_wo": firstSecret, "password_wo_version": 1}
	cases := map[string]struct {
		config values
		want   []string
	}{
		"required only": {config: values{"tenant": "acme", "role": "read_only"}},
		"unknown":       {config: values{"tenant": unknown{}, "role": unknown{}, "hosts": unknown{}, "password_wo": unknown{}, "password_wo_version": unknown{}}},
		"everything": {config: with(good, values{"name": "app", "hosts": []string{"10.%", "db.example.com"}, "require_tls": true, "max_user_connections": 5,
			"discard_former_password": true})},
		"role": {config: with(good, values{"role": "owner"}), want: []string{
			`ERROR at (role): Invalid Attribute Value Match
Attribute role value must be one of: ["migrator" "application" "read_only"], got: "owner"`}},
		"name": {config: with(good, values{"name": "o'brien"}), want: []string{"ERROR at (name): Account name cannot be used\n" +
			"The name `o'brien` has to begin with a letter, a digit or `_` and hold letters, digits, `_`, `.` and `-` only.\n\nChoose another one, or leave `name` out."}},
		"host": {config: with(good, values{"hosts": []string{"Example.com"}}), want: []string{"ERROR at (hosts).ElementKeyValue(tftypes.String<\"Example.com\">): Account host cannot be read\n" +
			"`Example.com` is no host of an account: write a name or an address in lower case, also with the wildcards `%` and `_`, or an IPv4 network as `10.1.0.0/255.255.0.0`."}},
		"no version": {config: with(good, values{"password_wo_version": nil}), want: []string{
			"ERROR at (password_wo): Invalid Attribute Combination\nAttribute \"password_wo_version\" must be specified when \"password_wo\" is specified"}},
		"no password": {config: with(good, values{"password_wo": nil}), want: []string{
			"ERROR at (password_wo_version): Invalid Attribute Combination\nAttribute \"password_wo\" must be specified when \"password_wo_version\" is specified"}},
	}
	for name, k := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(k.want, newCore(t, nil).validate(account, k.config)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestAccount_texts shows what the provider itself has to say of accounts.
func TestAccount_texts(t *testing.T) {
	t.Parallel()
	c, fake := newFakeCore(t)
	config := glueCases()["account"].config
	state := c.must(account, nil, config)
	if spec, ok := fake.spec.(landlord.TenantAccountSpec); !ok || spec.Password != "hunter2hunter2" || spec.NewPassword {
		t.Errorf("the engine was asked for %+v", fake.spec)
	}
	if field(t, state, "password_wo") != nil {
		t.Error("the password is in the state")
	}
	fake.beside = true
	state, got := c.refresh(account, state)
	said(t, got, "WARNING at (other_hosts): Account exists for other hosts\n"+
		"The server has `tenant_acme_app`@`10.%`, which the landlord did not make, beside the account `tenant_acme_app` of tenant `acme`. They are left alone, whatever they may do.\n\n"+
		"Drop them yourself if nobody needs them.")
	fake.beside = false
	c.run(account, state, with(config, values{"password_wo_version": 2}))
	if spec, ok := fake.spec.(landlord.TenantAccountSpec); !ok || !spec.NewPassword {
		t.Errorf("another version asks for %+v", fake.spec)
	}
	c.configureAgain()
	c.plan(account, nil, config)
	said(t, c.plan(account, nil, config).diagnostics, "ERROR at (name): Two resources make one account\n"+
		"Another resource of this run makes the account `tenant_acme_app` of tenant `acme` too. Destroying one would take it from the other.\n\nRemove one of the resources, or give it another `name`.")
	resp, err := c.server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: account, ID: "acme"})
	must(t, err)
	said(t, writeAll(resp.Diagnostics), "ERROR: Account to import cannot be read\n`acme` is not `tenant/name`, for example `acme/tenant_acme_app`.")
}

// accountConfig is a tenant with an account.
func accountConfig(tenant, attributes, password string, version int) string {
	return shopConfig + acmeConfig("  name = \"Acme\"\n"+tenant) + fmt.Sprintf(`
resource "landlord_tenant_account" "app" {
  tenant              = landlord_tenant.acme.slug
  password_wo         = %q
  password_wo_version = %d
%s
}
`, password, version, attributes)
}

// TestAccAccount makes an account together with its tenant, changes its password
// while a connection is open, suspends the tenant, and imports.
func TestAccAccount(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		app := s.Prefix + "acme_app"
		name, on := mysqltest.QuoteName(app)+"@`%`", mysqltest.QuoteName(strings.ReplaceAll(s.Prefix+"acme", "_", `\_`))+".*"
		logs := func(password string, want bool) resource.TestCheckFunc {
			return func(*terraform.State) error {
				err := s.Open(t, app, password, s.Prefix+"acme").PingContext(t.Context())
				if (err == nil) != want {
					return fmt.Errorf("logging in with %s: %w", password, err)
				}
				return nil
			}
		}
		statements := func(texts ...string) plancheck.PlanCheck {
			var want []knownvalue.Check
			for _, text := range texts {
				want = append(want, knownvalue.StringExact(text))
			}
			return plancheck.ExpectKnownValue(accountOfAcme, tfjsonpath.New("statements"), knownvalue.ListExact(want))
		}
		two := !s.Kind.IsMariaDB()
		renew := "ALTER USER " + name + " IDENTIFIED BY <secret>"
		if two {
			renew += " RETAIN CURRENT PASSWORD"
		}
		application := `  role = "application"`
		step := func(config string, planned plancheck.PlanCheck, checks ...resource.TestCheckFunc) resource.TestStep {
			return resource.TestStep{
				Config: config, Check: resource.ComposeTestCheckFunc(checks...),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{planned}, PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			}
		}
		made := step(accountConfig("", application, firstSecret, 1),
			statements("CREATE USER "+name+" IDENTIFIED BY <secret>", "GRANT SELECT, INSERT, UPDATE, DELETE, EXECUTE ON "+on+" TO "+name), logs(firstSecret, true))
		made.ConfigStateChecks = []statecheck.StateCheck{
			statecheck.ExpectKnownValue(accountOfAcme, tfjsonpath.New("name"), knownvalue.StringExact(app)),
			statecheck.ExpectKnownValue(accountOfAcme, tfjsonpath.New("password_wo"), knownvalue.Null()),
			statecheck.ExpectKnownValue(accountOfAcme, tfjsonpath.New("accounts"), knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact(name)})),
		}
		suspended := accountConfig(`  status = "suspended"`, application, secondSecret, 2)
		accept(t, s,
			made,
			step(accountConfig("", application, secondSecret, 2), statements(renew), logs(secondSecret, true), logs(firstSecret, two)),
			resource.TestStep{
				ResourceName: accountOfAcme, ImportState: true, ImportStateId: "acme/" + app, ImportStateVerify: true,
				ImportStateVerifyIgnore: []string{"password_wo_version", "statements"},
			},
			step(suspended, plancheck.ExpectResourceAction(accountOfAcme, plancheck.ResourceActionNoop), logs(secondSecret, false)),
			step(accountConfig("", `  role = "read_only"`, secondSecret, 2), plancheck.ExpectResourceAction(accountOfAcme, plancheck.ResourceActionUpdate), logs(secondSecret, true)),
			resource.TestStep{
				PreConfig: func() { s.Exec(t, "GRANT DELETE ON "+on+" TO "+name) },
				Config:    accountConfig("", `  role = "read_only"`, secondSecret, 2),
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PreApply:             []plancheck.PlanCheck{statements("REVOKE DELETE ON " + on + " FROM " + name)},
					PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
				},
			},
		)
		if left := s.QueryRows(t, "SELECT User FROM mysql.user WHERE User = ?", app); len(left) > 0 {
			t.Error("the account is left")
		}
	})
}

// TestAccAccount_import takes an account over that somebody else made, which is
// refused without an import.
func TestAccAccount_import(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	app := s.Prefix + "old"
	name := mysqltest.QuoteName(app) + "@`%`"
	s.Exec(t, "CREATE USER "+name+" IDENTIFIED BY '"+firstSecret+"'", "GRANT SELECT ON "+mysqltest.QuoteName(s.Prefix+"acme")+".* TO "+name)
	config := shopConfig + acmeConfig(`  name = "Acme"`) + fmt.Sprintf("\nresource %q \"app\" {\n  tenant = landlord_tenant.acme.slug\n  name   = %q\n  role   = \"application\"\n}\n", account, app)
	accept(t, s,
		resource.TestStep{Config: config, ExpectError: regexp.MustCompile(`Error: Account exists already`)},
		resource.TestStep{Config: shopConfig + acmeConfig(`  name = "Acme"`)},
		resource.TestStep{
			Config: config + fmt.Sprintf("\nimport {\n  to = %s\n  id = \"acme/%s\"\n}\n", accountOfAcme, app),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply:             []plancheck.PlanCheck{plancheck.ExpectKnownValue(accountOfAcme, tfjsonpath.New("statements"), knownvalue.ListSizeExact(2))},
				PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
			Check: func(*terraform.State) error {
				return s.Open(t, app, firstSecret, s.Prefix+"acme").PingContext(t.Context())
			},
		},
	)
}

// TestAccCLI_accountPassword looks for the password of an account in everything
// that a run leaves, at the most talkative level.
func TestAccCLI_accountPassword(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := newCLI(t, s)
	log := filepath.Join(t.TempDir(), "trace.log")
	c.set("TF_LOG", "TRACE")
	c.set("TF_LOG_PATH", log)
	c.set("TF_VAR_password", firstSecret)
	c.write("variable \"password\" {\n  type = string\n  ephemeral = true\n}\n" +
		strings.Replace(accountConfig("", "  role = \"application\"", "x", 1), `"x"`, "var.password", 1))
	printed := c.run("init") + c.run("plan", "-out", "plan.tfplan") + c.run("apply", "plan.tfplan") + c.run("show", "-json")
	if err := s.Open(t, s.Prefix+"acme_app", firstSecret, "").PingContext(t.Context()); err != nil {
		t.Error(err)
	}
	s.Exec(t, "DROP USER "+mysqltest.QuoteName(s.Prefix+"acme_app")+"@`%`", "CREATE USER "+mysqltest.QuoteName(s.Prefix+"acme_app")+"@`10.%`")
	config := readConfig(t, c)
	c.write(strings.Replace(config, `role = "application"`, "role = \"application\"\n  hosts = [\"%\", \"10.%\"]", 1))
	out, code := c.try("apply", "-auto-approve")
	if code == 0 {
		t.Errorf("an account of somebody else was taken over: %s", out)
	}
	c.write(config)
	printed += out + c.run("destroy", "-auto-approve")
	look := func(what string, text []byte) {
		if bytes.Contains(text, []byte(firstSecret)) {
			t.Errorf("the password is in %s", what)
		}
	}
	look("what was printed", []byte(printed))
	trace, err := os.ReadFile(log)
	must(t, err)
	if !bytes.Contains(trace, []byte("landlord_tenant_account")) {
		t.Error("the log does not hold what it should")
	}
	look("the log", trace)
	for _, name := range []string{"terraform.tfstate", "terraform.tfstate.backup"} {
		text, err := os.ReadFile(filepath.Join(c.directory, name))
		must(t, err)
		look(name, text)
	}
	archive, err := zip.OpenReader(filepath.Join(c.directory, "plan.tfplan"))
	must(t, err)
	defer func() { _ = archive.Close() }()
	for _, file := range archive.File {
		in, err := file.Open()
		must(t, err)
		text, err := io.ReadAll(in)
		must(t, err)
		_ = in.Close()
		look("the plan's "+file.Name, text)
	}
}

// readConfig returns the configuration without what every one begins with.
func readConfig(t *testing.T, c *cli) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(c.directory, "main.tf"))
	must(t, err)
	_, config, ok := strings.Cut(string(text), "variable ")
	if !ok {
		t.Fatal("the configuration has no variable")
	}
	return "variable " + config
}
