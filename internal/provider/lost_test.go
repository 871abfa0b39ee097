package provider_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// A lostPlan is a plan of which the landlord database loses something before it is
// applied, or between the publishing of a template and what follows it in the same apply.
type lostPlan struct {
	typeName string
	before   values // what is there of it; nil: nothing
	config   values // wanted with the newest template that it names, or that its tenant follows
	tenants  bool   // acme and other are there, with a checkpoint `kept`
	losses   []string
}

// losses are what can go, as statements; %s is the landlord database.
var losses = map[string]string{
	"the new version":       "DELETE FROM %s.tenant_templates WHERE version = '1.1.0'",
	"all versions":          "DELETE FROM %s.tenant_templates",
	"the landlord database": "DROP DATABASE %s",
	"the tenants":           "DELETE FROM %s.tenants",
	"the fleets":            "DELETE FROM %s.fleet_tenants",
	"the checkpoints":       "DELETE FROM %s.tenant_checkpoints",
	"the customizations":    "DELETE FROM %s.tenant_customizations",
}

func lostPlans() map[string]lostPlan {
	notes := func(table string) values {
		return values{"tenant": "acme", "name": "notes", "reason": "r", "allow_destructive": true, "tables": values{table: "CREATE TABLE " + table + " (id INT NOT NULL PRIMARY KEY)"}}
	}
	app := values{"tenant": "acme", "role": "application", "password_wo": firstSecret, "password_wo_version": 1}
	shops := fleetOf(many(2), values{"deletion_policy": "drop", "allow_destructive": true})
	moved, whole := values{"template": "shop@1.1.0"}, "the landlord database"
	return map[string]lostPlan{
		"a new tenant":           {typeName: "landlord_tenant", config: acme(moved), losses: []string{"the new version", "all versions", whole}},
		"a migration":            {typeName: "landlord_tenant", before: acme(nil), config: acme(moved), losses: []string{"the new version", "all versions", "the tenants", whole}},
		"a new name":             {typeName: "landlord_tenant", before: acme(nil), config: acme(values{"name": "Other"}), losses: []string{"all versions", "the tenants", whole}},
		"a new fleet":            {typeName: fleetType, config: with(shops, moved), losses: []string{"the new version", "all versions", whole}},
		"a migration of a fleet": {typeName: fleetType, before: shops, config: with(shops, moved), losses: []string{"the new version", "all versions", "the tenants", "the fleets", whole}},
		"a new customization":    {typeName: customizationType, config: notes("x_notes"), tenants: true, losses: []string{"all versions", whole}},
		"another customization":  {typeName: customizationType, before: notes("x_notes"), config: notes("x_other"), tenants: true, losses: []string{"all versions", "the customizations", whole}},
		"a new account":          {typeName: account, config: app, tenants: true, losses: []string{whole}},
		"another account":        {typeName: account, before: app, config: with(app, values{"role": "read_only"}), tenants: true, losses: []string{whole}},
		"a new checkpoint":       {typeName: "landlord_tenant_checkpoint", config: checkpointOf(nil), tenants: true, losses: []string{whole}},
		"another checkpoint":     {typeName: "landlord_tenant_checkpoint", before: checkpointOf(nil), config: checkpointOf(values{"keepers": values{"n": "1"}}), tenants: true, losses: []string{"the checkpoints", whole}},
		"a restore": {typeName: "landlord_tenant_restore", config: values{"tenant": "acme", "checkpoint": "acme/kept", "mode": "in_place", "allow_destructive": true},
			tenants: true, losses: []string{"all versions", "the checkpoints", whole}},
		"a copy of rows": {typeName: dataCopy, config: values{"source": "acme", "target": "other", "tables": []string{"users"}}, tenants: true, losses: []string{whole}},
	}
}

// TestLost applies plans behind which something was lost: they end in words of our own,
// never with another plan than was shown, and a next run leads on. TestSoakLost does so
// with all of them.
func TestLost(t *testing.T) {
	t.Parallel()
	for _, k := range []struct{ name, loss string }{
		{"a new tenant", "the new version"}, {"a migration", "the tenants"}, {"a migration", "the landlord database"}, {"a new name", "the tenants"},
		{"a migration of a fleet", "all versions"}, {"another customization", "the customizations"}, {"another checkpoint", "the checkpoints"}, {"a restore", "the checkpoints"},
	} {
		t.Run(k.name+" "+k.loss, func(t *testing.T) {
			t.Parallel()
			p := lostPlans()[k.name]
			p.run(t, k.loss)
		})
	}
}

func TestSoakLost(t *testing.T) {
	if os.Getenv("LANDLORD_SOAK") == "" {
		t.Skip("part of make soak")
	}
	for name, p := range lostPlans() {
		for _, loss := range p.losses {
			t.Run(name+" "+loss, func(t *testing.T) {
				t.Parallel()
				p.run(t, loss)
			})
		}
	}
}

// run loses something behind a plan, and where a template is published in its apply
// once more behind that.
func (p *lostPlan) run(t *testing.T, loss string) {
	t.Helper()
	moments := []string{"planned"}
	if p.publishes() {
		moments = append(moments, "published")
	}
	for _, moment := range moments {
		t.Run(moment, func(t *testing.T) {
			t.Parallel()
			r := &lostRun{t: t, p: p, s: mysqltest.One(t), directory: t.TempDir(), own: ownSummaries(t)}
			r.begin()
			first := r.plan()
			if moment == "planned" {
				r.lose(loss)
			}
			r.c = r.fresh()
			if !p.publishes() || r.publish() {
				if moment == "published" {
					r.lose(loss)
				}
				r.applyAs(first)
			}
			r.goOn()
		})
	}
}

func (p *lostPlan) publishes() bool { return p.config["template"] == "shop@1.1.0" }

// lostRun is a configuration and its state.
type lostRun struct {
	t         *testing.T
	p         *lostPlan
	s         *mysqltest.Server
	directory string
	own       []string
	c         *core
	template  lostObject
	others    []*lostObject
	object    lostObject
}

type lostObject struct {
	typeName string
	config   values
	state    any
}

func (r *lostRun) fresh() *core { return copyingCore(r.t, r.s, r.directory) }

func (r *lostRun) lose(loss string) {
	r.s.Exec(r.t, strings.ReplaceAll(losses[loss], "%s", mysqltest.QuoteName(r.s.LandlordDatabase)))
}

// begin makes what is there before the plan.
func (r *lostRun) begin() {
	r.t.Helper()
	r.c = r.fresh()
	r.template = lostObject{typeName: "landlord_tenant_template", config: shop("1.0.0", usersTable)}
	r.object = lostObject{typeName: r.p.typeName, config: r.p.before}
	if r.p.tenants {
		r.others = []*lostObject{{"landlord_tenant", acme(nil), nil}, {"landlord_tenant", acme(values{"slug": "other"}), nil}, {"landlord_tenant_checkpoint", checkpointOf(values{"name": "kept"}), nil}}
	}
	if !r.everything() {
		r.t.Fatal("there is nothing to begin with")
	}
}

// plan plans what is wanted.
func (r *lostRun) plan() planned {
	r.t.Helper()
	r.object.config = r.p.config
	if r.p.publishes() {
		r.template.config = shop("1.1.0", usersTable, teamsTable)
	}
	r.c = r.fresh()
	r.c.plan(r.template.typeName, r.template.state, r.template.config)
	first := r.c.plan(r.object.typeName, r.object.state, r.object.config)
	if hasErrors(first.diagnostics) {
		r.t.Fatal(first.diagnostics)
	}
	return first
}

// publish publishes the template in the apply.
func (r *lostRun) publish() bool {
	r.t.Helper()
	again := r.c.planInApply(r.template.typeName, r.template.state, r.template.config)
	if !r.passes("the plan of the template", again.diagnostics) {
		return false
	}
	state, diagnostics := r.c.apply(r.template.typeName, r.template.state, r.template.config, again)
	if !state.IsNull() {
		r.template.state = state
	}
	return r.passes("publishing", diagnostics)
}

// applyAs applies what was planned, as Terraform does: it plans again, and holds the
// provider to what it said the first time.
func (r *lostRun) applyAs(first planned) {
	r.t.Helper()
	again := r.c.planInApply(r.object.typeName, r.object.state, r.object.config)
	if !r.passes("the plan in the apply", again.diagnostics) {
		return
	}
	r.c.conforms("the plan in the apply", "", first.state, again.state)
	state, diagnostics := r.c.apply(r.object.typeName, r.object.state, r.object.config, again)
	if r.passes("the apply", diagnostics) {
		r.c.conforms("the state after the apply", "", again.state, state)
	}
	if !state.IsNull() {
		r.object.state = state
	}
}

// passes says whether there is no error, and fails the test for words that are not ours.
func (r *lostRun) passes(what string, diagnostics []string) bool {
	r.t.Helper()
	for _, d := range diagnostics {
		if m := regexp.MustCompile(`^ERROR[^:]*: (.+)\n`).FindStringSubmatch(d); m != nil && !slices.Contains(r.own, m[1]) {
			r.t.Errorf("%s: words that are not ours: %s", what, d)
		}
	}
	if len(diagnostics) > 0 {
		r.t.Logf("%s: %s", what, strings.Join(diagnostics, "\n"))
	}
	return !hasErrors(diagnostics)
}

// everything refreshes and applies all that is configured, and says whether it could.
func (r *lostRun) everything() bool {
	r.t.Helper()
	all := append([]*lostObject{&r.template}, r.others...)
	if r.object.config != nil {
		all = append(all, &r.object)
	}
	for _, o := range all {
		var told []string
		if state, ok := o.state.(tftypes.Value); ok && !state.IsNull() {
			o.state, told = r.c.refresh(o.typeName, o.state)
		}
		var said []string
		o.state, said = r.c.run(o.typeName, o.state, o.config)
		if !r.passes(o.typeName, append(told, said...)) {
			return false
		}
	}
	return true
}

// goOn is what people do then: apply again, or first once more what was there before.
func (r *lostRun) goOn() {
	r.t.Helper()
	template, config := r.template.config, r.object.config
	for n := range 2 {
		r.c = r.fresh()
		if r.everything() {
			return
		}
		if n == 0 && r.p.before != nil && r.p.publishes() {
			r.template.config, r.object.config = shop("1.0.0", usersTable), r.p.before
			r.c = r.fresh()
			r.everything()
			r.template.config, r.object.config = template, config
		}
	}
	r.t.Error("there is no way on")
}

// TestAccLost kills the server, and takes the new template away, after Terraform has
// published it and before it comes to the tenant. The apply ends in words of our own
// or as planned, and the next one completes it.
func TestAccLost(t *testing.T) {
	t.Parallel()
	s := mysqltest.Private(t, mysqltest.One(t).Kind)
	c, own := newCLI(t, s.Server), ownSummaries(t)
	between := `
resource "terraform_data" "between" {
  triggers_replace = landlord_tenant_template.shop.id
  provisioner "local-exec" {
    command = "touch here; while [ -e here ]; do sleep 0.1; done"
  }
}
`
	here := filepath.Join(c.directory, "here")
	apply := func(what string, version int, act func()) (string, int) {
		c.write(shopOf(fmt.Sprintf("1.%d.0", version), strings.Join([]string{"", ", a INT", ", b INT", ", d INT"}[:version+1], "")) + between +
			acmeConfig("  name       = \"Acme\"\n  depends_on = [terraform_data.between]"))
		command := c.command("apply", "-auto-approve")
		var out bytes.Buffer
		command.Stdout, command.Stderr = &out, &out
		must(t, command.Start())
		waitFor(t, what, func() bool { _, err := os.Stat(here); return err == nil })
		act()
		must(t, os.Remove(here))
		_ = command.Wait()
		checkWords(t, own, what, out.String(), command.ProcessState.ExitCode())
		return out.String(), command.ProcessState.ExitCode()
	}
	c.write("")
	c.run("init")
	if out, code := apply("nothing", 0, func() {}); code != 0 {
		t.Fatal(out)
	}
	for version, k := range []struct {
		what  string
		act   func()
		fails bool
	}{
		{"a server that is gone", func() { s.Kill(t) }, true},
		{"a server that is back", func() { s.Kill(t); s.Restart(t) }, false},
		{"a template that is lost", func() {
			s.Exec(t, "DELETE FROM "+mysqltest.QuoteName(s.LandlordDatabase)+".tenant_templates WHERE version = '1.3.0'")
		}, false}, // the run that published it goes on as planned, and the next one publishes it anew
	} {
		if out, code := apply(k.what, version+1, k.act); (code != 0) != k.fails {
			t.Errorf("%s: %s", k.what, out)
		}
		if version == 0 {
			s.Restart(t)
		}
		c.run("apply", "-auto-approve")
		c.noChanges()
	}
}
