// Package landlord is the vocabulary of the engine: tenants, templates, steps,
// differences, problems and notes as values, and the words in which they are
// told. It asks no server and knows none of the rooms beside it; every one of
// them knows it.
package landlord
