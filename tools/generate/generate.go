//go:build generate

// Package generate pins the programs that make generated files. They are a module
// of their own, so that what they depend on never meets what the provider ships.
//
// `make generate` runs the lines below in this order: examples are pages of the
// documentation, the schema is printed by the provider itself, because a
// Terraform older than a feature does not print that feature, and the texts of
// errors and warnings are listed from the source.
package generate

//go:generate ../terraform.sh fmt -recursive ../../examples
//go:generate sh -c "cd ../.. && go run ./tools/schemajson >tools/generate/schema.json"
//go:generate go tool tfplugindocs generate --provider-dir ../.. --provider-name landlord --rendered-provider-name Landlord --providers-schema schema.json
//go:generate sh -c "cd ../.. && go run ./tools/diagnostics -to docs/design/diagnostics.md"
