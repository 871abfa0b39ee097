package command_test

import (
	"context"
	"errors"
	"flag"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/command"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// TestDo runs a subcommand with arguments as a shell gives them.
func TestDo(t *testing.T) {
	t.Parallel()
	const usage = "Usage: terraform-provider-landlord greet [flags] name\n\nGreets somebody.\n\nFlags:\n" +
		"  -log-format string\n    \thow the log is written to standard error: text or json (default \"text\")\n" +
		"  -log-level string\n    \tthe least that is logged: trace, debug, info, warn, error or off (default \"warn\")\n" +
		"  -loud\n    \tshout\n"
	cases := map[string]struct {
		arguments []string
		status    int
		out, errs string
	}{
		"arguments":       {arguments: []string{"ann"}, out: "hello ann\n"},
		"two dashes":      {arguments: []string{"--loud", "ann"}, out: "HELLO ANN\n"},
		"own status":      {arguments: []string{"nobody"}, status: 2},
		"error":           {arguments: []string{}, status: 1, errs: "Error: name somebody\n"},
		"problem":         {arguments: []string{"lord"}, status: 1, errs: "Error: Lords are not greeted\n\nThey greet.\n\nGreet another.\n"},
		"unknown flag":    {arguments: []string{"--soft"}, status: 1, errs: "flag provided but not defined: -soft\n" + usage},
		"help":            {arguments: []string{"--help"}, errs: usage},
		"format of a log": {arguments: []string{"--log-format", "xml", "ann"}, status: 1, errs: "Error: --log-format is `xml`: choose text or json\n"},
		"level of a log":  {arguments: []string{"--log-level", "much", "ann"}, status: 1, errs: "Error: --log-level is `much`: choose trace, debug, info, warn, error or off\n"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out, errs strings.Builder
			p := &command.Process{Out: &out, Err: &errs, Environment: func() (landlord.Config, error) { return landlord.Config{}, nil }}
			status := greet().Do(context.Background(), p, c.arguments)
			if status != c.status || out.String() != c.out || errs.String() != c.errs {
				t.Errorf("status %d, out %q, printed:\n%s\nwant %d, %q:\n%s", status, out.String(), errs.String(), c.status, c.out, c.errs)
			}
		})
	}
}

// greet is a subcommand with a flag.
func greet() command.Command {
	var loud bool
	return command.Command{
		Name: "greet", Synopsis: "[flags] name", Summary: "Greets somebody",
		Flags: func(flags *flag.FlagSet) { flags.BoolVar(&loud, "loud", false, "shout") },
		Run: func(_ context.Context, p *command.Process, arguments []string) (int, error) {
			if _, err := p.Config(); err != nil {
				return command.StatusFailed, err
			}
			switch {
			case len(arguments) == 0:
				return command.StatusFailed, errors.New("name somebody")
			case arguments[0] == "nobody":
				return 2, nil
			case arguments[0] == "lord":
				return command.StatusFailed, &landlord.Problem{Summary: "Lords are not greeted", Detail: []string{"They greet.", "Greet another."}}
			}
			text := "hello " + arguments[0] + "\n"
			if loud {
				text = strings.ToUpper(text)
			}
			_, err := p.Out.Write([]byte(text))
			return command.StatusDone, err
		},
	}
}

// TestFind tells a subcommand from what Terraform starts.
func TestFind(t *testing.T) {
	t.Parallel()
	for argument, want := range map[string]bool{"greet": true, "": false, "-version": false, "other": false} {
		arguments := strings.Fields(argument)
		if _, found := command.Find([]command.Command{greet()}, arguments); found != want {
			t.Errorf("%q: found is %t", argument, found)
		}
	}
}

// TestConfig_log logs in the format that was asked for, and no password.
func TestConfig_log(t *testing.T) {
	t.Parallel()
	const password = `s3cr"et`
	for format, wants := range map[string][]string{
		"text": {"[DEBUG] landlord: as *** on eu", `password="***"`},
		"json": {`"@message":"as *** on eu"`, `"password":"***"`},
	} {
		var errs strings.Builder
		p := &command.Process{Err: &errs, Environment: func() (landlord.Config, error) {
			return landlord.Config{Main: mysql.Config{Password: password}}, nil
		}}
		logs := command.Command{Run: func(ctx context.Context, p *command.Process, _ []string) (int, error) {
			cfg, err := p.Config()
			if err != nil {
				return command.StatusFailed, err
			}
			cfg.Log(ctx, "as "+password+" on eu", map[string]any{"password": password})
			return command.StatusDone, nil
		}}
		if status := logs.Do(context.Background(), p, []string{"--log-format", format, "--log-level=debug"}); status != command.StatusDone {
			t.Fatal(errs.String())
		}
		for _, want := range wants {
			if !strings.Contains(errs.String(), want) {
				t.Errorf("%s: %s lacks %s", format, errs.String(), want)
			}
		}
		if strings.Contains(errs.String(), "s3cr") {
			t.Errorf("%s: %s", format, errs.String())
		}
	}
}
