// Package mysql talks to one MySQL or MariaDB server: it connects (pool, TLS,
// session settings), holds sessions and named locks, fences off connections of
// runs that died, turns server errors into predicates, and reads the structure
// of many databases in a handful of statements.
//
// It is the only package that knows the driver, the error numbers of the
// servers and the differences between the two products. It must not know what
// a tenant, a template or the landlord database is, and it parses no SQL beyond
// what is needed to remove a database's own name from a text.
//
// Passwords never leave it: no connection string is ever formatted, and the
// errors that it returns repeat neither the text near a syntax error nor what
// the caller marks with [WithSecrets].
package mysql
