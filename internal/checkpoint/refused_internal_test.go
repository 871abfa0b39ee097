package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/checkpoint/session"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// TestExplain: only what a server refuses of a checkpoint may be for its version. A
// disk that is full, a lock, a right or a statement that somebody ended is not.
func TestExplain(t *testing.T) {
	t.Parallel()
	l := &loading{manifest: &Manifest{Version: "9.7.0"}, info: mysql.Info{Version: "8.4.3"}, group: &session.Group{}}
	of := func(number uint16) error {
		return fmt.Errorf("create the table `t`: %w", &mysql.ServerError{Number: number, Message: "no"})
	}
	const older = "; the checkpoint was taken from version 9.7.0, and the server has 8.4.3 | Use a server of version 9.7.0."
	cases := map[string]struct {
		err  error
		want string
	}{
		"row too large":     {of(1118), "create the table `t`: error 1118: no" + older},
		"unknown collation": {of(1273), "create the table `t`: error 1273: no" + older},
		"wrong value":       {of(1292), "create the table `t`: error 1292: no" + older},
		"name":              {&foldedError{object: "table `T`"}, "create the table `T`: the server keeps the names of tables in lower case | "},
		"disk full":         {of(1021), "create the table `t`: error 1021: no | "},
		"table full":        {of(1114), "create the table `t`: error 1114: no | "},
		"no memory":         {of(1037), "create the table `t`: error 1037: no | "},
		"killed":            {of(1317), "create the table `t`: error 1317: no | "},
		"out of time":       {of(3024), "create the table `t`: error 3024: no | "},
		"lock":              {of(1205), "create the table `t`: error 1205: no | "},
		"deadlock":          {of(1213), "create the table `t`: error 1213: no | "},
		"denied":            {of(1142), "create the table `t`: error 1142: no | "},
		"reading":           {of(1290), "create the table `t`: error 1290: no | "},
		"shutdown":          {of(1053), "create the table `t`: error 1053: no | "},
		"stopped":           {context.Canceled, "context canceled | "},
		"damaged":           {errors.New("a file is missing"), "a file is missing | "},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := l.explain(t.Context(), c.err)
			if diff := cmp.Diff(c.want, fmt.Sprint(err, " | ", Advice(err))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
