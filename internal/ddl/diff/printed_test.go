package diff_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
)

// printedSchemas is what one kind of server printed of databases, by the script that
// made them. `-update` writes it anew, so that tests need no server for it.
type printedSchemas struct {
	Server  ddl.Server            `json:"server"`
	Schemas map[string]ddl.Schema `json:"schemas"`
}

// printedKinds are the kinds of servers with a file each. What the second MariaDB
// prints as the first one does stands in the file of the first one only.
var printedKinds = []string{"mysql-9.7", "mariadb-11.8", "mariadb-10.11"}

const (
	firstMariaDB  = "mariadb-11.8"
	secondMariaDB = "mariadb-10.11"
)

var recording = struct {
	sync.Mutex

	kinds map[string]*printedSchemas
}{kinds: map[string]*printedSchemas{}}

// readPrinted reads the files; kinds without a file are left out.
var readPrinted = sync.OnceValue(func() map[string]*printedSchemas {
	out := map[string]*printedSchemas{}
	for _, kind := range printedKinds {
		text, err := os.ReadFile(printedPath(kind))
		if err != nil {
			continue
		}
		p := &printedSchemas{}
		if err := json.Unmarshal(text, p); err != nil {
			panic(err)
		}
		out[kind] = p
	}
	if first, second := out[firstMariaDB], out[secondMariaDB]; first != nil && second != nil {
		for script, s := range first.Schemas {
			if _, ok := second.Schemas[script]; !ok {
				second.Schemas[script] = s
			}
		}
	}
	return out
})

func printedPath(kind string) string { return filepath.Join("testdata", "printed", kind+".json") }

// printedScript is the name of a script in a file.
func printedScript(parts ...string) string { return strings.TrimSpace(strings.Join(parts, "\n")) }

// record keeps what a server printed when the files are to be written anew.
func record(b *bench, script string, s ddl.Schema) {
	if !*update {
		return
	}
	recording.Lock()
	defer recording.Unlock()
	p := recording.kinds[b.kind]
	if p == nil {
		p = &printedSchemas{Server: b.ddl, Schemas: map[string]ddl.Schema{}}
		recording.kinds[b.kind] = p
	}
	p.Schemas[script] = s
}

// writePrinted writes what was recorded when the test is over.
func writePrinted(t *testing.T) {
	t.Helper()
	t.Cleanup(func() {
		recording.Lock()
		defer recording.Unlock()
		first := map[string]ddl.Schema{} // what the first MariaDB prints, now or before
		for _, p := range []*printedSchemas{readPrinted()[firstMariaDB], recording.kinds[firstMariaDB]} {
			if p != nil {
				maps.Copy(first, p.Schemas)
			}
		}
		for kind, p := range recording.kinds {
			all := &printedSchemas{Server: p.Server, Schemas: map[string]ddl.Schema{}}
			if old := readPrinted()[kind]; old != nil {
				maps.Copy(all.Schemas, old.Schemas)
			}
			maps.Copy(all.Schemas, p.Schemas)
			if kind == secondMariaDB {
				maps.DeleteFunc(all.Schemas, func(script string, s ddl.Schema) bool { return reflect.DeepEqual(first[script], s) })
			}
			var b bytes.Buffer
			e := json.NewEncoder(&b)
			e.SetEscapeHTML(false)
			e.SetIndent("", " ")
			if err := e.Encode(all); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(printedPath(kind), b.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// onPrinted runs a test for each kind of server with what it printed.
func onPrinted(t *testing.T, run func(t *testing.T, kind string, p *printedSchemas)) {
	t.Helper()
	all := readPrinted()
	if len(all) != len(printedKinds) {
		t.Fatalf("%d files in testdata/printed, want %d", len(all), len(printedKinds))
	}
	for _, kind := range slices.Sorted(maps.Keys(all)) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			run(t, kind, all[kind])
		})
	}
}

// schema returns what the server printed of a database.
func (p *printedSchemas) schema(t *testing.T, script ...string) ddl.Schema {
	t.Helper()
	s, ok := p.Schemas[printedScript(script...)]
	if !ok {
		t.Fatal("nothing was recorded of this script; run the tests with a server and -args -update")
	}
	return s
}
