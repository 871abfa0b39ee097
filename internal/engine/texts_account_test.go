package engine_test

import (
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/drift"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestTexts_account: the account of the provider may not do what is wanted.
func TestTexts_account(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	directory := t.TempDir()
	account, password := s.Prefix+"a", "Tr-0ub4dor-x"
	landlordDB, tenants := mysqltest.QuoteName(s.LandlordDatabase), mysqltest.QuoteName(strings.ReplaceAll(s.Prefix, "_", `\_`)+"%")
	start := func() *engine.Engine {
		return copying(t, s, directory, func(c *landlord.Config) { c.Main.Username, c.Main.Password = account, password })
	}
	s.Exec(t, "CREATE USER "+account+" IDENTIFIED BY '"+password+"'")
	s.Exec(t, "GRANT SELECT ON "+landlordDB+".* TO "+account)
	s.Exec(t, "GRANT SELECT ON "+landlordDB+".* TO "+account)
	_, err := start().PublishTemplate(t.Context(), shop("1.0.0"))
	refuses(t, s, err, "Landlord database cannot be made []\nCreating or upgrading the landlord database `landlord` stopped.\n\n"+
		"Cause: error 1044: Access denied for user 'tenant_a'@'%' to database 'landlord'\n\n"+
		"The account of the provider needs all privileges on this database. Everything done so far is kept; the next apply goes on.")

	s.Exec(t, "GRANT ALL PRIVILEGES ON "+landlordDB+".* TO "+account,
		"GRANT CREATE, ALTER, INDEX, REFERENCES, CREATE VIEW, SHOW VIEW, SELECT, INSERT, UPDATE, DELETE, LOCK TABLES, TRIGGER, CREATE ROUTINE, EVENT ON "+tenants+".* TO "+account)
	v, err := start().PlanTemplate(t.Context(), shop("1.0.0"))
	must(t, err)
	remarks(t, s, v.Notes, "Template is not proven on the server []\n"+
		"The account of the provider may not create databases `landlord_scratch_…`, so the statements were only parsed. Grant it all privileges on them. "+
		"An account that plans and never applies sets `plan_rendering = \"parser\"` instead.")

	whole := copying(t, s, directory)
	to := shop("1.0.0")
	publish(t, whole, to)
	_, tenant := create(t, whole, landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "shop@1.0.0"})
	_, err = start().Snapshot(t.Context(), drift.SnapshotSource{Template: "shop@1.0.0", Modules: []string{"loyalty"}})
	refuses(t, s, err, "Snapshot needs a scratch database [template]\nTemplate `shop@1.0.0` is not rendered on this server yet.\n\n"+
		"Cause: creating scratch database `landlord_scratch_HASH`: error 1044: Access denied for user 'tenant_a'@'%' to database "+
		"'landlord_scratch_HASH'\n\nLet the account of the provider create databases `landlord_scratch_…`.")

	s.Exec(t, "GRANT SELECT ON mysql.* TO "+account)
	s.Exec(t, "GRANT SELECT ON mysql.* TO "+account)
	s.Exec(t, "CREATE USER "+account+"_app IDENTIFIED BY '"+password+"'", "GRANT SELECT ON "+mysqltest.QuoteName(tenant.DatabaseName)+".* TO "+account+"_app")
	p := prior(tenant)
	locked := landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "shop@1.0.0", Status: landlord.StatusSuspended}
	e := start()
	plan, err := e.PlanTenant(t.Context(), locked, &p)
	must(t, err)
	_, err = e.UpdateTenant(t.Context(), locked, p, plan.Digest)
	refuses(t, s, err, "Tenant status cannot be changed [status]\nTenant `acme` was to become `suspended`.\n\n"+
		"Cause: Access denied for user 'tenant_a'@'%' to database 'tenant_acme'\n\n"+
		"The account of the provider needs the right to read `mysql.*` and to grant what the tenant's accounts have. Apply again.")

	take(t, whole, "acme", "before")
	restored, err := copying(t, s, directory).Restore(t.Context(), landlord.RestoreSpec{Tenant: "acme", Checkpoint: "before"}, "")
	must(t, err)
	refuses(t, s, start().DeleteRestore(t.Context(), restored.ID), "Restored database cannot be dropped []\nDropping database `tenant_acme__restore_1`, which restore `acme/1` made.\n\n"+
		"Cause: Access denied for user 'tenant_a'@'%' to database 'tenant_acme__restore_1'\n\nDestroy it again to go on.")
	refuses(t, s, start().DeleteTenant(t.Context(), "acme", landlord.DeleteOptions{Policy: landlord.DeletionDrop, AllowDestructive: true}), "Tenant database cannot be dropped [deletion_policy]\nDropping database `tenant_acme` of tenant `acme` stopped.\n\n"+
		"Cause: Access denied for user 'tenant_a'@'%' to database 'tenant_acme'\n\nThe tenant is kept as `dropping`; destroy it again to go on.")
}
