package dashboard_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/dashboard"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/checkpointing"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/customization"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/fleet"
)

// longName is as long as a name may be, without a place to break it.
var longName = strings.Repeat("Wohnungsbaugenossenschaft", 10)

// longSlug is about as long as a slug may be.
const longSlug = "ztenantwiththelongestslugthattheremaybe-nearly"

// mix makes an estate of at least 30 tenants one that has everything which a page can
// show: conflicts, losses, rows that forbid a step, a tenant without its database,
// rollouts, checkpoints, accounts, decisions and a past.
func (w *world) mix(t *testing.T) {
	t.Helper()
	for i := 10; i < 13; i++ {
		w.customize(t, slugOf(i), "CREATE TABLE fax_log (id INT NOT NULL PRIMARY KEY, sent DATETIME NULL)", "fax", "VARCHAR(20) NULL")
	}
	w.customize(t, slugOf(13), "", "vip", "TINYINT NOT NULL DEFAULT 0")
	for i := 10; i < 20; i++ {
		w.server.Exec(t, "INSERT INTO `"+w.database(slugOf(i))+"`.customers (email, note) VALUES ('a@example.com', 'kept for years'), ('b@example.com', NULL)")
	}
	next := shop("2.0.0", ", fax TEXT NULL")
	next.Core["001.sql"] = strings.Replace(next.Core["001.sql"], "note VARCHAR(40) NULL", "note VARCHAR(10) NOT NULL DEFAULT ''", 1)
	next.Core["002.sql"] = "CREATE TABLE invoices (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, order_id INT NOT NULL, amount DECIMAL(12,2) NOT NULL, CONSTRAINT fk_invoices_order FOREIGN KEY (order_id) REFERENCES orders (id));"
	w.publish(t, next)
	for i := 10; i < 20; i++ {
		w.want(t, i, "2.0.0")
	}
	w.server.Exec(t, "DROP DATABASE `"+w.database(slugOf(20))+"`")
	w.server.Exec(t, "ALTER TABLE `"+w.database(slugOf(21))+"`.customers DROP COLUMN note, ADD COLUMN `"+strings.Repeat("long_", 12)+"` TEXT COMMENT 'A comment that is longer than most lines are, because somebody had to say why this column is here', ADD KEY by_mail (email)",
		"CREATE VIEW `"+w.database(slugOf(21))+"`.mails AS SELECT id, email FROM `"+w.database(slugOf(21))+"`.customers")
	w.long(t)
	w.rollOut(t)
	w.past(t)
}

func (w *world) database(slug string) string {
	return w.server.Prefix + strings.ReplaceAll(slug, "-", "_")
}

// customize gives a tenant a column of its own, and what else a text makes.
func (w *world) customize(t *testing.T, slug, text, column, definition string) {
	t.Helper()
	if _, err := w.engine.NewRun().ApplyCustomization(t.Context(), customization.Spec{Tenant: slug, Name: "crm", Reason: "Their office sends faxes, see ticket 4711", Author: "Eva", Patch: landlord.CustomizationPatch{
		SQL: text, Columns: []landlord.CustomizationColumn{{Table: "customers", Name: column, Definition: definition}},
	}}, nil, ""); err != nil {
		t.Fatal(err)
	}
}

// long makes a tenant of which everything is long.
func (w *world) long(t *testing.T) {
	t.Helper()
	run, spec := w.engine.NewRun(), w.spec(0, "1.1.0")
	spec.Slug, spec.Name, spec.Metadata = longSlug, longName, map[string]string{"contract": strings.Repeat("0123456789", 12), "tier": "gold"}
	plan, err := run.PlanTenant(t.Context(), spec, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run.CreateTenant(t.Context(), spec, plan.Digest); err != nil {
		t.Fatal(err)
	}
}

// rollOut makes fleets whose rollouts wait, and have failed.
func (w *world) rollOut(t *testing.T) {
	t.Helper()
	for _, name := range []string{"chain", "branches"} {
		spec := fleet.Spec{Name: name, Template: "shop@1.0.0", Rollout: fleet.Rollout{Canary: []string{name + "-a"}, Waves: []fleet.Wave{{Name: "50%", Percent: 50}}}}
		for _, letter := range "abcdefgh" {
			spec.Members = append(spec.Members, fleet.Member{Slug: name + "-" + string(letter), Name: "Branch " + string(letter)})
		}
		if _, err := w.engine.NewRun().ApplyFleet(t.Context(), spec, nil, ""); err != nil {
			t.Fatal(err)
		}
		if name == "branches" {
			w.server.Exec(t, "INSERT INTO `"+w.database("branches-b")+"`.customers (email, note) VALUES ('a@example.com', 'longer than ten')")
		}
		prior := &fleet.Prior{Spec: spec}
		spec.Template, spec.Policies.AllowDestructive = map[string]string{"chain": "shop@1.1.0", "branches": "shop@2.0.0"}[name], true
		if name == "chain" {
			spec.Rollout.Through = "canary"
		}
		if _, err := w.engine.NewRun().ApplyFleet(t.Context(), spec, prior, ""); err != nil && name == "chain" {
			t.Fatal(err)
		}
	}
	if _, err := w.engine.NewRun().AskRollout(t.Context(), "chain", landlord.WishPause, "olaf", "the sale has begun"); err != nil {
		t.Fatal(err)
	}
}

// past gives a tenant checkpoints, an account and a month of samples, and others
// decisions and approvals.
func (w *world) past(t *testing.T) {
	t.Helper()
	slug, landlordDB := slugOf(1), w.server.LandlordDatabase
	for _, name := range []string{"nightly-1", "nightly-2"} {
		if _, err := w.engine.NewRun().TakeCheckpoint(t.Context(), checkpointing.Spec{Tenant: slug, Name: name, Verify: name == "nightly-2", Retention: 24 * time.Hour}); err != nil {
			t.Fatal(err)
		}
	}
	account := landlord.TenantAccountSpec{Tenant: slug, Hosts: []string{"10.%", "localhost"}, Role: landlord.RoleApplication, Password: landlord.Secret(secret()), RequireTLS: true}
	if _, err := w.engine.NewRun().ApplyAccount(t.Context(), account, "", nil); err != nil {
		t.Fatal(err)
	}
	w.server.Exec(t,
		"INSERT INTO "+landlordDB+".tenant_samples (tenant_id, sampled_at, score, reasons, size_bytes, table_rows, free_bytes, statements, latency_us, errors, rows_read, rows_changed, expires_at)"+
			" WITH RECURSIVE h (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM h WHERE n < 700)"+
			" SELECT t.id, NOW(6) - INTERVAL 700 - n HOUR, 100 - 15 * (n > 500), '[]', 3000000 + 20000 * n + 400000 * (n > 300), 9000 + 50 * n, 0,"+
			" 40000 * n + ROUND(9000 * SIN(n / 4)), 90000000 * n, 3 * n, 800000 * n, 9000 * n, NOW(6) + INTERVAL 9 DAY FROM h JOIN "+landlordDB+".tenants AS t ON t.slug = '"+slug+"'",
		"INSERT INTO "+landlordDB+".tenant_resolutions (tenant_id, tenant_slug, clash, object, element, decision, sql_text, to_template, author)"+
			" SELECT id, slug, CONCAT('sha256:', id), 'table customers', 'column fax', IF(slug = '"+slugOf(22)+"', 'sql', 'keep_tenant'), IF(slug = '"+slugOf(22)+"', 'ALTER TABLE `customers` MODIFY COLUMN `fax` VARCHAR(60) NULL COMMENT ''agreed with the tenant, who sends the number of the extension with it''', NULL), 'shop@2.0.0', 'Eva'"+
			" FROM "+landlordDB+".tenants WHERE slug IN ('"+slugOf(22)+"', '"+slugOf(23)+"', '"+longSlug+"')",
		"INSERT INTO "+landlordDB+".migration_approvals (digest, tenant_slug, approved_by, note, expires_at) VALUES (CONCAT('sha256:', REPEAT('a', 64)), '', 'anna', 'seen with the tenants', NOW(6) + INTERVAL 1 DAY),"+
			" (CONCAT('sha256:', REPEAT('b', 64)), '"+slugOf(7)+"', 'anna', '', NULL), (CONCAT('sha256:', REPEAT('c', 64)), '"+slugOf(7)+"', 'olaf', 'the week of the move', NOW(6) - INTERVAL 1 DAY)")
}

// staff are three people with a role each, and their passwords.
func staff(t *testing.T) (users map[string]dashboard.User, passwords map[string]string) {
	t.Helper()
	passwords, lines := map[string]string{}, ""
	for name, role := range map[string]dashboard.Role{"vera": dashboard.Viewer, "anna": dashboard.Approver, "olaf": dashboard.Operator} {
		passwords[name] = secret()
		line, err := dashboard.NewUserLine(name, role, passwords[name])
		if err != nil {
			t.Fatal(err)
		}
		lines += line + "\n"
	}
	users, err := dashboard.ReadUsers(strings.NewReader(lines))
	if err != nil {
		t.Fatal(err)
	}
	return users, passwords
}

// TestPages_mixed reads what an estate shows in which much waits.
func TestPages_mixed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 24, dashboard.Options{})
	w.mix(t)
	v := w.operator(t)
	v.wants("/tenants/shop-010/customizations", "Their office sends faxes", "With shop@2.0.0: table customers column fax: both sides added it, differently", `<span class="state conflict">to be decided</span>`)
	v.wants("/tenants/shop-013/customizations", "With shop@2.0.0: table customers column vip: the template changes other parts of the object")
	v.wants("/tenants/shop-021/drift", "As above: what changes the table makes all of it as it was.")
	v.wants("/templates/shop@2.0.0", "Layers", `<span class="tag">Core</span> <strong>002.sql</strong>`, "CREATE TABLE invoices", `<span class="tag">Modules</span> <strong>loyalty.sql</strong>`)
	v.wants("/templates", "Who has which module", `<th scope="col">loyalty</th>`)
	v.wants("/rollouts", "1 failed, none may", "of the waves that have begun", "not begun", "olaf has asked for this: <strong>pause</strong>")
	body := v.wants("/migrations", "has run out", "no end", "Decide it in <code>resolutions</code>", "<code>fax</code>: clashes", "keep tenant", "a strict server refuses values longer than 10 characters")
	if n := strings.Count(body, "Decide it in"); n != 1 {
		t.Errorf("%d places are to be decided, not the one that clashes", n)
	}
	forbids := "<strong>data forbids</strong>"
	for _, m := range regexp.MustCompile(`<a href="(/migrations/[0-9a-f]{64}/findings)">`).FindAllStringSubmatch(body, -1) {
		if page := v.wants(m[1], "The plan asks each tenant."); strings.Contains(page, "Asked of <a href=\"/tenants/shop-014\">shop-014</a> alone, not of the 5 others") {
			if !strings.Contains(page, forbids) || !strings.Contains(page, `<span class="tag">statement 2</span>`) {
				t.Errorf("shop-014 has a note of 14 characters, and one that is NULL:\n%s", page)
			}
			forbids = ""
		}
	}
	if forbids != "" {
		t.Errorf("nobody asks shop-014:\n%s", body)
	}
	if status, _ := v.get("/migrations/" + strings.Repeat("0", 64) + "/findings"); status != http.StatusNotFound {
		t.Errorf("findings of nothing: %d", status)
	}
}

// TestPages_older shows a landlord database of an older provider: what it does not have is
// not there, and nothing is upgraded by looking.
func TestPages_older(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4, dashboard.Options{})
	landlordDB := w.server.LandlordDatabase
	for _, table := range []string{"tenant_moves", "notification_outbox", "rollout_wishes", "pool_tenants", "landlord_servers", "tenant_samples"} {
		w.server.Exec(t, "DROP TABLE "+landlordDB+"."+table)
	}
	w.server.Exec(t, "DELETE FROM "+landlordDB+".landlord_versions WHERE version >= 10")
	account := w.server.Record(t)
	w.server.Exec(t, "REVOKE ALL PRIVILEGES, GRANT OPTION FROM '"+account.Username+"'@'%'", "GRANT SELECT, PROCESS, SHOW VIEW ON *.* TO '"+account.Username+"'@'%'")
	w.serveAs(t, account.Username, account.Password, dashboard.Options{Listen: "127.0.0.1:0"})
	v := w.operator(t)
	for _, path := range []string{"/", "/rollouts", "/migrations", "/backups", "/templates", "/jobs", "/tenants/shop-001", "/tenants/shop-001/history", "/tenants/shop-001/accounts", "/tenants/shop-001/checkpoints", "/tenants/shop-000/drift", "/tenants/shop-001/customizations"} {
		v.wants(path, "</html>")
	}
	v.wants("/tenants/shop-001/health", "There is no history yet")
	if got := w.server.QueryRows(t, "SELECT MAX(version) FROM "+landlordDB+".landlord_versions"); got[0][0] != "9" {
		t.Errorf("looking made version %s of the landlord database", got[0][0])
	}
}
