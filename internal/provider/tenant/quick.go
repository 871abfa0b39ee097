package tenant

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/landlord-db/terraform-provider-landlord/internal/provider/session"
)

// Quick answers for tenants with which nothing is to be done, without the
// framework. These are nearly all tenants in nearly every plan, and the
// framework takes each value of each of them apart a dozen times, only to give
// back what it was given. Whatever is not plain is left to the framework.
type Quick struct {
	tenant   tftypes.Object
	identity tftypes.Type
	null     *tfprotov6.ResourceIdentityData // of a core that stores none
	types    map[string]attr.Type            // of a tenant's attributes

	// settable are the attributes that the configuration or else the provider
	// sets, with a default perhaps.
	settable []string
	// still holds what the framework left as it was: what the settable
	// attributes were, for tenants whose plan changes nothing.
	still sync.Map
	// refreshed says that the framework has refreshed a tenant: the first one
	// reads all of them, and writes to the log what it sends.
	refreshed atomic.Bool
}

// NewQuick returns one that has seen nothing yet.
func NewQuick() *Quick {
	ctx := context.Background() // the schema does nothing with it
	tenant := Schema(ctx)
	q := &Quick{types: map[string]attr.Type{}, identity: tenantIdentitySchema().Type().TerraformType(ctx)}
	q.tenant, _ = tenant.Type().TerraformType(ctx).(tftypes.Object)
	for name, attribute := range tenant.Attributes {
		q.types[name] = attribute.GetType()
		if attribute.IsOptional() && attribute.IsComputed() && name != "database_name" { // which has no default once the tenant is there
			q.settable = append(q.settable, name)
		}
	}
	q.null = identityData(q.identity, nil)
	return q
}

// identityData makes an identity of a type; nil when it cannot be made.
func identityData(of tftypes.Type, value any) *tfprotov6.ResourceIdentityData {
	data, err := tfprotov6.NewDynamicValue(of, tftypes.NewValue(of, value))
	if err != nil {
		return nil
	}
	return &tfprotov6.ResourceIdentityData{IdentityData: &data}
}

// object takes a tenant of the protocol apart.
func (q *Quick) object(value *tfprotov6.DynamicValue) (whole tftypes.Value, attributes map[string]tftypes.Value, ok bool) {
	if value == nil || len(value.MsgPack) == 0 {
		return whole, nil, false
	}
	whole, err := value.Unmarshal(q.tenant)
	if err != nil || whole.IsNull() || whole.As(&attributes) != nil {
		return whole, nil, false
	}
	return whole, attributes, true
}

// Plan returns the answer to a plan that changes nothing, or nil, and a key
// under which plans have the same answer, empty for a plan that may change
// something.
//
// Core has to propose the very state, and the state has to be settled. Then the
// only thing that the framework could do is to put a default where the
// configuration says nothing and the state something else. Which defaults there
// are it knows best, so it is asked once for all tenants that have the same there.
func (q *Quick) Plan(req *tfprotov6.PlanResourceChangeRequest) (answer *tfprotov6.PlanResourceChangeResponse, key string) {
	if req.TypeName != session.TypeName+"_tenant" || len(req.PriorPrivate) > 0 || req.PriorState == nil || req.ProposedNewState == nil ||
		!bytes.Equal(req.PriorState.MsgPack, req.ProposedNewState.MsgPack) {
		return nil, ""
	}
	whole, state, ok := q.object(req.PriorState)
	if !ok || !isSettled(tfsdk.State{Raw: whole}) {
		return nil, ""
	}
	_, config, ok := q.object(req.Config)
	if !ok {
		return nil, ""
	}
	var b strings.Builder
	for _, name := range q.settable {
		if config[name].IsNull() {
			fmt.Fprintf(&b, "%s=%s\n", name, state[name])
		}
	}
	key = "still\n" + b.String()
	if _, known := q.still.Load(key); !known {
		return nil, key
	}
	answer = &tfprotov6.PlanResourceChangeResponse{PlannedState: req.PriorState, PlannedIdentity: req.PriorIdentity}
	if answer.PlannedIdentity == nil {
		answer.PlannedIdentity = q.null
	}
	return answer, key
}

// Learn remembers a plan that the framework left as it was.
func (q *Quick) Learn(key string, req *tfprotov6.PlanResourceChangeRequest, resp *tfprotov6.PlanResourceChangeResponse) {
	if key == "" || resp == nil || len(resp.Diagnostics)+len(resp.RequiresReplace)+len(resp.PlannedPrivate) > 0 || resp.Deferred != nil {
		return
	}
	before, _, ok := q.object(req.PriorState)
	after, _, still := q.object(resp.PlannedState)
	if ok && still && before.Equal(after) {
		q.still.Store(key, struct{}{})
	}
}

// Goes makes known that the framework has refreshed a tenant.
func (q *Quick) Goes() { q.refreshed.Store(true) }

// Read returns the answer to a refresh that finds everything as it was, or nil.
func (q *Quick) Read(ctx context.Context, engine tenants, req *tfprotov6.ReadResourceRequest) *tfprotov6.ReadResourceResponse {
	if !q.refreshed.Load() || req.TypeName != session.TypeName+"_tenant" || len(req.Private) > 0 {
		return nil
	}
	_, attributes, ok := q.object(req.CurrentState)
	if !ok {
		return nil
	}
	former, ok := q.model(ctx, attributes)
	if !ok {
		return nil
	}
	tenant, err := engine.ReadTenant(ctx, former.Slug.ValueString(), former.toPrior(""))
	if err != nil || tenant.DatabaseMissing || tenant.Behind || tenant.Fleet != "" || len(tenant.Drift) > 0 {
		return nil // there is something to say
	}
	state := former
	state.fromTenant(tenant)
	identity := identityData(q.identity, map[string]tftypes.Value{"slug": attributes["slug"]})
	if !reflect.DeepEqual(former, state) || !sameIdentity(req.CurrentIdentity, identity) {
		return nil
	}
	return &tfprotov6.ReadResourceResponse{NewState: req.CurrentState, NewIdentity: identity}
}

// sameIdentity says whether core has an identity, if it has any.
func sameIdentity(former, now *tfprotov6.ResourceIdentityData) bool {
	if former == nil || now == nil {
		return now != nil
	}
	return former.IdentityData != nil && bytes.Equal(former.IdentityData.MsgPack, now.IdentityData.MsgPack)
}

// model makes a model of the attributes of a state, as the framework would.
func (q *Quick) model(ctx context.Context, attributes map[string]tftypes.Value) (m Model, ok bool) {
	target := reflect.ValueOf(&m).Elem()
	for i := range target.NumField() {
		name := target.Type().Field(i).Tag.Get("tfsdk")
		of := q.types[name]
		if of == nil {
			return m, false
		}
		value, err := of.ValueFromTerraform(ctx, attributes[name])
		if err != nil || reflect.TypeOf(value) != target.Field(i).Type() {
			return m, false
		}
		target.Field(i).Set(reflect.ValueOf(value))
	}
	return m, true
}
