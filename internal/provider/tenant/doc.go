// Package tenant has the resource of one tenant with its plan, the list and the
// data source of tenants, the repair of drift, and the short way past the framework
// for tenants with which nothing is to be done.
package tenant
