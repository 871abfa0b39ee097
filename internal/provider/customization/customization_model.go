package customization

import (
	"reflect"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/customization"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/value"
)

// customizationModel is a customization as Terraform has it, in configuration,
// plan and state.
type customizationModel struct {
	Tenant  types.String `tfsdk:"tenant"`
	Name    types.String `tfsdk:"name"`
	Reason  types.String `tfsdk:"reason"`
	Author  types.String `tfsdk:"author"`
	Tables  types.Map    `tfsdk:"tables"`
	Columns types.List   `tfsdk:"columns"`
	Indexes types.List   `tfsdk:"indexes"`
	Views   types.Map    `tfsdk:"views"`
	SQL     types.String `tfsdk:"sql"`

	AllowDestructive types.Bool     `tfsdk:"allow_destructive"`
	DestructiveMode  types.String   `tfsdk:"destructive_mode"`
	Retention        types.String   `tfsdk:"retention"`
	Timeouts         timeouts.Value `tfsdk:"timeouts"`

	ID              types.String `tfsdk:"id"`
	Status          types.String `tfsdk:"status"`
	Objects         types.List   `tfsdk:"objects"`
	Migration       types.List   `tfsdk:"migration"`
	Findings        types.List   `tfsdk:"findings"`
	MigrationDigest types.String `tfsdk:"migration_digest"`
	Summary         types.Object `tfsdk:"summary"`
	CreatedAt       types.String `tfsdk:"created_at"`
	UpdatedAt       types.String `tfsdk:"updated_at"`
}

// customizationIdentity is what names a customization.
type customizationIdentity struct {
	Tenant types.String `tfsdk:"tenant"`
	Name   types.String `tfsdk:"name"`
}

func (m *customizationModel) identity() customizationIdentity {
	return customizationIdentity{m.Tenant, m.Name}
}

func (i *customizationIdentity) set(tenant, name string) {
	i.Tenant, i.Name = types.StringValue(tenant), types.StringValue(name)
}

// toSpec returns what the configuration wants. Unknown texts are empty in it.
func (m *customizationModel) toSpec() customization.Spec {
	spec := customization.Spec{
		Tenant:           m.Tenant.ValueString(),
		Name:             m.Name.ValueString(),
		Reason:           m.Reason.ValueString(),
		Author:           m.Author.ValueString(),
		Patch:            m.toPatch(),
		AllowDestructive: m.AllowDestructive.ValueBool(),
		DestructiveMode:  landlord.DestructiveMode(m.DestructiveMode.ValueString()),
	}
	if retention, err := attribute.ParseDuration(m.Retention.ValueString()); err == nil {
		spec.Retention = retention
	}
	return spec
}

// toRemoval returns how the customization goes.
func (m *customizationModel) toRemoval() customization.RemovalOptions {
	spec := m.toSpec()
	return customization.RemovalOptions{AllowDestructive: spec.AllowDestructive, DestructiveMode: spec.DestructiveMode, Retention: spec.Retention}
}

// toPatch returns what the tenant gets.
func (m *customizationModel) toPatch() landlord.CustomizationPatch {
	p := landlord.CustomizationPatch{Tables: value.ToMap(m.Tables), Views: value.ToMap(m.Views), SQL: m.SQL.ValueString()}
	for _, element := range m.Columns.Elements() {
		fields := fieldsOf(element)
		p.Columns = append(p.Columns, landlord.CustomizationColumn{
			Table: textIn(fields, "table"), Name: textIn(fields, "name"), Definition: textIn(fields, "definition"),
		})
	}
	for _, element := range m.Indexes.Elements() {
		fields := fieldsOf(element)
		index := landlord.CustomizationIndex{Table: textIn(fields, "table"), Name: textIn(fields, "name")}
		if columns, ok := fields["columns"].(types.List); ok {
			index.Columns = value.ListedTexts(columns)
		}
		if unique, ok := fields["unique"].(types.Bool); ok {
			index.Unique = unique.ValueBool()
		}
		p.Indexes = append(p.Indexes, index)
	}
	return p
}

func fieldsOf(value attr.Value) map[string]attr.Value {
	if object, ok := value.(types.Object); ok {
		return object.Attributes()
	}
	return nil
}

func textIn(fields map[string]attr.Value, name string) string {
	text, _ := fields[name].(types.String)
	return text.ValueString()
}

// toPrior returns the customization as the prior state knows it.
func (m *customizationModel) toPrior() *customization.PriorCustomization {
	prior := &customization.PriorCustomization{}
	prior.Checksum, _ = m.toPatch().Checksum() // of what was read as a patch before
	for _, value := range m.Objects.Elements() {
		fields := fieldsOf(value)
		prior.Objects = append(prior.Objects, customization.Object{
			Object: textIn(fields, "object"), Element: textIn(fields, "element"), Status: customization.ObjectStatus(textIn(fields, "status")),
			Definition: textIn(fields, "definition"), Found: textIn(fields, "found"),
		})
	}
	return prior
}

// isPlannable says whether everything is known that shapes the statements. The
// reason and the author do not.
func (m *customizationModel) isPlannable() bool {
	return value.Known(m.Tenant, m.Name, m.Tables, m.Columns, m.Indexes, m.Views, m.SQL, m.AllowDestructive, m.DestructiveMode, m.Retention)
}

// isSettled says whether a state leaves nothing to do.
func (m *customizationModel) isSettled() bool {
	if m.Status.ValueString() != string(landlord.CustomizationActive) {
		return false
	}
	return !slices.ContainsFunc(m.toPrior().Objects, func(o customization.Object) bool {
		return o.Status == customization.ObjectMissing || o.Status == customization.ObjectChanged
	})
}

// fromCustomization fills the model with what is there now. The patch keeps the
// spelling of the state, unless the recorded one says something else.
func (m *customizationModel) fromCustomization(c *customization.Customization) {
	if m.ID.IsNull() {
		m.fromImport()
	}
	m.Reason = value.KeepText(m.Reason, c.Reason)
	m.Author = value.KeepText(m.Author, c.Author)
	if !reflect.DeepEqual(m.toPatch(), c.Patch) {
		m.fromPatch(c.Patch)
	}
	m.fromResults(c)
	m.Findings, m.Migration, m.MigrationDigest = attribute.NoFindings(), value.NoSteps(), types.StringNull()
}

// fromResults sets what the landlord finds out.
func (m *customizationModel) fromResults(c *customization.Customization) {
	m.ID = types.StringValue(customization.ID(c.Tenant, c.Name))
	m.Status = types.StringValue(string(c.Status))
	m.Objects = fromObjects(c.Objects)
	m.Summary = fromSummary(c.Summary)
	m.CreatedAt, m.UpdatedAt = value.TimeOrNull(c.CreatedAt), value.TimeOrNull(c.UpdatedAt)
}

// fromImport fills what only a configuration says with the defaults.
func (m *customizationModel) fromImport() {
	m.AllowDestructive = types.BoolValue(false)
	m.DestructiveMode = types.StringValue(string(landlord.Retire))
	m.Retention = types.StringValue(attribute.DefaultRetention)
	m.Timeouts = attribute.NoTimeouts()
}

// fromPatch sets the patch as the landlord database has it.
func (m *customizationModel) fromPatch(p landlord.CustomizationPatch) {
	m.Tables, m.Views, m.SQL = value.MapOrNull(p.Tables), value.MapOrNull(p.Views), value.TextOrNull(p.SQL)
	columns := make([]attr.Value, len(p.Columns))
	for i, c := range p.Columns {
		columns[i] = types.ObjectValueMust(columnTypes(), map[string]attr.Value{
			"table": types.StringValue(c.Table), "name": types.StringValue(c.Name), "definition": types.StringValue(c.Definition),
		})
	}
	indexes := make([]attr.Value, len(p.Indexes))
	for i, x := range p.Indexes {
		unique := types.BoolNull()
		if x.Unique {
			unique = types.BoolValue(true)
		}
		indexes[i] = types.ObjectValueMust(indexTypes(), map[string]attr.Value{
			"table": types.StringValue(x.Table), "name": types.StringValue(x.Name), "columns": value.FromTexts(x.Columns), "unique": unique,
		})
	}
	m.Columns = listOrNull(columnTypes(), columns)
	m.Indexes = listOrNull(indexTypes(), indexes)
}

func listOrNull(of map[string]attr.Type, values []attr.Value) types.List {
	if len(values) == 0 {
		return types.ListNull(types.ObjectType{AttrTypes: of})
	}
	return types.ListValueMust(types.ObjectType{AttrTypes: of}, values)
}

// keepPatch keeps the spelling of the prior state.
func (m *customizationModel) keepPatch(prior *customizationModel) {
	m.Tables, m.Columns, m.Indexes, m.Views, m.SQL = prior.Tables, prior.Columns, prior.Indexes, prior.Views, prior.SQL
}

// forget marks everything that depends on the server as unknown.
func (m *customizationModel) forget(prior *customizationModel) {
	m.ID = types.StringUnknown()
	if !m.Tenant.IsUnknown() && !m.Name.IsUnknown() {
		m.ID = types.StringValue(customization.ID(m.Tenant.ValueString(), m.Name.ValueString()))
	}
	m.Status = types.StringValue(string(landlord.CustomizationActive))
	m.Objects = types.ListUnknown(types.ObjectType{AttrTypes: objectTypes()})
	m.Findings, m.Migration = attribute.UnknownFindings(), types.ListUnknown(types.StringType)
	m.MigrationDigest = types.StringUnknown()
	m.Summary = types.ObjectUnknown(summaryTypes())
	m.CreatedAt, m.UpdatedAt = types.StringUnknown(), types.StringUnknown()
	if prior != nil {
		m.CreatedAt = prior.CreatedAt
	}
}

// fromPlan sets everything that the plan knows.
func (m *customizationModel) fromPlan(p *customization.Plan, prior *customizationModel) {
	m.forget(prior)
	if p.Objects != nil {
		m.Objects = fromObjects(p.Objects)
	}
	if p.Unknown {
		return
	}
	m.Findings = attribute.PlannedFindings(p.Notes, p.Open)
	m.Migration, m.MigrationDigest = value.FromSteps(p.Steps), value.TextOrNull(p.Digest)
}

// resolve replaces what the plan left unknown.
func (m *customizationModel) resolve(c *customization.Customization) {
	now := *m
	now.fromResults(c)
	now.Author = value.TextOrNull(c.Author)
	value.ResolveText(&m.Author, now.Author)
	value.ResolveText(&m.ID, now.ID)
	value.ResolveText(&m.Status, now.Status)
	value.ResolveText(&m.MigrationDigest, types.StringNull())
	value.ResolveText(&m.CreatedAt, now.CreatedAt)
	value.ResolveText(&m.UpdatedAt, now.UpdatedAt)
	value.ResolveList(&m.Objects, now.Objects)
	value.ResolveList(&m.Migration, value.NoSteps())
	value.ResolveList(&m.Findings, attribute.NoFindings())
	if m.Summary.IsUnknown() {
		m.Summary = now.Summary
	}
}

// fromObjects returns the objects of a customization, never null.
func fromObjects(objects []customization.Object) types.List {
	of := objectTypes()
	values := make([]attr.Value, len(objects))
	for i, o := range objects {
		values[i] = types.ObjectValueMust(of, map[string]attr.Value{
			"object": types.StringValue(o.Object), "element": value.TextOrNull(o.Element), "status": types.StringValue(string(o.Status)),
			"definition": value.TextOrNull(o.Definition), "found": value.TextOrNull(o.Found),
		})
	}
	return types.ListValueMust(types.ObjectType{AttrTypes: of}, values)
}

func fromSummary(s customization.Summary) types.Object {
	return types.ObjectValueMust(summaryTypes(), map[string]attr.Value{
		"can_return": types.BoolValue(s.CanReturn), "needed_by": value.FromTexts(s.NeededBy), "loses": value.FromTexts(s.Loses), "promoted": types.BoolValue(s.Promoted),
	})
}

// The types of the nested values, as the schema has them.

func columnTypes() map[string]attr.Type {
	return map[string]attr.Type{"table": types.StringType, "name": types.StringType, "definition": types.StringType}
}

func indexTypes() map[string]attr.Type {
	return map[string]attr.Type{
		"table": types.StringType, "name": types.StringType, "columns": types.ListType{ElemType: types.StringType}, "unique": types.BoolType,
	}
}

func objectTypes() map[string]attr.Type {
	return map[string]attr.Type{
		"object": types.StringType, "element": types.StringType, "status": types.StringType, "definition": types.StringType, "found": types.StringType,
	}
}

func summaryTypes() map[string]attr.Type {
	return map[string]attr.Type{
		"can_return": types.BoolType, "needed_by": types.ListType{ElemType: types.StringType},
		"loses": types.ListType{ElemType: types.StringType}, "promoted": types.BoolType,
	}
}

// samePolicies says whether nothing but the spelling of the patch differs from
// a prior state.
func (m *customizationModel) samePolicies(prior *customizationModel) bool {
	author := m.Author.IsUnknown() || m.Author.Equal(prior.Author)
	return author && m.Reason.Equal(prior.Reason) && m.AllowDestructive.Equal(prior.AllowDestructive) &&
		m.DestructiveMode.Equal(prior.DestructiveMode) && m.Retention.Equal(prior.Retention) && m.Timeouts.Equal(prior.Timeouts)
}
