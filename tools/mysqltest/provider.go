package mysqltest

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// AccountVariable says with which account ProviderLogin lets the provider work: its
// value is `documented`, or it is not set.
const AccountVariable = "LANDLORD_TEST_ACCOUNT"

// ProviderLogin returns the account as which a test lets the provider work: the
// administrator, or, with LANDLORD_TEST_ACCOUNT=documented, one that has exactly the
// privileges that the documentation asks for, the same in the whole test.
func (s *Server) ProviderLogin() (username, password string) {
	switch wish := os.Getenv(AccountVariable); wish {
	case "":
		return s.Username, s.Password
	case "documented":
	default:
		s.t.Fatalf("reading %s: `%s` is not known, only `documented`", AccountVariable, wish)
	}
	s.documented.Do(func() { s.login[0], s.login[1] = s.ProviderAccount(s.t) })
	return s.login[0], s.login[1]
}

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
