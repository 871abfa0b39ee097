// Package mysql talks to one MySQL or MariaDB server: it connects (pool, TLS,
// session settings), holds sessions and named locks, fences off connections of
// runs that died, and turns server errors into predicates. What a connection is
// asked for has packages of its own: catalog, privilege and binlog. Which account
// and which state a statement gives to a program, package program reads in its text.
//
// It and they are the only ones that know the driver, the error numbers of the
// servers and the differences between the two products. It must not know what
// a tenant, a template or the landlord database is.
//
// Passwords never leave it: no connection string is ever formatted, and the
// errors that it returns repeat neither the text near a syntax error nor what
// the caller marks with [WithSecrets].
package mysql
