// Package apply is the only way to change a database: it opens one (the turn of
// the process, the lock of the server, a server that takes writes, the end of
// what an earlier run left), runs recorded steps, verifies, and closes. It knows
// no feature: what is to be done comes as steps.
package apply
