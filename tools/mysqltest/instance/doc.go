// Package instance finds, downloads, starts and stops private MySQL and MariaDB
// servers: for the tests, and for the demonstration on a machine that has no
// server. Nothing is installed and no step needs root: the packages of the
// Debian archive are unpacked into the user's cache folder, and the server runs
// through the dynamic loader that was unpacked with it, so it does not depend
// on the libraries of the machine.
//
// It knows nothing of tests (package mysqltest does) and nothing of landlords
// and tenants. It listens on the loopback address only.
package instance
