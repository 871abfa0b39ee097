package privilege

import (
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"strings"
	"testing"
)

// TestSHA256Crypt compares with what crypt(3) makes of the examples of the specification.
func TestSHA256Crypt(t *testing.T) {
	t.Parallel()
	cases := []struct {
		key, salt string
		rounds    int
		want      string
	}{
		{"Hello world!", "saltstring", 5000, "5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"},
		{"Hello world!", "saltstringsaltst", 10000, "3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA"},
	}
	for _, c := range cases {
		if got := sha256Crypt([]byte(c.key), []byte(c.salt), c.rounds); got != c.want {
			t.Errorf("%s: got %s, want %s", c.salt, got, c.want)
		}
	}
}

// TestNativeHash compares with what a server makes of a password.
func TestNativeHash(t *testing.T) {
	t.Parallel()
	if got := nativeHash("password"); got != "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19" {
		t.Error(got)
	}
}

// TestStoredPassword_Is asks of what IdentifiedBy writes, and of what a server
// may have otherwise.
func TestStoredPassword_Is(t *testing.T) {
	t.Parallel()
	stored := func(product mysql.Product, password string) StoredPassword {
		_, rest, _ := strings.Cut(IdentifiedBy(product, password), "IDENTIFIED ")
		words := strings.Fields(rest)
		return StoredPassword{Plugin: words[1], Hash: strings.Trim(words[3], "'")}
	}
	const password = `gro'ß\ "x"`
	cases := map[string]struct {
		stored         StoredPassword
		same, compared bool
	}{
		"MySQL":            {stored(mysql.MySQL, password), true, true},
		"MySQL, another":   {stored(mysql.MySQL, password+" "), false, true},
		"MariaDB":          {stored(mysql.MariaDB, password), true, true},
		"MariaDB, another": {stored(mysql.MariaDB, "x"), false, true},
		"no password":      {StoredPassword{Plugin: pluginSHA2}, false, false},
		"cut":              {StoredPassword{Plugin: pluginSHA2, Hash: "$A$00A$abc"}, false, false},
		"no rounds":        {StoredPassword{Plugin: pluginSHA2, Hash: "$A$00x$" + strings.Repeat("a", 63)}, false, false},
		"of a socket":      {StoredPassword{Plugin: "unix_socket"}, false, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if same, compared := c.stored.Is(password); same != c.same || compared != c.compared {
				t.Errorf("got %t, %t", same, compared)
			}
		})
	}
	first, second := IdentifiedBy(mysql.MySQL, password), IdentifiedBy(mysql.MySQL, password)
	if strings.Contains(first, "gro") || first == second {
		t.Error("the clause has the password, or two accounts have one salt")
	}
}

// TestStoredPassword_KeepsTwo asks which accounts can have two passwords.
func TestStoredPassword_KeepsTwo(t *testing.T) {
	t.Parallel()
	for want, stored := range map[bool][]StoredPassword{
		true:  {{Plugin: pluginSHA2, Hash: "$A$"}},
		false: {{Plugin: pluginSHA2}, {Plugin: pluginNative, Hash: "*1"}, {Plugin: "sha256_password", Hash: "$5$"}},
	} {
		for _, s := range stored {
			if s.KeepsTwo() != want {
				t.Errorf("%+v keeps two: %t", s, !want)
			}
		}
	}
}
