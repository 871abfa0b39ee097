// Package customization gives a tenant what it has beyond its template: it
// judges the text, fits it onto what the template makes, runs what differs, and
// records what belongs to whom.
package customization
