// Package restore brings a tenant back to a checkpoint or to a moment, beside it
// or in its place, and goes back over a migration. It completes what a run that
// was cut off has left.
package restore
