// Package registry is the landlord database: every statement on its tables, one
// file a table, and the servers that have one, with the queue in which whatever
// touches a tenant waits its turn. It knows what a row means and
// nothing of what is done with it: no plan, no job, no feature.
package registry
