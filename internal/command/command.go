package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
)

// The exit statuses of all subcommands. What a subcommand ends with beside them
// is in its own documentation.
const (
	StatusDone   = 0
	StatusFailed = 1
)

// Command is one subcommand.
type Command struct {
	Name     string
	Synopsis string // its arguments, as the help shows them, for example `[flags] plan.json`
	Summary  string // what it does, in one line without a full stop

	// Flags adds its flags to a set. It may be nil.
	Flags func(*flag.FlagSet)
	// Run does it with the arguments that are left behind the flags and returns
	// the exit status. An error is printed and makes the status StatusFailed.
	Run func(ctx context.Context, p *Process, arguments []string) (int, error)
}

// Process is what a subcommand has of the process that it runs in.
type Process struct {
	In       io.Reader
	Out, Err io.Writer
	Version  string

	// Environment returns the configuration that LANDLORD_ variables give, as the
	// provider takes them where its configuration is silent.
	Environment func() (landlord.Config, error)

	log logOptions
}

// Config returns the configuration of the environment with the log that the
// flags ask for, in which no password can stand.
func (p *Process) Config() (landlord.Config, error) {
	cfg, err := p.Environment()
	if err != nil {
		return landlord.Config{}, err
	}
	logger, err := p.Logger(cfg.Passwords()...)
	if err != nil {
		return landlord.Config{}, err
	}
	cfg.Log = func(_ context.Context, message string, fields map[string]any) {
		logger.Debug(message, pairs(fields)...)
	}
	return cfg, nil
}

// Find returns the subcommand that the arguments begin with; false when they
// begin with none, so that the process is to serve the provider.
func Find(commands []Command, arguments []string) (Command, bool) {
	if len(arguments) == 0 {
		return Command{}, false
	}
	for _, c := range commands {
		if c.Name == arguments[0] {
			return c, true
		}
	}
	return Command{}, false
}

// Do runs a subcommand with the arguments behind its name and returns the exit
// status of the process. Errors go to p.Err.
func (c Command) Do(ctx context.Context, p *Process, arguments []string) int {
	flags := flag.NewFlagSet(c.Name, flag.ContinueOnError)
	flags.SetOutput(p.Err)
	flags.Usage = func() {
		_, _ = fmt.Fprintf(p.Err, "Usage: terraform-provider-landlord %s %s\n\n%s.\n\nFlags:\n", c.Name, c.Synopsis, c.Summary)
		flags.PrintDefaults()
	}
	p.log.flags(flags)
	if c.Flags != nil {
		c.Flags(flags)
	}
	if err := flags.Parse(arguments); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return StatusDone
		}
		return StatusFailed // flags has printed the error and the usage
	}
	status, err := c.Run(ctx, p, flags.Args())
	if err != nil {
		_, _ = fmt.Fprintln(p.Err, errorText(err))
		return StatusFailed
	}
	return status
}

// errorText returns all that an error says to a person.
func errorText(err error) string {
	var problem *landlord.Problem
	if errors.As(err, &problem) {
		return "Error: " + problem.Summary + "\n\n" + problem.Text()
	}
	return "Error: " + err.Error()
}

// Help returns one line a subcommand, for the usage of the whole program.
func Help(commands []Command) string {
	var text strings.Builder
	for _, c := range commands {
		fmt.Fprintf(&text, "  %-10s %s\n", c.Name, c.Summary)
	}
	return text.String()
}
