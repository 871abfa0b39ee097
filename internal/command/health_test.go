package command_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/command"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

func TestMain(m *testing.M) { mysqltest.Run(m) }

// subcommand runs a subcommand of the program and returns what it ends with and prints.
func subcommand(t *testing.T, cfg landlord.Config, arguments ...string) (status int, out, errs string) {
	t.Helper()
	c, found := command.Find(command.Commands(), arguments)
	if !found {
		t.Fatalf("no subcommand `%s`", arguments[0])
	}
	var printed, failed strings.Builder
	p := &command.Process{Out: &printed, Err: &failed, Environment: func() (landlord.Config, error) { return cfg, nil }}
	status = c.Do(context.Background(), p, arguments[1:])
	return status, printed.String(), failed.String()
}

// TestHealth_arguments refuses what the subcommands do not know.
func TestHealth_arguments(t *testing.T) {
	t.Parallel()
	for arguments, want := range map[string]string{
		"sample now":             "Error: sample takes no arguments\n",
		"sample --retention 0s":  "Error: --retention is `0s`: give a time above zero, for example 720h\n",
		"metrics now":            "Error: metrics takes no arguments\n",
		"metrics --interval 1ms": "Error: --interval is `1ms`: give at least 1s\n",
	} {
		if status, out, errs := subcommand(t, landlord.Config{}, strings.Fields(arguments)...); status != command.StatusFailed || out != "" || errs != want {
			t.Errorf("%s: %d %q %q", arguments, status, out, errs)
		}
	}
}

// TestHealth samples an estate without a tenant, and prints its metrics. What is
// told of tenants the tests of the engine see.
func TestHealth(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		cfg := landlord.Config{Main: mysql.Config{Endpoint: s.Endpoint(), Username: s.Username, Password: s.Password}, Database: s.LandlordDatabase, Prefix: s.Prefix, Version: "test"}
		if status, out, errs := subcommand(t, cfg, "sample"); status != command.StatusDone || out != "0 tenants: 0 healthy, 0 degraded, 0 unhealthy\n" || errs != "" {
			t.Errorf("%d %q %q", status, out, errs)
		}
		s.Exec(t, "CREATE DATABASE "+s.Prefix+"acme", "INSERT INTO "+s.LandlordDatabase+".tenants (slug, name, database_name, status, template, desired_version) VALUES ('acme', 'Acme', '"+s.Prefix+"acme', 'active', 'shop', '1.0.0')")
		if status, out, errs := subcommand(t, cfg, "sample", "--retention", "1h"); status != command.StatusDone || out != "1 tenant: 1 healthy, 0 degraded, 0 unhealthy\n" || errs != "" {
			t.Errorf("%d %q %q", status, out, errs)
		}
		status, out, errs := subcommand(t, cfg, "metrics", "--once")
		lines := strings.Split(out, "\n")
		if status != command.StatusDone || errs != "" || !slices.Contains(lines, `landlord_server_up{server=""} 1`) || !slices.Contains(lines, `landlord_tenant_health_score{server="",tenant="acme"} 100`) {
			t.Errorf("%d %q\n%s", status, errs, out)
		}
		if got := s.QueryRows(t, "SELECT score FROM "+s.LandlordDatabase+".tenant_samples"); len(got) != 1 || got[0][0] != "100" {
			t.Errorf("samples: %v", got)
		}
	})
}
