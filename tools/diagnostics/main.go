// Command diagnostics writes a page with every error and warning of the
// provider: its summary, the attribute that it points at, when it is said and
// what to do. It reads the source, and finds texts by the types that carry
// them, so that it knows nothing of how packages are cut.
//
// Its test fails when a text is compared as a whole in no test.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	root := flag.String("root", ".", "the directory of go.mod")
	to := flag.String("to", "", "the file to write")
	flag.Parse()
	if err := run(*root, *to); err != nil {
		fmt.Fprintln(os.Stderr, "diagnostics:", err)
		os.Exit(1)
	}
}

func run(root, to string) error {
	all, err := read(root)
	if err != nil {
		return err
	}
	if err := os.WriteFile(to, write(all), 0o644); err != nil { //nolint:gosec // a page of the documentation
		return fmt.Errorf("writing the page: %w", err)
	}
	return nil
}

// read returns the diagnostics of the source below a directory.
func read(root string) ([]diagnostic, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("finding the source: %w", err)
	}
	loaded, err := load(root, "./internal/...")
	if err != nil {
		return nil, err
	}
	return collect(newProgram(root, loaded)), nil
}
