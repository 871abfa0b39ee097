// Package publish compiles, proves and publishes versions of templates, with
// their materialized copies. A published version never changes.
package publish
