// Package report has the data sources that tell something and change nothing: drift,
// health, isolation, history, schemas, and what a migration would do.
package report

// Engine is what the reports need of the engine.
type Engine interface {
	fleetDrift
	histories
	isolationReports
	previews
	snapshots
	tenantDrift
	tenantHealths
}
