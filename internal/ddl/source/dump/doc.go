// Package dump takes files of SQL apart as people have them: dumps of both products
// and shipped schema files, with what the mysql client or the dump put round the
// objects. What it makes of them are statements of package source.
package dump
