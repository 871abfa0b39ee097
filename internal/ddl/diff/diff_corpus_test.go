package diff_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/source"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
	"github.com/landlord-db/terraform-provider-landlord/tools/shared"
)

// TestDiff_corpus takes schemas as they are out there: each is equal to itself,
// is made from nothing by its migration, goes back to nothing, and one becomes
// the next where there are two releases.
func TestDiff_corpus(t *testing.T) {
	t.Parallel()
	corpus := shared.Path(t, "corpus") // schemas of real programs, and files with every construct that somebody could think of
	folders := shared.Paths(t, "corpus", "*")
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		b := newBench(t, s, s.Prefix)
		for _, folder := range folders {
			t.Run(filepath.Base(folder), func(t *testing.T) { b.runCorpus(t, folder) })
		}
		t.Run("employees to employees_partitioned", func(t *testing.T) {
			after := b.load(t, b.databases[1], filepath.Join(corpus, "employees_partitioned"))
			before := b.load(t, b.databases[0], filepath.Join(corpus, "employees"))
			b.migrate(t, before, after)
		})
	})
}

// load makes a database of the files of a folder. What a server does not know is
// left out: some files are written for one product.
func (b *bench) load(t *testing.T, database, folder string) ddl.Schema {
	t.Helper()
	b.build(t, database, "SET foreign_key_checks = 0", "")
	files, err := filepath.Glob(filepath.Join(folder, "*.sql"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		statements, err := source.Split(string(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, st := range statements {
			if st.Kind != "" { // no data, no other databases
				_ = b.exec(t.Context(), st.Text)
			}
		}
	}
	b.must(t, "SET foreign_key_checks = 1")
	return b.dump(t, database)
}

func (b *bench) runCorpus(t *testing.T, folder string) {
	t.Helper()
	full := b.load(t, b.databases[0], folder)
	if len(full.Objects) == 0 {
		t.Fatal("nothing was loaded")
	}
	if m := b.diff(t, full, full); !m.Empty() {
		t.Errorf("differs from itself: %q", m.Statements())
	}
	empty := b.build(t, b.databases[1], "", "")
	b.migrate(t, empty, full)
	b.migrate(t, full, empty)
	t.Logf("%d objects", len(full.Objects))
}

// migrate runs a migration in the current database.
func (b *bench) migrate(t *testing.T, from, to ddl.Schema) {
	t.Helper()
	m := b.diff(t, from, to)
	if failed, err := b.apply(t, m); err != nil {
		t.Fatalf("%s: %v", failed, err)
	}
	var database string
	if err := b.session.Row(t.Context(), "SELECT DATABASE()").Scan(&database); err != nil {
		t.Fatal(err)
	}
	b.converged(t, &pair{}, "there", b.dump(t, database), to)
}

func (b *bench) diff(t *testing.T, from, to ddl.Schema) *diff.Migration {
	t.Helper()
	m, err := diff.Diff(from, to, b.ddl, diff.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}
