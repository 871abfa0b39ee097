// Package account has how applications reach the database of a tenant: the resource
// of its accounts, credentials for one run, and the data source of connections.
package account
