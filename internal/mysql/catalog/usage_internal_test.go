package catalog

import "testing"

// TestHighest has a type of every width as the servers write them.
func TestHighest(t *testing.T) {
	t.Parallel()
	for columnType, want := range map[string]uint64{
		"tinyint": 127, "tinyint(4)": 127, "tinyint unsigned": 255, "tinyint(3) unsigned": 255,
		"smallint": 32767, "smallint(5) unsigned zerofill": 65535, "mediumint(9)": 8388607, "mediumint unsigned": 16777215,
		"int": 2147483647, "int(10) unsigned": 4294967295, "bigint(20)": 9223372036854775807, "bigint unsigned": 18446744073709551615,
		"double": 0, "": 0,
	} {
		if got := highest(columnType); got != want {
			t.Errorf("%q: %d, want %d", columnType, got, want)
		}
	}
}
