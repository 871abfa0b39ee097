// Package fleet plans and changes many tenants as one: a list of tenants that
// share a template and policies. What equal tenants have in common is planned
// and told once.
package fleet
