package template

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
)

// Checksum returns `sha256:` and the sum, in hexadecimal, of what the template
// does to a database: its files, what it extends, its frozen tables, its
// extension points and its sql_mode. Name,
// version, type, descriptions and the levels that need an approval do not
// count. It is the same whether the template came from a directory, from inline
// maps or from the JSON in which it was published.
func (t Template) Checksum() string {
	h := sha256.New()
	write(h, "landlord template 1", t.Extends)
	if t.Parent != nil {
		write(h, t.Parent.Checksum())
	}
	for _, table := range sortedSet(t.FrozenTables) {
		write(h, "frozen", table)
	}
	for _, table := range sortedSet(t.ExtensionPoints) {
		write(h, "extension point", table)
	}
	if t.SQLMode != "" {
		write(h, "sql mode", t.SQLMode)
	}
	files := t.contents()
	for _, name := range keys(files) {
		write(h, "file", name, files[name])
	}
	return digest(h)
}

// contents returns the text of every file by name, without what does not count.
func (t Template) contents() map[string]string {
	files := t.texts()
	for _, m := range t.Modules {
		for _, f := range m.Files {
			files[f.Name] = withoutDescription(f.SQL)
		}
	}
	return files
}

// texts returns the text of every file by name.
func (t Template) texts() map[string]string {
	files := map[string]string{}
	add := func(list []File) {
		for _, f := range list {
			files[f.Name] = f.SQL
		}
	}
	add(t.Core)
	add(t.Seeds)
	for _, m := range t.Modules {
		add(m.Files)
		add(m.Seeds)
	}
	for _, m := range t.Migrations {
		files[m.Name] = m.SQL
	}
	return files
}

// ChangedFiles returns the names of the files that differ between two states of
// one version, in order: changed, added and removed ones. It is empty when only
// attributes differ; see ChangedAttributes.
func ChangedFiles(was, is Template) []string {
	before, after := was.contents(), is.contents()
	var changed []string
	for name, text := range after {
		if old, ok := before[name]; !ok || old != text {
			changed = append(changed, name)
		}
	}
	for name := range before {
		if _, ok := after[name]; !ok {
			changed = append(changed, name)
		}
	}
	slices.Sort(changed)
	return changed
}

// ChangedAttributes returns the attributes, by their names in a configuration,
// that differ between two states of one version and count for the checksum.
func ChangedAttributes(was, is Template) []string {
	var changed []string
	if was.Extends != is.Extends || checksumOf(was.Parent) != checksumOf(is.Parent) {
		changed = append(changed, "extends")
	}
	if !slices.Equal(sortedSet(was.FrozenTables), sortedSet(is.FrozenTables)) {
		changed = append(changed, "frozen_tables")
	}
	if !slices.Equal(sortedSet(was.ExtensionPoints), sortedSet(is.ExtensionPoints)) {
		changed = append(changed, "extension_points")
	}
	if was.SQLMode != is.SQLMode {
		changed = append(changed, "sql_mode")
	}
	return changed
}

func checksumOf(t *Template) string {
	if t == nil {
		return ""
	}
	return t.Checksum()
}

// write adds texts to a sum, each with its length in front, so that no two
// lists of texts add the same bytes.
func write(h hash.Hash, texts ...string) {
	for _, text := range texts {
		_, _ = fmt.Fprintf(h, "%d:%s", len(text), text) // a hash returns no error
	}
}

func digest(h hash.Hash) string { return "sha256:" + hex.EncodeToString(h.Sum(nil)) }
