package engine_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// noted is a template of one table.
func noted(version, columns string) landlord.TemplateSpec {
	return landlord.TemplateSpec{Name: "notes", Version: version, Core: map[string]string{"001_notes.sql": "CREATE TABLE notes (" + columns + ");"}}
}

// meddler is somebody who acts while a migration runs.
type meddler func(landlord.Event)

func (m meddler) Report(_ context.Context, e landlord.Event) { m(e) }

// TestLoss_askedOfTheData narrows columns: what a server would change without a
// word is no loss as long as the data has nothing of it, in the plan and right
// before the statement.
func TestLoss_askedOfTheData(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		publish(t, e, noted("1.0.0", "id INT PRIMARY KEY, price DECIMAL(10,2) NOT NULL, old VARCHAR(20), at DATETIME"))
		publish(t, e, noted("2.0.0", "id INT PRIMARY KEY, price DECIMAL(10,1) NOT NULL, at DATE"))
		spec := landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "notes@1.0.0"}
		_, tenant := create(t, e, spec)
		db := s.Prefix + "acme"
		s.Exec(t, "INSERT INTO "+db+".notes VALUES (1, 9.50, NULL, '2020-01-01'), (2, 1.25, NULL, '2020-01-02')")
		spec.Template = "notes@2.0.0"
		_, _, err := update(t.Context(), engineOn(t, s), spec, tenant)
		refuses(t, s, err, "Migration would lose data [allow_destructive]\nTenant `acme` is to move to template `notes@2.0.0`.\n\n"+
			"ALTER TABLE `notes` MODIFY COLUMN `price` decimal(10,1) NOT NULL, MODIFY COLUMN `at` date DEFAULT NULL, ALGORITHM=COPY\n\n"+
			"Lost: digits behind the point beyond 1 of `notes`.`price`; times of day of `notes`.`at`.\n\n"+
			"Set `allow_destructive = true` to agree, or `destructive_objects = { \"table notes column price\" = \"retire\", \"table notes column at\" = \"retire\" }` to agree to this alone; what is lost is then set aside for the `retention`, unless `destructive_mode = \"drop\"`. Or keep the object in the template.")

		s.Exec(t, "UPDATE "+db+".notes SET price = 1.3 WHERE id = 2")
		meddled := engineOn(t, s, func(c *landlord.Config) {
			c.Progress = meddler(func(e landlord.Event) {
				if e.Step == 3 { // somebody who does not wait
					s.Exec(t, "UPDATE "+db+".notes SET old = 'kept' WHERE id = 2")
				}
			})
		})
		_, _, err = update(t.Context(), meddled, spec, tenant)
		refuses(t, s, err, "Migration would lose data [allow_destructive]\nTenant `acme` is to move to template `notes@2.0.0`.\n\n"+
			"ALTER TABLE `notes` DROP COLUMN `old`, ALGORITHM=INSTANT\n\nLost: column `notes`.`old` with its values.\n\n"+
			"Set `allow_destructive = true` to agree, or `destructive_objects = { \"table notes column old\" = \"retire\" }` to agree to this alone; what is lost is then set aside for the `retention`, unless `destructive_mode = \"drop\"`. Or keep the object in the template.")
		if rows := s.QueryRows(t, "SELECT id, price, old FROM "+db+".notes ORDER BY id"); cmp.Diff([][]string{{"1", "9.5", "NULL"}, {"2", "1.3", "kept"}}, rows) != "" {
			t.Errorf("rows %v", rows)
		}
		s.Exec(t, "UPDATE "+db+".notes SET old = NULL")
		next := engineOn(t, s)
		half, err := next.Tenant(t.Context(), "acme")
		must(t, err)
		if _, _, err = update(t.Context(), next, spec, half); err != nil {
			t.Fatal(explain(err))
		}
		if rows := s.QueryRows(t, "SELECT * FROM "+db+".notes ORDER BY id"); cmp.Diff([][]string{{"1", "9.5", "2020-01-01"}, {"2", "1.3", "2020-01-02"}}, rows) != "" {
			t.Errorf("rows %v", rows)
		}
	})
}

// TestLoss_setAside sets aside what a narrower type changes, and no more, and
// whole rows of tables that have no key.
func TestLoss_setAside(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		log := "; CREATE TABLE log (what VARCHAR(20), level INT GENERATED ALWAYS AS (LENGTH(what)), at DATETIME"
		publish(t, e, noted("1.0.0", "id INT PRIMARY KEY, price DECIMAL(10,2) NOT NULL)"+log))
		publish(t, e, noted("2.0.0", "id INT PRIMARY KEY, price DECIMAL(10,1) NOT NULL)"+strings.Replace(log, "what VARCHAR(20), level INT GENERATED ALWAYS AS (LENGTH(what)), ", "", 1)))
		spec := landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "notes@1.0.0", AllowDestructive: true}
		_, tenant := create(t, e, spec)
		db := s.Prefix + "acme"
		s.Exec(t, "INSERT INTO "+db+".notes VALUES (1, 9.50), (2, 1.25)", "INSERT INTO "+db+".log (what, at) VALUES ('a', '2020-01-01'), ('a', '2020-01-01'), ('b', NULL)")
		spec.Template = "notes@2.0.0"
		if _, _, err := update(t.Context(), engineOn(t, s), spec, tenant); err != nil {
			t.Fatal(explain(err))
		}
		aside := map[string][][]string{}
		for _, r := range s.QueryRows(t, "SELECT object_table, retired_as FROM "+s.LandlordDatabase+".retired_objects") {
			aside[r[0]] = s.QueryRows(t, "SELECT * FROM "+s.LandlordDatabase+"_retired."+r[1])
		}
		want := map[string][][]string{"notes": {{"2", "1.25"}}, "log": {{"a", "1", "2020-01-01 00:00:00"}, {"a", "1", "2020-01-01 00:00:00"}, {"b", "1", "NULL"}}}
		if diff := cmp.Diff(want, aside); diff != "" {
			t.Errorf("set aside (-want +got):\n%s", diff)
		}
		if rows := s.QueryRows(t, "SELECT * FROM "+db+".log"); len(rows) != 3 {
			t.Errorf("rows left: %v", rows)
		}
	})
}

// TestLoss_consents takes away what was named, each in its own way, and nothing else.
func TestLoss_consents(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		publish(t, e, noted("1.0.0", "id INT PRIMARY KEY, fax VARCHAR(20), pager VARCHAR(20)); CREATE TABLE visits (id INT PRIMARY KEY); CREATE TABLE logins (id INT PRIMARY KEY"))
		publish(t, e, noted("2.0.0", "id INT PRIMARY KEY"))
		spec := landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "notes@1.0.0"}
		_, tenant := create(t, e, spec)
		db := s.Prefix + "acme"
		s.Exec(t, "INSERT INTO "+db+".notes VALUES (1, 'f', 'p')", "INSERT INTO "+db+".visits VALUES (1)", "INSERT INTO "+db+".logins VALUES (1)")
		spec.Template = "notes@2.0.0"
		_, _, all := update(t.Context(), engineOn(t, s), spec, tenant)
		var refused *landlord.Problem
		want := "Set `allow_destructive = true` to agree, or `destructive_objects = { \"table notes column fax\" = \"retire\", \"table notes column pager\" = \"retire\", \"table logins\" = \"retire\", \"table visits\" = \"retire\" }` to agree to these alone; " +
			"what is lost is then set aside for the `retention`, unless `destructive_mode = \"drop\"`. Or keep the objects in the template."
		if !errors.As(all, &refused) || refused.Detail[len(refused.Detail)-1] != want {
			t.Errorf("nothing is agreed to: %v", all)
		}
		at := func(text string) ddl.Place {
			p, err := ddl.ParsePlace(text)
			must(t, err)
			return p
		}
		spec.Consents = landlord.Consents{at("table notes column fax"): landlord.Drop, at("table visits"): landlord.Drop, at("table logins"): landlord.Retire}
		_, _, err := update(t.Context(), engineOn(t, s), spec, tenant)
		refuses(t, s, err, "Migration would lose data [allow_destructive]\nTenant `acme` is to move to template `notes@2.0.0`.\n\n"+
			"ALTER TABLE `notes` DROP COLUMN `fax`, DROP COLUMN `pager`, ALGORITHM=INSTANT\n\n"+
			"Lost: column `notes`.`fax` with its values; column `notes`.`pager` with its values.\n\n"+
			"Set `allow_destructive = true` to agree, or `destructive_objects = { \"table notes column fax\" = \"retire\", \"table notes column pager\" = \"retire\" }` to agree to this alone; "+
			"what is lost is then set aside for the `retention`, unless `destructive_mode = \"drop\"`. Or keep the object in the template.")
		spec.Consents[at("table notes column `PAGER`")] = landlord.Retire
		if _, _, err = update(t.Context(), engineOn(t, s), spec, tenant); err != nil {
			t.Fatal(explain(err))
		}
		aside := s.QueryRows(t, "SELECT object_table, COALESCE(JSON_UNQUOTE(JSON_EXTRACT(object_columns, '$[0]')), 'all') FROM "+s.LandlordDatabase+".retired_objects ORDER BY 1")
		if diff := cmp.Diff([][]string{{"logins", "all"}, {"notes", "pager"}}, aside); diff != "" {
			t.Errorf("set aside (-want +got):\n%s", diff)
		}
	})
}

// TestZeroDates: a template whose sql_mode takes zero dates has them in rows of its
// tenants when they are created, altered, set aside and brought back.
func TestZeroDates(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		lax := func(version, columns string) landlord.TemplateSpec {
			spec := noted(version, columns)
			spec.SQLMode = "strict_trans_tables"
			if version == "1.0.0" {
				spec.Seeds = map[string]string{"001.sql": "INSERT INTO notes (id, v, since) VALUES (1, '7', '2020-00-00');"}
			}
			return spec
		}
		publish(t, e, lax("1.0.0", "id INT PRIMARY KEY, v VARCHAR(10), at DATE NOT NULL DEFAULT '0000-00-00', since DATE NULL"))
		publish(t, e, lax("2.0.0", "id INT PRIMARY KEY, v INT, due DATE NOT NULL, since DATE NULL"))
		publish(t, e, noted("3.0.0", "id INT PRIMARY KEY, v DOUBLE, due DATE NOT NULL, since DATE NULL"))
		spec := landlord.TenantSpec{Slug: "acme", Name: "acme", Template: "notes@1.0.0", AllowDestructive: true}
		_, tenant := create(t, e, spec)
		db := s.Prefix + "acme"
		for _, step := range []struct{ template, want string }{
			{"notes@2.0.0", "1 7 0000-00-00 2020-00-00"}, {"notes@1.0.0", "1 7 0000-00-00 2020-00-00"}, {"notes@2.0.0", "1 7 0000-00-00 2020-00-00"},
		} {
			spec.Template = step.template
			var err error
			if _, tenant, err = update(t.Context(), engineOn(t, s), spec, tenant); err != nil {
				t.Fatal(explain(err))
			}
			if got := strings.Join(s.QueryRows(t, "SELECT * FROM "+db+".notes")[0], " "); got != step.want {
				t.Errorf("%s: %s, want %s", step.template, got, step.want)
			}
		}
		spec.Template = "notes@3.0.0"
		_, _, err := update(t.Context(), engineOn(t, s), spec, tenant)
		refuses(t, s, err, "Data forbids a step of the migration [template]\nTenant `acme` cannot move to template `notes@3.0.0`: 1 row of `notes` cannot be copied: `due` holds a date without a month or a day, e.g. `id` 1.\n\n"+
			"ALTER TABLE `notes` MODIFY COLUMN `v` double DEFAULT NULL, ALGORITHM=COPY\n\nNothing was run. Correct the rows and plan again. Or publish `notes@3.0.1` with a script `migrations/3.0.0--3.0.1.sql` that corrects them, and let the tenant follow that version: scripts run first.")
		strict := noted("4.0.0", "id INT PRIMARY KEY")
		for mode, want := range map[string]string{
			"ANSI_QUOTES":  "`ANSI_QUOTES` is no mode of a template: it may have ERROR_FOR_DIVISION_BY_ZERO, NO_ENGINE_SUBSTITUTION, NO_ZERO_DATE, NO_ZERO_IN_DATE, ONLY_FULL_GROUP_BY, STRICT_ALL_TABLES, STRICT_TRANS_TABLES.",
			"NO_ZERO_DATE": "`NO_ZERO_DATE` is not strict: add STRICT_TRANS_TABLES, so that no value is changed without a word.",
		} {
			strict.SQLMode = mode
			_, err := e.PublishTemplate(t.Context(), strict)
			refuses(t, s, err, "Template attribute is not valid [sql_mode]\n"+want)
		}
	})
}
