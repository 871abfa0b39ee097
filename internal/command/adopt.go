package command

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/adopt"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/survey"
)

// adoptFlags are the flags of `adopt`.
type adoptFlags struct {
	pattern, from, out, template string
	servers                      []string
	least, fleet                 int
	overwrite, only              bool
}

// fleetAtLeast is from how many tenants on a resource each is more than people read.
const fleetAtLeast = 20

// mainServer is how --server names the main server.
const mainServer = "main"

// adoptCommand writes the configuration that takes databases over.
func adoptCommand() Command {
	var f adoptFlags
	return Command{
		Name: "adopt", Synopsis: "[flags]", Summary: "Writes the configuration that takes existing databases over as they are",
		Flags: func(flags *flag.FlagSet) {
			flags.StringVar(&f.pattern, "databases", "", "the databases, as a pattern of LIKE: 'shop\\_%'")
			flags.StringVar(&f.from, "databases-from", "", "a file with the name of a database on each line, or - for standard input; beside those of the pattern")
			flags.StringVar(&f.out, "out", "", "the directory that the files are written into; it has to be new or empty")
			flags.StringVar(&f.template, "template", "", "the name of the template; the beginning of the pattern when it is left out")
			flags.Func("server", "a server to look at: the key of a further server, or main; again for each; all when it is left out", func(text string) error {
				f.servers = append(f.servers, text)
				return nil
			})
			flags.IntVar(&f.least, "release-at-least", 0, "how many databases make a structure a version of the template; a twentieth of them, and at least two, when it is 0")
			flags.IntVar(&f.fleet, "fleet-at-least", fleetAtLeast, "how many tenants that are configured alike become a fleet, and not a resource each; 0 for none")
			flags.BoolVar(&f.overwrite, "overwrite", false, "write into a directory that is not empty: files of the same names are replaced, others stay")
			flags.BoolVar(&f.only, "report-only", false, "print what there is and write nothing")
		},
		Run: func(ctx context.Context, p *Process, arguments []string) (int, error) {
			if err := f.check(arguments); err != nil {
				return StatusFailed, err
			}
			filter, err := f.filter(p.In)
			if err != nil {
				return StatusFailed, err
			}
			return withEngine(p, func(e *engine.Engine) error { return f.run(ctx, p, e, filter) })
		},
	}
}

// check refuses what cannot be asked for, before anything is read.
func (f *adoptFlags) check(arguments []string) error {
	switch {
	case len(arguments) > 0:
		return fmt.Errorf("adopt takes flags only, not `%s`: put the pattern behind --databases, in quotes", arguments[0])
	case f.pattern == "" && f.from == "":
		return errors.New("say which databases: --databases 'shop\\_%', or --databases-from with a file of names")
	case f.out == "" && !f.only:
		return errors.New("--out names no directory: the files are written there; or print what there is with --report-only")
	case f.fleet < 0:
		return fmt.Errorf("--fleet-at-least is `%d`: give a number of tenants, or 0", f.fleet)
	case f.least < 0:
		return fmt.Errorf("--release-at-least is `%d`: give a number of databases, or 0", f.least)
	}
	if f.template == "" {
		f.template = adopt.TemplateName(adopt.Beginning(f.pattern))
	}
	if err := engine.CheckTemplateName(f.template); err != nil {
		return fmt.Errorf("--template is `%s`: %w", f.template, err)
	}
	if f.only {
		return nil
	}
	return f.checkOut()
}

// checkOut refuses a directory that holds something.
func (f *adoptFlags) checkOut() error {
	entries, err := os.ReadDir(f.out)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("looking into the directory of --out: %w", err)
	case len(entries) > 0 && !f.overwrite:
		return fmt.Errorf("the directory `%s` of --out is not empty: name another one, or write beside what is there with --overwrite", f.out)
	}
	return nil
}

// filter returns the databases that the flags choose.
func (f *adoptFlags) filter(in io.Reader) (survey.Filter, error) {
	filter := survey.Filter{Pattern: f.pattern}
	for _, key := range f.servers {
		if key == mainServer {
			key = ""
		}
		filter.Servers = append(filter.Servers, key)
	}
	if f.from == "" {
		return filter, nil
	}
	if f.from != "-" {
		file, err := os.Open(f.from)
		if err != nil {
			return filter, fmt.Errorf("opening the names of --databases-from: %w", err)
		}
		defer file.Close() //nolint:errcheck // it was only read
		in = file
	}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		if name := strings.TrimSuffix(lines.Text(), "\r"); name != "" {
			filter.Names = append(filter.Names, name)
		}
	}
	if err := lines.Err(); err != nil {
		return filter, fmt.Errorf("reading the names of --databases-from: %w", err)
	}
	return filter, nil
}

// run looks, tells, and writes.
func (f *adoptFlags) run(ctx context.Context, p *Process, e *engine.Engine, filter survey.Filter) error {
	cfg, err := p.Environment()
	if err != nil {
		return err
	}
	cfg = cfg.WithDefaults()
	plan, err := e.Adoption(ctx, filter, adopt.Options{Template: f.template, Common: adopt.Beginning(f.pattern), Least: f.least, Fleet: f.fleet})
	if err != nil {
		return err //nolint:wrapcheck // it is in the words of the interface
	}
	if _, err := io.WriteString(p.Out, plan.Text()); err != nil || f.only {
		return err
	}
	if len(plan.Tenants) == 0 {
		return errors.New("there is nothing to adopt, and nothing was written")
	}
	files := plan.Files(providerOf(cfg))
	if err := writeFiles(f.out, files); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.Out, "\nWritten to %s: %s. Read REPORT.md, fill in the reasons of customizations, then `terraform init` and `terraform plan` there.\n", f.out, landlord.Several(len(files), "file"))
	return err
}

// providerOf is the configuration as a provider block says it.
func providerOf(cfg landlord.Config) adopt.Provider {
	out := adopt.Provider{Database: cfg.Database, Prefix: cfg.Prefix, Servers: map[string]string{}}
	for key, server := range cfg.Servers {
		out.Servers[key] = server.Endpoint
	}
	return out
}

// writeFiles writes files into a directory and nowhere else: a link in it that leads
// out of it is not followed.
func writeFiles(directory string, files map[string]string) error {
	const open, private = 0o755, 0o644
	if err := os.MkdirAll(directory, open); err != nil {
		return fmt.Errorf("making the directory of --out: %w", err)
	}
	root, err := os.OpenRoot(directory)
	if err != nil {
		return fmt.Errorf("opening the directory of --out: %w", err)
	}
	defer root.Close() //nolint:errcheck // each file was closed
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.FromSlash(name)
		if err := root.MkdirAll(filepath.Dir(path), open); err != nil {
			return fmt.Errorf("making a directory for `%s`: %w", name, err)
		}
		if err := root.WriteFile(path, []byte(files[name]), private); err != nil {
			return fmt.Errorf("writing `%s`: %w", name, err)
		}
	}
	return nil
}
