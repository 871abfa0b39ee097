package ddl_test

import (
	"encoding/json"
	"fmt"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

// fact is one row for a Hasher.
type fact struct {
	database, kind, object, source string
	values                         [][]byte
}

func values(texts ...string) [][]byte {
	out := make([][]byte, len(texts))
	for i, s := range texts {
		if s != "NULL" {
			out[i] = []byte(s)
		}
	}
	return out
}

func fingerprints(facts ...fact) map[string]ddl.Fingerprint {
	h := ddl.NewHasher(ddl.MySQL)
	for _, f := range facts {
		h.Add(f.database, f.kind, f.object, f.source, f.values)
	}
	return h.Fingerprints()
}

func TestHasher(t *testing.T) {
	t.Parallel()
	base := []fact{
		{"a", "database", "", "schemata", values("utf8mb4", "utf8mb4_unicode_ci")},
		{"a", "table", "users", "columns", values("1", "id", "NULL")},
		{"a", "table", "users", "columns", values("2", "name", "")},
		{"a", "table", "users", "statistics", values("1", "id")},
		{"a", "view", "v", "views", values("select 1")},
	}
	with := func(i int, f fact) []fact {
		out := append([]fact(nil), base...)
		out[i] = f
		return out
	}
	cases := map[string]struct {
		facts []fact
		want  []string // objects that differ from base
	}{
		"same":            {base, nil},
		"another order":   {[]fact{base[4], base[3], base[2], base[1], base[0]}, nil},
		"value":           {with(2, fact{"a", "table", "users", "columns", values("2", "nome", "")}), []string{"table users"}},
		"NULL and empty":  {with(2, fact{"a", "table", "users", "columns", values("2", "name", "NULL")}), []string{"table users"}},
		"where it splits": {with(2, fact{"a", "table", "users", "columns", values("2n", "ame", "")}), []string{"table users"}},
		"source":          {with(3, fact{"a", "table", "users", "columns", values("1", "id")}), []string{"table users"}},
		"a row twice":     {append([]fact{base[1]}, base...), []string{"table users"}},
		"a row thrice":    {append([]fact{base[1], base[1]}, base...), []string{"table users"}},
		"database":        {with(0, fact{"a", "database", "", "schemata", values("latin1", "latin1_bin")}), []string{"database"}},
		"kind":            {with(4, fact{"a", "table", "v", "views", values("select 1")}), []string{"table v", "view v"}},
		"object missing":  {base[:4], []string{"view v"}},
	}
	want := fingerprints(base...)["a"]
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := fingerprints(tc.facts...)["a"]
			var differ []string
			for _, key := range []string{"database", "table users", "table v", "view v"} {
				if got.Objects[key] != want.Objects[key] {
					differ = append(differ, key)
				}
			}
			if diff := cmp.Diff(tc.want, differ); diff != "" {
				t.Errorf("objects that differ (-want +got):\n%s", diff)
			}
			if same := got.Whole == want.Whole; same != (tc.want == nil) {
				t.Errorf("whole fingerprint equal: %t", same)
			}
		})
	}
}

// TestHasher_format pins the format: a change needs another version in front.
func TestHasher_format(t *testing.T) {
	t.Parallel()
	got := fingerprints(
		fact{"a", "database", "", "schemata", values("utf8mb4")},
		fact{"a", "table", "users", "columns", values("id", "NULL", "")},
	)
	want := map[string]ddl.Fingerprint{"a": {
		Whole:   "v1:ece64510772b2de710c24666eba26a307c6e1be657720ecd71739d333f3f86e6",
		Objects: map[string]string{"database": "144675d7643968e176cffd4f", "table users": "644ed52c801f5a056b22dc80"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fingerprint (-want +got):\n%s", diff)
	}
	if n := len(got["a"].Whole); n > 80 {
		t.Errorf("whole fingerprint has %d characters, at most 80 fit", n)
	}
}

func TestHasher_products(t *testing.T) {
	t.Parallel()
	add := func(p ddl.Product) string {
		h := ddl.NewHasher(p)
		h.Add("a", "table", "t", "columns", values("id"))
		return h.Fingerprints()["a"].Whole
	}
	if add(ddl.MySQL) == add(ddl.MariaDB) {
		t.Error("two products have the same fingerprint")
	}
}

func TestFingerprintOf(t *testing.T) {
	t.Parallel()
	whole := fingerprints(fact{"a", "table", "t", "columns", values("id")}, fact{"a", "view", "v", "views", values("x")})["a"]
	if got := ddl.FingerprintOf(whole.Objects); got.Whole != whole.Whole {
		t.Errorf("of the same objects: %s, want %s", got.Whole, whole.Whole)
	}
	body, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	var back ddl.Fingerprint
	if err := json.Unmarshal(body, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(whole, back); diff != "" {
		t.Errorf("through JSON (-want +got):\n%s", diff)
	}
}

// TestHasher_memory: 10,000 databases have to fit.
func TestHasher_memory(t *testing.T) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	h := ddl.NewHasher(ddl.MySQL)
	row := values("1", "id", "NULL", "int unsigned")
	for db := range 10_000 {
		name := fmt.Sprintf("tenant_%d", db)
		for object := range 15 {
			table := fmt.Sprintf("table_%d", object)
			h.Add(name, "table", table, "columns", row)
		}
	}
	found := h.Fingerprints()
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(h)
	if len(found) != 10_000 {
		t.Fatalf("%d databases", len(found))
	}
	if used := int64(after.HeapAlloc) - int64(before.HeapAlloc); used > 64<<20 {
		t.Errorf("10,000 databases of 15 objects take %d MiB, at most 64", used>>20)
	}
}
