package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// writeTemplate writes the new version of the template: the built-in one and
// one file more.
func writeTemplate(dir string) error {
	sources, err := template.LoadBuiltin("basic")
	if err != nil {
		return fmt.Errorf("reading the built-in template: %w", err)
	}
	files := append(sources.Core, sources.Seeds...)
	for _, module := range sources.Modules {
		files = append(append(files, module.Files...), module.Seeds...)
	}
	for _, file := range append(files, template.File{Name: "core/900_bench.sql", SQL: rolloutSQL}) {
		path := filepath.Join(dir, filepath.FromSlash(file.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return fmt.Errorf("writing a template: %w", err)
		}
		if err := os.WriteFile(path, []byte(file.SQL), 0o600); err != nil {
			return fmt.Errorf("writing a template: %w", err)
		}
	}
	return nil
}
