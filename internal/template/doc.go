// Package template holds templates as values: it loads their files (from a
// directory, from inline maps, from the built-in ones), follows what they
// extend, chooses modules, orders everything into one composition, and says
// what is wrong with it, always with file, line and column.
//
// It owns the layout of a template on disk, the header of a module, the name
// and version of a template, its checksum and the choice of the explicit
// migration steps between two versions. The rules are written down in
// docs/design/templates.md.
//
// It reads template files and does no other input or output: no server, no
// clock, no log. It parses no SQL itself (package ddl does) and knows neither
// the landlord database nor Terraform.
package template
