// Package script has the structure of one database as a value, the statements that
// make it in a database that is empty, and the script of them that the standard
// client loads.
package script
