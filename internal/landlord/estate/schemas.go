package estate

import (
	"context"
	"fmt"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// Rendering is what a composition becomes on a server: proof that its
// statements work there, and the schema as that server prints it.
type Rendering struct {
	Fingerprint ddl.Fingerprint
	Schema      ddl.Schema
	Stored      bool // read from the landlord database, or written to it
}

// StoredRendering looks a rendering up in the landlord database.
func (e *Estate) StoredRendering(ctx context.Context, digest, key string) (*Rendering, error) {
	stored, err := e.Registry.ReadRendering(ctx, e.Servers.Main(), digest, key)
	if err != nil {
		return nil, registry.Unreachable(e.Servers.Main(), "reading a rendered template", err)
	}
	if stored == nil {
		return nil, nil
	}
	return &Rendering{Fingerprint: stored.Fingerprint, Schema: stored.Schema, Stored: true}, nil
}

// StoreSchemaOnce writes the schema of a rendering, unless it is stored.
func (e *Estate) StoreSchemaOnce(ctx context.Context, q mysql.Queryer, r *Rendering) error {
	if r.Stored {
		return nil
	}
	return e.Registry.WriteSchema(ctx, q, r.Fingerprint, r.Schema)
}

// StoredSchema returns a schema of the landlord database by its fingerprint;
// nil when it is not stored.
func (e *Estate) StoredSchema(ctx context.Context, fingerprint string) (*registry.StoredSchema, error) {
	if got, ok := e.Schemas.Load(fingerprint); ok {
		return got.(*registry.StoredSchema), nil //nolint:forcetypeassert // nothing else is stored
	}
	s, err := e.Registry.ReadSchema(ctx, e.Servers.Main(), fingerprint)
	if err != nil {
		return nil, registry.Unreachable(e.Servers.Main(), "reading a stored schema", err)
	}
	if s == nil {
		return nil, nil
	}
	e.Schemas.Store(fingerprint, s)
	return s, nil
}

// DumpSchema reads a database as the server prints it.
func DumpSchema(ctx context.Context, q mysql.Queryer, info mysql.Info, database string) (ddl.Schema, error) {
	dump, err := catalog.DumpDatabase(ctx, q, info, database)
	if err != nil {
		return ddl.Schema{}, fmt.Errorf("reading the schema of database `%s`: %w", database, err)
	}
	return SchemaOf(dump), nil
}

// DumpTable reads one table; its SQL is empty when there is none of that name.
func DumpTable(ctx context.Context, q mysql.Queryer, info mysql.Info, database, table string) (ddl.Object, error) {
	dump, err := catalog.DumpObjects(ctx, q, info, database, func(kind, name string) bool { return kind == string(ddl.KindTable) && name == table })
	if err != nil {
		return ddl.Object{}, fmt.Errorf("reading table `%s` of database `%s`: %w", table, database, err)
	}
	for _, o := range SchemaOf(dump).Objects {
		return o, nil
	}
	return ddl.Object{}, nil
}

// Untransacted returns the first table, of those that are asked for, whose storage
// engine is another one than InnoDB; empty when there is none.
func Untransacted(schema ddl.Schema, srv ddl.Server, asked func(table string) bool) (string, error) {
	for _, o := range schema.Objects {
		if o.Kind != ddl.KindTable || !asked(o.Name) {
			continue
		}
		table, err := ddl.ReadTable(o.SQL, srv)
		if err != nil {
			return "", fmt.Errorf("reading table `%s`: %w", o.Name, err)
		}
		if !strings.EqualFold(table.Option("ENGINE"), "InnoDB") {
			return o.Name, nil
		}
	}
	return "", nil
}

// SchemaOf returns what a server printed as a schema.
func SchemaOf(dump catalog.Dump) ddl.Schema {
	schema := ddl.Schema{CharacterSet: dump.CharacterSet, Collation: dump.Collation, Objects: make([]ddl.Object, 0, len(dump.Objects))}
	for _, o := range dump.Objects {
		schema.Objects = append(schema.Objects, ddl.Object{
			Kind: ddl.Kind(o.Kind), Name: o.Name, Table: o.Table, SQL: o.SQL, SQLMode: o.SQLMode,
			CharacterSetClient: o.CharacterSetClient, CollationConnection: o.CollationConnection, TimeZone: o.TimeZone,
		})
	}
	return schema
}

// StoredSchemaOn is storedSchema for whoever holds a session and must not wait
// for another one.
func (e *Estate) StoredSchemaOn(ctx context.Context, q mysql.Queryer, fingerprint string) (*registry.StoredSchema, error) {
	if fingerprint == "" {
		return nil, nil
	}
	if got, ok := e.Schemas.Load(fingerprint); ok {
		return got.(*registry.StoredSchema), nil //nolint:forcetypeassert // nothing else is stored
	}
	s, err := e.Registry.ReadSchema(ctx, q, fingerprint)
	if err != nil {
		return nil, fmt.Errorf("reading a stored schema: %w", err)
	}
	if s == nil {
		return nil, nil
	}
	e.Schemas.Store(fingerprint, s)
	return s, nil
}

// Sides are the schemas that a migration is made from.
type Sides struct {
	Old  *Rendering // what the template in force gives; nil when none is in force
	New  *Rendering // what the wanted template gives
	Live *Rendering // what the server has
	Base *Rendering // what the landlord database recorded
}

// Drift returns what somebody changed since the base was recorded.
func (s Sides) Drift(srv ddl.Server) []diff.ElementChange {
	if s.Base == nil || s.Live.Fingerprint.Whole == s.Base.Fingerprint.Whole {
		return nil
	}
	return diff.Compare(s.Base.Schema, s.Live.Schema, srv)
}

// DatabaseOf returns the name of the database of a tenant: the recorded one, or
// the one that its slug makes when there is no row yet.
func (e *Estate) DatabaseOf(spec landlord.TenantSpec, row *registry.TenantRow) string {
	if row != nil {
		return row.Database
	}
	name, _ := e.Servers.DatabaseOf(spec.Slug, spec.Database) // checked by the caller
	return name
}

// LiveRendering reads the schema of a tenant, from what is stored when its
// fingerprint is known.
func (e *Estate) LiveRendering(ctx context.Context, srv *registry.Server, info mysql.Info, database string, live *ddl.Fingerprint) (*Rendering, error) {
	stored, err := e.StoredSchema(ctx, live.Whole)
	if err != nil {
		return nil, err
	}
	if stored != nil {
		return &Rendering{Fingerprint: stored.Fingerprint, Schema: stored.Schema, Stored: true}, nil
	}
	schema, err := DumpSchema(ctx, srv, info, database)
	if err != nil {
		return nil, err
	}
	return &Rendering{Fingerprint: *live, Schema: schema}, nil
}

// ModuleOf returns the module that a statement comes from, empty for a core.
func ModuleOf(st template.Statement) string {
	rest, ok := strings.CutPrefix(st.Origin, "module ")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, " ")
	return name
}
