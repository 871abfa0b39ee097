package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

// copyTables is how many tables the tenant has that is copied.
const copyTables = 12

// copyDatabase is the name of its database.
const copyDatabase = "copy_tenant"

// copyTools are what checkpoints and restores are compared with.
type copyTools struct {
	client *instance.Client
	zstd   string
}

func findCopyTools(ctx context.Context, kind instance.Kind) (copyTools, error) {
	var t copyTools
	var err error
	if t.zstd, err = exec.LookPath("zstd"); err != nil {
		return t, errors.New("`zstd` is not on PATH")
	}
	t.client, err = instance.FetchClient(ctx, kind, os.Stderr)
	return t, err
}

// copies measures a checkpoint and a restore of one tenant against the dump
// tool and the client of the server's makers.
func (b *bench) copies(ctx context.Context) (err error) {
	tools, err := findCopyTools(ctx, b.kind)
	if err != nil {
		return err
	}
	if b.root, err = os.MkdirTemp("", "landlord-bench-"); err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	if err := buildMirror(ctx, b.mirror()); err != nil {
		return err
	}
	for n := range b.rounds {
		fmt.Fprintf(os.Stderr, "round %d of %d\n", n+1, b.rounds)
		if err := b.copyRound(ctx, n, tools); err != nil {
			return err
		}
	}
	return nil
}

// copySite is what one round works on.
type copySite struct {
	*site

	tools  copyTools
	w      *workspace
	folder string
	dump   string // file
}

func (b *bench) copyRound(ctx context.Context, number int, tools copyTools) (err error) {
	s, err := startServer(ctx, b.kind)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	folder := filepath.Join(b.root, fmt.Sprint("copy-", number))
	defer func() { _ = os.RemoveAll(folder) }() // the next round needs the room
	c := &copySite{site: &site{b: b, s: s, number: number}, tools: tools, folder: folder, dump: filepath.Join(folder, "dump.sql.zst")}
	c.w, err = newWorkspace(ctx, b.terraform, b.mirror(), filepath.Join(folder, "workspace"), copyConfig(""), map[string]string{
		"LANDLORD_ENDPOINT": s.Endpoint(), "LANDLORD_USERNAME": s.Username, "LANDLORD_PASSWORD": s.Password,
		"LANDLORD_DATABASE": "landlord_copy", "LANDLORD_DATABASE_PREFIX": "copy_", "LANDLORD_CHECKPOINT_DIRECTORY": filepath.Join(folder, "checkpoints"),
	})
	if err == nil {
		err = os.MkdirAll(filepath.Join(folder, "checkpoints"), 0o700)
	}
	if err != nil {
		return err
	}
	if _, err := c.w.run(ctx, "apply", "-auto-approve"); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "filling %d MiB\n", b.size)
	if err := c.fill(ctx); err != nil {
		return err
	}
	return c.measureCopies(ctx)
}

func (c *copySite) measureCopies(ctx context.Context) error {
	taking := fmt.Sprintf("copy a tenant of %d MiB in %d tables", c.b.size, copyTables)
	dump := c.b.row(taking, "dump tool | zstd")
	err := c.take(ctx,
		[]side{{dump, func() (time.Duration, error) { return c.runDump(ctx) }}},
		[]side{{c.b.row(taking, "terraform apply of a checkpoint, 4 connections").against(1, dump), func() (time.Duration, error) {
			return c.apply(ctx, checkpointConfig)
		}}},
	)
	if err != nil {
		return err
	}
	loading := "bring it back into a new database"
	load := c.b.row(loading, "zstd -d | client")
	return c.take(ctx,
		[]side{{load, func() (time.Duration, error) { return c.runLoad(ctx) }}},
		[]side{{c.b.row(loading, "terraform apply of a restore, compared row by row").against(1, load), func() (time.Duration, error) {
			return c.apply(ctx, checkpointConfig+restoreConfig)
		}}},
	)
}

// apply applies the tenant with more resources, and watches the memory of the
// provider meanwhile.
func (c *copySite) apply(ctx context.Context, more string) (time.Duration, error) {
	if err := c.w.write(copyConfig(more)); err != nil {
		return 0, err
	}
	stop := watchMemory(c.b.mirror())
	used, err := c.w.run(ctx, "apply", "-auto-approve")
	c.b.memory = max(c.b.memory, stop())
	return used, err
}

func (c *copySite) login() []string {
	host, port, _ := net.SplitHostPort(c.s.Endpoint()) // it has both
	return []string{"--protocol=tcp", "--host=" + host, "--port=" + port, "--user=" + c.s.Username}
}

// pipe runs two commands, the one reading what the other writes.
func (c *copySite) pipe(from, to *exec.Cmd) (time.Duration, error) {
	var said strings.Builder
	out, err := from.StdoutPipe()
	if err != nil {
		return 0, err
	}
	from.Stderr, to.Stdin, to.Stderr = &said, out, &said
	env := append(os.Environ(), "MYSQL_PWD="+c.s.Password)
	from.Env, to.Env = env, env
	if err := errors.Join(from.Start(), to.Start()); err != nil {
		return 0, err
	}
	// The reader ends when the writer does.
	err = errors.Join(to.Wait(), from.Wait())
	if err != nil {
		return 0, fmt.Errorf("%w: %s", err, &said)
	}
	used := from.ProcessState.UserTime() + from.ProcessState.SystemTime() + to.ProcessState.UserTime() + to.ProcessState.SystemTime()
	return used, nil
}

func (c *copySite) runDump(ctx context.Context) (time.Duration, error) {
	file, err := os.Create(c.dump)
	if err != nil {
		return 0, err
	}
	defer func() { _ = file.Close() }()
	dump, err := c.tools.client.Dump(ctx, append(c.login(), "--single-transaction", "--routines", "--events", "--triggers", copyDatabase)...)
	if err != nil {
		return 0, err
	}
	pack := exec.CommandContext(ctx, c.tools.zstd, "-q", "-c")
	pack.Stdout = file
	return c.pipe(dump, pack)
}

func (c *copySite) runLoad(ctx context.Context) (time.Duration, error) {
	if _, err := c.s.pool.ExecContext(ctx, "CREATE DATABASE loaded"); err != nil {
		return 0, fmt.Errorf("making a database: %w", err)
	}
	shell, err := c.tools.client.Shell(ctx, append(c.login(), "loaded")...)
	if err != nil {
		return 0, err
	}
	return c.pipe(exec.CommandContext(ctx, c.tools.zstd, "-q", "-dc", c.dump), shell)
}

// fill brings the tables to their size.
func (c *copySite) fill(ctx context.Context) error {
	const perRow = 200 // bytes, as text
	rows := c.b.size << 20 / copyTables / perRow
	var wait sync.WaitGroup
	errs := make([]error, copyTables)
	for i := range copyTables {
		wait.Go(func() { errs[i] = c.fillTable(ctx, fmt.Sprintf("%s.orders_%02d", copyDatabase, i), rows) })
	}
	wait.Wait()
	return errors.Join(errs...)
}

func (c *copySite) fillTable(ctx context.Context, table string, rows int) error {
	insert := "INSERT INTO " + table + " (customer, code, state, total, weight, note, created, changed) "
	statements := []string{insert + "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i * 7919 % 100000, SHA2(i, 224), 1 + i % 3, i * 1.13, i / 7," +
		" CONCAT('Bestellung für ', SHA2(i + 1, 256)), '2024-01-01' + INTERVAL i MINUTE, '2024-01-01' + INTERVAL i SECOND FROM n"}
	for have := 1000; have < rows; have *= 2 {
		statements = append(statements, fmt.Sprintf("%sSELECT (customer * 31 + 7) %% 100000, SHA2(CONCAT(code, id), 224), state, total + 1, weight + 0.1, CONCAT('Bestellung für ', SHA2(CONCAT(note, id), 256)), created + INTERVAL 1 DAY, changed FROM %s LIMIT %d",
			insert, table, min(have, rows-have)))
	}
	for _, statement := range append(statements, "ANALYZE TABLE "+table) {
		if _, err := c.s.pool.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("filling `%s`: %w", table, err)
		}
	}
	return nil
}

const checkpointConfig = `
resource "landlord_tenant_checkpoint" "bench" {
  tenant = landlord_tenant.bench.slug
  name   = "bench"
}
`

const restoreConfig = `
resource "landlord_tenant_restore" "bench" {
  tenant     = landlord_tenant.bench.slug
  checkpoint = landlord_tenant_checkpoint.bench.id
}
`

// copyConfig is a tenant of twelve tables as applications have them.
func copyConfig(more string) string {
	var core strings.Builder
	for i := range copyTables {
		fmt.Fprintf(&core, "    \"%02d.sql\" = \"CREATE TABLE orders_%02d (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, customer INT NOT NULL, code VARCHAR(60) NOT NULL, state ENUM('new','paid','sent') NOT NULL,"+
			" total DECIMAL(12,2) NOT NULL, weight DOUBLE, note VARCHAR(200), created DATETIME NOT NULL, changed TIMESTAMP(3) NULL, KEY ix_customer (customer), KEY ix_created (created));\"\n", i, i)
	}
	return fmt.Sprintf(`terraform {
  required_providers {
    landlord = {
      source = "landlord-db/landlord"
    }
  }
}

resource "landlord_tenant_template" "bench" {
  name        = "bench"
  version     = "1.0.0"
  materialize = false
  core = {
%s  }
}

resource "landlord_tenant" "bench" {
  slug     = "tenant"
  name     = "Tenant"
  template = landlord_tenant_template.bench.id
}
`, &core) + more
}
