// Package provider is the Terraform side of the project: schemas, models,
// plan modification, and the translation of the engine's structs and errors
// into Terraform's values and diagnostics.
//
// It translates and never decides. What a tenant or a template needs is the
// business of package landlord; this package knows neither SQL nor a server.
// Errors become diagnostics in diagnostics.go and nowhere else.
//
// Every factory builds everything anew and there are no package variables,
// because tests and the debug mode make many providers in one process.
package provider
