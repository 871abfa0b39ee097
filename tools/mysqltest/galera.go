package mysqltest

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

// GaleraCluster is a cluster of MariaDB (Galera) that one test has for itself: every
// member takes writes.
type GaleraCluster struct {
	Members []*PrivateServer
}

// Galera starts a cluster of three members on this machine; it ends with the test. It
// takes about ten seconds. A member that was killed does not come back: nothing brings
// it what it has missed. The test is skipped where the library cannot be had.
func Galera(t testing.TB) *GaleraCluster {
	t.Helper()
	Need(t, "a cluster of servers")
	library, err := instance.Galera(t.Context())
	if err != nil {
		unavailable(t, "galera-4", err)
	}
	password := "Group_" + rand.Text()
	name := fmt.Sprintf("landlord_%x", randomBytes(6))
	// All have the same history, which counts who joins too: so each knows as much as those
	// before it, and needs no copy of them.
	uuid := fmt.Sprintf("%08x-0000-11f0-8000-%012x", randomBytes(4), randomBytes(6))
	c, first := &GaleraCluster{}, ""
	for n := range groupMembers {
		ports := make([]int, 2)
		for i := range ports {
			if ports[i], err = instance.FreePort(); err != nil {
				t.Fatal(err)
			}
		}
		state := fmt.Sprintf("# GALERA saved state\nversion: 2.1\nuuid: %s\nseqno: %d\nsafe_to_bootstrap: 1\n", uuid, n)
		address := fmt.Sprintf("127.0.0.1:%d", ports[0])
		c.Members = append(c.Members, Private(t, instance.MariaDB1011, func(o *instance.Options) { o.Password, o.Files = password, map[string]string{"grastate.dat": state} },
			Args("--wsrep-on=ON", "--wsrep-provider="+library, "--wsrep-cluster-name="+name, "--wsrep-cluster-address=gcomm://"+first,
				"--wsrep-node-address=127.0.0.1", "--wsrep-sst-method=skip", "--binlog-format=ROW", "--innodb-autoinc-lock-mode=2", "--innodb-buffer-pool-size=48M",
				fmt.Sprintf("--wsrep-provider-options=gmcast.listen_addr=tcp://%s;ist.recv_addr=127.0.0.1:%d;gcache.size=16M;evs.keepalive_period=PT0.5S;evs.suspect_timeout=PT2S;evs.inactive_timeout=PT5S", address, ports[1]))))
		if first == "" {
			first = address
		}
	}
	for _, m := range c.Members {
		c.wait(t, m)
	}
	return c
}

// wait waits until a member sees all others and takes writes.
func (c *GaleraCluster) wait(t testing.TB, m *PrivateServer) {
	t.Helper()
	var last [][]string
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		last = m.QueryRows(t, "SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_ready', 'wsrep_cluster_size', 'wsrep_local_state_comment')")
		if fmt.Sprint(last) == fmt.Sprintf("[[wsrep_local_state_comment Synced] [wsrep_cluster_size %d] [wsrep_ready ON]]", groupMembers) {
			return
		}
	}
	t.Fatalf("a member of the cluster says %v", last)
}

// Endpoint returns the endpoints of all members with commas between them.
func (c *GaleraCluster) Endpoint() string { return endpointOf(c.Members) }

// endpointOf returns the endpoints of servers with commas between them.
func endpointOf(members []*PrivateServer) string {
	all := make([]string, len(members))
	for i, m := range members {
		all[i] = m.Endpoint()
	}
	return strings.Join(all, ",")
}
