package provider

// reportEngine is what the reports need of the engine.
type reportEngine interface {
	fleetDrift
	histories
	isolationReports
	previews
	snapshots
	tenantDrift
	tenantHealths
}
