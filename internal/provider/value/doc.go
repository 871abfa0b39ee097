// Package value turns plain values into those of Terraform and back, and settles
// which of two equal ones a state keeps.
//
// It builds values directly, without reflection: that runs for every tenant in
// every plan. It knows no schema.
package value
