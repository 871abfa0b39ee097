package mysqltest_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysqltest"
)

func TestMain(m *testing.M) { mysqltest.Run(m) }

func TestServers_namesAreDroppedInCleanup(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		var inner *mysqltest.Server
		t.Run("inner", func(t *testing.T) {
			inner = mysqltest.On(t, s.Kind)
			neighbour := "t" + inner.Prefix[1:len(inner.Prefix)-1] + "x" // `_` must not match as a wildcard
			inner.Exec(t,
				"CREATE DATABASE "+inner.LandlordDatabase,
				"CREATE DATABASE "+inner.LandlordDatabase+"_scratch",
				"CREATE DATABASE "+inner.Prefix+"one",
				"CREATE DATABASE "+neighbour,
				"CREATE USER "+inner.Prefix+"one@'%'",
				"CREATE USER "+inner.Prefix+"two@localhost",
			)
			t.Cleanup(func() { inner = &mysqltest.Server{LandlordDatabase: inner.LandlordDatabase, Prefix: neighbour} })
		})
		rows := s.QueryRows(t, "SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE ? OR schema_name LIKE ?",
			inner.LandlordDatabase+"%", inner.Prefix[:len(inner.Prefix)-1]+"%")
		s.Exec(t, "DROP DATABASE "+inner.Prefix)
		if diff := cmp.Diff([][]string{{inner.Prefix}}, rows); diff != "" {
			t.Errorf("databases left (-want +got):\n%s", diff)
		}
		accounts := s.QueryRows(t, "SELECT user FROM mysql.user WHERE user LIKE ?", inner.Prefix[:len(inner.Prefix)-1]+"%")
		if len(accounts) > 0 {
			t.Errorf("accounts left: %v", accounts)
		}
	})
}
