package fleet

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/fleet"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/attribute"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/tenant"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/value"
)

// fleetModel is a fleet as Terraform has it, in configuration, plan and state.
type fleetModel struct {
	Name     types.String `tfsdk:"name"`
	Template types.String `tfsdk:"template"`
	Tenants  types.String `tfsdk:"tenants"`
	Select   types.Object `tfsdk:"select"`
	Pool     types.Int64  `tfsdk:"pool"`
	Released types.Set    `tfsdk:"released"`
	Rollout  types.Object `tfsdk:"rollout"`

	Placement types.Map `tfsdk:"placement"`

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

	ID          types.String `tfsdk:"id"`
	Selected    types.String `tfsdk:"selected"`
	Pooled      types.String `tfsdk:"ready_tenants"`
	Plans       types.List   `tfsdk:"plans"`
	PlanDigest  types.String `tfsdk:"plan_digest"`
	Summary     types.Object `tfsdk:"summary"`
	Results     types.List   `tfsdk:"results"`
	Fingerprint types.String `tfsdk:"fingerprint"`
}

// identity returns what names the fleet.
func (m *fleetModel) identity() attribute.NamedIdentity { return attribute.NamedIdentity{Name: m.Name} }

// policies returns what is the same for all tenants.
func (m *fleetModel) policies() *tenant.Model {
	return &tenant.Model{
		UpdatePolicy: m.UpdatePolicy, DriftPolicy: m.DriftPolicy, Resolutions: m.Resolutions, AllowDestructive: m.AllowDestructive,
		DestructiveMode: m.DestructiveMode, DestructiveObjects: m.DestructiveObjects, Retention: m.Retention, ProbeData: m.ProbeData, Automatic: m.Automatic,
		DeletionPolicy: m.DeletionPolicy, DeletionCheckpoint: m.DeletionCheckpoint,
	}
}

// toSpec returns what the configuration wants. The error is a *landlord.Problem
// at `tenants`.
func (m *fleetModel) toSpec() (fleet.Spec, error) {
	spec := fleet.Spec{Name: m.Name.ValueString(), Template: m.Template.ValueString(), Policies: m.policies().ToSpec(), Released: value.ToTexts(m.Released)}
	var err error
	if !m.Tenants.IsNull() {
		if spec.Members, err = fleet.ParseMembers(m.Tenants.ValueString()); err != nil {
			return fleet.Spec{}, err //nolint:wrapcheck // it is in the words of the interface
		}
	}
	if !m.Select.IsNull() {
		template, _ := m.Select.Attributes()["template"].(types.String)
		metadata, _ := m.Select.Attributes()["metadata"].(types.Map)
		spec.Select, spec.Selected = &fleet.Selection{Template: template.ValueString(), Metadata: value.ToMap(metadata)}, toSlugs(m.Selected)
	}
	spec.Pool, spec.Pooled = int(m.Pool.ValueInt64()), toSlugs(m.Pooled)
	spec.Placement = m.toPlacement()
	spec.Rollout, err = m.toRollout()
	return spec, err
}

// toPlacement returns where tenants are made whose entry does not say it.
func (m *fleetModel) toPlacement() fleet.Placement {
	out := fleet.Placement{}
	for key, value := range m.Placement.Elements() {
		if weight, ok := value.(types.Int64); ok {
			out[key] = weight.ValueInt64()
		}
	}
	return out
}

// toRollout returns how a change reaches the tenants.
func (m *fleetModel) toRollout() (fleet.Rollout, error) {
	attributes := m.Rollout.Attributes()
	text := func(name string) string {
		v, _ := attributes[name].(types.String)
		return v.ValueString()
	}
	number := func(name string) int {
		v, _ := attributes[name].(types.Int64)
		return int(v.ValueInt64())
	}
	canary, _ := attributes["canary"].(types.Set)
	metadata, _ := attributes["canary_metadata"].(types.Map)
	waves, _ := attributes["waves"].(types.List)
	out := fleet.Rollout{
		Canary: value.ToTexts(canary), CanaryMetadata: value.ToMap(metadata), Through: text("through"), OnFailure: fleet.OnFailure(text("on_failure")),
		MaxParallel: number("max_parallel"), MaxPerServer: number("max_parallel_per_server"),
	}
	if written := text("max_failures"); written != "" {
		var err error
		if out.MaxFailures, out.FailuresShare, err = fleet.ParseFailures(written); err != nil {
			return out, err //nolint:wrapcheck // validation has said it already
		}
	}
	if soak, err := attribute.ParseDuration(text("soak")); err == nil {
		out.Soak = soak
	}
	for _, value := range waves.Elements() {
		written, _ := value.(types.String)
		wave, err := fleet.ParseWave(written.ValueString())
		if err != nil {
			return out, err //nolint:wrapcheck // validation has said it already
		}
		out.Waves = append(out.Waves, wave)
	}
	return out, nil
}

// toPrior returns the fleet as the prior state, whose list is right, knows it.
func (m *fleetModel) toPrior() *fleet.Prior {
	spec, err := m.toSpec()
	if err != nil {
		spec = fleet.Spec{Name: m.Name.ValueString()}
	}
	later, _ := m.Summary.Attributes()["later"].(types.Int64)
	return &fleet.Prior{Spec: spec, Results: m.toResults(), Later: later.ValueInt64(), Fingerprint: m.Fingerprint.ValueString(), Deletion: m.policies().ToDeleteOptions()}
}

// isPlannable says whether everything is known that shapes the plan.
func (m *fleetModel) isPlannable() bool {
	return value.Known(m.Rollout, m.Placement, m.Name, m.Template, m.Tenants, m.Select, m.Pool, m.Released, m.UpdatePolicy, m.DriftPolicy, m.Resolutions, m.AllowDestructive, m.DestructiveMode, m.DestructiveObjects,
		m.Retention, m.ProbeData, m.DeletionPolicy, m.DeletionCheckpoint, m.Automatic)
}

// forget marks everything that depends on the servers as unknown.
func (m *fleetModel) forget() {
	m.ID = m.Name
	m.Selected, m.Pooled = types.StringUnknown(), types.StringUnknown()
	m.Plans = types.ListUnknown(types.ObjectType{AttrTypes: fleetPlanTypes()})
	m.PlanDigest = types.StringUnknown()
	m.Summary = types.ObjectUnknown(fleetSummaryTypes())
	m.Results = types.ListUnknown(types.ObjectType{AttrTypes: fleetResultTypes()})
	m.Fingerprint = types.StringUnknown()
}

// fromPlan sets everything that a plan knows.
func (m *fleetModel) fromPlan(p *fleet.Plan, prior *fleetModel) {
	m.forget()
	if !p.Unsure || m.Select.IsNull() {
		m.Selected = fromSlugs(p.Selected, !m.Select.IsNull())
	}
	if !p.Unsure || m.Pool.IsNull() {
		m.Pooled = fromSlugs(p.Pooled, !m.Pool.IsNull())
	}
	if p.Unsure {
		return
	}
	if p.Unseen {
		return
	}
	if p.HasWork() || prior == nil {
		m.Plans, m.PlanDigest = fromClasses(p.Classes), value.TextOrNull(p.Digest)
		m.Summary = fromFleetSummary(p.Summary, "total", "to_create", "to_update", "conflict", "held")
		return
	}
	m.Plans, m.PlanDigest, m.Fingerprint = fromClasses(p.Classes), types.StringNull(), prior.Fingerprint
	m.Summary, m.Results = fromFleetSummary(p.Summary), fromResults(p.Results)
	if m.wantsTheSame(prior) { // who waits has been told already: that is no difference
		m.Plans, m.PlanDigest = prior.Plans, prior.PlanDigest
		m.Summary = merged(m.Summary, prior.Summary, func(name string) bool { return name == "to_create" || name == "to_update" })
	}
}

// wantsTheSame says whether the configuration is that of another model.
func (m *fleetModel) wantsTheSame(other *fleetModel) bool {
	same := *m
	same.ID, same.Selected, same.Pooled, same.Plans, same.PlanDigest, same.Summary, same.Results, same.Fingerprint = other.ID, other.Selected, other.Pooled, other.Plans, other.PlanDigest, other.Summary, other.Results, other.Fingerprint
	return reflect.DeepEqual(same, *other)
}

// fromState sets what is known of the tenants now.
func (m *fleetModel) fromState(s *fleet.State) {
	m.ID = m.Name
	m.Summary, m.Results, m.Fingerprint = fromFleetSummary(s.Summary), fromResults(s.Results), types.StringValue(s.Fingerprint)
}

// sameMembers says whether two lists have the same tenants, however they are
// written.
func sameMembers(a, b types.String) bool {
	one, err := fleet.ParseMembers(a.ValueString())
	if err != nil {
		return false
	}
	other, err := fleet.ParseMembers(b.ValueString())
	return err == nil && reflect.DeepEqual(one, other)
}

// resolve replaces what the plan left unknown.
func (m *fleetModel) resolve(a *fleet.Applied) {
	now := *m
	now.fromState(&a.State)
	if m.Plans.IsUnknown() {
		m.Plans = fromClasses(nil)
	}
	m.Plans = settled(m.Plans)
	if m.PlanDigest.IsUnknown() {
		m.PlanDigest = types.StringNull()
	}
	if m.Summary.IsUnknown() {
		m.Summary = now.Summary
	}
	m.Summary = merged(m.Summary, now.Summary, func(name string) bool { return m.Summary.Attributes()[name].IsUnknown() })
	if m.Results.IsUnknown() {
		m.Results = now.Results
	}
	value.ResolveText(&m.ID, now.ID)
	if m.Selected.IsUnknown() {
		m.Selected = fromSlugs(a.Selected, !m.Select.IsNull())
	}
	if m.Pooled.IsUnknown() {
		m.Pooled = fromSlugs(a.Pooled, !m.Pool.IsNull())
	}
	value.ResolveText(&m.Fingerprint, now.Fingerprint)
}

// fromSlugs writes slugs as a JSON text, null where there can be none.
func fromSlugs(slugs []string, can bool) types.String {
	if !can {
		return types.StringNull()
	}
	if slugs == nil {
		slugs = []string{}
	}
	text, err := json.Marshal(slugs)
	if err != nil {
		return types.StringNull() // a list of texts has a form
	}
	return types.StringValue(string(text))
}

// toSlugs reads slugs from a JSON text of a state.
func toSlugs(text types.String) []string {
	var slugs []string
	if json.Unmarshal([]byte(text.ValueString()), &slugs) != nil {
		return nil
	}
	return slugs
}

// toResults returns the results of a state.
func (m *fleetModel) toResults() []fleet.Result {
	var out []fleet.Result
	for _, value := range m.Results.Elements() {
		object, ok := value.(types.Object)
		if !ok {
			continue
		}
		texts := map[string]string{}
		for name, v := range object.Attributes() {
			if text, ok := v.(types.String); ok {
				texts[name] = text.ValueString()
			}
		}
		out = append(out, fleet.Result{Slug: texts["slug"], Status: texts["status"], Reason: texts["reason"]})
	}
	return out
}

// fromFleetSummary returns the counts of a fleet. Where only some are known, the others
// are not.
func fromFleetSummary(s fleet.Summary, known ...string) types.Object {
	values := map[string]attr.Value{}
	for name, n := range fleetCounts(s) {
		if values[name] = types.Int64Value(n); len(known) > 0 && !slices.Contains(known, name) {
			values[name] = types.Int64Unknown()
		}
	}
	return types.ObjectValueMust(fleetSummaryTypes(), values)
}

// merged returns the counts of a summary, with some of those of another one.
func merged(summary, other types.Object, others func(name string) bool) types.Object {
	if other.IsNull() || other.IsUnknown() {
		return summary
	}
	values := summary.Attributes()
	for name, n := range other.Attributes() {
		if others(name) {
			values[name] = n
		}
	}
	return types.ObjectValueMust(fleetSummaryTypes(), values)
}

// fromClasses returns the classes of a plan, never null.
func fromClasses(classes []fleet.Class) types.List {
	of := fleetPlanTypes()
	values := make([]attr.Value, len(classes))
	for i, c := range classes {
		steps := make([]string, len(c.Steps))
		for n := range c.Steps {
			steps[n] = c.Steps[n].Line()
		}
		rows, bytes := fromSize(&classes[i])
		drifted := types.Int64Null()
		if c.Drifted > 0 {
			drifted = types.Int64Value(int64(c.Drifted))
		}
		findings := attribute.FindingsOrNull(c.Findings)
		if c.Unasked {
			findings = attribute.UnknownFindings()
		}
		values[i] = types.ObjectValueMust(of, map[string]attr.Value{
			"action": types.StringValue(string(c.Action)), "server": value.TextOrNull(c.Server), "wave": value.TextOrNull(c.Wave), "tenants": types.Int64Value(int64(c.Tenants)), "slugs": types.StringValue(strings.Join(c.Slugs, ", ")),
			"from": value.TextOrNull(c.From), "to": value.TextOrNull(c.To), "verdict": value.TextOrNull(c.Verdict), "digest": value.TextOrNull(c.Digest),
			"steps": value.FromTexts(steps), "rows": rows, "bytes": bytes, "drifted": drifted, "findings": findings, "conflicts": value.FromTexts(c.Conflicts), "conflict_details": fromConflicts(c.Open), "reason": value.TextOrNull(c.Reason),
		})
	}
	return types.ListValueMust(types.ObjectType{AttrTypes: of}, values)
}

// fromSize returns how large the tables are that a class changes.
func fromSize(c *fleet.Class) (rows, bytes types.Int64) {
	switch {
	case c.Unsized:
		return types.Int64Unknown(), types.Int64Unknown()
	case c.Size == nil:
		return types.Int64Null(), types.Int64Null()
	}
	return types.Int64Value(c.Size.Rows), types.Int64Value(c.Size.Bytes)
}

// settled returns the classes of a plan with nothing where they were left unknown.
func settled(plans types.List) types.List {
	of := fleetPlanTypes()
	values := slices.Clone(plans.Elements())
	for i := range values {
		class, ok := values[i].(types.Object)
		if !ok {
			continue
		}
		attributes := class.Attributes()
		for _, name := range []string{"rows", "bytes"} {
			if attributes[name].IsUnknown() {
				attributes[name] = types.Int64Null()
			}
		}
		if attributes["findings"].IsUnknown() {
			attributes["findings"] = attribute.FindingsOrNull(nil)
		}
		values[i] = types.ObjectValueMust(of, attributes)
	}
	return types.ListValueMust(types.ObjectType{AttrTypes: of}, values)
}

// fromConflicts returns conflicts with their definitions, null for none: a plan
// prints nothing of it.
func fromConflicts(open []landlord.Finding) types.List {
	of := fleetConflictTypes()
	if len(open) == 0 {
		return types.ListNull(types.ObjectType{AttrTypes: of})
	}
	values := make([]attr.Value, len(open))
	for i := range open {
		f := &open[i]
		values[i] = types.ObjectValueMust(of, map[string]attr.Value{
			"object": types.StringValue(f.Object), "detail": types.StringValue(f.Detail), "action": value.TextOrNull(f.Action),
			"base": value.TextOrNull(f.Base), "template": value.TextOrNull(f.Template), "own": value.TextOrNull(f.Own),
		})
	}
	return types.ListValueMust(types.ObjectType{AttrTypes: of}, values)
}

// fromResults returns the tenants that are not where they should be, never null.
func fromResults(results []fleet.Result) types.List {
	of := fleetResultTypes()
	values := make([]attr.Value, len(results))
	for i, r := range results {
		values[i] = types.ObjectValueMust(of, map[string]attr.Value{
			"slug": types.StringValue(r.Slug), "status": types.StringValue(r.Status), "reason": types.StringValue(r.Reason),
		})
	}
	return types.ListValueMust(types.ObjectType{AttrTypes: of}, values)
}
