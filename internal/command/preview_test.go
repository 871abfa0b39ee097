package command_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/command"
	"github.com/landlord-db/terraform-provider-landlord/internal/preview"
)

// do runs one of the subcommands of the program and returns its exit status and
// what it wrote to standard output and standard error.
func do(t *testing.T, in string, arguments ...string) (int, string, string) {
	t.Helper()
	c, found := command.Find(command.Commands(), arguments)
	if !found {
		t.Fatalf("there is no %s", arguments[0])
	}
	var out, errs strings.Builder
	status := c.Do(context.Background(), &command.Process{In: strings.NewReader(in), Out: &out, Err: &errs}, arguments[1:])
	return status, out.String(), errs.String()
}

// hiddenPreview returns the preview of a plan without SQL.
func hiddenPreview(t *testing.T, name string) string {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	report, err := preview.Read(file, preview.Options{HideSQL: true})
	if err != nil {
		t.Fatal(err)
	}
	text := report.Markdown()
	if strings.Contains(text, "ALTER TABLE") || !strings.Contains(text, "Tenants: 2 to update, 1 stays behind.") {
		t.Fatalf("SQL is shown, or nothing is:\n%s", text)
	}
	return text
}

// TestPreview previews plans of real Terraform from a file and from standard
// input, and ends as its documentation says.
func TestPreview(t *testing.T) {
	t.Parallel()
	plans := filepath.Join("..", "preview", "testdata", "plans")
	golden := func(name string) string {
		text, err := os.ReadFile(filepath.Join("..", "preview", "testdata", "golden", name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	harmless, err := os.ReadFile(filepath.Join(plans, "create.json"))
	if err != nil {
		t.Fatal(err)
	}
	hidden := hiddenPreview(t, filepath.Join(plans, "conflict.json"))
	missing := filepath.Join(t.TempDir(), "none.json")
	for name, c := range map[string]struct {
		in        string
		arguments []string
		status    int
		out, errs string
	}{
		"harmless":       {in: string(harmless), arguments: []string{"-"}, out: golden("create.md")},
		"standard input": {in: string(harmless), arguments: []string{"--format", "html"}, out: golden("create.html")},
		"dangerous":      {arguments: []string{"--format=json", filepath.Join(plans, "destroy.json")}, status: command.StatusDangerous, out: golden("destroy.json")},
		"hidden":         {arguments: []string{"--hide-sql", filepath.Join(plans, "conflict.json")}, status: command.StatusDangerous, out: hidden},
		"format":         {arguments: []string{"--format", "pdf"}, status: 1, errs: "Error: --format is `pdf`: choose markdown, html, json\n"},
		"two files":      {arguments: []string{"a", "b"}, status: 1, errs: "Error: preview takes one file: what `terraform show -json PLANFILE` printed, or `-` for standard input\n"},
		"no file":        {arguments: []string{missing}, status: 1, errs: "Error: opening the plan: open " + missing + ": no such file or directory\n"},
		"no plan": {in: "{}", status: 1, errs: "Error: JSON is no plan of Terraform\n\nReading the plan: the JSON has no `format_version` or no `planned_values`, as that of a state or of another program.\n\n" +
			"Hand over what `terraform show -json PLANFILE` prints, PLANFILE being what `terraform plan -out=PLANFILE` wrote.\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, out, errs := do(t, c.in, append([]string{"preview"}, c.arguments...)...)
			if status != c.status || out != c.out || errs != c.errs {
				t.Errorf("status %d, printed %q\nwant %d, %q; out is as wanted: %t", status, errs, c.status, c.errs, out == c.out)
			}
		})
	}
	if status, out, _ := do(t, "", "preview", "--schema"); status != 0 || !strings.Contains(out, `"$schema"`) {
		t.Errorf("status %d, %s", status, out)
	}
}
