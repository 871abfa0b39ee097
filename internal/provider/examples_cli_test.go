package provider_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// exampleEstate is what the examples of data sources and of ephemeral resources
// read: they stand in configurations whose tenants are elsewhere.
const exampleEstate = `
resource "landlord_tenant_template" "first" {
  name    = "shop"
  version = "1.4.0"
  core = {
    "001_customers.sql" = "CREATE TABLE customers (id INT NOT NULL PRIMARY KEY, email VARCHAR(190) NOT NULL, fax VARCHAR(40) NULL);"
  }
  optional = {
    "loyalty.sql" = "CREATE TABLE points (customer_id INT NOT NULL PRIMARY KEY, points INT NOT NULL);"
  }
}

resource "landlord_tenant_template" "second" {
  name    = "shop"
  version = "2.0.0"
  core = {
    "001_customers.sql" = "CREATE TABLE customers (id INT NOT NULL PRIMARY KEY, email VARCHAR(190) NOT NULL, phone VARCHAR(40) NULL);"
  }
  optional = {
    "loyalty.sql" = "CREATE TABLE points (customer_id INT NOT NULL PRIMARY KEY, points INT NOT NULL);"
  }
  depends_on = [landlord_tenant_template.first]
}

resource "landlord_tenant" "all" {
  for_each = { acme = "Acme", globex = "Globex", bakery = "Corner Bakery" }
  slug     = each.key
  name     = each.value
  template = landlord_tenant_template.first.id
}

resource "landlord_tenant_customization" "bakery" {
  tenant  = landlord_tenant.all["bakery"].slug
  name    = "phones"
  reason  = "The bakery takes orders by telephone."
  columns = [{ table = "customers", name = "phone", definition = "VARCHAR(20) NULL" }]
  views   = { fax_list = "SELECT id, fax AS number FROM customers" }
}

resource "landlord_tenant_account" "bakery" {
  tenant              = landlord_tenant.all["bakery"].slug
  role                = "application"
  password_wo         = "For_the_tests_1"
  password_wo_version = 1
}
`

// examples collects modules for one workspace. Each has a provider of its own, on
// databases of its own, so that one run of Terraform applies all of them at once.
type examples struct {
	t       *testing.T
	c       *cli
	modules []string // lines of the root module
}

// add makes the files of a folder a module, on the databases of a server. What the
// core under test cannot read is left out.
func (e *examples) add(folder string, s *mysqltest.Server, arguments string) {
	e.t.Helper()
	version, tofu := coreVersion()
	files, err := filepath.Glob(filepath.Join("..", "..", "examples", folder, "*.tf"))
	must(e.t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		must(e.t, err)
		if name := lacking(string(text), version, tofu); name != "" {
			e.t.Logf("the example of %s is left out: version %s of the core has no %s", folder, version, name)
			return
		}
	}
	name := regexp.MustCompile(`[^a-z_]`).ReplaceAllString(folder, "_")
	directory := filepath.Join(e.c.directory, name)
	must(e.t, os.CopyFS(directory, os.DirFS(filepath.Join("..", "..", "examples", folder))))
	for _, pattern := range []string{"import*", "*.tfquery.hcl"} {
		paths, err := filepath.Glob(filepath.Join(directory, pattern))
		must(e.t, err)
		for _, path := range paths {
			must(e.t, os.Remove(path))
		}
	}
	e.module(name, s, arguments)
}

// module adds a module that is there, with the provider of a server.
func (e *examples) module(name string, s *mysqltest.Server, arguments string) {
	e.t.Helper()
	must(e.t, os.WriteFile(filepath.Join(e.c.directory, name, "versions.tf"), []byte(requiredProvider), 0o600))
	username, password := s.ProviderLogin()
	block := fmt.Sprintf("provider \"landlord\" {\n  alias = %q\n  username = %q\n  password = %q\n  landlord_database = %q\n  database_prefix = %q\n  checkpoint_directory = %q\n}\n",
		strings.TrimSuffix(s.Prefix, "_"), username, password, s.LandlordDatabase, s.Prefix, e.t.TempDir())
	if !strings.Contains(strings.Join(e.modules, ""), fmt.Sprintf("%q", s.LandlordDatabase)) {
		e.modules = append(e.modules, block)
	}
	e.modules = append(e.modules, fmt.Sprintf("module %q {\n  source = %q\n  providers = { landlord = landlord.%s }\n%s}\n", name, "./"+name, strings.TrimSuffix(s.Prefix, "_"), arguments))
}

// client is a folder with a program in the place of the client of the server, which
// an example calls and the machine may not have: it wants to be told all it needs.
func client(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	must(t, os.WriteFile(filepath.Join(folder, "mysql"), []byte("#!/bin/sh\ntest -n \"$HOST\" -a -n \"$USERNAME\" -a -n \"$DATABASE\" -a -n \"$MYSQL_PWD\"\n"), 0o700))
	return folder
}

// folders returns the examples of one kind.
func folders(t *testing.T, kind string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("..", "..", "examples", kind, "*"))
	must(t, err)
	for i, path := range paths {
		paths[i] = kind + "/" + filepath.Base(path)
	}
	return paths
}

// TestAccCLI_examples applies every example of the documentation as it stands: a
// resource to an empty landlord database, what reads to one with tenants. The
// test adds what a page of the registry leaves out, where the provider is from.
func TestAccCLI_examples(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	e := &examples{t: t, c: newCLI(t, s)}
	e.c.set("PATH", client(t)+":"+os.Getenv("PATH"))
	schema := newCore(t, nil).schema
	if got, want := len(folders(t, "resources")), len(schema.ResourceSchemas); got != want {
		t.Errorf("examples of %d resources, of %d", got, want)
	}
	if got, want := len(folders(t, "data-sources")), len(schema.DataSourceSchemas); got != want {
		t.Errorf("examples of %d data sources, of %d", got, want)
	}
	if got, want := len(folders(t, "functions")), len(schema.Functions); got != want {
		t.Errorf("examples of %d functions, of %d", got, want)
	}
	if got, want := len(folders(t, "ephemeral-resources")), len(schema.EphemeralResourceSchemas); got != want {
		t.Errorf("examples of %d ephemeral resources, of %d", got, want)
	}
	if got, want := len(folders(t, "actions")), len(schema.ActionSchemas); got != want {
		t.Errorf("examples of %d actions, of %d", got, want)
	}
	if got, want := len(folders(t, "list-resources")), len(schema.ListResourceSchemas); got != want {
		t.Errorf("examples of %d list resources, of %d", got, want)
	}
	for _, folder := range folders(t, "resources") {
		arguments := map[string]string{"resources/landlord_tenant_account": "bakery_password = \"For_the_tests_2\"\n"}[folder]
		e.add(folder, mysqltest.On(t, s.Kind), arguments)
	}
	if version, tofu := coreVersion(); lacking(exampleEstate, version, tofu) != "" {
		e.apply()
		t.Log("the examples of what reads are left out: their estate has accounts with passwords")
		return
	}
	must(t, os.Mkdir(filepath.Join(e.c.directory, "estate"), 0o700))
	must(t, os.WriteFile(filepath.Join(e.c.directory, "estate", "main.tf"), []byte(exampleEstate), 0o600))
	e.module("estate", s, "")
	e.apply()
	e.record()

	for _, folder := range append(append(folders(t, "data-sources"), folders(t, "functions")...), folders(t, "ephemeral-resources")...) {
		e.add(folder, s, "")
	}
	e.apply()
}

// apply applies all modules and plans once more: nothing may be left to do.
func (e *examples) apply() {
	e.t.Helper()
	e.c.write(strings.Join(e.modules, "\n"))
	e.c.run("init")
	e.c.run("apply", "-auto-approve", "-parallelism=20")
	e.c.onlyChecks()
}

// record keeps the attributes of one resource of each type, for TestState_recorded
// of this and all later versions, when somebody asks for it:
// LANDLORD_TEST_RECORD=testdata/states/0.1.0.json.
func (e *examples) record() {
	e.t.Helper()
	path := os.Getenv("LANDLORD_TEST_RECORD")
	if path == "" {
		return
	}
	text, err := os.ReadFile(filepath.Join(e.c.directory, "terraform.tfstate"))
	must(e.t, err)
	var state struct {
		Resources []struct {
			Mode, Type string
			Instances  []recordedState
		}
	}
	must(e.t, json.Unmarshal(text, &state))
	recorded := map[string]recordedState{}
	for _, r := range state.Resources {
		if r.Mode == "managed" && strings.HasPrefix(r.Type, "landlord_") {
			recorded[r.Type] = r.Instances[0]
		}
	}
	out, err := json.MarshalIndent(recorded, "", "  ")
	must(e.t, err)
	must(e.t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(e.t, os.WriteFile(path, append(out, '\n'), 0o600))
}
