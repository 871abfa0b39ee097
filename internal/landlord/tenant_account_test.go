package landlord_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"pgregory.net/rapid"
)

// TestDefaultAccountName makes up names for any tenant: servers take them, and no
// two tenants or roles have one.
func TestDefaultAccountName(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"tenant_acme_app":                  landlord.DefaultAccountName("tenant_acme", landlord.RoleApplication),
		"tenant_acme_read":                 landlord.DefaultAccountName("tenant_acme", landlord.RoleReadOnly),
		"tenant_acme_migrator":             landlord.DefaultAccountName("tenant_acme", landlord.RoleMigrator),
		"tenant_a_quite_long_slug_for_app": landlord.DefaultAccountName("tenant_a_quite_long_slug_for", landlord.RoleApplication),
		"tenant_a_quite_long_4a458178_app": landlord.DefaultAccountName("tenant_a_quite_long_slug_for_1", landlord.RoleApplication),
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		database := rapid.StringMatching(`[a-z][a-z0-9_]{0,63}`).Draw(t, "database")
		other := database[:len(database)-1] + "~"
		seen := map[string]bool{}
		for _, d := range []string{database, other} {
			for _, role := range landlord.AccountRoles() {
				name := landlord.DefaultAccountName(d, role)
				if len(name) > landlord.MaxAccountName || seen[name] {
					t.Errorf("%s as %s gets %s", d, role, name)
				}
				seen[name] = true
				if err := landlord.CheckAccountName(name); d == database && err != nil {
					t.Error(err)
				}
			}
		}
	})
}

// TestCheckAccountName compares what names that cannot be used are told.
func TestCheckAccountName(t *testing.T) {
	t.Parallel()
	const pattern = "Account name cannot be used: The name `%s` has to begin with a letter, a digit or `_` and hold letters, digits, `_`, `.` and `-` only.\n\nChoose another one, or leave `name` out."
	cases := map[string]string{
		"app":                   "",
		"Acme.App-1_x":          "",
		strings.Repeat("a", 32): "",
		strings.Repeat("a", 33): "Account name cannot be used: The name `" + strings.Repeat("a", 33) + "` has 33 characters; servers allow 32.\n\nChoose a shorter one, or leave `name` out.",
		"":                      fmt.Sprintf(pattern, ""),
		"-a":                    fmt.Sprintf(pattern, "-a"),
		"o'brien":               fmt.Sprintf(pattern, "o'brien"),
		"a@b":                   fmt.Sprintf(pattern, "a@b"),
		"größe":                 fmt.Sprintf(pattern, "größe"),
		"root":                  "Account name cannot be used: The name `root` is of an account that servers have for themselves.\n\nChoose another one, or leave `name` out.",
		"Mysql.Sys":             "Account name cannot be used: The name `Mysql.Sys` is of an account that servers have for themselves.\n\nChoose another one, or leave `name` out.",
	}
	for name, want := range cases {
		got := ""
		if err := landlord.CheckAccountName(name); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q is told %q, want %q", name, got, want)
		}
	}
}

func TestCheckAccountHost(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"%", "localhost", "10.1.%", "db-1.example.com", "%.example.com", "::1", "fe80::1", "10.1.0.0/255.255.0.0", "192.168.1._"} {
		if err := landlord.CheckAccountHost(host); err != nil {
			t.Error(err)
		}
	}
	for _, host := range []string{"", "Example.com", "a b", "-a", "a'b", "10.1.0.0/16", "10.1.0.0/255.255.0.0/1", "::1/128", "0:0:0:0:0:0:0:1", strings.Repeat("a", 61), "a@b"} {
		err := landlord.CheckAccountHost(host)
		if want := "`" + host + "` is no host of an account: write a name or an address in lower case, also with the wildcards `%` and `_`, or an IPv4 network as `10.1.0.0/255.255.0.0`"; err == nil || err.Error() != want {
			t.Errorf("%q: %v", host, err)
		}
	}
}

// TestAccountRole_Privileges asks that no role reaches beyond its database or may
// hand rights on, and that each may all that the one before it may, but for
// looking at the text of views.
func TestAccountRole_Privileges(t *testing.T) {
	t.Parallel()
	ofDatabases := regexp.MustCompile(`^(SELECT|INSERT|UPDATE|DELETE|EXECUTE|CREATE|ALTER|DROP|INDEX|REFERENCES|TRIGGER|EVENT|(CREATE|SHOW) VIEW|(CREATE|ALTER) ROUTINE|CREATE TEMPORARY TABLES|LOCK TABLES)$`)
	var less []string
	for _, role := range landlord.AccountRoles() {
		privileges := role.Privileges()
		for _, p := range privileges {
			if !ofDatabases.MatchString(p) {
				t.Errorf("%s may %s", role, p)
			}
		}
		for _, p := range less {
			if p != "SHOW VIEW" && !slices.Contains(privileges, p) {
				t.Errorf("%s may not %s", role, p)
			}
		}
		less = privileges
	}
	if landlord.AccountRole("owner").Privileges() != nil {
		t.Error("an unknown role may something")
	}
}

// TestSecret prints one in every way.
func TestSecret(t *testing.T) {
	t.Parallel()
	spec := landlord.TenantAccountSpec{Name: "app", Password: "hunter2"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(verb, spec); strings.Contains(text, "hunter2") {
			t.Errorf("%s prints %s", verb, text)
		}
	}
}
