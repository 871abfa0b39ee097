package provider_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/customization"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/drift"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/health"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/isolation"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/restore"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/tenant"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider"
)

func (f *fakeEngine) PlanCustomization(ctx context.Context, spec customization.Spec, _ *customization.PriorCustomization) (*customization.Plan, error) {
	return result(customization.Plan{Create: true}, f.call(ctx, "PlanCustomization", spec))
}

func (f *fakeEngine) PlanRemoval(ctx context.Context, _, _ string, opt customization.RemovalOptions) (*customization.Plan, error) {
	return result(customization.Plan{}, f.call(ctx, "PlanRemoval", opt))
}

func (f *fakeEngine) ApplyCustomization(ctx context.Context, spec customization.Spec, _ *customization.PriorCustomization, _ string) (*customization.Customization, error) {
	return result(customization.Customization{Tenant: spec.Tenant, Name: spec.Name, Reason: spec.Reason, Status: landlord.CustomizationActive, Patch: spec.Patch, CreatedAt: made}, f.call(ctx, "ApplyCustomization", spec))
}

func (f *fakeEngine) Customization(ctx context.Context, tenant, name string) (*customization.Customization, error) {
	return result(customization.Customization{Tenant: tenant, Name: name, Reason: "asked for", Status: landlord.CustomizationActive,
		Patch: landlord.CustomizationPatch{SQL: pagesTable}, Summary: customization.Summary{Promoted: true}, CreatedAt: made}, f.call(ctx, "Customization", name))
}

func (f *fakeEngine) RemoveCustomization(ctx context.Context, _, _ string, opt customization.RemovalOptions) error {
	return f.call(ctx, "RemoveCustomization", opt)
}

func (f *fakeEngine) PlanRestore(ctx context.Context, spec landlord.RestoreSpec) (*restore.Plan, error) {
	return result(restore.Plan{}, f.call(ctx, "PlanRestore", spec))
}

func (f *fakeEngine) Restore(ctx context.Context, spec landlord.RestoreSpec, _ string) (*restore.Restore, error) {
	return result(restore.Restore{ID: "r1", Tenant: spec.Tenant, DatabaseName: "tenant_acme_r1", Earlier: spec.Checkpoint == "twice"}, f.call(ctx, "Restore", spec))
}

func (f *fakeEngine) RestoreState(ctx context.Context, id string) (*restore.Restore, error) {
	return result(restore.Restore{ID: id, Tenant: "acme", DatabaseName: "tenant_acme_r1", Missing: true}, f.call(ctx, "RestoreState", id))
}

func (f *fakeEngine) KeepRestore(ctx context.Context, id string, _ time.Duration) error {
	return f.call(ctx, "KeepRestore", id)
}

func (f *fakeEngine) DeleteRestore(ctx context.Context, id string) error {
	return f.call(ctx, "DeleteRestore", id)
}

func (f *fakeEngine) FleetDrift(ctx context.Context, filter drift.FleetFilter) (*drift.FleetDrift, error) {
	return nil, f.call(ctx, "FleetDrift", filter)
}

func (f *fakeEngine) Health(ctx context.Context, filter health.Filter) (*health.Report, error) {
	return nil, f.call(ctx, "Health", filter)
}

func (f *fakeEngine) IsolationReport(ctx context.Context, server *string) (*isolation.Report, error) {
	return nil, f.call(ctx, "IsolationReport", server)
}

func (f *fakeEngine) Drift(ctx context.Context, slug string, _ bool) (*drift.TenantDrift, error) {
	return nil, f.call(ctx, "Drift", slug)
}

func (f *fakeEngine) History(ctx context.Context, slug string, _ landlord.HistoryOptions) (*landlord.History, error) {
	return nil, f.call(ctx, "History", slug)
}

func (f *fakeEngine) Preview(ctx context.Context, spec tenant.PreviewSpec) (*tenant.Preview, error) {
	return nil, f.call(ctx, "Preview", spec)
}

func (f *fakeEngine) Snapshot(ctx context.Context, source drift.SnapshotSource) (*drift.Snapshot, error) {
	return nil, f.call(ctx, "Snapshot", source)
}

const pagesTable = "CREATE TABLE pages (id INT NOT NULL PRIMARY KEY)"

// said compares diagnostics.
func said(t *testing.T, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}

// TestTexts_otherErrors: what the engine has no words for says what was
// attempted, and the cause.
func TestTexts_otherErrors(t *testing.T) {
	t.Parallel()
	custom := glueCase{typeName: "landlord_tenant_customization", config: values{"tenant": "acme", "name": "pages", "reason": "asked for", "sql": pagesTable},
		change: values{"sql": "CREATE TABLE leaves (id INT NOT NULL PRIMARY KEY)"}}
	restore := glueCase{typeName: "landlord_tenant_restore", config: values{"tenant": "acme", "checkpoint": "acme/before", "retention": "24h"}, change: values{"retention": "48h"}}
	cases := map[string]struct {
		object             glueCase
		verb, method, want string
	}{
		"plan a customization":     {custom, "plan", "PlanCustomization", "ERROR: Customization could not be planned\nCause: no idea"},
		"apply a customization":    {custom, "create", "ApplyCustomization", "ERROR: Customization could not be applied\nCause: no idea"},
		"read a customization":     {custom, "read", "Customization", "ERROR: Customization could not be read\nCause: no idea"},
		"change a customization":   {custom, "update", "ApplyCustomization", "ERROR: Customization could not be changed\nCause: no idea"},
		"plan a removal":           {custom, "delete", "PlanRemoval", "ERROR: Customization could not be planned\nCause: no idea"},
		"destroy a customization":  {custom, "delete", "RemoveCustomization", "ERROR: Customization could not be destroyed\nCause: no idea"},
		"plan a restore":           {restore, "plan", "PlanRestore", "ERROR: Restore could not be planned\nCause: no idea"},
		"restore":                  {restore, "create", "Restore", "ERROR: Tenant could not be restored\nCause: no idea"},
		"read a restore":           {restore, "read", "RestoreState", "ERROR: Restore could not be read\nCause: no idea"},
		"keep a restore":           {restore, "update", "KeepRestore", "ERROR: Restore could not be changed\nCause: no idea"},
		"remove a restore":         {restore, "delete", "DeleteRestore", "ERROR: Restore could not be removed\nCause: no idea"},
		"read an imported copying": {glueCase{typeName: "landlord_tenant_data_copy", config: glueCases()["data copy"].config}, "import", "DataCopyState", "ERROR: Data copy could not be read\nCause: no idea"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, fake := newFakeCore(t)
			var state any
			if test.verb == "import" {
				state, test.verb = c.importID(test.object.typeName, "7"), "read"
			} else if test.verb != "plan" && test.verb != "create" {
				state = c.must(test.object.typeName, nil, test.object.config)
			}
			fake.fail[test.method] = errors.New("no idea")
			said(t, test.object.run(c, test.verb, state), test.want)
		})
	}
}

func TestTexts_dataSources(t *testing.T) {
	t.Parallel()
	c, fake := newFakeCore(t)
	for _, method := range []string{"FleetDrift", "IsolationReport", "Health", "Drift", "History", "Preview", "Snapshot", "Tenants"} {
		fake.fail[method] = errors.New("no idea")
	}
	for typeName, test := range map[string]struct {
		config values
		want   string
	}{
		"landlord_fleet_drift":       {values{}, "ERROR: Tenants could not be compared\nCause: no idea"},
		"landlord_tenant_health":     {values{}, "ERROR: Health of tenants could not be looked at\nCause: no idea"},
		"landlord_isolation_report":  {values{}, "ERROR: Isolation of tenants could not be looked at\nCause: no idea"},
		"landlord_tenant_drift":      {values{"tenant": "acme"}, "ERROR: Tenant could not be compared\nCause: no idea"},
		"landlord_tenant_history":    {values{"tenant": "acme"}, "ERROR: History could not be read\nCause: no idea"},
		"landlord_migration_preview": {values{"tenant": "acme", "template": "shop@1.0.0"}, "ERROR: Migration could not be previewed\nCause: no idea"},
		"landlord_schema_snapshot":   {values{"tenant": "acme"}, "ERROR: Snapshot could not be taken\nCause: no idea"},
		"landlord_tenants":           {values{}, "ERROR: Tenants could not be listed\nCause: no idea"},
	} {
		_, got := c.data(typeName, test.config)
		said(t, got, test.want)
	}
	_, got, _ := c.list(t.Context(), "landlord_tenant", 10, values{})
	said(t, got, "ERROR: Tenants could not be listed\nCause: no idea")
}

// TestTexts_ended tells a run that was asked to end from one that ran out of time.
func TestTexts_ended(t *testing.T) {
	t.Parallel()
	g := glueCases()["tenant"]
	for err, want := range map[error]string{
		context.Canceled: "ERROR: Interrupted\nThe run was asked to end. What was done is recorded: the next apply goes on from there.",
		context.DeadlineExceeded: "ERROR at (timeouts): Operation took longer than its timeout\nCause: context deadline exceeded\n\n" +
			"What was done is recorded: the next apply goes on from there. Give it more time with `timeouts`.",
	} {
		c, fake := newFakeCore(t)
		fake.fail["CreateTenant"] = err
		said(t, g.run(c, "create", nil), want)
	}
}

// TestTexts_objects shows what the provider itself has to say of its objects.
func TestTexts_objects(t *testing.T) {
	t.Parallel()
	c, fake := newFakeCore(t)
	config := values{"tenant": "acme", "name": "pages", "reason": "asked for", "sql": pagesTable}
	state := c.must("landlord_tenant_customization", nil, config)
	_, got := c.refresh("landlord_tenant_customization", state)
	said(t, got, "WARNING: Customization is part of the template now\n"+
		"The template of tenant `acme` has everything that customization `pages` makes. It can be removed, which changes nothing in the database.")
	fake.fail["PlanRemoval"] = &landlord.Problem{Summary: "Object is still needed", Detail: []string{"View `v` names it.", "Remove the view."}}
	said(t, c.plan("landlord_tenant_customization", state, nil).diagnostics, "WARNING: Customization cannot be destroyed as it stands\n"+
		"The plan destroys the customization `acme/pages`, which the apply will refuse: Object is still needed.\n\nView `v` names it.\n\nRemove the view.")

	checkpoint := c.must("landlord_tenant_checkpoint", nil, glueCases()["checkpoint"].config)
	fake.fail["Checkpoint"] = landlord.ErrNotFound
	_, got = c.refresh("landlord_tenant_checkpoint", checkpoint)
	said(t, got, "WARNING at (name): Checkpoint is gone\nThe landlord database knows no checkpoint `before` of tenant `acme` any more. The plan takes a new one, of what the tenant is now.")

	for typeName, test := range map[string]struct{ id, want string }{
		"landlord_tenant_customization": {"acme", "ERROR: Customization cannot be named so\n`acme` is no customization: write the slug of the tenant and the name, as `tenant/name`."},
		"landlord_tenant_checkpoint":    {"acme", "ERROR: Checkpoint to import cannot be read\n`acme` is not `tenant/name`, for example `acme/before-2.0`."},
	} {
		resp, err := c.server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: typeName, ID: test.id})
		must(t, err)
		said(t, writeAll(resp.Diagnostics), test.want)
	}
	said(t, c.validate("landlord_migration_approval", values{"digest": "abc"}),
		"ERROR at (digest): Digest cannot be used\n`abc` is no digest of a migration: it is `sha256:` and 64 hexadecimal digits.")
}

// TestTexts_provider shows what the provider has to say of itself.
func TestTexts_provider(t *testing.T) {
	t.Parallel()
	p := provider.NewWith("test", func(string) string { return "" }, func(landlord.Config) (provider.Engine, error) { return nil, errors.New("no idea") })
	said(t, newCoreOf(t, p).configure(values{}), "ERROR: Provider configuration cannot be used\nCause: no idea")

	object, ok := p.Resources(t.Context())[0]().(resource.ResourceWithConfigure)
	if !ok {
		t.Fatal("a resource takes no session")
	}
	var resp resource.ConfigureResponse
	object.Configure(t.Context(), resource.ConfigureRequest{ProviderData: 7}, &resp)
	if len(resp.Diagnostics) != 1 {
		t.Fatal(resp.Diagnostics)
	}
	said(t, []string{resp.Diagnostics[0].Summary() + "\n" + resp.Diagnostics[0].Detail()}, "Provider handed over unexpected data\n"+
		"A value of type int came where the provider's own session was expected. Please report this: it is a bug in the provider.")
}
