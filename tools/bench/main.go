// Command bench compares the provider with what it cannot beat: the same SQL
// sent by a bare program, and a plan of resources that do nothing. Every figure
// is a ratio of two sides that take turns in one run on one private server, so
// that it says the same on a fast and on a slow machine.
//
// It drives Terraform and the provider's binary from outside, like a user, and
// knows nothing of the engine.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	terraform string
	kind      instance.Kind
	tenants   int
	rounds    int
	strict    bool
	fleet     bool
	small     bool // two tables a tenant instead of the built-in template
	copies    bool
	size      int    // MiB of the tenant that is copied
	guide     string // page for users whose figures become those of this run
	digests   digests
}

func run(ctx context.Context, args []string) error {
	if isIdle() {
		return serveIdle()
	}
	if len(args) > 0 && args[0] == bareCommand {
		return serveBare(ctx, os.Stdin)
	}
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&o.terraform, "terraform", "", "path of Terraform or OpenTofu; default: the one on PATH")
	kind := flags.String("kind", "", "server to measure on; default: mysql-9.7, and mariadb-11.8 with -checkpoint")
	flags.IntVar(&o.tenants, "tenants", 100, "number of tenants")
	flags.IntVar(&o.rounds, "rounds", 3, "rounds, of which the median counts")
	flags.BoolVar(&o.strict, "strict", false, "fail when a goal is missed")
	flags.BoolVar(&o.fleet, "fleet", false, "measure one fleet of that many tenants, and nothing else")
	flags.BoolVar(&o.small, "small", false, "tenants of two tables, for as many of them as a machine has no time to make otherwise")
	flags.BoolVar(&o.copies, "checkpoint", false, "measure a checkpoint and a restore of one tenant, and nothing else")
	flags.IntVar(&o.size, "size", 1024, "size of that tenant in MiB")
	flags.StringVar(&o.guide, "guide", "", "page for users (Markdown) whose section for this measurement becomes that of this run")
	digestFile := flags.String("digests", "", "file for the server's time by statement (MySQL)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var err error
	if *digestFile != "" {
		file, err := os.Create(*digestFile)
		if err != nil {
			return fmt.Errorf("making the file for the digests: %w", err)
		}
		defer func() { _ = file.Close() }()
		o.digests.out = file
	}
	standard := instance.MySQL97
	if o.copies {
		standard = instance.MariaDB118 // its dump tool is the one that people have
	}
	if o.kind, err = instance.ParseKind(cmp.Or(*kind, string(standard))); err != nil {
		return err
	}
	if o.terraform, err = findTerraform(o.terraform); err != nil {
		return err
	}
	return o.measure(ctx)
}

// measure measures what the flags choose.
func (o options) measure(ctx context.Context) error {
	b := &bench{options: o}
	defer b.clean()
	measure := b.tenantRounds
	switch {
	case o.copies:
		measure = b.copies
	case o.fleet:
		measure = b.fleetRounds
	}
	if err := measure(ctx); err != nil {
		return err
	}
	missed := b.print(os.Stdout)
	switch {
	case o.copies:
		missed += b.printMemory(os.Stdout, mostMemory)
	case o.fleet:
		missed += b.printMemory(os.Stdout, mostFleetMemory)
	}
	if o.guide != "" {
		if err := b.writeGuide(ctx, o.guide, time.Now()); err != nil {
			return err
		}
	}
	if missed > 0 && o.strict {
		return fmt.Errorf("%d goals are missed", missed)
	}
	return nil
}

// tenantRounds measures what is done to many tenants.
func (b *bench) tenantRounds(ctx context.Context) error {
	if err := b.prepare(ctx); err != nil {
		return err
	}
	for n := range b.rounds {
		fmt.Fprintf(os.Stderr, "round %d of %d\n", n+1, b.rounds)
		if err := b.round(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// findTerraform returns the path of a Terraform or an OpenTofu.
func findTerraform(path string) (string, error) {
	path = cmp.Or(path, os.Getenv("TF_ACC_TERRAFORM_PATH"))
	if path != "" {
		return path, nil
	}
	for _, name := range []string{"terraform", "tofu"} {
		if found, err := exec.LookPath(name); err == nil {
			return found, nil
		}
	}
	return "", fmt.Errorf("neither terraform nor tofu is on PATH")
}
