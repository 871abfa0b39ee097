// Package provider is the Terraform side of the project: it configures the engine,
// serves the protocol and registers what the packages below it have, one for each
// subject of the engine. Schemas, models, plan modification and the translation of
// the engine's structs and errors are there.
//
// It translates and never decides. What a tenant or a template needs is the
// business of package landlord; this package knows neither SQL nor a server.
//
// Every factory builds everything anew and there are no package variables,
// because tests and the debug mode make many providers in one process.
package provider
