package provider_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// invoke plans and invokes an action and returns its progress and diagnostics.
func (c *core) invoke(actionType string, config values) (progress, diagnostics []string) {
	c.t.Helper()
	server, ok := c.server.(tfprotov6.ActionServer) //nolint:staticcheck // the interface is optional in this version of the protocol
	if !ok {
		c.t.Fatal("the provider has no actions")
	}
	value := c.dynamic(c.schema.ActionSchemas[actionType].Schema.ValueType(), config)
	planned, err := server.PlanAction(c.t.Context(), &tfprotov6.PlanActionRequest{ActionType: actionType, Config: value})
	if err != nil {
		c.t.Fatal(err)
	}
	if said := writeAll(planned.Diagnostics); hasErrors(said) {
		return nil, said
	}
	invoked, err := server.InvokeAction(c.t.Context(), &tfprotov6.InvokeActionRequest{ActionType: actionType, Config: value})
	if err != nil {
		c.t.Fatal(err)
	}
	for event := range invoked.Events {
		switch e := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			progress = append(progress, e.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			diagnostics = append(diagnostics, writeAll(e.Diagnostics)...)
		}
	}
	return progress, diagnostics
}

// planned plans an action and returns what the plan says.
func (c *core) planned(actionType string, config values) []string {
	c.t.Helper()
	server, ok := c.server.(tfprotov6.ActionServer) //nolint:staticcheck // as above
	if !ok {
		c.t.Fatal("the provider has no actions")
	}
	planned, err := server.PlanAction(c.t.Context(), &tfprotov6.PlanActionRequest{ActionType: actionType, Config: c.dynamic(c.schema.ActionSchemas[actionType].Schema.ValueType(), config)})
	if err != nil {
		c.t.Fatal(err)
	}
	return writeAll(planned.Diagnostics)
}

// TestAction does both things with a server.
func TestAction(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	c.must("landlord_tenant", nil, acme(nil))
	checkpoint := values{"tenant": "acme", "name": "before", "contents": "schema", "retention": "24h"}
	for range 2 { // the second one takes the place of the first
		progress, diagnostics := coreOn(t, s).invoke("landlord_take_checkpoint", checkpoint)
		if len(progress) != 1 || missingLine(progress[0], "Checkpoint `before` of tenant `acme`: 0 rows, … bytes.") != "" || len(diagnostics) > 0 {
			t.Errorf("%q: %q", diagnostics, progress)
		}
	}
	rows := s.QueryRows(t, "SELECT name, contents, status FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".tenant_checkpoints")
	if got := fmt.Sprint(rows); got != "[[before schema ready]]" {
		t.Errorf("checkpoints: %s", got)
	}
	if _, diagnostics := coreOn(t, s).invoke("landlord_take_checkpoint", with(checkpoint, values{"tenant": "nobody"})); !hasErrors(diagnostics) {
		t.Error("a tenant that is not there has a checkpoint")
	}
	said(t, coreOn(t, s).planned("landlord_take_checkpoint", with(checkpoint, values{"contents": "data"})),
		"ERROR at (contents): Provider has no checkpoint directory\nCheckpoint `before` of tenant `acme` holds data, and needs a directory for its files.\n\n"+
			"Set `checkpoint_directory` of the provider to a directory that outlives the runs, or take `contents = \"schema\"`.")

	warned := coreOn(t, s).planned("landlord_take_checkpoint", checkpoint)
	if len(warned) != 1 || missingLine(warned[0], "WARNING: Checkpoint of that name gives way\nTenant `acme` has a checkpoint `before` of 2…Z. It is removed when the new one is complete. Choose another name to keep both.") != "" {
		t.Errorf("the plan says %q", warned)
	}
	for _, name := range []string{"contents", "verify"} {
		if open := coreOn(t, s).planned("landlord_take_checkpoint", with(checkpoint, values{name: unknown{}})); !slices.Equal(open, warned) {
			t.Errorf("the plan says %q where %s is not known", open, name)
		}
	}
	said(t, coreOn(t, s).planned("landlord_take_checkpoint", with(checkpoint, values{"name": "other"})))

	digest := "sha256:" + strings.Repeat("0a", 32)
	progress, diagnostics := coreOn(t, s).invoke("landlord_approve_migration", values{"digest": digest, "tenant": "acme", "approved_by": "board"})
	if diff := cmp.Diff([]string{"Approved by board: " + digest + "/acme."}, progress); diff != "" || len(diagnostics) > 0 {
		t.Errorf("%q: %s", diagnostics, diff)
	}
	rows = s.QueryRows(t, "SELECT tenant_slug, digest, approved_by FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".migration_approvals")
	if got := fmt.Sprint(rows); got != "[[acme "+digest+" board]]" {
		t.Errorf("approvals: %s", got)
	}
}

// TestAction_fails tells of failures in their words.
func TestAction_fails(t *testing.T) {
	t.Parallel()
	c, fake := newFakeCore(t)
	fake.fail["Checkpoint"], fake.fail["Approve"] = errors.New("the server is away"), errors.New("the server is away")
	fake.fail["PlanCheckpoint"] = errors.New("the server is away")
	said(t, c.planned("landlord_take_checkpoint", values{"tenant": "acme", "name": "x"}), "ERROR: Checkpoint could not be planned\nCause: the server is away")
	delete(fake.fail, "PlanCheckpoint")
	said(t, c.planned("landlord_take_checkpoint", values{"tenant": "acme", "name": "x"}),
		"WARNING: Checkpoint could not be looked up\nWhether tenant `acme` has a checkpoint `x` already is not known. If it has, that one is removed when the new one is complete.\n\n"+
			"Cause: the server is away\n\nPlan again when the cause is corrected, or choose a name that no checkpoint has.")
	for actionType, k := range map[string]struct {
		config values
		want   string
	}{
		"landlord_take_checkpoint":   {values{"tenant": "acme", "name": "x"}, "ERROR: Checkpoint could not be taken\nCause: the server is away"},
		"landlord_approve_migration": {values{"digest": "sha256:" + strings.Repeat("0a", 32)}, "ERROR: Migration could not be approved\nCause: the server is away"},
	} {
		progress, diagnostics := c.invoke(actionType, k.config)
		if diff := cmp.Diff([]string{k.want}, diagnostics); diff != "" || len(progress) > 0 {
			t.Errorf("%s: %q %s", actionType, progress, diff)
		}
	}
}
