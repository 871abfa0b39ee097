package engine_test

import (
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestRestore_refused: where a server does not take what a tenant has, a checkpoint, a
// restore and a move name the table, the row and the setting, and what to do.
func TestRestore_refused(t *testing.T) {
	t.Parallel()
	kind := mysqltest.One(t).Kind
	main, eu := mysqltest.Private(t, kind), mysqltest.Private(t, kind, mysqltest.Args("--max-allowed-packet=1M"))
	directory := t.TempDir()
	there := func(c *landlord.Config) {
		c.Servers = map[string]engine.ServerConfig{"eu": {Endpoint: eu.Endpoint(), Username: eu.Username, Password: eu.Password, MaxConnections: 1}}
	}
	e := copying(t, main.Server, directory, there)
	publish(t, e, shop("1.0.0"))
	spec := landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "shop@1.0.0"}
	_, tenant := create(t, e, spec)
	db := tenant.DatabaseName
	main.Exec(t, "CREATE TABLE "+db+".documents (id INT PRIMARY KEY, body LONGBLOB)", "INSERT INTO "+db+".documents VALUES (1, 'small'), (7, REPEAT('a', 3000000))")
	take(t, e, "acme", "before")
	const cause = "Cause: column `body` of table `documents` holds 3000000 bytes in the row with `id` = 7, and `max_allowed_packet` of the server is 1048576.\n\n"
	const next = "Set `max_allowed_packet` of the server to 3000000 at least. Then apply again."

	spec.Server = "eu"
	_, _, err := update(t.Context(), copying(t, main.Server, directory, there), spec, tenant)
	wantProblem(t, err, "Tenant could not be moved [server]\nMoving tenant `acme` from the main server to server `eu`.\n\n"+cause+"The tenant is where it was, and applications reach it again. "+next)

	main.Exec(t, "SET GLOBAL max_allowed_packet = 1048576")
	e = copying(t, main.Server, directory)
	_, err = e.Restore(t.Context(), landlord.RestoreSpec{Tenant: "acme", Checkpoint: "acme/before", Mode: landlord.RestoreSideBySide}, "")
	wantProblem(t, err, "Tenant could not be restored [tenant]\nRestoring tenant `acme` from checkpoint `before` into database `"+db+"__restore_1`.\n\n"+
		cause+"The tenant was not touched, and nothing is left of the copy. "+next)
	_, err = e.TakeCheckpoint(t.Context(), checkpointing.Spec{Tenant: "acme", Name: "after", Contents: landlord.CheckpointData})
	got := regexp.MustCompile(`in `+"`[^`]+/after-[^`]+`").ReplaceAllString(explain(err), "in `DIRECTORY`")
	if diff := cmp.Diff("Checkpoint could not be taken [tenant]\nTaking checkpoint `after` of tenant `acme` in `DIRECTORY`.\n\n"+cause+"Nothing is left of it. "+next, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
