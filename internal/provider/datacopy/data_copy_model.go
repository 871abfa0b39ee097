package datacopy

import (
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/datacopy"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/value"
)

// dataCopyModel is a copy of rows as Terraform has it.
type dataCopyModel struct {
	Source     types.String   `tfsdk:"source"`
	Target     types.String   `tfsdk:"target"`
	Tables     types.Set      `tfsdk:"tables"`
	Where      types.Map      `tfsdk:"where"`
	OnConflict types.String   `tfsdk:"on_conflict"`
	Keepers    types.Map      `tfsdk:"keepers"`
	ChunkRows  types.Int64    `tfsdk:"chunk_rows"`
	Timeouts   timeouts.Value `tfsdk:"timeouts"`

	ID         types.String `tfsdk:"id"`
	Rows       types.Int64  `tfsdk:"rows"`
	Checksum   types.String `tfsdk:"checksum"`
	Copied     types.Map    `tfsdk:"copied"`
	FinishedAt types.String `tfsdk:"finished_at"`
}

// dataCopyIdentity is what names a copy.
type dataCopyIdentity struct {
	ID types.String `tfsdk:"id"`
}

// toSpec returns what the configuration wants.
func (m *dataCopyModel) toSpec() landlord.DataCopySpec {
	return landlord.DataCopySpec{
		Source: m.Source.ValueString(), Target: m.Target.ValueString(), Tables: value.ToTexts(m.Tables), Where: value.ToMap(m.Where),
		OnConflict: landlord.CopyConflict(m.OnConflict.ValueString()), Keepers: value.ToMap(m.Keepers), ChunkRows: m.ChunkRows.ValueInt64(),
	}
}

// isPlannable says whether everything is known that says what is copied. Keepers
// do not matter for that.
func (m *dataCopyModel) isPlannable() bool {
	return value.Known(m.Source, m.Target, m.Tables, m.Where, m.OnConflict, m.ChunkRows)
}

// copies says whether a plan copies.
func (m *dataCopyModel) copies(prior *dataCopyModel) bool {
	return prior == nil || !m.Source.Equal(prior.Source) || !m.Target.Equal(prior.Target) || !m.Tables.Equal(prior.Tables) ||
		!m.Where.Equal(prior.Where) || !m.OnConflict.Equal(prior.OnConflict) || !m.Keepers.Equal(prior.Keepers)
}

// forget marks everything as unknown that the copy will tell.
func (m *dataCopyModel) forget() {
	m.ID, m.Rows, m.Checksum, m.FinishedAt = types.StringUnknown(), types.Int64Unknown(), types.StringUnknown(), types.StringUnknown()
	m.Copied = types.MapUnknown(types.ObjectType{AttrTypes: copiedTypes()})
}

// takeResultOf takes over what a copy that was made has told.
func (m *dataCopyModel) takeResultOf(prior *dataCopyModel) {
	m.ID, m.Rows, m.Checksum, m.Copied, m.FinishedAt = prior.ID, prior.Rows, prior.Checksum, prior.Copied, prior.FinishedAt
}

// fromCopy fills in what a copy has told.
func (m *dataCopyModel) fromCopy(c *landlord.DataCopy) {
	if m.Source.IsNull() { // an import
		m.Source, m.Target, m.Tables = types.StringValue(c.Spec.Source), types.StringValue(c.Spec.Target), value.SetOrNull(c.Spec.Tables)
		m.Where, m.Keepers = value.MapOrNull(c.Spec.Where), value.MapOrNull(c.Spec.Keepers)
		m.OnConflict, m.ChunkRows = types.StringValue(string(c.Spec.OnConflict)), types.Int64Value(datacopy.DefaultCopyChunk)
		if c.Spec.ChunkRows > 0 {
			m.ChunkRows = types.Int64Value(c.Spec.ChunkRows)
		}
	}
	m.ID, m.Rows, m.Checksum, m.FinishedAt = types.StringValue(c.ID), types.Int64Value(c.Rows), types.StringValue(c.Checksum), value.TimeOrNull(c.FinishedAt)
	copied := make(map[string]attr.Value, len(c.Tables))
	for _, t := range c.Tables {
		copied[t.Table] = types.ObjectValueMust(copiedTypes(), map[string]attr.Value{
			"read": types.Int64Value(t.Read), "inserted": types.Int64Value(t.Inserted), "skipped": types.Int64Value(t.Skipped),
			"replaced": types.Int64Value(t.Replaced), "checksum": types.StringValue(t.Checksum),
		})
	}
	m.Copied = types.MapValueMust(types.ObjectType{AttrTypes: copiedTypes()}, copied)
}
