package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// writeTemplate writes the new version of the template: the built-in one and
// one file more.
func writeTemplate(dir string) error {
	sources, err := template.LoadBuiltin("basic")
	if err != nil {
		return fmt.Errorf("reading the built-in template: %w", err)
	}
	all := slices.Concat(sources.Core, sources.Seeds)
	for _, module := range sources.Modules {
		all = slices.Concat(all, module.Files, module.Seeds)
	}
	files := map[string]string{"core/900_bench.sql": rolloutSQL}
	for _, file := range all {
		files[file.Name] = file.SQL
	}
	return writeFiles(dir, files)
}

// writeFiles writes files by their path in a directory.
func writeFiles(dir string, files map[string]string) error {
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return fmt.Errorf("writing a template: %w", err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return fmt.Errorf("writing a template: %w", err)
		}
	}
	return nil
}
