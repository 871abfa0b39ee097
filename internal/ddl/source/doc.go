// Package source reads SQL that people write, one statement at a time. It splits
// and classifies text, says what may stand in which layer of a template, judges
// conditions, and tells what a statement of a script loses and how a rename is
// undone. Its parts keep what a row of statements defines (catalog), and take files
// apart as people have them (dump). It is the only package that imports vitess, and
// of that only its parser (sqlparser) and its logger, but for catalog, which reads
// the trees of views.
//
// Two rules keep vitess from being trusted too far. Nothing is judged safe
// because vitess parsed it: the guard works on the tokens of the text as the
// server reads them. And nothing reaches vitess before its length and nesting
// are capped, because a stack overflow in a parser ends the whole process and
// cannot be recovered.
//
// Importing vitess has two side effects that cannot be avoided. Its logging
// library registers flags (`v`, `logtostderr`, `log_dir` and others) in
// flag.CommandLine: a program that imports this package defines its own
// flags in a flag.FlagSet of its own and leaves flag.CommandLine alone. And
// vitess has a logger of its own that writes to standard error: it is replaced
// by one that discards everything before vitess is first called.
package source
