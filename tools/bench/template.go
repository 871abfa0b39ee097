package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// smallSQL is a template of two tables, which rolloutSQL changes too.
const smallSQL = `CREATE TABLE users (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  email VARCHAR(190) NOT NULL,
  UNIQUE KEY uq_users_email (email)
);

CREATE TABLE system_settings (
  setting_key VARCHAR(100) NOT NULL PRIMARY KEY,
  setting_value TEXT NOT NULL,
  updated_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
);
`

// writeTemplates writes the template of the new version, the old one and one file
// more, and the old one where it is not built in.
func (b *bench) writeTemplates() error {
	files := map[string]string{"core/001_small.sql": smallSQL}
	if b.small {
		if err := writeFiles(b.source(), files); err != nil {
			return err
		}
	} else if err := readBuiltin(files); err != nil {
		return err
	}
	files["core/900_bench.sql"] = rolloutSQL
	return writeFiles(b.template(), files)
}

// readBuiltin puts the files of the built-in template in the place of others.
func readBuiltin(files map[string]string) error {
	sources, err := template.LoadBuiltin("basic")
	if err != nil {
		return fmt.Errorf("reading the built-in template: %w", err)
	}
	all := slices.Concat(sources.Core, sources.Seeds)
	for _, module := range sources.Modules {
		all = slices.Concat(all, module.Files, module.Seeds)
	}
	clear(files)
	for _, file := range all {
		files[file.Name] = file.SQL
	}
	return nil
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
