package engine_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// hardSchemas are schemas that servers print, or change, in another way than one
// would expect: by case, before and after an update.
var hardSchemas = map[string][2]string{
	"foreign key on a key with a prefix": {
		`CREATE TABLE box (id bigint AUTO_INCREMENT PRIMARY KEY, label text);
CREATE TABLE thing (box_id bigint, code text, note text);
CREATE UNIQUE INDEX u_thing ON thing (box_id, code(36));
ALTER TABLE thing ADD FOREIGN KEY (box_id) REFERENCES box (id) ON DELETE CASCADE;`,
		`CREATE TABLE box (id bigint AUTO_INCREMENT PRIMARY KEY, label text);
CREATE TABLE thing (box_id bigint, code text NOT NULL, note text);
CREATE UNIQUE INDEX u_thing ON thing (box_id, code(36));
ALTER TABLE thing ADD FOREIGN KEY (box_id) REFERENCES box (id) ON DELETE CASCADE;`,
	},
	"foreign key to a prefix that is the whole column": {
		`CREATE TABLE person (id int PRIMARY KEY, login varchar(50) NOT NULL, UNIQUE KEY u (login(50)));
CREATE TABLE remark (id int PRIMARY KEY, login varchar(50), CONSTRAINT fk_n FOREIGN KEY (login) REFERENCES person (login));`,
		`CREATE TABLE person (id int PRIMARY KEY, login varchar(50) NOT NULL, born date, UNIQUE KEY u (login(50)));
CREATE TABLE remark (id int PRIMARY KEY, login varchar(50), body text, CONSTRAINT fk_n FOREIGN KEY (login) REFERENCES person (login));`,
	},
	"rules that change nothing": {
		`CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE c (id int PRIMARY KEY, a int, CONSTRAINT f1 FOREIGN KEY (a) REFERENCES p (id) ON DELETE RESTRICT);`,
		`CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE c (id int PRIMARY KEY, a int, CONSTRAINT f1 FOREIGN KEY (a) REFERENCES p (id) ON UPDATE NO ACTION);`,
	},
	"index of a foreign key that an engine ignored in capitals": {
		`CREATE TABLE boss (id int PRIMARY KEY) ENGINE=MyISAM;
CREATE TABLE hand (id int PRIMARY KEY, boss_id int, CONSTRAINT FK_Hand FOREIGN KEY (boss_id) REFERENCES boss (id)) ENGINE=MyISAM;`,
		`CREATE TABLE boss (id int PRIMARY KEY) ENGINE=InnoDB;
CREATE TABLE hand (id int PRIMARY KEY, boss_id int, CONSTRAINT fk_hand FOREIGN KEY (boss_id) REFERENCES boss (id)) ENGINE=InnoDB;`,
	},
	"checks on a generated column": {
		`CREATE TABLE gd (id INT PRIMARY KEY, a INT, g INT AS (a+1) STORED, CONSTRAINT ckg CHECK (g > 0), CONSTRAINT cka CHECK (g > a));`,
		`CREATE TABLE gd (id INT PRIMARY KEY, a INT, g INT AS (a+1) VIRTUAL, CONSTRAINT ckg CHECK (g > 0), CONSTRAINT cka CHECK (g > a));`,
	},
	"compression": {
		`CREATE TABLE op (id INT PRIMARY KEY, a INT, KEY k (a)) ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=8;`,
		`CREATE TABLE op (id INT PRIMARY KEY, a INT, KEY k (a)) ROW_FORMAT=DYNAMIC;`,
	},
}

// TestUpdateTenant_hardSchemas moves a tenant there and back; each time nothing
// is left to do.
func TestUpdateTenant_hardSchemas(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		for i, version := range []string{"1.0.0", "2.0.0"} {
			spec := landlord.TemplateSpec{Name: "hard", Version: version, Core: map[string]string{}}
			for name, texts := range hardSchemas {
				spec.Core[strings.ReplaceAll(name, " ", "_")+".sql"] = texts[i]
			}
			publish(t, e, spec)
		}
		_, tenant := create(t, e, landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "hard@1.0.0"})
		for _, to := range []string{"hard@2.0.0", "hard@1.0.0"} {
			spec := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: to}
			_, after, err := update(t.Context(), engineOn(t, s), spec, tenant)
			if err != nil {
				t.Fatalf("to %s: %s", to, explain(err))
			}
			p := prior(after)
			again, err := engineOn(t, s).PlanTenant(t.Context(), spec, &p)
			if err != nil {
				t.Fatal(explain(err))
			}
			if diff := cmp.Diff([]string{}, operations(again.Steps)); diff != "" || again.HasWork() || len(after.Drift) > 0 {
				t.Errorf("to %s: left to do (-want +got):\n%s\ndrift %v", to, diff, after.Drift)
			}
			tenant = after
		}
	})
}
