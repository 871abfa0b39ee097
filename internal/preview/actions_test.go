package preview_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/preview"
)

// waitingPlan is a plan with two tenants and a fleet whose migrations need
// approvals.
func waitingPlan(resources, more string) string {
	tenant := func(slug, digest string) string {
		return fmt.Sprintf(`{"address":"landlord_tenant.%[1]s","mode":"managed","type":"landlord_tenant","change":{"actions":["update"],"before":{"slug":%[1]q,"applied_template":"a@1"},
"after":{"slug":%[1]q,"template":"a@2","migration_digest":%[2]q,"migration":["ALTER TABLE x ADD y INT"],"findings":[{"kind":"approval","severity":"warning","detail":"it needs one"}]}}}`, slug, digest)
	}
	fleet := `{"address":"landlord_tenant_fleet.f","mode":"managed","type":"landlord_tenant_fleet","change":{"actions":["update"],"before":{"tenants":"{}"},"after":{"name":"f","tenants":"{}",
"plans":[{"action":"wait","tenants":12,"slugs":"s1, s2, s3, s4, s5, s6, s7, s8, s9, s10","digest":"sha256:cc","steps":["ALTER TABLE x ADD z INT"],"reason":"its migration waits for an approval"}]}}}`
	return `{"format_version":"1.2","timestamp":"2026-06-01T00:00:00Z","planned_values":{},"resource_changes":[` +
		strings.Join([]string{tenant("alpha", "sha256:aa"), tenant("beta", "sha256:bb"), fleet}, ",") + resources + `]` + more + `}`
}

// TestApproved shows a migration as one that runs when the plan has its approval,
// and as one that waits otherwise.
func TestApproved(t *testing.T) {
	t.Parallel()
	approval := func(action, digest, more string) string {
		return fmt.Sprintf(`,{"address":"landlord_migration_approval.x","mode":"managed","type":"landlord_migration_approval","change":{"actions":[%q],"before":null,"after":{"digest":%q%s}}}`, action, digest, more)
	}
	invocation := func(config string) string {
		return `,"action_invocations":[{"address":"action.landlord_approve_migration.x","type":"landlord_approve_migration","config_values":` + config + `}]`
	}
	const now = "It is approved by this plan: it runs now where it comes after the approval, else with the next apply."
	for name, c := range map[string]struct {
		resources, more string
		want            []string
		waiting         int // tenants
	}{
		"none":          {want: []string{"wait alpha  ", "wait beta  ", "wait s1  its migration waits for an approval"}, waiting: 14},
		"there already": {resources: approval("no-op", "sha256:aa", `,"approved_by":"Board"`), want: []string{"update alpha Board ", "wait beta  ", "wait s1  its migration waits for an approval"}, waiting: 13},
		"of this plan":  {resources: approval("create", "sha256:aa", ``), want: []string{"update alpha who applies " + now, "wait beta  ", "wait s1  its migration waits for an approval"}, waiting: 13},
		"of another":    {resources: approval("no-op", "sha256:aa", `,"approved_by":"Board","tenant":"beta"`), want: []string{"wait alpha  ", "wait beta  ", "wait s1  its migration waits for an approval"}, waiting: 14},
		"its own":       {resources: approval("no-op", "sha256:bb", `,"approved_by":"Board","tenant":"beta","expires_at":"2026-06-01T00:00:01Z"`), want: []string{"update beta Board ", "wait alpha  ", "wait s1  its migration waits for an approval"}, waiting: 13},
		"run out":       {resources: approval("no-op", "sha256:aa", `,"approved_by":"Board","expires_at":"2026-05-31T00:00:00Z"`), want: []string{"wait alpha  ", "wait beta  ", "wait s1  its migration waits for an approval"}, waiting: 14},
		"withdrawn": {resources: `,{"address":"landlord_migration_approval.x","mode":"managed","type":"landlord_migration_approval","change":{"actions":["delete"],"before":{"digest":"sha256:aa"},"after":null}}`,
			want: []string{"wait alpha  ", "wait beta  ", "wait s1  its migration waits for an approval"}, waiting: 14},
		"whole fleet":  {resources: approval("no-op", "sha256:cc", `,"approved_by":"Board"`), want: []string{"update s1 Board ", "wait alpha  ", "wait beta  "}, waiting: 2},
		"one of many":  {resources: approval("no-op", "sha256:cc", `,"approved_by":"Board","tenant":"s1"`), want: []string{"wait alpha  ", "wait beta  ", "wait s1  its migration waits for an approval"}, waiting: 14},
		"by an action": {more: invocation(`{"digest":"sha256:bb","approved_by":"Eva"}`), want: []string{"update beta Eva " + now, "wait alpha  ", "wait s1  its migration waits for an approval"}, waiting: 13},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report := previewOf(t, waitingPlan(c.resources, c.more))
			var got []string
			for _, x := range append(report.Classes, report.Fleets[0].Classes...) {
				got = append(got, fmt.Sprintf("%s %s %s %s", x.Action, x.Slugs[0], x.ApprovedBy, x.Reason))
			}
			if diff := cmp.Diff(c.want, got, cmp.Transformer("sorted", sorted)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			waiting := 0
			for _, a := range report.Approvals {
				waiting += a.Tenants
			}
			if waiting != c.waiting || report.Summary.Wait != c.waiting || report.Summary.Wait+report.Summary.Update != 14 {
				t.Errorf("%d tenants wait, not %d: %+v", waiting, c.waiting, report.Summary)
			}
			if text := report.Markdown(); strings.Contains(text, "Runs, approved by ") != (c.waiting < 14) {
				t.Errorf("the comment does not say who approved: %s", text)
			}
		})
	}
}

func sorted(list []string) map[string]int {
	out := map[string]int{}
	for _, text := range list {
		out[text]++
	}
	return out
}

// TestActions tells what the actions do that an apply runs, as far as their
// configuration says it.
func TestActions(t *testing.T) {
	t.Parallel()
	for config, want := range map[string]string{
		`"type":"landlord_take_checkpoint","config_values":{"tenant":"acme","name":"before"}`:                                                                       "Checkpoint `before` of tenant `acme` is taken. One of that name gives way when the new one is complete: the plan warns of it.",
		`"type":"landlord_approve_migration","config_values":{"digest":"sha256:aa"}`:                                                                                "The migration `sha256:aa` is approved, for all tenants with this digest.",
		`"type":"landlord_approve_migration","config_values":{"digest":"sha256:aa","tenant":"acme"}`:                                                                "The migration `sha256:aa` is approved, for tenant `acme`.",
		`"type":"landlord_restore_tenant","config_values":{"tenant":"acme","checkpoint":"x"}`:                                                                       "A copy of tenant `acme` as it was is made beside it.",
		`"type":"landlord_restore_tenant","config_values":{"tenant":"acme","checkpoint":"x","mode":"in_place"}`:                                                     "destructive! A restore in place: what tenant `acme` has written since is set aside.",
		`"type":"landlord_roll_back_tenant","config_values":{"tenant":"acme","checkpoint":"x"}`:                                                                     "destructive! The schema of tenant `acme` goes back to that of a checkpoint; what was added since is set aside.",
		`"type":"landlord_repair_drift","config_values":{"tenant":"acme"}`:                                                                                          "unknown! What somebody changed in the schema of tenant `acme` is undone; the statements are not in the plan.",
		`"type":"landlord_control_rollout","config_values":{"fleet":"shops","wish":"pause"}`:                                                                        "The rollout of fleet `shops` is asked to pause.",
		`"type":"landlord_control_rollout","config_values":{"fleet":"shops","wish":"rollback"}`:                                                                     "destructive! The rollout of fleet `shops` is asked for this: `rollback`.",
		`"type":"landlord_claim_tenant","config_values":{"slug":"acme"}`:                                                                                            "A ready tenant of a pool gets the slug `acme`.",
		`"type":"landlord_of_tomorrow","config_values":{"tenant":"acme"}`:                                                                                           "unknown! This version of the preview does not know what it does.",
		`"type":"landlord_repair_drift","config_values":{},"config_unknown":{"tenant":true}`:                                                                        "unknown! What somebody changed in the schema of tenant `(known after apply)` is undone; the statements are not in the plan.",
		`"type":"landlord_take_checkpoint","config_values":{"tenant":"acme"},"config_sensitive":{"tenant":true},"config_unknown":{"name":true}`:                     "unknown! Checkpoint `(known after apply)` of tenant `(sensitive value)` is taken. One of that name gives way when the new one is complete: nobody can see here whether there is one.",
		`"type":"landlord_take_checkpoint","config_values":{"name":"before"},"config_unknown":{"tenant":true}`:                                                      "unknown! Checkpoint `before` of tenant `(known after apply)` is taken. One of that name gives way when the new one is complete: nobody can see here whether there is one.",
		`"type":"landlord_take_checkpoint","config_values":{"name":"before"},"config_sensitive":{"tenant":true},"config_unknown":{"tenant":true}`:                   "unknown! Checkpoint `before` of tenant `(sensitive value)` is taken. One of that name gives way when the new one is complete: nobody can see here whether there is one.",
		`"type":"landlord_take_checkpoint","config_values":{"tenant":"acme","name":"before"},"config_sensitive":{"tenant":true},"config_unknown":{"contents":true}`: "Checkpoint `before` of tenant `(sensitive value)` is taken. One of that name gives way when the new one is complete: the plan warns of it.",
		`"type":"other_action","config_values":{"tenant":"acme"}`:                                                                                                   "",
	} {
		report := previewOf(t, `{"format_version":"1.2","planned_values":{},"action_invocations":[{"address":"action.x.y",`+config+`,"lifecycle_action_trigger":{"triggering_resource_address":"landlord_tenant.a","action_trigger_event":"BeforeUpdate"}}]}`)
		got := ""
		for _, a := range report.Actions {
			if len(report.Dangers) > 0 {
				got = string(report.Dangers[0].Kind) + "! "
			}
			got += a.What
			if a.Trigger != "landlord_tenant.a" || a.Event != "beforeupdate" || a.Dangerous != report.Dangerous {
				t.Errorf("%s: %+v", config, a)
			}
		}
		if got != want {
			t.Errorf("%s: %s, not %s", config, got, want)
		}
	}
}

// TestCheckpoint_anew counts what a checkpoint held that is taken anew in its
// place, and no other change of it.
func TestCheckpoint_anew(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		unknown string
		want    []preview.Danger
	}{
		"other keepers":   {unknown: `"created_at":true,"expires_at":true`, want: []preview.Danger{{Kind: preview.DangerDestructive, Address: "landlord_tenant_checkpoint.c", Tenants: 1, Detail: "Checkpoint `before` of tenant `acme` is taken anew. The former one gives way when the new one is complete, and what it holds is gone."}}},
		"other retention": {unknown: `"expires_at":true`, want: []preview.Danger{}},
	} {
		report := previewOf(t, `{"format_version":"1.2","planned_values":{},"resource_changes":[{"address":"landlord_tenant_checkpoint.c","mode":"managed","type":"landlord_tenant_checkpoint","change":{"actions":["update"],
"before":{"tenant":"acme","name":"before","keepers":{"v":"1"},"created_at":"2026-05-31T00:00:00Z"},"after":{"tenant":"acme","name":"before","keepers":{"v":"2"}},"after_unknown":{`+c.unknown+`}}}]}`)
		if diff := cmp.Diff(c.want, report.Dangers); diff != "" || report.Others[0].Dangerous != report.Dangerous {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestDeferred counts what a core leaves to a later plan as something that nobody
// can see.
func TestDeferred(t *testing.T) {
	t.Parallel()
	report := previewOf(t, planWithAll())
	at := len(report.Unknown) - 1
	if u := report.Unknown[at]; u.Address != "landlord_tenant.later" || !report.Dangerous {
		t.Errorf("%+v", report.Unknown)
	}
}

// TestErrorsOfServers leaves values of rows out of errors that a plan quotes.
func TestErrorsOfServers(t *testing.T) {
	t.Parallel()
	text := strings.ReplaceAll(planWithAll(), "Duplicate entry", `Error 1062: Duplicate entry 'o'brien@example.com' for key 't.uq_mail'`)
	report := previewOf(t, strings.ReplaceAll(text, "3 rows change", `the value 'o'brien@example.com' is in the way`))
	if got := all(t, report); strings.Contains(got, "brien") || !strings.Contains(got, "Error 1062: Duplicate entry '…'") {
		t.Errorf("a value of a row is shown, or nothing:\n%s", got)
	}
	if got := report.Fleets[0].Behind[0]; got != (preview.State{Slug: "s-9", Status: "failed", Reason: "Error 1062: Duplicate entry '…'"}) {
		t.Errorf("%+v", got)
	}
}
