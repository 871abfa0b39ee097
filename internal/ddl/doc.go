// Package ddl holds SQL schemas as values: what a server prints of a database,
// tables taken apart into columns, keys, constraints and options, the types of
// columns and what is lost between two of them, names of places in a schema,
// fingerprints, and the settings that a server keeps with an object.
//
// It is pure, and so are its parts: no input or output, no clock, no log, no
// server. They know nothing of templates, tenants, Terraform or the landlord
// database; callers give them text and rows and get values back. What people
// write is read by package source; two schemas are compared by package diff.
// Neither knows the other.
package ddl
