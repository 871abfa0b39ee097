package mysqltest

import (
	"fmt"
	"os"
	"testing"
)

// SetupVariable says how servers of tests are set up: a name of Setups, or it is not
// set.
const SetupVariable = "LANDLORD_TEST_SETUP"

// Setups returns flags of servers that are set up otherwise than ours, by a short
// name: what estates have, and what must make no difference.
func Setups() map[string][]string {
	return map[string][]string{
		"modes":  {"--sql-mode=ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT"}, // and not strict
		"zone":   {"--default-time-zone=+09:30"},
		"names":  {"--lower-case-table-names=1"},
		"packet": {"--max-allowed-packet=1M"},
	}
}

// setupArgs returns the flags of the setup that is asked for.
func setupArgs() ([]string, error) {
	setup := os.Getenv(SetupVariable)
	args, known := Setups()[setup]
	if setup != "" && !known {
		return nil, fmt.Errorf("reading %s: `%s` is not known", SetupVariable, setup)
	}
	return args, nil
}

// SkipSetup skips a test on servers of a setup that takes away what the test itself
// needs, whatever is tested.
func SkipSetup(t testing.TB, setup, why string) {
	t.Helper()
	if os.Getenv(SetupVariable) == setup {
		t.Skipf("NOT TESTED with the setup `%s`: %s", setup, why)
	}
}
