package diff_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
)

func TestCompare(t *testing.T) {
	t.Parallel()
	schema := func(objects ...ddl.Object) ddl.Schema {
		return ddl.Schema{CharacterSet: "utf8mb4", Collation: "utf8mb4_unicode_ci", Objects: objects}
	}
	users := func(body string) ddl.Object {
		return ddl.Object{Kind: ddl.KindTable, Name: "users", SQL: "CREATE TABLE `users` (\n" + body + "\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci"}
	}
	view := ddl.Object{Kind: ddl.KindView, Name: "v", SQL: "CREATE VIEW `v` AS select 1 AS `1`"}
	tests := map[string]struct {
		before, after ddl.Schema
		want          []diff.ElementChange
	}{
		"equal": {schema(users("  `id` int NOT NULL,\n  PRIMARY KEY (`id`)"), view), schema(users("  `id` int NOT NULL,\n  PRIMARY KEY (`id`)"), view), nil},
		"extra column and key, lost view": {
			schema(users("  `id` int NOT NULL,\n  PRIMARY KEY (`id`)"), view),
			schema(users("  `id` int NOT NULL,\n  `a` int DEFAULT NULL,\n  PRIMARY KEY (`id`),\n  KEY `ix` (`a`)")),
			[]diff.ElementChange{
				{Object: "table users", Element: "column `a`", Kind: diff.ChangeExtra, After: "`a` int DEFAULT NULL"},
				{Object: "table users", Element: "key `ix`", Kind: diff.ChangeExtra, After: "KEY `ix` (`a`)"},
				{Object: "view v", Kind: diff.ChangeMissing, Before: view.SQL},
			},
		},
		"changed type": {
			schema(users("  `id` int NOT NULL")), schema(users("  `id` bigint NOT NULL")),
			[]diff.ElementChange{{Object: "table users", Element: "column `id`", Kind: diff.ChangeDiffers, Before: "`id` int NOT NULL", After: "`id` bigint NOT NULL"}},
		},
		"other order": {
			schema(users("  `a` int NOT NULL,\n  `b` int NOT NULL")), schema(users("  `b` int NOT NULL,\n  `a` int NOT NULL")),
			[]diff.ElementChange{{Object: "table users", Element: diff.ElementOrder, Kind: diff.ChangeDiffers}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := diff.Compare(test.before, test.after, ddl.Server{Product: ddl.MySQL, Version: "9.7.0"})
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("differences (-want +got):\n%s", diff)
			}
		})
	}
}
