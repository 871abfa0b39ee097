// Package engine wires the rooms of the estate and gives the doors one method a
// verb. It decides nothing.
package engine
