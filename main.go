// Command terraform-provider-landlord serves the Terraform provider. Terraform
// starts it; by hand it is only useful with -debug or -version.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/provider"
)

// address is where the provider lives in the registry.
const address = "registry.terraform.io/landlord-db/landlord"

// version is set when a release is built.
var version = "dev" //nolint:gochecknoglobals // the linker sets it

func main() {
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
