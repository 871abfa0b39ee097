package checkpoint_test

import (
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

func TestMain(m *testing.M) { mysqltest.Run(m) }

// open returns a pool on the server of the test.
func open(t testing.TB, s *mysqltest.Server, connections int) *mysql.Server {
	t.Helper()
	server, err := mysql.Open(mysql.Config{
		Endpoint: s.Endpoint(), Username: s.Username, Password: s.Password, MaxConnections: connections,
	})
	if err != nil {
		t.Fatalf("opening %s: %v", s.Endpoint(), err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server
}

func infoOf(t testing.TB, server *mysql.Server) mysql.Info {
	t.Helper()
	info, err := server.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return info
}
