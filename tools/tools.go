//go:build generate

// Package tools pins the programs that make generated files. They are a module
// of their own, so that what they depend on never meets what the provider ships.
//
// `make generate` runs the lines below in this order: examples are pages of the
// documentation, and the schema is printed by the provider itself, because a
// Terraform older than a feature does not print that feature.
package tools

//go:generate ./terraform.sh fmt -recursive ../examples
//go:generate sh -c "cd .. && go run ./internal/cmd/schemajson >tools/schema.json"
//go:generate go tool tfplugindocs generate --provider-dir .. --provider-name landlord --rendered-provider-name Landlord --providers-schema schema.json
