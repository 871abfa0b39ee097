package mysql_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// TestWithoutValues: what a server quotes from a row is left out, whatever it holds,
// and what it names stays.
func TestWithoutValues(t *testing.T) {
	t.Parallel()
	of := func(number uint16, message string) error { return &mysql.ServerError{Number: number, Message: message} }
	lost := &mysql.LostError{Endpoint: "e", Err: of(1062, "Duplicate entry 'a' for key 'k'")}
	cases := map[string]struct {
		err  error
		want string
	}{
		"duplicate":       {of(1062, "Duplicate entry 'o'brien@example.com' for key 't.mail'"), "error 1062: Duplicate entry '…' for key 't.mail'"},
		"like its end":    {of(1062, "Duplicate entry 'a' for key 'b\nc' for key 't.mail'"), "error 1062: Duplicate entry '…' for key 't.mail'"},
		"text":            {of(1366, "Incorrect string value: '\\xF0\\x9F' for column 'v' at row 1"), "error 1366: Incorrect string value: '…' for column 'v' at row 1"},
		"text on MariaDB": {of(1366, "Incorrect integer value: 'x' for column `d`.`t`.`v` at row 1"), "error 1366: Incorrect integer value: '…' for column `d`.`t`.`v` at row 1"},
		"number":          {of(1292, "Truncated incorrect DOUBLE value: 'it's'"), "error 1292: Truncated incorrect DOUBLE value: '…'"},
		"bytes":           {of(1300, "Invalid utf8mb4 character string: 'F09F98'"), "error 1300: Invalid utf8mb4 character string: '…'"},
		"large":           {of(1367, "Illegal double '1e999' value found during parsing"), "error 1367: Illegal double '…' value found during parsing"},
		"character set":   {of(3854, "Cannot convert string 'ann\\xC3' from utf8mb4 to latin1"), "error 3854: Cannot convert string '…' from utf8mb4 to latin1"},
		"a name":          {of(1265, "Data truncated for column 'v' at row 1"), "error 1265: Data truncated for column 'v' at row 1"},
		"an object":       {of(1031, "Table storage engine for 't' doesn't have this option"), "error 1031: Table storage engine for 't' doesn't have this option"},
		"lost":            {lost, lost.Error()},
		"none of servers": {errors.New("value: 'a'"), "value: 'a'"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, mysql.WithoutValues(c.err).Error()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
