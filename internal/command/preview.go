package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/preview"
)

// StatusDangerous is what `preview` ends with when the plan destroys something,
// loses data, locks accounts out, fails, is in conflict, or changes what nobody can see
// beforehand.
const StatusDangerous = 2

// previewCommand tells what a saved plan would do.
func previewCommand() Command {
	var format string
	var schema bool
	var options preview.Options
	return Command{
		Name: "preview", Synopsis: "[flags] plan.json", Summary: "Tells what a saved plan would do to which tenants",
		Flags: func(flags *flag.FlagSet) {
			flags.StringVar(&format, "format", preview.FormatMarkdown, "markdown, html or json")
			flags.BoolVar(&options.HideSQL, "hide-sql", false, "leave out SQL, definitions and findings: what is done with how many tenants stays")
			flags.BoolVar(&schema, "schema", false, "print the JSON Schema of --format json and end")
		},
		Run: func(_ context.Context, p *Process, arguments []string) (int, error) {
			if schema {
				_, err := io.WriteString(p.Out, preview.Schema)
				return StatusDone, err
			}
			if !slices.Contains(preview.Formats(), format) {
				return StatusFailed, fmt.Errorf("--format is `%s`: choose %s", format, strings.Join(preview.Formats(), ", "))
			}
			return writePreview(p, format, options, arguments)
		},
	}
}

// writePreview reads the plan of the arguments, or of standard input.
func writePreview(p *Process, format string, options preview.Options, arguments []string) (status int, err error) {
	from := p.In
	switch {
	case len(arguments) > 1:
		return StatusFailed, errors.New("preview takes one file: what `terraform show -json PLANFILE` printed, or `-` for standard input")
	case len(arguments) == 1 && arguments[0] != "-":
		file, err := os.Open(arguments[0])
		if err != nil {
			return StatusFailed, fmt.Errorf("opening the plan: %w", err)
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		from = file
	}
	report, err := preview.Read(from, options)
	if err != nil {
		return StatusFailed, err //nolint:wrapcheck // it is in the words of the interface
	}
	text, err := report.Write(format)
	if err != nil {
		return StatusFailed, err //nolint:wrapcheck // it says what it is about
	}
	if _, err := io.WriteString(p.Out, text); err != nil {
		return StatusFailed, fmt.Errorf("writing the preview: %w", err)
	}
	if report.Dangerous {
		return StatusDangerous, nil
	}
	return StatusDone, nil
}
