package command_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/command"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// TestAdopt_refused names what cannot be taken, before anything is read.
func TestAdopt_refused(t *testing.T) {
	t.Parallel()
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "main.tf"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		arguments []string
		want      string
	}{
		"argument":         {[]string{"shop_%"}, "adopt takes flags only, not `shop_%`: put the pattern behind --databases, in quotes"},
		"no databases":     {[]string{"--out", "x"}, "say which databases: --databases 'shop\\_%', or --databases-from with a file of names"},
		"no directory":     {[]string{"--databases", "shop\\_%"}, "--out names no directory: the files are written there; or print what there is with --report-only"},
		"number":           {[]string{"--databases", "x", "--out", "x", "--release-at-least", "-1"}, "--release-at-least is `-1`: give a number of databases, or 0"},
		"fleet":            {[]string{"--databases", "x", "--out", "x", "--fleet-at-least", "-1"}, "--fleet-at-least is `-1`: give a number of tenants, or 0"},
		"template":         {[]string{"--databases", "x", "--out", "x", "--template", "Shop"}, "--template is `Shop`: `Shop` is no template name: it has to start with a lower-case letter and hold lower-case letters, digits, `_` and `-` only"},
		"not empty":        {[]string{"--databases", "x", "--out", full}, "the directory `" + full + "` of --out is not empty: name another one, or write beside what is there with --overwrite"},
		"a file":           {[]string{"--databases", "x", "--out", filepath.Join(full, "main.tf")}, "looking into the directory of --out: open " + filepath.Join(full, "main.tf") + ": not a directory"},
		"no file of names": {[]string{"--databases-from", filepath.Join(full, "names"), "--out", "x"}, "opening the names of --databases-from: open " + filepath.Join(full, "names") + ": no such file or directory"},
	}
	for name, c := range cases {
		cfg := landlord.Config{Main: mysql.Config{Endpoint: "127.0.0.1:1", Username: "nobody"}}
		status, out, errs := subcommand(t, cfg, append([]string{"adopt"}, c.arguments...)...)
		if status != command.StatusFailed || out != "" || errs != "Error: "+c.want+"\n" {
			t.Errorf("%s: status %d, %q\n%q\nnot\n%q", name, status, out, errs, "Error: "+c.want+"\n")
		}
	}
	if _, err := os.Stat("x"); err == nil {
		t.Error("a directory was made")
	}
}
