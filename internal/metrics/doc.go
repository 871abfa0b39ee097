// Package metrics is the door that Prometheus enters by: it tells the health of
// tenants as metrics, in the names and units of its conventions. It decides
// nothing.
package metrics
