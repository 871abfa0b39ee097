// Package landlord is the engine: it knows the landlord database (the
// registry), plans and applies what templates ask of tenant databases, and
// keeps the ledger that lets an interrupted run go on where it stopped.
//
// It decides; it never parses SQL (package ddl does) and never talks to a
// socket (package mysql does). It knows nothing of Terraform: package provider
// translates its plain structs and its errors.
package landlord
