// Package move is the feature that brings a tenant to another server: it plans the
// move, makes it, completes or takes back one that was cut off, and removes what
// moves have left. What is decided is in docs/design/moves.md.
package move
