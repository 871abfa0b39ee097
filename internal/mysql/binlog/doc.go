// Package binlog reads the binary log of a server: where it ends now, whether
// the changes of one database can be replayed from it, and what it holds from a
// position on, as values.
//
// It is the only package that knows the protocol of replication and the library
// that speaks it. It must not know what becomes of the events: it neither
// changes a server nor judges a statement. Events of databases that nobody
// asked for are not taken apart, so that what a neighbor stores can neither slow
// a reader down nor stop it.
//
// The connection takes no part in replication. It asks as mysqlbinlog does,
// with the server id 0, so it never displaces a replica, and it ends where the
// log ends instead of waiting for more.
package binlog
