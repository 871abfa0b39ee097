package account_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/account"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestDefinerOf_taken: an account with the name of an owner is taken only when it is
// no more than an owner. What a killed run has left gets what it lacks.
func TestDefinerOf_taken(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		own, other := s.Prefix+"a", s.Prefix+"b"
		s.Exec(t, "CREATE DATABASE "+own, "CREATE DATABASE "+other, "CREATE TABLE "+other+".t (a INT)", "CREATE ROLE "+s.Prefix+"role")
		username, password := s.ProviderAccount(t)
		b := newBed(t, s, username, password)
		name, _ := b.accounts.OwnerOf(own)
		owner, granted := name.String(), mysql.Quote(privilege.GrantedName(b.info, own))
		otherGranted, role := mysql.Quote(privilege.GrantedName(b.info, other)), mysql.Quote(s.Prefix+"role")
		roleRight := role + "@`%`"
		if s.Kind.IsMariaDB() {
			roleRight = role
		}
		cases := map[string]struct {
			made []string
			more [][2]string // what it has beyond, and what takes it away
		}{
			"made anew":      {nil, nil},
			"left by a run":  {[]string{"CREATE USER {} ACCOUNT LOCK"}, nil},
			"left half done": {[]string{"CREATE USER {} ACCOUNT LOCK", "GRANT SELECT ON " + granted + ".* TO {}"}, nil},
			"not locked":     {[]string{"CREATE USER {}", "GRANT SELECT ON " + granted + ".* TO {}"}, [][2]string{{"it is not locked", "ALTER USER {} ACCOUNT LOCK"}}},
			"another database": {[]string{"CREATE USER {} ACCOUNT LOCK", "GRANT SELECT ON " + otherGranted + ".* TO {}"},
				[][2]string{{"it has SELECT ON " + otherGranted + ".*", "REVOKE SELECT ON " + otherGranted + ".* FROM {}"}}},
			"a table":    {[]string{"CREATE USER {} ACCOUNT LOCK", "GRANT SELECT ON " + other + ".t TO {}"}, [][2]string{{"it has SELECT ON `" + other + "`.`t`", "REVOKE SELECT ON `" + other + "`.`t` FROM {}"}}},
			"the server": {[]string{"CREATE USER {} ACCOUNT LOCK", "GRANT PROCESS ON *.* TO {}"}, [][2]string{{"it has PROCESS ON *.*", "REVOKE PROCESS ON *.* FROM {}"}}},
			"handed on":  {[]string{"CREATE USER {} ACCOUNT LOCK", "GRANT EVENT ON " + granted + ".* TO {} WITH GRANT OPTION"}, [][2]string{{"it has EVENT ON " + granted + ".* WITH GRANT OPTION", "REVOKE EVENT, GRANT OPTION ON " + granted + ".* FROM {}"}}},
			"a role":     {[]string{"CREATE USER {} ACCOUNT LOCK", "GRANT " + role + " TO {}"}, [][2]string{{"it has " + roleRight, "REVOKE " + roleRight + " FROM {}"}}},
		}
		for what, c := range cases {
			s.Exec(t, "DROP USER IF EXISTS "+owner)
			for _, sql := range c.made {
				s.Exec(t, strings.ReplaceAll(sql, "{}", owner))
			}
			step := []landlord.Step{{Object: "view v", SQL: "CREATE VIEW v AS SELECT 1"}}
			planned := b.accounts.CheckPrograms(t.Context(), b.srv.Server, &account.OwnersSeen{}, own, landlord.FieldNone, step)
			_, err := b.accounts.DefinerOf(t.Context(), b.x, own)
			if len(c.more) == 0 {
				if planned != nil || err != nil {
					t.Errorf("%s: planned %v, applied %v", what, planned, err)
				}
				if again, err := b.accounts.DefinerOf(t.Context(), b.x, own); err != nil || again != owner {
					t.Errorf("%s, again: %s, %v", what, again, err)
				}
				continue
			}
			var more, undo []string
			for _, m := range c.more {
				more, undo = append(more, m[0]), append(undo, strings.ReplaceAll(m[1], "{}", owner))
			}
			want := "Owner account is somebody else's\nThe programs of database `" + own + "` are to belong to the account " + owner + ", which is there already, and is more than the owner of one database:\n\n" +
				strings.Join(more, "\n") + "\n\nWhoever uses the programs would get these rights. If nobody needs the account otherwise, run as an administrator:\n\n" + strings.Join(undo, ";\n") +
				";\n\nElse give it another name with `RENAME USER`. Nothing was run."
			for when, err := range map[string]error{"planned": planned, "applied": err} {
				var p *landlord.Problem
				if !errors.As(err, &p) {
					t.Errorf("%s, %s: %v", what, when, err)
					continue
				}
				if diff := cmp.Diff(want, p.Summary+"\n"+p.Text()); diff != "" {
					t.Errorf("%s, %s (-want +got):\n%s", what, when, diff)
				}
			}
			for _, sql := range undo { // which makes it what it should be
				s.Exec(t, sql)
			}
			if _, err := b.accounts.DefinerOf(t.Context(), b.x, own); err != nil {
				t.Errorf("%s, afterwards: %v", what, err)
			}
		}
		s.Exec(t, "DROP USER IF EXISTS "+owner, "DROP ROLE "+s.Prefix+"role")
	})
}
