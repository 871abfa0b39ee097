// Package session is what every resource, data source and action of the provider
// works with: the part of the engine that it asks for, what a run keeps beside a
// state, the digest by which people agree to what an action does, and the words of
// the engine as diagnostics.
//
// Errors of the engine become diagnostics here and nowhere else. It knows no resource.
package session
