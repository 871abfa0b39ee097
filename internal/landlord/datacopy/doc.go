// Package datacopy copies named tables from one tenant to another, also on
// another server. How rows are copied is package checkpoint's.
package datacopy
