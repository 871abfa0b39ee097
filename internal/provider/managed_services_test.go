package provider_test

import (
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

// everyday are the privileges that the accounts of all managed services have on
// the whole server, with GRANT OPTION.
const everyday = "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, SHOW DATABASES, CREATE TEMPORARY TABLES," +
	" LOCK TABLES, EXECUTE, CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, CREATE USER, EVENT, TRIGGER, REPLICATION SLAVE"

// managedService is what a service gives, as its documentation lists it.
type managedService struct {
	kind       instance.Kind
	privileges string // beyond everyday
	arguments  []string
	execution  string // execution_account

	refused string // the summary with which a tenant with a view and a trigger is refused
	cause   string // a part of its text
}

// TestAccManagedServices makes accounts that lack what managed services take away
// and makes a template and a tenant with them, as the guide says what happens.
func TestAccManagedServices(t *testing.T) {
	t.Parallel()
	logged := []string{"--log-bin", "--server-id=1", "--log-bin-trust-function-creators=1"}
	cases := map[string]managedService{
		"RDS for MySQL as it comes": {kind: instance.MySQL97, privileges: ", SET_ANY_DEFINER, ROLE_ADMIN", arguments: []string{"--log-bin", "--server-id=1", "--log-bin-trust-function-creators=0"},
			refused: "Server refuses a statement of the template", cause: "Set `log_bin_trust_function_creators = ON` on the server"},
		"RDS for MySQL":                {kind: instance.MySQL97, privileges: ", SET_ANY_DEFINER, ROLE_ADMIN", arguments: logged},
		"Aurora without a binary log":  {kind: instance.MySQL97, privileges: ", SET_ANY_DEFINER, SHOW_ROUTINE, CONNECTION_ADMIN", arguments: []string{"--skip-log-bin"}},
		"RDS for MariaDB":              {kind: instance.MariaDB118, arguments: logged, refused: "Account of the provider lacks privileges", cause: "GRANT SET USER ON *.*"},
		"RDS for MariaDB, own account": {kind: instance.MariaDB118, arguments: logged, execution: "own"},
		"Azure": {kind: instance.MySQL97, arguments: append([]string{"--require-secure-transport=ON", "--sql-generate-invisible-primary-key=ON"}, logged...),
			refused: "Account of the provider lacks privileges", cause: "GRANT SET_ANY_DEFINER ON *.*"},
		"Azure, own account": {kind: instance.MySQL97, arguments: append([]string{"--require-secure-transport=ON", "--sql-generate-invisible-primary-key=ON"}, logged...), execution: "own"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !asked(t, c.kind) {
				t.Skipf("not tested on %s in this run", c.kind)
			}
			c.test(t)
		})
	}
}

// asked says whether a run is about a kind of server.
func asked(t *testing.T, kind instance.Kind) bool {
	for _, k := range mysqltest.Kinds(t) {
		if k == kind {
			return true
		}
	}
	return false
}

func (m managedService) test(t *testing.T) {
	t.Helper()
	s := mysqltest.Private(t, m.kind, mysqltest.Args(m.arguments...))
	s.Exec(t, "CREATE USER master@'%' IDENTIFIED BY 'Managed_pw1'", "GRANT "+everyday+m.privileges+" ON *.* TO master@'%' WITH GRANT OPTION")
	environment := environmentOf(s.Server)
	environment["LANDLORD_USERNAME"], environment["LANDLORD_PASSWORD"], environment["LANDLORD_EXECUTION_ACCOUNT"] = "master", "Managed_pw1", m.execution
	c := newCore(t, environment)
	c.configure(values{})
	template := shop("1.0.0", usersTable, "CREATE TABLE plain (x INT)", "CREATE VIEW names AS SELECT id FROM users",
		"CREATE TRIGGER plain_first BEFORE INSERT ON plain FOR EACH ROW SET NEW.x = COALESCE(NEW.x, 0)")
	_, diagnostics := c.run("landlord_tenant_template", nil, template)
	var tenant any
	if !hasErrors(diagnostics) {
		tenant, diagnostics = c.run("landlord_tenant", nil, acme(nil))
	}
	said := strings.Join(diagnostics, "\n")
	switch {
	case m.refused == "" && hasErrors(diagnostics):
		t.Fatalf("it is refused: %s", said)
	case m.refused != "" && (!strings.Contains(said, ": "+m.refused+"\n") || !strings.Contains(said, m.cause)):
		t.Errorf("it is not refused with %q and %q, but: %s", m.refused, m.cause, said)
	case m.refused == "":
		next := newCore(t, environment)
		next.configure(values{})
		next.settled("landlord_tenant", tenant, acme(nil))
	}
}
