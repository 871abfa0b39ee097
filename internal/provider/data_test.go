package provider_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/landlord-db/terraform-provider-landlord/tools/mysqltest"
)

// data reads a data source and returns its attributes as plain Go, and what it
// says.
func (c *core) data(typeName string, config values) (values, []string) {
	c.t.Helper()
	schema := c.schema.DataSourceSchemas[typeName]
	if schema == nil {
		c.t.Fatalf("the provider has no data source `%s`", typeName)
	}
	of := schema.ValueType()
	ctx, cancel := context.WithTimeout(c.t.Context(), 2*time.Minute) // a test that hangs says nothing
	defer cancel()
	resp, err := c.server.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{TypeName: typeName, Config: c.dynamic(of, config)})
	if err != nil {
		c.t.Fatal(err)
	}
	diagnostics := writeAll(resp.Diagnostics)
	if hasErrors(diagnostics) || resp.State == nil {
		return nil, diagnostics
	}
	state := c.undynamic(of, resp.State)
	if !state.IsFullyKnown() {
		c.t.Errorf("%s has unknown values: %v", typeName, attributes(c.t, state))
	}
	return attributes(c.t, state), diagnostics
}

// mustData reads a data source that has nothing to say.
func (c *core) mustData(typeName string, config values) values {
	c.t.Helper()
	read, diagnostics := c.data(typeName, config)
	if len(diagnostics) > 0 {
		c.t.Fatalf("%s: %s", typeName, strings.Join(diagnostics, "\n"))
	}
	return read
}

// execIn runs statements in the database of a tenant, as somebody else would.
func execIn(t *testing.T, s *mysqltest.Server, slug string, statements ...string) {
	t.Helper()
	db := s.Open(t, s.Username, s.Password, s.Prefix+slug)
	conn, err := db.Conn(t.Context())
	must(t, err)
	defer func() { _ = conn.Close() }()
	for _, statement := range statements {
		if _, err := conn.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%v\n%s", err, statement)
		}
	}
}

// validateData validates a configuration of a data source.
func (c *core) validateData(typeName string, config values) []string {
	c.t.Helper()
	resp, err := c.server.ValidateDataResourceConfig(c.t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{
		TypeName: typeName,
		Config:   c.dynamic(c.schema.DataSourceSchemas[typeName].ValueType(), config),
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return writeAll(resp.Diagnostics)
}
