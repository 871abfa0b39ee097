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
// of a text itself is where statements of its own files end, where the options
// of a printed table begin, whether a printed event is enabled, and, when a log
// is replayed, the words of a statement up to and around the names in it.
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
//
// # Values
//
// Values are copied as exact literals, see [Column]. The checksum of a table is
// the sum, modulo 2^128, of the first 128 bits of the SHA-256 of the literals of
// each row, in the form `(1,'a',NULL)`. It does not depend on the order of the
// rows, is computed from what is written while dumping, and is computed again
// from what a restored table holds.
package checkpoint
