package merge_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
)

// TestReaches: what of a customization changes rows of the template's tables.
func TestReaches(t *testing.T) {
	t.Parallel()
	table := func(name, columns string) ddl.Object {
		return ddl.Object{Kind: ddl.KindTable, Name: name, SQL: "CREATE TABLE `" + name + "` (\n  " + columns + "\n) ENGINE=InnoDB"}
	}
	const columns = "`id` int NOT NULL,\n  `status` int DEFAULT NULL"
	template := ddl.Schema{Objects: []ddl.Object{table("core", columns), {Kind: ddl.KindView, Name: "core_v", SQL: "CREATE VIEW `core_v` AS select `core`.`id` AS `id` from `core`"}}}
	for _, x := range []struct {
		name    string
		object  ddl.Object
		element string
		want    []merge.Reach
	}{
		{"trigger on a table of the template", ddl.Object{Kind: ddl.KindTrigger, Name: "x", Table: "core", SQL: "CREATE TRIGGER `x` BEFORE INSERT ON `core` FOR EACH ROW SET NEW.id = 1"}, "", []merge.Reach{{Table: "core", How: "would run in everything that writes to"}}},
		{"trigger on a table of its own", ddl.Object{Kind: ddl.KindTrigger, Name: "x", Table: "own", SQL: "CREATE TRIGGER `x` BEFORE INSERT ON `own` FOR EACH ROW SET NEW.id = 1"}, "", nil},
		{"trigger that writes elsewhere", ddl.Object{Kind: ddl.KindTrigger, Name: "x", Table: "own", SQL: "CREATE TRIGGER `x` BEFORE INSERT ON `own` FOR EACH ROW DELETE FROM core"}, "", []merge.Reach{{Table: "core", How: "changes rows of"}}},
		{"event", ddl.Object{Kind: ddl.KindEvent, Name: "x", SQL: "CREATE EVENT `x` ON SCHEDULE EVERY 1 DAY DO UPDATE CORE SET id = 1"}, "", []merge.Reach{{Table: "core", How: "changes rows of"}}},
		{"procedure through views", ddl.Object{Kind: ddl.KindProcedure, Name: "x", SQL: "CREATE PROCEDURE `x`() BEGIN UPDATE own_v SET id = 1; DELETE FROM own; END"}, "", []merge.Reach{{Table: "core", How: "changes rows of"}}},
		{"function that reads", ddl.Object{Kind: ddl.KindFunction, Name: "x", SQL: "CREATE FUNCTION `x`() RETURNS INT READS SQL DATA RETURN (SELECT MAX(id) FROM core)"}, "", nil},
		{"view", ddl.Object{Kind: ddl.KindView, Name: "x", SQL: "CREATE VIEW `x` AS select 1"}, "", nil},
		{"foreign key that deletes", table("core", columns+",\n  `x` int DEFAULT NULL,\n  CONSTRAINT `f` FOREIGN KEY (`x`) REFERENCES `own` (`id`) ON DELETE CASCADE"), "foreign key `f`", []merge.Reach{{Table: "core", How: "deletes, by `ON DELETE CASCADE`, rows of"}}},
		{"foreign key that empties a column of the template", table("core", columns+",\n  CONSTRAINT `f` FOREIGN KEY (`status`) REFERENCES `own` (`id`) ON DELETE SET NULL"), "foreign key `f`", []merge.Reach{{Table: "core", How: "changes, by `ON DELETE SET NULL`, columns of"}}},
		{"foreign key that follows in a column of the template", table("core", columns+",\n  CONSTRAINT `f` FOREIGN KEY (`status`) REFERENCES `own` (`id`) ON UPDATE CASCADE"), "foreign key `f`", []merge.Reach{{Table: "core", How: "changes, by `ON UPDATE CASCADE`, columns of"}}},
		{"foreign key that empties a column of its own", table("core", columns+",\n  `x` int DEFAULT NULL,\n  CONSTRAINT `f` FOREIGN KEY (`x`) REFERENCES `own` (`id`) ON DELETE SET NULL ON UPDATE CASCADE"), "foreign key `f`", nil},
		{"foreign key that keeps", table("core", columns+",\n  CONSTRAINT `f` FOREIGN KEY (`status`) REFERENCES `own` (`id`)"), "foreign key `f`", nil},
		{"foreign key of a table of its own", table("mine", "`id` int NOT NULL,\n  CONSTRAINT `f` FOREIGN KEY (`id`) REFERENCES `core` (`id`) ON DELETE CASCADE"), "foreign key `f`", nil},
		{"column", table("core", columns), "column `x`", nil},
	} {
		made := ddl.Schema{Objects: []ddl.Object{
			x.object, table("own", columns),
			{Kind: ddl.KindView, Name: "own_v", SQL: "CREATE VIEW `own_v` AS select `core_v`.`id` AS `id` from `core_v`"}, template.Objects[1],
		}}
		got := merge.Reaches(ddl.Place{Object: x.object.Key(), Element: x.element}, made, template, ddl.Server{Product: ddl.MySQL, Version: "9.7.4"})
		if diff := cmp.Diff(x.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", x.name, diff)
		}
	}
}
