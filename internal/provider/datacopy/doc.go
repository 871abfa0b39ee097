// Package datacopy has the resource that copies rows from one tenant to another.
package datacopy
