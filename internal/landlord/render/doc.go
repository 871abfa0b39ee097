// Package render asks a server what a composition is: its statements run in a
// scratch database and are read back, seeds included. That proves that they work
// on this very server, and gives the schema in the server's own spelling. It
// writes nothing but scratch databases, and SQL for people to read.
package render
