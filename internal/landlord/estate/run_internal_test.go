package estate

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

var mysql97 = ddl.Server{Product: ddl.MySQL, Version: "9.7.0"}

// TestRun_Claim gives a database to the first slug that asks.
func TestRun_Claim(t *testing.T) {
	t.Parallel()
	w := newRun()
	got := []string{
		w.Claim("", "tenant_a_b", "a-b"), w.Claim("", "tenant_a_b", "a_b"), w.Claim("eu", "tenant_a_b", "a_b"), w.Claim("", "tenant_a_b", "a-b"),
		w.Claimed("a-b"), w.Claimed("a_b"), w.Claimed("c"),
	}
	if diff := cmp.Diff([]string{"a-b", "a-b", "a_b", "a-b", "tenant_a_b", "tenant_a_b", ""}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestRun_Takes finds a tenant that is taken over and destroyed, whichever the
// plan says first.
func TestRun_Takes(t *testing.T) {
	t.Parallel()
	w := newRun()
	got := []bool{w.Takes("a"), w.Leaves("b"), w.Leaves("a"), w.Takes("b"), w.Takes("c"), w.Takes("c")}
	if diff := cmp.Diff([]bool{false, false, true, true, false, false}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestRun_Expect follows a tenant through plans that replace each other.
func TestRun_Expect(t *testing.T) {
	t.Parallel()
	type state struct {
		Touches, Waits, Known bool
		Template              string
	}
	w := newRun()
	read := func() state {
		planned, ok := w.Tenant("a")
		s := state{w.Touches("a"), w.Waits("a"), ok, ""}
		if ok {
			s.Template = planned.Template.String()
		}
		return s
	}
	two := &PlannedTenant{Template: template.ID{Name: "shop", Version: "2.0.0"}}
	got := []state{read()}
	w.Expect("a", false, false, two)
	got = append(got, read())
	w.Expect("a", true, true, nil) // planned again: it waits for an approval
	got = append(got, read())
	w.Expect("a", false, false, two)
	got = append(got, read())
	want := []state{{}, {Known: true, Template: "shop@2.0.0"}, {Touches: true, Waits: true}, {Touches: true, Known: true, Template: "shop@2.0.0"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if w.Touches("b") {
		t.Error("another tenant is touched")
	}
	if w.Touch("b"); !w.Touches("b") || w.Waits("b") {
		t.Error("a touched tenant is not, or waits")
	}
}

// TestEstate_moves asks which tenants a run gives another schema.
func TestEstate_moves(t *testing.T) {
	t.Parallel()
	row := &registry.TenantRow{Slug: "a", Template: "shop", Applied: "1.0.0", Composition: "c1"}
	planned := func(version, composition string, after *PlannedSchema) *PlannedTenant {
		return &PlannedTenant{Template: template.ID{Name: "shop", Version: version}, Composition: &template.Composition{Digest: composition}, After: after}
	}
	cases := map[string]struct {
		waits bool
		after *PlannedTenant
		want  bool
	}{
		"stays":               {false, nil, false},
		"as it is":            {false, planned("1.0.0", "c1", nil), false},
		"waits":               {true, nil, true},
		"another version":     {false, planned("1.1.0", "c1", nil), true},
		"another composition": {false, planned("1.0.0", "c2", nil), true},
		"statements":          {false, planned("1.0.0", "c1", &PlannedSchema{}), true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := &Estate{Run: newRun()}
			e.Run.Expect("a", false, c.waits, c.after)
			if got := e.moves(row); got != c.want {
				t.Errorf("got %t", got)
			}
			if e.moves(&registry.TenantRow{Slug: "b"}) {
				t.Error("another tenant moves")
			}
		})
	}
}

// TestClaimed finds two customizations that want the same name.
func TestClaimed(t *testing.T) {
	t.Parallel()
	maria := ddl.Server{Product: ddl.MariaDB, Version: "11.8.0-MariaDB"}
	whole := func(object string) merge.OwnedElement { return merge.OwnedElement{Object: object} }
	part := func(table, element string) merge.OwnedElement {
		return merge.OwnedElement{Object: "table " + table, Element: element}
	}
	text := merge.OwnedElement{Object: "table t", Text: "CREATE TABLE `t` (\n  `id` int NOT NULL,\n  KEY `k` (`id`),\n  CONSTRAINT `fk` FOREIGN KEY (`id`) REFERENCES `u` (`id`),\n  CONSTRAINT `ck` CHECK (`id` > 0)\n) ENGINE=InnoDB"}
	gone := whole("table a")
	gone.Transferred = true
	cases := map[string]struct {
		a, b merge.OwnedElement
		srv  ddl.Server
		want ddl.Place
	}{
		"same table":             {whole("table a"), whole("table a"), mysql97, ddl.Place{Object: "table a"}},
		"table and view":         {whole("view a"), whole("table a"), mysql97, ddl.Place{Object: "view a"}},
		"table and sequence":     {whole("table a"), whole("sequence a"), maria, ddl.Place{Object: "table a"}},
		"table and procedure":    {whole("table a"), whole("procedure a"), mysql97, ddl.Place{}},
		"function and procedure": {whole("function a"), whole("procedure a"), mysql97, ddl.Place{}},
		"procedures, case":       {whole("procedure A"), whole("procedure a"), mysql97, ddl.Place{Object: "procedure A"}},
		"triggers, case":         {whole("trigger A"), whole("trigger a"), mysql97, ddl.Place{}},
		"same trigger":           {whole("trigger a"), whole("trigger a"), mysql97, ddl.Place{Object: "trigger a"}},
		"same column":            {part("t", "column `a`"), part("t", "column `a`"), mysql97, ddl.Place{Object: "table t", Element: "column `a`"}},
		"column of another":      {part("t", "column `a`"), part("u", "column `a`"), mysql97, ddl.Place{}},
		"column and key":         {part("t", "column `a`"), part("t", "key `a`"), mysql97, ddl.Place{}},
		"keys of two tables":     {part("t", "key `a`"), part("u", "key `a`"), mysql97, ddl.Place{}},
		"foreign keys":           {part("t", "foreign key `a`"), part("u", "foreign key `a`"), mysql97, ddl.Place{Object: "table t", Element: "foreign key `a`"}},
		"foreign keys, MariaDB":  {part("t", "foreign key `a`"), part("u", "foreign key `a`"), maria, ddl.Place{Object: "table t", Element: "foreign key `a`"}},
		"checks":                 {part("t", "check `a`"), part("u", "check `a`"), mysql97, ddl.Place{Object: "table t", Element: "check `a`"}},
		"checks, MariaDB":        {part("t", "check `a`"), part("u", "check `a`"), maria, ddl.Place{}},
		"foreign key in a table": {part("u", "foreign key `fk`"), text, mysql97, ddl.Place{Object: "table u", Element: "foreign key `fk`"}},
		"check in a table":       {text, part("u", "check `ck`"), mysql97, ddl.Place{Object: "table t"}},
		"key in a table":         {part("u", "key `k`"), text, mysql97, ddl.Place{}},
		"is the template's":      {gone, whole("table a"), mysql97, ddl.Place{}},
		"was the template's":     {whole("table a"), gone, mysql97, ddl.Place{}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			recorded := []registry.Customization{{Name: "other", Objects: []merge.OwnedElement{c.b}}}
			other, at := Claimed("mine", []merge.OwnedElement{c.a}, recorded, nil, c.srv)
			if at != c.want || (other == "other") != (c.want != ddl.Place{}) {
				t.Errorf("got %q, %+v", other, at)
			}
			if other, _ := Claimed("other", []merge.OwnedElement{c.a}, recorded, nil, c.srv); other != "" {
				t.Errorf("it collides with itself: %q", other)
			}
		})
	}
}

// TestRun_Change plans customizations of one tenant in one run.
func TestRun_Change(t *testing.T) {
	t.Parallel()
	w := newRun()
	table := []merge.OwnedElement{{Object: "table visits"}}
	recorded := []registry.Customization{{Name: "crm", Objects: table}, {Name: "shop", Status: landlord.CustomizationApplying,
		Pending: &registry.PendingChange{Objects: []merge.OwnedElement{{Object: "view v"}}}}}
	patch := &landlord.ParsedPatch{Checksum: "1"}
	claim := func(slug, name string, c *PlannedChange) []string {
		other, at := w.Change(slug, name, c, recorded, mysql97)
		return []string{other, at.Object}
	}
	got := [][]string{
		claim("a", "new", &PlannedChange{Patch: patch, Owned: table}),                                         // another one has it
		claim("a", "new", &PlannedChange{Patch: patch, Owned: []merge.OwnedElement{{Object: "table v"}}}),     // an interrupted run was about to make it
		claim("a", "crm", &PlannedChange{Owned: table}),                                                       // goes
		claim("a", "new", &PlannedChange{Patch: patch, Owned: table}),                                         // and so it is free
		claim("a", "third", &PlannedChange{Patch: patch, Owned: table}),                                       // planned by this run
		claim("a", "new", &PlannedChange{Patch: patch, Owned: []merge.OwnedElement{{Object: "view visits"}}}), // its own
	}
	want := [][]string{{"crm", "table visits"}, {"shop", "table v"}, {"", ""}, {"", ""}, {"new", "table visits"}, {"", ""}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	changes := w.Changes("a")
	if len(changes) != 2 || changes["crm"].Patch != nil || changes["new"].Owned[0].Object != "view visits" || len(w.Changes("b")) != 0 {
		t.Errorf("changes %v", changes)
	}
	delete(changes, "crm") // a copy
	var names []string
	for _, s := range Siblings("third", recorded, w.Changes("a")) {
		stays := " goes"
		if s.Stays {
			stays = " stays"
		}
		names = append(names, s.Name+stays+" with "+s.Owned[0].Object)
	}
	if diff := cmp.Diff([]string{"crm goes with table visits", "new stays with view visits", "shop stays with view v"}, names); diff != "" {
		t.Errorf("siblings, -want +got:\n%s", diff)
	}
}

// TestMemo computes once, does not keep failures, and keeps keys apart.
func TestMemo(t *testing.T) {
	t.Parallel()
	var m Memo[string]
	var runs atomic.Int32
	release := make(chan struct{})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			got, err := m.Get(t.Context(), "a", func() (string, error) {
				runs.Add(1)
				<-release
				return "made", nil
			})
			if got != "made" || err != nil {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
	for runs.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	given, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := m.Get(given, "a", func() (string, error) { return "never", nil }); got != "" || !errors.Is(err, context.Canceled) {
		t.Errorf("who gives up got %q, %v", got, err)
	}
	close(release)
	all.Wait()
	if runs.Load() != 1 {
		t.Errorf("computed %d times", runs.Load())
	}
	broken := errors.New("broken")
	if got, err := m.Get(t.Context(), "b", func() (string, error) { return "half", broken }); got != "" || !errors.Is(err, broken) {
		t.Errorf("a failure: %q, %v", got, err)
	}
	if got, err := m.Get(t.Context(), "b", func() (string, error) { return strings.ToUpper("b"), nil }); got != "B" || err != nil {
		t.Errorf("after a failure: %q, %v", got, err)
	}
}
