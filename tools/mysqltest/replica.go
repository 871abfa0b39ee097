package mysqltest

import (
	"crypto/rand"
	"fmt"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

// ReplicaPair is a primary with one replica, for one test alone.
type ReplicaPair struct {
	Primary, Replica *PrivateServer
}

// Replicas starts a primary and a replica of it that is read-only, as replicas are:
// an account with enough privileges writes there all the same. They end with the test.
func Replicas(t testing.TB, kind instance.Kind, options ...Option) *ReplicaPair {
	t.Helper()
	password := "Repl_" + rand.Text() // MySQL takes 32 characters here
	lists := make([][]Option, 2)
	for i := range lists {
		args := []string{fmt.Sprintf("--server-id=%d", i+1), "--log-bin=binlog", "--binlog-format=ROW", "--relay-log=relay", "--innodb-buffer-pool-size=48M"}
		if kind.IsMariaDB() {
			args = append(args, "--log-slave-updates=ON")
		} else {
			args = append(args, "--gtid-mode=ON", "--enforce-gtid-consistency=ON")
		}
		lists[i] = append([]Option{func(o *instance.Options) { o.Password = password }, Args(args...)}, options...)
	}
	servers := privates(t, kind, lists...)
	p := &ReplicaPair{Primary: servers[0], Replica: servers[1]}
	p.Replica.LandlordDatabase, p.Replica.Prefix = p.Primary.LandlordDatabase, p.Primary.Prefix
	p.start(t, kind)
	return p
}

// start makes the one follow the other. The accounts that each server was started with
// are not part of what they have in common.
func (p *ReplicaPair) start(t testing.TB, kind instance.Kind) {
	t.Helper()
	from := p.Primary
	if kind.IsMariaDB() {
		from.Exec(t, "RESET MASTER")
		p.Replica.Exec(t, "RESET MASTER", "SET GLOBAL gtid_slave_pos = ''", fmt.Sprintf("CHANGE MASTER TO MASTER_HOST = '%s', MASTER_PORT = %s, MASTER_USER = '%s', MASTER_PASSWORD = '%s', MASTER_USE_GTID = slave_pos",
			from.Host, from.Port, from.Username, from.Password), "START SLAVE")
	} else {
		from.Exec(t, "RESET BINARY LOGS AND GTIDS")
		p.Replica.Exec(t, "RESET BINARY LOGS AND GTIDS", fmt.Sprintf("CHANGE REPLICATION SOURCE TO SOURCE_HOST = '%s', SOURCE_PORT = %s, SOURCE_USER = '%s', SOURCE_PASSWORD = '%s', SOURCE_AUTO_POSITION = 1, GET_SOURCE_PUBLIC_KEY = 1",
			from.Host, from.Port, from.Username, from.Password), "START REPLICA")
	}
	p.Replica.Exec(t, "SET GLOBAL read_only = ON")
	p.CatchUp(t)
}

// CatchUp waits until the replica has applied what the primary has committed.
func (p *ReplicaPair) CatchUp(t testing.TB) {
	t.Helper()
	position, wait := "SELECT @@global.gtid_executed", "SELECT WAIT_FOR_EXECUTED_GTID_SET('%s', 60)"
	if p.Primary.Kind.IsMariaDB() {
		position, wait = "SELECT @@global.gtid_current_pos", "SELECT MASTER_GTID_WAIT('%s', 60)"
	}
	at := p.Primary.QueryRows(t, position)[0][0]
	if got := p.Replica.QueryRows(t, fmt.Sprintf(wait, at))[0][0]; got != "0" {
		t.Fatalf("the replica has not come to `%s`: %s", at, got)
	}
}

// Own returns what the replica has committed that the primary has not.
func (p *ReplicaPair) Own(t testing.TB) string {
	t.Helper()
	if !p.Primary.Kind.IsMariaDB() {
		return p.Replica.QueryRows(t, "SELECT GTID_SUBTRACT(@@global.gtid_executed, ?)", p.Primary.QueryRows(t, "SELECT @@global.gtid_executed")[0][0])[0][0]
	}
	own := p.Replica.QueryRows(t, "SELECT @@global.gtid_binlog_pos")[0][0]
	if own == p.Primary.QueryRows(t, "SELECT @@global.gtid_binlog_pos")[0][0] {
		return ""
	}
	return own
}
