package provider_test

import (
	"encoding/json"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/landlord-db/terraform-provider-landlord/internal/provider"
)

// TestServer_forgetsMigration shows a stored state to the server, as Terraform
// does before everything else: the migration of the last apply is gone, and
// nothing else is.
func TestServer_forgetsMigration(t *testing.T) {
	t.Parallel()
	server := provider.NewServer(provider.New("test"))
	schema, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	must(t, err)
	of := schema.ResourceSchemas["landlord_tenant"].ValueType()
	cases := map[string]struct{ state, want values }{
		"with a migration": {
			state: values{"slug": "acme", "name": "Acme", "migration": []any{"DROP TABLE users -- destructive"}, "migration_digest": "sha256:1", "migration_verdict": "review",
				"migration_algorithm": "copy", "migration_locks": "all", "migration_destructive": true, "migration_reversible": false,
				"drift": []any{}, "metadata": values{"plan": "trial"}},
			want: values{"slug": "acme", "name": "Acme", "findings": []any{}, "migration": []any{}, "migration_verdict": "auto", "migration_algorithm": "instant", "migration_locks": "none",
				"migration_destructive": false, "migration_reversible": true, "drift": []any{}, "metadata": values{"plan": "trial"}},
		},
		"that waits": {
			state: values{"slug": "acme", "migration": []any{"DROP TABLE users -- destructive"}, "migration_digest": "sha256:1", "update_status": "pending_approval"},
			want:  values{"slug": "acme", "migration": []any{"DROP TABLE users -- destructive"}, "migration_digest": "sha256:1", "update_status": "pending_approval"},
		},
		"without one": {
			state: values{"slug": "acme", "migration": []any{}, "schema_fingerprint": "v1:0"},
			want:  values{"slug": "acme", "migration": []any{}, "schema_fingerprint": "v1:0"},
		},
		"imported": {state: values{"slug": "acme"}, want: values{"slug": "acme"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw, err := json.Marshal(c.state)
			must(t, err)
			resp, err := server.UpgradeResourceState(t.Context(), &tfprotov6.UpgradeResourceStateRequest{
				TypeName: "landlord_tenant", Version: schema.ResourceSchemas["landlord_tenant"].Version, RawState: &tfprotov6.RawState{JSON: raw},
			})
			must(t, err)
			if len(resp.Diagnostics) > 0 {
				t.Fatal(writeAll(resp.Diagnostics))
			}
			state, err := resp.UpgradedState.Unmarshal(of)
			must(t, err)
			if diff := gocmp.Diff(c.want, attributes(t, state)); diff != "" {
				t.Errorf("state (-want +got):\n%s", diff)
			}
		})
	}
}

// TestServer_unreadableState leaves a state that is no JSON object to the
// framework, which says what is wrong.
func TestServer_unreadableState(t *testing.T) {
	t.Parallel()
	server := provider.NewServer(provider.New("test"))
	resp, err := server.UpgradeResourceState(t.Context(), &tfprotov6.UpgradeResourceStateRequest{
		TypeName: "landlord_tenant", Version: 1, RawState: &tfprotov6.RawState{JSON: []byte(`{"slug": `)},
	})
	must(t, err)
	if len(resp.Diagnostics) != 1 || resp.Diagnostics[0].Severity != tfprotov6.DiagnosticSeverityError {
		t.Errorf("got %v", writeAll(resp.Diagnostics))
	}
}

// TestServer_whole makes sure that the wrapper leaves no part of the protocol
// out.
func TestServer_whole(t *testing.T) {
	t.Parallel()
	server := provider.NewServer(provider.New("test"))
	if _, ok := server.(tfprotov6.ProviderServerWithListResource); !ok { //nolint:staticcheck // optional in this version of the protocol
		t.Error("resources cannot be listed")
	}
	if _, ok := server.(tfprotov6.ProviderServerWithActions); !ok { //nolint:staticcheck // optional in this version of the protocol
		t.Error("actions are left out")
	}
}
