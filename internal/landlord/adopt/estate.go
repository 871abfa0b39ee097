package adopt

import (
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// Database is a database that was found.
type Database struct {
	Server, Name string // key of the server, empty for the main one
	// Schema is what the server prints, the same pointer for databases with the same
	// fingerprint; nil with a Problem.
	Schema    *ddl.Schema
	Tables    int
	Rows      int64 // estimates of the storage engine
	Bytes     int64
	ZeroDates []string // tables whose rows hold dates without a month or a day
	Unread    string   // why some rows were not searched for those; empty when all were
	// Problem says why it is not adopted, Next what to do; empty when nothing is in
	// the way so far.
	Problem, Next string
}

// Options say how an estate is taken apart.
type Options struct {
	Template string // name of the template
	Prefix   string // of the provider: what it puts before a slug
	Common   string // what the names of the databases begin with, which slugs leave out
	// Least is how many databases make a structure a release, 0 for a twentieth of
	// all of them and at least two. The most common structure always is one.
	Least int
	// Fleet is how many tenants of a kind are written as a fleet, 0 for never.
	Fleet int
	// Taken are slugs that tenants have already.
	Taken []string
	// Server is whose SQL the schemas are.
	Server ddl.Server
	// Judge says why a customization cannot be declared; nil asks nobody.
	Judge func(patch landlord.CustomizationPatch, database string) error
}

// Release is a version of the template: a structure that several databases have.
type Release struct {
	Version string
	Schema  ddl.Schema
	Files   map[string]string // of the template, by their names in its directory
	Open    []string          // tables whose rows customizations change
	Tenants int               // that are pinned to it
	SQLMode string            // of the template; empty for the strict one
}

// Tenant is a database that is adopted.
type Tenant struct {
	Slug, Database, Server string
	Named                  bool   // the slug does not make the name of the database
	Version                string // of the template
	Class                  *Class
	Patch                  *landlord.CustomizationPatch // nil: it has nothing of its own
	Keeps                  []ddl.Place                  // in which it differs from the release, and stays as it is
}

// Class is all databases with the same structure.
type Class struct {
	Name      string // short fingerprint
	Version   string // of the release that is nearest; empty when none is near
	Databases []*Database
	Bytes     int64
	Differs   []landlord.Difference // from the release
	Left      []Finding             // what is no part of any customization; Database is empty

	schema *ddl.Schema
	patch  *landlord.CustomizationPatch
	keeps  []ddl.Place
	open   []string // tables of the release with triggers of its own
}

// Finding is something that cannot be taken over.
type Finding struct {
	Server, Database string
	Object           string // for people; empty for the whole database
	Reason, Next     string
	Blocks           bool // the database is not adopted; else the thing stays in it and is not declared
}

// Plan is what adopting an estate comes to.
type Plan struct {
	Options
	Releases []*Release // the oldest first
	Classes  []*Class   // the largest first
	Tenants  []*Tenant  // by slug
	Findings []Finding  // by server, database and object
	Found    int        // databases
}
