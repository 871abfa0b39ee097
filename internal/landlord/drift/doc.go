// Package drift compares what a server has with what the registry recorded after
// the last successful change: drift with what it breaks and the SQL that settles
// it, snapshots of schemas with the origin of each object, and history. It only
// reads.
package drift
