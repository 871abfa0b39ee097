package ddl_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

func TestNarrowings(t *testing.T) {
	t.Parallel()
	my := ddl.Server{Product: ddl.MySQL, Version: "9.7.4"}
	old := ddl.Server{Product: ddl.MariaDB, Version: "10.11.19-MariaDB"}
	maria := ddl.Server{Product: ddl.MariaDB, Version: "11.8.9-MariaDB"}
	const jsonText = "longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL CHECK (json_valid(`c`))"
	tests := map[string]struct {
		from, into             string
		fromServer, intoServer ddl.Server
		want                   []string
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
		"narrower number":          {"bigint", "int", my, my, []string{"values outside -2147483648 to 2147483647: `c` NOT BETWEEN -2147483648 AND 2147483647"}},
		"narrower bits":            {"bit(8)", "bit(3)", my, my, []string{"values outside 0 to 7: (`c` + 0) > 7"}},
		"narrower text":            {"varchar(10)", "varchar(5)", my, my, []string{"values longer than 5 characters: CHAR_LENGTH(`c`) > 5"}},
		"narrower character set":   {"varchar(10)", "varchar(10) CHARACTER SET latin1", my, my, []string{"characters that latin1 lacks: HEX(CONVERT(CONVERT(`c` USING latin1) USING utf8mb4)) <> HEX(CONVERT(`c` USING utf8mb4))"}},
		"wider set of long texts":  {"longtext CHARACTER SET latin1", "longtext", my, my, nil},
		"smaller set of texts":     {"text", "text CHARACTER SET utf8mb3", my, my, []string{"characters that utf8mb3 lacks: HEX(CONVERT(CONVERT(`c` USING utf8mb3) USING utf8mb4)) <> HEX(CONVERT(`c` USING utf8mb4))"}},
		"fewer members":            {"enum('a','b')", "enum('a')", my, my, []string{"the values 'b': `c` IN ('b')"}},
		"another kind":             {"date", "time", my, my, []string{"values that are no time: "}},
		"spelling of UUIDs":        {"char(36)", "uuid", my, maria, []string{"values that are no uuid: ", "the spelling of values: "}},
		"members of MySQL":         {"enum('rot')", "enum('röt')", my, maria, []string{"the values 'rot': ", "the spelling of 'rot': "}},
		"members of MariaDB":       {"enum('rot')", "enum('röt')", maria, my, []string{"the values 'rot': ", "the spelling of 'rot': "}},
		"earlier timestamps":       {"timestamp NULL", "timestamp NULL", maria, old, []string{"values outside 2038-01-19 03:14:07 UTC and before: `c` > '2038-01-19 03:14:07'"}},
		"plain text to JSON":       {"longtext", "json", maria, my, []string{"values that are no json: NOT JSON_VALID(`c`)"}},
		"another reference system": {"point NOT NULL", "point NOT NULL SRID 4326", my, my, []string{"values in another reference system than 4326: ST_SRID(`c`) <> 4326"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, into := columnOf(t, test.from, test.fromServer), columnOf(t, test.into, test.intoServer)
			got, err := ddl.Narrowings(from, into, test.fromServer, test.intoServer)
			if err != nil {
				t.Fatal(err)
			}
			var found []string
			for _, n := range got {
				found = append(found, n.Lost+": "+n.Condition)
			}
			if diff := cmp.Diff(test.want, found); diff != "" {
				t.Errorf("narrowings (-want +got):\n%s", diff)
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
