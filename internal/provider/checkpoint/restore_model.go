package checkpoint

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/restore"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/value"
)

// restoreModel is a restore as Terraform has it.
type restoreModel struct {
	Tenant           types.String   `tfsdk:"tenant"`
	Checkpoint       types.String   `tfsdk:"checkpoint"`
	PointInTime      types.String   `tfsdk:"point_in_time"`
	Mode             types.String   `tfsdk:"mode"`
	Tables           types.Set      `tfsdk:"tables"`
	Keepers          types.Map      `tfsdk:"keepers"`
	AllowDestructive types.Bool     `tfsdk:"allow_destructive"`
	Retention        types.String   `tfsdk:"retention"`
	Timeouts         timeouts.Value `tfsdk:"timeouts"`

	ID              types.String `tfsdk:"id"`
	DatabaseName    types.String `tfsdk:"database_name"`
	Report          types.Object `tfsdk:"report"`
	Migration       types.List   `tfsdk:"migration"`
	Findings        types.List   `tfsdk:"findings"`
	MigrationDigest types.String `tfsdk:"migration_digest"`
	CreatedAt       types.String `tfsdk:"created_at"`
}

// restoreIdentity is what names a restore.
type restoreIdentity struct {
	ID types.String `tfsdk:"id"`
}

// toSpec returns what the configuration wants.
func (m *restoreModel) toSpec() landlord.RestoreSpec {
	spec := landlord.RestoreSpec{
		Tenant: m.Tenant.ValueString(), Checkpoint: m.Checkpoint.ValueString(), Mode: landlord.RestoreMode(m.Mode.ValueString()),
		Tables: value.ToTexts(m.Tables), Keepers: value.ToMap(m.Keepers), AllowDestructive: m.AllowDestructive.ValueBool(),
	}
	if at, err := attribute.ParseTime(m.PointInTime.ValueString()); err == nil {
		spec.PointInTime = at
	}
	if retention, err := attribute.ParseDuration(m.Retention.ValueString()); err == nil {
		spec.Retention = retention
	}
	return spec
}

// isPlannable says whether everything is known that shapes the restore.
func (m *restoreModel) isPlannable() bool {
	return value.Known(m.Tenant, m.Checkpoint, m.PointInTime, m.Mode, m.Tables, m.Keepers, m.AllowDestructive, m.Retention)
}

// restores says whether a plan restores anew.
func (m *restoreModel) restores(prior *restoreModel) bool {
	return prior == nil || !m.Tenant.Equal(prior.Tenant) || !m.Checkpoint.Equal(prior.Checkpoint) || !m.PointInTime.Equal(prior.PointInTime) ||
		!m.Mode.Equal(prior.Mode) || !m.Tables.Equal(prior.Tables) || !m.Keepers.Equal(prior.Keepers)
}

// forget marks everything as unknown that the restore will tell.
func (m *restoreModel) forget() {
	m.ID, m.DatabaseName, m.CreatedAt = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
	m.Report = types.ObjectUnknown(reportTypes())
	m.Findings = attribute.UnknownFindings()
	m.Migration, m.MigrationDigest = types.ListUnknown(types.StringType), types.StringUnknown()
}

// takeResultOf takes over what a restore that is done has told.
func (m *restoreModel) takeResultOf(prior *restoreModel) {
	m.ID, m.DatabaseName, m.CreatedAt, m.Report = prior.ID, prior.DatabaseName, prior.CreatedAt, prior.Report
	m.Findings, m.Migration, m.MigrationDigest = prior.Findings, prior.Migration, prior.MigrationDigest
}

// fromPlan sets what the plan knows.
func (m *restoreModel) fromPlan(p *restore.Plan) {
	m.Findings = attribute.PlannedFindings(p.Notes, p.Open || !p.Known && len(p.Notes) == 0)
	if !p.Known {
		return
	}
	m.Migration, m.MigrationDigest = value.FromSteps(p.Steps), types.StringNull()
	if len(p.Steps) > 0 {
		m.MigrationDigest = value.TextOrNull(p.Digest)
	}
}

// fromRestore fills the model with what is there.
func (m *restoreModel) fromRestore(r *restore.Restore) {
	if m.Tenant.IsNull() { // an import
		m.Tenant, m.Mode = types.StringValue(r.Tenant), types.StringValue(string(r.Mode))
		m.Checkpoint, m.PointInTime = types.StringValue(r.Tenant+"/"+r.Checkpoint), types.StringNull()
		if !r.PointInTime.IsZero() {
			m.Checkpoint, m.PointInTime = types.StringNull(), types.StringValue(r.PointInTime.UTC().Format(time.RFC3339Nano))
		}
		m.Tables = value.SetOrNull(r.Tables)
		m.AllowDestructive, m.Retention = types.BoolValue(false), types.StringValue(attribute.DefaultRetention)
	}
	m.ID, m.DatabaseName, m.CreatedAt = types.StringValue(r.ID), types.StringValue(r.DatabaseName), value.TimeOrNull(r.CreatedAt)
	m.Report = fromReport(r.Report)
	m.Findings, m.Migration, m.MigrationDigest = attribute.NoFindings(), value.NoSteps(), types.StringNull()
}

// resolve replaces what the plan left unknown; what it knew stays as planned.
func (m *restoreModel) resolve(r *restore.Restore) {
	now := *m
	now.fromRestore(r)
	value.ResolveText(&m.ID, now.ID)
	value.ResolveText(&m.DatabaseName, now.DatabaseName)
	value.ResolveText(&m.CreatedAt, now.CreatedAt)
	value.ResolveText(&m.MigrationDigest, now.MigrationDigest)
	if m.Report.IsUnknown() {
		m.Report = now.Report
	}
	value.ResolveList(&m.Migration, now.Migration)
	value.ResolveList(&m.Findings, now.Findings)
}

func fromReport(r landlord.RestoreReport) types.Object {
	return types.ObjectValueMust(reportTypes(), map[string]attr.Value{
		"checkpoint": value.TextOrNull(r.Checkpoint), "tables": types.Int64Value(r.Tables), "rows": types.Int64Value(r.Rows), "transactions": types.Int64Value(r.Transactions),
		"position": value.TextOrNull(r.Position), "skipped": value.FromTexts(r.Skipped), "retired_database": value.TextOrNull(r.RetiredDatabase),
		"duration": types.StringValue((time.Duration(r.DurationMS) * time.Millisecond).String()),
	})
}
