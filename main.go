// Command terraform-provider-landlord serves the Terraform provider. Terraform
// starts it; by hand it is only useful with -debug or -version.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	tfprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/landlord-db/terraform-provider-landlord/internal/provider"
)

// address is where the provider lives in the registry.
const address = "registry.terraform.io/landlord-db/landlord"

// version is set when a release is built.
var version = "dev" //nolint:gochecknoglobals // the linker sets it

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run serves the provider until Terraform ends it. The flags live in a set of
// their own, because a library registers flags for its log in the common one.
func run(ctx context.Context, args []string, out, errs io.Writer) error {
	flags := flag.NewFlagSet("terraform-provider-landlord", flag.ContinueOnError)
	flags.SetOutput(errs)
	debug := flags.Bool("debug", false, "run with support for debuggers, until interrupted")
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
	err := providerserver.Serve(ctx, func() tfprovider.Provider { return provider.New(version) }, providerserver.ServeOpts{
		Address: address,
		Debug:   *debug,
	})
	if err != nil {
		return fmt.Errorf("serving the provider: %w", err)
	}
	return nil
}
