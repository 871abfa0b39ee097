package tenant

import (
	"cmp"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/value"
)

// Model is a tenant as Terraform has it, in configuration, plan and
// state. It is read and written as a whole: a look-up by path costs as much as
// the whole struct.
type Model struct {
	Slug     types.String `tfsdk:"slug"`
	Name     types.String `tfsdk:"name"`
	Template types.String `tfsdk:"template"`
	Modules  types.Set    `tfsdk:"modules"`
	Status   types.String `tfsdk:"status"`
	Metadata types.Map    `tfsdk:"metadata"`
	Server   types.String `tfsdk:"server"`

	UpdatePolicy       types.String   `tfsdk:"update_policy"`
	DriftPolicy        types.String   `tfsdk:"drift_policy"`
	Resolutions        types.Map      `tfsdk:"resolutions"`
	AllowDestructive   types.Bool     `tfsdk:"allow_destructive"`
	DestructiveMode    types.String   `tfsdk:"destructive_mode"`
	DestructiveObjects types.Map      `tfsdk:"destructive_objects"`
	Retention          types.String   `tfsdk:"retention"`
	ProbeData          types.Bool     `tfsdk:"probe_data"`
	DeletionPolicy     types.String   `tfsdk:"deletion_policy"`
	DeletionCheckpoint types.String   `tfsdk:"deletion_checkpoint"`
	Automatic          types.String   `tfsdk:"automatic_checkpoint"`
	Timeouts           timeouts.Value `tfsdk:"timeouts"`

	DatabaseName      types.String `tfsdk:"database_name"`
	AppliedTemplate   types.String `tfsdk:"applied_template"`
	UpdateStatus      types.String `tfsdk:"update_status"`
	SchemaFingerprint types.String `tfsdk:"schema_fingerprint"`
	Drift             types.List   `tfsdk:"drift"`
	Findings          types.List   `tfsdk:"findings"`
	Migration         types.List   `tfsdk:"migration"`
	MigrationDigest   types.String `tfsdk:"migration_digest"`
	MigrationVerdict  types.String `tfsdk:"migration_verdict"`
	Algorithm         types.String `tfsdk:"migration_algorithm"`
	Locks             types.String `tfsdk:"migration_locks"`
	Destructive       types.Bool   `tfsdk:"migration_destructive"`
	Reversible        types.Bool   `tfsdk:"migration_reversible"`
	LastMigration     types.Object `tfsdk:"last_migration"`
	CreatedAt         types.String `tfsdk:"created_at"`
}

// Identity is what names a tenant.
type Identity struct {
	Slug types.String `tfsdk:"slug"`
}

// NewModel returns a model that knows nothing but the slug, as right
// after an import.
func NewModel(slug string) Model {
	return Model{
		Slug:        types.StringValue(slug),
		Modules:     types.SetNull(types.StringType),
		Metadata:    types.MapNull(types.StringType),
		Resolutions: types.MapNull(types.ObjectType{AttrTypes: attribute.ResolutionTypes()}), DestructiveObjects: types.MapNull(types.StringType),
		Timeouts:  attribute.NoTimeouts(),
		Drift:     types.ListNull(types.ObjectType{AttrTypes: driftTypes()}),
		Findings:  attribute.NoFindings(),
		Migration: value.NoSteps(), LastMigration: types.ObjectNull(lastMigrationTypes()),
	}
}

// ToSpec returns what the configuration wants. Unknown texts are empty in it.
func (m *Model) ToSpec() landlord.TenantSpec {
	spec := landlord.TenantSpec{
		Slug:             m.Slug.ValueString(),
		Name:             m.Name.ValueString(),
		Template:         m.Template.ValueString(),
		Modules:          value.ToTexts(m.Modules),
		Status:           landlord.Status(m.Status.ValueString()),
		Metadata:         value.ToMap(m.Metadata),
		Server:           m.Server.ValueString(),
		Database:         m.DatabaseName.ValueString(),
		UpdatePolicy:     landlord.UpdatePolicy(m.UpdatePolicy.ValueString()),
		DriftPolicy:      landlord.DriftPolicy(m.DriftPolicy.ValueString()),
		Resolutions:      attribute.ToResolutions(m.Resolutions),
		AllowDestructive: m.AllowDestructive.ValueBool(),
		DestructiveMode:  landlord.DestructiveMode(m.DestructiveMode.ValueString()),
		Consents:         toConsents(m.DestructiveObjects),
		SkipProbes:       !m.ProbeData.ValueBool(),
		Automatic:        landlord.AutomaticCheckpoint(m.Automatic.ValueString()),

		DeletionPolicy:     landlord.DeletionPolicy(m.DeletionPolicy.ValueString()),
		DeletionCheckpoint: m.DeletionCheckpoint.ValueString(),
	}
	if retention, err := attribute.ParseDuration(m.Retention.ValueString()); err == nil {
		spec.Retention = retention
	}
	return spec
}

// ToDeleteOptions says how the last apply wants the tenant to go.
func (m *Model) ToDeleteOptions() landlord.DeleteOptions {
	return landlord.DeleteOptions{
		Policy:           landlord.DeletionPolicy(m.DeletionPolicy.ValueString()),
		AllowDestructive: m.AllowDestructive.ValueBool(),
		Checkpoint:       m.DeletionCheckpoint.ValueString(),
		Automatic:        landlord.AutomaticCheckpoint(m.Automatic.ValueString()),
		Retention:        m.ToSpec().Retention,
		At:               landlord.Whereabouts{Server: m.Server.ValueString(), Database: m.DatabaseName.ValueString()},
	}
}

// toPrior returns the tenant as the prior state knows it. The fingerprint is the
// one that the last apply left, empty when a refresh came after it.
func (m *Model) toPrior(fingerprint string) landlord.PriorTenant {
	return landlord.PriorTenant{
		Name:        m.Name.ValueString(),
		Status:      landlord.Status(m.Status.ValueString()),
		Metadata:    value.ToMap(m.Metadata),
		Template:    m.AppliedTemplate.ValueString(),
		Modules:     value.ToTexts(m.Modules),
		Server:      m.Server.ValueString(),
		Database:    m.DatabaseName.ValueString(),
		Fingerprint: cmp.Or(fingerprint, m.SchemaFingerprint.ValueString()),

		UpdateStatus: landlord.UpdateStatus(m.UpdateStatus.ValueString()),
		Last:         toLastMigration(m.LastMigration),
	}
}

// fromTenant fills the model with what is there now. What the configuration
// says stays where the landlord cannot know better, or where it is still
// waiting to be done.
func (m *Model) fromTenant(t *landlord.Tenant) {
	if m.UpdatePolicy.IsNull() { // it has a default
		m.FromImport(t)
	}
	status := m.statusAfter(t)
	if t.Registered {
		m.Name = types.StringValue(t.Name)
		m.Metadata = value.KeepMap(m.Metadata, t.Metadata)
		m.Server = value.KeepText(m.Server, t.Server)
		if isLasting(t.Status) {
			m.Status = types.StringValue(string(t.Status))
		}
		if status == landlord.UpdateCurrent { // one that waits has the former modules: that is no change
			m.Modules = value.KeepSet(m.Modules, t.Modules)
		}
	}
	m.DatabaseName = types.StringValue(t.DatabaseName)
	m.AppliedTemplate = value.TextOrNull(t.Template)
	m.UpdateStatus = value.TextOrNull(string(status))
	m.SchemaFingerprint = value.TextOrNull(t.SchemaFingerprint)
	m.Drift = fromDrift(t.Drift)
	if !status.Stays() {
		m.nothingPending()
	}
	m.LastMigration = fromLastMigration(t.LastMigration)
	m.CreatedAt = value.TimeOrNull(t.CreatedAt)
}

// statusAfter returns the update status after a refresh. The landlord database
// knows an interruption, but not the policy for which a tenant waits: that it
// does was found out by the last plan, and is so until the next one.
func (m *Model) statusAfter(t *landlord.Tenant) landlord.UpdateStatus {
	former := landlord.UpdateStatus(m.UpdateStatus.ValueString())
	if t.UpdateStatus == landlord.UpdateCurrent && former.Stays() && t.Template == m.AppliedTemplate.ValueString() {
		return former
	}
	return t.UpdateStatus
}

// FromImport fills what only a configuration says with the defaults, so that
// an import is followed by a plan without changes.
func (m *Model) FromImport(t *landlord.Tenant) {
	m.Template = value.TextOrNull(t.Template)
	m.Modules = value.SetOrNull(t.Modules)
	m.Status = types.StringValue(string(landlord.StatusActive))
	m.UpdatePolicy = types.StringValue(string(landlord.UpdateAuto))
	m.DriftPolicy = types.StringValue(string(landlord.DriftReport))
	m.AllowDestructive = types.BoolValue(false)
	m.DestructiveMode = types.StringValue(string(landlord.Retire))
	m.Retention = types.StringValue(attribute.DefaultRetention)
	m.ProbeData = types.BoolValue(true)
	m.DeletionPolicy = types.StringValue(string(landlord.DeletionProtect))
}

// resolve replaces what the plan left unknown. Everything that the plan knew
// stays as planned: Terraform takes a difference for a bug, and the next
// refresh shows what is true.
func (m *Model) resolve(t *landlord.Tenant) {
	now := *m
	now.fromTenant(t)
	value.ResolveText(&m.DatabaseName, now.DatabaseName)
	value.ResolveText(&m.AppliedTemplate, now.AppliedTemplate)
	value.ResolveText(&m.UpdateStatus, now.UpdateStatus)
	value.ResolveText(&m.SchemaFingerprint, now.SchemaFingerprint)
	m.resolvePending()
	value.ResolveText(&m.CreatedAt, now.CreatedAt)
	if m.Drift.IsUnknown() {
		m.Drift = now.Drift
	}
	if m.LastMigration.IsUnknown() {
		m.LastMigration = now.LastMigration
	}
}

// forget marks everything that depends on the server as unknown. What a tenant
// keeps for life stays if it is the same tenant.
func (m *Model) forget(prior *Model) {
	m.keepForLife(prior)
	m.AppliedTemplate = types.StringUnknown()
	m.UpdateStatus = types.StringUnknown()
	m.SchemaFingerprint = types.StringUnknown()
	m.Drift = types.ListUnknown(types.ObjectType{AttrTypes: driftTypes()})
	m.Findings = attribute.UnknownFindings()
	m.Migration = types.ListUnknown(types.StringType)
	m.MigrationDigest = types.StringUnknown()
	m.MigrationVerdict = types.StringUnknown()
	m.Algorithm, m.Locks = types.StringUnknown(), types.StringUnknown()
	m.Destructive, m.Reversible = types.BoolUnknown(), types.BoolUnknown()
	m.LastMigration = types.ObjectUnknown(lastMigrationTypes())
}

// keepForLife sets what does not change while the tenant lives.
func (m *Model) keepForLife(prior *Model) {
	m.DatabaseName, m.CreatedAt = types.StringUnknown(), types.StringUnknown()
	if prior != nil {
		m.DatabaseName = prior.DatabaseName
		m.CreatedAt = prior.CreatedAt
	}
}

// fromPlan sets everything that the plan knows. The prior state is nil for a
// tenant that is created; unchanged says that nothing in the configuration
// differs from it.
func (m *Model) fromPlan(p *apply.TenantPlan, prior *Model, unchanged bool) {
	m.forget(prior)
	m.DatabaseName = types.StringValue(p.DatabaseName)
	if p.Unseen {
		return
	}
	m.pending(p)
	if !p.Waits && !p.Open && p.Verdict != landlord.VerdictBlocked { // of these nobody knows the end yet
		m.AppliedTemplate = value.TextOrNull(p.Template)
		if p.UpdateStatus != "" {
			m.UpdateStatus = types.StringValue(string(p.UpdateStatus))
		}
		if p.Fingerprint != "" {
			m.SchemaFingerprint = types.StringValue(p.Fingerprint)
		}
	}
	if prior != nil { // the next refresh tells: a person who reads the plan has no use for them
		m.SchemaFingerprint, m.LastMigration = prior.SchemaFingerprint, prior.LastMigration
		if !p.Waits {
			m.MigrationDigest = types.StringNull()
		}
	}
	switch {
	case prior == nil:
		m.Drift = fromDrift(nil) // what is new has not been changed from elsewhere
	case p.Adopt || p.Create:
		m.CreatedAt = types.StringUnknown()
	case p.HasWork():
		if len(prior.Drift.Elements()) == 0 {
			m.Drift = prior.Drift
		}
	default:
		if p.Recorded == nil { // else what is drift is known when it is recorded
			m.Drift = prior.Drift
		}
		if unchanged { // without a refresh, the former migration is still there
			m.Migration, m.MigrationDigest, m.MigrationVerdict = prior.Migration, prior.MigrationDigest, prior.MigrationVerdict
			m.Algorithm, m.Locks, m.Destructive, m.Reversible = prior.Algorithm, prior.Locks, prior.Destructive, prior.Reversible
			if len(p.Notes) == 0 {
				m.Findings = prior.Findings
			}
		}
	}
}

// isLasting says whether a status can be asked for, and is not one of an
// interrupted run.
func isLasting(s landlord.Status) bool {
	return s == landlord.StatusActive || s == landlord.StatusSuspended || s == landlord.StatusArchived
}

// pending sets what a plan is going to do.
func (m *Model) pending(p *apply.TenantPlan) {
	risk := landlord.RiskOf(p.Steps)
	m.Findings = attribute.PlannedFindings(p.Notes, p.Open)
	m.Migration, m.MigrationDigest = value.FromSteps(p.Steps), value.TextOrNull(p.Digest)
	if m.MigrationVerdict = types.StringUnknown(); !p.Open {
		m.MigrationVerdict = types.StringValue(cmp.Or(p.Verdict, merge.VerdictAuto))
	}
	m.Algorithm, m.Locks = types.StringValue(risk.Algorithm), types.StringValue(risk.Locks)
	m.Destructive, m.Reversible = types.BoolValue(risk.Destructive), types.BoolValue(risk.Reversible)
}

// nothingPending sets what a plan says that does nothing.
func (m *Model) nothingPending() { m.pending(&apply.TenantPlan{}) }

// resolvePending replaces what a plan left unknown of what it does.
func (m *Model) resolvePending() {
	var none Model
	none.nothingPending()
	value.ResolveList(&m.Findings, none.Findings)
	value.ResolveList(&m.Migration, none.Migration)
	value.ResolveText(&m.MigrationDigest, none.MigrationDigest)
	value.ResolveText(&m.MigrationVerdict, none.MigrationVerdict)
	value.ResolveText(&m.Algorithm, none.Algorithm)
	value.ResolveText(&m.Locks, none.Locks)
	value.ResolveBool(&m.Destructive, none.Destructive)
	value.ResolveBool(&m.Reversible, none.Reversible)
}

// waitsFor says whether a state has a migration that waits for an approval, and
// a plan finds the same one without.
func (m *Model) waitsFor(p *apply.TenantPlan) bool {
	return p.Waits && p.Approval == nil && m.UpdateStatus.ValueString() == string(landlord.UpdatePendingApproval) && m.MigrationDigest.ValueString() == p.Digest
}

// fromDrift returns the differences, never null.
func fromDrift(differences []landlord.Difference) types.List {
	of := driftTypes()
	values := make([]attr.Value, len(differences))
	for i, d := range differences {
		values[i] = types.ObjectValueMust(of, map[string]attr.Value{
			"object": types.StringValue(d.Object), "element": value.TextOrNull(d.Element), "kind": types.StringValue(string(d.Kind)),
			"detail": types.StringValue(d.Detail), "harm": value.TextOrNull(string(d.Harm)),
		})
	}
	return types.ListValueMust(types.ObjectType{AttrTypes: of}, values)
}

// toLastMigration returns the last migration of a state, nil when it has none.
func toLastMigration(o types.Object) *landlord.LastMigration {
	if o.IsNull() || o.IsUnknown() {
		return nil
	}
	fields := o.Attributes()
	value := func(name string) string {
		text, _ := fields[name].(types.String)
		return text.ValueString()
	}
	at, err := time.Parse(time.RFC3339, value("applied_at"))
	if err != nil {
		return nil
	}
	steps, _ := fields["steps"].(types.Int64)
	return &landlord.LastMigration{Digest: value("digest"), From: value("from"), To: value("to"), Steps: steps.ValueInt64(), AppliedAt: at.UTC()}
}

func fromLastMigration(m *landlord.LastMigration) types.Object {
	of := lastMigrationTypes()
	if m == nil {
		return types.ObjectNull(of)
	}
	return types.ObjectValueMust(of, map[string]attr.Value{
		"digest": types.StringValue(m.Digest), "from": value.TextOrNull(m.From), "to": value.TextOrNull(m.To),
		"steps": types.Int64Value(m.Steps), "applied_at": value.TimeOrNull(m.AppliedAt),
	})
}
