// Package privilege knows the accounts of a server: what they may do on a database, the
// statements that make, change, lock and drop them, how passwords are stored, whom a
// GRANT means that has wildcards in it, and how connections of an account are ended. It
// decides nothing about who should have an account.
package privilege
