package ddl_test

import (
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

func TestServer_AtLeast(t *testing.T) {
	t.Parallel()
	cases := []struct {
		product      ddl.Product
		version      string
		of           ddl.Product
		major, minor int
		want         bool
	}{
		{ddl.MySQL, "8.4.10", ddl.MySQL, 8, 4, true},
		{ddl.MySQL, "8.3.99", ddl.MySQL, 8, 4, false},
		{ddl.MySQL, "8.10.0-debug", ddl.MySQL, 8, 4, true}, // as numbers, not as text
		{ddl.MySQL, "9.7", ddl.MySQL, 8, 4, true},
		{ddl.MySQL, "9.0.1", ddl.MySQL, 9, 1, false},
		{ddl.MySQL, "11.8.0", ddl.MariaDB, 11, 5, false},
		{ddl.MariaDB, "11.8.3-MariaDB-ubu2404", ddl.MariaDB, 11, 5, true},
		{ddl.MariaDB, "11.5.0-MariaDB", ddl.MariaDB, 11, 5, true},
		{ddl.MariaDB, "10.11.19-MariaDB", ddl.MariaDB, 11, 2, false},
		{ddl.MariaDB, "12-MariaDB", ddl.MariaDB, 11, 2, true},
		{ddl.MySQL, "", ddl.MySQL, 0, 0, false},
		{ddl.MySQL, "unknown", ddl.MySQL, 8, 4, false},
	}
	for _, c := range cases {
		if got := (ddl.Server{Product: c.product, Version: c.version}).AtLeast(c.of, c.major, c.minor); got != c.want {
			t.Errorf("%s %q is at least %s %d.%d: got %v", c.product, c.version, c.of, c.major, c.minor, got)
		}
	}
}
