package command

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/internal/dashboard"
	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
)

// dashboardFlags are the flags of the administration page.
type dashboardFlags struct {
	listen, hosts    string
	cert, key, users string
	refresh          time.Duration
	newUser, role    string
}

// dashboardCommand serves the administration page.
func dashboardCommand() Command {
	var f dashboardFlags
	return Command{
		Name: "dashboard", Synopsis: "[flags]", Summary: "Serve the administration page of the estate",
		Flags: func(flags *flag.FlagSet) {
			flags.StringVar(&f.listen, "listen", "127.0.0.1:8459", "address to listen on; port 0 takes a free one")
			flags.StringVar(&f.hosts, "hosts", "", "further names that the page is reached by, with commas between them")
			flags.StringVar(&f.cert, "tls-cert", "", "file with the certificate, for HTTPS")
			flags.StringVar(&f.key, "tls-key", "", "file with the key of the certificate")
			flags.StringVar(&f.users, "users", "", "file of users, one `name:role:bcrypt hash` a line; without it a one-time token lets in")
			flags.DurationVar(&f.refresh, "refresh", 15*time.Second, "how old what is shown of the estate may be")
			flags.StringVar(&f.newUser, "new-user", "", "print the line of the file of users for this name, with the password from standard input, and end")
			flags.StringVar(&f.role, "role", "viewer", "role of the new user: viewer, approver or operator")
		},
		Run: func(ctx context.Context, p *Process, arguments []string) (int, error) {
			if len(arguments) > 0 {
				return StatusFailed, fmt.Errorf("dashboard takes flags only, not `%s`", arguments[0])
			}
			if f.newUser != "" {
				return StatusDone, f.printUser(p)
			}
			return StatusDone, f.serve(ctx, p)
		},
	}
}

// printUser prints the line of a new user.
func (f *dashboardFlags) printUser(p *Process) error {
	role, err := dashboard.ParseRole(f.role)
	if err != nil {
		return err
	}
	password, err := bufio.NewReader(p.In).ReadString('\n')
	if err != nil && password == "" {
		return errors.New("give the password on standard input")
	}
	line, err := dashboard.NewUserLine(f.newUser, role, strings.TrimRight(password, "\r\n"))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.Out, line)
	return err
}

// serve serves the page until the context ends.
func (f *dashboardFlags) serve(ctx context.Context, p *Process) error {
	options := dashboard.Options{Listen: f.listen, Refresh: f.refresh, Hosts: strings.FieldsFunc(strings.ToLower(f.hosts), func(r rune) bool { return r == ',' || r == ' ' })}
	if err := f.readFiles(&options); err != nil {
		return err
	}
	cfg, err := p.Config()
	if err != nil {
		return err
	}
	if options.Log, err = p.Logger(cfg.Passwords()...); err != nil {
		return err
	}
	progress := &dashboard.Progress{}
	cfg.Progress = progress
	if cfg.Author == "" {
		cfg.Author = "dashboard"
	}
	e, err := engine.New(cfg)
	if err != nil {
		return err
	}
	defer e.Close() //nolint:errcheck // the process ends
	options.Ready = func(address string) {
		_, _ = fmt.Fprintf(p.Out, "The page is at %s\n", address)
		if len(options.Users) == 0 {
			_, _ = fmt.Fprintln(p.Out, "The address lets one browser in, once. Interrupt (Ctrl-C) ends the page.")
		}
	}
	if len(cfg.Notifications) > 0 {
		options.Notify = func(ctx context.Context, look bool) error {
			_, err := e.NewRun().Notify(ctx, look)
			return err //nolint:wrapcheck // it is in the words of the interface
		}
	}
	server, err := dashboard.New(options, func() dashboard.Engine { return e.NewRun() }, progress)
	if err != nil {
		return err
	}
	return server.Serve(ctx)
}

func (f *dashboardFlags) readFiles(options *dashboard.Options) error {
	if (f.cert == "") != (f.key == "") {
		return errors.New("--tls-cert and --tls-key go together: give both or none")
	}
	if f.cert != "" {
		pair, err := tls.LoadX509KeyPair(f.cert, f.key)
		if err != nil {
			return fmt.Errorf("reading the certificate: %w", err)
		}
		options.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	}
	if f.users == "" {
		return nil
	}
	file, err := os.Open(f.users)
	if err != nil {
		return fmt.Errorf("reading the users: %w", err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	if info, err := file.Stat(); err == nil && info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("others may read `%s`: chmod 600 it", f.users)
	}
	options.Users, err = dashboard.ReadUsers(file)
	return err
}
