package checkpoint

import (
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/value"
)

// checkpointModel is a checkpoint as Terraform has it.
type checkpointModel struct {
	Tenant    types.String   `tfsdk:"tenant"`
	Name      types.String   `tfsdk:"name"`
	Contents  types.String   `tfsdk:"contents"`
	Tables    types.Set      `tfsdk:"tables"`
	Keepers   types.Map      `tfsdk:"keepers"`
	Verify    types.Bool     `tfsdk:"verify"`
	Retention types.String   `tfsdk:"retention"`
	Timeouts  timeouts.Value `tfsdk:"timeouts"`

	ID                types.String `tfsdk:"id"`
	Status            types.String `tfsdk:"status"`
	SchemaFingerprint types.String `tfsdk:"schema_fingerprint"`
	Template          types.String `tfsdk:"template"`
	Position          types.String `tfsdk:"position"`
	Rows              types.Int64  `tfsdk:"rows"`
	SizeBytes         types.Int64  `tfsdk:"size_bytes"`
	Checksum          types.String `tfsdk:"checksum"`
	Location          types.String `tfsdk:"location"`
	CreatedAt         types.String `tfsdk:"created_at"`
	ExpiresAt         types.String `tfsdk:"expires_at"`
}

// checkpointIdentity is what names a checkpoint.
type checkpointIdentity struct {
	Tenant types.String `tfsdk:"tenant"`
	Name   types.String `tfsdk:"name"`
}

func (m *checkpointModel) identity() checkpointIdentity {
	return checkpointIdentity{m.Tenant, m.Name}
}

// toSpec returns what the configuration wants.
func (m *checkpointModel) toSpec() checkpointing.Spec {
	spec := checkpointing.Spec{
		Tenant: m.Tenant.ValueString(), Name: m.Name.ValueString(), Contents: landlord.CheckpointContents(m.Contents.ValueString()),
		Tables: value.ToTexts(m.Tables), Verify: m.Verify.ValueBool(),
	}
	if retention, err := attribute.ParseDuration(m.Retention.ValueString()); err == nil {
		spec.Retention = retention
	}
	return spec
}

// fromCheckpoint fills the model with what is there.
func (m *checkpointModel) fromCheckpoint(c *landlord.Checkpoint) {
	if m.ID.IsNull() { // an import
		m.Contents, m.Tables, m.Verify = types.StringValue(string(c.Contents)), value.SetOrNull(c.Tables), types.BoolValue(false)
		if !c.ExpiresAt.IsZero() {
			m.Retention = types.StringValue(strings.TrimSuffix(strings.TrimSuffix(c.ExpiresAt.Sub(c.CreatedAt).Round(time.Second).String(), "0s"), "0m"))
		}
	}
	m.ID = types.StringValue(c.ID())
	m.Status = types.StringValue(string(c.Status))
	m.SchemaFingerprint, m.Template, m.Position = value.TextOrNull(c.SchemaFingerprint), value.TextOrNull(c.Template), value.TextOrNull(c.Position)
	m.Rows, m.SizeBytes = types.Int64Value(c.Rows), types.Int64Value(c.SizeBytes)
	m.Checksum, m.Location = value.TextOrNull(c.Checksum), value.TextOrNull(c.Location)
	m.CreatedAt, m.ExpiresAt = value.TimeOrNull(c.CreatedAt), value.TimeOrNull(c.ExpiresAt)
}

// retakes says whether a plan takes the checkpoint anew.
func (m *checkpointModel) retakes(prior *checkpointModel) bool {
	return prior == nil || !m.Tenant.Equal(prior.Tenant) || !m.Name.Equal(prior.Name) || !m.Contents.Equal(prior.Contents) ||
		!m.Tables.Equal(prior.Tables) || !m.Keepers.Equal(prior.Keepers)
}

// foresee sets what a plan knows: everything of a checkpoint that stays, and of
// one that is taken no more than its ID.
func (m *checkpointModel) foresee(prior *checkpointModel) {
	m.ID = types.StringUnknown()
	if value.Known(m.Tenant, m.Name) {
		m.ID = types.StringValue(m.Tenant.ValueString() + "/" + m.Name.ValueString())
	}
	if m.retakes(prior) {
		m.Status = types.StringUnknown()
		m.SchemaFingerprint, m.Template, m.Position = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
		m.Rows, m.SizeBytes = types.Int64Unknown(), types.Int64Unknown()
		m.Checksum, m.Location, m.CreatedAt, m.ExpiresAt = types.StringUnknown(), types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
		return
	}
	m.Status = prior.Status
	m.SchemaFingerprint, m.Template, m.Position = prior.SchemaFingerprint, prior.Template, prior.Position
	m.Rows, m.SizeBytes = prior.Rows, prior.SizeBytes
	m.Checksum, m.Location, m.CreatedAt, m.ExpiresAt = prior.Checksum, prior.Location, prior.CreatedAt, prior.ExpiresAt
	if !m.Retention.Equal(prior.Retention) {
		m.ExpiresAt = types.StringUnknown()
	}
}

// resolve replaces what the plan left unknown; what it knew stays as planned.
func (m *checkpointModel) resolve(c *landlord.Checkpoint) {
	now := *m
	now.fromCheckpoint(c)
	for _, pair := range []struct {
		value *types.String
		now   types.String
	}{
		{&m.ID, now.ID}, {&m.Status, now.Status}, {&m.SchemaFingerprint, now.SchemaFingerprint}, {&m.Template, now.Template}, {&m.Position, now.Position},
		{&m.Checksum, now.Checksum}, {&m.Location, now.Location}, {&m.CreatedAt, now.CreatedAt}, {&m.ExpiresAt, now.ExpiresAt},
	} {
		value.ResolveText(pair.value, pair.now)
	}
	if m.Rows.IsUnknown() {
		m.Rows = now.Rows
	}
	if m.SizeBytes.IsUnknown() {
		m.SizeBytes = now.SizeBytes
	}
}
