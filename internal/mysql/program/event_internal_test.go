package program

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Only the state of the event is changed, wherever else the word stands.
func TestWithEventState(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]string{
		"CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY ON COMPLETION NOT PRESERVE ENABLE DO SET @x = 1":                              "CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY ON COMPLETION NOT PRESERVE DISABLE DO SET @x = 1",
		"CREATE EVENT `e` ON SCHEDULE AT '2030-01-01' ON COMPLETION PRESERVE ENABLE COMMENT 'ENABLE' DO SELECT 1":               "CREATE EVENT `e` ON SCHEDULE AT '2030-01-01' ON COMPLETION PRESERVE DISABLE COMMENT 'ENABLE' DO SELECT 1",
		"CREATE EVENT `ON COMPLETION PRESERVE ENABLE` ON SCHEDULE EVERY 1 DAY ON COMPLETION PRESERVE ENABLE DO SELECT 1":        "CREATE EVENT `ON COMPLETION PRESERVE ENABLE` ON SCHEDULE EVERY 1 DAY ON COMPLETION PRESERVE DISABLE DO SELECT 1",
		"CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY ON COMPLETION NOT PRESERVE DISABLE DO SELECT 'ON COMPLETION PRESERVE ENABLE'": "CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY ON COMPLETION NOT PRESERVE DISABLE DO SELECT 'ON COMPLETION PRESERVE ENABLE'",
		"CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY DO SELECT 1":                                                                  "CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY DO SELECT 1",
		"": "",
	} {
		if diff := cmp.Diff(want, WithEventState(sql, "DISABLE")); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// An event is disabled where its state stands or has to stand, however it is
// written; what is no event is sent as it is.
func TestReadEvent(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]string{
		"CREATE EVENT e ON SCHEDULE EVERY 1 SECOND DO INSERT INTO t VALUES (1)":                                  "CREATE EVENT e ON SCHEDULE EVERY 1 SECOND DISABLE DO INSERT INTO t VALUES (1)",
		"create or replace event `Do`\n on schedule at current_timestamp /* enable */ do\nselect 1":              "create or replace event `Do`\n on schedule at current_timestamp /* enable */ DISABLE do\nselect 1",
		"CREATE DEFINER=table@`%` EVENT IF NOT EXISTS d.e ON SCHEDULE EVERY 1 DAY ENABLE COMMENT 'x' DO DO 1":    "CREATE DEFINER=table@`%` EVENT IF NOT EXISTS d.e ON SCHEDULE EVERY 1 DAY DISABLE COMMENT 'x' DO DO 1",
		"CREATE EVENT e ON SCHEDULE EVERY f(enable) DAY ON COMPLETION PRESERVE COMMENT 'DO' DO SELECT 1 disable": "CREATE EVENT e ON SCHEDULE EVERY f(enable) DAY ON COMPLETION PRESERVE DISABLE COMMENT 'DO' DO SELECT 1 disable",
		"/* head */ CREATE/*!50106 EVENT*/ e ON SCHEDULE EVERY 1 DAY/*!50106 ENABLE*/ DO DO 1":                   "/* head */ CREATE/*!50106 EVENT*/ e ON SCHEDULE EVERY 1 DAY/*!50106 DISABLE */ DO DO 1",
		"CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE ON SLAVE DO DO 1":                                        "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE ON SLAVE DO DO 1",
		"ALTER EVENT e RENAME TO enable ENABLE":                                                                  "ALTER EVENT e RENAME TO enable DISABLE ",
		"ALTER EVENT e ON SCHEDULE EVERY 2 DAY":                                                                  "ALTER EVENT e ON SCHEDULE EVERY 2 DAY",
		"DROP EVENT IF EXISTS e":                                                                                 "DROP EVENT IF EXISTS e",
		"CREATE EVENT e ON SCHEDULE EVERY '1\\' DAY DO SELECT 1":                                                 "the event `e` has no DO that could be found, so it cannot be kept from running",
		"CREATE DEFINER=event@localhost TRIGGER e BEFORE INSERT ON event FOR EACH ROW DO 1":                      "none",
		"INSERT INTO event VALUES (1)":                                                                           "none",
		"CREATE TABLE event (id INT)":                                                                            "none",
		"":                                                                                                       "none",
	} {
		got := "none"
		if s := ReadEvent(sql); s != nil {
			var err error
			if got, err = s.Disabled(sql); err != nil {
				got = err.Error()
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", sql, diff)
		}
	}
}
