package privilege_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/sessiontest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestAccounts reads two accounts of one name with everything that an account
// can have, and takes each of their rights away.
func TestAccounts(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		srv := sessiontest.Open(t, mysql.Config{Endpoint: s.Endpoint(), Username: s.Username, Password: s.Password})
		info, err := srv.Info(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		user, role, db := s.Prefix+"u", s.Prefix+"r", s.Prefix+"d"
		escaped := strings.ReplaceAll(db, "_", `\_`)
		one, two := "'"+user+"'@'%'", "'"+user+"'@'10.%'"
		s.Exec(t, "CREATE DATABASE "+db, "CREATE TABLE "+db+".t (a INT, c INT)", "CREATE PROCEDURE "+db+".p () SELECT 1", "CREATE ROLE "+role,
			"CREATE USER "+one+" IDENTIFIED BY 'First_Password_1'",
			"CREATE USER "+two+" IDENTIFIED BY 'First_Password_1' REQUIRE SSL WITH MAX_USER_CONNECTIONS 3 ACCOUNT LOCK",
			"GRANT SELECT, SHOW VIEW ON `"+escaped+"`.* TO "+one+", "+two, "GRANT UPDATE ON `"+db+"`.* TO "+one+" WITH GRANT OPTION",
			"GRANT SELECT (c), INSERT ON "+db+".t TO "+one, "GRANT EXECUTE ON PROCEDURE "+db+".p TO "+one, "GRANT PROCESS ON *.* TO "+one,
			"GRANT "+role+" TO "+one, "GRANT PROXY ON '"+s.Username+"'@'%' TO "+one)
		if !s.Kind.IsMariaDB() {
			s.Exec(t, "ALTER USER "+two+" IDENTIFIED BY 'Second_Password_2' RETAIN CURRENT PASSWORD")
		}
		defer s.Exec(t, "DROP ROLE IF EXISTS "+role)
		read := func() []string {
			t.Helper()
			all, err := privilege.Accounts(t.Context(), srv, info, user)
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, a := range all {
				rights := []string{}
				for _, r := range a.Rights {
					rights = append(rights, r.String())
				}
				out = append(out, fmt.Sprintf("%s locked %t, TLS %q, %d connections, former %t: %s",
					a.Host, a.Locked, a.TLS, a.MaxUserConnections, a.FormerPassword, strings.Join(rights, "; ")))
			}
			return out
		}
		roleName := "`" + role + "`@`%`"
		if s.Kind.IsMariaDB() {
			roleName = "`" + role + "`"
		}
		want := []string{
			"% locked false, TLS \"\", 0 connections, former false: PROCESS ON *.*; SELECT (`c`) ON `" + db + "`.`t`; " +
				"SELECT ON `" + escaped + "`.*; SHOW VIEW ON `" + escaped + "`.*; UPDATE ON `" + db + "`.* WITH GRANT OPTION; " +
				"EXECUTE ON PROCEDURE `" + db + "`.`p`; PROXY ON `" + s.Username + "`@`%`; " + roleName + "; INSERT ON `" + db + "`.`t`",
			fmt.Sprintf("10.%% locked true, TLS \"ANY\", 3 connections, former %t: SELECT ON `%s`.*; SHOW VIEW ON `%s`.*", !s.Kind.IsMariaDB(), escaped, escaped),
		}
		if d := cmp.Diff(want, read()); d != "" {
			t.Errorf("-want +got:\n%s", d)
		}
		all, err := privilege.Accounts(t.Context(), srv, info)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range all {
			if a.User != user {
				continue
			}
			for _, r := range a.Rights {
				s.Exec(t, privilege.RevokeRight(r, a.Name()))
			}
		}
		for _, line := range read() {
			if !strings.HasSuffix(line, ": ") {
				t.Errorf("left: %s", line)
			}
		}
		blind := s.Prefix + "blind"
		s.Exec(t, "CREATE USER "+blind+" IDENTIFIED BY 'Blind_Password_1'")
		_, err = privilege.Accounts(t.Context(), sessiontest.Open(t, mysql.Config{Endpoint: s.Endpoint(), Username: blind, Password: "Blind_Password_1"}), info)
		var hidden *privilege.HiddenGrantsError
		if !errors.As(err, &hidden) {
			t.Errorf("an account that sees nobody gets %v", err)
		}
	})
}
