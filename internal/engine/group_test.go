package engine_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// onGroup returns an engine whose main server is a group.
func onGroup(t *testing.T, g *mysqltest.MySQLGroup) *engine.Engine {
	t.Helper()
	return onMembers(t, g.Members[0], g.Endpoint())
}

// onMembers returns an engine whose main server is a group with such an endpoint.
func onMembers(t *testing.T, first *mysqltest.PrivateServer, endpoint string) *engine.Engine {
	t.Helper()
	return engineOn(t, first.Server, func(c *landlord.Config) {
		c.Main.Endpoint, c.Main.MaxConnections = endpoint, 2
	})
}

// TestGroup rolls a version out to the tenants of a group whose primary is killed
// meanwhile: every tenant comes to its version in the same run. What the group
// does not replicate is refused in the plan.
func TestGroup(t *testing.T) {
	t.Parallel()
	g := mysqltest.Group(t)
	rollOutWhileKilled(t, g, "acme", 7)

	keyless := shop("3.0.0")
	keyless.Name = "keyless"
	keyless.Core["003_visits.sql"] = "CREATE TABLE visits (at DATETIME NOT NULL, page VARCHAR(100) NULL, UNIQUE KEY uq_page (page));\n" +
		"CREATE TABLE hits (at DATETIME NOT NULL, UNIQUE KEY uq_at (at));\nCREATE TABLE old_log (id INT PRIMARY KEY) ENGINE=MyISAM;"
	e := onGroup(t, g)
	publish(t, e, keyless)
	_, err := e.PlanTenant(t.Context(), landlord.TenantSpec{Slug: "beta", Name: "Beta", Template: "keyless@3.0.0"}, nil)
	wantProblem(t, err, "Group of servers refuses these tables [template]\n"+
		"Template `keyless@3.0.0` cannot be used on the main server, which is a member of a group (Group Replication):\n\n"+
		"- table `old_log` has the engine MyISAM: only InnoDB is replicated\n\n- table `visits` has no primary key: a group tells rows apart by it\n\n"+
		"Change the template, or put the tenant on a server that is no member of a group.")
}

// TestSoakGroup kills the primary at many moments.
func TestSoakGroup(t *testing.T) {
	soak(t)
	g := mysqltest.Group(t)
	for at := int64(1); at < 40; at += 3 {
		rollOutWhileKilled(t, g, fmt.Sprintf("acme%d", at), at)
	}
}

// rollOutWhileKilled moves three tenants of a group to another version at the same time
// while its primary is killed, which rejoins.
func rollOutWhileKilled(t *testing.T, g *mysqltest.MySQLGroup, slug string, at int64) {
	t.Helper()
	primary := g.Primary(t)
	moveWhileKilled(t, primary, g.Endpoint(), slug, at, func() *mysqltest.PrivateServer { return g.Primary(t) })
	g.Rejoin(t, primary)
	g.WaitOnline(t, len(g.Members))
}

// moveWhileKilled moves three tenants to another version at the same time, and kills
// a member at the moment that is the given one of those that a killed run could leave
// half done. next is the one that takes writes then.
func moveWhileKilled(t *testing.T, member *mysqltest.PrivateServer, endpoint, slug string, at int64, next func() *mysqltest.PrivateServer) {
	t.Helper()
	e := onMembers(t, member, endpoint)
	publish(t, e, shop("1.0.0"))
	publish(t, e, shopWithout())
	tenants := make([]*landlord.Tenant, 3)
	for i := range tenants {
		name := fmt.Sprintf("%s-%d", slug, i)
		_, tenants[i] = create(t, e, landlord.TenantSpec{Slug: name, Name: name, Template: "shop@1.0.0"})
	}
	run := onMembers(t, member, endpoint)
	var points atomic.Int64
	run.OnFault(func(string) {
		if points.Add(1) == at {
			member.Kill(t)
		}
	})
	began := time.Now()
	var all sync.WaitGroup
	for _, tenant := range tenants {
		all.Go(func() {
			to := landlord.TenantSpec{Slug: tenant.Slug, Name: tenant.Name, Template: "shop@2.0.0", AllowDestructive: true}
			_, after, err := update(t.Context(), run, to, tenant)
			if err != nil {
				t.Errorf("killed at point %d, tenant %s: %s", at, tenant.Slug, explain(err))
			} else if after.Template != "shop@2.0.0" || after.UpdateStatus != landlord.UpdateCurrent || len(after.Drift) != 0 {
				t.Errorf("killed at point %d: %+v", at, after)
			}
		})
	}
	all.Wait()
	t.Logf("three tenants took %s, with a member killed at point %d of %d", time.Since(began).Round(time.Millisecond), at, points.Load())
	if points.Load() < at {
		t.Errorf("nobody was killed: there are %d points", points.Load())
	}
	rows := next().QueryRows(t, fmt.Sprintf("SELECT tenant_slug, COUNT(*) FROM %s.tenant_migrations_history WHERE tenant_slug LIKE '%s-%%' AND to_template = 'shop@2.0.0' AND status = 'done' GROUP BY 1 ORDER BY 1",
		member.LandlordDatabase, slug))
	if got := fmt.Sprint(rows); got != strings.ReplaceAll("[[X-0 1] [X-1 1] [X-2 1]]", "X", slug) {
		t.Errorf("killed at point %d, the ledger has %s", at, got)
	}
}
