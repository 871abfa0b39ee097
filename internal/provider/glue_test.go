package provider_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// glueCase is an object that a fake engine can make, and how it fails.
type glueCase struct {
	typeName string
	config   values
	change   values // of the configuration, for an update
	verbs    map[string]string
	field    landlord.Field // of the problems
	at       string         // where they are shown
	failed   map[string]string
}

// plan, create, read, update and delete of each resource, by the engine's method.
func glueCases() map[string]glueCase {
	return map[string]glueCase{
		"tenant": {
			typeName: "landlord_tenant", config: values{"slug": "acme", "name": "Acme", "template": "basic@1.0.0", "deletion_policy": "archive"}, change: values{"name": "Acme Corp"},
			verbs: map[string]string{"plan": "PlanTenant", "create": "CreateTenant", "read": "ReadTenant", "update": "UpdateTenant", "delete": "DeleteTenant"},
			field: landlord.FieldTemplate, at: " at (template)",
			failed: map[string]string{
				"plan": "Tenant could not be planned", "create": "Tenant could not be created", "read": "Tenant could not be read",
				"update": "Tenant could not be changed", "delete": "Tenant could not be destroyed",
			},
		},
		"fleet": {
			typeName: "landlord_tenant_fleet", config: values{"name": "shops", "template": "basic@1.0.0", "tenants": `{"acme": {}}`, "deletion_policy": "archive"}, change: values{"template": "basic@1.1.0"},
			verbs: map[string]string{"plan": "PlanFleet", "create": "ApplyFleet", "read": "FleetState", "update": "ApplyFleet", "delete": "ApplyFleet"},
			field: landlord.FieldTemplate, at: " at (template)",
			failed: map[string]string{
				"plan": "Fleet could not be planned", "create": "Fleet could not be changed", "read": "Fleet could not be read",
				"update": "Fleet could not be changed", "delete": "Fleet could not be destroyed",
			},
		},
		"template": {
			typeName: "landlord_tenant_template", config: values{"name": "shop", "version": "1.0.0", "core": values{"a.sql": "CREATE TABLE t (id INT)"}},
			verbs: map[string]string{"plan": "PlanTemplate", "create": "PublishTemplate", "read": "Template", "delete": "DeleteTemplate"},
			field: landlord.FieldVersion, at: " at (version)",
			failed: map[string]string{
				"plan": "Template could not be planned", "create": "Template could not be published", "read": "Template could not be read",
				"delete": "Template could not be destroyed",
			},
		},
		"checkpoint": {
			typeName: "landlord_tenant_checkpoint", config: values{"tenant": "acme", "name": "before", "contents": "data"}, change: values{"keepers": values{"n": "1"}},
			verbs: map[string]string{"plan": "PlanCheckpoint", "create": "TakeCheckpoint", "read": "Checkpoint", "update": "RetakeCheckpoint", "delete": "DeleteCheckpoint"},
			field: landlord.FieldName, at: " at (name)",
			failed: map[string]string{
				"plan": "Checkpoint could not be planned", "create": "Checkpoint could not be taken", "read": "Checkpoint could not be read",
				"update": "Checkpoint could not be changed", "delete": "Checkpoint could not be removed",
			},
		},
		"approval": {
			typeName: "landlord_migration_approval", config: values{"digest": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"},
			verbs: map[string]string{"create": "Approve", "read": "Approval", "delete": "Withdraw"},
			field: landlord.FieldDigest, at: " at (digest)",
			failed: map[string]string{
				"create": "Migration could not be approved", "read": "Approval could not be read", "delete": "Approval could not be withdrawn",
			},
		},
		"account": {
			typeName: "landlord_tenant_account", config: values{"tenant": "acme", "role": "application", "password_wo": "hunter2hunter2", "password_wo_version": 1}, change: values{"role": "read_only"},
			verbs: map[string]string{"plan": "PlanAccount", "create": "ApplyAccount", "read": "Account", "update": "ApplyAccount", "delete": "RemoveAccount"},
			field: landlord.FieldName, at: " at (name)",
			failed: map[string]string{
				"plan": "Account could not be planned", "create": "Account could not be applied", "read": "Account could not be read",
				"update": "Account could not be applied", "delete": "Account could not be removed",
			},
		},
		"data copy": {
			typeName: "landlord_tenant_data_copy", config: values{"source": "acme", "target": "beta", "tables": []string{"orders"}},
			// A copy that is known was made: a refresh asks nothing.
			verbs: map[string]string{"plan": "PlanDataCopy", "create": "CopyData", "delete": "ForgetDataCopy"},
			field: landlord.FieldTables, at: " at (tables)",
			failed: map[string]string{
				"plan": "Data copy could not be planned", "create": "Rows could not be copied",
				"delete": "Data copy could not be forgotten",
			},
		},
	}
}

func (g glueCase) changed() values {
	out := values{}
	for name, v := range g.config {
		out[name] = v
	}
	for name, v := range g.change {
		out[name] = v
	}
	return out
}

// run performs a verb on an object and returns what is said.
func (g glueCase) run(c *core, verb string, state any) []string {
	c.configureAgain() // each is a run of its own
	switch verb {
	case "plan":
		return c.plan(g.typeName, nil, g.config).diagnostics
	case "create":
		_, diagnostics := c.run(g.typeName, nil, g.config)
		return diagnostics
	case "read":
		_, diagnostics := c.refresh(g.typeName, state)
		return diagnostics
	case "update":
		_, diagnostics := c.run(g.typeName, state, g.changed())
		return diagnostics
	}
	_, diagnostics := c.run(g.typeName, state, nil)
	return diagnostics
}

// TestGlue_problems has every verb of every resource refused by the engine: the
// words are the engine's, at the attribute that can cure it.
func TestGlue_problems(t *testing.T) {
	t.Parallel()
	for name, g := range glueCases() {
		for verb, method := range g.verbs {
			t.Run(name+" "+verb, func(t *testing.T) {
				t.Parallel()
				c, fake := newFakeCore(t)
				var state any
				if verb != "plan" && verb != "create" {
					state = c.must(g.typeName, nil, g.config)
				}
				fake.fail[method] = fmt.Errorf("on the way: %w", &landlord.Problem{Field: g.field, Summary: "Refused", Detail: []string{"It is so.", "Do this."}})
				want := []string{"ERROR" + g.at + ": Refused\nIt is so.\n\nDo this."}
				if diff := cmp.Diff(want, g.run(c, verb, state)); diff != "" {
					t.Errorf("a problem (-want +got):\n%s", diff)
				}
				fake.fail[method] = &landlord.Problem{Field: "nowhere", Summary: "Refused", Detail: []string{"It is so."}}
				if diff := cmp.Diff([]string{"ERROR: Refused\nIt is so."}, g.run(c, verb, state)); diff != "" {
					t.Errorf("a problem with an attribute that is none (-want +got):\n%s", diff)
				}
				fake.fail[method] = errors.New("no idea")
				if diff := cmp.Diff([]string{"ERROR: " + g.failed[verb] + "\nCause: no idea"}, g.run(c, verb, state)); diff != "" {
					t.Errorf("another error (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// TestGlue_gone has every object vanish behind Terraform's back.
func TestGlue_gone(t *testing.T) {
	t.Parallel()
	for name, g := range glueCases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "fleet" {
				t.Skip("a fleet is not gone with a tenant: TestFleet_life has one vanish")
			}
			c, fake := newFakeCore(t)
			state := c.must(g.typeName, nil, g.config)
			fake.fail[g.verbs["read"]], fake.fail[g.verbs["delete"]] = landlord.ErrNotFound, landlord.ErrNotFound
			after, diagnostics := c.refresh(g.typeName, state)
			_, reads := g.verbs["read"]
			if forgets := reads && g.typeName != "landlord_tenant_template"; forgets != (after == nil) || hasErrors(diagnostics) { // a template is published anew
				t.Errorf("reading what is gone gave %v and %v, want nothing in the state", after, diagnostics)
			}
			if after, diagnostics := c.run(g.typeName, state, nil); after != nil || hasErrors(diagnostics) {
				t.Errorf("deleting what is gone gave %v and %v, want success", after, diagnostics)
			}
		})
	}
}

// TestGlue_failedCreate leaves nothing in the state: a saved half would be
// tainted, and the next plan would drop the database.
func TestGlue_failedCreate(t *testing.T) {
	t.Parallel()
	for name, g := range glueCases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, fake := newFakeCore(t)
			fake.fail[g.verbs["create"]] = errors.New("no idea")
			if after, _ := c.run(g.typeName, nil, g.config); after != nil {
				t.Errorf("a failed create left %v", after)
			}
		})
	}
}

// TestGlue_deadlines says that whatever changes something has a deadline.
func TestGlue_deadlines(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"tenant", "checkpoint", "data copy"} {
		g := glueCases()[name]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, fake := newFakeCore(t)
			c.must(g.typeName, nil, g.config)
			if calls := fake.taken(); calls[len(calls)-1] != g.verbs["create"] || !fake.open {
				t.Errorf("calls %v, the last one with a deadline: %v", calls, fake.open)
			}
		})
	}
}

// TestGlue_notes shows what a plan has to say: warnings and failures, each where
// it belongs, and a failure keeps the plan from being applied.
func TestGlue_notes(t *testing.T) {
	t.Parallel()
	c, fake := newFakeCore(t)
	fake.notes = []landlord.Note{
		{Severity: landlord.Warning, Field: landlord.FieldTemplate, Summary: "Careful", Detail: "A table is copied."},
		{Severity: landlord.Warning, Summary: "By the way", Detail: "It is late."},
	}
	g := glueCases()["tenant"]
	want := []string{"WARNING at (template): Careful\nA table is copied.", "WARNING: By the way\nIt is late."}
	if diff := cmp.Diff(want, g.run(c, "plan", nil)); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	fake.notes = []landlord.Note{{Severity: landlord.Failure, Field: landlord.FieldResolutions, Summary: "Conflict", Detail: "Decide."}}
	fake.taken()
	if diff := cmp.Diff([]string{"ERROR at (resolutions): Conflict\nDecide."}, g.run(c, "create", nil)); diff != "" {
		t.Errorf("a failure (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"PlanTenant"}, fake.taken()); diff != "" {
		t.Errorf("calls after a plan that failed (-want +got):\n%s", diff)
	}
}

// TestGlue_tenantSpec shows what the engine is asked for.
func TestGlue_tenantSpec(t *testing.T) {
	t.Parallel()
	c, fake := newFakeCore(t)
	c.must("landlord_tenant", nil, values{
		"slug": "acme", "name": "Acme", "template": "basic@1.0.0", "modules": []string{"crm"}, "metadata": values{"tier": "gold"},
		"update_policy": "review", "drift_policy": "fail", "destructive_mode": "drop", "allow_destructive": true, "retention": "48h", "probe_data": false,
	})
	want := landlord.TenantSpec{
		Slug: "acme", Name: "Acme", Template: "basic@1.0.0", Modules: []string{"crm"}, Metadata: map[string]string{"tier": "gold"}, Status: landlord.StatusActive,
		UpdatePolicy: landlord.UpdateReview, DriftPolicy: landlord.DriftFail, DestructiveMode: landlord.Drop, AllowDestructive: true,
		Retention: 48 * 3600e9, SkipProbes: true, Automatic: landlord.AutomaticDefault, DeletionPolicy: landlord.DeletionProtect,
		Database: "tenant_acme", // as planned
	}
	if diff := cmp.Diff(want, fake.spec); diff != "" {
		t.Errorf("the engine was asked for something else (-want +got):\n%s", diff)
	}
}
