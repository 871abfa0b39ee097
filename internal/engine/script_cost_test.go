package engine_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestUpdateTenant_costOfScripts says of the statements of a script what they cost, as
// of those of the comparison, and sends them as they were written.
func TestUpdateTenant_costOfScripts(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		e := engineOn(t, s)
		version := func(number, core string) landlord.TemplateSpec {
			return landlord.TemplateSpec{Name: "old", Version: number, Core: map[string]string{"1.sql": "CREATE TABLE p (id INT PRIMARY KEY);\n" + core}}
		}
		publish(t, e, version("1.0.0", "CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(10), b INT);"))
		next := version("2.0.0", "CREATE TABLE t (id INT PRIMARY KEY, a BIGINT, b2 INT, n INT, KEY k (b2), CONSTRAINT f FOREIGN KEY (n) REFERENCES p (id));")
		next.Migrations = map[string]string{"1.0.0--2.0.0.sql": "ALTER TABLE t RENAME COLUMN b TO b2;\nALTER TABLE t ADD COLUMN n INT -- a remark\n;\nCREATE INDEX k ON t (b2);\nALTER TABLE t MODIFY a BIGINT;\n" +
			"ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (n) REFERENCES p (id);\nALTER TABLE t COMMENT='x', ALGORITHM=INPLACE;\nALTER TABLE t COMMENT='';"}
		publish(t, e, next)
		spec := landlord.TenantSpec{Slug: "acme", Name: "Acme", Template: "old@1.0.0"}
		_, tenant := create(t, e, spec)
		s.Exec(t, "INSERT INTO "+s.Prefix+"acme.t VALUES (1, '5', 1)")
		spec.Template = "old@2.0.0"
		plan, _, err := update(t.Context(), engineOn(t, s), spec, tenant)
		if err != nil {
			t.Fatal(explain(err))
		}
		var got []string
		for i := range plan.Steps {
			got = append(got, plan.Steps[i].Line())
		}
		want := []string{
			"ALTER TABLE `t` RENAME COLUMN `b` TO `b2`",
			"ALTER TABLE `t` ADD COLUMN `n` INT",
			"ALTER TABLE `t` ADD KEY `k` (`b2`)",
			"ALTER TABLE `t` MODIFY COLUMN `a` BIGINT -- algorithm copy, locks writes, not reversible",
			"ALTER TABLE `t` ADD CONSTRAINT `f` FOREIGN KEY (`n`) REFERENCES `p` (`id`) -- algorithm copy, locks writes",
			"ALTER TABLE `t` COMMENT 'x', ALGORITHM = INPLACE",
			"ALTER TABLE `t` COMMENT ''",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
		if risk := landlord.RiskOf(plan.Steps); risk.Algorithm != landlord.AlgorithmCopy || risk.Locks != landlord.LocksWrites {
			t.Errorf("risk %+v", risk)
		}
	})
}
