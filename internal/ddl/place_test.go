package ddl_test

import (
	"fmt"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

func TestParsePlace(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		want    ddl.Place
		written string // empty: as given
		err     string
	}{
		"table users":                        {want: ddl.Place{Object: "table users"}},
		"table users column phone":           {want: ddl.Place{Object: "table users", Element: "column `phone`"}},
		"table `users` index `Ix`":           {want: ddl.Place{Object: "table users", Element: "key `ix`"}, written: "table users key ix"},
		"table `my table` foreign key `a b`": {want: ddl.Place{Object: "table my table", Element: "foreign key `a b`"}},
		"table t primary key":                {want: ddl.Place{Object: "table t", Element: "primary key"}},
		"table t option COMMENT":             {want: ddl.Place{Object: "table t", Element: "option comment"}, written: "table t option comment"},
		"view v":                             {want: ddl.Place{Object: "view v"}},
		"Trigger t":                          {want: ddl.Place{Object: "trigger t"}, written: "trigger t"},
		"users":                              {err: "`users` does not begin with the kind of an object, such as `table` or `view`"},
		"table":                              {err: "`table` names no table"},
		"view v column c":                    {err: "`view v column c` goes on behind the name, but only tables have parts"},
		"table t column":                     {err: "`table t column` has to end with the name of the column"},
		"table t col c":                      {err: "`table t col c` names no part of a table: a part is a `column`, `key`, `foreign key` or `check` with its name, or the `primary key`"},
	}
	for text, c := range cases {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			got, err := ddl.ParsePlace(text)
			if err != nil || c.err != "" {
				if fmt.Sprint(err) != c.err {
					t.Fatalf("got the error %v, wanted %s", err, c.err)
				}
				return
			}
			if got != c.want {
				t.Errorf("got %+v, wanted %+v", got, c.want)
			}
			if want := map[bool]string{true: text, false: c.written}[c.written == ""]; got.String() != want {
				t.Errorf("written as %q, wanted %q", got, want)
			}
		})
	}
}
