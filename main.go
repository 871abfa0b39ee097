// Command terraform-provider-landlord serves the Terraform provider, as Terraform
// starts it; by hand it has subcommands for what people look at beside Terraform.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/landlord-db/terraform-provider-landlord/internal/command"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/provider"
)

// address is where the provider lives in the registry.
const address = "registry.terraform.io/landlord-db/landlord"

// version is set when a release is built.
var version = "dev" //nolint:gochecknoglobals // the linker sets it

func main() {
	if c, found := command.Find(command.Commands(), os.Args[1:]); found {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		status := c.Do(ctx, &command.Process{
			In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Version: version,
			Environment: func() (landlord.Config, error) { return provider.EnvironmentConfig(version, os.Environ()) },
		}, os.Args[2:])
		stop()
		os.Exit(status)
	}
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run serves the provider until Terraform ends it. The flags live in a set of
// their own, because a library registers flags for its log in the common one.
func run(args []string, out, errs io.Writer) error {
	flags := flag.NewFlagSet("terraform-provider-landlord", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.Usage = func() {
		_, _ = fmt.Fprintf(errs, "Usage of terraform-provider-landlord:\n%s\nWithout a command it serves the provider to Terraform:\n", command.Help(command.Commands()))
		flags.PrintDefaults()
	}
	debugging := flags.Bool("debug", false, "run with support for debuggers, until interrupted")
	show := flags.Bool("version", false, "print the version and end")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return fmt.Errorf("reading the command line: %w", err)
	}
	if *show {
		_, err := fmt.Fprintln(out, version)
		return err
	}
	prepare()
	return provider.Serve(address, version, *debugging)
}

// quickCollection lets the heap grow to five times of what is in use before it
// is collected. What is in use is a few megabytes, and Terraform waits.
const quickCollection = 400

// prepare makes the process quick. Unless somebody asks for a log, the log of
// the libraries is off: without a level they write every step of every call,
// and Terraform reads and drops it, at a fifth of the time of a plan.
func prepare() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(quickCollection)
	}
	for _, variable := range os.Environ() {
		if name, value, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "TF_LOG") && value != "" {
			return
		}
	}
	_ = os.Setenv("TF_LOG_SDK", "OFF") // fails only for a name that is not valid
}
