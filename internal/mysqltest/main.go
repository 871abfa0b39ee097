package mysqltest

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"syscall"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/mysqltest/instance"
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
			// Nobody will see these data again: no need for an orderly end.
			_ = e.running.Kill()
			_ = os.RemoveAll(e.running.Dir)
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

// reserveDir makes a folder for a server of this process and locks a file in
// it for as long as the process lives. Folders whose lock is free belong to
// processes that were killed: they are removed.
func reserveDir() (string, error) {
	old, err := filepath.Glob(filepath.Join(os.TempDir(), "landlord-test-*"))
	if err != nil {
		return "", err
	}
	for _, dir := range old {
		if lockDir(dir) == nil {
			_ = os.RemoveAll(dir)
		}
	}
	dir, err := os.MkdirTemp("", "landlord-test-")
	if err != nil {
		return "", fmt.Errorf("creating a folder for the server: %w", err)
	}
	return dir, lockDir(dir)
}

// lockDir locks the file `owner` in dir without waiting. The descriptor stays
// open on purpose: the lock ends with the process.
func lockDir(dir string) error {
	f, err := os.OpenFile(filepath.Join(dir, "owner"), os.O_CREATE|os.O_RDWR|syscall.O_CLOEXEC, 0o600)
	if err != nil {
		return err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return err
	}
	return nil
}
