package account

import (
	"strings"
	"testing"
)

func TestNames(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 64)
	for database, prefix := range map[string]string{"landlord": "landlord_", "control_plane_": "control_plane__", "control_plane_of_us": "contro02b1e32c_", long: "xxxxxx7ce100971_"[:15]} {
		n := NamesOf(database)
		if got := n.prefix(); len(got) != len(prefix) || !strings.HasPrefix(got, prefix[:6]) {
			t.Errorf("%s: prefix %s", database, got)
		}
		run := n.Run()
		if !n.IsRun(run) || run == n.Run() || len(run) > maxUserName || !n.IsOurs(run) {
			t.Errorf("%s: %s", database, run)
		}
		for _, other := range []string{"", "root", run + "0", run[:len(run)-1], strings.ToUpper(run), run[:len(run)-1] + "g", n.RunPrefix(), "x" + run, n.Of("owner", "acme")} {
			if n.IsRun(other) {
				t.Errorf("%s is taken for a run account of %s", other, database)
			}
		}
		owners := map[string]bool{}
		for _, slug := range []string{"acme", "acme-2", strings.Repeat("a", 40), strings.Repeat("a", 41), strings.Repeat("ä", 30)} {
			owner := n.Of("owner", slug)
			if len(owner) > maxUserName || owners[owner] || n.IsRun(owner) || !n.IsOurs(owner) || strings.ToValidUTF8(owner, "?") != owner {
				t.Errorf("%s: %s", slug, owner)
			}
			owners[owner] = true
		}
	}
	if got := NamesOf("landlord").Of("owner", "acme"); got != "landlord_owner_acme" {
		t.Error(got)
	}
	if NamesOf("landlord_of_the_north").prefix() == NamesOf("landlord_of_the_south").prefix() {
		t.Error("two landlords have accounts of the same names")
	}
	if got := (Name{User: "a`b", Host: "%"}).String(); got != "`a``b`@`%`" {
		t.Error(got)
	}
}
