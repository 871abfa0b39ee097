// Package preview is the door of reviewers: it tells what a saved plan of
// Terraform would do to whose database, as Markdown for a pull request, as one
// HTML file, or as JSON. Its input is what `terraform show -json` prints; it asks
// no server and no landlord database, so it knows what the plan says and nothing
// else.
//
// A plan is material that others have influenced: names, SQL and values in it may
// try to break out of a comment, and may be secret. What is marked as sensitive
// is never taken over, and what is taken over is escaped where it is written.
package preview
