package sqltext_test

import (
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/sqltext"
)

// TestEventSchedule tells moments and intervals from what reaches further.
func TestEventSchedule(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT @a, (SELECT 1 FROM t)":                                                                                            "",
		"CREATE EVENT e ON SCHEDULE EVERY '1:30' HOUR_MINUTE STARTS '2030-01-01' ENDS NOW() + INTERVAL 1 YEAR ON COMPLETION PRESERVE DO DO SLEEP(1)":                        "",
		"create event e on schedule at current_timestamp + interval 1 hour comment 'x' do select 1":                                                                         "",
		"CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS (TIMESTAMP(CURRENT_DATE) + INTERVAL 1 DAY + INTERVAL 3 HOUR) DO SELECT 1":                                            "",
		"CREATE EVENT e ON SCHEDULE EVERY 1 WEEK STARTS STR_TO_DATE(DATE_FORMAT(NOW(), '%Y%m%d 0100'), '%Y%m%d %H%i') + INTERVAL 7 - WEEKDAY(NOW()) DAY ENABLE DO CALL p()": "",
		"CREATE EVENT e ON SCHEDULE EVERY (1 + 1) MONTH STARTS {ts '2030-01-01 00:00:00'} + INTERVAL EXTRACT(DAY FROM (NOW())) DAY DISABLE ON SLAVE DO SELECT 1":            "",
		"CREATE EVENT e ON /* a */ SCHEDULE /*!50000 EVERY */ 1 DAY -- SLEEP(1)\n DO SELECT 1":                                                                              "",
		"CREATE DEFINER=`a`@`b` EVENT `schedule` ON SCHEDULE EVERY 1 DAY STARTS CASE WHEN HOUR(NOW()) > 3 THEN NOW() ELSE CURDATE() END DO SELECT 1":                        "",
		"ALTER EVENT e RENAME TO f": "", "ALTER EVENT e COMMENT 'ON SCHEDULE' DO SELECT SLEEP(1)": "",
		"CREATE EVENT e ON SCHEDULE EVERY (SELECT n FROM t) DAY DO SELECT 1":                                              "SELECT",
		"CREATE EVENT e ON SCHEDULE EVERY ASCII(LOAD_FILE('/etc/passwd')) DAY DO SELECT 1":                                "ASCII",
		"CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS NOW() + INTERVAL SLEEP(9) DAY DO SELECT 1":                         "SLEEP",
		"CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS NOW() ENDS NOW() + INTERVAL `release_all_locks`() DAY DO SELECT 1": "`release_all_locks`",
		"CREATE EVENT e ON SCHEDULE AT NOW() + INTERVAL b.f(1) DAY DO SELECT 1":                                           "b",
		"CREATE EVENT e ON SCHEDULE AT NOW() + INTERVAL NOW . f(1) DAY DO SELECT 1":                                       ".",
		"CREATE EVENT e ON SCHEDULE EVERY @n DAY DO SELECT 1":                                                             "@n",
		"CREATE EVENT e ON SCHEDULE EVERY @@port DAY DO SELECT 1":                                                         "@@port",
		"CREATE EVENT e ON SCHEDULE EVERY END(1) DAY DO SELECT 1":                                                         "END",
		"CREATE EVENT e ON SCHEDULE EVERY TS(1) DAY DO SELECT 1":                                                          "TS",
		"CREATE EVENT e ON SCHEDULE EVERY 1 /*!99999 DO */ + SLEEP(1) DAY DO SELECT 1":                                    "/*!99999",
		"CREATE EVENT e ON /*!99999 COMPLETION PRESERVE */ SCHEDULE EVERY SLEEP(1) DAY DO SELECT 1":                       "/*!99999",
		"CREATE EVENT /*!99999 x */ e ON SCHEDULE EVERY SLEEP(1) DAY DO SELECT 1":                                         "SLEEP",
		"CREATE EVENT e ON SCHEDULE EVERY 1;":                                                                             ";",
		"ALTER EVENT e ON SCHEDULE EVERY f() DAY":                                                                         "f",
	} {
		if got := sqltext.EventSchedule(text).Text; got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
