package provider_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// seededShop is a template with enough statements to be killed between.
func seededShop() values {
	return with(shop("1.0.0", usersTable, teamsTable), values{
		"seeds": values{"001.sql": "INSERT INTO users (id, email) VALUES (1, 'root@example.com');\nINSERT INTO teams (id, name) VALUES (1, 'Admins');\n"},
	})
}

// checkSeeded asks the server for what a tenant of seededShop has: everything
// once.
func checkSeeded(t *testing.T, s *mysqltest.Server, database string) {
	t.Helper()
	if got := tablesOf(t, s, database); got != "teams users" {
		t.Errorf("the tables of %s are %q", database, got)
		return
	}
	name := mysqltest.QuoteName(database)
	if got := fmt.Sprint(s.QueryRows(t, "SELECT (SELECT COUNT(*) FROM "+name+".users), (SELECT COUNT(*) FROM "+name+".teams)")); got != "[[1 1]]" {
		t.Errorf("the seeds of %s are %s", database, got)
	}
}

// TestTenant_Create_killed kills the provider before the first write of a
// creation, and after each: what is left is the same as before the next one.
// The next apply finishes the rest and does nothing twice.
func TestTenant_Create_killed(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	coreOn(t, s).must("landlord_tenant_template", nil, seededShop())
	killedAt(t, s, 1, false)
	number := 1
	for killedAt(t, s, number, true) {
		number++
	}
	if number < 6 { // the database, two tables, two seeds, and what the ledger says
		t.Errorf("the creation has only %d writes", number-1)
	}
}

// killedAt creates a tenant, is killed at a write, and creates it again. It
// returns false when there was no such write.
func killedAt(t *testing.T, s *mysqltest.Server, number int, after bool) bool {
	t.Helper()
	slug := fmt.Sprintf("k%d%v", number, after)
	config := acme(values{"slug": slug})
	between := newProxy(t, s.Endpoint())
	environment := environmentOf(s)
	environment["LANDLORD_ENDPOINT"], environment["LANDLORD_TLS_MODE"], environment["LANDLORD_CONNECT_TIMEOUT"] = between.endpoint(), "disabled", "2s"
	victim := coreWith(t, environment)
	plan := victim.plan("landlord_tenant", nil, config)
	if hasErrors(plan.diagnostics) {
		t.Fatal(plan.diagnostics)
	}
	between.arm(number, after)
	state, diagnostics := victim.apply("landlord_tenant", nil, config, plan)
	writes, cut := between.writes()
	between.stop()
	where := fmt.Sprintf("killed at write %d of the creation (after: %v)", number, after)
	if len(writes) > 0 {
		where += ": " + writes[len(writes)-1]
	}
	switch {
	case !hasErrors(diagnostics):
		coreOn(t, s).settled("landlord_tenant", state, config)
	case !cut:
		t.Fatalf("%s: %v", where, diagnostics)
	case !state.IsNull():
		t.Errorf("%s: the failed creation left a state, which core taints", where)
	default:
		createAgain(t, s, config, where)
	}
	checkSeeded(t, s, s.Prefix+slug)
	if t.Failed() {
		t.Fatal(where)
	}
	return cut
}

// createAgain is the next apply. When only the last word to Terraform was lost,
// the tenant is there and finished, and is taken over as it is.
func createAgain(t *testing.T, s *mysqltest.Server, config values, where string) {
	t.Helper()
	next := coreOn(t, s)
	state, diagnostics := next.run("landlord_tenant", nil, config)
	if hasErrors(diagnostics) {
		t.Fatalf("%s: the next apply says %v", where, diagnostics)
	}
	coreOn(t, s).settled("landlord_tenant", state, config)
}

// TestAccCLI_killed kills the real process of the provider with SIGKILL while
// Terraform applies, and applies again.
func TestAccCLI_killed(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("this system has no /proc to find the provider in")
	}
	s := mysqltest.One(t)
	c := newCLI(t, s)
	c.write(shopConfig)
	c.run("init")
	c.run("apply", "-auto-approve")
	c.write(shopConfig + acmeConfig(`  name = "Acme"`))

	// A lock on the landlord database's table holds the apply at a known place.
	hold, err := s.DB().Conn(t.Context())
	must(t, err)
	defer func() { _ = hold.Close() }()
	_, err = hold.ExecContext(t.Context(), "LOCK TABLES "+mysqltest.QuoteName(s.LandlordDatabase)+".tenants READ")
	must(t, err)
	command := c.command("apply", "-auto-approve")
	out := &strings.Builder{}
	command.Stdout, command.Stderr = out, out
	must(t, command.Start())
	waiting := "SELECT COUNT(*) FROM information_schema.processlist WHERE state LIKE '%metadata lock%' AND info LIKE '%" + s.LandlordDatabase + "%'"
	deadline := time.Now().Add(60 * time.Second)
	for fmt.Sprint(s.QueryRows(t, waiting)) == "[[0]]" {
		if time.Now().After(deadline) {
			t.Fatalf("the apply does not come to the landlord database: %s", out)
		}
		time.Sleep(50 * time.Millisecond)
	}
	killChildren(t, command)
	if err := command.Wait(); err == nil {
		t.Errorf("the apply survived its provider: %s", out)
	}
	_, err = hold.ExecContext(t.Context(), "UNLOCK TABLES")
	must(t, err)
	if state := c.run("state", "list"); strings.Contains(state, "landlord_tenant.acme") {
		t.Errorf("the killed creation is in the state: %s", state)
	}
	c.run("apply", "-auto-approve")
	c.noChanges()
	if got := fmt.Sprint(s.QueryRows(t, "SELECT COUNT(*) FROM "+mysqltest.QuoteName(s.Prefix+"acme")+".users")); got != "[[1]]" {
		t.Errorf("the seeds are %s", got)
	}
	c.run("destroy", "-auto-approve")
}

// killChildren kills the providers that a Terraform started.
func killChildren(t *testing.T, parent *exec.Cmd) {
	t.Helper()
	killed := 0
	for _, pid := range childrenOf(t, parent.Process.Pid) {
		must(t, syscall.Kill(pid, syscall.SIGKILL))
		killed++
	}
	if killed == 0 {
		t.Fatal("there is no provider to kill")
	}
}
