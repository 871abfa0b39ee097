package mysqltest

import (
	"fmt"
	"strings"
	"testing"
)

// ProviderAccount makes an account with exactly the privileges that the
// documentation of the provider asks for, and returns its name and password.
func (s *Server) ProviderAccount(t testing.TB) (username, password string) {
	t.Helper()
	s.recordings++
	username, password = fmt.Sprintf("%sprovider%d", s.Prefix, s.recordings), "Documented_1"
	account := QuoteName(username) + "@'%'"
	s.Exec(t, "CREATE USER "+account+" IDENTIFIED BY '"+password+"'")
	s.Exec(t, s.ProviderGrants(account)...)
	return username, password
}

// ProviderGrants are the GRANT statements of the documentation, for the names of
// this server.
func (s *Server) ProviderGrants(account string) []string {
	pattern := func(prefix string) string { return "`" + strings.ReplaceAll(prefix, "_", `\_`) + "%`" }
	global := "CREATE USER, SET_ANY_DEFINER, SHOW_ROUTINE"
	if s.Kind.IsMariaDB() {
		global = "CREATE USER, SET USER"
	}
	return []string{
		"GRANT " + global + " ON *.* TO " + account,
		"GRANT ALL PRIVILEGES ON " + QuoteName(s.LandlordDatabase) + ".* TO " + account + " WITH GRANT OPTION",
		"GRANT ALL PRIVILEGES ON " + pattern(s.LandlordDatabase+"_") + ".* TO " + account + " WITH GRANT OPTION",
		"GRANT ALL PRIVILEGES ON " + pattern(s.Prefix) + ".* TO " + account + " WITH GRANT OPTION",
		"GRANT SELECT ON mysql.* TO " + account,
	}
}
