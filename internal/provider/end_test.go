package provider_test

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// shopWithUpdate is the next version of shopConfig: a statement on rows, then one
// on the structure.
var shopWithUpdate = strings.NewReplacer(`"1.0.0"`, `"1.1.0"`, "email VARCHAR(190) NOT NULL", "email VARCHAR(190) NOT NULL, phone VARCHAR(32) NULL", "  extension_points", `  migrations = {
    "1.0.0--1.1.0.sql" = "UPDATE users SET email = CONCAT('new-', email) WHERE id = 1;"
  }
  extension_points`).Replace(shopConfig)

// holding is an apply of shopWithUpdate whose first statement waits for a row.
type holding struct {
	*cli
	s        *mysqltest.Server
	command  *exec.Cmd
	out      *bytes.Buffer
	provider int    // its process
	release  func() // lets the statement go on
}

func holdApply(t *testing.T) *holding {
	t.Helper()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("this system has no /proc to find the provider in")
	}
	s := mysqltest.One(t)
	h := &holding{cli: newCLI(t, s), s: s, out: &bytes.Buffer{}}
	h.set("LANDLORD_LOCK_TIMEOUT", "300s")
	h.write(shopConfig + acmeConfig(`  name = "Acme"`))
	h.run("init")
	h.run("apply", "-auto-approve")
	h.write(shopWithUpdate + acmeConfig(`  name = "Acme"`))
	tx, err := s.DB().BeginTx(t.Context(), nil)
	must(t, err)
	var once sync.Once
	h.release = func() { once.Do(func() { must(t, tx.Rollback()) }) }
	t.Cleanup(h.release)
	_, err = tx.ExecContext(t.Context(), "UPDATE "+mysqltest.QuoteName(s.Prefix+"acme")+".users SET email = 'held' WHERE id = 1")
	must(t, err)
	h.command = h.cli.command("apply", "-auto-approve")
	h.command.Stdout, h.command.Stderr = h.out, h.out
	must(t, h.command.Start())
	h.wait(60*time.Second, "the statement in hand", func() bool { return h.inHand() == 1 })
	children := childrenOf(t, h.command.Process.Pid)
	if len(children) != 1 {
		t.Fatalf("the providers are %v", children)
	}
	h.provider = children[0]
	return h
}

func (h *holding) inHand() int {
	rows := h.s.QueryRows(h.t, "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'UPDATE%new-%' AND db = ?", h.s.Prefix+"acme")
	n, err := strconv.Atoi(rows[0][0])
	must(h.t, err)
	return n
}

func (h *holding) wait(patience time.Duration, what string, done func() bool) {
	h.t.Helper()
	for end := time.Now().Add(patience); !done(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			h.t.Fatalf("%s did not come within %s: %s", what, patience, h.out)
		}
	}
}

// completes applies what is left, and looks whether each statement ran once.
func (h *holding) completes() {
	h.t.Helper()
	h.run("apply", "-auto-approve")
	h.noChanges()
	name := mysqltest.QuoteName(h.s.Prefix + "acme")
	if got := fmt.Sprint(h.s.QueryRows(h.t, "SELECT email, phone IS NULL FROM "+name+".users")); got != "[[new-root@example.com 1]]" {
		h.t.Errorf("the rows are %s", got)
	}
	h.run("destroy", "-auto-approve")
}

// childrenOf returns the processes of the provider that a Terraform started.
func childrenOf(t *testing.T, parent int) []int {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	must(t, err)
	var children []int
	for _, name := range stats {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended
		}
		pid, rest, _ := strings.Cut(string(text), " (")
		fields := strings.Fields(rest[strings.LastIndexByte(rest, ')')+1:])
		if fields[1] != strconv.Itoa(parent) || !strings.HasPrefix(rest, "terraform-prov") {
			continue
		}
		number, err := strconv.Atoi(pid)
		must(t, err)
		children = append(children, number)
	}
	return children
}

// TestAccCLI_terraformKilled kills Terraform while a statement is in hand that
// does not end: within seconds the provider has ended, and its statement and its
// connections with it. The next apply does the rest.
func TestAccCLI_terraformKilled(t *testing.T) {
	t.Parallel()
	h := holdApply(t)
	must(t, h.command.Process.Kill())
	_ = h.command.Wait()
	began := time.Now()
	h.wait(15*time.Second, "the end of the provider", func() bool { return syscall.Kill(h.provider, 0) != nil })
	t.Logf("the provider ended after %s", time.Since(began))
	h.wait(5*time.Second, "the end of the statement", func() bool { return h.inHand() == 0 })
	if got := fmt.Sprint(h.s.QueryRows(t, "SELECT COUNT(*) FROM information_schema.processlist WHERE db = ?", h.s.Prefix+"acme")); got != "[[0]]" {
		t.Errorf("connections are left: %s", got)
	}
	h.release()
	h.completes()
}

// TestAccCLI_interrupted asks Terraform to end while a statement is in hand: it
// ends with the statement, which took effect and is not repeated.
func TestAccCLI_interrupted(t *testing.T) {
	t.Parallel()
	h := holdApply(t)
	must(t, h.command.Process.Signal(os.Interrupt))
	time.Sleep(time.Second)
	if h.inHand() != 1 {
		t.Error("the statement in hand was given up")
	}
	h.release()
	released := time.Now()
	if err := h.command.Wait(); err == nil {
		t.Errorf("the apply ended well: %s", h.out)
	}
	if took := time.Since(released); took > 5*time.Second {
		t.Errorf("it took %s to end", took)
	}
	if !strings.Contains(h.out.String(), "Error: Interrupted") || !strings.Contains(h.out.String(), "The run was asked to end. What was done is recorded: the next apply goes on") {
		t.Errorf("it said %s", h.out)
	}
	name := mysqltest.QuoteName(h.s.Prefix + "acme")
	if got := fmt.Sprint(h.s.QueryRows(t, "SELECT email FROM "+name+".users")); got != "[[new-root@example.com]]" {
		t.Errorf("the rows are %s", got)
	}
	h.completes()
}

// tapped stands between a provider and its server, and shows what the provider
// sends before it is passed on. From the moment when that says no it accepts and
// never answers.
func tapped(t *testing.T, target string, see func(sent []byte) bool) (endpoint string, silent *atomic.Bool) {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = l.Close() })
	silent = &atomic.Bool{}
	pass := func(to, from net.Conn, see func([]byte) bool) {
		defer func() { _, _ = to.Close(), from.Close() }()
		buffer := make([]byte, 64<<10)
		for {
			n, err := from.Read(buffer)
			if err != nil {
				return
			}
			if !see(buffer[:n]) {
				silent.Store(true)
			}
			if silent.Load() {
				continue
			}
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
	}
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := new(net.Dialer).DialContext(t.Context(), "tcp", target)
			if err != nil {
				_ = client.Close()
				continue
			}
			t.Cleanup(func() { _, _ = client.Close(), server.Close() })
			go pass(server, client, see)
			go pass(client, server, func([]byte) bool { return true })
		}
	}()
	return l.Addr().String(), silent
}

// severalTenants are more of them than Terraform works on at once.
const severalTenants = `
resource "landlord_tenant" "many" {
  for_each          = toset([for n in range(25) : "many${n}"])
  slug              = each.key
  name              = each.key
  template          = landlord_tenant_template.shop.id
  deletion_policy   = "drop"
  allow_destructive = true
}
`

// TestAccCLI_silentServer plans with a server that stops to answer in the middle
// of a refresh: all tenants fail within the time for one statement, each with the
// same words, and who does not wait for that gets the prompt back at once.
func TestAccCLI_silentServer(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	c := newCLI(t, s)
	c.write(shopConfig + severalTenants)
	c.run("init")
	c.run("apply", "-auto-approve")
	c.set("LANDLORD_TLS_MODE", "disabled")
	for _, interrupt := range []bool{true, false} {
		endpoint, silent := tapped(t, s.Endpoint(), func(sent []byte) bool { return !bytes.Contains(sent, []byte("information_schema")) })
		c.set("LANDLORD_ENDPOINT", endpoint)
		command := c.command("plan")
		out := &bytes.Buffer{}
		command.Stdout, command.Stderr = out, out
		must(t, command.Start())
		for end := time.Now().Add(30 * time.Second); !silent.Load() && time.Now().Before(end); {
			time.Sleep(10 * time.Millisecond)
		}
		began, most := time.Now(), 45*time.Second
		if interrupt {
			time.Sleep(200 * time.Millisecond)
			must(t, command.Process.Signal(os.Interrupt))
			most = 2500 * time.Millisecond
		}
		if err := command.Wait(); err == nil {
			t.Errorf("the plan ended well: %s", out)
		}
		if took := time.Since(began); took > most {
			t.Errorf("interrupted %v: it took %s, at most it may %s: %s", interrupt, took, most, out)
		}
		want := "the connection was accepted, but no server answered within 10\nseconds."
		if text := strings.ReplaceAll(out.String(), "│ ", ""); !interrupt && strings.Count(strings.ReplaceAll(text, "\n", " "), strings.ReplaceAll(want, "\n", " ")) == 0 {
			t.Errorf("it said %s", out)
		}
		if n := strings.Count(out.String(), "Error: "); !interrupt && n > 26 {
			t.Errorf("there are %d errors: %s", n, out)
		}
	}
	c.set("LANDLORD_ENDPOINT", s.Endpoint())
	c.run("destroy", "-auto-approve")
}
