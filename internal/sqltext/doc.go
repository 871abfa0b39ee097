// Package sqltext takes SQL text apart into tokens, as the servers and the mysql
// client do: quotes, the forms of comments, comments that are executed, sql_mode,
// the two products, and the delimiter of the client.
//
// It is the only place that knows where a quote or a comment ends. What the
// tokens mean is for the caller: the package knows no grammar but that of an event's
// schedule, which the guard and the accounts judge alike. It never fails
// half-way: the texts of the tokens that Scanner.Scan returns, joined, are the
// input, whatever the input is. It reads each byte a fixed number of times and
// copies none.
package sqltext
