package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/session"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider/tenant"
)

// Serve serves the provider to Terraform until Terraform ends it. The address
// is that of the registry; debug waits for a debugger and for Terraform to be
// pointed at this process.
func Serve(address, version string, debug bool) error {
	var options []tf6server.ServeOpt
	if debug {
		options = append(options, tf6server.WithManagedDebug())
	}
	var served []*Provider
	err := tf6server.Serve(address, func() tfprotov6.ProviderServer {
		p := New(version)
		served = append(served, p)
		if !debug {
			go endWithParent(p)
		}
		return NewServer(p)
	}, options...)
	for _, p := range served {
		p.settle(settleTime)
	}
	if err != nil {
		return fmt.Errorf("serving the provider: %w", err)
	}
	return nil
}

// settleTime is how long a process that Terraform has ended still tells people of
// what it applied. Terraform kills it after two seconds.
const settleTime = 1500 * time.Millisecond

// wholeServer is all that the framework's server can do: an interface that the
// wrapper left out would be missing without a word.
type wholeServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer //nolint:staticcheck // optional in this version of the protocol
	tfprotov6.ActionServer       //nolint:staticcheck // optional in this version of the protocol
	tfprotov6.StateStoreServer   //nolint:staticcheck // optional in this version of the protocol
}

// server is the framework's server, which it saves from most of what a state
// holds, and from tenants with which nothing is to be done.
type server struct {
	wholeServer

	provider *Provider
	quick    *tenant.Quick
}

// NewServer returns what speaks the protocol for a provider.
func NewServer(p *Provider) tfprotov6.ProviderServer {
	inner := providerserver.NewProtocol6(p)()
	whole, ok := inner.(wholeServer)
	if !ok {
		return inner // slower, and otherwise the same
	}
	return &server{whole, p, tenant.NewQuick()}
}

// UpgradeResourceState is where Terraform shows each stored state first. A
// tenant's state holds the migration of its last apply, because a state has to
// hold what was planned; the refresh that follows would empty it anyway. That is nine
// tenths of the state, and Terraform and the framework take each value of it
// apart a dozen times in a plan that has nothing to do.
func (s *server) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	if req.TypeName == session.TypeName+"_tenant" && req.RawState != nil {
		req.RawState.JSON = withoutMigration(req.RawState.JSON)
	}
	return s.wholeServer.UpgradeResourceState(ctx, req)
}

// ReadResource refreshes an object.
func (s *server) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	engine := s.provider.current()
	if engine != nil {
		engine.Refresh()
		if answer := s.quick.Read(ctx, engine, req); answer != nil {
			return answer, nil
		}
	}
	resp, err := s.wholeServer.ReadResource(ctx, req)
	if err == nil && req.TypeName == session.TypeName+"_tenant" && len(resp.Diagnostics) == 0 {
		s.quick.Goes()
	}
	return resp, err //nolint:wrapcheck // it is the framework's
}

// PlanResourceChange plans an object.
func (s *server) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	answer, key := s.quick.Plan(req)
	if answer != nil {
		return answer, nil
	}
	resp, err := s.wholeServer.PlanResourceChange(ctx, req)
	if err == nil {
		s.quick.Learn(key, req, resp)
		resp.Diagnostics = s.refuseReplica(ctx, resp.Diagnostics, func() bool { return s.changes(ctx, req, resp) })
	}
	return resp, err //nolint:wrapcheck // it is the framework's
}

// PlanAction plans an action, all of which change something.
func (s *server) PlanAction(ctx context.Context, req *tfprotov6.PlanActionRequest) (*tfprotov6.PlanActionResponse, error) {
	resp, err := s.wholeServer.PlanAction(ctx, req)
	if err == nil {
		resp.Diagnostics = s.refuseReplica(ctx, resp.Diagnostics, func() bool { return true })
	}
	return resp, err //nolint:wrapcheck // it is the framework's
}

// ApplyResourceChange changes an object. People are told of it beside what comes
// next.
func (s *server) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	resp, err := s.wholeServer.ApplyResourceChange(ctx, req)
	if engine := s.provider.current(); engine != nil {
		engine.Announce()
	}
	return resp, err //nolint:wrapcheck // it is the framework's
}

// withoutMigration empties the migration in a stored state. A state that it
// cannot read it leaves to those whose business it is.
func withoutMigration(state []byte) []byte {
	var attributes map[string]json.RawMessage
	if json.Unmarshal(state, &attributes) != nil {
		return state
	}
	var status landlord.UpdateStatus
	if json.Unmarshal(attributes["update_status"], &status) == nil && status.Stays() {
		return state // what waits is there until somebody decides
	}
	if isFilled(attributes["migration"]) || isFilled(attributes["findings"]) {
		for name, empty := range map[string]string{
			"findings": "[]", "migration": "[]", "migration_digest": "null", "migration_verdict": `"auto"`,
			"migration_algorithm": `"instant"`, "migration_locks": `"none"`, "migration_destructive": "false", "migration_reversible": "true",
		} {
			attributes[name] = json.RawMessage(empty)
		}
	}
	emptied, err := json.Marshal(attributes)
	if err != nil {
		return state
	}
	return emptied
}

// isFilled says whether a list of a stored state has elements.
func isFilled(list json.RawMessage) bool {
	return !slices.Contains([]string{"", "null", "[]"}, string(list))
}
