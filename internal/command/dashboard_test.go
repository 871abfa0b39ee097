package command_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/command"
	"github.com/landlord-db/terraform-provider-landlord/internal/dashboard"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// TestDashboard_newUser prints a line that the page takes.
func TestDashboard_newUser(t *testing.T) {
	t.Parallel()
	status, out, errs := runDashboard(t, "correct horse battery\n", "--new-user", "vera", "--role", "approver")
	users, err := dashboard.ReadUsers(strings.NewReader(out))
	if status != command.StatusDone || err != nil || users["vera"].Role != dashboard.Approver || strings.Contains(out, "horse") {
		t.Errorf("status %d, %q, %q: %v", status, out, errs, err)
	}
}

// TestDashboard_refused names the flag that cannot be taken.
func TestDashboard_refused(t *testing.T) {
	t.Parallel()
	open := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(open, []byte("x"), 0o644); err != nil { //nolint:gosec // others may read it: that is the case
		t.Fatal(err)
	}
	cases := map[string]struct {
		arguments []string
		want      string
	}{
		"argument":         {[]string{"now"}, "dashboard takes flags only, not `now`"},
		"role":             {[]string{"--new-user", "vera", "--role", "king"}, "the role `king` is none of viewer, approver and operator"},
		"no password":      {[]string{"--new-user", "vera"}, "give the password on standard input"},
		"key alone":        {[]string{"--tls-key", "x"}, "--tls-cert and --tls-key go together: give both or none"},
		"open users":       {[]string{"--users", open}, "others may read `" + open + "`: chmod 600 it"},
		"everybody's port": {[]string{"--listen", "0.0.0.0:0"}, "the address `0.0.0.0:0` can be reached from other machines: give a certificate (--tls-cert, --tls-key) and a file of users (--users), or listen on 127.0.0.1"},
	}
	for name, c := range cases {
		if status, _, errs := runDashboard(t, "", c.arguments...); status != command.StatusFailed || errs != "Error: "+c.want+"\n" {
			t.Errorf("%s: status %d, %q, not %q", name, status, errs, c.want)
		}
	}
}

func runDashboard(t *testing.T, in string, arguments ...string) (status int, out, errs string) {
	t.Helper()
	found, ok := command.Find(command.Commands(), []string{"dashboard"})
	if !ok {
		t.Fatal("there is no dashboard")
	}
	var o, e strings.Builder
	status = found.Do(context.Background(), &command.Process{In: strings.NewReader(in), Out: &o, Err: &e,
		Environment: func() (landlord.Config, error) {
			return landlord.Config{Main: mysql.Config{Endpoint: "127.0.0.1:1", Username: "nobody"}}, nil
		}}, arguments)
	return status, o.String(), e.String()
}
