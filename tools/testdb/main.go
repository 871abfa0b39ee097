// Command testdb gets, starts and stops the servers of the tests and of the
// demonstration. It belongs to the working tree: the provider never uses it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

const usage = `usage: testdb command [flags]

  servers [kind…]             download the servers that are missing, list them
  start  --datadir DIR [--kind KIND] [--detach]
                              start a server, or find it running; print its environment
  env    --datadir DIR        print the environment of a running server
  status --datadir DIR        tell whether the server runs
  stop   --datadir DIR        stop the server, keep its data
  run    [--kinds KIND,…] -- COMMAND…
                              start all kinds, run the command with LANDLORD_TEST_SERVERS, stop them
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := realMain(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// realMain returns the exit code: that of the command for `run`, 3 for the
// status of a server that does not run, 2 for a wrong command line.
func realMain(ctx context.Context, args []string) int {
	err := dispatch(ctx, args)
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errUsage):
		fmt.Fprint(os.Stderr, usage)
		return 2
	case errors.Is(err, flag.ErrHelp):
		return 2
	case errors.Is(err, errNotRunning):
		fmt.Fprintln(os.Stderr, err)
		return 3
	case errors.As(err, &exit) && exit.ExitCode() > 0:
		return exit.ExitCode()
	}
	fmt.Fprintln(os.Stderr, "testdb:", err)
	return 1
}

var (
	errUsage      = errors.New("wrong command line")
	errNotRunning = errors.New("the server is not running")
)

func dispatch(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	switch command, rest := args[0], args[1:]; command {
	case "servers":
		return servers(ctx, rest)
	case "start":
		return start(ctx, rest)
	case "env":
		return env(rest)
	case "status":
		return status(rest)
	case "stop":
		return stop(ctx, rest)
	case "run":
		return runCommand(ctx, rest)
	}
	return errUsage
}
