package provider_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// A replicaThing is a resource that is there, and other configurations of it.
type replicaThing struct {
	typeName string
	config   values
	others   []values // nil destroys it
	state    any
}

// replicaThings are one of each kind of resource. Without a configuration nothing is
// there before.
func replicaThings() []*replicaThing {
	notes := values{"tenant": "acme", "name": "notes", "reason": "r", "allow_destructive": true, "tables": values{"x_notes": "CREATE TABLE x_notes (id INT NOT NULL PRIMARY KEY)"}}
	app := values{"tenant": "acme", "role": "application", "password_wo": firstSecret, "password_wo_version": 1}
	shops := fleetOf(many(2), values{"deletion_policy": "drop", "allow_destructive": true})
	return []*replicaThing{
		{typeName: "landlord_tenant_template", config: shop("1.0.0", usersTable), others: []values{shop("1.2.0", usersTable), nil}},
		{typeName: "landlord_tenant_template", others: []values{with(shop("1.0.0", teamsTable), values{"name": "other"})}},
		{typeName: "landlord_tenant", config: acme(values{"slug": "other"})},
		{typeName: "landlord_tenant", config: acme(nil), others: []values{acme(values{"name": "Other"}), acme(values{"template": "shop@1.1.0"}), acme(values{"status": "suspended"}), nil}},
		{typeName: "landlord_tenant", others: []values{acme(values{"slug": "third"})}},
		{typeName: fleetType, config: shops, others: []values{with(shops, values{"tenants": `{"t000":{},"t001":{},"t002":{}}`}), with(shops, values{"template": "shop@1.1.0"}), nil}},
		{typeName: "landlord_tenant_checkpoint", config: checkpointOf(values{"name": "kept"}), others: []values{checkpointOf(values{"name": "kept", "keepers": values{"n": "1"}}), checkpointOf(values{"name": "kept", "retention": "48h"}), nil}},
		{typeName: "landlord_tenant_checkpoint", others: []values{checkpointOf(nil)}},
		{typeName: customizationType, config: notes, others: []values{with(notes, values{"reason": "another"}), with(notes, values{"tables": values{"x_other": "CREATE TABLE x_other (id INT NOT NULL PRIMARY KEY)"}}), nil}},
		{typeName: account, config: app, others: []values{with(app, values{"role": "read_only"}), nil}},
		{typeName: "landlord_tenant_restore", others: []values{{"tenant": "acme", "checkpoint": "acme/kept", "mode": "in_place", "allow_destructive": true}, {"tenant": "acme", "checkpoint": "acme/kept"}}},
		{typeName: dataCopy, others: []values{{"source": "acme", "target": "other", "tables": []string{"users"}}}},
		{typeName: "landlord_migration_approval", others: []values{{"digest": someDigest, "tenant": "acme", "note": "r"}}},
	}
}

const someDigest = "sha256:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

// TestReplica has a replica for its endpoint, and an account that could write there: what
// there is is read, a plan that changes nothing says so, and every other one is refused
// with the server that the replica has its changes from. Nothing is written.
func TestReplica(t *testing.T) {
	t.Parallel()
	for _, kind := range mysqltest.Kinds(t) {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			pair, directory, things := mysqltest.Replicas(t, kind), t.TempDir(), replicaThings()
			c := copyingCore(t, pair.Primary.Server, directory)
			for _, thing := range things {
				if thing.config != nil {
					thing.state = c.must(thing.typeName, nil, thing.config)
				}
			}
			things[0].config = shop("1.1.0", usersTable, teamsTable)
			things[0].state = c.must(things[0].typeName, things[0].state, things[0].config)
			before := tablesOf(t, pair.Primary.Server, pair.Primary.Prefix+"acme")
			pair.CatchUp(t)
			want := []string{fmt.Sprintf("ERROR: Server is read-only\nThe server does not take changes at present: `read_only` is on, as on a replica or after a failover. It has those of `%s`.\n\n"+
				"Let `endpoint` of the provider name the primary and apply again; what was interrupted goes on where it stopped.", pair.Primary.Endpoint())}
			fresh := func() *core { return copyingCore(t, pair.Replica.Server, directory) }

			for _, thing := range things {
				if thing.config != nil {
					thing.state = fresh().settled(thing.typeName, thing.state, thing.config)
				}
			}
			for _, thing := range things {
				for _, other := range thing.others {
					refusedOnReplica(t, fresh(), thing, other, want)
				}
			}
			for action, config := range map[string]values{
				"landlord_take_checkpoint": {"tenant": "acme", "name": "x"}, "landlord_restore_tenant": {"tenant": "acme", "checkpoint": "acme/kept"},
				"landlord_approve_migration": {"digest": someDigest, "tenant": "acme"}, "landlord_control_rollout": {"fleet": "shops", "wish": "pause"},
			} {
				if diff := cmp.Diff(want, fresh().planned(action, config)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", action, diff)
				}
			}
			_, _, said := fresh().ephemeral(lentAccount, values{"tenant": "acme", "role": "application"})
			if diff := cmp.Diff(want, said); diff != "" {
				t.Errorf("%s (-want +got):\n%s", lentAccount, diff)
			}
			readOnReplica(t, fresh())
			if own := pair.Own(t); own != "" {
				t.Errorf("the replica has changes of its own: %s", own)
			}
			if after := tablesOf(t, pair.Replica.Server, pair.Primary.Prefix+"acme"); after != before {
				t.Errorf("the tenant has %s, and had %s", after, before)
			}
		})
	}
}

// refusedOnReplica plans another configuration, which says one thing.
func refusedOnReplica(t *testing.T, c *core, thing *replicaThing, other values, want []string) {
	t.Helper()
	now := thing.state
	if state, ok := now.(tftypes.Value); ok {
		now, _ = c.refresh(thing.typeName, state)
	}
	got := c.plan(thing.typeName, now, other).diagnostics
	for i := range got { // whoever makes statements for a tenant says it of the tenant's server, and a fleet of its tenants
		got[i] = strings.NewReplacer("ERROR at (server): ", "ERROR: ", "ERROR at (tenants): Fleet cannot be planned\nPlanning fleet `shops`: of 2 tenants, 2 cannot be planned, and `max_failures` is 0.\n\n"+
			"Server is read-only. 2 tenants: `t000`, `t001`. Of the first:\n\n", "ERROR: Server is read-only\n").Replace(got[i])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s to %v (-want +got):\n%s", thing.typeName, other, diff)
	}
}

// readOnReplica reads everything that can be read.
func readOnReplica(t *testing.T, c *core) {
	t.Helper()
	for typeName, config := range map[string]values{
		"landlord_tenants": {}, "landlord_fleet_drift": {"details": true}, "landlord_isolation_report": {}, "landlord_tenant_health": {}, "landlord_schema_snapshot": {"tenant": "acme"},
		"landlord_tenant_drift": {"tenant": "acme", "thorough": true}, "landlord_tenant_history": {"tenant": "acme"}, "landlord_tenant_connection": {"tenant": "acme"},
		"landlord_migration_preview": {"tenant": "acme", "template": "shop@1.0.0"},
	} {
		if _, said := c.data(typeName, config); len(said) > 0 {
			t.Errorf("%s: %s", typeName, said)
		}
	}
	names, said, _ := c.list(t.Context(), "landlord_tenant", 10, values{})
	slices.Sort(names)
	if len(said) > 0 || fmt.Sprint(names) != "[acme (Acme) other (Acme)]" {
		t.Errorf("listed are %v, %v", names, said)
	}
}
