package source_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source/dump"
)

// estate is the server of the cases in testdata/guard.
func estate(product ddl.Product) ddl.Server {
	version := map[ddl.Product]string{ddl.MySQL: "9.7.4", ddl.MariaDB: "10.11.19-MariaDB"}[product]
	return ddl.Server{Product: product, Version: version, Others: &ddl.Others{Names: []string{"landlord", "billing"}, Prefixes: []string{"shop_", ""}}}
}

// guardCase is a case of a file in testdata/guard.
type guardCase struct {
	layer     source.Layer
	name, sql string
}

func guardCases(t testing.TB, file string) []guardCase {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "guard", file))
	if err != nil {
		t.Fatal(err)
	}
	var out []guardCase
	for _, part := range strings.Split(string(text), "\n=== ")[1:] {
		head, sql, _ := strings.Cut(part, "\n")
		layer, name, ok := strings.Cut(head, ": ")
		if !ok {
			t.Fatalf("%s: no layer, or no statement: %s", file, part)
		}
		out = append(out, guardCase{source.Layer(layer), name, strings.TrimSpace(sql)})
	}
	return out
}

// guarded returns what is wrong with a text in database shop_a.
func guarded(text string, layer source.Layer, srv ddl.Server) []source.Fault {
	if layer == source.LayerCustomization {
		_, faults := taken(guardCase{layer: layer, sql: text}, srv, "shop_a")
		return faults
	}
	statements, faults := source.Parse(text, srv)
	for _, st := range statements {
		faults = append(faults, source.Guard(st, source.Rules{Layer: layer, Databases: []string{"shop_a"}})...)
	}
	return faults
}

// TestGuard_refused: what reaches out is refused on every product; and but for
// names that need not be databases, also when nobody told which databases there are.
func TestGuard_refused(t *testing.T) {
	t.Parallel()
	for _, tc := range guardCases(t, "refused.txt") {
		for _, product := range []ddl.Product{ddl.MySQL, ddl.MariaDB} {
			srv := estate(product)
			if !source.HasErrors(guarded(tc.sql, tc.layer, srv)) {
				t.Errorf("%s, %s: accepted on %s: %s", tc.layer, tc.name, product, tc.sql)
			}
			srv.Others = nil
			if !strings.HasPrefix(tc.name, "alias ") && !source.HasErrors(guarded(tc.sql, tc.layer, srv)) {
				t.Errorf("%s, %s: accepted on %s without knowing the databases: %s", tc.layer, tc.name, product, tc.sql)
			}
		}
	}
}

// TestGuard_attacks: what somebody who knows the guard would try is refused on every
// product.
func TestGuard_attacks(t *testing.T) {
	t.Parallel()
	for _, tc := range slices.Concat(guardCases(t, "attacks.txt"), guardCases(t, "corners.txt"), guardCases(t, "syntax.txt"), guardCases(t, "server.txt"), guardCases(t, "further.txt")) {
		for _, product := range []ddl.Product{ddl.MySQL, ddl.MariaDB} {
			for _, srv := range []ddl.Server{estate(product), withoutOthers(estate(product))} {
				if srv.Others == nil && strings.HasPrefix(tc.name, "alias ") {
					continue
				}
				if !refused(tc, srv) {
					t.Errorf("%s, %s: accepted on %s, databases known: %v: %s", tc.layer, tc.name, product, srv.Others != nil, tc.sql)
				}
			}
		}
	}
}

// TestGuard_idioms: what applications and their tools write is accepted.
func TestGuard_idioms(t *testing.T) {
	t.Parallel()
	for _, tc := range slices.Concat(guardCases(t, "idioms.txt"), guardCases(t, "usual.txt")) {
		for _, product := range []ddl.Product{ddl.MySQL, ddl.MariaDB} {
			other := map[ddl.Product]string{ddl.MySQL: "MariaDB, ", ddl.MariaDB: "MySQL, "}[product]
			for _, srv := range []ddl.Server{estate(product), withoutOthers(estate(product))} {
				if faults := judged(tc, srv); source.HasErrors(faults) && !strings.HasPrefix(tc.name, other) {
					t.Errorf("%s, %s, on %s, databases known: %v: %s\n%s", tc.layer, tc.name, product, srv.Others != nil, faults, tc.sql)
				}
			}
		}
	}
}

// judged returns what is wrong with a case in the place where it stands.
func judged(tc guardCase, srv ddl.Server) []source.Fault {
	if tc.layer == layerWhere {
		if _, err := source.PredicateTables(tc.sql, srv); err != nil {
			return []source.Fault{{Severity: source.SeverityError, Detail: err.Error()}}
		}
		return nil
	}
	_, faults := taken(tc, srv, "shop_a")
	return faults
}

// taken takes a text apart as the place where it stands does: a customization may
// name its database, files of a template are read as dumps are. What a fault asks to
// leave out is not among the statements.
func taken(tc guardCase, srv ddl.Server, own string) ([]source.Statement, []source.Fault) {
	if tc.layer == source.LayerCustomization {
		return source.ParseOwn(tc.sql, srv, source.Rules{Layer: tc.layer, Databases: []string{own}})
	}
	file := dump.Parse(tc.sql, tc.layer, srv)
	var out []source.Statement
	faults := file.Faults
	judge := func(layer source.Layer, statements []source.Statement) {
		for _, st := range statements {
			found := source.Guard(st, source.Rules{Layer: layer})
			if faults = append(faults, found...); !source.Ignored(found) {
				out = append(out, st)
			}
		}
	}
	judge(tc.layer, file.Schema)
	judge(source.LayerSeed, file.Rows)
	return out, faults
}

// layerWhere is the layer of conditions of data copies in the files of cases.
const layerWhere source.Layer = "where"

// refused says whether a case is refused.
func refused(tc guardCase, srv ddl.Server) bool { return source.HasErrors(judged(tc, srv)) }

func withoutOthers(srv ddl.Server) ddl.Server {
	srv.Others = nil
	return srv
}

// TestGuard_accepted: what stays at home is accepted on every product.
func TestGuard_accepted(t *testing.T) {
	t.Parallel()
	for _, tc := range guardCases(t, "accepted.txt") {
		for _, product := range []ddl.Product{ddl.MySQL, ddl.MariaDB} {
			for _, f := range guarded(tc.sql, tc.layer, estate(product)) {
				t.Errorf("%s, %s, on %s: %s\n\t%s", tc.layer, tc.name, product, f, tc.sql)
			}
		}
	}
}
