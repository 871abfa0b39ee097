package mysql

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSettingsBehind: a setting that differs is named alone, one that cannot be at
// fault never, and of those that are alike the ones that can be.
func TestSettingsBehind(t *testing.T) {
	t.Parallel()
	former := map[string]string{
		"innodb_page_size": "16384", "innodb_default_row_format": "dynamic", "innodb_strict_mode": "ON", "innodb_file_per_table": "ON", "max_heap_table_size": "16777216",
		"innodb_data_file_path": "ibdata1:12M:autoextend", "read_only": "OFF", "lower_case_table_names": "0", "innodb_buffer_pool_size": "134217728", "sort_buffer_size": "262144",
		"enforce_storage_engine": "", "disabled_storage_engines": "",
	}
	with := func(name, value string) map[string]string {
		here := map[string]string{}
		for n, v := range former {
			here[n] = v
		}
		here[name] = value
		return here
	}
	cases := map[string]struct {
		number uint16
		here   map[string]string
		former map[string]string
		want   string
	}{
		"other pages":        {1118, with("innodb_page_size", "4096"), former, "[`innodb_page_size` of the server is `4096`, and was `16384`]"},
		"other row format":   {1709, with("innodb_default_row_format", "compact"), former, "[`innodb_default_row_format` of the server is `compact`, and was `dynamic`]"},
		"strict as before":   {1118, former, former, "[`innodb_strict_mode` of the server is `ON`]"},
		"not strict":         {1031, with("innodb_strict_mode", "OFF"), former, "[]"},
		"nothing to compare": {1071, with("innodb_page_size", "4096"), nil, "[`innodb_page_size` of the server is `4096` `innodb_default_row_format` of the server is `dynamic`]"},
		"full":               {1114, former, former, "[`max_heap_table_size` of the server is `16777216` `innodb_data_file_path` of the server is `ibdata1:12M:autoextend`]"},
		"full in memory":     {1114, with("max_heap_table_size", "16384"), former, "[`max_heap_table_size` of the server is `16384`, and was `16777216`]"},
		"locks":              {1206, former, former, "[`innodb_buffer_pool_size` of the server is `134217728`]"},
		"sorting":            {1038, former, former, "[`sort_buffer_size` of the server is `262144`]"},
		"reading":            {1290, with("read_only", "ON"), former, "[`read_only` of the server is `ON`, and was `OFF`]"},
		"engine":             {1290, with("enforce_storage_engine", "InnoDB"), former, "[`enforce_storage_engine` of the server is `InnoDB`, and was empty]"},
		"names":              {1146, with("lower_case_table_names", "1"), former, "[`lower_case_table_names` of the server is `1`, and was `0`]"},
		"a value":            {1292, former, former, "[]"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := fmt.Sprint(SettingsBehind(&ServerError{Number: c.number, Message: "no"}, c.here, c.former))
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
