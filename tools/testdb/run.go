package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

// started is the outcome of starting one kind.
type started struct {
	kind     instance.Kind
	instance *instance.Instance
	err      error
}

// runCommand starts the servers, runs a command that finds them in its
// environment, and stops them. A kind that cannot be had is left out and named
// at the end; on CI it is an error before the command runs.
func runCommand(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	names := flags.String("kinds", os.Getenv(mysqltest.KindsVariable), "kinds to start, separated by commas; default all")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() == 0 {
		return errUsage
	}
	kinds := instance.Kinds()
	if *names != "" {
		kinds = nil
		for name := range strings.SplitSeq(*names, ",") {
			kind, err := instance.ParseKind(name)
			if err != nil {
				return err
			}
			kinds = append(kinds, kind)
		}
	}
	shared, err := mysqltest.SharedArgs()
	if err != nil {
		return err
	}
	outcomes := startAll(ctx, kinds, shared)
	defer closeAll(outcomes)
	addresses := []mysqltest.Address{} // never null, which would mean to start servers
	var missing []error
	for _, o := range outcomes {
		if o.err != nil {
			missing = append(missing, fmt.Errorf("NOT TESTED on %s: %w", o.kind, o.err))
			continue
		}
		addresses = append(addresses, mysqltest.AddressOf(o.instance))
	}
	if len(missing) > 0 && mysqltest.OnCI() {
		return errors.Join(missing...)
	}
	err = runWith(ctx, flags.Args(), addresses)
	for _, m := range missing {
		fmt.Fprintf(os.Stderr, "\n*** %v\n", m)
	}
	return err
}

func startAll(ctx context.Context, kinds []instance.Kind, args []string) []started {
	outcomes := make([]started, len(kinds))
	var group sync.WaitGroup
	for n, kind := range kinds {
		group.Go(func() {
			outcomes[n].kind = kind
			sw, err := instance.Acquire(ctx, kind, os.Stderr)
			if err == nil {
				outcomes[n].instance, err = instance.Start(ctx, sw, instance.Options{Args: args})
			}
			outcomes[n].err = err
		})
	}
	group.Wait()
	return outcomes
}

func closeAll(outcomes []started) {
	for _, o := range outcomes {
		if o.instance != nil {
			if err := o.instance.Close(); err != nil {
				fmt.Fprintln(os.Stderr, "testdb:", err)
			}
		}
	}
}

// runWith runs the command. An interrupt of the terminal reaches it by itself,
// so it is given the time to end in order.
func runWith(ctx context.Context, command []string, addresses []mysqltest.Address) error {
	list, err := json.Marshal(addresses)
	if err != nil {
		return fmt.Errorf("describing the servers: %w", err)
	}
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), mysqltest.ServersVariable+"="+string(list))
	return cmd.Run()
}
