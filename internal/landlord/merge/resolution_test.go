package merge_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
)

func TestResolution_HCL(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"table p column phone: keep_tenant":        `"table p column phone" = { decision = "keep_tenant" }`,
		"table p index ix: take_template":          `"table p key ix" = { decision = "take_template" }`,
		"view `my view`: DROP VIEW v":              "\"view `my view`\" = { decision = \"sql\", sql = \"DROP VIEW v\" }",
		"view v: CREATE VIEW v AS SELECT '${a}%{'": `"view v" = { decision = "sql", sql = "CREATE VIEW v AS SELECT '$${a}%%{'" }`,
	} {
		if got := resolutions(t, []string{text})[0].HCL(); got != want {
			t.Errorf("%s is written as\n%s, wanted\n%s", text, got, want)
		}
	}
	if _, err := merge.ResolutionFor("people", merge.KeepTenant, ""); fmt.Sprint(err) != "`people` does not begin with the kind of an object, such as `table` or `view`" {
		t.Errorf("a key without a kind: %v", err)
	}
}

func TestRewrite_Statements(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]string{
		"ALTER TABLE p MODIFY phone int":                         "",
		"DROP VIEW v; CREATE VIEW v AS SELECT 1 AS a":            "",
		"UPDATE p SET phone = 1":                                 "1:1: `UPDATE` changes no structure",
		"ALTER TABLE p ADD x int; DELETE FROM p":                 "1:26: `DELETE` changes no structure",
		" -- nothing\n":                                          "it holds no statement",
		"ALTER TABLE p ADD x int; ALTER TABLE other.p ADD y int": "1:38: `other.p` names database `other`.",
		"CREATE TABLE":                                           "1:",
	} {
		statements, err := merge.Rewrite{SQL: sql}.Statements(mysql97)
		switch {
		case want == "" && (err != nil || len(statements) != strings.Count(sql, ";")+1):
			t.Errorf("%s: %d statements, %v", sql, len(statements), err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: got the error %v, wanted %s", sql, err, want)
		}
	}
}

func TestOtherObjects(t *testing.T) {
	t.Parallel()
	rewrites := []merge.Rewrite{{Place: ddl.Place{Object: "table p", Element: "column `a`"}}, {Place: ddl.Place{Object: "view v"}}}
	changes := []diff.ElementChange{{Object: "table q", Element: "column `x`"}, {Object: "table p", Element: "key `k`"}, {Object: "table q", Element: "column `y`"}, {Object: "view v"}, {Object: "view w"}}
	if diff := cmp.Diff([]string{"table q", "view w"}, merge.OtherObjects(rewrites, changes)); diff != "" {
		t.Errorf("others (-want +got):\n%s", diff)
	}
	if others := merge.OtherObjects(rewrites, changes[1:2]); len(others) > 0 {
		t.Errorf("its own object is another one: %v", others)
	}
}

// TestClash pins the digests of conflicts: the landlord database has decisions
// under them.
func TestClash(t *testing.T) {
	t.Parallel()
	in := func(c mergeCase) merge.Conflict { return merge.Compare(c.input(t)).Merge().Conflicts[0] }
	both := in(columnCases["both add a column of one name"])
	if want := "sha256:75b3713adce245e63133b2a286979e49beae1f01c08daefee4024d46f8a99d2c"; both.Clash != want {
		t.Errorf("both sides: %s, wanted %s", both.Clash, want)
	}
	drift := in(driftCases["drift on a table that the update touches, even in another part"])
	if want := "sha256:9a5320e44107bd09e42d930ad518fd32941bf368f76655bc1a22f795e8fcf5ef"; drift.Clash != want {
		t.Errorf("drift: %s, wanted %s", drift.Clash, want)
	}
	other := columnCases["both add a column of one name"]
	other.template = strings.Replace(other.template, "varchar(20)", "varchar(21)", 1)
	if in(other).Clash == both.Clash {
		t.Error("another text of the template is the same conflict")
	}
	elsewhere := columnCases["both add a column of one name"]
	elsewhere.template += "; CREATE TABLE rooms (id int)"
	if in(elsewhere).Clash != both.Clash {
		t.Error("a change of another table is another conflict")
	}
}

// TestInTheWay: a conflict that only the server knows is about the owner of the
// object, else about all that the tenant has of its own.
func TestInTheWay(t *testing.T) {
	t.Parallel()
	c := mergeCase{base: "CREATE TABLE p (id int); CREATE TABLE q (id int)", template: "CREATE TABLE p (id bigint); CREATE TABLE q (id int)",
		tenant: "CREATE TABLE p (id int, vip int); CREATE TABLE q (id int, hand int)", recorded: "CREATE TABLE p (id int, vip int); CREATE TABLE q (id int)", crm: []string{"table p column vip"}}
	m := merge.Compare(c.input(t))
	for object, want := range map[string]string{
		"table p": "clashes: table p (customization `crm`): no",
		"table q": "clashes: table q (customization `crm`, drift): no",
		"view v":  "clashes: view v (customization `crm`, drift, the tenant): no",
	} {
		x := m.InTheWay(object, "no")
		if got := describe(&x); got != want || x.Decidable() || !x.Open() || !x.Touches("crm") || x.Touches("other") {
			t.Errorf("%s: %s, decidable %t, open %t, wanted %s", object, got, x.Decidable(), x.Open(), want)
		}
	}
	if !m.HasOwn() || !m.Known("table q") || m.Known("table r") {
		t.Errorf("own %t, table q known %t, table r known %t", m.HasOwn(), m.Known("table q"), m.Known("table r"))
	}
	c = mergeCase{base: "CREATE TABLE p (id int)", template: "CREATE TABLE p (id bigint)", tenant: "CREATE TABLE p (id int(11))"}
	if merge.Compare(c.input(t)).HasOwn() {
		t.Error("what another version of the server prints is the tenant's own")
	}
}

func TestCustomization(t *testing.T) {
	t.Parallel()
	s := schema(t, mysql97, "CREATE TABLE p (id int, vip int); CREATE TABLE crm (id int, KEY k (id))")
	all := []merge.Customization{
		{Name: "first", Owned: owned(t, s, mysql97, "table crm", "(table p column id)")},
		{Name: "second", Owned: owned(t, s, mysql97, "table crm key k"), Interrupted: true, Planned: owned(t, s, mysql97, "table p column vip", "(table crm key k)")},
	}
	for key, want := range map[string]string{"table crm": "first", "table crm column id": "first", "table crm key k": "second", "table p column vip": "second", "table p column id": "", "table p": ""} {
		if got := merge.Owner(all, resolutions(t, []string{key + ": keep_tenant"})[0].Place()); got != want {
			t.Errorf("%s belongs to %q, wanted %q", key, got, want)
		}
	}
	for _, c := range []struct {
		object, element string
		coarse, want    bool
	}{{"table p", "column `vip`", false, true}, {"table p", "column `id`", false, false}, {"table p", "", true, true}, {"table crm", "column `id`", false, false}} {
		if got := merge.Interrupted(all, diff.ElementChange{Object: c.object, Element: c.element}, c.coarse); got != c.want {
			t.Errorf("%s %s, coarse %t: interrupted %t", c.object, c.element, c.coarse, got)
		}
	}
	if diff := cmp.Diff([]ddl.Place{{Object: "table crm", Element: "key `k`"}, {Object: "table p", Element: "column `vip`"}}, merge.InterruptedPlaces(all)); diff != "" {
		t.Errorf("interrupted places (-want +got):\n%s", diff)
	}
	parts := merge.Parts(all[0].Owned, mysql97)
	if diff := cmp.Diff(map[ddl.Place]bool{{Object: "table crm"}: true, {Object: "table crm", Element: "column `id`"}: true, {Object: "table crm", Element: "key `k`"}: true}, parts); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
	if !merge.Covers(all[0].Owned, ddl.Place{Object: "table crm", Element: "column `new`"}) || merge.Covers(all[0].Owned, ddl.Place{Object: "table p", Element: "column `id`"}) {
		t.Error("a table covers what is in it, and what is the template's covers nothing")
	}
}

func TestWithoutDanglingOrder(t *testing.T) {
	t.Parallel()
	s := schema(t, mysql97, "CREATE TRIGGER a BEFORE INSERT ON p FOR EACH ROW SET NEW.id = 1; CREATE TRIGGER b BEFORE INSERT ON p FOR EACH ROW FOLLOWS `a` SET NEW.id = 2; "+
		"CREATE TRIGGER c BEFORE INSERT ON p FOR EACH ROW FOLLOWS `gone` SET NEW.id = 3")
	want := "CREATE TRIGGER a BEFORE INSERT ON p FOR EACH ROW SET NEW.id = 1;\nCREATE TRIGGER b BEFORE INSERT ON p FOR EACH ROW FOLLOWS `a` SET NEW.id = 2;\n" +
		"CREATE TRIGGER c BEFORE INSERT ON p FOR EACH ROW SET NEW.id = 3;\n"
	if diff := cmp.Diff(want, script(merge.WithoutDanglingOrder(s))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
