package provider_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

// chaos is an estate of three servers, one of them a group, whose fleet is rolled
// out in waves while something is killed.
type chaos struct {
	t        *testing.T
	r        *rand.Rand
	cli      *cli
	main, eu *mysqltest.PrivateServer
	group    *mysqltest.MySQLGroup
	cables   []*cable // to main and to eu
	tenants  int
	round    int
	killed   map[string]int // how often what was killed
}

// size returns a number of the environment.
func size(t *testing.T, variable string, otherwise int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	must(t, err)
	return n
}

// TestSoakFleet_chaos rolls version after version out to a fleet on three servers, in
// five waves each, and kills the provider, Terraform, a server, the primary of the
// group or the network on the way, at random. After each round every tenant is at
// exactly the version of the round, no statement has run twice, and the ledgers say
// so. LANDLORD_TEST_CHAOS_TENANTS, LANDLORD_TEST_CHAOS_ROUNDS and LANDLORD_TEST_CHAOS_SEED say how
// many, and which.
func TestSoakFleet_chaos(t *testing.T) {
	if os.Getenv("LANDLORD_SOAK") == "" {
		t.Skip("part of make soak")
	}
	if !slices.Contains(mysqltest.Kinds(t), instance.MySQL97) {
		t.Skip("a group is one of MySQL")
	}
	seed := size(t, "LANDLORD_TEST_CHAOS_SEED", int(time.Now().UnixNano()%1_000_000))
	w := newChaos(t, seed)
	t.Logf("the seed is %d", seed)
	w.write()
	w.cli.run("init")
	w.cli.run("apply", "-auto-approve")
	w.check()
	for w.round = 1; w.round <= size(t, "LANDLORD_TEST_CHAOS_ROUNDS", 50) && !t.Failed(); w.round++ {
		w.rollOut()
		w.check()
	}
	t.Logf("killed: %v", w.killed)
}

func newChaos(t *testing.T, seed int) *chaos {
	t.Helper()
	w := &chaos{t: t, r: rand.New(rand.NewPCG(uint64(seed), 1)), tenants: size(t, "LANDLORD_TEST_CHAOS_TENANTS", 200), killed: map[string]int{}} //nolint:gosec // no secret
	small := mysqltest.Args("--innodb-buffer-pool-size=48M")
	w.main, w.eu, w.group = mysqltest.Private(t, instance.MySQL97, small), mysqltest.Private(t, instance.MySQL97, small), mysqltest.Group(t)
	w.cables = []*cable{newCable(t, w.main.Endpoint()), newCable(t, w.eu.Endpoint())}
	w.cli = newCLI(t, w.main.Server)
	w.cli.set("LANDLORD_ENDPOINT", w.cables[0].endpoint())
	w.cli.set("LANDLORD_CONNECT_TIMEOUT", "3s")
	return w
}

// version is that of a round.
func (w *chaos) version(round int) string { return fmt.Sprintf("1.%d.0", round) }

// write writes the configuration of the round. Each version adds a column; every
// other one counts in a row as well, by a script, which would show in the number if
// it ran twice.
func (w *chaos) write() {
	w.t.Helper()
	core := []string{`"000_people.sql" = "CREATE TABLE people (id INT NOT NULL PRIMARY KEY, name VARCHAR(100) NOT NULL); CREATE TABLE counted (id INT NOT NULL PRIMARY KEY, n INT NOT NULL)"`}
	for i := 1; i <= w.round; i++ {
		core = append(core, fmt.Sprintf(`"%03d.sql" = "ALTER TABLE people ADD COLUMN c%d INT NULL"`, i, i))
	}
	scripts := ""
	if w.round%2 == 1 {
		scripts = fmt.Sprintf("  migrations = { \"%s--%s.sql\" = \"UPDATE counted SET n = n + 1\" }\n", w.version(w.round-1), w.version(w.round))
	}
	tenants := make([]string, w.tenants)
	for n := range tenants {
		tenants[n] = fmt.Sprintf("shop-%03d = %s", n, []string{"{}", `{ server = "eu" }`, `{ server = "group" }`}[n%3])
	}
	login := func(s *mysqltest.Server, endpoint string) string {
		return fmt.Sprintf("{ endpoint = %q, username = %q, password = %q }", endpoint, s.Username, s.Password)
	}
	w.cli.write(fmt.Sprintf(`
provider "landlord" {
  servers = {
    eu    = %s
    group = %s
  }
}

resource "landlord_tenant_template" "shop" {
  name    = "shop"
  version = %q
  core = {
    %s
  }
  seeds = { "counted.sql" = "INSERT INTO counted VALUES (1, 0)" }
%s}

resource "landlord_tenant_fleet" "shops" {
  name      = "shops"
  template  = landlord_tenant_template.shop.id
  tenants   = jsonencode({%s})
  rollout   = { canary = ["shop-001"], waves = ["10%%", "25%%", "50%%"], max_parallel = 6, max_failures = 0 }
}
`, login(w.eu.Server, w.cables[1].endpoint()), login(w.group.Members[0].Server, w.group.Endpoint()), w.version(w.round), strings.Join(core, "\n    "), scripts, strings.Join(tenants, ", ")))
}

// rollOut applies the version of the round until it is done: first with something
// that is killed on the way, later in peace.
func (w *chaos) rollOut() {
	w.t.Helper()
	w.write()
	const tries, chaotic = 8, 2
	var out string
	for try := range tries {
		ended := make(chan error, 1)
		command := w.cli.command("apply", "-auto-approve")
		printed := &strings.Builder{}
		command.Stdout, command.Stderr = printed, printed
		must(w.t, command.Start())
		go func() { ended <- command.Wait() }()
		var err error
		heal := func() {}
		if try < chaotic {
			select {
			case err = <-ended:
				ended <- err
			case <-time.After(time.Duration(400+w.r.IntN(4000)) * time.Millisecond):
				heal = w.kill(command)
			}
		}
		err = <-ended
		heal()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			w.t.Fatal(err)
		}
		if out = printed.String(); err == nil {
			w.t.Logf("round %d: done with attempt %d", w.round, try+1)
			return
		}
	}
	w.t.Fatalf("round %d: not done in %d attempts: %s", w.round, tries, out[max(0, len(out)-4000):])
}

// kill kills one thing at random, and returns what brings it back.
func (w *chaos) kill(terraform *exec.Cmd) (heal func()) {
	w.t.Helper()
	kinds := []string{"provider", "terraform", "server", "primary", "network"}
	what := kinds[w.r.IntN(len(kinds))]
	w.killed[what]++
	w.t.Logf("round %d: kills the %s", w.round, what)
	switch what {
	case "provider":
		for _, pid := range childrenOf(w.t, terraform.Process.Pid) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	case "terraform":
		orphans := childrenOf(w.t, terraform.Process.Pid)
		_ = terraform.Process.Kill()
		return func() { w.awaitEnd(orphans) }
	case "server":
		s := []*mysqltest.PrivateServer{w.main, w.eu}[w.r.IntN(2)]
		s.Kill(w.t)
		return w.later(func() { s.Restart(w.t) })
	case "primary":
		s := w.group.Primary(w.t)
		s.Kill(w.t)
		return func() {
			w.group.Rejoin(w.t, s)
			w.group.WaitOnline(w.t, len(w.group.Members))
		}
	case "network":
		c := w.cables[w.r.IntN(len(w.cables))]
		c.set(true)
		return w.later(func() { c.set(false) })
	}
	return func() {}
}

// later brings something back in a while, and returns what waits for it.
func (w *chaos) later(bring func()) (wait func()) {
	done := make(chan struct{})
	time.AfterFunc(time.Duration(500+w.r.IntN(4000))*time.Millisecond, func() {
		defer close(done)
		bring()
	})
	return func() { <-done }
}

// awaitEnd waits for providers whose Terraform was killed, and kills those that do
// not end.
func (w *chaos) awaitEnd(pids []int) {
	w.t.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		pids = slices.DeleteFunc(pids, func(pid int) bool { return syscall.Kill(pid, 0) != nil })
		if len(pids) == 0 {
			return
		}
		if time.Now().After(end) {
			w.t.Logf("round %d: %d providers outlive Terraform by 30 seconds", w.round, len(pids))
			for _, pid := range pids {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
			return
		}
	}
}

// check looks whether every tenant is what its version says, on its server, and the
// ledger too.
func (w *chaos) check() {
	w.t.Helper()
	ledger := mysqltest.QuoteName(w.main.LandlordDatabase)
	rows := w.main.QueryRows(w.t, "SELECT applied_version, desired_version, running_digest IS NULL, status, COUNT(*) FROM "+ledger+".tenants GROUP BY 1, 2, 3, 4")
	if want := fmt.Sprintf("[[%s %s 1 active %d]]", w.version(w.round), w.version(w.round), w.tenants); fmt.Sprint(rows) != want {
		w.t.Errorf("round %d: tenants are %v, want %s", w.round, rows, want)
	}
	if w.round > 0 {
		rows = w.main.QueryRows(w.t, "SELECT status, (SELECT COUNT(*) FROM "+ledger+".rollout_tenants t WHERE t.rollout_id = r.id AND t.status <> 'done') FROM "+ledger+".rollouts r ORDER BY id DESC LIMIT 1")
		if fmt.Sprint(rows) != "[[done 0]]" {
			w.t.Errorf("round %d: the rollout is %v", w.round, rows)
		}
	}
	counted := strconv.Itoa((w.round + 1) / 2)
	for i, s := range []*mysqltest.Server{w.main.Server, w.eu.Server, w.group.Primary(w.t).Server} {
		for n := i; n < w.tenants; n += 3 {
			slug := fmt.Sprintf("shop-%03d", n)
			database := mysqltest.QuoteName(w.main.Prefix + strings.ReplaceAll(slug, "-", "_"))
			if got := s.QueryRows(w.t, "SELECT n, (SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = 'people') FROM "+database+".counted",
				w.main.Prefix+strings.ReplaceAll(slug, "-", "_")); fmt.Sprint(got) != fmt.Sprintf("[[%s %d]]", counted, 2+w.round) {
				w.t.Errorf("round %d: %s has counted, and has columns, %v; want %s and %d", w.round, slug, got, counted, 2+w.round)
			}
			got := s.QueryRows(w.t, "SELECT to_template, COUNT(*), MIN(status), SUM(running IS NOT NULL), SUM((SELECT COUNT(*) FROM "+ledger+".tenant_migration_steps s WHERE s.migration_id = h.id AND s.state <> 'done')) FROM "+
				ledger+".tenant_migrations_history h WHERE tenant_slug = ? AND status <> 'abandoned' GROUP BY 1", slug)
			if len(got) != w.round+1 {
				w.t.Errorf("round %d: the ledger of %s has %d versions", w.round, slug, len(got))
			}
			for _, row := range got {
				if fmt.Sprint(row[1:]) != "[1 done 0 0]" {
					w.t.Errorf("round %d: the ledger of %s says %v", w.round, slug, row)
				}
			}
		}
	}
}
