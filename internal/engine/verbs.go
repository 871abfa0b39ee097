package engine

import (
	"context"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/adopt"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/customization"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/datacopy"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/drift"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/fleet"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/health"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/isolation"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/overview"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/restore"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/survey"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/tenant"
)

// ApplyCustomization brings a tenant to what a specification wants, by exactly
// the planned statements. The digest is the planned one; empty accepts whatever
// there is to do. Every statement is recorded before it runs; a run killed
// anywhere goes on where it stopped. Errors are Problems.
func (e *Engine) ApplyCustomization(ctx context.Context, spec customization.Spec, prior *customization.PriorCustomization, digest string) (*customization.Customization, error) {
	return e.customizations.ApplyCustomization(ctx, spec, prior, digest)
}

// Adoption takes the databases apart that a filter chooses and no tenant has: the
// versions of a template that they follow, and what each has beside its version. It
// sends no statement that writes. The server, the prefix and the slugs of the options
// are set here. Errors are Problems.
func (e *Engine) Adoption(ctx context.Context, filter survey.Filter, opt adopt.Options) (*adopt.Plan, error) {
	found, err := e.surveys.Read(ctx, filter)
	if err != nil {
		return nil, err
	}
	opt.Prefix, opt.Taken, opt.Server = e.cfg.Prefix, found.Slugs, found.Server
	judging := found.Server
	judging.Others = e.servers.Others
	opt.Judge = func(patch landlord.CustomizationPatch, database string) error {
		return customization.CheckPatch(patch, judging, database)
	}
	return adopt.Find(found.Databases, opt)
}

// Approval returns an approval, whether it still holds or not. ErrNotFound when
// there is none.
func (e *Engine) Approval(ctx context.Context, digest string, tenant string) (*landlord.Approval, error) {
	return e.approvals.Read(ctx, digest, tenant)
}

// Approve gives an approval, or changes one when renew says so, and records the event
// with it. Approving again in the same words what is approved changes nothing. Errors
// are Problems.
func (e *Engine) Approve(ctx context.Context, a landlord.Approval, renew bool, told landlord.NewEvent) (*landlord.Approval, error) {
	return e.approvals.Give(ctx, a, renew, told)
}

// Approvals returns all approvals, the newest first. Errors are Problems.
func (e *Engine) Approvals(ctx context.Context) ([]landlord.Approval, error) {
	return e.overview.Approvals(ctx)
}

// Overview returns what one look at the estate knows, in a constant number of
// statements a server. Errors are Problems.
func (e *Engine) Overview(ctx context.Context) (*overview.Estate, error) {
	return e.overview.Read(ctx)
}

// Rollouts returns the newest rollout of each fleet, by fleet. Errors are
// Problems.
func (e *Engine) Rollouts(ctx context.Context) ([]overview.Rollout, error) {
	return e.overview.Rollouts(ctx)
}

// TenantAccounts returns the accounts that the landlord made for a tenant, by
// name. Errors are Problems.
func (e *Engine) TenantAccounts(ctx context.Context, slug string) ([]overview.Account, error) {
	return e.overview.Accounts(ctx, slug)
}

// Record records what a person did with tenants. Errors are Problems.
func (e *Engine) Record(ctx context.Context, slugs []string, event, author string, detail map[string]string) error {
	return e.tenants.Record(ctx, slugs, event, author, detail)
}

// Events returns the newest events of one kind, of all tenants. Errors are
// Problems.
func (e *Engine) Events(ctx context.Context, event string, limit int) ([]landlord.PastEvent, error) {
	return e.overview.Events(ctx, event, limit)
}

// PlanApproval makes known that the run gives an approval, so that the plans of
// tenants that come after it say so.
func (e *Engine) PlanApproval(a landlord.Approval) { e.estate.Run.Approve(a) }

// Refresh makes known that the run refreshes what Terraform has, as a plan does
// and an apply does not.
func (e *Engine) Refresh() { e.estate.Run.Refresh() }

// Checkpoint returns a checkpoint, after a look at its files. ErrNotFound when
// the landlord database does not know it.
func (e *Engine) Checkpoint(ctx context.Context, tenant string, name string) (*landlord.Checkpoint, error) {
	return e.checkpoints.Checkpoint(ctx, tenant, name)
}

// CopyData copies rows of one tenant into another. A run that was cut off
// anywhere is taken up by the next one with the same specification; a copy that
// was finished a short time ago is not made again. Errors are Problems.
func (e *Engine) CopyData(ctx context.Context, spec landlord.DataCopySpec) (*landlord.DataCopy, error) {
	return e.copies.CopyData(ctx, spec)
}

// CreateTenant makes a tenant database, or completes one whose creation was
// interrupted. The digest is the planned one; empty accepts whatever there is
// to do. The ledger records the intent first and the result, with the seeds, in
// one transaction, so that a run killed anywhere goes on where it stopped and
// seeds go in exactly once. Errors are Problems.
func (e *Engine) CreateTenant(ctx context.Context, spec landlord.TenantSpec, digest string) (*landlord.Tenant, error) {
	tenant, err := e.tenants.CreateTenant(ctx, spec, digest)
	if err == nil {
		e.changed.add(spec.Slug, e.cfg.Now())
	}
	return tenant, err //nolint:wrapcheck // it is in the words of the interface
}

// Customization returns a customization as the landlord database and the
// tenant's server have it. ErrNotFound when the landlord database does not know
// it, or its tenant.
func (e *Engine) Customization(ctx context.Context, tenant string, name string) (*customization.Customization, error) {
	return e.customizations.Customization(ctx, tenant, name)
}

// DataCopyState returns a copy that was made, by its ID. ErrNotFound when the
// landlord database does not know it, or has it as not done.
func (e *Engine) DataCopyState(ctx context.Context, id string) (*landlord.DataCopy, error) {
	return e.copies.DataCopyState(ctx, id)
}

// DeleteCheckpoint removes a checkpoint with its files. One that the deletion of
// its tenant needs, or of a tenant that is protected, is let go of instead: it
// stays until its retention is over, and a note says so. ErrNotFound when the
// landlord database does not know it.
func (e *Engine) DeleteCheckpoint(ctx context.Context, tenant string, name string) ([]landlord.Note, error) {
	return e.checkpoints.DeleteCheckpoint(ctx, tenant, name)
}

// DeleteRestore drops the database that a restore made beside its tenant. A
// restore in place leaves nothing to take back: it is only forgotten.
// ErrNotFound when the landlord database does not know it.
func (e *Engine) DeleteRestore(ctx context.Context, id string) error {
	return e.restores.DeleteRestore(ctx, id)
}

// DeleteTemplate removes every version of a template and its materialized
// copy. It is refused while a tenant uses a version or another template
// extends one. ErrNotFound when there is none.
func (e *Engine) DeleteTemplate(ctx context.Context, name string) error {
	return e.publisher.DeleteTemplate(ctx, name)
}

// DeleteTenant lets a tenant go as its deletion policy says: refuse, archive
// (the database stays, accounts are locked out), or drop. A dropping that was
// interrupted is completed by calling it again. ErrNotFound when the landlord
// database does not know the tenant. Errors are Problems.
func (e *Engine) DeleteTenant(ctx context.Context, slug string, opt landlord.DeleteOptions) error {
	e.changed.drop(slug)
	return e.tenants.DeleteTenant(ctx, slug, opt)
}

// Drift compares one tenant with what was recorded, with all texts. Thorough
// reads the text of every object, and so finds the few properties that
// fingerprints do not cover (see docs/design/drift.md); otherwise only what a
// fingerprint has shown to differ is read. The error is a *Problem when nobody
// knows the tenant.
func (e *Engine) Drift(ctx context.Context, slug string, thorough bool) (*drift.TenantDrift, error) {
	return e.drifts.Drift(ctx, slug, thorough)
}

// KnownFleet returns a fleet as the landlord database has it, for an import.
// landlord.ErrNotFound when it has none of that name. Errors are Problems.
func (e *Engine) KnownFleet(ctx context.Context, name string) (*fleet.Spec, error) {
	return e.fleets.Known(ctx, name)
}

// FleetState returns what is known of the tenants of a fleet. before are the
// results of its last plan or apply: that a tenant waits, or cannot be planned,
// was found out by a plan, and is so until the next one. Errors are Problems.
func (e *Engine) FleetState(ctx context.Context, spec fleet.Spec, before []fleet.Result) (*fleet.State, error) {
	return e.fleets.State(ctx, spec, before)
}

// FleetDrift compares the tenants that a filter chooses with what was recorded.
// A tenant or server that cannot be read is reported as such, and does not keep
// the others from being compared.
func (e *Engine) FleetDrift(ctx context.Context, filter drift.FleetFilter) (*drift.FleetDrift, error) {
	return e.drifts.FleetDrift(ctx, filter)
}

// IsolationReport tells what reaches from one tenant to another, or from somebody
// else to several, on all servers or on one, with a number of statements that does
// not depend on the number of tenants. A server that cannot be read is a finding.
// The error is a *Problem when the provider has no such server.
func (e *Engine) IsolationReport(ctx context.Context, server *string) (*isolation.Report, error) {
	return e.isolation.Report(ctx, server)
}

// ForgetDataCopy lets the same be copied again. The rows stay where they are.
// ErrNotFound when the landlord database does not know the copy.
func (e *Engine) ForgetDataCopy(ctx context.Context, id string) error {
	return e.copies.ForgetDataCopy(ctx, id)
}

// Health tells how the tenants that a filter chooses do, all of them in a number of
// statements for each server that does not depend on the number of tenants. A
// server or a database that cannot be read is told as such, and keeps no other from
// being read. The error is a *Problem when nobody knows a slug or the server.
func (e *Engine) Health(ctx context.Context, filter health.Filter) (*health.Report, error) {
	return e.healths.Read(ctx, filter)
}

// HealthHistory returns the samples of a tenant since a moment, the oldest first.
// The error is a *Problem when nobody knows the tenant.
func (e *Engine) HealthHistory(ctx context.Context, slug string, since time.Time) ([]health.Sample, error) {
	return e.healths.History(ctx, slug, since)
}

// History reads what happened to a tenant, from the ledger of its server. Of a
// tenant that is gone, the ledger of the main server still knows. The error is
// a *Problem when nobody knows the slug.
func (e *Engine) History(ctx context.Context, slug string, opt landlord.HistoryOptions) (*landlord.History, error) {
	return e.drifts.History(ctx, slug, opt)
}

// KeepCheckpoint changes how long a checkpoint is kept, from the moment at which
// it was taken.
func (e *Engine) KeepCheckpoint(ctx context.Context, tenant string, name string, retention time.Duration) (*landlord.Checkpoint, error) {
	return e.checkpoints.KeepCheckpoint(ctx, tenant, name, retention)
}

// KeepRestore changes how long what a restore in place has set aside is kept,
// from the moment at which it was done. ErrNotFound when the landlord database
// does not know it.
func (e *Engine) KeepRestore(ctx context.Context, id string, retention time.Duration) error {
	return e.restores.KeepRestore(ctx, id, retention)
}

// PlanCheckpoint says, without taking it, whether a checkpoint can be taken. It
// becomes known to the plans of this run. Errors are Problems.
func (e *Engine) PlanCheckpoint(ctx context.Context, spec checkpointing.Spec) ([]landlord.Note, error) {
	return e.checkpoints.PlanCheckpoint(ctx, spec)
}

// PlanCustomization says what applying a specification will do. It writes
// nothing but scratch databases and what it finds in the data. prior is what Terraform's state knows, nil for
// a customization that it does not have.
//
// The plan stands on the template that is in force in the tenant, or will be
// when this run has applied what it plans for it, on the patch, and on those
// other customizations that the patch names; never on the rest of the tenant, so
// that several customizations of one run come in any order. Errors are Problems.
func (e *Engine) PlanCustomization(ctx context.Context, spec customization.Spec, prior *customization.PriorCustomization) (*customization.Plan, error) {
	return e.customizations.PlanCustomization(ctx, spec, prior)
}

// PlanDataCopy says, without copying, whether rows of one tenant fit into
// another one. It writes nothing. Errors are Problems.
func (e *Engine) PlanDataCopy(ctx context.Context, spec landlord.DataCopySpec) (*datacopy.Plan, error) {
	return e.copies.PlanDataCopy(ctx, spec)
}

// PlanDelete makes known that the run destroys a tenant, and refuses what
// DeleteTenant would refuse, since others that the run destroys go before the
// tenant does. It refuses too when another resource of the run takes the same
// tenant over: the two work at the same time, and the rows would be lost. The
// files of a checkpoint are looked at as Checkpoint does. Errors are Problems.
func (e *Engine) PlanDelete(ctx context.Context, slug string, opt landlord.DeleteOptions) error {
	return e.tenants.PlanDelete(ctx, slug, opt)
}

// PlanFleet says what applying the specification of a fleet will do. It writes
// nothing but scratch databases and what it finds in the data. prior is what Terraform's state knows, nil for
// a fleet that it does not have. A tenant that cannot be planned keeps no other
// from being planned. Errors are Problems.
func (e *Engine) PlanFleet(ctx context.Context, spec fleet.Spec, prior *fleet.Prior) (*fleet.Plan, error) {
	return e.fleets.Plan(ctx, spec, prior)
}

// PlanRemoval says what removing a customization will do. ErrNotFound when the
// landlord database does not know it, or its tenant; ErrTenantMoves, in a
// Problem, when the run updates the tenant as well.
func (e *Engine) PlanRemoval(ctx context.Context, tenant string, name string, opt customization.RemovalOptions) (*customization.Plan, error) {
	return e.customizations.PlanRemoval(ctx, tenant, name, opt)
}

// PlanRestore says what a restore will do. It writes nothing but scratch
// databases. Errors are Problems.
func (e *Engine) PlanRestore(ctx context.Context, spec landlord.RestoreSpec) (*restore.Plan, error) {
	return e.restores.PlanRestore(ctx, spec)
}

// RestoreAsPlanned refuses a restore in place that is not the one of the plan that
// is being applied, see restore.Restores.AsPlanned. Errors are Problems.
func (e *Engine) RestoreAsPlanned(ctx context.Context, spec landlord.RestoreSpec, digest string) error {
	return e.restores.AsPlanned(ctx, spec, digest)
}

// PlanTemplate says what publishing a template version would make, and makes
// the version known to the plans of this run. It reads the template's files,
// proves their statements in a scratch database, and writes nothing else.
// Errors are Problems.
func (e *Engine) PlanTemplate(ctx context.Context, spec landlord.TemplateSpec) (*landlord.TemplateVersion, error) {
	return e.publisher.PlanTemplate(ctx, spec)
}

// PlanTenant says what applying a specification will do to a tenant. It writes
// nothing but scratch databases and what it finds in the data. prior is what Terraform's state knows, nil for
// a tenant that it does not have. Errors are Problems.
func (e *Engine) PlanTenant(ctx context.Context, spec landlord.TenantSpec, prior *landlord.PriorTenant) (*apply.TenantPlan, error) {
	return e.tenants.PlanAlone(ctx, spec, prior)
}

// Preview says what moving a tenant to a template version would do. It changes
// nothing; templates of the same run count. Errors are Problems.
func (e *Engine) Preview(ctx context.Context, p tenant.PreviewSpec) (*tenant.Preview, error) {
	return e.tenants.Preview(ctx, p)
}

// PublishTemplate publishes a template version: every combination of its
// modules is composed on the server first, then the row is written, then the
// materialized copy is made. Publishing again what is published changes only
// the materialized copy. Errors are Problems.
func (e *Engine) PublishTemplate(ctx context.Context, spec landlord.TemplateSpec) (*landlord.TemplateVersion, error) {
	return e.publisher.PublishTemplate(ctx, spec)
}

// RemoveCustomization takes away what a customization made, and forgets it. What
// holds data is set aside, unless the options say otherwise. ErrNotFound when
// the landlord database does not know it, or its tenant. Errors are Problems.
func (e *Engine) RemoveCustomization(ctx context.Context, tenant string, name string, opt customization.RemovalOptions) error {
	return e.customizations.RemoveCustomization(ctx, tenant, name, opt)
}

// Replaced tells the plans of this run that a customization goes because another
// one takes its place, so that both may claim the same.
func (e *Engine) Replaced(tenant string, name string) {
	e.customizations.Replaced(tenant, name)
}

// Restore brings a tenant back, or a copy of it beside. The digest is that of
// the plan; empty accepts whatever there is to do. A run that was cut off
// anywhere is taken up. Errors are Problems.
func (e *Engine) Restore(ctx context.Context, spec landlord.RestoreSpec, planned string) (*restore.Restore, error) {
	return e.restores.Restore(ctx, spec, planned)
}

// RestoreState returns a restore by its ID. ErrNotFound when the landlord
// database does not know it, or has it as removed.
func (e *Engine) RestoreState(ctx context.Context, id string) (*restore.Restore, error) {
	return e.restores.RestoreState(ctx, id)
}

// RetakeCheckpoint takes a checkpoint anew. The former one of the name stays
// until the new one is complete.
func (e *Engine) RetakeCheckpoint(ctx context.Context, spec checkpointing.Spec) (*landlord.Checkpoint, error) {
	return e.checkpoints.RetakeCheckpoint(ctx, spec)
}

// Snapshot reads a schema as data. Errors are Problems.
func (e *Engine) Snapshot(ctx context.Context, source drift.SnapshotSource) (*drift.Snapshot, error) {
	return e.drifts.Snapshot(ctx, source)
}

// TakeCheckpoint takes a checkpoint of a tenant. One of the same name is
// refused, unless a run that was cut off took it a short time ago. Errors are
// Problems.
func (e *Engine) TakeCheckpoint(ctx context.Context, spec checkpointing.Spec) (*landlord.Checkpoint, error) {
	return e.checkpoints.TakeCheckpoint(ctx, spec)
}

// NewestTemplate returns the ID of the newest published version of a template;
// ErrNotFound when there is none.
func (e *Engine) NewestTemplate(ctx context.Context, name string) (string, error) {
	return e.publisher.NewestTemplate(ctx, name)
}

// PublishedSpec returns a configuration that publishes the very files of a published
// version, but for the materialized copy; ErrNotFound when there is none of that ID.
func (e *Engine) PublishedSpec(ctx context.Context, id string) (landlord.TemplateSpec, error) {
	return e.publisher.PublishedSpec(ctx, id)
}

// TakesWrites refuses a server of the landlord database that is read-only, for plans
// that change something. Errors are Problems.
func (e *Engine) TakesWrites(ctx context.Context) error {
	return registry.TakesWrites(ctx, e.servers.Main())
}

// Template returns a published template version; ErrNotFound when there is
// none of that ID.
func (e *Engine) Template(ctx context.Context, id string) (*landlord.TemplateVersion, error) {
	return e.publisher.Template(ctx, id)
}

// ReadTenant is Tenant for a state of Terraform that knows the tenant. When the
// landlord database was lost, or brought back from a dump that is older than the
// tenant, what the state knows stays, with the status unrecorded.
func (e *Engine) ReadTenant(ctx context.Context, slug string, prior landlord.PriorTenant) (*landlord.Tenant, error) {
	return e.tenants.ReadTenant(ctx, slug, prior)
}

// TenantsOn returns the slugs of the tenants that are recorded on a server, also of
// one that cannot be reached. Errors are Problems.
func (e *Engine) TenantsOn(ctx context.Context, server string) ([]string, error) {
	return e.tenants.TenantsOn(ctx, server)
}

// FindingsSeen returns what tells the plan that follows a refresh from those before
// it, see estate.Estate.Seen.
func (e *Engine) FindingsSeen(ctx context.Context, slugs ...string) (string, error) {
	return e.estate.Seen(ctx, slugs...)
}

// Tenant returns a tenant as the estate read has seen it. A database with the
// name that the slug would get, but without a registry row, comes back with
// Registered false: it can be adopted. ErrNotFound when there is neither.
func (e *Engine) Tenant(ctx context.Context, slug string) (*landlord.Tenant, error) {
	return e.tenants.Tenant(ctx, slug)
}

// Tenants returns the tenants that a filter chooses, by slug.
func (e *Engine) Tenants(ctx context.Context, filter tenant.Filter) ([]landlord.Tenant, error) {
	return e.tenants.Tenants(ctx, filter)
}

// UpdateTenant brings a tenant to what a specification wants: its name, status
// and metadata, and its schema by exactly the planned migration. The digest is
// the planned one; empty accepts whatever there is to do. Every statement is
// recorded before it runs; a run killed anywhere goes on where it stopped.
// Errors are Problems.
func (e *Engine) UpdateTenant(ctx context.Context, spec landlord.TenantSpec, prior landlord.PriorTenant, digest string) (*landlord.Tenant, error) {
	tenant, err := e.tenants.UpdateTenant(ctx, spec, prior, digest)
	if err == nil {
		e.changed.add(spec.Slug, e.cfg.Now())
	}
	return tenant, err //nolint:wrapcheck // it is in the words of the interface
}

// VerifyCheckpoint restores a checkpoint into a scratch database and compares.
// The error is a *Problem when it is not what it should be.
func (e *Engine) VerifyCheckpoint(ctx context.Context, tenant string, name string) (*landlord.Checkpoint, error) {
	return e.checkpoints.VerifyCheckpoint(ctx, tenant, name)
}

// Withdraw takes approvals back, records the event with it, and returns how many there
// were. What they have allowed already stays. Errors are Problems.
func (e *Engine) Withdraw(ctx context.Context, withdrawn []landlord.Approval, told landlord.NewEvent) (int, error) {
	return e.approvals.Withdraw(ctx, withdrawn, told)
}

// ClaimTenant gives a ready tenant of a pool to an owner, as applications do by the
// procedure of the landlord database. The fleet is empty where one fleet alone keeps
// a pool. It returns the name of the tenant's database. Errors are Problems.
func (e *Engine) ClaimTenant(ctx context.Context, fleet, slug, name string, metadata map[string]string) (string, error) {
	claimed, err := e.fleets.Claim(ctx, fleet, slug, name, metadata)
	if err != nil {
		return "", err //nolint:wrapcheck // it is in the words of the interface
	}
	return claimed.Database, nil
}

// Watch returns how far the newest rollout of a fleet has come; of all fleets, if
// the name is empty. The error is a *Problem when there is none.
func (e *Engine) Watch(ctx context.Context, fleet string) (*landlord.RolloutProgress, error) {
	return e.fleets.Watch(ctx, fleet)
}

// AskRollout asks something of the apply that runs the rollout of a fleet, and
// returns the name of the fleet: the newest one, if the name is empty. The author is
// who asks, empty for the account of the provider, the note why. It is honored
// between two tenants. Errors are Problems.
func (e *Engine) AskRollout(ctx context.Context, fleet string, wish landlord.RolloutWish, author, note string) (string, error) {
	return e.fleets.Ask(ctx, fleet, wish, author, note)
}
