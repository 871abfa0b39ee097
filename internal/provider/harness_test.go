package provider_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/landlord-db/terraform-provider-landlord/internal/provider"
)

// core stands for Terraform: it speaks the protocol with a provider in this
// process. It tests what no core on this machine asks for, and costs
// milliseconds instead of a second.
type core struct {
	t          *testing.T
	server     tfprotov6.ProviderServer
	schema     *tfprotov6.GetProviderSchemaResponse
	identities map[string]*tfprotov6.ResourceIdentitySchema
	settings   *tfprotov6.DynamicValue // that the provider was configured with last
	private    *sync.Map               // what is kept beside the states, by the object

	// identity holds what was last stored of each type; nil for a core that stores none,
	// as Terraform 1.11.
	identity map[string]*tfprotov6.ResourceIdentityData
}

// values are the attributes of one object; those that are missing are null.
type values map[string]any

// unknown is a value that is known after apply.
type unknown struct{}

// newCore starts a provider with an environment of its own.
func newCore(t *testing.T, environment map[string]string) *core {
	t.Helper()
	return newCoreOf(t, provider.NewWith("test", func(name string) string { return environment[name] }, nil))
}

// keptBeside is what Terraform would keep beside the states, by the name of a test: its
// cores share it, as the processes of a user share a state.
var keptBeside sync.Map

func beside(t *testing.T) *sync.Map {
	t.Helper()
	kept, _ := keptBeside.LoadOrStore(t.Name(), &sync.Map{})
	t.Cleanup(func() { keptBeside.Delete(t.Name()) })
	return kept.(*sync.Map) //nolint:forcetypeassert // nothing else is stored
}

// newCoreOf starts a provider.
func newCoreOf(t *testing.T, p *provider.Provider) *core {
	t.Helper()
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Errorf("closing the provider: %v", err)
		}
	})
	server := provider.NewServer(p)
	schema, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	identities, err := server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range append(schema.Diagnostics, identities.Diagnostics...) {
		t.Fatalf("the schema is at fault: %s", write(d))
	}
	return &core{t: t, server: server, schema: schema, identities: identities.IdentitySchemas, private: beside(t)}
}

// configure configures the provider and returns what it says.
func (c *core) configure(config values) []string {
	c.t.Helper()
	c.settings = c.dynamic(c.schema.Provider.ValueType(), config)
	return c.configureAgain()
}

// configureAgain starts another run with the same configuration, as an apply is.
func (c *core) configureAgain() []string {
	c.t.Helper()
	resp, err := c.server.ConfigureProvider(c.t.Context(), &tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.11.4", Config: c.settings})
	if err != nil {
		c.t.Fatal(err)
	}
	return writeAll(resp.Diagnostics)
}

// validateProvider validates a configuration of the provider.
func (c *core) validateProvider(config values) []string {
	c.t.Helper()
	resp, err := c.server.ValidateProviderConfig(c.t.Context(), &tfprotov6.ValidateProviderConfigRequest{
		Config: c.dynamic(c.schema.Provider.ValueType(), config),
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return writeAll(resp.Diagnostics)
}

// validate validates a configuration of a resource.
func (c *core) validate(typeName string, config values) []string {
	c.t.Helper()
	resp, err := c.server.ValidateResourceConfig(c.t.Context(), &tfprotov6.ValidateResourceConfigRequest{
		TypeName: typeName,
		Config:   c.dynamic(c.resource(typeName).ValueType(), config),

		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return writeAll(resp.Diagnostics)
}

// planned is the answer to a plan.
type planned struct {
	identity    *tfprotov6.ResourceIdentityData
	state       tftypes.Value
	private     []byte
	replace     []string
	diagnostics []string
}

// plan plans a configuration over a prior state, which is nil for a create; a
// nil configuration is a destroy.
func (c *core) plan(typeName string, before any, config values) planned {
	c.t.Helper()
	// As core does, a plan refreshes something first: what it is does not matter.
	_, _ = c.server.ReadResource(c.t.Context(), &tfprotov6.ReadResourceRequest{TypeName: "landlord_nothing"})
	return c.planInApply(typeName, before, config)
}

// planInApply plans once more, in the run that applies.
func (c *core) planInApply(typeName string, before any, config values) planned {
	c.t.Helper()
	prior := open(c.t, before)
	schema := c.resource(typeName)
	of := schema.ValueType()
	request := &tfprotov6.PlanResourceChangeRequest{
		TypeName:   typeName,
		PriorState: c.dynamic(of, prior),
		Config:     c.dynamic(of, config),
	}
	request.ProposedNewState = c.dynamic(of, propose(schema, prior, config))
	request.PriorPrivate, request.PriorIdentity = c.kept(typeName, prior), c.identity[typeName]
	resp, err := c.server.PlanResourceChange(c.t.Context(), request)
	if err != nil {
		c.t.Fatal(err)
	}
	out := planned{private: resp.PlannedPrivate, identity: resp.PlannedIdentity, diagnostics: writeAll(resp.Diagnostics)}
	for _, path := range resp.RequiresReplace {
		out.replace = append(out.replace, path.String())
	}
	if resp.PlannedState != nil {
		out.state = c.undynamic(of, resp.PlannedState)
	}
	return out
}

// apply carries a plan out and returns the new state.
func (c *core) apply(typeName string, before any, config values, plan planned) (tftypes.Value, []string) {
	c.t.Helper()
	prior := open(c.t, before)
	of := c.resource(typeName).ValueType()
	state, err := tfprotov6.NewDynamicValue(of, plan.state)
	if err != nil {
		c.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(c.t.Context(), 2*time.Minute) // a test that hangs says nothing
	defer cancel()
	resp, err := c.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName:       typeName,
		PriorState:     c.dynamic(of, prior),
		PlannedState:   &state,
		Config:         c.dynamic(of, config),
		PlannedPrivate: plan.private,

		PlannedIdentity: plan.identity,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	c.store(typeName, resp.NewIdentity)
	after := c.undynamic(of, resp.NewState)
	c.keep(typeName, after, resp.Private)
	return after, writeAll(resp.Diagnostics)
}

// store stores an identity, in a core that does.
func (c *core) store(typeName string, identity *tfprotov6.ResourceIdentityData) {
	if c.identity != nil {
		c.identity[typeName] = identity
	}
}

// stored returns the identity that was stored last of a type.
func (c *core) stored(typeName string) values {
	c.t.Helper()
	if c.identity[typeName] == nil {
		return nil
	}
	return attributes(c.t, c.undynamic(c.identities[typeName].ValueType(), c.identity[typeName].IdentityData))
}

// kept returns what is kept beside the state of an object.
func (c *core) kept(typeName string, state values) []byte {
	kept, _ := c.private.Load(fmt.Sprint(typeName, state["slug"], state["tenant"], state["name"]))
	private, _ := kept.([]byte)
	return private
}

func (c *core) keep(typeName string, state tftypes.Value, private []byte) {
	if !state.IsNull() {
		c.private.Store(fmt.Sprint(typeName, open(c.t, state)["slug"], open(c.t, state)["tenant"], open(c.t, state)["name"]), private)
	}
}

// read refreshes a state.
func (c *core) read(typeName string, before any) (tftypes.Value, []string) {
	c.t.Helper()
	state := open(c.t, before)
	of := c.resource(typeName).ValueType()
	resp, err := c.server.ReadResource(c.t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: typeName, CurrentState: c.dynamic(of, state), Private: c.kept(typeName, state), CurrentIdentity: c.identity[typeName],
	})
	if err != nil {
		c.t.Fatal(err)
	}
	c.store(typeName, resp.NewIdentity)
	now := c.undynamic(of, resp.NewState)
	c.keep(typeName, now, resp.Private)
	return now, writeAll(resp.Diagnostics)
}

// importID imports an object and returns its state before the refresh.
func (c *core) importID(typeName, id string) any {
	c.t.Helper()
	state, diagnostics := c.importing(&tfprotov6.ImportResourceStateRequest{TypeName: typeName, ID: id})
	if len(diagnostics) > 0 {
		c.t.Fatalf("importing `%s`: %v", id, diagnostics)
	}
	return state
}

// imports imports an object that cannot be, and returns what is said.
func (c *core) imports(typeName, id string) []string {
	c.t.Helper()
	_, diagnostics := c.importing(&tfprotov6.ImportResourceStateRequest{TypeName: typeName, ID: id})
	return diagnostics
}

// importIdentity imports an object by its identity and returns its state before the
// refresh, and what is said.
func (c *core) importIdentity(typeName string, identity values) (any, []string) {
	c.t.Helper()
	return c.importing(&tfprotov6.ImportResourceStateRequest{TypeName: typeName, Identity: &tfprotov6.ResourceIdentityData{
		IdentityData: c.dynamic(c.identities[typeName].ValueType(), identity),
	}})
}

func (c *core) importing(request *tfprotov6.ImportResourceStateRequest) (any, []string) {
	c.t.Helper()
	resp, err := c.server.ImportResourceState(c.t.Context(), request)
	if err != nil {
		c.t.Fatal(err)
	}
	if len(resp.Diagnostics) > 0 || len(resp.ImportedResources) != 1 {
		return nil, writeAll(resp.Diagnostics)
	}
	c.store(request.TypeName, resp.ImportedResources[0].Identity)
	return c.undynamic(c.resource(request.TypeName).ValueType(), resp.ImportedResources[0].State), nil
}

// moves moves a state from one type to another, and returns what is said.
func (c *core) moves(from, to string, state values) []string {
	c.t.Helper()
	before := map[string]any{}
	for _, a := range c.resource(from).Block.Attributes {
		before[a.Name] = state[a.Name]
	}
	for _, b := range c.resource(from).Block.BlockTypes {
		before[b.TypeName] = nil
	}
	text, err := json.Marshal(before)
	if err != nil {
		c.t.Fatal(err)
	}
	resp, err := c.server.MoveResourceState(c.t.Context(), &tfprotov6.MoveResourceStateRequest{
		SourceProviderAddress: "registry.terraform.io/landlord-db/landlord", SourceTypeName: from, SourceState: &tfprotov6.RawState{JSON: text}, TargetTypeName: to,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return writeAll(resp.Diagnostics)
}

// ephemeral opens an ephemeral resource.
func (c *core) ephemeral(typeName string, config values) (result values, private []byte, diagnostics []string) {
	c.t.Helper()
	of := c.schema.EphemeralResourceSchemas[typeName].ValueType()
	valid, err := c.server.ValidateEphemeralResourceConfig(c.t.Context(), &tfprotov6.ValidateEphemeralResourceConfigRequest{TypeName: typeName, Config: c.dynamic(of, config)})
	if err != nil {
		c.t.Fatal(err)
	}
	if diagnostics := writeAll(valid.Diagnostics); len(diagnostics) > 0 {
		return nil, nil, diagnostics
	}
	resp, err := c.server.OpenEphemeralResource(c.t.Context(), &tfprotov6.OpenEphemeralResourceRequest{TypeName: typeName, Config: c.dynamic(of, config)})
	if err != nil {
		c.t.Fatal(err)
	}
	if resp.Result != nil {
		result = attributes(c.t, c.undynamic(of, resp.Result))
	}
	return result, resp.Private, writeAll(resp.Diagnostics)
}

// renew renews an ephemeral resource.
func (c *core) renew(typeName string, private []byte) []string {
	c.t.Helper()
	resp, err := c.server.RenewEphemeralResource(c.t.Context(), &tfprotov6.RenewEphemeralResourceRequest{TypeName: typeName, Private: private})
	if err != nil {
		c.t.Fatal(err)
	}
	return writeAll(resp.Diagnostics)
}

// closes closes an ephemeral resource.
func (c *core) closes(typeName string, private []byte) []string {
	c.t.Helper()
	resp, err := c.server.CloseEphemeralResource(c.t.Context(), &tfprotov6.CloseEphemeralResourceRequest{TypeName: typeName, Private: private})
	if err != nil {
		c.t.Fatal(err)
	}
	return writeAll(resp.Diagnostics)
}

// call calls a function of the provider.
func (c *core) call(name string, arguments ...string) (tftypes.Value, string) {
	c.t.Helper()
	request := &tfprotov6.CallFunctionRequest{Name: name}
	for _, argument := range arguments {
		value, err := tfprotov6.NewDynamicValue(tftypes.String, tftypes.NewValue(tftypes.String, argument))
		if err != nil {
			c.t.Fatal(err)
		}
		request.Arguments = append(request.Arguments, &value)
	}
	resp, err := c.server.CallFunction(c.t.Context(), request)
	if err != nil {
		c.t.Fatal(err)
	}
	if resp.Error != nil {
		return tftypes.Value{}, fmt.Sprintf("argument %d: %s", *resp.Error.FunctionArgument, resp.Error.Text)
	}
	return c.undynamic(c.schema.Functions[name].Return.Type, resp.Result), ""
}

func (c *core) resource(typeName string) *tfprotov6.Schema {
	c.t.Helper()
	schema := c.schema.ResourceSchemas[typeName]
	if schema == nil {
		c.t.Fatalf("the provider has no resource `%s`", typeName)
	}
	return schema
}

func (c *core) dynamic(of tftypes.Type, v values) *tfprotov6.DynamicValue {
	c.t.Helper()
	var raw any
	if v != nil {
		raw = v
	}
	value, err := tfprotov6.NewDynamicValue(of, value(c.t, of, raw))
	if err != nil {
		c.t.Fatal(err)
	}
	return &value
}

func (c *core) undynamic(of tftypes.Type, v *tfprotov6.DynamicValue) tftypes.Value {
	c.t.Helper()
	value, err := v.Unmarshal(of)
	if err != nil {
		c.t.Fatal(err)
	}
	return value
}

// run plans and applies like core does: it plans a second time before the
// apply, and holds the provider to every value that was known. It returns nil
// for an object that is gone, or was never made.
func (c *core) run(typeName string, before any, config values) (any, []string) {
	c.t.Helper()
	first := c.plan(typeName, before, config)
	if hasErrors(first.diagnostics) {
		return before, first.diagnostics
	}
	if diagnostics := c.configureAgain(); hasErrors(diagnostics) {
		c.t.Fatal(diagnostics)
	}
	second := c.planInApply(typeName, before, config)
	if hasErrors(second.diagnostics) {
		return before, second.diagnostics
	}
	c.conforms("the plan of the apply", "", first.state, second.state)
	after, diagnostics := c.apply(typeName, before, config, second)
	if !hasErrors(diagnostics) && config != nil {
		c.conforms("the state after the apply", "", second.state, after)
		if !after.IsFullyKnown() {
			c.t.Errorf("the state after the apply has unknown values: %v", attributes(c.t, after))
		}
	}
	if after.IsNull() {
		return nil, diagnostics
	}
	return after, diagnostics
}

// must is run without any diagnostics.
func (c *core) must(typeName string, before any, config values) any {
	c.t.Helper()
	after, diagnostics := c.run(typeName, before, config)
	if len(diagnostics) > 0 {
		c.t.Fatalf("%s: %s", typeName, strings.Join(diagnostics, "\n"))
	}
	return after
}

// refresh reads an object; nil when it is gone.
func (c *core) refresh(typeName string, before any) (any, []string) {
	c.t.Helper()
	after, diagnostics := c.read(typeName, before)
	if after.IsNull() {
		return nil, diagnostics
	}
	return after, diagnostics
}

// settled refreshes and plans, and fails unless nothing is to do.
func (c *core) settled(typeName string, before any, config values) any {
	c.t.Helper()
	now, diagnostics := c.refresh(typeName, before)
	plan := c.plan(typeName, now, config)
	diagnostics = append(diagnostics, plan.diagnostics...)
	if len(diagnostics) > 0 {
		c.t.Fatalf("%s: %s", typeName, strings.Join(diagnostics, "\n"))
	}
	state, ok := now.(tftypes.Value)
	if !ok {
		c.t.Fatalf("%s is gone", typeName)
	}
	if diff := gocmp.Diff(attributes(c.t, state), attributes(c.t, plan.state)); diff != "" {
		c.t.Fatalf("the plan of %s is not empty (-state +plan):\n%s", typeName, diff)
	}
	return now
}

// conforms checks the rule of core: what was known stays.
func (c *core) conforms(what, at string, before, after tftypes.Value) {
	c.t.Helper()
	if !before.IsKnown() {
		return
	}
	var fields, newFields map[string]tftypes.Value
	var elements, newElements []tftypes.Value
	switch {
	case !before.IsNull() && !after.IsNull() && before.As(&fields) == nil && after.As(&newFields) == nil && len(fields) == len(newFields):
		for name := range fields {
			c.conforms(what, at+"."+name, fields[name], newFields[name])
		}
	case !before.IsNull() && !after.IsNull() && before.As(&elements) == nil && after.As(&newElements) == nil && len(elements) == len(newElements):
		for i := range elements {
			c.conforms(what, fmt.Sprintf("%s[%d]", at, i), elements[i], newElements[i])
		}
	case !before.Equal(after):
		c.t.Errorf("%s differs from what was planned at %s: planned %s, got %s", what, at, before, after)
	}
}

func hasErrors(diagnostics []string) bool {
	return slices.ContainsFunc(diagnostics, func(d string) bool { return strings.HasPrefix(d, "ERROR") })
}

// open takes a state apart: nil, values or a value of the protocol.
func open(t *testing.T, state any) values {
	t.Helper()
	switch state := state.(type) {
	case nil:
		return nil
	case values:
		return state
	case tftypes.Value:
		if state.IsNull() {
			return nil
		}
		var raw map[string]tftypes.Value
		must(t, state.As(&raw))
		opened := values{}
		for name, v := range raw {
			if !v.IsNull() {
				opened[name] = v
			}
		}
		return opened
	}
	t.Fatalf("a state cannot be a %T", state)
	return nil
}

// propose is what core proposes: the configuration, and the prior value of
// what only the provider sets.
func propose(schema *tfprotov6.Schema, prior, config values) values {
	if config == nil {
		return nil
	}
	proposed := values{}
	for _, a := range schema.Block.Attributes {
		if a.WriteOnly {
			continue
		}
		proposed[a.Name] = config[a.Name]
		if a.Computed && config[a.Name] == nil {
			proposed[a.Name] = prior[a.Name]
		}
	}
	return proposed
}

// value makes a value of a type out of plain Go.
func value(t *testing.T, of tftypes.Type, v any) tftypes.Value {
	t.Helper()
	switch v := v.(type) {
	case nil:
		return tftypes.NewValue(of, nil)
	case unknown:
		return tftypes.NewValue(of, tftypes.UnknownValue)
	case tftypes.Value:
		return v
	case values:
		return object(t, of, v)
	case []string:
		return collection(t, of, v)
	case []values:
		list, ok := of.(tftypes.List)
		if !ok {
			t.Fatalf("%v is no list", of)
		}
		inner := []tftypes.Value{}
		for _, element := range v {
			inner = append(inner, value(t, list.ElementType, element))
		}
		return tftypes.NewValue(of, inner)
	}
	return tftypes.NewValue(of, v)
}

func object(t *testing.T, of tftypes.Type, v values) tftypes.Value {
	t.Helper()
	inner := map[string]tftypes.Value{}
	switch of := of.(type) {
	case tftypes.Object:
		for name := range v {
			if of.AttributeTypes[name] == nil {
				t.Fatalf("there is no attribute `%s`", name)
			}
		}
		for name, element := range of.AttributeTypes {
			inner[name] = value(t, element, v[name])
		}
	case tftypes.Map:
		for name, element := range v {
			inner[name] = value(t, of.ElementType, element)
		}
	default:
		t.Fatalf("%v is neither an object nor a map", of)
	}
	return tftypes.NewValue(of, inner)
}

func collection(t *testing.T, of tftypes.Type, texts []string) tftypes.Value {
	t.Helper()
	inner := []tftypes.Value{}
	for _, text := range texts {
		inner = append(inner, tftypes.NewValue(tftypes.String, text))
	}
	return tftypes.NewValue(of, inner)
}

// plain makes plain Go out of a value: nil, unknown, text, bool, number as
// text, list, map.
func plain(t *testing.T, v tftypes.Value) any {
	t.Helper()
	switch {
	case !v.IsKnown():
		return unknown{}
	case v.IsNull():
		return nil
	}
	switch {
	case v.Type().Is(tftypes.String):
		var text string
		must(t, v.As(&text))
		return text
	case v.Type().Is(tftypes.Bool):
		var truth bool
		must(t, v.As(&truth))
		return truth
	case v.Type().Is(tftypes.Number):
		return strings.Trim(strings.TrimPrefix(v.String(), "tftypes.Number"), `<">`)
	case v.Type().Is(tftypes.List{}), v.Type().Is(tftypes.Set{}):
		var elements []tftypes.Value
		must(t, v.As(&elements))
		list := []any{}
		for _, element := range elements {
			list = append(list, plain(t, element))
		}
		return list
	}
	var elements map[string]tftypes.Value
	must(t, v.As(&elements))
	object := values{}
	for name, element := range elements {
		object[name] = plain(t, element)
	}
	return object
}

// attributes returns a state as plain Go, without what is null.
func attributes(t *testing.T, v tftypes.Value) values {
	t.Helper()
	object, ok := plain(t, v).(values)
	if !ok {
		return nil
	}
	for name, value := range object {
		if value == nil {
			delete(object, name)
		}
	}
	return object
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// write writes a diagnostic as a person sees it.
func write(d *tfprotov6.Diagnostic) string {
	at := ""
	if d.Attribute != nil {
		at = " at " + strings.ReplaceAll(d.Attribute.String(), `AttributeName("`, "(")
		at = strings.NewReplacer(`("`, "(", `")`, ")", "AttributeName", "", "ElementKeyString", "").Replace(at)
	}
	return fmt.Sprintf("%s%s: %s\n%s", d.Severity, at, d.Summary, d.Detail)
}

func writeAll(list []*tfprotov6.Diagnostic) []string {
	var texts []string
	for _, d := range list {
		texts = append(texts, write(d))
	}
	slices.Sort(texts)
	return texts
}

// list asks a list resource and returns display names and diagnostics.
func (c *core) list(ctx context.Context, typeName string, limit int64, config values) (names, diagnostics []string, resources []tftypes.Value) {
	c.t.Helper()
	server, ok := c.server.(tfprotov6.ListResourceServer) //nolint:staticcheck // the interface is optional in this version of the protocol
	if !ok {
		c.t.Fatal("the provider lists no resources")
	}
	stream, err := server.ListResource(ctx, &tfprotov6.ListResourceRequest{
		TypeName: typeName, Limit: limit, IncludeResource: true,
		Config: c.dynamic(c.schema.ListResourceSchemas[typeName].ValueType(), config),
	})
	if err != nil {
		c.t.Fatal(err)
	}
	for result := range stream.Results {
		diagnostics = append(diagnostics, writeAll(result.Diagnostics)...)
		if result.Resource == nil {
			continue
		}
		names = append(names, result.DisplayName)
		resources = append(resources, c.undynamic(c.resource(typeName).ValueType(), result.Resource))
	}
	return names, diagnostics, resources
}
