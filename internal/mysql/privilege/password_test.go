package privilege_test

import (
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/sessiontest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestIdentifiedBy logs in with a password that the server never saw, and finds
// it again in what the server keeps.
func TestIdentifiedBy(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		product := mysql.MySQL
		if s.Kind.IsMariaDB() {
			product = mysql.MariaDB
		}
		const password = `gro'ß\ "x" 0123456789012345678901234567890123456789`
		account := s.Prefix + "p"
		s.Exec(t, "CREATE USER "+account+" "+privilege.IdentifiedBy(product, password))
		login := func(password string) error {
			var one int
			return sessiontest.Open(t, mysql.Config{Endpoint: s.Endpoint(), Username: account, Password: password}).Row(t.Context(), "SELECT 1").Scan(&one)
		}
		if err := login(password); err != nil {
			t.Error(err)
		}
		if err := login(password + "x"); !mysql.IsAccessDenied(err) {
			t.Errorf("another password is taken: %v", err)
		}
		row := s.QueryRows(t, "SELECT plugin, authentication_string FROM mysql.user WHERE User = ?", account)[0]
		if same, compared := (privilege.StoredPassword{Plugin: row[0], Hash: row[1]}).Is(password); !same || !compared {
			t.Errorf("%q is not found again: %t, %t", row, same, compared)
		}
		s.Exec(t, "DROP USER "+account, "CREATE USER "+account+" IDENTIFIED BY 'Server_Made_1'")
		row = s.QueryRows(t, "SELECT plugin, authentication_string FROM mysql.user WHERE User = ?", account)[0]
		if same, compared := (privilege.StoredPassword{Plugin: row[0], Hash: row[1]}).Is("Server_Made_1"); !same || !compared {
			t.Errorf("%q, made by the server, is not found again: %t, %t", row, same, compared)
		}
	})
}
