package engine_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/customization"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestDrift_adopt takes what was added by hand into customizations, as they are
// offered: nothing changes on the server, and nothing is drift afterwards.
func TestDrift_adopt(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		publish(t, e, zoo(s))
		create(t, e, landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "zoo@1.0.0"})
		cases := map[string][]string{
			"table":          {"CREATE TABLE hand (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, c INT NULL, note VARCHAR(20) NULL COMMENT 'by ${hand}', KEY ix_c (c), CONSTRAINT fk_hand FOREIGN KEY (c) REFERENCES customers (id)) COMMENT='x'"},
			"column":         {"ALTER TABLE customers ADD COLUMN tax_id VARCHAR(20) CHARACTER SET latin1 NULL COMMENT 'it''s' AFTER email"},
			"generated":      {"ALTER TABLE customers ADD COLUMN n INT AS (CHAR_LENGTH(email)) STORED"},
			"key":            {"CREATE INDEX ix_phone ON customers (phone(4), city)"},
			"unique key":     {"CREATE UNIQUE INDEX uq_phone ON customers (phone)"},
			"key with words": {"CREATE INDEX ix_phone ON customers (phone) COMMENT 'why'"},
			"fulltext key":   {"CREATE FULLTEXT INDEX ft_city ON customers (city)"},
			"check":          {"ALTER TABLE aside ADD CONSTRAINT ck_id CHECK (id > 0)"},
			"foreign key":    {"ALTER TABLE aside ADD CONSTRAINT fk_aside FOREIGN KEY (id) REFERENCES customers (id)"},
			"view":           {"CREATE VIEW v AS SELECT id, email FROM customers"},
			"trigger":        {"CREATE TRIGGER tr_hand AFTER INSERT ON orders FOR EACH ROW BEGIN DELETE FROM aside; DELETE FROM log; END"},
			"procedure":      {"CREATE PROCEDURE hand(IN n INT)\nBEGIN\n  -- twice\n  SELECT n;\n  SELECT n;\nEND"},
			"function":       {"CREATE FUNCTION thrice(n INT) RETURNS INT DETERMINISTIC RETURN n * 3"},
			"ANSI_QUOTES":    {"SET sql_mode = 'ANSI_QUOTES,STRICT_TRANS_TABLES'", `CREATE FUNCTION thrice(n INT) RETURNS INT DETERMINISTIC RETURN "n" * 3`},
			"event":          {"CREATE EVENT hand ON SCHEDULE EVERY 1 HOUR DISABLE DO DELETE FROM aside"},
			"everything": {
				"CREATE TABLE hand (id INT NOT NULL PRIMARY KEY)", "ALTER TABLE orders ADD COLUMN note VARCHAR(20) NULL, ADD KEY ix_note (note)",
				"CREATE VIEW v AS SELECT note FROM orders", "CREATE TRIGGER tr_hand BEFORE INSERT ON hand FOR EACH ROW SET NEW.id = NEW.id + 1",
			},
		}
		for name, do := range cases {
			runIn(t, s, s.Prefix+"acme", do...)
			adopt(t, s, "acme", name)
		}
	})
}

// TestDrift_adoptOtherMode has a program whose text means something else under the mode
// of the provider: no customization is offered that would make another one of it.
func TestDrift_adoptOtherMode(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		publish(t, e, zoo(s))
		create(t, e, landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "zoo@1.0.0"})
		runIn(t, s, s.Prefix+"acme", "SET sql_mode = 'PIPES_AS_CONCAT,STRICT_TRANS_TABLES'", "CREATE FUNCTION doubled(a TEXT) RETURNS TEXT DETERMINISTIC RETURN a || a")
		found, err := engineOn(t, s).Drift(t.Context(), "acme", false)
		if err != nil {
			t.Fatal(explain(err))
		}
		if len(found.Differences) != 1 || found.Adoption != nil {
			t.Fatalf("found %+v, adoption %+v", found.Differences, found.Adoption)
		}
		want := "It was made under the mode `PIPES_AS_CONCAT`, in which its text means something else than in that of the provider. " +
			"Make it anew without that mode first, or take it into the template in other words."
		if got := found.Differences[0].AdoptObstacle; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}

// adopt takes the drift of a tenant into a customization, and removes it again.
func adopt(t *testing.T, s *mysqltest.Server, slug, name string) {
	t.Helper()
	e := engineOn(t, s)
	defer func() { _ = e.Close() }()
	found, err := e.Drift(t.Context(), slug, false)
	if err != nil {
		t.Fatal(explain(err))
	}
	if found.Adoption == nil {
		t.Fatalf("%s: nothing to adopt: %+v", name, found.Differences)
	}
	spec := customization.Spec{Tenant: slug, Name: "adopted", Reason: "found", Patch: *found.Adoption, AllowDestructive: true}
	plan, _, err := customize(t, e, spec, nil)
	if err != nil {
		t.Fatalf("%s: %s\n%+v", name, explain(err), spec.Patch)
	}
	// What was made by a session of other settings than ours is made again.
	for _, step := range plan.Steps {
		if kind, _, _ := strings.Cut(step.Object, " "); step.Destructive || !slices.Contains([]string{"view", "trigger", "procedure", "function", "event"}, kind) {
			t.Errorf("%s: step %+v", name, step)
		}
	}
	after := driftIs(t, s, slug, name+", adopted", nil)
	if after.Fingerprint != found.Fingerprint && len(plan.Steps) == 0 {
		t.Errorf("%s: adopting has changed the schema", name)
	}
	err = engineOn(t, s).RemoveCustomization(t.Context(), slug, "adopted", customization.RemovalOptions{AllowDestructive: true, DestructiveMode: landlord.Drop})
	if err != nil {
		t.Fatalf("%s: %s", name, explain(err))
	}
	driftIs(t, s, slug, name+", removed", nil)
}

// TestDrift_customization has drift in what a customization made.
func TestDrift_customization(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e, _ := shopTenant(t, s, "acme")
		mustCustomize(t, e, visits("acme"), nil)
		driftIs(t, s, "acme", "as it was made", nil)
		const broken = " breaks_customization"
		runIn(t, s, s.Prefix+"acme", "DROP TRIGGER orders_vip", "DROP VIEW vip_customers", "ALTER TABLE customers DROP KEY ix_vip, MODIFY vip_level BIGINT NOT NULL DEFAULT 0 COMMENT 'of the shop'",
			"ALTER TABLE visits DROP COLUMN seen, ADD COLUMN must INT NOT NULL, ADD COLUMN may INT NULL", "CREATE TRIGGER tr_hand BEFORE INSERT ON visits FOR EACH ROW SET NEW.may = 1")
		found := driftIs(t, s, "acme", "changed by hand", []string{
			"changed table `customers`, column `vip_level`" + broken, "missing table `customers`, key `ix_vip`" + broken,
			"extra table `visits`, column `may`" + harmless, "extra table `visits`, column `must`" + broken,
			"missing table `visits`, column `seen`" + broken, "missing table `visits`, key `ix_seen`" + broken,
			"missing trigger `orders_vip`" + broken, "extra trigger `tr_hand`" + broken, "missing view `vip_customers`" + broken,
		})
		for _, d := range found.Differences {
			if (d.Harm == landlord.HarmCustomization) != (d.Customization == "visits") {
				t.Errorf("%s breaks %q", d.Name(), d.Customization)
			}
			want := "Customization `visits` made it: change its definition, or remove it from there."
			if d.Kind != landlord.DifferenceExtra && d.AdoptObstacle != want {
				t.Errorf("%s: %s", d.Name(), d.AdoptObstacle)
			}
		}
		repair(t, s, s.Prefix+"acme", found.RepairSQL)
		driftIs(t, s, "acme", "repaired", nil)
	})
}
