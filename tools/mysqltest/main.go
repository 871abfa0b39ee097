package mysqltest

import (
	"fmt"
	"os"
	"sort"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

// Run runs the tests of a package, then stops the servers that they started
// and says which kinds were missing. Use it in every package that uses this
// one:
//
//	func TestMain(m *testing.M) { mysqltest.Run(m) }
//
// Without it the servers still end with the process, but their data stay until
// the next run of any test sweeps them away.
func Run(m *testing.M) {
	code := m.Run()
	shared.close()
	shared.report()
	os.Exit(code)
}

func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.entries {
		if e.running != nil {
			if err := e.running.Close(); err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
		}
	}
}

func (p *pool) report() {
	p.mu.Lock()
	defer p.mu.Unlock()
	var kinds []string
	for kind := range p.missing {
		kinds = append(kinds, string(kind))
	}
	sort.Strings(kinds)
	for _, kind := range kinds {
		fmt.Fprintf(os.Stderr, "\n*** NOT TESTED on %s: %s\n", kind, p.missing[instance.Kind(kind)])
	}
}
