// Package catalog keeps what a row of statements defines and needs: it finds names
// that are taken, references that point to nothing, foreign keys that a server
// refuses, and changes of what another layer defines. Its statements come from
// package source.
package catalog
