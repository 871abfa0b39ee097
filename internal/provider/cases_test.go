package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
	"github.com/landlord-db/terraform-provider-landlord/tools/shared"
)

// sharedCase takes a configuration whose course once went wrong as it stands. The
// databases and the address are those of the test.
func sharedCase(t *testing.T, s *mysqltest.Server, name string) *cli {
	t.Helper()
	text, err := os.ReadFile(shared.Path(t, "cases", "terraform", name+".tf"))
	must(t, err)
	config := string(text)
	for attribute, value := range map[string]string{"landlord_database": s.LandlordDatabase, "database_prefix": s.Prefix} {
		at := regexp.MustCompile(`(?m)^(\s*` + attribute + `\s*= )"[^"]*"`)
		if !at.MatchString(config) {
			t.Fatalf("case %s has no `%s`", name, attribute)
		}
		config = at.ReplaceAllString(config, fmt.Sprintf("${1}%q", value))
	}
	config = regexp.MustCompile(`(?m)^\s*(endpoint|username)\s*=.*\n`).ReplaceAllString(config, "")
	c := newCLI(t, s)
	must(t, os.WriteFile(filepath.Join(c.directory, "main.tf"), []byte(config), 0o600))
	must(t, os.Mkdir(filepath.Join(c.directory, "cp"), 0o700))
	c.run("init")
	return c
}

// TestAccCases runs the shared configurations the way that once went wrong.
func TestAccCases(t *testing.T) {
	t.Parallel()
	for name, course := range map[string]func(t *testing.T, s *mysqltest.Server, c *cli){
		"module-off-on-seeds": func(t *testing.T, s *mysqltest.Server, c *cli) {
			t.Helper()
			for _, modules := range []string{`["billing"]`, `[]`, `["billing"]`} {
				c.run("apply", "-auto-approve", "-var", "modules="+modules)
			}
			if rows := fmt.Sprint(s.QueryRows(t, "SELECT code, cents FROM "+mysqltest.QuoteName(s.Prefix+"n")+".plans ORDER BY code")); rows != "[[free 0] [pro 4900]]" {
				t.Errorf("the plans are %s", rows)
			}
			if out, code := c.try("plan", "-detailed-exitcode", "-var", `modules=["billing"]`); code != 0 {
				t.Errorf("the plan is not empty: %s", out)
			}
		},
		"adopt-hold-ignored": func(t *testing.T, s *mysqltest.Server, c *cli) {
			t.Helper()
			database := mysqltest.QuoteName(s.Prefix + "hand")
			s.Exec(t, "CREATE DATABASE "+database, "CREATE TABLE "+database+".a (id INT NOT NULL PRIMARY KEY, v INT NULL, extra INT NULL, KEY by_v (v))", "INSERT INTO "+database+".a VALUES (1, 2, 3)")
			c.run("apply", "-auto-approve")
			if rows := fmt.Sprint(s.QueryRows(t, "SELECT id, v, extra FROM "+database+".a FORCE INDEX (by_v)")); rows != "[[1 2 3]]" {
				t.Errorf("the rows are %s", rows)
			}
		},
		"protect-strips-dependents": func(t *testing.T, s *mysqltest.Server, c *cli) {
			t.Helper()
			c.run("apply", "-auto-approve")
			out, code := c.try("apply", "-auto-approve", "-var", `tenants=["t0"]`)
			if code == 0 || !strings.Contains(out, "Error: Tenant is protected from deletion") || strings.Contains(out, "Destroying...") {
				t.Errorf("the apply ends with %d: %s", code, out)
			}
			if files, err := filepath.Glob(filepath.Join(c.directory, "cp", s.Prefix+"t1", "*")); err != nil || len(files) != 1 {
				t.Errorf("checkpoints of t1: %v, %v", files, err)
			}
			c.noChanges()
		},
		"deletion-checkpoint-destroyed-first": func(t *testing.T, s *mysqltest.Server, c *cli) {
			t.Helper()
			c.run("apply", "-auto-approve")
			execIn(t, s, "a", "INSERT INTO x VALUES (1, 'kept')")
			c.run("destroy", "-auto-approve")
			if databaseExists(t, s, s.Prefix+"a") {
				t.Error("the database is left")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mysqltest.One(t)
			course(t, s, sharedCase(t, s, name))
		})
	}
}

// TestAccCases_pointInTime is the case that needs a binary log: a restore in place,
// an accident, and a moment between the two.
func TestAccCases_pointInTime(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, like *mysqltest.Server) {
		s := mysqltest.Private(t, like.Kind, mysqltest.Args("--log-bin=binlog", "--server-id=7", "--binlog-format=ROW", "--log-bin-trust-function-creators=1")).Server
		if username, _ := s.ProviderLogin(); username != s.Username { // which reading the log takes beside what everything takes
			s.Exec(t, "GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO "+mysqltest.QuoteName(username)+"@'%'")
		}
		c := sharedCase(t, s, "pitr-after-in-place-restore")
		c.run("apply", "-auto-approve", "-var", "step=1")
		execIn(t, s, "n", "INSERT INTO customers (name) VALUES ('before the restore')")
		c.run("apply", "-auto-approve", "-var", "step=2")
		execIn(t, s, "n", "INSERT INTO customers (id, name) VALUES (7, 'behind it')", "INSERT INTO orders (customer_id) VALUES (7)")
		time.Sleep(1100 * time.Millisecond)
		at := s.QueryRows(t, "SELECT DATE_FORMAT(UTC_TIMESTAMP(6), '%Y-%m-%dT%H:%i:%s.%fZ')")[0][0]
		time.Sleep(1100 * time.Millisecond)
		execIn(t, s, "n", "DELETE FROM orders", "DELETE FROM customers")
		c.run("apply", "-auto-approve", "-var", "step=3", "-var", "at="+at)
		database := mysqltest.QuoteName(s.Prefix + "n")
		if rows := fmt.Sprint(s.QueryRows(t, "SELECT c.id, c.name, o.customer_id FROM "+database+".customers c JOIN "+database+".orders o ON o.customer_id = c.id")); rows != "[[7 behind it 7]]" {
			t.Errorf("the rows of that moment are %s", rows)
		}
	})
}
