// Package checkpoint copies one database: it takes a consistent copy of its
// structure and rows as files, loads it again, and proves that what was loaded
// equals what was copied.
//
// It knows databases and nothing of tenants, templates or the registry; what a
// caller wants to remember about them travels in the labels of the manifest. It
// never stops other databases of the server: no global lock, no backup lock, no
// flush.
//
// What SQL means is for package ddl and for the server. What this package reads
// of a text itself is where statements of its own files end; script reads where the
// options of a printed table begin.
//
// # Parts
//
// Package value writes values as literals and sums rows up, script makes the
// structure of a database out of a value, session lends the connections. Two others stand beside this package and are not known to it:
// rowcopy copies rows between databases, replay brings a loaded checkpoint to a
// later moment.
//
// # A checkpoint
//
// A checkpoint is a directory. Its SQL files are what the standard clients load
// by themselves, in the order of their names:
//
//	for f in *.sql.zst; do zstd -dc "$f"; done | mysql --comments database
//
// The files are written into a directory with a temporary name, which gets its
// real name when every file is on the disk. So a directory with the real name
// is whole, and what a killed run leaves is known by its name.
package checkpoint
