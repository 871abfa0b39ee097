package provider_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// cli runs Terraform like a user does: another process for each command, and
// the provider as a binary of its own, installed from a mirror.
type cli struct {
	t         *testing.T
	terraform string
	directory string
	variables []string
}

const binaryVersion = "0.0.1"

// mirror builds the provider once for all tests and lays it out as a mirror,
// for Terraform and OpenTofu. The testing package has no other
// place for what they share.
var mirror = sync.OnceValues(func() (string, error) {
	root, err := os.MkdirTemp("", "landlord-mirror-")
	if err != nil {
		return "", err
	}
	binary := filepath.Join(root, "terraform-provider-landlord_v"+binaryVersion)
	build := exec.CommandContext(context.Background(), "go", "build", "-ldflags", "-X main.version="+binaryVersion, "-o", binary, "../..")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the provider: %w: %s", err, out)
	}
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		platform := filepath.Join(root, host, "landlord-db", "landlord", binaryVersion, runtime.GOOS+"_"+runtime.GOARCH)
		if err := os.MkdirAll(platform, 0o755); err != nil {
			return "", err
		}
		if err := os.Link(binary, filepath.Join(platform, filepath.Base(binary))); err != nil {
			return "", err
		}
	}
	return root, nil
})

// newCLI makes an empty configuration directory whose provider works on the
// databases of a test.
func newCLI(t *testing.T, s *mysqltest.Server) *cli {
	t.Helper()
	path := needTerraform(t)
	root, err := mirror()
	must(t, err)
	c := &cli{t: t, terraform: path, directory: t.TempDir()}
	settings := filepath.Join(t.TempDir(), "terraform.rc")
	must(t, os.WriteFile(settings, []byte(fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", root)), 0o600))
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "LANDLORD_") && !strings.HasPrefix(variable, "TF_") {
			c.variables = append(c.variables, variable)
		}
	}
	c.variables = append(c.variables, "TF_CLI_CONFIG_FILE="+settings, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1")
	for name, value := range environmentOf(s) {
		c.variables = append(c.variables, name+"="+value)
	}
	return c
}

// set sets an environment variable for the commands that follow.
func (c *cli) set(name, value string) { c.variables = append(c.variables, name+"="+value) }

// requiredProvider says where the provider is from.
const requiredProvider = "terraform {\n  required_providers {\n    landlord = {\n      source = \"landlord-db/landlord\"\n    }\n  }\n}\n"

// write writes the configuration.
func (c *cli) write(config string) {
	c.t.Helper()
	needFeatures(c.t, config)
	must(c.t, os.WriteFile(filepath.Join(c.directory, "main.tf"), []byte(requiredProvider+config), 0o600))
}

// try runs a command and returns what it printed and how it ended.
func (c *cli) try(arguments ...string) (string, int) {
	c.t.Helper()
	command := c.command(arguments...)
	out, err := command.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		c.t.Fatal(err)
	}
	return string(out), command.ProcessState.ExitCode()
}

func (c *cli) command(arguments ...string) *exec.Cmd {
	command := exec.CommandContext(c.t.Context(), c.terraform, append(arguments, "-no-color")...)
	command.Dir = c.directory
	command.Env = c.variables
	return command
}

// run runs a command that has to work.
func (c *cli) run(arguments ...string) string {
	c.t.Helper()
	out, code := c.try(arguments...)
	if code != 0 {
		const most = 6000
		c.t.Fatalf("terraform %s: %s", strings.Join(arguments, " "), out[max(0, len(out)-most):])
	}
	return out
}

// noChanges fails unless a plan is empty.
func (c *cli) noChanges() {
	c.t.Helper()
	if out, code := c.try("plan", "-detailed-exitcode"); code != 0 {
		c.t.Errorf("the plan is not empty: %s", out)
	}
}

// migration returns the statements that a saved plan has for a tenant.
func (c *cli) migration(plan, address string) []string {
	c.t.Helper()
	command := c.command("show", "-json", plan)
	command.Args = slices.DeleteFunc(command.Args, func(a string) bool { return a == "-no-color" })
	out, err := command.Output()
	must(c.t, err)
	var shown struct {
		ResourceChanges []struct {
			Address string
			Change  struct {
				After struct{ Migration []string }
			}
		} `json:"resource_changes"`
	}
	must(c.t, json.Unmarshal(out, &shown))
	for _, change := range shown.ResourceChanges {
		if change.Address == address {
			return change.Change.After.Migration
		}
	}
	c.t.Fatalf("the plan has no `%s`: %s", address, out)
	return nil
}

// TestAccCLI_savedPlan is the way of a pipeline: one process plans, another
// applies what was saved, and somebody changes a schema in between.
func TestAccCLI_savedPlan(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := newCLI(t, s)
	tenant := acmeConfig(`  name = "Acme"`)
	upgraded := strings.NewReplacer(`"1.0.0"`, `"1.1.0"`, "email VARCHAR(190) NOT NULL", "email VARCHAR(190) NOT NULL, phone VARCHAR(40) NULL").Replace(shopConfig)

	c.write(shopConfig + tenant)
	c.run("init")
	c.run("plan", "-out", "create.tfplan")
	if sql := c.migration("create.tfplan", "landlord_tenant.acme"); len(sql) != 3 {
		t.Errorf("the plan of a new tenant is %q", sql)
	}
	c.run("apply", "create.tfplan")
	c.noChanges()

	c.write(upgraded + tenant)
	c.run("plan", "-out", "stale.tfplan")
	s.Exec(t, "ALTER TABLE "+mysqltest.QuoteName(s.Prefix+"acme")+".users ADD COLUMN surprise INT NULL")
	out, code := c.try("apply", "stale.tfplan")
	if code == 0 || !strings.Contains(out, "Error: Tenant schema changed since the plan") {
		t.Errorf("the apply of a stale plan ends with %d: %s", code, out)
	}
	if strings.Contains(out, "bug in the provider") {
		t.Errorf("the provider is blamed: %s", out)
	}
	s.Exec(t, "ALTER TABLE "+mysqltest.QuoteName(s.Prefix+"acme")+".users DROP COLUMN surprise")

	c.run("plan", "-out", "upgrade.tfplan")
	if sql := c.migration("upgrade.tfplan", "landlord_tenant.acme"); len(sql) != 1 || !strings.Contains(sql[0], "`phone`") {
		t.Errorf("the upgrade is planned as %q", sql)
	}
	c.run("apply", "upgrade.tfplan")
	c.noChanges()
	c.run("destroy", "-auto-approve")
	if databaseExists(t, s, s.Prefix+"acme") {
		t.Error("the database is left")
	}
}

// TestAccCLI_password looks for the password in everything that a run leaves,
// at the most talkative level.
func TestAccCLI_password(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := newCLI(t, s)
	log := filepath.Join(t.TempDir(), "trace.log")
	c.set("TF_LOG", "TRACE")
	c.set("TF_LOG_PATH", log)
	c.write(shopConfig + acmeConfig(`  name = "Acme"`))
	printed := c.run("init") + c.run("plan", "-out", "plan.tfplan") + c.run("apply", "plan.tfplan") + c.run("show", "-json")
	// Failures print more: a wrong account, and a statement that fails.
	other := newCLI(t, s)
	other.set("LANDLORD_USERNAME", "nobody")
	other.set("TF_LOG", "TRACE")
	other.set("TF_LOG_PATH", log)
	other.write(shopConfig)
	other.run("init")
	out, code := other.try("plan")
	if code == 0 {
		t.Errorf("a wrong account may plan: %s", out)
	}
	printed += out + c.run("destroy", "-auto-approve")

	looked := 0
	look := func(what string, text []byte) {
		looked++
		if bytes.Contains(text, []byte(s.Password)) {
			t.Errorf("the password is in %s", what)
		}
	}
	look("what was printed", []byte(printed))
	trace, err := os.ReadFile(log)
	must(t, err)
	if len(trace) < 10000 {
		t.Errorf("the log has only %d bytes", len(trace))
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
	if looked < 6 {
		t.Errorf("only %d texts were looked at", looked)
	}
}

// example copies one of the examples into the configuration directory. The
// databases are those of the test.
func (c *cli) example(name string, s *mysqltest.Server) {
	c.t.Helper()
	must(c.t, os.CopyFS(c.directory, os.DirFS(filepath.Join("..", "..", "examples", name))))
	file := filepath.Join(c.directory, "main.tf")
	text, err := os.ReadFile(file)
	must(c.t, err)
	replaced := regexp.MustCompile(`(landlord_database *= )"[^"]*"`).ReplaceAllString(string(text), fmt.Sprintf("$1%q", s.LandlordDatabase))
	replaced = regexp.MustCompile(`(database_prefix *= )"[^"]*"`).ReplaceAllString(replaced, fmt.Sprintf("$1%q", s.Prefix))
	must(c.t, os.WriteFile(file, []byte(replaced), 0o600))
}

// TestAccCLI_exampleConflict goes the way that the example describes.
func TestAccCLI_exampleConflict(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := newCLI(t, s)
	c.example("conflict", s)
	c.run("init")
	c.run("apply", "-auto-approve")
	c.noChanges()

	out := c.run("apply", "-auto-approve", "-var", "release=2.0.0")
	if strings.Count(out, "Warning: Template update conflicts with a tenant") == 0 || !strings.Contains(out, `Tenant `+"`callcenter`"+` stays at `+"`crm@1.0.0`") {
		t.Errorf("there is no word of the conflict: %s", out)
	}
	versions := func() string {
		return fmt.Sprint(s.QueryRows(t, "SELECT slug, applied_version FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".tenants ORDER BY slug"))
	}
	if got := versions(); got != "[[bakery 2.0.0] [bookstore 2.0.0] [callcenter 1.0.0]]" {
		t.Errorf("after the update of all others: %s", got)
	}
	out = c.run("output", "-json", "conflicts")
	for _, key := range []string{"table people column phone", "view fax_list"} {
		if !strings.Contains(out, key) {
			t.Errorf("the preview lacks %s: %s", key, out)
		}
	}
	out = c.run("apply", "-auto-approve", "-var", "release=2.0.0", "-var", "decided=true")
	if got := versions(); got != "[[bakery 2.0.0] [bookstore 2.0.0] [callcenter 2.0.0]]" {
		t.Errorf("decided: %s\n%s", got, out)
	}
	if out, code := c.try("plan", "-detailed-exitcode", "-var", "release=2.0.0", "-var", "decided=true"); code != 0 {
		t.Errorf("the plan is not empty: %s", out)
	}
}

// digestOf returns the digest of the migration that a saved plan has for a
// tenant.
func (c *cli) digestOf(plan, address string) string {
	c.t.Helper()
	out := c.run("show", "-json", plan)
	var shown struct {
		ResourceChanges []struct {
			Address string
			Change  struct {
				After struct {
					Digest string `json:"migration_digest"`
				}
			}
		} `json:"resource_changes"`
	}
	must(c.t, json.Unmarshal([]byte(out), &shown))
	for _, change := range shown.ResourceChanges {
		if change.Address == address {
			return change.Change.After.Digest
		}
	}
	c.t.Fatalf("the plan has no `%s`: %s", address, out)
	return ""
}

// TestAccCLI_approval is the way of a pipeline with a second pair of eyes: a plan
// is saved, somebody approves its digest elsewhere, and what was saved is applied.
func TestAccCLI_approval(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := newCLI(t, s)
	tenant := acmeConfig("  name = \"Acme\"\n  update_policy = \"review\"")
	upgraded := strings.NewReplacer(`"1.0.0"`, `"1.1.0"`, "email VARCHAR(190) NOT NULL", "email VARCHAR(190) NOT NULL, phone VARCHAR(40) NULL").Replace(shopConfig)
	c.write(shopConfig + tenant)
	c.run("init")
	c.run("apply", "-auto-approve")
	c.noChanges()

	c.write(upgraded + tenant)
	status := func() string {
		return fmt.Sprint(s.QueryRows(t, "SELECT applied_version FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".tenants"))
	}
	c.run("plan", "-out", "early.tfplan")
	digest := c.digestOf("early.tfplan", "landlord_tenant.acme")
	if out := c.run("apply", "early.tfplan"); status() != "[[1.0.0]]" || !strings.Contains(out, "Warning: Migration waits for an approval") {
		t.Errorf("without an approval the tenant is at %s: %s", status(), out)
	}

	c.noChanges() // what waits is in the state
	if state := c.run("show", "-json"); !strings.Contains(state, `"migration_digest":"`+digest+`"`) {
		t.Errorf("the digest was %s; the state is %s", digest, state)
	}
	board := newCLI(t, s)
	board.write(fmt.Sprintf("resource \"landlord_migration_approval\" \"acme\" {\n  digest = %q\n  tenant = \"acme\"\n  approved_by = \"board\"\n}\n", digest))
	board.run("init")
	board.run("apply", "-auto-approve")
	board.noChanges()
	if out := c.run("plan", "-out", "late.tfplan"); !strings.Contains(unwrapped(out), "Tenant `acme`: the migration to `shop@1.1.0` runs, approved by board.") {
		t.Errorf("the plan does not count the approval: %s", out)
	}
	c.run("apply", "late.tfplan")
	if status() != "[[1.1.0]]" {
		t.Errorf("approved, the tenant is at %s", status())
	}
	c.noChanges()
	board.run("destroy", "-auto-approve")
}
