package provider_test

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/migrate"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// digestLine finds the digest that somebody is asked to agree to.
var digestLine = regexp.MustCompile(`digest = "(sha256:[0-9a-f]{64})"`)

// agreedTo returns the digest that an action asks for, which it does in one error.
func agreedTo(t *testing.T, diagnostics []string, summary string, parts ...string) string {
	t.Helper()
	all := strings.Join(diagnostics, "\n")
	found := digestLine.FindStringSubmatch(all)
	if found == nil || !strings.Contains(all, "ERROR at (digest): "+summary) {
		t.Fatalf("no digest is asked for with %q: %q", summary, diagnostics)
	}
	for _, part := range parts {
		if !strings.Contains(all, part) {
			t.Errorf("%q is not said: %q", part, diagnostics)
		}
	}
	return found[1]
}

// stands is the schema of tenant acme and how many users it has.
func stands(t *testing.T, s *mysqltest.Server) string {
	t.Helper()
	return fmt.Sprint(s.QueryRows(t, "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = ? ORDER BY 1, 2", s.Prefix+"acme"),
		s.QueryRows(t, "SELECT COUNT(*) FROM "+mysqltest.QuoteName(s.Prefix+"acme")+".users"))
}

// shown returns the digest of what an action would do, after a look that neither
// without one nor with another one it does anything.
func shown(t *testing.T, s *mysqltest.Server, environment map[string]string, actionType string, config values, parts ...string) string {
	t.Helper()
	before := stands(t, s)
	progress, diagnostics := coreWith(t, environment).invoke(actionType, config)
	digest := agreedTo(t, diagnostics, "Action needs a digest", append(parts, "so nothing was done")...)
	other := "sha256:" + strings.Repeat("0a", 32)
	more, diagnostics := coreWith(t, environment).invoke(actionType, with(config, values{"digest": other}))
	if again := agreedTo(t, diagnostics, "Statements are not those agreed to", "The digest `"+other+"` is of others"); again != digest {
		t.Errorf("%s and %s are the digests of the same", digest, again)
	}
	if after := stands(t, s); before != after || len(progress)+len(more) > 0 {
		t.Errorf("something was done without a digest: %q %q\n%s\n%s", progress, more, before, after)
	}
	return digest
}

// done invokes an action that does what was agreed to.
func done(t *testing.T, environment map[string]string, actionType string, config values, last string) []string {
	t.Helper()
	progress, diagnostics := coreWith(t, environment).invoke(actionType, config)
	if hasErrors(diagnostics) || len(progress) == 0 || missingLine(progress[len(progress)-1], last) != "" {
		t.Fatalf("%s: %q\n%q", actionType, diagnostics, progress)
	}
	return progress
}

// actedOn makes a tenant with a row, in an estate that keeps checkpoints of rows.
func actedOn(t *testing.T, s *mysqltest.Server) map[string]string {
	t.Helper()
	environment := environmentOf(s)
	environment["LANDLORD_CHECKPOINT_DIRECTORY"] = t.TempDir()
	c := coreWith(t, environment)
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	c.must("landlord_tenant", nil, acme(nil))
	execIn(t, s, "acme", "INSERT INTO users (id, email) VALUES (1, 'a@example.org')")
	return environment
}

// TestAction_restore restores beside a tenant at once, and in place what somebody
// has agreed to.
func TestAction_restore(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		environment := actedOn(t, s)
		done(t, environment, "landlord_take_checkpoint", values{"tenant": "acme", "name": "before"}, "Checkpoint `before` of tenant `acme`: 1 rows, …")
		execIn(t, s, "acme", "INSERT INTO users (id, email) VALUES (2, 'b@example.org')")
		both := stands(t, s)
		done(t, environment, "landlord_restore_tenant", values{"tenant": "acme", "checkpoint": "before"}, "Restore `acme/1` of tenant `acme` from checkpoint `before`: 1 row, in database `…`.")
		if got := stands(t, s); got != both {
			t.Errorf("a restore beside changed the tenant: %s", got)
		}

		config := values{"tenant": "acme", "checkpoint": "before", "mode": "in_place"}
		if progress, diagnostics := coreWith(t, environment).invoke("landlord_restore_tenant", config); !hasErrors(diagnostics) || len(progress) > 0 || digestLine.MatchString(strings.Join(diagnostics, "")) {
			t.Errorf("rows may be taken away without `allow_destructive`: %q %q", progress, diagnostics)
		}
		config["allow_destructive"] = true
		config["digest"] = shown(t, s, environment, "landlord_restore_tenant", config, "Restoring tenant `acme` in place runs these statements:", "RENAME TABLE")
		warned := coreWith(t, environment).planned("landlord_restore_tenant", config)
		if len(warned) == 0 || !strings.Contains(warned[len(warned)-1], "Action changes a tenant") || !strings.Contains(warned[len(warned)-1], "RENAME TABLE") {
			t.Errorf("the plan of a run does not say what the action does: %q", warned)
		}
		execIn(t, s, "acme", "ALTER TABLE users ADD COLUMN hotfix INT NULL")
		if progress, diagnostics := coreWith(t, environment).invoke("landlord_restore_tenant", config); !hasErrors(diagnostics) || len(progress) > 0 {
			t.Errorf("a digest of before somebody changed the tenant is good: %q %q", progress, diagnostics)
		}
		execIn(t, s, "acme", "ALTER TABLE users DROP COLUMN hotfix")
		progress := done(t, environment, "landlord_restore_tenant", config, "Restore `acme/…` of tenant `acme` from checkpoint `before`: 1 row, in database `"+s.Prefix+"acme`; what gave way is in `…`.")
		kept := regexp.MustCompile("what gave way is in `([^`]+)`").FindStringSubmatch(progress[len(progress)-1])
		if got := s.QueryRows(t, "SELECT COUNT(*) FROM "+mysqltest.QuoteName(s.Prefix+"acme")+".users"); got[0][0] != "1" || kept == nil {
			t.Fatalf("%v: %q", got, progress)
		}
		if got := s.QueryRows(t, "SELECT COUNT(*) FROM "+mysqltest.QuoteName(kept[1])+".users"); got[0][0] != "2" {
			t.Errorf("what was written since is not kept: %v", got)
		}

		// The same once more, at once: what was written since is nobody's to take away without a word.
		execIn(t, s, "acme", "INSERT INTO users (id, email) VALUES (3, 'c@example.org')")
		written := stands(t, s)
		progress, diagnostics := coreWith(t, environment).invoke("landlord_restore_tenant", config)
		next := agreedTo(t, diagnostics, "Statements are not those agreed to", "RENAME TABLE")
		if got := stands(t, s); len(progress) > 0 || got != written {
			t.Errorf("a digest is good twice: %q %s", progress, got)
		}
		config["digest"] = next
		done(t, environment, "landlord_restore_tenant", config, "Restore `acme/…` of tenant `acme` from checkpoint `before`: 1 row, in database `"+s.Prefix+"acme`; what gave way is in `…`.")
		if got := s.QueryRows(t, "SELECT COUNT(*) FROM "+mysqltest.QuoteName(s.Prefix+"acme")+".users"); got[0][0] != "1" {
			t.Errorf("the tenant has %v rows after a second restore", got)
		}
		done(t, environment, "landlord_restore_tenant", values{"tenant": "acme", "checkpoint": "before"}, "Restore `acme/4` of tenant `acme` from checkpoint `before`: 1 row, in database `…`.")
	})
}

// TestAction_rollBack takes a schema back, with the rows.
func TestAction_rollBack(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	environment := actedOn(t, s)
	done(t, environment, "landlord_take_checkpoint", values{"tenant": "acme", "name": "rows"}, "Checkpoint `rows` of tenant `acme`: 1 rows, …")
	done(t, environment, "landlord_take_checkpoint", values{"tenant": "acme", "name": "shape", "contents": "schema"}, "Checkpoint `shape` of tenant `acme`: 0 rows, …")
	_, diagnostics := coreWith(t, environment).invoke("landlord_roll_back_tenant", values{"tenant": "acme", "checkpoint": "rows"})
	said(t, diagnostics, "ERROR at (checkpoint): Checkpoint has rows\nTaking the schema of tenant `acme` back: checkpoint `rows` holds rows, and putting them back would take away what was written since.\n\n"+
		"Name a checkpoint with `contents = \"schema\"`, or use the action `landlord_restore_tenant` with `mode = \"in_place\"`.")
	execIn(t, s, "acme", "ALTER TABLE users ADD COLUMN fax VARCHAR(20) NULL")
	config := values{"tenant": "acme", "checkpoint": "shape", "allow_destructive": true}
	config["digest"] = shown(t, s, environment, "landlord_roll_back_tenant", config, "Taking the schema of tenant `acme` back runs these statements:", "DROP COLUMN `fax`")
	done(t, environment, "landlord_roll_back_tenant", config, "Restore `acme/…` of tenant `acme` from checkpoint `shape`: 0 rows, in database `…`.")
	if got := fmt.Sprint(s.QueryRows(t, "SELECT * FROM "+mysqltest.QuoteName(s.Prefix+"acme")+".users")); got != "[[1 a@example.org]]" {
		t.Errorf("the rows are %s", got)
	}
	execIn(t, s, "acme", "ALTER TABLE users ADD COLUMN fax VARCHAR(20) NULL")
	done(t, environment, "landlord_roll_back_tenant", config, "Restore `acme/2` of tenant `acme` from checkpoint `shape`: 0 rows, in database `…`.")
	execIn(t, s, "acme", "ALTER TABLE users ADD COLUMN telex VARCHAR(20) NULL")
	delete(config, "digest")
	config["digest"] = shown(t, s, environment, "landlord_roll_back_tenant", config, "DROP COLUMN `telex`")
	done(t, environment, "landlord_roll_back_tenant", config, "Restore `acme/3` of tenant `acme` from checkpoint `shape`: 0 rows, in database `…`.")
	if got := fmt.Sprint(s.QueryRows(t, "SELECT * FROM "+mysqltest.QuoteName(s.Prefix+"acme")+".users")); got != "[[1 a@example.org]]" {
		t.Errorf("the rows are %s after rollbacks at once", got)
	}
}

// TestAction_repairDrift undoes what somebody changed, and says it before.
func TestAction_repairDrift(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	environment := actedOn(t, s)
	done(t, environment, "landlord_repair_drift", values{"tenant": "acme"}, "Tenant `acme` has no drift.")
	execIn(t, s, "acme", "ALTER TABLE users DROP COLUMN email, ADD COLUMN hotfix INT NULL", "UPDATE users SET hotfix = 7")
	if _, diagnostics := coreWith(t, environment).invoke("landlord_repair_drift", values{"tenant": "acme"}); !hasErrors(diagnostics) || digestLine.MatchString(strings.Join(diagnostics, "")) {
		t.Errorf("a column with values may go without `allow_destructive`: %q", diagnostics)
	}
	config := values{"tenant": "acme", "allow_destructive": true}
	config["digest"] = shown(t, s, environment, "landlord_repair_drift", config, "Repairing the drift of tenant `acme` runs these statements:", "DROP COLUMN `hotfix`")
	done(t, environment, "landlord_repair_drift", config, "The drift of tenant `acme` is repaired.")
	if got := fmt.Sprint(s.QueryRows(t, "SELECT column_name FROM information_schema.columns WHERE table_schema = ? AND table_name = 'users' ORDER BY 1", s.Prefix+"acme")); got != "[[email] [id]]" {
		t.Errorf("the columns are %s", got)
	}
	if got := s.QueryRows(t, "SELECT COUNT(*) FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".retired_objects"); got[0][0] == "0" {
		t.Error("the values of the column are not kept")
	}
	done(t, environment, "landlord_repair_drift", values{"tenant": "acme"}, "Tenant `acme` has no drift.")
	if _, diagnostics := coreWith(t, environment).invoke("landlord_repair_drift", values{"tenant": "nobody"}); !hasErrors(diagnostics) {
		t.Error("a tenant that is not there is repaired")
	}
}

// standing is what the landlord database has of tenants that stay behind.
func standing(t *testing.T, s *mysqltest.Server) string {
	t.Helper()
	return fmt.Sprint(s.QueryRows(t, "SELECT update_status, wanted FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".tenant_standings"))
}

// TestAction_repairDrift_waits repairs nothing without the approval that it needs,
// and makes nobody forget what a tenant waits for.
func TestAction_repairDrift_waits(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	environment := environmentOf(s)
	c := coreWith(t, environment)
	template := c.must("landlord_tenant_template", nil, with(shop("1.0.0", usersTable), values{"approval_required": []string{"core"}}))
	tenant := c.must("landlord_tenant", nil, acme(nil))
	execIn(t, s, "acme", "ALTER TABLE users ADD KEY hotfix (email)")
	keys := func() string {
		return fmt.Sprint(s.QueryRows(t, "SELECT index_name FROM information_schema.statistics WHERE table_schema = ? ORDER BY 1", s.Prefix+"acme"))
	}
	config := values{"tenant": "acme", "allow_destructive": true}
	progress, diagnostics := coreWith(t, environment).invoke("landlord_repair_drift", config)
	digest := digestLine.FindStringSubmatch(strings.Join(diagnostics, "\n"))
	if digest == nil || len(diagnostics) != 2 || len(progress) > 0 {
		t.Fatalf("no approval is asked for: %q %q", progress, diagnostics)
	}
	said(t, diagnostics[:1], "ERROR at (tenant): Repair waits for an approval\nRepairing the drift of tenant `acme` runs these statements:\n\n"+
		"  ALTER TABLE `users` DROP INDEX `hotfix`, ALGORITHM=INPLACE, LOCK=NONE\n\nThey need an approval, so nothing was done.\n\n"+
		"Approve them with the action `landlord_approve_migration` or a `landlord_migration_approval`, then invoke this one again:\n  digest = \""+digest[1]+"\"\n  tenant = \"acme\"")
	if got := standing(t, s); got != "[]" || keys() != "[[hotfix] [PRIMARY]]" {
		t.Errorf("a refused repair leaves %s and %s", got, keys())
	}
	done(t, environment, "landlord_approve_migration", values{"digest": digest[1], "tenant": "acme"}, "Approved by …")
	config["digest"] = shown(t, s, environment, "landlord_repair_drift", config)
	done(t, environment, "landlord_repair_drift", config, "The drift of tenant `acme` is repaired.")
	if got := keys(); got != "[[PRIMARY]]" {
		t.Errorf("a repair leaves %s", got)
	}

	coreWith(t, environment).must("landlord_tenant_template", template, with(shop("1.1.0", usersWithFax), values{"approval_required": []string{"core"}}))
	c = coreWith(t, environment)
	tenant, _ = c.refresh("landlord_tenant", tenant)
	c.run("landlord_tenant", tenant, acme(values{"template": "shop@1.1.0"}))
	execIn(t, s, "acme", "ALTER TABLE users ADD COLUMN hotfix INT NULL")
	progress, diagnostics = coreWith(t, environment).invoke("landlord_repair_drift", values{"tenant": "acme", "allow_destructive": true})
	said(t, diagnostics, "ERROR: Tenant waits for something else\nRepairing the drift of tenant `acme`: its update status is `pending_approval`, and repairing it would make the landlord forget what it waits for.\n\n"+
		"Let an apply settle that first, or set `drift_policy = \"repair\"` for the tenant.")
	if got := standing(t, s); got != "[[pending_approval shop@1.1.0]]" || len(progress) > 0 {
		t.Errorf("a tenant that waits stands at %s: %q", got, progress)
	}
}

// TestAction_repairDrift_refuses says of no tenant that it has no drift which has.
func TestAction_repairDrift_refuses(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	environment := environmentOf(s)
	c := coreWith(t, environment)
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	tenant := c.must("landlord_tenant", nil, acme(nil))
	execIn(t, s, "acme", "ALTER TABLE users ADD COLUMN hotfix INT NULL")
	config := values{"tenant": "acme", "allow_destructive": true}
	parses := maps.Clone(environment)
	parses["LANDLORD_PLAN_RENDERING"] = "parser"
	_, diagnostics := coreWith(t, parses).invoke("landlord_repair_drift", config)
	said(t, diagnostics, "ERROR at (tenant): Drift is not repaired\nRepairing the drift of tenant `acme`: what undoes it shows only in a scratch database, and there is none: `plan_rendering` is `parser`, or the account may create none. "+
		"Nothing was done.\ntable `users`, column `hotfix`: extra\n\nInvoke the action with `plan_rendering = \"server\"` and the account of the provider.",
		"WARNING: Statements are not seen by the parser alone\nDatabase `"+s.Prefix+"acme` has drifted, and is to go back to template `shop@1.0.0`. What a server makes of it shows only when it is tried in a scratch database, and there is none: `plan_rendering` is `parser`, or the account may create none. "+
			"So the statements are not in this plan. They are in the plan of whoever applies it, with the account of the provider.")
	c = coreWith(t, environment)
	tenant, _ = c.refresh("landlord_tenant", tenant)
	c.must("landlord_tenant", tenant, acme(values{"status": "archived"}))
	_, diagnostics = coreWith(t, environment).invoke("landlord_repair_drift", config)
	said(t, diagnostics, "ERROR at (tenant): Drift is not repaired\nRepairing the drift of tenant `acme`: the tenant is `archived`, and its schema is not changed then. "+
		"Nothing was done.\ntable `users`, column `hotfix`: extra\n\nSet `status = \"active\"` for the tenant, apply, and invoke the action again.")
	s.Exec(t, "DROP DATABASE "+mysqltest.QuoteName(s.Prefix+"acme"))
	_, diagnostics = coreWith(t, environment).invoke("landlord_repair_drift", config)
	said(t, diagnostics, "ERROR at (tenant): Tenant database is gone\nRepairing the drift of tenant `acme`: its database `"+s.Prefix+"acme` does not exist any more, and making it anew is no repair.\n\n"+
		"Restore the database from a backup of the server. Or apply the tenant: it is created anew, without its data.")
}

// TestActionChanges_unfinished reports nothing as done that another run has done, or
// nobody.
func TestActionChanges_unfinished(t *testing.T) {
	t.Parallel()
	agreed := "sha256:" + strings.Repeat("0a", 32)
	repairs := values{"tenant": "acme", "digest": agreed}
	drift := []landlord.Difference{{Object: "table `users`", Element: "column `hotfix`", Kind: landlord.DifferenceExtra}}
	for want, k := range map[string]struct {
		actionType string
		config     values
		drift      []landlord.Difference
		planned    apply.TenantPlan
		after      landlord.UpdateStatus
	}{
		"ERROR: Another run has restored the tenant\nRestoring tenant `acme`: another run has done exactly the same since this one looked, as restore `r1`. This one restored nothing.\n\n" +
			"Look at the tenant. Invoke the action again if it is to be restored once more.": {actionType: "landlord_restore_tenant", config: values{"tenant": "acme", "checkpoint": "twice"}},
		"ERROR: Drift is not repaired\nRepairing the drift of tenant `acme`: what the plan was made from has changed meanwhile, an approval has run out for example. The update status of the tenant is `pending_approval`, and nothing was done.\n\n" +
			"Plan again.": {
			actionType: "landlord_repair_drift", config: repairs, after: landlord.UpdatePendingApproval,
			planned: apply.TenantPlan{UpdateStatus: landlord.UpdateCurrent, Steps: []landlord.Step{{SQL: "ALTER"}}, Digest: agreed},
		},
		"ERROR at (tenant): Drift is not repaired\nRepairing the drift of tenant `acme`: it meets what the tenant has of its own. Nothing was done.\n\n" +
			"Decide with `resolutions` of the tenant, and set its `drift_policy = \"repair\"`.": {
			actionType: "landlord_repair_drift", config: repairs, planned: apply.TenantPlan{UpdateStatus: landlord.UpdateConflict},
		},
		"ERROR at (tenant): Drift is not repaired\nRepairing the drift of tenant `acme`: the tenant is to keep it, by what was decided. Nothing was done.\ntable `users`, column `hotfix`: extra\n\n" +
			"Take the decision out of `resolutions` of the tenant and set its `drift_policy = \"repair\"`, or change the schema by hand.": {
			actionType: "landlord_repair_drift", config: repairs, drift: drift, planned: apply.TenantPlan{UpdateStatus: landlord.UpdateCurrent, Migration: &migrate.Migration{}},
		},
	} {
		c, fake := newFakeCore(t)
		fake.drift, fake.planned, fake.after = k.drift, &k.planned, k.after
		progress, diagnostics := c.invoke(k.actionType, k.config)
		if diagnostics = slices.DeleteFunc(diagnostics, func(d string) bool { return !strings.HasPrefix(d, "ERROR") }); len(diagnostics) != 1 || diagnostics[0] != want {
			t.Errorf("%s: %q %s", k.actionType, progress, cmp.Diff([]string{want}, diagnostics))
		}
	}
}

// TestAction_rollout asks something of a rollout.
func TestAction_rollout(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	environment := environmentOf(s)
	c := coreWith(t, environment)
	template := c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	now := c.must(fleetType, nil, fleetOf(many(3), nil))
	_, diagnostics := coreWith(t, environment).invoke("landlord_control_rollout", values{"fleet": "shops", "wish": "pause"})
	said(t, diagnostics, "ERROR: There is no rollout\nFleet `shops` had no rollout yet.\n\nA rollout begins when an apply changes tenants of a `landlord_tenant_fleet` to another template version or other modules.")
	more := strings.Replace(usersTable, "email VARCHAR(190) NOT NULL", "email VARCHAR(190) NOT NULL, fax VARCHAR(20) NULL", 1)
	coreWith(t, environment).must("landlord_tenant_template", template, shop("1.1.0", more))
	c = coreWith(t, environment)
	now, _ = c.refresh(fleetType, now)
	c.must(fleetType, now, fleetOf(many(3), values{"template": "shop@1.1.0", "rollout": values{"canary": []string{"t000"}, "through": "canary"}}))
	for _, one := range []struct{ wish, said, kept string }{
		{"pause", "Rollout of fleet `shops`: the apply pauses before its next group of tenants.", "[[pause]]"},
		{"resume", "Rollout of fleet `shops`: nothing is asked of it any more.", "[]"},
	} {
		done(t, environment, "landlord_control_rollout", values{"fleet": "shops", "wish": one.wish}, one.said)
		if got := fmt.Sprint(s.QueryRows(t, "SELECT wish FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".rollout_wishes")); got != one.kept {
			t.Errorf("%s: %s is asked", one.wish, got)
		}
	}
	for _, wish := range []string{"abort", "rollback"} {
		_, diagnostics := coreWith(t, environment).invoke("landlord_control_rollout", values{"fleet": "shops", "wish": wish})
		said(t, diagnostics, "ERROR: Rollout does not run\nThe rollout of fleet `shops` to `shop@1.1.0` is `waiting`: no apply is there to be asked for `"+wish+"`.\n\nSet `template` of the fleet back and apply, if its tenants are to go back.")
	}
}

// TestAction_followsRollout: a rollback is followed until the rollout has gone back.
func TestAction_followsRollout(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := coreOn(t, s)
	template := c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	now := c.must(fleetType, nil, fleetOf(many(3), nil))
	coreOn(t, s).must("landlord_tenant_template", template, shop("1.1.0", usersWithFax))
	now, _ = coreOn(t, s).refresh(fleetType, now)
	ended := applyBeside(t, s, now, fleetOf(many(3), values{"template": "shop@1.1.0", "rollout": values{"canary": []string{"t000"}, "soak": "10m"}}))
	waitFor(t, "the canary", func() bool {
		_, out := program(t, s, "watch", "--once", "shops")
		return strings.Contains(out, "1 of 3")
	})
	progress, diagnostics := coreOn(t, s).invoke("landlord_control_rollout", values{"fleet": "shops", "wish": "rollback"})
	said(t, diagnostics)
	said(t, <-ended, "ERROR at (rollout): Rollout was rolled back\nChanging fleet `shops`: tests asked to roll the rollout back: 1 tenant is back where it was. What the rollout had added to them is kept aside for `retention`."+
		"\n\nSet `template` back before the next apply, else the rollout begins anew.")
	if len(progress) < 3 {
		t.Fatalf("%q", progress)
	}
	if diff := cmp.Diff([]string{
		"Rollout of fleet `shops`: the apply takes its tenants back.", "Rollout of fleet `shops`: running, 1 of 3 tenants (canary 1/1, 100% 0/2).",
		"Rollout of fleet `shops`: rolled_back, 1 of 3 tenants, 1 taken back (canary 1/1, 100% 0/2).",
	}, append(progress[:2:2], progress[len(progress)-1])); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestAction_followsRolloutNoMore: what was asked stands when the rollout cannot be watched.
func TestAction_followsRolloutNoMore(t *testing.T) {
	t.Parallel()
	c, fake := newFakeCore(t)
	fake.fail["Watch"] = errors.New("the server is away")
	progress, diagnostics := c.invoke("landlord_control_rollout", values{"fleet": "shops", "wish": "abort"})
	said(t, diagnostics, "ERROR: Rollout could not be watched\nCause: the server is away")
	if diff := cmp.Diff([]string{"Rollout of fleet `shops`: the apply ends before its next tenant."}, progress); diff != "" {
		t.Error(diff)
	}
}

// TestAction_claim gives a tenant of a pool to an owner.
func TestAction_claim(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		environment := environmentOf(s)
		c := coreWith(t, environment)
		c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
		c.must(fleetType, nil, values{"name": "shops", "template": "shop@1.0.0", "pool": 2, "select": values{"metadata": values{"plan": "free"}}})
		done(t, environment, "landlord_claim_tenant", values{"slug": "acme", "name": "Acme Ltd", "metadata": values{"plan": "free"}}, "Tenant `acme` is claimed: database `"+s.Prefix+"shops_pool_1`.")
		done(t, environment, "landlord_claim_tenant", values{"slug": "globex", "fleet": "shops"}, "Tenant `globex` is claimed: database `"+s.Prefix+"shops_pool_2`.")
		rows := fmt.Sprint(s.QueryRows(t, "SELECT slug, name, COALESCE(JSON_UNQUOTE(JSON_EXTRACT(metadata, '$.plan')), 'none') FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".tenants ORDER BY slug"))
		if want := "[[acme Acme Ltd free] [globex globex none]]"; rows != want {
			t.Errorf("the tenants are %s, not %s", rows, want)
		}
		for slug, why := range map[string]string{
			"acme":    "There is a tenant of that slug, or of one that differs in - and _ only.",
			"initech": "No tenant is ready: the next terraform apply of the fleet refills its pool.",
		} {
			_, diagnostics := coreWith(t, environment).invoke("landlord_claim_tenant", values{"slug": slug, "fleet": "shops"})
			said(t, diagnostics, "ERROR at (slug): Tenant could not be claimed\nClaiming a ready tenant as `"+slug+"`: the landlord database refuses.\n\n"+why)
		}
	})
}

// TestActionChanges_fail tells of failures in their words.
func TestActionChanges_fail(t *testing.T) {
	t.Parallel()
	away := errors.New("the server is away")
	for actionType, k := range map[string]struct {
		config       values
		method, want string
	}{
		"landlord_restore_tenant":   {values{"tenant": "acme", "checkpoint": "x"}, "PlanRestore", "ERROR: Restore could not be planned\nCause: the server is away"},
		"landlord_roll_back_tenant": {values{"tenant": "acme", "checkpoint": "x"}, "Checkpoint", "ERROR: Rollback could not be planned\nCause: the server is away"},
		"landlord_repair_drift":     {values{"tenant": "acme"}, "StandingTenant", "ERROR: Drift could not be repaired\nCause: the server is away"},
		"landlord_control_rollout":  {values{"fleet": "shops", "wish": "pause"}, "AskRollout", "ERROR: Rollout could not be asked\nCause: the server is away"},
		"landlord_claim_tenant":     {values{"slug": "acme"}, "ClaimTenant", "ERROR: Tenant could not be claimed\nCause: the server is away"},
	} {
		c, fake := newFakeCore(t)
		fake.fail[k.method] = away
		progress, diagnostics := c.invoke(actionType, k.config)
		if diff := cmp.Diff([]string{k.want}, diagnostics); diff != "" || len(progress) > 0 {
			t.Errorf("%s: %q %s", actionType, progress, diff)
		}
	}
}

// TestActionChanges_refuse tells what an action does not do, because nobody could
// agree to it, or because it would make the landlord forget something.
func TestActionChanges_refuse(t *testing.T) {
	t.Parallel()
	c, fake := newFakeCore(t)
	for want, k := range map[string]struct {
		actionType string
		config     values
	}{
		"ERROR at (tenant): Statements are not known beforehand\nRestoring tenant `acme` in place: what would run is known after the restore alone, so nobody can agree to it.\n\n" +
			"If a restore of the tenant was cut off, apply the tenant, or its fleet: that completes it, and lists the statements. Otherwise use a `landlord_tenant_restore`, or restore side by side.": {"landlord_restore_tenant", values{"tenant": "acme", "checkpoint": "x", "mode": "in_place", "allow_destructive": true}},
	} {
		progress, diagnostics := c.invoke(k.actionType, k.config)
		if diff := cmp.Diff([]string{want}, diagnostics); diff != "" || len(progress) > 0 {
			t.Errorf("%s: %q %s", k.actionType, progress, diff)
		}
	}
	for _, call := range fake.taken() {
		if call == "Restore" || call == "UpdateTenant" {
			t.Errorf("%s was called", call)
		}
	}
}
