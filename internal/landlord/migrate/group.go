package migrate

import (
	"context"
	"fmt"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/render"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// checkGroup refuses what a group of servers does not replicate: it takes the
// CREATE TABLE, and refuses the first row.
func (p *Planner) checkGroup(ctx context.Context, srv *registry.Server, want *estate.Target) error {
	info, err := srv.Info(ctx)
	if err != nil {
		return registry.Unreachable(srv, "planning a tenant", err)
	}
	if info.Group == "" || want.Rendered == nil {
		return nil
	}
	refused, err := p.refused.Get(ctx, render.RenderKey(srv, info, want.Composition), func() ([]string, error) {
		return RefusedByGroup(want.Rendered.Schema.Objects, info)
	})
	if err != nil || len(refused) == 0 {
		return err
	}
	detail := []string{fmt.Sprintf("Template `%s` cannot be used on %s, which is a member of a group (%s):", want.ID, landlord.ServerName(srv.Key), info.Group)}
	detail = append(detail, landlord.Bulleted(refused)...)
	return landlord.NewProblem(landlord.FieldTemplate, "Group of servers refuses these tables",
		append(detail, "Change the template, or put the tenant on a server that is no member of a group.")...)
}

// RefusedByGroup says what the group of a server refuses of a schema.
func RefusedByGroup(objects []ddl.Object, info mysql.Info) ([]string, error) {
	var out []string
	dialect := registry.Dialect(info)
	for _, o := range objects {
		if o.Kind != ddl.KindTable {
			continue
		}
		table, err := ddl.ReadTable(o.SQL, dialect)
		if err != nil {
			return nil, fmt.Errorf("reading table `%s`: %w", o.Name, err)
		}
		if engine := table.Option("ENGINE"); !strings.EqualFold(engine, "InnoDB") {
			out = append(out, fmt.Sprintf("table `%s` has the engine %s: only InnoDB is replicated", o.Name, engine))
		}
		if !identifies(table) {
			out = append(out, fmt.Sprintf("table `%s` has no primary key: a group tells rows apart by it", o.Name))
		}
		for i := range table.ForeignKeys {
			if f := &table.ForeignKeys[i]; info.MultiPrimary && cascades(f) {
				out = append(out, fmt.Sprintf("foreign key `%s` of table `%s` changes rows (%s): a group with several primaries does not certify these", f.Name, o.Name, strings.TrimSpace(f.Rules)))
			}
		}
	}
	return out, nil
}

// identifies says whether a table has a key that tells every row from the others.
func identifies(t *ddl.Table) bool {
	for i := range t.Keys {
		if k := &t.Keys[i]; k.Kind == ddl.KeyPrimary || k.Kind == ddl.KeyUnique && refusesNull(t, k) {
			return true
		}
	}
	return false
}

func refusesNull(t *ddl.Table, k *ddl.Key) bool {
	for _, part := range k.Parts {
		col := t.Column(part.Column)
		if col == nil || !col.NotNull {
			return false
		}
	}
	return true
}

func cascades(f *ddl.ForeignKey) bool {
	rules := strings.ToUpper(f.Rules)
	return strings.Contains(rules, "CASCADE") || strings.Contains(rules, "SET NULL") || strings.Contains(rules, "SET DEFAULT")
}
