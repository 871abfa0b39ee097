// Command mutants changes one operator at a time in a package, runs the tests of
// the package that need no server, and says which change none of them notices.
//
//	go run ./tools/mutants [-at REGEXP] [-run TESTS] [-skip TESTS] [-logical] [-workers N] PACKAGE…
//
// The changes are those that gremlins makes unless told otherwise, so that its
// word can be asked (make mutants-gremlins). It compiles and links the tests once
// a change, which is nearly all that it does; here all changes are in one program,
// and the environment says which of them holds.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

// options is what is tried, and with which tests.
type options struct {
	at      *regexp.Regexp // of file.go:line:column
	run     string
	skip    string
	logical bool
	workers int
}

func run(ctx context.Context, args []string, out io.Writer) error {
	var o options
	flags := flag.NewFlagSet("mutants", flag.ContinueOnError)
	at := flags.String("at", "", "only operators whose file.go:line:column matches")
	flags.StringVar(&o.run, "run", "", "only tests that match, as for go test")
	flags.StringVar(&o.skip, "skip", "", "no tests that match, as for go test")
	flags.BoolVar(&o.logical, "logical", false, "change && and || too, which gremlins does with --invert-logical")
	flags.IntVar(&o.workers, "workers", 1, "how many programs run at a time")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var err error
	if o.at, err = regexp.Compile(*at); err != nil {
		return err
	}
	for _, pattern := range flags.Args() {
		if err := room(ctx, pattern, o, out); err != nil {
			return fmt.Errorf("mutants of %s: %w", pattern, err)
		}
	}
	return nil
}

// room tries the mutants of one package.
func room(ctx context.Context, pattern string, o options, out io.Writer) error {
	source, err := load(ctx, pattern, o)
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "mutants-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(scratch) }() // our own folder
	program, err := source.build(ctx, scratch)
	if err != nil {
		return err
	}
	results, err := program.try(ctx, source.mutants, o)
	if err != nil {
		return err
	}
	report(out, source, results)
	return nil
}

// report lists what was not killed, and counts all of them.
func report(out io.Writer, s *source, results []result) {
	count := map[result]int{}
	for i, m := range s.mutants {
		count[results[i]]++
		if results[i] != killed {
			fmt.Fprintf(out, "%-11s %s  `%s` for `%s`:  %s\n", results[i], m.at, m.to, m.from, m.line)
		}
	}
	efficacy := "no change was reached"
	if n := count[killed] + count[survived]; n > 0 {
		efficacy = fmt.Sprintf("%.1f %% killed of those", 100*float64(count[killed])/float64(n))
	}
	fmt.Fprintf(out, "%s: %d killed, %d survived (%s), %d timed out, %d not reached\n",
		s.path, count[killed], count[survived], efficacy, count[timedOut], count[notReached])
}
