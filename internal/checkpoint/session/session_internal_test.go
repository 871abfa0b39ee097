package session

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// A setting is given back as the literal of what was read: numbers as numbers, all
// else between quotes.
func TestSettingLiteral(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                "''",
		"0":                               "0",
		"50":                              "50",
		"18446744073709551615":            "18446744073709551615",
		"0.500000":                        "0.500000",
		"-1":                              "-1",
		"utf8mb4":                         "'utf8mb4'",
		"binary":                          "'binary'",
		"SYSTEM":                          "'SYSTEM'",
		"+00:00":                          "'+00:00'",
		"-12:59":                          "'-12:59'",
		"REPEATABLE-READ":                 "'REPEATABLE-READ'",
		"ANSI_QUOTES,STRICT_TRANS_TABLES": "'ANSI_QUOTES,STRICT_TRANS_TABLES'",
		"it's":                            `'it\'s'`,
		"inf":                             "'inf'",
		"NaN":                             "'NaN'",
		"Infinity":                        "'Infinity'",
		"0x1p-2":                          "'0x1p-2'",
	} {
		if got := settingLiteral(sql.NullString{String: text, Valid: true}); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
	if got := settingLiteral(sql.NullString{}); got != "NULL" {
		t.Errorf("of NULL: %s", got)
	}
}

// Only what a product has is asked for: one variable that it does not know fails
// the whole query.
func TestVariables(t *testing.T) {
	t.Parallel()
	const both = "character_set_client character_set_results collation_connection time_zone sql_mode lock_wait_timeout innodb_lock_wait_timeout foreign_key_checks" +
		" unique_checks net_write_timeout net_read_timeout sql_select_limit max_heap_table_size "
	for product, want := range map[mysql.Product]string{
		mysql.MySQL:   both + "transaction_isolation max_execution_time information_schema_stats_expiry",
		mysql.MariaDB: both + "tx_isolation max_statement_time",
	} {
		if diff := cmp.Diff(want, strings.Join(variables(mysql.Info{Product: product}), " ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", product, diff)
		}
	}
}
