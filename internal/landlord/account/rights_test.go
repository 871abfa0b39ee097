package account

import (
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// TestRights reads lines as MySQL and MariaDB print them.
func TestRights(t *testing.T) {
	t.Parallel()
	const admin = "GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION"
	type want struct{ users, definers, tenant, scratch bool }
	cases := map[string]struct {
		lines []string
		info  mysql.Info
		want  want
	}{
		"nothing":          {nil, mysql.Info{}, want{}},
		"usage":            {[]string{"GRANT USAGE ON *.* TO `a`@`%` IDENTIFIED BY PASSWORD '*00'"}, mysql.Info{}, want{}},
		"administrator":    {[]string{admin}, mysql.Info{}, want{true, true, true, true}},
		"without option":   {[]string{"GRANT ALL PRIVILEGES ON *.* TO `a`@`%`"}, mysql.Info{}, want{true, true, false, false}},
		"password, option": {[]string{"GRANT ALL PRIVILEGES ON *.* TO `a`@`%` IDENTIFIED BY PASSWORD '*00' WITH GRANT OPTION"}, mysql.Info{}, want{true, true, true, true}},
		"documented": {[]string{"GRANT CREATE USER ON *.* TO `a`@`%`", "GRANT SET_ANY_DEFINER ON *.* TO `a`@`%`",
			"GRANT ALL PRIVILEGES ON `tenant\\_%`.* TO `a`@`%` WITH GRANT OPTION", "GRANT ALL PRIVILEGES ON `landlord\\_%`.* TO `a`@`%` WITH GRANT OPTION"}, mysql.Info{}, want{true, true, true, true}},
		"MariaDB":          {[]string{"GRANT CREATE USER, SET USER ON *.* TO `a`@`%`", "GRANT SELECT, INSERT ON `tenant\\_%`.* TO `a`@`%` WITH GRANT OPTION"}, mysql.Info{}, want{true, true, true, false}},
		"one privilege":    {[]string{"GRANT SELECT ON `tenant\\_%`.* TO `a`@`%` WITH GRANT OPTION"}, mysql.Info{}, want{}},
		"two lines":        {[]string{"GRANT SELECT ON *.* TO `a`@`%` WITH GRANT OPTION", "GRANT INSERT ON `tenant\\_acme`.* TO `a`@`%` WITH GRANT OPTION"}, mysql.Info{}, want{tenant: true, scratch: true}},
		"another database": {[]string{"GRANT SELECT, INSERT ON `tenant\\_acm`.* TO `a`@`%` WITH GRANT OPTION"}, mysql.Info{}, want{}},
		"wildcard":         {[]string{"GRANT SELECT, INSERT ON `tenant_acm_`.* TO `a`@`%` WITH GRANT OPTION"}, mysql.Info{}, want{tenant: true}},
		"a table":          {[]string{"GRANT SELECT, INSERT ON `tenant_acme`.`t` TO `a`@`%` WITH GRANT OPTION"}, mysql.Info{}, want{}},
		"columns":          {[]string{"GRANT SELECT (`a`, `b`), INSERT (`a`) ON `tenant_acme`.`t` TO `a`@`%` WITH GRANT OPTION"}, mysql.Info{}, want{}},
		"routine":          {[]string{"GRANT EXECUTE ON PROCEDURE `tenant_acme`.`p` TO `a`@`%` WITH GRANT OPTION"}, mysql.Info{}, want{}},
		"role":             {[]string{"GRANT `CREATE USER`@`%` TO `a`@`%`", "GRANT r TO `a`@`%` WITH ADMIN OPTION", "SET DEFAULT ROLE r FOR `a`@`%`"}, mysql.Info{}, want{}},
		"proxy":            {[]string{"GRANT PROXY ON ``@`` TO `root`@`localhost` WITH GRANT OPTION"}, mysql.Info{}, want{}},
		"partial revokes":  {[]string{"GRANT SELECT, INSERT ON `tenant\\_%`.* TO `a`@`%` WITH GRANT OPTION"}, mysql.Info{PartialRevokes: true}, want{}},
		"exact name":       {[]string{"GRANT SELECT, INSERT ON `tenant_acme`.* TO `a`@`%` WITH GRANT OPTION"}, mysql.Info{PartialRevokes: true}, want{tenant: true}},
		"name like option": {[]string{"GRANT SELECT, INSERT ON `tenant_acme`.* TO `WITH GRANT OPTION`@`%`"}, mysql.Info{}, want{}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &Rights{info: c.info}
			for _, line := range c.lines {
				if g, ok := readGrant(line); ok {
					r.granted = append(r.granted, g)
				}
			}
			got := want{r.CreatesUsers(), r.SetsDefiners(), r.Grants("tenant_acme", "SELECT, INSERT"), r.Grants("landlord_scratch_1", "SELECT")}
			if got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}
