// Package tenant plans, makes, updates and removes tenants: the policies that
// say what may run, approvals, adoption, and what a person has to be told.
package tenant
