// Package overview reads an estate as people look at it: all tenants with where
// they stand, all templates, checkpoints, approvals and rollouts, each in a
// constant number of statements. It records who did what on a page, and changes
// no tenant.
package overview
