package template

import (
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/value"
)

// templateModel is a template as Terraform has it.
type templateModel struct {
	Name             types.String `tfsdk:"name"`
	Version          types.String `tfsdk:"version"`
	Type             types.String `tfsdk:"type"`
	Description      types.String `tfsdk:"description"`
	Extends          types.String `tfsdk:"extends"`
	Source           types.String `tfsdk:"source"`
	Core             types.Map    `tfsdk:"core"`
	Optional         types.Map    `tfsdk:"optional"`
	Seeds            types.Map    `tfsdk:"seeds"`
	Migrations       types.Map    `tfsdk:"migrations"`
	FrozenTables     types.Set    `tfsdk:"frozen_tables"`
	ExtensionPoints  types.Set    `tfsdk:"extension_points"`
	ApprovalRequired types.Set    `tfsdk:"approval_required"`
	SQLMode          types.String `tfsdk:"sql_mode"`
	Materialize      types.Bool   `tfsdk:"materialize"`

	ID                types.String `tfsdk:"id"`
	Checksum          types.String `tfsdk:"checksum"`
	SchemaFingerprint types.String `tfsdk:"schema_fingerprint"`
	Tables            types.List   `tfsdk:"tables"`
	Modules           types.List   `tfsdk:"modules"`
	DatabaseName      types.String `tfsdk:"database_name"`
	PublishedVersions types.List   `tfsdk:"published_versions"`
}

// identity returns what names the template. After an import the ID alone is known.
func (m *templateModel) identity() attribute.NamedIdentity {
	if m.Name.IsNull() {
		name, _, _ := strings.Cut(m.ID.ValueString(), "@")
		return attribute.NamedIdentity{Name: value.TextOrNull(name)}
	}
	return attribute.NamedIdentity{Name: m.Name}
}

// toSpec returns what the configuration wants.
func (m *templateModel) toSpec() landlord.TemplateSpec {
	return landlord.TemplateSpec{
		Name:             m.Name.ValueString(),
		Version:          m.Version.ValueString(),
		Type:             m.Type.ValueString(),
		Description:      m.Description.ValueString(),
		Extends:          m.Extends.ValueString(),
		Source:           m.Source.ValueString(),
		Core:             value.ToMap(m.Core),
		Optional:         value.ToMap(m.Optional),
		Seeds:            value.ToMap(m.Seeds),
		Migrations:       value.ToMap(m.Migrations),
		FrozenTables:     value.ToTexts(m.FrozenTables),
		ExtensionPoints:  value.ToTexts(m.ExtensionPoints),
		ApprovalRequired: value.ToTexts(m.ApprovalRequired),
		SQLMode:          m.SQLMode.ValueString(),
		Materialize:      m.Materialize.ValueBool(),
	}
}

// fromSpec sets what a configuration would say that publishes what is imported.
func (m *templateModel) fromSpec(spec landlord.TemplateSpec) {
	m.Name, m.Version = types.StringValue(spec.Name), types.StringValue(spec.Version)
	m.Type, m.Description, m.Extends, m.SQLMode = value.TextOrNull(spec.Type), value.TextOrNull(spec.Description), value.TextOrNull(spec.Extends), value.TextOrNull(spec.SQLMode)
	m.Source = value.TextOrNull(spec.Source)
	m.Core, m.Optional, m.Seeds, m.Migrations = value.MapOrNull(spec.Core), value.MapOrNull(spec.Optional), value.MapOrNull(spec.Seeds), value.MapOrNull(spec.Migrations)
	m.FrozenTables, m.ExtensionPoints, m.ApprovalRequired = value.SetOrNull(spec.FrozenTables), value.SetOrNull(spec.ExtensionPoints), value.SetOrNull(spec.ApprovalRequired)
}

// isPlannable says whether everything is known that shapes the version.
func (m *templateModel) isPlannable() bool {
	return value.Known(m.Name, m.Version, m.Type, m.Description, m.Extends, m.Source,
		m.Core, m.Optional, m.Seeds, m.Migrations, m.FrozenTables, m.ExtensionPoints, m.ApprovalRequired, m.SQLMode, m.Materialize)
}

// forget marks everything that follows from the files as unknown.
func (m *templateModel) forget() {
	m.ID = types.StringUnknown()
	m.Checksum = types.StringUnknown()
	m.SchemaFingerprint = types.StringUnknown()
	m.Tables = types.ListUnknown(types.StringType)
	m.Modules = types.ListUnknown(types.StringType)
	m.DatabaseName = types.StringUnknown()
	m.PublishedVersions = types.ListUnknown(types.StringType)
}

// unpublish sets that the landlord database does not have the version, so that
// the plan shows that it is published anew.
func (m *templateModel) unpublish() {
	others := slices.DeleteFunc(m.PublishedVersions.Elements(), func(v attr.Value) bool { return v.Equal(m.Version) })
	m.PublishedVersions = types.ListValueMust(types.StringType, others)
}

// fromPlan sets what the plan knows. The schema is unknown to a plan that is
// not proven on the server, unless the same files had one before.
func (m *templateModel) fromPlan(v *landlord.TemplateVersion, prior *templateModel) {
	m.fromVersion(v)
	// Another run may publish or destroy versions before this one is applied.
	m.PublishedVersions = types.ListUnknown(types.StringType)
	if prior != nil && slices.ContainsFunc(prior.PublishedVersions.Elements(), func(v attr.Value) bool { return v.Equal(m.Version) }) {
		m.PublishedVersions = prior.PublishedVersions
	}
	if v.SchemaFingerprint != "" {
		return
	}
	if prior != nil && prior.ID.Equal(m.ID) && prior.Checksum.Equal(m.Checksum) {
		m.SchemaFingerprint = prior.SchemaFingerprint
		return
	}
	m.SchemaFingerprint = types.StringUnknown()
}

// fromVersion sets everything that follows from the files.
func (m *templateModel) fromVersion(v *landlord.TemplateVersion) {
	m.ID = types.StringValue(v.ID)
	m.Checksum = types.StringValue(v.Checksum)
	m.SchemaFingerprint = value.TextOrNull(v.SchemaFingerprint)
	m.Tables = value.FromTexts(v.Tables)
	m.Modules = value.FromTexts(v.Modules)
	m.DatabaseName = value.TextOrNull(v.DatabaseName)
	m.PublishedVersions = value.FromTexts(v.PublishedVersions)
}

// fromRegistry sets what the landlord database says. The files stay as the
// configuration has them: the checksum tells whether they are the same.
func (m *templateModel) fromRegistry(v *landlord.TemplateVersion) {
	if m.Materialize.IsNull() { // an import
		m.Materialize = types.BoolValue(v.DatabaseName != "")
	}
	m.Type = value.KeepText(m.Type, v.Type)
	former := *m
	m.fromVersion(v)
	if !former.Checksum.Equal(m.Checksum) {
		return
	}
	// What follows from the same files is the same: the landlord database need
	// not compose every version anew to say so.
	if v.Tables == nil {
		m.Tables = former.Tables
	}
	if v.Modules == nil {
		m.Modules = former.Modules
	}
	if v.SchemaFingerprint == "" {
		m.SchemaFingerprint = former.SchemaFingerprint
	}
}

// resolve replaces what the plan left unknown.
func (m *templateModel) resolve(v *landlord.TemplateVersion) {
	now := *m
	now.fromVersion(v)
	value.ResolveText(&m.ID, now.ID)
	value.ResolveText(&m.Checksum, now.Checksum)
	value.ResolveText(&m.SchemaFingerprint, now.SchemaFingerprint)
	value.ResolveText(&m.DatabaseName, now.DatabaseName)
	value.ResolveList(&m.Tables, now.Tables)
	value.ResolveList(&m.Modules, now.Modules)
	value.ResolveList(&m.PublishedVersions, now.PublishedVersions)
}
