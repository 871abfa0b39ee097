package ddl_test

import (
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

func TestWithoutDefiner(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ sql, want string }{
		"account in backquotes": {"CREATE DEFINER=`a b`@`%` PROCEDURE `p`()\nSELECT 1", "CREATE PROCEDURE `p`()\nSELECT 1"},
		"account without host":  {"CREATE DEFINER=`role` EVENT `e` ON SCHEDULE EVERY 1 DAY DO SELECT 1", "CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY DO SELECT 1"},
		"security stays":        {"CREATE ALGORITHM=MERGE DEFINER=`a`@`b` SQL SECURITY INVOKER VIEW `v` AS select 1 AS `1`", "CREATE ALGORITHM=MERGE SQL SECURITY INVOKER VIEW `v` AS select 1 AS `1`"},
		"no definer":            {"CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW SET NEW.a = 'DEFINER=`a`@`b`'", "CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW SET NEW.a = 'DEFINER=`a`@`b`'"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := ddl.WithoutDefiner(test.sql); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestViewQuery(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		sql, want string
		ok        bool
	}{
		"plain":          {"CREATE ALGORITHM=UNDEFINED DEFINER=`a`@`%` SQL SECURITY DEFINER VIEW `v` AS select `t`.`as` AS `as` from `t`", "select `t`.`as` AS `as` from `t`", true},
		"algorithm":      {"CREATE ALGORITHM=MERGE DEFINER=`a`@`%` SQL SECURITY DEFINER VIEW `v` AS select 1 AS `1`", "", false},
		"invoker":        {"CREATE ALGORITHM=UNDEFINED DEFINER=`a`@`%` SQL SECURITY INVOKER VIEW `v` AS select 1 AS `1`", "", false},
		"columns":        {"CREATE ALGORITHM=UNDEFINED DEFINER=`a`@`%` SQL SECURITY DEFINER VIEW `v` (`x`) AS select 1 AS `1`", "", false},
		"something else": {"CREATE TABLE `v` AS select 1", "", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := ddl.ViewQuery(test.sql)
			if got != test.want || ok != test.ok {
				t.Errorf("got %q, %t, want %q, %t", got, ok, test.want, test.ok)
			}
		})
	}
}
