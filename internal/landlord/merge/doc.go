// Package merge says what a template update means for a tenant that has things
// of its own: the three-way comparison of what the template in force gives, what
// the wanted one gives and what the tenant has; the conflicts; the decisions on
// them, of the configuration and remembered ones; and who owns what afterwards.
//
// It is pure: schemas and decisions in, a schema, conflicts and decisions out. It
// knows ddl and nobody else: no server, no landlord database, no template, no
// words for a person but the reason of a conflict. What only a server can say
// (what an explicit step or the statements of a decision make of a schema, which
// views it cannot open) is asked by the caller and comes in as a value.
package merge
