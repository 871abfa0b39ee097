package source_test

import (
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
)

func TestEventEnds(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1":                                                                      false,
		"CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01' DO SELECT 1":                                                  false,
		"CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01' ENDS '2031-01-01' DO SELECT 1":                                true,
		"create event e on schedule every (1 + 1) day ends now() + interval 1 year on completion preserve do select 1":            true,
		"CREATE EVENT e ON SCHEDULE AT CURRENT_TIMESTAMP DO SELECT 1":                                                             true,
		"CREATE EVENT e ON SCHEDULE\n/* soon */ AT '2035-01-01' ON COMPLETION PRESERVE DO SELECT 1":                               true,
		"CREATE DEFINER=`a`@`%` EVENT `schedule` ON SCHEDULE EVERY 1 DAY ON COMPLETION NOT PRESERVE ENABLE DO SELECT ends FROM t": false,
		"CREATE EVENT e ON SCHEDULE EVERY 1 DAY COMMENT 'ENDS' DO SELECT ends FROM t":                                             false,
		"CREATE EVENT e ON SCHEDULE EVERY (SELECT ends) DAY DO SELECT 1":                                                          false,
		"ALTER EVENT e ON SCHEDULE AT NOW()":                                                                                      true,
		"ALTER EVENT e RENAME TO ends":                                                                                            false,
		"ALTER EVENT e DO SELECT 1":                                                                                               false,
	} {
		if got := source.EventEnds(text); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}
