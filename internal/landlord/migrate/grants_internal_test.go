package migrate

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/privilege"
)

func grantOn(kind, name, user string) privilege.RoutineGrant {
	return privilege.RoutineGrant{Kind: kind, Name: name, User: user, Host: "%", Privileges: []string{"EXECUTE"}}
}

// TestWithGrants: only what is dropped and made again loses its rights, and it
// gets them right behind.
func TestWithGrants(t *testing.T) {
	t.Parallel()
	step := func(operation, object string) landlord.Step {
		return landlord.Step{Operation: operation, Object: object, SQL: operation + " " + object, Origin: "module `m`", Level: 2}
	}
	m := &Migration{
		Steps: []landlord.Step{
			step("create_function", "function `new`"), step("drop_function", "function `f`"), step("create_function", "function `f`"),
			step("drop_procedure", "procedure `gone`"), step("drop_procedure", "procedure `f`"), step("create_procedure", "procedure `f`"), step("replace_view", "view `f`"),
		},
		States: []string{"0", "1", "2", "3", "4", "5", "6", "7"},
	}
	grants := []privilege.RoutineGrant{
		grantOn("function", "f", "a"), grantOn("function", "f", "b"), grantOn("function", "new", "a"), grantOn("procedure", "gone", "a"),
		grantOn("procedure", "f", "c"), grantOn("function", "other", "a"),
	}
	made := recreated(m.Steps)
	if diff := cmp.Diff(map[string]int{"function `f`": 2, "procedure `f`": 5}, made); diff != "" {
		t.Errorf("made again (-want +got):\n%s", diff)
	}
	with := withGrants(m, made, grants)
	var got []string
	for _, s := range with.Steps {
		got = append(got, s.SQL)
	}
	want := []string{
		"create_function function `new`", "drop_function function `f`", "create_function function `f`",
		"GRANT EXECUTE ON FUNCTION `f` TO `a`@`%`", "GRANT EXECUTE ON FUNCTION `f` TO `b`@`%`",
		"drop_procedure procedure `gone`", "drop_procedure procedure `f`", "create_procedure procedure `f`",
		"GRANT EXECUTE ON PROCEDURE `f` TO `c`@`%`", "replace_view view `f`",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"0", "1", "2", "3", "3", "3", "4", "5", "6", "6", "7"}, with.States); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
	if g := with.Steps[3]; g.Origin != "module `m`" || g.Level != 2 || g.Operation != "grant" || !g.Reversible || g.Reason == "" {
		t.Errorf("%+v", g)
	}
	if len(m.Steps) != 7 || len(m.States) != 8 {
		t.Error("the migration that others share was changed")
	}
	if withGrants(m, made, grants[2:4]) != m {
		t.Error("nothing is to be given back, and the migration is another one")
	}
}

func TestTexts_hiddenGrants(t *testing.T) {
	t.Parallel()
	n := hiddenGrants("acme", map[string]int{"procedure `p`": 3, "function `f`": 1})
	want := "Rights on routines cannot be seen [template]\nTenant `acme`: function `f`, procedure `p` will be dropped and created again, and the server forgets who may call what is dropped. " +
		"Grant the account of the provider SELECT on `mysql.*`, so that the plan gives such rights again."
	if got := n.Summary + " [" + string(n.Field) + "]\n" + n.Detail; got != want || n.Severity != landlord.Warning {
		t.Errorf("%s", got)
	}
}
