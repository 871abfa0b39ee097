package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// The versions of the template: as it comes with the provider, and three
// statements further.
const (
	oldVersion = "1.0.0"
	newVersion = "1.1.0"
)

// rolloutSQL is what the new version adds: a column, a table and an index.
const rolloutSQL = `ALTER TABLE users ADD COLUMN bench_note VARCHAR(100) NULL;

CREATE TABLE bench_notes (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  user_id BIGINT UNSIGNED NOT NULL,
  body TEXT NOT NULL,
  KEY ix_bench_notes_user (user_id)
) COMMENT = 'what the new version adds';

CREATE INDEX ix_bench_system_settings ON system_settings (updated_at);
`

// fewTenants is the small estate whose plan shall need as many statements as
// that of the large one.
const fewTenants = 10

// bench is one run.
type bench struct {
	options

	root    string // of everything on the disk
	create  []string
	rollout []string
	bytes   int   // of one tenant in the state, as it was made
	rolled  int   // the same after the rollout
	memory  int64 // the most that the provider had while it copied
	rows    []*row
}

func (b *bench) mirror() string   { return filepath.Join(b.root, "mirror") }
func (b *bench) template() string { return filepath.Join(b.root, "template") } // of the new version

// source is the template of the old version.
func (b *bench) source() string {
	if b.small {
		return filepath.Join(b.root, "small")
	}
	return "builtin:basic"
}

func (b *bench) clean() {
	if b.root != "" {
		_ = os.RemoveAll(b.root)
	}
}

// prepare builds what all rounds use, and asks the provider which statements
// it will send: the other side sends the same.
func (b *bench) prepare(ctx context.Context) (err error) {
	if b.root, err = os.MkdirTemp("", "landlord-bench-"); err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	if err := buildMirror(ctx, b.mirror()); err != nil {
		return err
	}
	if err := b.writeTemplates(); err != nil {
		return err
	}
	s, err := startServer(ctx, b.kind)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	w, err := b.workspace(ctx, s, "prepare", 1, "")
	if err != nil {
		return err
	}
	const plan, address = "saved.tfplan", `landlord_tenant.bench["t0000"]`
	if _, err := w.run(ctx, "plan", "-out", plan); err != nil {
		return err
	}
	all, err := w.migration(ctx, plan, address)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(all[0], "CREATE DATABASE ") {
		return fmt.Errorf("the first step of a creation is %s", all[0])
	}
	b.create = all[1:]
	if _, err := w.run(ctx, "apply", plan); err != nil {
		return err
	}
	if b.bytes, err = w.stateOf("landlord_tenant"); err != nil {
		return err
	}
	if err := w.write(tenantConfig(1, newVersion, b.template())); err != nil {
		return err
	}
	if _, err := w.run(ctx, "plan", "-out", plan); err != nil {
		return err
	}
	if b.rollout, err = w.migration(ctx, plan, address); err != nil {
		return err
	}
	if len(b.rollout) != 3 {
		return fmt.Errorf("the rollout has %d statements: %s", len(b.rollout), strings.Join(b.rollout, "; "))
	}
	if _, err := w.run(ctx, "apply", plan); err != nil {
		return err
	}
	b.rolled, err = w.stateOf("landlord_tenant")
	return err
}

// workspace makes a workspace with tenants of the old version, and with a
// backend unless its text is empty. Its name is that of its databases too, so
// that the estates of a server do not see each other.
func (b *bench) workspace(ctx context.Context, s *server, name string, tenants int, backend string) (*workspace, error) {
	return newWorkspace(ctx, b.terraform, b.mirror(), filepath.Join(b.root, strconv.Itoa(s.Port)+"-"+name),
		backend+tenantConfig(tenants, oldVersion, b.source()), map[string]string{
			"LANDLORD_ENDPOINT": s.Endpoint(), "LANDLORD_USERNAME": s.Username, "LANDLORD_PASSWORD": s.Password,
			"LANDLORD_DATABASE": "landlord_" + name, "LANDLORD_DATABASE_PREFIX": prefixOf(name),
		})
}

// otherWorkspace makes a workspace without tenants.
func (b *bench) otherWorkspace(ctx context.Context, s *server, name, config string) (*workspace, error) {
	return newWorkspace(ctx, b.terraform, b.mirror(), filepath.Join(b.root, strconv.Itoa(s.Port)+"-"+name), config, nil)
}

// prefixOf is the prefix of the databases of a side.
func prefixOf(name string) string { return name + "_" }

// site is what one round works on.
type site struct {
	b      *bench
	s      *server
	number int

	direct *workspace // `terraform apply`
	saved  *workspace // `terraform plan -out` and `terraform apply` of it
	remote *workspace // `terraform apply` with the state elsewhere
	few    *workspace
	none   *workspace // a template and no tenants
	data   *workspace // of resources of Terraform's own that do nothing
	idle   *workspace // of resources of a provider that does nothing
	large  *workspace // of such resources with a state as large as ours

	states *stateServer
}

// round measures everything once, on a server of its own, so that no round
// pays for what the former ones left.
func (b *bench) round(ctx context.Context, number int) (err error) {
	s, err := startServer(ctx, b.kind)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	r := &site{b: b, s: s, number: number}
	if r.states, err = startStateServer(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.states.close()) }()
	for _, w := range []struct {
		to      **workspace
		name    string
		tenants int
		backend string
	}{
		{&r.direct, "direct", b.tenants, ""}, {&r.saved, "saved", b.tenants, ""}, {&r.remote, "remote", b.tenants, r.states.backend("remote")},
		{&r.few, "few", fewTenants, ""}, {&r.none, "none", 0, ""},
	} {
		if *w.to, err = b.workspace(ctx, s, w.name, w.tenants, w.backend); err != nil {
			return err
		}
	}
	for _, w := range []struct {
		to           **workspace
		name, config string
	}{
		{&r.data, "data", dataConfig(b.tenants)}, {&r.idle, "idle", idleConfig(b.tenants, "a", 0)}, {&r.large, "large", idleConfig(b.tenants, "a", b.bytes)},
	} {
		if *w.to, err = b.otherWorkspace(ctx, s, w.name, w.config); err != nil {
			return err
		}
	}
	for _, part := range []func(context.Context) error{r.create, r.noOp, r.rollout, r.compare} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

// side is one of the things that are compared.
type side struct {
	row *row
	run func() (time.Duration, error)
}

// take measures sides in turn; every other round goes backwards, so that what
// comes first or last favors nobody.
func (r *site) take(ctx context.Context, sides ...[]side) error {
	for n := range sides {
		if r.number%2 == 1 {
			n = len(sides) - 1 - n
		}
		for _, one := range sides[n] {
			title := one.row.part + ": " + one.row.name
			if err := r.b.digests.reset(ctx, r.s); err != nil {
				return err
			}
			taken, err := r.s.measure(ctx, one.run)
			if err != nil {
				return fmt.Errorf("%s: %w", title, err)
			}
			if err := r.b.digests.write(ctx, r.s, title); err != nil {
				return err
			}
			one.row.samples = append(one.row.samples, taken)
		}
	}
	return nil
}

// terraform is a side that runs one command.
func (r *site) terraform(ctx context.Context, to *row, w *workspace, command string, arguments ...string) side {
	return side{to, func() (time.Duration, error) { return w.run(ctx, command, arguments...) }}
}

// bare is the other side.
func (r *site) bare(ctx context.Context, to *row, create bool, statements []string) side {
	job := r.job(statements)
	job.Create = create
	return side{to, func() (time.Duration, error) { return runBare(ctx, job) }}
}

// job is what the other side does to as many databases.
func (r *site) job(statements []string) bareJob {
	job := bareJob{Endpoint: r.s.Endpoint(), Username: r.s.Username, Password: r.s.Password, Statements: statements}
	for n := range r.b.tenants {
		job.Databases = append(job.Databases, prefixOf("bare")+slugOf(n))
	}
	return job
}

const savedPlan = "saved.tfplan"

func (r *site) create(ctx context.Context) error {
	part := fmt.Sprintf("create %d tenants of basic, %d statements each", r.b.tenants, len(r.b.create)+1)
	bare, idle := r.b.row(part, "bare SQL, 4 connections"), r.b.row(part, fmt.Sprintf("%d things of an idle provider, as large", r.b.tenants))
	err := r.take(ctx,
		[]side{r.bare(ctx, bare, true, r.b.create)},
		[]side{r.terraform(ctx, r.b.row(part, "terraform apply").against(1.25, bare, idle), r.direct, "apply", "-auto-approve")},
		[]side{
			r.terraform(ctx, r.b.row(part, "terraform plan"), r.saved, "plan", "-out", savedPlan),
			r.terraform(ctx, r.b.row(part, "terraform apply of that plan").against(0, bare), r.saved, "apply", savedPlan),
		},
		[]side{r.terraform(ctx, r.b.row(part, "terraform apply, state over HTTP").against(0, bare), r.remote, "apply", "-auto-approve")},
		// What Terraform itself needs, which no provider can save.
		[]side{r.terraform(ctx, idle.against(0, bare), r.large, "apply", "-auto-approve")},
	)
	if err != nil {
		return err
	}
	for _, w := range []*workspace{r.few, r.none, r.data, r.idle} {
		if _, err := w.run(ctx, "apply", "-auto-approve"); err != nil {
			return err
		}
	}
	return nil
}

func (r *site) noOp(ctx context.Context) error {
	part := "plan without changes"
	data := r.b.row(part, fmt.Sprintf("%d terraform_data", r.b.tenants))
	idle := r.b.row(part, fmt.Sprintf("%d things of an idle provider", r.b.tenants)).against(0, data)
	many := r.b.row(part, fmt.Sprintf("%d tenants", r.b.tenants)).against(2, idle)
	many.mostStatements = 20
	few := r.b.row(part, fmt.Sprintf("%d tenants", fewTenants))
	few.mostStatements = 20
	none := r.b.row(part, "a template and no tenant").against(0, data)
	// -detailed-exitcode fails when there is a change.
	for range 2 {
		err := r.take(ctx,
			[]side{r.terraform(ctx, data, r.data, "plan", "-detailed-exitcode")},
			[]side{r.terraform(ctx, many, r.direct, "plan", "-detailed-exitcode")},
			[]side{r.terraform(ctx, few, r.few, "plan", "-detailed-exitcode")},
			[]side{r.terraform(ctx, none, r.none, "plan", "-detailed-exitcode")},
			[]side{r.terraform(ctx, idle, r.idle, "plan", "-detailed-exitcode")},
		)
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *site) rollout(ctx context.Context) error {
	config := tenantConfig(r.b.tenants, newVersion, r.b.template())
	// A refresh leaves a tenant in the state smaller than its creation did.
	if err := r.large.write(idleConfig(r.b.tenants, "a", r.b.rolled)); err != nil {
		return err
	}
	if _, err := r.large.run(ctx, "apply", "-auto-approve"); err != nil {
		return err
	}
	err := errors.Join(r.direct.write(config), r.saved.write(config), r.remote.write(r.states.backend("remote")+config),
		r.large.write(idleConfig(r.b.tenants, "b", r.b.rolled)))
	if err != nil {
		return err
	}
	part := fmt.Sprintf("roll a version with %d statements out to %d tenants", len(r.b.rollout), r.b.tenants)
	bare, idle := r.b.row(part, "bare SQL, 4 connections"), r.b.row(part, fmt.Sprintf("changing %d things of an idle provider, as large", r.b.tenants))
	return r.take(ctx,
		[]side{r.bare(ctx, bare, false, r.b.rollout)},
		[]side{r.terraform(ctx, r.b.row(part, "terraform apply").against(1.4, bare, idle), r.direct, "apply", "-auto-approve")},
		[]side{
			r.terraform(ctx, r.b.row(part, "terraform plan"), r.saved, "plan", "-out", savedPlan),
			r.terraform(ctx, r.b.row(part, "terraform apply of that plan").against(0, bare), r.saved, "apply", savedPlan),
		},
		[]side{r.terraform(ctx, r.b.row(part, "terraform apply, state over HTTP").against(0, bare), r.remote, "apply", "-auto-approve")},
		[]side{r.terraform(ctx, idle.against(0, bare), r.large, "apply", "-auto-approve")},
	)
}

// compare makes sure that all sides have done the same work.
func (r *site) compare(ctx context.Context) error {
	return r.same(ctx, "bare", "direct", "saved", "remote")
}

// same makes sure that sides have done the same work.
func (r *site) same(ctx context.Context, names ...string) error {
	counts := map[string]string{}
	for _, name := range names {
		var tables, columns, keys int
		tenants := prefixOf(name) + "t0%" // of slugOf; the copy of the template has another name
		err := r.s.conn.QueryRowContext(ctx, "SELECT"+
			" (SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA LIKE ?),"+
			" (SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA LIKE ?),"+
			" (SELECT COUNT(*) FROM information_schema.STATISTICS WHERE TABLE_SCHEMA LIKE ?)",
			tenants, tenants, tenants).Scan(&tables, &columns, &keys)
		if err != nil {
			return fmt.Errorf("comparing the databases: %w", err)
		}
		counts[name] = fmt.Sprintf("%d tables, %d columns, %d parts of keys", tables, columns, keys)
	}
	for _, name := range names {
		if counts[name] != counts[names[0]] {
			return fmt.Errorf("the sides have not done the same: %v", counts)
		}
	}
	return nil
}
