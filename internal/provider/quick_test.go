package provider_test

import (
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/landlord-db/terraform-provider-landlord/internal/provider"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// slowCore is a core whose provider has the framework's server alone.
func slowCore(t *testing.T, s *mysqltest.Server) *core {
	t.Helper()
	environment := environmentOf(s)
	p := provider.NewWith("test", func(name string) string { return environment[name] }, nil)
	t.Cleanup(func() { _ = p.Close() })
	c := *coreOn(t, s)
	c.server = providerserver.NewProtocol6(p)()
	if diagnostics := c.configure(values{}); len(diagnostics) > 0 {
		t.Fatal(diagnostics)
	}
	return &c
}

// answer is everything that the server says, in a form that can be compared.
type answer struct {
	State, Identity values
	Private         string
	Replace         []string
	Diagnostics     []string
}

func (c *core) answer(typeName string, state *tfprotov6.DynamicValue, identity *tfprotov6.ResourceIdentityData, private []byte, diagnostics []*tfprotov6.Diagnostic) answer {
	c.t.Helper()
	a := answer{Private: string(private), Diagnostics: writeAll(diagnostics)}
	if state != nil {
		if v := c.undynamic(c.resource(typeName).ValueType(), state); !v.IsNull() {
			a.State = attributes(c.t, v)
		}
	}
	if identity != nil {
		if v := c.undynamic(c.identities[typeName].ValueType(), identity.IdentityData); !v.IsNull() {
			a.Identity = attributes(c.t, v)
		}
	}
	return a
}

// planTenant plans and says whether the answer came without the framework,
// which never gives back what it was given but a copy.
func (c *core) planTenant(state, config values, identity *tfprotov6.ResourceIdentityData) (answer, bool) {
	c.t.Helper()
	schema := c.resource("landlord_tenant")
	of := schema.ValueType()
	req := &tfprotov6.PlanResourceChangeRequest{
		TypeName: "landlord_tenant", PriorState: c.dynamic(of, state), Config: c.dynamic(of, config),
		ProposedNewState: c.dynamic(of, propose(schema, state, config)), PriorIdentity: identity,
	}
	resp, err := c.server.PlanResourceChange(c.t.Context(), req)
	must(c.t, err)
	a := c.answer("landlord_tenant", resp.PlannedState, resp.PlannedIdentity, resp.PlannedPrivate, resp.Diagnostics)
	for _, path := range resp.RequiresReplace {
		a.Replace = append(a.Replace, path.String())
	}
	return a, resp.PlannedState == req.PriorState
}

func (c *core) readTenant(state values, identity *tfprotov6.ResourceIdentityData) (answer, bool) {
	c.t.Helper()
	req := &tfprotov6.ReadResourceRequest{
		TypeName: "landlord_tenant", CurrentState: c.dynamic(c.resource("landlord_tenant").ValueType(), state), CurrentIdentity: identity,
	}
	resp, err := c.server.ReadResource(c.t.Context(), req)
	must(c.t, err)
	return c.answer("landlord_tenant", resp.NewState, resp.NewIdentity, resp.Private, resp.Diagnostics), resp.NewState == req.CurrentState
}

// TestServer_quick asks the server and the framework alone the same: they must
// answer the same, and tenants with nothing to do be spared the framework.
func TestServer_quick(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	maker := coreOn(t, s)
	maker.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	config := func(slug string, changed values) values {
		return with(acme(values{"slug": slug, "metadata": values{"plan": "trial"}}), changed)
	}
	states := map[string]values{}
	for _, slug := range []string{"ada", "bob", "eve", "dropped", "drifted"} {
		made := maker.must("landlord_tenant", nil, config(slug, nil))
		now, diagnostics := coreOn(t, s).refresh("landlord_tenant", made)
		if len(diagnostics) > 0 {
			t.Fatal(diagnostics)
		}
		states[slug] = open(t, now)
	}
	s.Exec(t, "DROP DATABASE "+s.Prefix+"dropped", "CREATE TABLE "+s.Prefix+"drifted.more (id INT PRIMARY KEY)")
	object, _ := maker.resource("landlord_tenant").ValueType().(tftypes.Object)
	drift, _ := object.AttributeTypes["drift"].(tftypes.List)
	drifted := value(t, drift, []tftypes.Value{value(t, drift.ElementType, values{"object": "table `more`", "kind": "extra", "detail": "x"})})
	cases := map[string]struct {
		slug          string // a second one that follows is like it
		state, config values // what is other than in the real ones
		plan, read    bool   // without the framework
	}{
		"nothing to do":            {slug: "ada", plan: true, read: true},
		"another tenant":           {slug: "bob", plan: true, read: true},
		"defaults":                 {slug: "ada", state: values{"deletion_policy": "protect", "allow_destructive": false}, config: values{"deletion_policy": nil, "allow_destructive": nil}, plan: true, read: true},
		"back to a default":        {slug: "ada", config: values{"deletion_policy": nil}, read: true},
		"renamed":                  {slug: "ada", config: values{"name": "Ada"}, read: true},
		"renamed elsewhere":        {slug: "ada", state: values{"name": "Ida"}},
		"other metadata elsewhere": {slug: "ada", state: values{"metadata": values{"plan": "paid"}}},
		"empty for null":           {slug: "ada", state: values{"modules": []string{}}, config: values{"modules": []string{}}, plan: true, read: true},
		"a module":                 {slug: "ada", config: values{"modules": []string{"none"}}, read: true},
		"suspended":                {slug: "ada", config: values{"status": "suspended"}, read: true},
		"another slug":             {slug: "ada", config: values{"slug": "adam"}, read: true},
		"another template":         {slug: "ada", config: values{"template": "shop@2.0.0"}, read: true},
		"unknown template":         {slug: "ada", config: values{"template": unknown{}}, read: true},
		"held":                     {slug: "ada", state: values{"update_status": "held"}, read: true},
		"interrupted":              {slug: "ada", state: values{"update_status": "interrupted"}},
		"follows another template": {slug: "ada", state: values{"applied_template": "shop@0.9.0"}},
		"drift in the state":       {slug: "ada", state: values{"drift": drifted}, plan: true},
		"drift is to be repaired":  {slug: "ada", state: values{"drift": drifted, "drift_policy": "repair"}, config: values{"drift_policy": "repair"}},
		"drift on the server":      {slug: "drifted", plan: true},
		"imported":                 {slug: "ada", state: values{"database_name": nil}, plan: true},
		"the database is gone":     {slug: "dropped", plan: true},
		"unknown to the landlord":  {slug: "eve", state: values{"slug": "nobody"}, config: values{"slug": "nobody"}, plan: true},
		"is destroyed":             {slug: "ada", config: nil, read: true},
	}
	identity := func(slug string) *tfprotov6.ResourceIdentityData {
		data, err := tfprotov6.NewDynamicValue(maker.identities["landlord_tenant"].ValueType(), value(t, maker.identities["landlord_tenant"].ValueType(), values{"slug": slug}))
		must(t, err)
		return &tfprotov6.ResourceIdentityData{IdentityData: &data}
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			quick, slow := coreOn(t, s), slowCore(t, s)
			// What the framework has to see first, of another tenant.
			first := with(states["eve"], c.state)
			first["slug"], first["database_name"] = states["eve"]["slug"], states["eve"]["database_name"]
			want := config(c.slug, c.config)
			other := with(config("eve", c.config), values{"slug": "eve"})
			quick.readTenant(states["eve"], nil)
			quick.planTenant(first, other, nil)
			if name == "is destroyed" {
				want = nil
			}
			state := with(states[c.slug], c.state)
			for core, id := range map[string]*tfprotov6.ResourceIdentityData{"without identities": nil, "with identities": identity(plainText(t, state["slug"]))} {
				fromFramework, _ := slow.planTenant(state, want, id)
				got, skipped := quick.planTenant(state, want, id)
				if diff := gocmp.Diff(fromFramework, got); diff != "" || skipped != c.plan {
					t.Errorf("plan %s, without the framework: %v (-framework +got):\n%s", core, skipped, diff)
				}
				fromFramework, _ = slow.readTenant(state, id)
				got, skipped = quick.readTenant(state, id)
				if diff := gocmp.Diff(fromFramework, got); diff != "" || skipped != c.read {
					t.Errorf("refresh %s, without the framework: %v (-framework +got):\n%s", core, skipped, diff)
				}
			}
		})
	}
}

// plainText returns a text of a state.
func plainText(t *testing.T, v any) string {
	t.Helper()
	if text, ok := v.(string); ok {
		return text
	}
	var text string
	raw, ok := v.(tftypes.Value)
	if !ok {
		t.Fatalf("%T is no text", v)
	}
	must(t, raw.As(&text))
	return text
}
