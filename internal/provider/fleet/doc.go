// Package fleet has the resource of many tenants and the actions on it: what may
// happen to each of its tenants is described by package tenant.
package fleet
