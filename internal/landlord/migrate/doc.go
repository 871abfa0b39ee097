// Package migrate goes from two schemas to proven statements: the three-way
// comparison, the order, a trial of each statement on an empty twin of the
// tenant, its algorithm, probes of the data, and what is set aside instead of
// destroyed. It changes no tenant.
package migrate
