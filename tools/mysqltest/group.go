package mysqltest

import (
	"crypto/rand"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

// groupMembers is how many members a group has: the fewest that outlive one.
const groupMembers = 3

// MySQLGroup is a group of MySQL (Group Replication) with one primary that one
// test has for itself.
type MySQLGroup struct {
	Members []*PrivateServer
}

// Group starts a group of three members on this machine; it ends with the test. It
// takes about ten seconds. A primary that is killed is replaced within as many.
func Group(t testing.TB, options ...Option) *MySQLGroup {
	t.Helper()
	Need(t, "a group of servers")
	addresses := make([]string, groupMembers)
	for i := range addresses {
		port, err := instance.FreePort()
		if err != nil {
			t.Fatal(err)
		}
		addresses[i] = fmt.Sprintf("127.0.0.1:%d", port)
	}
	password := "Group_" + rand.Text()
	name := fmt.Sprintf("%08x-0000-4000-8000-%012x", randomBytes(4), randomBytes(6))
	lists := make([][]Option, groupMembers)
	for i := range lists {
		lists[i] = append([]Option{
			func(o *instance.Options) { o.Password = password },
			Args("--server-id="+strconv.Itoa(i+1), "--report-host=127.0.0.1", "--relay-log=relay", "--gtid-mode=ON", "--enforce-gtid-consistency=ON",
				"--innodb-buffer-pool-size=48M", "--plugin-load-add=group_replication.so",
				"--group-replication-group-name="+name, "--group-replication-start-on-boot=OFF",
				"--group-replication-local-address="+addresses[i], "--group-replication-group-seeds="+strings.Join(addresses, ","),
				"--group-replication-ip-allowlist=127.0.0.1/8", "--group-replication-member-expel-timeout=0",
				"--group-replication-recovery-get-public-key=ON"),
		}, options...)
	}
	g := &MySQLGroup{Members: privates(t, instance.MySQL97, lists...)}
	g.start(t)
	return g
}

// start makes the members a group. The accounts that each server was started with
// are not part of what they have in common.
func (g *MySQLGroup) start(t testing.TB) {
	t.Helper()
	for _, m := range g.Members {
		m.Exec(t, "RESET BINARY LOGS AND GTIDS", fmt.Sprintf("CHANGE REPLICATION SOURCE TO SOURCE_USER = '%s', SOURCE_PASSWORD = '%s' FOR CHANNEL 'group_replication_recovery'",
			m.Username, m.Password))
	}
	g.Members[0].Exec(t, "SET GLOBAL group_replication_bootstrap_group = ON", "START GROUP_REPLICATION", "SET GLOBAL group_replication_bootstrap_group = OFF")
	var joining sync.WaitGroup
	for _, m := range g.Members[1:] {
		joining.Go(func() {
			if _, err := m.DB().ExecContext(t.Context(), "START GROUP_REPLICATION"); err != nil {
				t.Errorf("joining the group: %v", err)
			}
		})
	}
	joining.Wait()
	g.WaitOnline(t, groupMembers)
}

// Endpoint returns the endpoints of all members with commas between them.
func (g *MySQLGroup) Endpoint() string {
	return endpointOf(g.Members)
}

// Primary returns the member that takes writes, waiting for it.
func (g *MySQLGroup) Primary(t testing.TB) *PrivateServer {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		for _, m := range g.Members {
			rows, err := queryRows(t.Context(), m.DB(), "SELECT 1 FROM performance_schema.replication_group_members"+
				" WHERE MEMBER_ID = @@server_uuid AND MEMBER_STATE = 'ONLINE' AND MEMBER_ROLE = 'PRIMARY' AND NOT @@super_read_only")
			if err == nil && len(rows) == 1 {
				return m
			}
		}
	}
	t.Fatal("the group has no primary")
	return nil
}

// Rejoin starts a member again that was killed.
func (g *MySQLGroup) Rejoin(t testing.TB, m *PrivateServer) {
	t.Helper()
	m.Restart(t)
	m.Exec(t, "START GROUP_REPLICATION")
}

// WaitOnline waits until so many members are online.
func (g *MySQLGroup) WaitOnline(t testing.TB, members int) {
	t.Helper()
	var last [][]string
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		last = g.Primary(t).QueryRows(t, "SELECT MEMBER_PORT, MEMBER_STATE, MEMBER_ROLE FROM performance_schema.replication_group_members")
		online := 0
		for _, row := range last {
			if row[1] == "ONLINE" {
				online++
			}
		}
		if online == members {
			return
		}
	}
	t.Fatalf("the group has not come to %d members: %v", members, last)
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // it never fails
	return b
}
