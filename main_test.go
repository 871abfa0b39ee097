package main

import (
	"os"
	"runtime/debug"
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
			if err := run(c.arguments, &out, &errs); err != nil {
				message = err.Error()
			}
			if out.String() != c.out || message != c.err || !strings.HasPrefix(errs.String(), c.help) {
				t.Errorf("out %q, error %q, printed %q", out.String(), message, errs.String())
			}
		})
	}
}

// TestPrepare keeps the log of the libraries for whoever asks for one. It
// changes the environment, so it runs alone.
func TestPrepare(t *testing.T) {
	collection := debug.SetGCPercent(-1)
	t.Cleanup(func() { debug.SetGCPercent(collection) })
	cases := map[string]struct{ variable, value, want string }{
		"nobody asks":      {"TF_LOG", "", "OFF"},
		"everything":       {"TF_LOG", "TRACE", ""},
		"of this provider": {"TF_LOG_PROVIDER_LANDLORD", "DEBUG", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			for _, variable := range os.Environ() {
				if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "TF_LOG") {
					t.Setenv(name, "")
				}
			}
			t.Setenv("TF_LOG_SDK", "")
			t.Setenv(c.variable, c.value)
			prepare()
			if got := os.Getenv("TF_LOG_SDK"); got != c.want {
				t.Errorf("TF_LOG_SDK is %q, want %q", got, c.want)
			}
		})
	}
}
