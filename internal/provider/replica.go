package provider

import (
	"context"
	"errors"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// refuseReplica refuses a plan that changes something while the server of the landlord
// database takes no changes. It stands here because that holds for all resources and
// actions, whatever they plan; one that fails anyway has said why.
func (s *server) refuseReplica(ctx context.Context, diags []*tfprotov6.Diagnostic, changes func() bool) []*tfprotov6.Diagnostic {
	engine := s.provider.current()
	if engine == nil || slices.ContainsFunc(diags, func(d *tfprotov6.Diagnostic) bool { return d.Severity == tfprotov6.DiagnosticSeverityError }) {
		return diags
	}
	err := engine.TakesWrites(ctx)
	if err == nil || !changes() {
		return diags
	}
	refusal := &tfprotov6.Diagnostic{Severity: tfprotov6.DiagnosticSeverityError, Summary: "Server could not be asked whether it takes changes", Detail: "Cause: " + err.Error()}
	var p *landlord.Problem
	if errors.As(landlord.Outcome(err), &p) {
		refusal.Summary, refusal.Detail = p.Summary, p.Text()
	}
	return []*tfprotov6.Diagnostic{refusal} // a warning of what the apply would refuse says the same
}

// changes says whether a plan is another than the state.
func (s *server) changes(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest, resp *tfprotov6.PlanResourceChangeResponse) bool {
	schemas, err := s.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil || schemas.ResourceSchemas[req.TypeName] == nil {
		return true
	}
	of := schemas.ResourceSchemas[req.TypeName].ValueType()
	before, after := stateOf(req.PriorState, of), stateOf(resp.PlannedState, of)
	return before == nil || after == nil || !before.Equal(*after)
}

// stateOf reads a state of the protocol; nil when it cannot be read.
func stateOf(state *tfprotov6.DynamicValue, of tftypes.Type) *tftypes.Value {
	if state == nil {
		return nil
	}
	value, err := state.Unmarshal(of)
	if err != nil {
		return nil
	}
	return &value
}
