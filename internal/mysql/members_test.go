package mysql_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/sessiontest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// port asks which of the hosts a statement reaches.
func port(t *testing.T, q mysql.Queryer) string {
	t.Helper()
	var at string
	if err := q.Row(t.Context(), "SELECT @@port").Scan(&at); err != nil {
		t.Fatal(err)
	}
	return at
}

// Of a group the primary is used. When it dies, what was under way on it is a lost
// connection, and everything after it goes to the next one; when it gives the
// writes to another one, a statement that it refuses is sent there.
func TestMembers_group(t *testing.T) {
	t.Parallel()
	g := mysqltest.Group(t)
	first := g.Primary(t)
	server := sessiontest.Open(t, mysql.Config{Endpoint: g.Endpoint(), Username: first.Username, Password: first.Password})
	if at := port(t, server); at != first.Port {
		t.Fatalf("the statement reached port %s, want that of the primary, %s", at, first.Port)
	}
	name := first.Prefix + "group"
	mustExec(t, server, "CREATE DATABASE "+name)
	mustExec(t, server, "CREATE TABLE "+name+".t (id INT PRIMARY KEY)")
	x := sessiontest.Session(t, server)

	first.Kill(t)
	if _, err := x.Exec(t.Context(), "DO 1"); !mysql.IsConnectionLost(err) {
		t.Errorf("a statement of a session of the dead primary gave %v, want a lost connection", err)
	}
	began := time.Now()
	mustExec(t, server, "INSERT INTO "+name+".t VALUES (1)")
	t.Logf("the next primary took a write %s after the first one was killed", time.Since(began).Round(10*time.Millisecond))
	second := g.Primary(t)
	if at := port(t, server); at != second.Port || at == first.Port {
		t.Errorf("the statement reached port %s, want %s", at, second.Port)
	}
	g.Rejoin(t, first)
	g.WaitOnline(t, len(g.Members))

	y := sessiontest.Session(t, server)
	uuid := first.QueryRows(t, "SELECT @@server_uuid")[0][0]
	second.QueryRows(t, fmt.Sprintf("SELECT group_replication_set_as_primary('%s')", uuid))
	mustExec(t, server, "INSERT INTO "+name+".t VALUES (2)") // refused by the second, done by the first
	if at := port(t, server); at != first.Port {
		t.Errorf("the statement reached port %s, want %s", at, first.Port)
	}
	if readOnly, err := y.ReadOnly(t.Context()); !readOnly || !mysql.IsConnectionLost(err) {
		t.Errorf("a session of the former primary says %v, %v, want a lost connection", readOnly, err)
	}
	if rows := first.QueryRows(t, "SELECT COUNT(*) FROM "+name+".t"); rows[0][0] != "2" {
		t.Errorf("the table has %s rows, want 2", rows[0][0])
	}
}

// Hosts that are no group are told apart by read_only.
func TestMembers_replicas(t *testing.T) {
	t.Parallel()
	for _, kind := range mysqltest.Kinds(t) {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			a, b := mysqltest.Private(t, kind), mysqltest.Private(t, kind)
			for _, s := range []*mysqltest.PrivateServer{a, b} {
				s.Exec(t, "CREATE DATABASE "+a.Prefix+"d", "CREATE TABLE "+a.Prefix+"d.t (id INT PRIMARY KEY)",
					fmt.Sprintf("CREATE USER %s IDENTIFIED BY 'Members_1'", a.Prefix), fmt.Sprintf("GRANT ALL ON %sd.* TO %s", a.Prefix, a.Prefix))
			}
			cfg := mysql.Config{Endpoint: a.Endpoint() + ", " + b.Endpoint(), Username: a.Prefix, Password: "Members_1"}

			_, err := sessiontest.Open(t, cfg).Info(t.Context())
			want := fmt.Sprintf("connect to `%s, %s`: `%s` and `%s` both take writes and are no group, so one of them does not have the data of the other; make the one read-only that is not the primary",
				a.Endpoint(), b.Endpoint(), a.Endpoint(), b.Endpoint())
			if textOf(err) != want {
				t.Errorf("got\n%s\nwant\n%s", textOf(err), want)
			}

			a.Exec(t, "SET GLOBAL read_only = ON")
			server := sessiontest.Open(t, cfg)
			if at := port(t, server); at != b.Port {
				t.Errorf("the statement reached port %s, want %s", at, b.Port)
			}
			time.Sleep(600 * time.Millisecond) // longer than a member that was just found is kept
			b.Exec(t, "SET GLOBAL read_only = ON")
			a.Exec(t, "SET GLOBAL read_only = OFF")
			mustExec(t, server, "INSERT INTO "+a.Prefix+"d.t VALUES (1)")
			if at := port(t, server); at != a.Port {
				t.Errorf("the statement reached port %s, want %s", at, a.Port)
			}

			b.Kill(t)
			a.Kill(t)
			_, err = sessiontest.Open(t, cfg).Info(t.Context())
			want = fmt.Sprintf("connect to `%[1]s, %[2]s`: no host takes writes: `%[1]s` cannot be reached: connection refused; is a server listening there?; `%[2]s` cannot be reached: connection refused; is a server listening there?",
				a.Endpoint(), b.Endpoint())
			if textOf(err) != want {
				t.Errorf("got\n%s\nwant\n%s", textOf(err), want)
			}
		})
	}
}

func mustExec(t *testing.T, q mysql.Queryer, statement string) {
	t.Helper()
	if _, err := q.Exec(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", strings.SplitN(statement, " ", 3)[0], err)
	}
}
