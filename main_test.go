package main

import (
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		arguments []string
		out       string
		err       string
		help      string // the beginning of what goes to the error output
	}{
		"version":      {arguments: []string{"-version"}, out: "dev\n"},
		"help":         {arguments: []string{"-help"}, help: "Usage of terraform-provider-landlord:"},
		"unknown flag": {arguments: []string{"-verbose"}, err: "reading the command line: flag provided but not defined: -verbose", help: "flag provided but not defined: -verbose"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out, errs strings.Builder
			message := ""
			if err := run(t.Context(), c.arguments, &out, &errs); err != nil {
				message = err.Error()
			}
			if out.String() != c.out || message != c.err || !strings.HasPrefix(errs.String(), c.help) {
				t.Errorf("out %q, error %q, printed %q", out.String(), message, errs.String())
			}
		})
	}
}
