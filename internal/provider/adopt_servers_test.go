package provider_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestAccCLI_adoptServers takes databases of two servers over in one run: two of them
// have one name, and a row of one has a date without a month.
func TestAccCLI_adoptServers(t *testing.T) {
	t.Parallel()
	needTerraform(t)
	kinds := mysqltest.Kinds(t)
	kind := kinds[len(kinds)-1]
	main, eu := mysqltest.On(t, kind), mysqltest.Private(t, kind).Server
	database := func(s *mysqltest.Server, name string, more ...string) {
		t.Helper()
		s.Exec(t, "CREATE DATABASE "+mysqltest.QuoteName(main.Prefix+name)+" CHARACTER SET utf8mb4")
		in(t, s, main.Prefix+name, append([]string{"CREATE TABLE visits (id INT NOT NULL PRIMARY KEY, at DATETIME NOT NULL, until DATE NULL)", "INSERT INTO visits VALUES (1, '2020-01-01', NULL)"}, more...)...)
	}
	database(main, "north")
	database(main, "south")
	environment := environmentOf(main)
	username, password := eu.ProviderLogin()
	maps.Copy(environment, map[string]string{"LANDLORD_SERVER_EU_ENDPOINT": eu.Endpoint(), "LANDLORD_SERVER_EU_USERNAME": username, "LANDLORD_SERVER_EU_PASSWORD": password})
	c := newCLI(t, main)
	for name, value := range environment {
		c.set(name, value)
	}
	mode := func() string {
		t.Helper()
		status, out := programWith(t, environment, "adopt", "--databases", strings.ReplaceAll(main.Prefix, "_", `\_`)+"%", "--out", c.directory, "--overwrite", "--template", "visits")
		if status != 0 {
			t.Fatal(out)
		}
		text, err := os.ReadFile(filepath.Join(c.directory, "main.tf"))
		must(t, err)
		for line := range strings.Lines(string(text)) {
			if strings.Contains(line, "sql_mode") {
				return line
			}
		}
		return ""
	}
	if got := mode(); got != "" {
		t.Errorf("without such a date there is %s", got)
	}
	database(eu, "north")
	database(eu, "west", "INSERT INTO visits VALUES (2, '2020-00-01', NULL)")
	if got := mode(); !strings.Contains(got, `"ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"`) {
		t.Errorf("with such a date there is %q", got)
	}
	before := contents(t, main, main.Prefix) + contents(t, eu, main.Prefix)
	c.run("init")
	c.run("plan", "-out", "first.tfplan")
	for _, line := range c.statementsOf("first.tfplan") {
		t.Errorf("the first plan has a statement: %s", line)
	}
	says(t, c.run("apply", "first.tfplan"), "Resources: 4 imported, 1 added, 4 changed, 0 destroyed.")
	c.noChanges()
	if after := contents(t, main, main.Prefix) + contents(t, eu, main.Prefix); after != before {
		t.Errorf("an apply has changed the databases:\n%s\nwas\n%s", after, before)
	}
}
