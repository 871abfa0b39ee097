package command_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

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
		"sample --event 1s":      "Error: --event is `1s`: give at least 1m\n",
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
		sampleByEvent(t, s, cfg)
	})
}

// sampleByEvent makes the event that `sample --event` prints, has it run at once, and looks
// what it kept of the tenant beside the sample that is there, and of one that has none.
func sampleByEvent(t *testing.T, s *mysqltest.Server, cfg landlord.Config) {
	t.Helper()
	status, out, errs := subcommand(t, cfg, "sample", "--event", "15m", "--retention", "48h")
	text, begins := strings.CutPrefix(out, "DELIMITER //\n")
	text, ends := strings.CutSuffix(text, "//\nDELIMITER ;\n")
	if status != command.StatusDone || errs != "" || !begins || !ends {
		t.Fatalf("%d %q %q", status, out, errs)
	}
	samples := s.LandlordDatabase + ".tenant_samples"
	s.Exec(t, "CREATE TABLE "+s.Prefix+"acme.notes (id INT NOT NULL PRIMARY KEY, text TEXT)", "CREATE DATABASE "+s.Prefix+"beta", "CREATE TABLE "+s.Prefix+"beta.notes (id INT)",
		"INSERT INTO "+s.LandlordDatabase+".tenants (slug, name, database_name, status, template, desired_version) VALUES ('beta', 'Beta', '"+s.Prefix+"beta', 'active', 'shop', '1.0.0')",
		"UPDATE "+samples+" SET score = 77, sampled_at = sampled_at - INTERVAL 1 HOUR",
		"INSERT INTO "+samples+" (tenant_id, sampled_at, score, expires_at) SELECT id, UTC_TIMESTAMP(6) - INTERVAL 9 DAY, 50, UTC_TIMESTAMP(6) - INTERVAL 1 DAY FROM "+s.LandlordDatabase+".tenants WHERE slug = 'acme'", text)
	defer s.Exec(t, "DROP EVENT "+s.LandlordDatabase+".sample_tenants")
	scheduler := s.QueryRows(t, "SELECT @@GLOBAL.event_scheduler")[0][0]
	if scheduler != "ON" {
		t.Skipf("the event scheduler is %s", scheduler)
	}
	var got [][]string
	for range 100 { // an event without a beginning runs at once
		if got = s.QueryRows(t, "SELECT t.slug, n.score, n.size_bytes > 0, n.table_rows, n.expires_at > UTC_TIMESTAMP(6) + INTERVAL 47 HOUR, n.statements IS NULL <> @@performance_schema FROM "+samples+" AS n JOIN "+
			s.LandlordDatabase+".tenants AS t ON t.id = n.tenant_id WHERE n.sampled_at > UTC_TIMESTAMP(6) - INTERVAL 1 MINUTE"); len(got) > 0 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if want := [][]string{{"acme", "77", "1", "0", "1", "1"}}; !reflect.DeepEqual(got, want) {
		t.Errorf("the event kept %v, not %v", got, want)
	}
	if old := s.QueryRows(t, "SELECT COUNT(*) FROM "+samples+" WHERE expires_at < UTC_TIMESTAMP(6)"); old[0][0] != "0" {
		t.Errorf("%s samples are kept whose time is over", old[0][0])
	}
}
