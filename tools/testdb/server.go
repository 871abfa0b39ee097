package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

// servers downloads the kinds that are missing and lists all that are there.
func servers(ctx context.Context, args []string) error {
	kinds := instance.Kinds()
	if len(args) > 0 {
		kinds = nil
	}
	for _, name := range args {
		kind, err := instance.ParseKind(name)
		if err != nil {
			return err
		}
		kinds = append(kinds, kind)
	}
	var failed []error
	for _, kind := range kinds {
		sw, err := instance.Fetch(ctx, kind, os.Stderr)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		fmt.Printf("%-14s %s\n", kind, sw)
	}
	return errors.Join(failed...)
}

// start starts the server of a data folder and prints its environment. Without
// --detach it then waits, and stops the server when interrupted. A server that
// runs already is left to whoever started it. Arguments after the flags go to
// a new server.
func start(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("start", flag.ContinueOnError)
	dir := flags.String("datadir", "", "folder of the server, kept")
	kindName := flags.String("kind", "", "kind to start; default: the program of this machine, else the download of MySQL, else docker")
	detach := flags.Bool("detach", false, "leave the server running")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *dir == "" {
		return errUsage
	}
	i, found, err := startOrFind(ctx, *dir, *kindName, instance.Options{Dir: *dir, Args: flags.Args(), Detached: *detach})
	if err != nil {
		return err
	}
	printEnvironment(os.Stdout, i)
	if *detach || found {
		return nil
	}
	for ctx.Err() == nil && i.Running() {
		select {
		case <-ctx.Done():
		case <-time.After(200 * time.Millisecond):
		}
	}
	return i.Stop()
}

// startOrFind tells also whether the server ran already.
func startOrFind(ctx context.Context, dir, kindName string, o instance.Options) (i *instance.Instance, found bool, err error) {
	unlock, err := instance.Lock(ctx, dir)
	if err != nil {
		return nil, false, err
	}
	defer unlock()
	i, err = instance.Open(dir)
	if err != nil {
		return nil, false, err
	}
	if i != nil {
		if kindName != "" && kindName != string(i.Kind) {
			return nil, false, fmt.Errorf("the folder `%s` holds the data of another server (%s)", dir, i.Version)
		}
		if i.Running() {
			return i, true, nil
		}
		return i, false, i.Resume(ctx)
	}
	if kindName == "" {
		i, err = startAny(ctx, o)
		return i, false, err
	}
	kind, err := instance.ParseKind(kindName)
	if err != nil {
		return nil, false, err
	}
	sw, err := instance.Acquire(ctx, kind, os.Stderr)
	if err != nil {
		return nil, false, err
	}
	i, err = instance.Start(ctx, sw, o)
	return i, false, err
}

// startAny tries the ways to get a server one after the other: the program of
// a machine may be confined to its own folders, or too old to start.
func startAny(ctx context.Context, o instance.Options) (*instance.Instance, error) {
	candidates, err := instance.Candidates(ctx)
	if err != nil {
		return nil, err
	}
	var failed []error
	for _, c := range candidates {
		sw, err := c.Software(ctx, os.Stderr)
		if err == nil {
			var i *instance.Instance
			if i, err = instance.Start(ctx, sw, o); err == nil {
				return i, nil
			}
		}
		failed = append(failed, err)
		if ctx.Err() != nil {
			break
		}
	}
	return nil, errors.Join(failed...)
}

// dirFlag returns the value of the --datadir flag.
func dirFlag(command string, args []string) (string, error) {
	flags := flag.NewFlagSet(command, flag.ContinueOnError)
	dir := flags.String("datadir", "", "folder of the server")
	if err := flags.Parse(args); err != nil {
		return "", err
	}
	if *dir == "" {
		return "", errUsage
	}
	return *dir, nil
}

// running returns the server of the --datadir flag, or errNotRunning.
func running(command string, args []string) (*instance.Instance, error) {
	dir, err := dirFlag(command, args)
	if err != nil {
		return nil, err
	}
	i, err := instance.Open(dir)
	if err != nil {
		return nil, err
	}
	if i == nil || !i.Running() {
		return nil, errNotRunning
	}
	return i, nil
}

func env(args []string) error {
	i, err := running("env", args)
	if err != nil {
		return err
	}
	printEnvironment(os.Stdout, i)
	return nil
}

func status(args []string) error {
	i, err := running("status", args)
	if err != nil {
		return err
	}
	fmt.Printf("%s runs at %s, socket %s, log %s\n", i.Version, i.Endpoint(), i.Socket, i.LogFile)
	return nil
}

func stop(ctx context.Context, args []string) error {
	dir, err := dirFlag("stop", args)
	if err != nil {
		return err
	}
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	// A start under way ends first.
	unlock, err := instance.Lock(ctx, dir)
	if err != nil {
		return err
	}
	defer unlock()
	i, err := instance.Open(dir)
	if err != nil || i == nil || !i.Running() {
		return err
	}
	return i.Stop()
}

// printEnvironment prints lines that a shell can evaluate. The values need no
// quoting: an address, an account name, and a generated password.
func printEnvironment(w io.Writer, i *instance.Instance) {
	_, _ = fmt.Fprintf(w, "export LANDLORD_ENDPOINT=%s\nexport LANDLORD_USERNAME=%s\nexport LANDLORD_PASSWORD=%s\n",
		i.Endpoint(), i.Username, i.Password)
}
