// Package adopt finds what the databases of an estate have in common, and writes
// the configuration that takes them over as they are: the releases of one template,
// what single databases have beside their release, and what cannot be adopted. It
// is pure: schemas in, files out. It asks no server, and does not know who does.
package adopt
