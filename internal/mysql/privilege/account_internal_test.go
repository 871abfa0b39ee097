package privilege

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRightRow shows what the rows of a server become, and how each right is
// taken away again.
func TestRightRow(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		row    rightRow
		want   []string
		revoke []string
	}{
		"nothing":             {rightRow{privilege: "USAGE", grantable: "NO"}, nil, nil},
		"to hand on":          {rightRow{privilege: "USAGE", grantable: "YES"}, []string{"USAGE ON *.* WITH GRANT OPTION"}, []string{"REVOKE GRANT OPTION ON *.* FROM a"}},
		"global":              {rightRow{privilege: "PROCESS", grantable: "NO"}, []string{"PROCESS ON *.*"}, []string{"REVOKE PROCESS ON *.* FROM a"}},
		"database":            {rightRow{kind: "DATABASE", database: `x\_y`, privilege: "SELECT", grantable: "YES"}, []string{"SELECT ON `x\\_y`.* WITH GRANT OPTION"}, []string{"REVOKE SELECT, GRANT OPTION ON `x\\_y`.* FROM a"}},
		"table":               {rightRow{kind: "TABLE", database: "x", name: "t", privilege: "INSERT", grantable: "NO"}, []string{"INSERT ON `x`.`t`"}, []string{"REVOKE INSERT ON `x`.`t` FROM a"}},
		"column":              {rightRow{kind: "COLUMN", database: "x", name: "t", part: "c`", privilege: "SELECT", grantable: "NO"}, []string{"SELECT (`c```) ON `x`.`t`"}, []string{"REVOKE SELECT (`c```) ON `x`.`t` FROM a"}},
		"routine":             {rightRow{kind: "PROCEDURE", database: "x", name: "p", privilege: "Execute,Alter Routine"}, []string{"EXECUTE ON PROCEDURE `x`.`p`", "ALTER ROUTINE ON PROCEDURE `x`.`p`"}, []string{"REVOKE EXECUTE ON PROCEDURE `x`.`p` FROM a", "REVOKE ALTER ROUTINE ON PROCEDURE `x`.`p` FROM a"}},
		"routine to hand on":  {rightRow{kind: "FUNCTION", database: "x", name: "f", privilege: "Execute,Grant"}, []string{"EXECUTE ON FUNCTION `x`.`f` WITH GRANT OPTION"}, []string{"REVOKE EXECUTE, GRANT OPTION ON FUNCTION `x`.`f` FROM a"}},
		"routine, hands only": {rightRow{kind: "FUNCTION", database: "x", name: "f", privilege: "Grant"}, []string{"USAGE ON FUNCTION `x`.`f` WITH GRANT OPTION"}, []string{"REVOKE GRANT OPTION ON FUNCTION `x`.`f` FROM a"}},
		"proxy":               {rightRow{kind: "PROXY", database: "root", name: "localhost", privilege: "PROXY", grantable: "YES"}, []string{"PROXY ON `root`@`localhost` WITH GRANT OPTION"}, []string{"REVOKE PROXY ON `root`@`localhost` FROM a"}},
		"role of MySQL":       {rightRow{kind: "ROLE", database: "r", name: "%", grantable: "NO"}, []string{"`r`@`%`"}, []string{"REVOKE `r`@`%` FROM a"}},
		"role of MariaDB":     {rightRow{kind: "ROLE", database: "r", grantable: "YES"}, []string{"`r` WITH GRANT OPTION"}, []string{"REVOKE `r` FROM a"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got, revoke []string
			for _, r := range c.row.rights() {
				got, revoke = append(got, r.String()), append(revoke, RevokeRight(r, "a"))
			}
			if d := cmp.Diff(c.want, got) + cmp.Diff(c.revoke, revoke); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}
