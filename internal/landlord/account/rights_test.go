package account

import (
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
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

// TestRights_Revokes: an account takes away what it may give. A pattern counts as the
// name that it is written as.
func TestRights_Revokes(t *testing.T) {
	t.Parallel()
	on := func(name, database string) privilege.Right {
		return privilege.Right{Privilege: name, On: mysql.Quote(database) + ".*", Database: database}
	}
	documented := []string{"GRANT CREATE USER ON *.* TO `a`@`%`", "GRANT ALL PRIVILEGES ON `tenant\\_%`.* TO `a`@`%` WITH GRANT OPTION", "GRANT SELECT ON `mysql`.* TO `a`@`%`"}
	admin := []string{"GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION"}
	cases := map[string]struct {
		lines   []string
		partial bool
		right   privilege.Right
		want    bool
	}{
		"its pattern":         {documented, false, on("SELECT", `tenant\_acme`), true},
		"a plain name":        {documented, false, on("SELECT", "tenant_acme"), false},
		"a wider pattern":     {documented, false, on("SELECT", "tenant%"), false},
		"the same pattern":    {documented, false, on("SELECT", `tenant\_%`), true},
		"another database":    {documented, false, on("SELECT", "shop"), false},
		"without option":      {documented, false, on("SELECT", "mysql"), false},
		"the server":          {documented, false, privilege.Right{Privilege: "RELOAD", On: "*.*"}, false},
		"a table":             {documented, false, privilege.Right{Privilege: "SELECT", On: "`tenant_acme`.`t`"}, true},
		"a column":            {documented, false, privilege.Right{Privilege: "SELECT (`c`)", On: "`tenant_acme`.`t`"}, true},
		"a routine":           {documented, false, privilege.Right{Privilege: "EXECUTE", On: "PROCEDURE `tenant_acme`.`p`"}, true},
		"a routine elsewhere": {documented, false, privilege.Right{Privilege: "EXECUTE", On: "FUNCTION `shop`.`p`"}, false},
		"the option":          {documented, false, privilege.Right{Privilege: "USAGE", On: "`tenant\\_a`.*", Database: `tenant\_a`, Grantable: true}, true},
		"a role":              {documented, false, privilege.Right{Privilege: "`r`@`%`"}, true},
		"administrator":       {admin, false, privilege.Right{Privilege: "RELOAD", On: "*.*"}, true},
		"plain name, all":     {admin, false, on("SELECT", "tenant_acme"), true},
		"no patterns":         {[]string{"GRANT SELECT ON `tenant_acme`.* TO `a`@`%` WITH GRANT OPTION"}, true, on("SELECT", "tenant_acme"), true},
		"no patterns, other":  {documented, true, on("SELECT", "tenant_acme"), false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &Rights{info: mysql.Info{PartialRevokes: c.partial}}
			for _, line := range c.lines {
				if g, ok := readGrant(line); ok {
					r.granted = append(r.granted, g)
				}
			}
			if got := r.Revokes(c.right); got != c.want {
				t.Errorf("%s: %t", c.right, got)
			}
		})
	}
}
