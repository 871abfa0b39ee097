package engine_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/customization"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// TestUpdateTenant_eitherOrder: for a random template, update and customization,
// either the verdict is not auto, or the customization before the update and after
// it give the same schema up to the order of columns.
func TestUpdateTenant_eitherOrder(t *testing.T) {
	t.Parallel()
	eitherOrder(t, 5, 2)
}

// TestSoakUpdateTenant_eitherOrder is the same many times.
func TestSoakUpdateTenant_eitherOrder(t *testing.T) {
	soak(t)
	eitherOrder(t, 300, 150)
}

func eitherOrder(t *testing.T, onMySQL, onMariaDB uint64) {
	t.Helper()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		runs, seen := onMySQL, map[string]int{}
		if s.Kind.IsMariaDB() {
			runs = onMariaDB
		}
		for seed := range runs {
			if wanted := os.Getenv("LANDLORD_TEST_SEED"); wanted != "" && wanted != fmt.Sprint(seed) {
				continue
			}
			t.Run(fmt.Sprint(seed), func(t *testing.T) { seen[bothOrders(t, s, seed)]++ }) // whose end closes its connections
		}
		t.Log(seen)
		if runs > 10 && os.Getenv("LANDLORD_TEST_SEED") == "" && (seen["auto"] == 0 || seen["merge"] == 0) {
			t.Errorf("the random cases are of one kind: %v", seen)
		}
	})
}

// bothOrders returns the verdict of one random case.
func bothOrders(t *testing.T, s *mysqltest.Server, seed uint64) string {
	t.Helper()
	r := &invention{rand.New(rand.NewPCG(seed, 4))} //nolint:gosec // a test that can be repeated
	first := r.template()
	second := slices.Clone(first)
	for range 1 + r.IntN(3) {
		second = r.update(second)
	}
	patch := r.patch(first)
	name := fmt.Sprintf("r%d", seed)
	describe := func() string {
		return fmt.Sprintf("seed %d\nfirst:\n%s\nsecond:\n%s\npatch: %+v", seed, script(first), script(second), patch)
	}
	e := engineOn(t, s)
	publish(t, e, landlord.TemplateSpec{Name: name, Version: "1.0.0", Core: map[string]string{"1.sql": script(first)}})
	publish(t, e, landlord.TemplateSpec{Name: name, Version: "1.1.0", Core: map[string]string{"1.sql": script(second)}})
	spec := func(suffix, version string) landlord.TenantSpec {
		return landlord.TenantSpec{Slug: name + suffix, Name: name, Template: name + "@" + version, AllowDestructive: true}
	}
	customization := func(suffix string) customization.Spec {
		return customization.Spec{Tenant: name + suffix, Name: "own", Reason: "random", Patch: patch}
	}

	create(t, e, spec("a", "1.0.0"))
	if _, _, err := customize(t, engineOn(t, s), customization("a"), nil); err != nil {
		t.Logf("seed %d: no customization: %s", seed, strings.SplitN(explain(err), "\n", 2)[0])
		return "refused"
	}
	next := engineOn(t, s)
	tenant, err := next.Tenant(t.Context(), name+"a")
	if err != nil {
		t.Fatal(explain(err))
	}
	plan, tenant, err := update(t.Context(), next, spec("a", "1.1.0"), tenant)
	if err != nil {
		t.Errorf("the update of a customized tenant: %s\n%s", explain(err), describe())
		return "failed"
	}
	if tenant.UpdateStatus != landlord.UpdateCurrent {
		return plan.Verdict
	}

	create(t, e, spec("b", "1.0.0"))
	other := engineOn(t, s)
	b, err := other.Tenant(t.Context(), name+"b")
	if err != nil {
		t.Fatal(explain(err))
	}
	if _, _, err := update(t.Context(), other, spec("b", "1.1.0"), b); err != nil {
		t.Errorf("the update of a plain tenant: %s\n%s", explain(err), describe())
		return "failed"
	}
	if _, _, err := customize(t, engineOn(t, s), customization("b"), nil); err != nil {
		t.Errorf("the verdict was auto, but the customization does not go on top of the new version: %s\n%s", explain(err), describe())
		return "failed"
	}
	differences, err := engineOn(t, s).Differences(t.Context(), name+"a", name+"b")
	if err != nil {
		t.Fatal(explain(err))
	}
	if len(differences) > 0 {
		t.Errorf("the orders give different schemas (customized first, updated first):\n%s\n%s", strings.Join(differences, "\n"), describe())
	}
	return "auto"
}

// invention makes random templates and what could happen to them.
type invention struct{ *rand.Rand }

// inventedTable is a table, or a view when it has a query.
type inventedTable struct {
	name    string
	columns []string // name and type
	keys    []string
	query   string
}

func script(tables []inventedTable) string {
	var b strings.Builder
	for _, x := range tables {
		if x.query != "" {
			fmt.Fprintf(&b, "CREATE VIEW %s AS %s;\n", x.name, x.query)
			continue
		}
		fmt.Fprintf(&b, "CREATE TABLE %s (%s);\n", x.name, strings.Join(slices.Concat([]string{"id INT NOT NULL PRIMARY KEY"}, x.columns, x.keys), ", "))
	}
	return b.String()
}

func pick[T any](r *invention, from ...T) T { return from[r.IntN(len(from))] }

func (r *invention) column(name string) string {
	return name + " " + pick(r, "INT NULL", "BIGINT NULL", "VARCHAR(20) NULL", "VARCHAR(40) NOT NULL DEFAULT ''", "DATETIME NULL")
}

func columnName(column string) string { name, _, _ := strings.Cut(column, " "); return name }

func (r *invention) template() []inventedTable {
	var out []inventedTable
	for _, name := range []string{"ta", "tb", "tc"} {
		x := inventedTable{name: name}
		for _, c := range []string{"c1", "c2", "c3", "c4"}[:2+r.IntN(3)] {
			x.columns = append(x.columns, r.column(c))
		}
		if r.IntN(2) == 0 {
			x.keys = append(x.keys, "KEY k1 ("+columnName(pick(r, x.columns...))+")")
		}
		out = append(out, x)
	}
	return append(out, inventedTable{name: "v1", query: "SELECT id, " + columnName(pick(r, out[0].columns...)) + " AS x FROM ta"})
}

// update makes one change that leaves a template which works.
func (r *invention) update(from []inventedTable) []inventedTable {
	to := slices.Clone(from)
	at := r.IntN(len(to))
	x := to[at]
	x.columns, x.keys = slices.Clone(x.columns), slices.Clone(x.keys)
	free := func(column string) bool { // neither a key nor the view stands on it
		name := columnName(column)
		used := slices.ContainsFunc(x.keys, func(k string) bool { return strings.Contains(k, "("+name+")") })
		return !used && !slices.ContainsFunc(to, func(v inventedTable) bool {
			return v.query != "" && x.name == "ta" && strings.Contains(v.query, " "+name+" ")
		})
	}
	pool := []string{"p1", "p2", "p3"}
	switch what := r.IntN(8); {
	case x.query != "":
		x.query = "SELECT id, " + columnName(pick(r, to[0].columns...)) + " AS x FROM ta WHERE id > " + fmt.Sprint(r.IntN(9))
	case what <= 1:
		if name := pick(r, pool...); !slices.ContainsFunc(x.columns, func(c string) bool { return columnName(c) == name }) {
			x.columns = append(x.columns, r.column(name))
		}
	case what == 2:
		if c := r.IntN(len(x.columns)); free(x.columns[c]) && len(x.columns) > 1 {
			x.columns = slices.Delete(x.columns, c, c+1)
		}
	case what == 3:
		if c := r.IntN(len(x.columns)); free(x.columns[c]) {
			x.columns[c] = columnName(x.columns[c]) + " " + pick(r, "VARCHAR(60) NULL", "BIGINT NULL COMMENT 'wider'", "INT NULL COMMENT 'said'")
		}
	case what == 4:
		x.keys = append(x.keys, fmt.Sprintf("KEY k%d (%s)", 5+len(x.keys), columnName(pick(r, x.columns...))))
	case what == 5 && len(x.keys) > 0:
		x.keys = x.keys[1:]
	case what == 6 && x.name != "ta":
		return slices.Delete(to, at, at+1)
	default:
		name := pick(r, "own1", "own2", "new1")
		if !slices.ContainsFunc(to, func(y inventedTable) bool { return y.name == name }) {
			return slices.Insert(to, 0, inventedTable{name: name, columns: []string{r.column("c1")}})
		}
	}
	to[at] = x
	return to
}

// patch makes a customization of a template.
func (r *invention) patch(of []inventedTable) landlord.CustomizationPatch {
	p := landlord.CustomizationPatch{Tables: map[string]string{}, Views: map[string]string{}}
	for range 1 + r.IntN(3) {
		x := pick(r, of[:3]...)
		column := columnName(pick(r, x.columns...))
		switch r.IntN(5) {
		case 0:
			name, definition, _ := strings.Cut(r.column(pick(r, "p1", "p2", "p3")), " ")
			if !slices.ContainsFunc(p.Columns, func(c landlord.CustomizationColumn) bool { return c.Table == x.name && c.Name == name }) {
				p.Columns = append(p.Columns, landlord.CustomizationColumn{Table: x.name, Name: name, Definition: definition})
			}
		case 1:
			p.Indexes = append(p.Indexes, landlord.CustomizationIndex{Table: x.name, Name: fmt.Sprintf("own%d", len(p.Indexes)), Columns: []string{column}})
		case 2:
			p.Views[pick(r, "vown", "vown2")] = "SELECT id, " + column + " FROM " + x.name
		case 3:
			p.Views["vv"] = "SELECT x FROM v1"
		case 4:
			p.Tables["own1"] = "CREATE TABLE own1 (id INT NOT NULL PRIMARY KEY, p INT NULL, KEY kp (p), CONSTRAINT fk_own1 FOREIGN KEY (p) REFERENCES " + x.name + " (id))"
		}
	}
	return p
}
