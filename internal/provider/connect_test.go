package provider_test

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest/instance"
)

// TestProvider_unreachable asks a port where nobody listens: the first tenant says it
// for all, and none waits again for what it found out.
func TestProvider_unreachable(t *testing.T) {
	t.Parallel()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	endpoint := listener.Addr().String()
	must(t, listener.Close())
	c := coreWith(t, map[string]string{"LANDLORD_ENDPOINT": endpoint})
	start := time.Now()
	for i := range 20 {
		state, diagnostics := c.read("landlord_tenant", values{"slug": "acme"})
		if i > 0 && len(diagnostics) == 0 && !state.IsNull() {
			continue
		}
		if i > 0 || len(diagnostics) != 1 || !strings.HasSuffix(diagnostics[0], "\n\nThat is so for all tenants of this run, and said once.") || !strings.HasPrefix(diagnostics[0], "ERROR: Server cannot be reached\n") ||
			!strings.Contains(diagnostics[0], "`"+endpoint+"`: connection refused") {
			t.Fatalf("nobody listens, and the provider says %q", diagnostics)
		}
	}
	if took := time.Since(start); took > 8*time.Second {
		t.Errorf("20 resources took %s", took)
	}
}

// TestProvider_silent asks a server that never answers: the connect timeout
// ends the wait once, not once per resource.
func TestProvider_silent(t *testing.T) {
	t.Parallel()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	defer func() { _ = listener.Close() }()
	c := coreWith(t, map[string]string{"LANDLORD_ENDPOINT": listener.Addr().String(), "LANDLORD_CONNECT_TIMEOUT": "1s"})
	start := time.Now()
	for i := range 5 {
		if _, diagnostics := c.read("landlord_tenant", values{"slug": "acme"}); len(diagnostics) != map[bool]int{true: 1}[i == 0] || i == 0 && !hasErrors(diagnostics) {
			t.Fatalf("a silent server gives %q", diagnostics)
		}
	}
	if took := time.Since(start); took > 4*time.Second {
		t.Errorf("5 resources waited %s for a timeout of 1s", took)
	}
}

func TestProvider_wrongPassword(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	environment := environmentOf(s)
	environment["LANDLORD_PASSWORD"] = "Quite-secret-17"
	_, diagnostics := coreWith(t, environment).read("landlord_tenant", values{"slug": "acme"})
	if len(diagnostics) != 1 || !strings.Contains(diagnostics[0], s.Endpoint()) || strings.Contains(diagnostics[0], "Quite-secret-17") {
		t.Errorf("a wrong password gives %q", diagnostics)
	}
}

// TestProvider_tls uses a server that refuses plain connections.
func TestProvider_tls(t *testing.T) {
	t.Parallel()
	authority, other := mysqltest.NewAuthority(t), mysqltest.NewAuthority(t)
	s := mysqltest.Private(t, instance.MySQL97, authority.Server(t), mysqltest.Args("--require-secure-transport=ON"))
	cases := map[string]struct {
		tls  values
		fail bool
	}{
		"disabled":                     {tls: values{"mode": "disabled"}, fail: true},
		"preferred":                    {tls: nil},
		"required":                     {tls: values{"mode": "required"}},
		"right authority":              {tls: values{"ca_file": authority.CAFile}},
		"right authority, mode verify": {tls: values{"mode": "verify_ca", "ca_file": authority.CAFile}},
		"wrong authority":              {tls: values{"ca_file": other.CAFile}, fail: true},
		"wrong name":                   {tls: values{"ca_file": authority.CAFile, "server_name": "elsewhere.example"}, fail: true},
	}
	for name, k := range cases {
		c := newCore(t, environmentOf(s.Server))
		var tls any
		if k.tls != nil {
			tls = k.tls
		}
		if diagnostics := c.configure(values{"tls": tls}); len(diagnostics) > 0 {
			t.Fatal(diagnostics)
		}
		_, diagnostics := c.read("landlord_tenant", values{"slug": "acme"})
		if hasErrors(diagnostics) != k.fail {
			t.Errorf("%s: %q", name, diagnostics)
		}
	}
}

// TestProvider_documentedAccount does everything with the privileges that the
// documentation of the provider asks for, and no others.
func TestProvider_documentedAccount(t *testing.T) {
	t.Parallel()
	mysqltest.Servers(t, func(t *testing.T, s *mysqltest.Server) {
		environment := environmentOf(s)
		environment["LANDLORD_USERNAME"], environment["LANDLORD_PASSWORD"] = s.ProviderAccount(t)
		step := func(typeName string, before any, config values) any {
			t.Helper()
			after, diagnostics := coreWith(t, environment).run(typeName, before, config)
			if hasErrors(diagnostics) {
				t.Fatalf("%s: %v", typeName, diagnostics)
			}
			return after
		}
		optional := values{"materialize": true, "optional": values{"teams.sql": teamsTable + ";\n"}}
		template := step("landlord_tenant_template", nil, with(shop("1.0.0", usersTable), optional))
		tenant := step("landlord_tenant", nil, acme(values{"modules": []string{"teams"}}))
		template = step("landlord_tenant_template", template, with(shop("1.1.0", usersTable+" COMMENT = 'people'"), optional))
		tenant = step("landlord_tenant", tenant, acme(values{"modules": []string{"teams"}, "template": "shop@1.1.0"}))
		tenant = step("landlord_tenant", tenant, acme(values{"template": "shop@1.1.0"})) // retires a table
		tenant = step("landlord_tenant", tenant, acme(values{"template": "shop@1.1.0", "status": "suspended"}))
		tenant = step("landlord_tenant", tenant, acme(values{"template": "shop@1.1.0"}))
		step("landlord_tenant", tenant, nil)
		step("landlord_tenant_template", template, nil)
	})
}

// TestTenant_serverDown refreshes and plans tenants of a server that is down: one
// error of the run for all of them, and the tenants of the others are planned. An
// apply, whose plan another run has made, says it of each.
func TestTenant_serverDown(t *testing.T) {
	t.Parallel()
	s := mysqltest.One(t)
	at := func(endpoint string) *core {
		c := newCore(t, environmentOf(s))
		config := values{"servers": values{"eu": values{"endpoint": endpoint, "username": s.Username, "password": s.Password}}}
		if diagnostics := c.configure(config); len(diagnostics) > 0 {
			t.Fatal(diagnostics)
		}
		return c
	}
	c := at(s.Endpoint())
	c.must("landlord_tenant_template", nil, shop("1.0.0", usersTable))
	c.must("landlord_tenant_template", nil, shop("1.1.0", usersTable, teamsTable))
	tenant := func(slug, server, version string) values {
		config := acme(values{"slug": slug, "name": slug, "template": "shop@" + version})
		if server != "" {
			config["server"] = server
		}
		return config
	}
	var far []any
	for _, slug := range []string{"beta", "gamma", "delta"} {
		far = append(far, c.must("landlord_tenant", nil, tenant(slug, "eu", "1.0.0")))
	}
	near := c.must("landlord_tenant", nil, tenant("near", "", "1.0.0"))

	lame := at("127.0.0.1:1")
	lame.private = c.private
	const down = "ERROR: Server cannot be reached\nConnect to `127.0.0.1:1`: connection refused; is a server listening there?\n\n" +
		"Correct `endpoint`, `username`, `password` or `tls` of server `eu` in `servers` of the provider, or start that server."
	var said []string
	for i, slug := range []string{"beta", "gamma", "delta"} {
		now, diagnostics := lame.refresh("landlord_tenant", far[i])
		said = append(said, diagnostics...)
		said = append(said, lame.plan("landlord_tenant", now, tenant(slug, "eu", "1.1.0")).diagnostics...)
	}
	want := down + "\n\nThat is so for 3 tenants on server `eu`, and said once: `beta`, `delta`, `gamma`."
	if len(said) != 1 || said[0] != want {
		t.Errorf("said %q\nwant %q", said, want)
	}
	now, diagnostics := lame.refresh("landlord_tenant", near)
	planned := lame.plan("landlord_tenant", now, tenant("near", "", "1.1.0"))
	if len(diagnostics)+len(planned.diagnostics) > 0 || len(statements(t, planned.state)) != 1 {
		t.Errorf("the tenant of another server: %q, %q", diagnostics, planned.diagnostics)
	}
	applying := at("127.0.0.1:1")
	applying.private = c.private
	for i, slug := range []string{"beta", "gamma"} {
		if got := applying.planInApply("landlord_tenant", far[i], tenant(slug, "eu", "1.1.0")).diagnostics; len(got) != 1 || got[0] != down {
			t.Errorf("in an apply %s says %q", slug, got)
		}
	}
}
