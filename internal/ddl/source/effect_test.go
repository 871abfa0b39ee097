package source_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
)

func TestStatement_effect(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]source.Effect{
		"CREATE TABLE a (id INT PRIMARY KEY)":                      {Reversible: true},
		"RENAME TABLE a TO b":                                      {Reversible: true},
		"ALTER TABLE a RENAME COLUMN x TO y":                       {Reversible: true},
		"ALTER TABLE a ADD COLUMN x INT, DROP INDEX ix":            {Reversible: true},
		"ALTER TABLE a DROP FOREIGN KEY fk, DROP PRIMARY KEY":      {Reversible: true},
		"ALTER TABLE a ALTER COLUMN x DROP DEFAULT":                {Reversible: true},
		"ALTER TABLE a CHANGE x y BIGINT":                          {},
		"ALTER TABLE a MODIFY x VARCHAR(3)":                        {},
		"ALTER TABLE a DROP COLUMN x":                              {Lost: "column `x` with its values"},
		"ALTER TABLE a DROP x, DROP COLUMN IF EXISTS `y z`":        {Lost: "column `x` with its values, column `y z` with its values"},
		"ALTER TABLE a ADD COLUMN x INT COMMENT 'DROP COLUMN y'":   {Reversible: true},
		"ALTER TABLE a ADD COLUMN x INT /* DROP COLUMN y */":       {Reversible: true},
		"ALTER TABLE a ADD CHECK (`DROP` > 1)":                     {Reversible: true},
		"ALTER TABLE a DROP PARTITION p0":                          {Lost: "rows of partitions"},
		"ALTER TABLE a TRUNCATE PARTITION p0":                      {Lost: "rows of partitions"},
		"DROP TABLE a, b":                                          {Lost: "table `a`, `b` with all rows"},
		"DROP INDEX ix ON a":                                       {Reversible: true},
		"DROP VIEW v":                                              {Reversible: true},
		"UPDATE a SET x = 1":                                       {},
		"INSERT INTO a VALUES (1)":                                 {},
		"DELETE FROM a WHERE x = 1":                                {Lost: "rows of table `a`"},
		"REPLACE INTO a VALUES (1)":                                {Lost: "rows of table `a`"},
		"WITH c AS (SELECT 1) DELETE FROM a WHERE x IN (SELECT 1)": {Lost: "rows"},
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			statements, err := source.Split(text)
			if err != nil || len(statements) != 1 {
				t.Fatalf("%v, %v", statements, err)
			}
			if diff := cmp.Diff(want, statements[0].Effect()); diff != "" {
				t.Errorf("effect (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStatement_inverse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"ALTER TABLE a RENAME COLUMN x TO y":                        "ALTER TABLE `a` RENAME COLUMN `y` TO `x`",
		"alter table a rename column x to y, rename index i to `j`": "ALTER TABLE `a` RENAME COLUMN `y` TO `x`, RENAME INDEX `j` TO `i`",
		"ALTER TABLE a RENAME TO b":                                 "ALTER TABLE `b` RENAME `a`",
		"RENAME TABLE a TO b, c TO d":                               "RENAME TABLE `d` TO `c`, `b` TO `a`",
		"ALTER TABLE a RENAME COLUMN x TO y, ADD COLUMN z INT":      "",
		"UPDATE a SET x = 1":                                        "",
		"DROP TABLE a":                                              "",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			statements, faults := source.Parse(text, ddl.Server{Product: ddl.MySQL, Version: "9.7.4"})
			if len(faults) > 0 || len(statements) != 1 {
				t.Fatalf("%v, %v", statements, faults)
			}
			inverse, _ := statements[0].Inverse()
			if inverse.SQL != want {
				t.Errorf("got %q, wanted %q", inverse.SQL, want)
			}
		})
	}
}
