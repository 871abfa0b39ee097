// Package diff computes with two or three schemas of one server: Diff makes the
// statements that turn one into the other, in an order in which they can run,
// each with its risk and with the questions to the database that tell beforehand
// whether it fails and what it loses. Compare names the differences, Merge brings
// the changes of one schema into another, Dependents and Collisions find what a
// change leaves without its ground, and names that meet.
//
// It is pure and knows no parser: both sides are what a server printed.
package diff
