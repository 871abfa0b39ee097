package mysql_test

import (
	"testing"

	driversql "github.com/go-sql-driver/mysql"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/sessiontest"
)

// TestReach takes endpoints apart, and reads back what is written of them.
func TestReach(t *testing.T) {
	t.Parallel()
	for endpoint, want := range map[string]struct {
		reach mysql.Reach
		dsn   string
	}{
		"db.example.com":      {mysql.Reach{Host: "db.example.com", Port: 3306}, "app@tcp(db.example.com:3306)/tenant_acme"},
		"127.0.0.1:3307":      {mysql.Reach{Host: "127.0.0.1", Port: 3307}, "app@tcp(127.0.0.1:3307)/tenant_acme"},
		"[::1]:3306":          {mysql.Reach{Host: "::1", Port: 3306}, "app@tcp([::1]:3306)/tenant_acme"},
		"/run/mysqld/my.sock": {mysql.Reach{Socket: "/run/mysqld/my.sock"}, "app@unix(/run/mysqld/my.sock)/tenant_acme"},
	} {
		srv := sessiontest.Open(t, mysql.Config{Endpoint: endpoint, Username: "landlord"})
		if got := srv.Reach(); got != want.reach {
			t.Errorf("%s is reached at %+v", endpoint, got)
		}
		if got := want.reach.DSN("app", "", "tenant_acme", false); got != want.dsn {
			t.Errorf("%s: %s", endpoint, got)
		}
		const password = "p@ss:w/o?r&d"
		read, err := driversql.ParseDSN(want.reach.DSN("app", password, "tenant_acme", true))
		if err != nil || read.Passwd != password || read.User != "app" || read.TLSConfig != "true" {
			t.Errorf("%s: %+v, %v", endpoint, read, err)
		}
	}
}
