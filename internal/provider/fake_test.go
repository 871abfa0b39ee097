package provider_test

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/datacopy"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/fleet"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/tenant"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider"
)

// fakeEngine answers what a test wants, so that translating is tested without a
// server: every call is noted, fails when the test says so, and else returns the
// least that an engine would. What a test does not expect panics.
type fakeEngine struct {
	provider.Engine

	mu    sync.Mutex
	calls []string
	fail  map[string]error // by method

	notes []landlord.Note // of every plan
	spec  any             // of the last call
	open  bool            // its context had a deadline

	beside bool // an account that is read has others beside it

	drift   []landlord.Difference // of every tenant that is read with its standing
	planned *apply.TenantPlan     // of every tenant, unless it is nil
	after   landlord.UpdateStatus // of every tenant that was updated; empty for current
}

// made is when everything was made that a fake engine tells of.
var made = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// newFakeCore starts a provider on a fake engine.
func newFakeCore(t *testing.T) (*core, *fakeEngine) {
	t.Helper()
	fake := &fakeEngine{fail: map[string]error{}}
	c := newCoreOf(t, provider.NewWith("test", func(string) string { return "" }, func(landlord.Config) (provider.Engine, error) { return fake, nil }))
	if diagnostics := c.configure(values{}); len(diagnostics) > 0 {
		t.Fatal(diagnostics)
	}
	return c, fake
}

// TakesWrites says that the server does.
func (f *fakeEngine) TakesWrites(context.Context) error { return nil }

// call notes a call and returns what the test has it fail with.
func (f *fakeEngine) call(ctx context.Context, method string, spec any) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, method)
	f.spec = spec
	_, f.open = ctx.Deadline()
	return f.fail[method]
}

// taken returns the calls since the last time.
func (f *fakeEngine) taken() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	calls := f.calls
	f.calls = nil
	return calls
}

// result returns a value or the error of a call.
func result[T any](value T, err error) (*T, error) {
	if err != nil {
		return nil, err
	}
	return &value, nil
}

func (f *fakeEngine) Close() error { return nil }

func (f *fakeEngine) Refresh() {}

func (f *fakeEngine) Announce() {}

func (f *fakeEngine) PlanApproval(landlord.Approval) {}

func (f *fakeEngine) PlanTenant(ctx context.Context, spec landlord.TenantSpec, prior *landlord.PriorTenant) (*apply.TenantPlan, error) {
	if f.planned != nil {
		return f.planned, f.call(ctx, "PlanTenant", spec)
	}
	return result(apply.TenantPlan{
		Create: prior == nil, DatabaseName: "tenant_" + spec.Slug, Template: spec.Template, UpdateStatus: landlord.UpdateCurrent,
		Fingerprint: "f1", Notes: f.notes,
	}, f.call(ctx, "PlanTenant", spec))
}

func (f *fakeEngine) PlanDelete(ctx context.Context, slug string, _ landlord.DeleteOptions) error {
	return f.call(ctx, "PlanDelete", slug)
}

func fakeTenant(spec landlord.TenantSpec) landlord.Tenant {
	return landlord.Tenant{
		Slug: spec.Slug, Name: spec.Name, DatabaseName: "tenant_" + spec.Slug, Status: spec.Status, Metadata: spec.Metadata, Template: spec.Template,
		Modules: spec.Modules, UpdateStatus: landlord.UpdateCurrent, SchemaFingerprint: "f1", BaseFingerprint: "f1", CreatedAt: made, Registered: true,
	}
}

func (f *fakeEngine) CreateTenant(ctx context.Context, spec landlord.TenantSpec, _ string) (*landlord.Tenant, error) {
	return result(fakeTenant(spec), f.call(ctx, "CreateTenant", spec))
}

func (f *fakeEngine) UpdateTenant(ctx context.Context, spec landlord.TenantSpec, _ landlord.PriorTenant, _ string) (*landlord.Tenant, error) {
	updated := fakeTenant(spec)
	updated.UpdateStatus = cmp.Or(f.after, updated.UpdateStatus)
	return result(updated, f.call(ctx, "UpdateTenant", spec))
}

func (f *fakeEngine) RestoreAsPlanned(context.Context, landlord.RestoreSpec, string) error {
	return nil
}

func (f *fakeEngine) FindingsSeen(context.Context, ...string) (string, error) { return "", nil }

func (f *fakeEngine) ReadTenant(ctx context.Context, slug string, _ landlord.PriorTenant) (*landlord.Tenant, error) {
	return result(fakeTenant(landlord.TenantSpec{Slug: slug, Name: "Acme", Template: "basic@1.0.0", Status: landlord.StatusActive}), f.call(ctx, "ReadTenant", slug))
}

func (f *fakeEngine) DeleteTenant(ctx context.Context, _ string, opt landlord.DeleteOptions) error {
	return f.call(ctx, "DeleteTenant", opt)
}

func (f *fakeEngine) PlanFleet(ctx context.Context, spec fleet.Spec, _ *fleet.Prior) (*fleet.Plan, error) {
	return result(fleet.Plan{Digest: "d1", Notes: f.notes}, f.call(ctx, "PlanFleet", spec))
}

func (f *fakeEngine) ApplyFleet(ctx context.Context, spec fleet.Spec, _ *fleet.Prior, _ string) (*fleet.Applied, error) {
	return result(fleet.Applied{State: fleet.State{Fingerprint: "f1"}}, f.call(ctx, "ApplyFleet", spec))
}

func (f *fakeEngine) KnownFleet(ctx context.Context, name string) (*fleet.Spec, error) {
	return result(fleet.Spec{Name: name, Template: "basic@1.0.0", Members: []fleet.Member{{Slug: "acme", Name: "acme"}}}, f.call(ctx, "KnownFleet", name))
}

func (f *fakeEngine) FleetState(ctx context.Context, spec fleet.Spec, _ []fleet.Result) (*fleet.State, error) {
	return result(fleet.State{Fingerprint: "f1"}, f.call(ctx, "FleetState", spec))
}

func (f *fakeEngine) Tenants(ctx context.Context, filter tenant.Filter) ([]landlord.Tenant, error) {
	return nil, f.call(ctx, "Tenants", filter)
}

func fakeVersion(spec landlord.TemplateSpec) landlord.TemplateVersion {
	return landlord.TemplateVersion{
		ID: spec.Name + "@" + spec.Version, Name: spec.Name, Version: spec.Version, Checksum: "c1", SchemaFingerprint: "f1",
		DatabaseName: "tenant_template_" + spec.Name, PublishedVersions: []string{spec.Version},
	}
}

func (f *fakeEngine) PlanTemplate(ctx context.Context, spec landlord.TemplateSpec) (*landlord.TemplateVersion, error) {
	v := fakeVersion(spec)
	v.Notes = f.notes
	return result(v, f.call(ctx, "PlanTemplate", spec))
}

func (f *fakeEngine) PublishTemplate(ctx context.Context, spec landlord.TemplateSpec) (*landlord.TemplateVersion, error) {
	v := fakeVersion(spec)
	v.Published = true
	return result(v, f.call(ctx, "PublishTemplate", spec))
}

func (f *fakeEngine) Template(ctx context.Context, id string) (*landlord.TemplateVersion, error) {
	v := fakeVersion(landlord.TemplateSpec{Name: "shop", Version: "1.0.0"})
	v.Published = true
	return result(v, f.call(ctx, "Template", id))
}

func (f *fakeEngine) PublishedSpec(ctx context.Context, id string) (landlord.TemplateSpec, error) {
	return landlord.TemplateSpec{Name: "shop", Version: "1.0.0"}, f.call(ctx, "PublishedSpec", id)
}

func (f *fakeEngine) NewestTemplate(ctx context.Context, name string) (string, error) {
	return name + "@1.0.0", f.call(ctx, "NewestTemplate", name)
}

func (f *fakeEngine) DeleteTemplate(ctx context.Context, name string) error {
	return f.call(ctx, "DeleteTemplate", name)
}

func (f *fakeEngine) PlanCheckpoint(ctx context.Context, spec checkpointing.Spec) ([]landlord.Note, error) {
	return f.notes, f.call(ctx, "PlanCheckpoint", spec)
}

func fakeCheckpoint(tenant, name string) landlord.Checkpoint {
	return landlord.Checkpoint{
		Tenant: tenant, Name: name, Contents: landlord.CheckpointData, Status: landlord.CheckpointReady, SchemaFingerprint: "f1", Template: "basic@1.0.0",
		Position: "gtid", Rows: 3, SizeBytes: 4, Checksum: "c1", Location: "/backups/x", CreatedAt: made,
	}
}

func (f *fakeEngine) TakeCheckpoint(ctx context.Context, spec checkpointing.Spec) (*landlord.Checkpoint, error) {
	return result(fakeCheckpoint(spec.Tenant, spec.Name), f.call(ctx, "TakeCheckpoint", spec))
}

func (f *fakeEngine) RetakeCheckpoint(ctx context.Context, spec checkpointing.Spec) (*landlord.Checkpoint, error) {
	return result(fakeCheckpoint(spec.Tenant, spec.Name), f.call(ctx, "RetakeCheckpoint", spec))
}

func (f *fakeEngine) Checkpoint(ctx context.Context, tenant, name string) (*landlord.Checkpoint, error) {
	return result(fakeCheckpoint(tenant, name), f.call(ctx, "Checkpoint", name))
}

func (f *fakeEngine) DeleteCheckpoint(ctx context.Context, _, name string) ([]landlord.Note, error) {
	return nil, f.call(ctx, "DeleteCheckpoint", name)
}

func (f *fakeEngine) Approve(ctx context.Context, a landlord.Approval, _ bool, _ landlord.NewEvent) (*landlord.Approval, error) {
	a.ApprovedBy, a.CreatedAt = "somebody", made
	return result(a, f.call(ctx, "Approve", a))
}

func (f *fakeEngine) Approval(ctx context.Context, digest, tenant string) (*landlord.Approval, error) {
	return result(landlord.Approval{Digest: digest, Tenant: tenant, ApprovedBy: "somebody", CreatedAt: made}, f.call(ctx, "Approval", digest))
}

func (f *fakeEngine) Withdraw(ctx context.Context, withdrawn []landlord.Approval, _ landlord.NewEvent) (int, error) {
	err := f.call(ctx, "Withdraw", withdrawn[0].Digest)
	if errors.Is(err, landlord.ErrNotFound) {
		return 0, nil
	}
	return len(withdrawn), err
}

func (f *fakeEngine) PlanDataCopy(ctx context.Context, spec landlord.DataCopySpec) (*datacopy.Plan, error) {
	return result(datacopy.Plan{Notes: f.notes}, f.call(ctx, "PlanDataCopy", spec))
}

func (f *fakeEngine) CopyData(ctx context.Context, spec landlord.DataCopySpec) (*landlord.DataCopy, error) {
	return result(landlord.DataCopy{ID: spec.Target + "/1", Spec: spec, Rows: 5, Checksum: "c1", FinishedAt: made}, f.call(ctx, "CopyData", spec))
}

func (f *fakeEngine) DataCopyState(ctx context.Context, id string) (*landlord.DataCopy, error) {
	spec := landlord.DataCopySpec{Source: "acme", Target: "beta", Tables: []string{"orders"}}
	return result(landlord.DataCopy{ID: id, Spec: spec, Rows: 5, Checksum: "c1", FinishedAt: made}, f.call(ctx, "DataCopyState", id))
}

func (f *fakeEngine) ForgetDataCopy(ctx context.Context, id string) error {
	return f.call(ctx, "ForgetDataCopy", id)
}

func (f *fakeEngine) PlanAccount(ctx context.Context, spec landlord.TenantAccountSpec, _ string) (*landlord.AccountPlan, error) {
	return result(landlord.AccountPlan{Name: "tenant_acme_app", Statements: []string{"ALTER USER x " + string(spec.Role)}, Notes: f.notes}, f.call(ctx, "PlanAccount", spec))
}

func fakeAccount(spec landlord.TenantAccountSpec) landlord.TenantAccount {
	return landlord.TenantAccount{
		Tenant: spec.Tenant, Name: "tenant_acme_app", Database: "tenant_acme", Hosts: spec.Hosts, Role: spec.Role, Status: landlord.AccountReady, Fingerprint: "f1", CreatedAt: made,
	}
}

func (f *fakeEngine) ApplyAccount(ctx context.Context, spec landlord.TenantAccountSpec, _ string, _ []string) (*landlord.TenantAccount, error) {
	return result(fakeAccount(spec), f.call(ctx, "ApplyAccount", spec))
}

func (f *fakeEngine) Account(ctx context.Context, tenant, name string) (*landlord.TenantAccount, error) {
	a := fakeAccount(landlord.TenantAccountSpec{Tenant: tenant, Hosts: []string{"%"}, Role: landlord.RoleApplication})
	if f.beside {
		a.OtherHosts = []string{"10.%"}
	}
	return result(a, f.call(ctx, "Account", name))
}

func (f *fakeEngine) RemoveAccount(ctx context.Context, _, name string) error {
	return f.call(ctx, "RemoveAccount", name)
}

func (f *fakeEngine) OpenCredentials(ctx context.Context, spec landlord.CredentialsSpec) (*landlord.Credentials, error) {
	return result(landlord.Credentials{
		Tenant: spec.Tenant, Server: "eu", Username: "landlord_cred_1", Password: "hunter2hunter2", Database: "tenant_acme",
		Reach: mysql.Reach{Host: "db.example.com", Port: 3307}, RequireTLS: spec.RequireTLS, ExpiresAt: made,
	}, f.call(ctx, "OpenCredentials", spec))
}

func (f *fakeEngine) RenewCredentials(ctx context.Context, server, name string, life time.Duration) error {
	return f.call(ctx, "RenewCredentials", []any{server, name, life})
}

func (f *fakeEngine) CloseCredentials(ctx context.Context, tenant, name string) error {
	return f.call(ctx, "CloseCredentials", []any{tenant, name})
}

func (f *fakeEngine) Connections(ctx context.Context, slugs []string) ([]landlord.Connection, error) {
	return []landlord.Connection{
		{Tenant: "acme", Status: landlord.StatusActive, Database: "tenant_acme", Reach: mysql.Reach{Host: "db.example.com", Port: 3307}, TLS: mysql.TLSRequired, Accounts: []landlord.ConnectionAccount{
			{Name: "tenant_acme_app", Role: landlord.RoleApplication, Hosts: []string{"%"}, RequireTLS: true, DSN: "tenant_acme_app@tcp(db.example.com:3307)/tenant_acme?tls=true"}}},
	}, f.call(ctx, "Connections", slugs)
}

// Records lists nothing.
func (f *fakeEngine) Records(ctx context.Context, kind landlord.RecordKind, _ string) ([]landlord.Record, error) {
	return nil, f.call(ctx, "Records", kind)
}

func (f *fakeEngine) StandingTenant(ctx context.Context, slug string) (*landlord.Tenant, error) {
	return result(landlord.Tenant{Slug: slug, Registered: true, UpdateStatus: landlord.UpdateCurrent, Drift: f.drift}, f.call(ctx, "StandingTenant", slug))
}

func (f *fakeEngine) RestoreOfItsOwn(ctx context.Context, spec landlord.RestoreSpec) (landlord.RestoreSpec, error) {
	return spec, f.call(ctx, "RestoreOfItsOwn", spec)
}

func (f *fakeEngine) AskRollout(ctx context.Context, fleet string, wish landlord.RolloutWish, _, _ string) (string, error) {
	return fleet, f.call(ctx, "AskRollout", wish)
}

func (f *fakeEngine) Watch(ctx context.Context, fleet string) (*landlord.RolloutProgress, error) {
	return &landlord.RolloutProgress{Fleet: fleet, Status: "halted"}, f.call(ctx, "Watch", fleet)
}

func (f *fakeEngine) ClaimTenant(ctx context.Context, _, slug, _ string, _ map[string]string) (string, error) {
	return "tenant_" + slug, f.call(ctx, "ClaimTenant", slug)
}
