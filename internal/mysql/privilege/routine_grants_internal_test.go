package privilege

import "testing"

func TestRoutineGrant_SQL(t *testing.T) {
	t.Parallel()
	tests := map[string]RoutineGrant{
		"GRANT EXECUTE ON FUNCTION `f``x` TO `app`@`10.%`":                             {Kind: "function", Name: "f`x", User: "app", Host: "10.%", Privileges: []string{"EXECUTE"}},
		"GRANT EXECUTE, ALTER ROUTINE ON PROCEDURE `p` TO `app`@`%` WITH GRANT OPTION": {Kind: "procedure", Name: "p", User: "app", Host: "%", Privileges: []string{"EXECUTE", "ALTER ROUTINE"}, Grantable: true},
		"GRANT EXECUTE ON PACKAGE BODY `k` TO `readers`":                               {Kind: "package body", Name: "k", User: "readers", Privileges: []string{"EXECUTE"}},
	}
	for want, g := range tests {
		if got := g.SQL(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
