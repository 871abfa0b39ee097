// Package checkpoint has the resources and actions of checkpoints and of restores
// from them.
package checkpoint
