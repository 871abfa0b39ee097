package ddl_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

func TestMisfits(t *testing.T) {
	t.Parallel()
	my := ddl.Server{Product: ddl.MySQL, Version: "9.7.4"}
	old := ddl.Server{Product: ddl.MariaDB, Version: "10.11.19-MariaDB"}
	maria := ddl.Server{Product: ddl.MariaDB, Version: "11.8.9-MariaDB"}
	const jsonText = "longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL CHECK (json_valid(`c`))"
	tests := map[string]struct {
		from, into             string
		fromServer, intoServer ddl.Server
		want                   []ddl.Misfit
	}{
		"the same":                 {"int NOT NULL", "int(11) DEFAULT NULL", my, maria, nil},
		"wider number":             {"int", "bigint", my, my, nil},
		"signed and unsigned":      {"int unsigned", "bigint", my, my, nil},
		"wider text":               {"varchar(10)", "text", my, my, nil},
		"wider character set":      {"varchar(10) CHARACTER SET latin1", "varchar(10)", my, my, nil},
		"more members":             {"enum('a','b')", "enum('b','a','c')", my, my, nil},
		"wider bits":               {"bit(3)", "bit(8)", my, my, nil},
		"JSON to MariaDB":          {"json", jsonText, my, maria, nil},
		"JSON to plain text":       {"json", "longtext", my, my, nil},
		"JSON to MySQL":            {jsonText, "json", maria, my, nil},
		"later timestamps":         {"timestamp NULL", "timestamp NULL", my, maria, nil},
		"geometry of any system":   {"point NOT NULL SRID 4326", "geometry", my, my, nil},
		"narrower number":          {"bigint", "int", my, my, []ddl.Misfit{{Lost: "values outside -2147483648 to 2147483647", Reason: "a strict server refuses values outside -2147483648 to 2147483647", Probe: "`c` NOT BETWEEN -2147483648 AND 2147483647"}}},
		"narrower bits":            {"bit(8)", "bit(3)", my, my, []ddl.Misfit{{Lost: "values that are no bit(3)", Reason: "values are converted from bit(8) to bit(3)"}}},
		"narrower text":            {"varchar(10)", "varchar(5)", my, my, []ddl.Misfit{{Lost: "values longer than 5 characters", Reason: "a strict server refuses values longer than 5 characters, but cuts spaces at the end", Probe: "CHAR_LENGTH(`c`) > 5"}}},
		"narrower character set":   {"varchar(10)", "varchar(10) CHARACTER SET latin1", my, my, []ddl.Misfit{{Lost: "characters that latin1 lacks", Reason: "a strict server refuses characters that latin1 lacks", Probe: "HEX(CONVERT(CONVERT(`c` USING latin1) USING utf8mb4)) <> HEX(CONVERT(`c` USING utf8mb4))"}}},
		"fewer members":            {"enum('a','b')", "enum('a')", my, my, []ddl.Misfit{{Lost: "the values 'b'", Reason: "a strict server refuses rows that hold a value that goes", Probe: "`c` IN ('b')"}}},
		"another kind":             {"date", "time", my, my, []ddl.Misfit{{Lost: "values that are no time", Reason: "values are converted from date to time"}}},
		"earlier timestamps":       {"timestamp NULL", "timestamp NULL", maria, old, []ddl.Misfit{{Lost: "values outside 2038-01-19 03:14:07 UTC and before", Reason: "a strict server refuses values outside 2038-01-19 03:14:07 UTC and before", Probe: "`c` > '2038-01-19 03:14:07'"}}},
		"plain text to JSON":       {"longtext", "json", maria, my, []ddl.Misfit{{Lost: "values that are no json", Reason: "values are converted from longtext to json", Probe: "NOT JSON_VALID(`c`)"}}},
		"another reference system": {"point NOT NULL", "point NOT NULL SRID 4326", my, my, []ddl.Misfit{{Lost: "values in another reference system than 4326", Reason: "the server refuses them", Probe: "ST_SRID(`c`) <> 4326"}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, into := columnOf(t, test.from, test.fromServer), columnOf(t, test.into, test.intoServer)
			got, err := ddl.Misfits(from, into, test.fromServer, test.intoServer)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) == 0 {
				got = nil
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("misfits (-want +got):\n%s", diff)
			}
		})
	}
}

func columnOf(t *testing.T, definition string, srv ddl.Server) ddl.ColumnInfo {
	t.Helper()
	table, err := ddl.DescribeTable(ddl.Object{
		Kind: ddl.KindTable, Name: "t", SQL: "CREATE TABLE `t` (\n  `c` " + definition + "\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci",
	}, srv)
	if err != nil {
		t.Fatal(err)
	}
	return table.Columns[0]
}
