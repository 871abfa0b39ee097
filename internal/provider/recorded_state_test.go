package provider_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// recordedState is one resource as Terraform stores it.
type recordedState struct {
	SchemaVersion int64           `json:"schema_version"`
	Attributes    json.RawMessage `json:"attributes"`
}

// TestState_recorded reads states that releases have written: what this version
// makes of them has every value that was in them. The first refresh empties what is
// pending of a tenant, so that is left out.
func TestState_recorded(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "states", "*.json"))
	must(t, err)
	if len(files) == 0 {
		t.Fatal("no recorded states")
	}
	c := newCore(t, nil)
	for _, file := range files {
		text, err := os.ReadFile(file)
		must(t, err)
		var recorded map[string]recordedState
		must(t, json.Unmarshal(text, &recorded))
		if len(recorded) < 9 {
			t.Errorf("%s has %d types", file, len(recorded))
		}
		for typeName, state := range recorded {
			var before map[string]any
			must(t, json.Unmarshal(state.Attributes, &before))
			resp, err := c.server.UpgradeResourceState(t.Context(), &tfprotov6.UpgradeResourceStateRequest{
				TypeName: typeName, Version: state.SchemaVersion, RawState: &tfprotov6.RawState{JSON: state.Attributes},
			})
			must(t, err)
			if len(resp.Diagnostics) > 0 {
				t.Errorf("%s: %s: %v", file, typeName, writeAll(resp.Diagnostics))
				continue
			}
			after := attributes(t, c.undynamic(c.resource(typeName).ValueType(), resp.UpgradedState))
			for name, was := range before {
				if was == nil || typeName == "landlord_tenant" && (name == "migration" || name == "findings" || name == "migration_digest") {
					continue
				}
				if got, known := after[name]; !known || got == nil {
					t.Errorf("%s: %s has lost `%s`, which was %v", file, typeName, name, was)
				} else if text, isText := was.(string); isText && cmp.Diff(text, got) != "" {
					t.Errorf("%s: `%s` of %s was %q and is %v", file, name, typeName, text, got)
				}
			}
		}
	}
}
