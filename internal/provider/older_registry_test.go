package provider_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

// registryDump is the landlord database as an operator's nightly dump has it.
type registryDump struct {
	t      *testing.T
	s      *mysqltest.Server
	client *instance.Client
	text   []byte
}

// dumpRegistry dumps the landlord database with the dump tool of its server.
func dumpRegistry(t *testing.T, s *mysqltest.Server) *registryDump {
	t.Helper()
	client, err := instance.FetchClient(t.Context(), s.Kind, os.Stderr)
	must(t, err)
	d := &registryDump{t: t, s: s, client: client}
	arguments := d.account("--routines", "--events", "--single-transaction", s.LandlordDatabase)
	if !s.Kind.IsMariaDB() {
		arguments = append([]string{"--set-gtid-purged=OFF"}, arguments...)
	}
	command, err := client.Dump(t.Context(), arguments...)
	must(t, err)
	var problems bytes.Buffer
	command.Stderr = &problems
	if d.text, err = command.Output(); err != nil {
		t.Fatalf("dumping the landlord database: %v: %s", err, problems.String())
	}
	return d
}

// account returns the arguments that name the server and the account.
func (d *registryDump) account(more ...string) []string {
	return append([]string{"--host=" + d.s.Host, "--port=" + d.s.Port, "--user=" + d.s.Username, "--password=" + d.s.Password}, more...)
}

// restore brings the landlord database back to what it was when it was dumped.
func (d *registryDump) restore() {
	d.t.Helper()
	d.s.Exec(d.t, "DROP DATABASE "+mysqltest.QuoteName(d.s.LandlordDatabase), "CREATE DATABASE "+mysqltest.QuoteName(d.s.LandlordDatabase))
	command, err := d.client.Shell(d.t.Context(), d.account(d.s.LandlordDatabase)...)
	must(d.t, err)
	command.Stdin = bytes.NewReader(d.text)
	if out, err := command.CombinedOutput(); err != nil {
		d.t.Fatalf("restoring the landlord database: %v: %s", err, out)
	}
}

// countersConfig is a template of which each version adds to a counter once, and
// one tenant of it.
func countersConfig(version int, tenant string) string {
	var columns, scripts strings.Builder
	for v := 1; v <= version; v++ {
		fmt.Fprintf(&columns, ", x%d INT NOT NULL DEFAULT 0", v)
		fmt.Fprintf(&scripts, "    \"1.%d.0--1.%d.0.sql\" = \"UPDATE a SET n = n + 1;\"\n", v-1, v)
	}
	migrations := ""
	if version > 0 {
		migrations = "  migrations = {\n" + scripts.String() + "  }\n"
	}
	return fmt.Sprintf(`
resource "landlord_tenant_template" "counters" {
  name    = "counters"
  version = "1.%d.0"
  core    = { "1.sql" = "CREATE TABLE a (id INT NOT NULL PRIMARY KEY, n INT NOT NULL%s);" }
  seeds   = { "1.sql" = "INSERT INTO a (id, n) VALUES (1, 0), (2, 0);" }
%s}

resource "landlord_tenant" "acme" {
  slug     = "acme"
  name     = "Acme"
  template = landlord_tenant_template.counters.id
%s
}
`, version, columns.String(), migrations, tenant)
}

// numbers returns what the counters of a tenant say.
func numbers(t *testing.T, s *mysqltest.Server) string {
	t.Helper()
	return fmt.Sprint(s.QueryRows(t, "SELECT n FROM "+mysqltest.QuoteName(s.Prefix+"acme")+".a ORDER BY id"))
}

// says fails unless Terraform printed a text, wherever the lines end.
func says(t *testing.T, out, want string) {
	t.Helper()
	if !strings.Contains(strings.Join(strings.Fields(out), " "), want) {
		t.Errorf("nothing says\n%s\nin\n%s", want, out)
	}
}

// TestAccOlderRegistry_migrated restores the landlord database of yesterday behind
// one or two updates with statements on rows. They do not run again, a state that is not
// refreshed is refused, and the next update goes on from where the tenant is.
func TestAccOlderRegistry_migrated(t *testing.T) {
	t.Parallel()
	for behind := 1; behind <= 2; behind++ {
		t.Run(fmt.Sprint(behind), func(t *testing.T) {
			t.Parallel()
			mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
				c := newCLI(t, s)
				c.write(countersConfig(0, ""))
				c.run("init")
				c.run("apply", "-auto-approve")
				dump := dumpRegistry(t, s)
				for v := 1; v <= behind; v++ {
					c.write(countersConfig(v, ""))
					c.run("apply", "-auto-approve")
				}
				dump.restore()
				version := fmt.Sprintf("1.%d.0", behind)
				plan := c.run("plan", "-out", "recorded.tfplan")
				says(t, plan, "Warning: Landlord database is older than a tenant")
				says(t, plan, "Tenant `acme` follows `counters@"+version+"` by Terraform's state, and the landlord database does not know the migration that led there. A dump that is older than the tenant leaves this. "+
					"The plan records what the state knows, with the tenant's schema as it is. What the lost migrations did is not done again. Look first whether `landlord_database` of the provider names the right one.")
				if !strings.Contains(plan, "Plan: 0 to add, 2 to change, 0 to destroy.") || len(c.migration("recorded.tfplan", "landlord_tenant.acme")) > 0 {
					t.Errorf("more is planned than to record what is: %s", plan)
				}
				c.run("apply", "recorded.tfplan")
				if got, want := numbers(t, s), fmt.Sprintf("[[%d] [%d]]", behind, behind); got != want {
					t.Errorf("the rows are %s, want %s", got, want)
				}
				if got := fmt.Sprint(s.QueryRows(t, "SELECT applied_version, status FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".tenants")); got != "[["+version+" active]]" {
					t.Errorf("the landlord database says %s", got)
				}
				c.noChanges()

				dump.restore()
				c.run("apply", "-auto-approve", "-target=landlord_tenant_template.counters")
				c.write(countersConfig(behind+1, ""))
				out, _ := c.try("apply", "-auto-approve", "-refresh=false")
				says(t, out, "Error: Landlord database is older than the plan")
				c.run("apply", "-auto-approve")
				if got, want := numbers(t, s), fmt.Sprintf("[[%d] [%d]]", behind+1, behind+1); got != want {
					t.Errorf("updated after that, the rows are %s, want %s", got, want)
				}
				c.noChanges()
			})
		})
	}
}

// TestAccOlderRegistry_gone loses the landlord database. The next apply registers
// the tenant and publishes its template anew, with the copy of it that is there.
func TestAccOlderRegistry_gone(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		c := newCLI(t, s)
		c.write(countersConfig(1, ""))
		c.run("init")
		c.run("apply", "-auto-approve")
		s.Exec(t, "UPDATE "+mysqltest.QuoteName(s.Prefix+"acme")+".a SET n = 7")
		s.Exec(t, "DROP DATABASE "+mysqltest.QuoteName(s.LandlordDatabase))
		plan := c.run("plan")
		says(t, plan, "Plan: 0 to add, 2 to change, 0 to destroy.")
		says(t, plan, "Warning: Tenant is not registered any more with landlord_tenant.acme")
		says(t, plan, "Warning: Template version is not published any more with landlord_tenant_template.counters")
		says(t, plan, "The landlord database does not know template `counters@1.1.0`, which was published by Terraform's state. A landlord database that was lost or brought back from an older dump leaves this, and so does another run that destroyed the template. "+
			"The plan publishes it anew. Look first whether `landlord_database` of the provider names the right one.")
		c.run("apply", "-auto-approve")
		c.noChanges()
		c.write(countersConfig(2, ""))
		c.run("apply", "-auto-approve")
		if got := numbers(t, s); got != "[[8] [8]]" {
			t.Errorf("after the next update the rows are %s", got)
		}
		c.noChanges()
	})
}
