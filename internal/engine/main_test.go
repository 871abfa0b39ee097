package engine_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/landlord-db/terraform-provider-landlord/internal/engine"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/apply"
	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

func TestMain(m *testing.M) {
	if text := os.Getenv(victimEnv); text != "" {
		os.Exit(runVictim(text))
	}
	mysqltest.Run(m)
}

// engineOn returns an engine as a new run of the provider would have it. It has
// one connection to each server: whoever waits for a second one while holding
// the first waits for ever.
func engineOn(t *testing.T, s *mysqltest.Server, change ...func(*landlord.Config)) *engine.Engine {
	t.Helper()
	username, password := s.ProviderLogin()
	cfg := landlord.Config{
		Main:     engine.ServerConfig{Endpoint: s.Endpoint(), Username: username, Password: password, MaxConnections: 1},
		Database: s.LandlordDatabase, Prefix: s.Prefix, Version: "test",
	}
	for _, c := range change {
		c(&cfg)
	}
	e, err := engine.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

// shop is a small template with a module, an inherited style of extension and
// seeds.
func shop(version string) landlord.TemplateSpec {
	return landlord.TemplateSpec{
		Name: "shop", Version: version, ExtensionPoints: []string{"customers", "orders"},
		Core: map[string]string{
			"001_customers.sql": "CREATE TABLE customers (id INT NOT NULL AUTO_INCREMENT, email VARCHAR(190) NOT NULL, PRIMARY KEY (id), UNIQUE KEY uq_email (email)) COMMENT='who buys';",
			"002_orders.sql": "CREATE TABLE orders (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, customer_id INT NOT NULL, total DECIMAL(12,2) NOT NULL DEFAULT 0, KEY ix_customer (customer_id), CONSTRAINT fk_orders_customer FOREIGN KEY (customer_id) REFERENCES customers (id));\n" +
				"ALTER TABLE customers ADD COLUMN phone VARCHAR(32) NULL;\n" +
				"CREATE VIEW order_totals AS SELECT customer_id, SUM(total) AS total FROM orders GROUP BY customer_id;",
		},
		Optional: map[string]string{
			"loyalty.sql": "-- landlord:description: points for purchases\nCREATE TABLE points (customer_id INT NOT NULL PRIMARY KEY, points INT NOT NULL DEFAULT 0, CONSTRAINT fk_points_customer FOREIGN KEY (customer_id) REFERENCES customers (id));",
		},
		Seeds: map[string]string{
			"001_customers.sql": "INSERT INTO customers (email) VALUES ('first@example.com');\nINSERT INTO customers (email) VALUES ('second@example.com');",
		},
	}
}

// publish plans and publishes a template version.
func publish(t *testing.T, e *engine.Engine, spec landlord.TemplateSpec) *landlord.TemplateVersion {
	t.Helper()
	if _, err := e.PlanTemplate(t.Context(), spec); err != nil {
		t.Fatal(explain(err))
	}
	v, err := e.PublishTemplate(t.Context(), spec)
	if err != nil {
		t.Fatal(explain(err))
	}
	return v
}

// create plans and creates a tenant.
func create(t *testing.T, e *engine.Engine, spec landlord.TenantSpec) (*apply.TenantPlan, *landlord.Tenant) {
	t.Helper()
	plan, err := e.PlanTenant(t.Context(), spec, nil)
	if err != nil {
		t.Fatal(explain(err))
	}
	tenant, err := e.CreateTenant(t.Context(), spec, plan.Digest)
	if err != nil {
		t.Fatal(explain(err))
	}
	return plan, tenant
}

// prior is what Terraform's state would hold of a tenant.
func prior(tenant *landlord.Tenant) landlord.PriorTenant {
	return landlord.PriorTenant{Name: tenant.Name, Status: tenant.Status, Metadata: tenant.Metadata, Template: tenant.Template,
		Modules: tenant.Modules, Server: tenant.Server, Fingerprint: tenant.SchemaFingerprint}
}

// update plans and applies a change of a tenant.
func update(ctx context.Context, e *engine.Engine, spec landlord.TenantSpec, tenant *landlord.Tenant) (*apply.TenantPlan, *landlord.Tenant, error) {
	p := prior(tenant)
	plan, err := e.PlanTenant(ctx, spec, &p)
	if err != nil {
		return nil, nil, err
	}
	after, err := e.UpdateTenant(ctx, spec, p, plan.Digest)
	return plan, after, err
}

// explain writes an error with all its paragraphs.
func explain(err error) string {
	var p *landlord.Problem
	if errors.As(err, &p) {
		return fmt.Sprintf("%s [%s]\n%s", p.Summary, p.Field, p.Text())
	}
	return err.Error()
}
