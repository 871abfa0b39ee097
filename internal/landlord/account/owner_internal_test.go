package account

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

func TestNames_Owner(t *testing.T) {
	t.Parallel()
	n := NamesOf("landlord")
	cases := map[string]string{
		"tenant_acme":                 "landlord_owner_acme",
		"tenant_a_1":                  "landlord_owner_a_1",
		"tenant_17_letters_or_few":    "landlord_owner_17_letters_or_few",
		"tenant_more_than_17_of_them": "landlord_owner_more_t2O2MYTB7XRR",
		"acme":                        "landlord_owner_acmeQIVTHLMHYFE",
		"other_acme":                  "landlord_owner_other_P4FTV4AW75H",
		"tenant_":                     "landlord_owner_JGKK45XEH2C",
		"tenant_Acme":                 "landlord_owner_AcmeA4TBZ2RRMER",
		"tenant_acme__restore_1":      "landlord_owner_acme__restore_1",
	}
	for database, want := range cases {
		if got := n.Owner("tenant_", database); got.User != want || got.Host != "localhost" || len(got.User) > maxUserName || !n.IsOurs(got.User) {
			t.Errorf("%s: %s, not %s", database, got, want)
		}
	}
	for _, long := range []string{"control_plane_of_us", strings.Repeat("x", 64)} {
		if owner := NamesOf(long).Owner("tenant_", "tenant_"+strings.Repeat("y", 40)); len(owner.User) > maxUserName {
			t.Errorf("%s", owner)
		}
	}
}

func TestAccounts_OwnerOf(t *testing.T) {
	t.Parallel()
	a := New(&landlord.Config{Database: "landlord", Prefix: "landlord_t_"})
	for database, want := range map[string]bool{"landlord_t_acme": true, "acme": true, "landlord_other": true, "": false, "landlord": false,
		"landlord_retired": false, "landlord_scratch_1": false, "landlord_t_template_shop": true} {
		if _, ok := a.OwnerOf(database); ok != want {
			t.Errorf("%s: %t", database, ok)
		}
	}
	a.Config.ExecutionAccount = landlord.ExecutionOwn
	if _, ok := a.OwnerOf("landlord_t_acme"); ok {
		t.Error("the account of the provider was accepted")
	}
}

func TestRights_missingForOwner(t *testing.T) {
	t.Parallel()
	const tenants = "GRANT ALL PRIVILEGES ON `tenant\\_%`.* TO `a`@`%` WITH GRANT OPTION"
	cases := map[string]struct {
		info mysql.Info
		has  []string
		want []string
	}{
		"nothing": {mysql.Info{Product: mysql.MySQL, Version: "9.7.4"}, nil,
			[]string{"GRANT CREATE USER, SET_ANY_DEFINER, SHOW_ROUTINE ON *.* TO `a`@`%`", tenants}},
		"all":       {mysql.Info{Product: mysql.MySQL, Version: "9.7.4"}, []string{"GRANT CREATE USER ON *.* TO `a`@`%`", "GRANT SET_ANY_DEFINER,SHOW_ROUTINE ON *.* TO `a`@`%`", tenants}, nil},
		"root":      {mysql.Info{Product: mysql.MariaDB, Version: "10.11.9-MariaDB"}, []string{"GRANT ALL PRIVILEGES ON *.* TO `a`@`%` WITH GRANT OPTION"}, nil},
		"no option": {mysql.Info{Product: mysql.MySQL, Version: "8.0.36"}, []string{"GRANT CREATE USER ON *.* TO `a`@`%`", "GRANT SHOW_ROUTINE ON *.* TO `a`@`%`", "GRANT ALL PRIVILEGES ON `tenant\\_%`.* TO `a`@`%`"}, []string{"GRANT SET_USER_ID ON *.* TO `a`@`%`", tenants}},
		"partial revokes": {mysql.Info{Product: mysql.MySQL, Version: "8.4.0", PartialRevokes: true}, []string{"GRANT ALL PRIVILEGES ON *.* TO `a`@`%`"},
			[]string{"GRANT ALL PRIVILEGES ON `tenant_acme`.* TO `a`@`%` WITH GRANT OPTION"}},
		"MariaDB 10.11": {mysql.Info{Product: mysql.MariaDB, Version: "10.11.9-MariaDB"}, []string{"GRANT CREATE USER ON *.* TO `a`@`%`", tenants},
			[]string{"GRANT SET USER ON *.* TO `a`@`%`", "GRANT SELECT ON `mysql`.`proc` TO `a`@`%`"}},
		"MariaDB 10.11, proc": {mysql.Info{Product: mysql.MariaDB, Version: "10.11.9-MariaDB"},
			[]string{"GRANT CREATE USER, SET USER ON *.* TO `a`@`%`", tenants, "GRANT SELECT ON `mysql`.`proc` TO `a`@`%`"}, nil},
		"MariaDB 11.8": {mysql.Info{Product: mysql.MariaDB, Version: "11.8.2-MariaDB"}, []string{"GRANT CREATE USER, SET USER ON *.* TO `a`@`%`", tenants}, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.info.Account = "a@%"
			r := &Rights{info: c.info}
			for _, line := range c.has {
				if g, ok := readGrant(line); ok {
					r.granted = append(r.granted, g)
				}
			}
			if diff := cmp.Diff(c.want, r.missingForOwner("tenant_", "tenant_acme", true)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			views := slices.DeleteFunc(r.missingForOwner("tenant_", "tenant_acme", false), func(s string) bool { return !strings.Contains(s, "ROUTINE") && !strings.Contains(s, "proc") })
			if len(views) > 0 {
				t.Errorf("views need %q", views)
			}
		})
	}
}
