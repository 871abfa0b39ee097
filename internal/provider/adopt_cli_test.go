package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// estate makes the databases that the example begins with.
func estate(t *testing.T, s *mysqltest.Server) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "examples", "adoption", "estate.sql"))
	must(t, err)
	for _, statement := range strings.Split(strings.ReplaceAll(string(text), "adoption_", s.Prefix), ";\n") {
		if strings.TrimSpace(statement) != "" {
			s.Exec(t, statement)
		}
	}
}

// TestAccCLI_guideAdoption goes the way of the guide about existing estates.
func TestAccCLI_guideAdoption(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		estate(t, s)
		bakery, library := mysqltest.QuoteName(s.Prefix+"bakery"), mysqltest.QuoteName(s.Prefix+"library")
		tables := func(database string) string {
			var all strings.Builder
			for _, row := range s.QueryRows(t, "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? ORDER BY 1", strings.Trim(database, "`")) {
				fmt.Fprintln(&all, s.QueryRows(t, "SHOW CREATE TABLE "+database+"."+mysqltest.QuoteName(row[0]))[0][1])
			}
			return all.String()
		}
		before := tables(bakery) + tables(library)
		c := newCLI(t, s)
		c.example("adoption", s)
		c.run("init")
		c.run("plan", "-out", "hold.tfplan")
		if bakery, library := c.migration("hold.tfplan", `landlord_tenant.shop["bakery"]`), c.migration("hold.tfplan", `landlord_tenant.shop["library"]`); len(bakery)+len(library) > 0 {
			t.Errorf("held, and planned are %q and %q", bakery, library)
		}
		c.run("apply", "hold.tfplan")
		registered := func() string {
			return fmt.Sprint(s.QueryRows(t, "SELECT slug, COALESCE(applied_version, '-') FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".tenants ORDER BY slug"))
		}
		if got := registered(); got != "[[bakery -] [library 1.0.0]]" {
			t.Errorf("held: %s", got)
		}
		c.noChanges()
		out := c.run("apply", "-auto-approve", "-var", "declared=true")
		if !strings.Contains(out, "1 added, 0 changed, 0 destroyed") || tables(bakery)+tables(library) != before {
			t.Errorf("declaring what is there changed something: %s", out)
		}
		if out, code := c.try("plan", "-detailed-exitcode", "-var", "declared=true"); code != 0 {
			t.Errorf("after declaring: %s", out)
		}
		c.run("plan", "-out", "auto.tfplan", "-var", "declared=true", "-var", "policy=auto")
		if got := c.migration("auto.tfplan", `landlord_tenant.shop["bakery"]`); len(got) != 1 || !strings.Contains(got[0], "ADD COLUMN `phone`") {
			t.Errorf("the bakery gets %q", got)
		}
		c.run("apply", "auto.tfplan")
		if got := registered(); got != "[[bakery 1.0.0] [library 1.0.0]]" {
			t.Errorf("in the end: %s", got)
		}
		if out, code := c.try("plan", "-detailed-exitcode", "-var", "declared=true", "-var", "policy=auto"); code != 0 {
			t.Errorf("in the end: %s", out)
		}
		rows := fmt.Sprint(s.QueryRows(t, "SELECT name FROM "+bakery+".customers ORDER BY id"), s.QueryRows(t, "SELECT card FROM "+library+".customers"),
			s.QueryRows(t, "SELECT due FROM "+library+".loans"), s.QueryRows(t, "SELECT COUNT(*) FROM "+library+".scratch"))
		if rows != "[[Ada] [Grace]] [[L-1]] [[2026-12-24]] [[0]]" {
			t.Errorf("rows: %s", rows)
		}

		s.Exec(t, "DROP DATABASE "+mysqltest.QuoteName(s.LandlordDatabase)) // as the last section says
		out = c.run("apply", "-auto-approve", "-var", "declared=true", "-var", "policy=auto")
		if got := registered(); got != "[[bakery 1.0.0] [library 1.0.0]]" {
			t.Errorf("registered anew: %s\n%s", got, out)
		}
		if out, code := c.try("plan", "-detailed-exitcode", "-var", "declared=true", "-var", "policy=auto"); code != 0 {
			t.Errorf("after the loss: %s", out)
		}
	})
}

// TestAccAdoption_found adopts a database that has what the template does not have,
// and something otherwise: what is found is not dropped, and nothing happens while
// the tenant is held.
func TestAccAdoption_found(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		database := mysqltest.QuoteName(s.Prefix + "hand")
		s.Exec(t, "CREATE DATABASE "+database+" CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
			"CREATE TABLE "+database+".a (id INT NOT NULL PRIMARY KEY, v VARCHAR(50) NULL, own VARCHAR(20) NULL, KEY by_own (own))",
			"CREATE TABLE "+database+".other (id INT NOT NULL PRIMARY KEY)")
		config := func(column, attributes string) string {
			return fmt.Sprintf(`
resource "landlord_tenant_template" "s" {
  name    = "s"
  version = "1.0.0"
  core    = { "1.sql" = "CREATE TABLE a (id INT NOT NULL PRIMARY KEY, v %s NULL);" }
}
resource "landlord_tenant" "hand" {
  slug     = "hand"
  name     = "hand"
  template = landlord_tenant_template.s.id
%s
}
import {
  to = landlord_tenant.hand
  id = "hand"
}
`, column, attributes)
		}
		c := newCLI(t, s)
		c.write(config("VARCHAR(20)", "  update_policy = \"hold\""))
		c.run("init")
		out := c.run("apply", "-auto-approve")
		says(t, out, "Resources: 1 imported, 1 added, 1 changed, 0 destroyed.")
		if got := fmt.Sprint(s.QueryRows(t, "SELECT COUNT(*), SUM(COLUMN_TYPE = 'varchar(50)') FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ?", s.Prefix+"hand")); got != "[[4 1]]" {
			t.Errorf("held, and changed: %s", got)
		}
		c.noChanges()
		says(t, c.run("show"), `update_status = "held"`)
		c.write(config("VARCHAR(20)", ""))
		c.run("apply", "-auto-approve")
		c.noChanges()
		if got := fmt.Sprint(s.QueryRows(t, "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? ORDER BY TABLE_NAME, ORDINAL_POSITION", s.Prefix+"hand"),
			s.QueryRows(t, "SELECT INDEX_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = 'a' ORDER BY 1", s.Prefix+"hand")); got != "[[id] [v] [own] [id]] [[by_own] [PRIMARY]]" {
			t.Errorf("what was found is %s", got)
		}
	})
}
