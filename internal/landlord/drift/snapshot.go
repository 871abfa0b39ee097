package drift

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/render"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/template"
)

// The parts of a table, for callers that must not know package ddl.
type (
	// TableInfo is a table as data.
	TableInfo = ddl.TableInfo
	// ColumnInfo is a column of a table.
	ColumnInfo = ddl.ColumnInfo
	// KeyInfo is a key of a table.
	KeyInfo = ddl.KeyInfo
	// ForeignKeyInfo is a foreign key of a table.
	ForeignKeyInfo = ddl.ForeignKeyInfo
	// CheckInfo is a CHECK of a table.
	CheckInfo = ddl.CheckInfo
)

// SnapshotSource says of what a snapshot is taken: exactly one of Tenant,
// Template and Database is set.
type SnapshotSource struct {
	Tenant   string   // slug
	Template string   // name@version
	Modules  []string // of the template
	Database string
	Server   string // of the database: key of a server, empty for the main one
}

// Snapshot is a schema at one moment.
type Snapshot struct {
	DatabaseName            string // empty for a template
	Fingerprint             string
	CharacterSet, Collation string
	Tables                  []SnapshotTable
	Objects                 []SnapshotObject // everything that is no table
	// Statements make the schema in an empty database, in their order, each as a
	// driver can send it. SQL is the same as one text for the standard client.
	Statements []string
	SQL        string
	// Obstacle says why Statements and SQL are empty.
	Obstacle string
}

// SnapshotTable is a table with where it comes from. Origins are written
// `core`, `module <name>`, `customization <name>` or `unknown`.
type SnapshotTable struct {
	TableInfo

	SQL      string `json:"sql"`
	Origin   string `json:"origin"`
	Obstacle string `json:"obstacle,omitempty"` // why the table could not be taken apart

	elements map[string]string // element to its origin, where that is another one
}

// OriginOf returns the origin of an element of the table, named as in
// Difference.
func (t *SnapshotTable) OriginOf(element string) string {
	if origin, ok := t.elements[element]; ok {
		return origin
	}
	return t.Origin
}

// MarshalJSON writes the table with the origins of its elements.
func (t SnapshotTable) MarshalJSON() ([]byte, error) {
	type table SnapshotTable // without this method
	return json.Marshal(struct {
		table

		Elements map[string]string `json:"origins,omitempty"`
	}{table(t), t.elements})
}

// SnapshotObject is a view, routine, trigger, event, sequence or package.
type SnapshotObject struct {
	Kind   string `json:"kind"`
	Name   string `json:"name"`
	Table  string `json:"table,omitempty"` // of a trigger
	SQL    string `json:"sql"`
	Origin string `json:"origin"`
}

// JSON returns the snapshot as one text, without the statements.
func (s *Snapshot) JSON() (string, error) {
	raw, err := json.Marshal(map[string]any{
		"fingerprint": s.Fingerprint, "character_set": s.CharacterSet, "collation": s.Collation, "tables": s.Tables, "objects": s.Objects,
	})
	if err != nil {
		return "", fmt.Errorf("writing a snapshot: %w", err)
	}
	return string(raw), nil
}

// Snapshot reads a schema as data. Errors are Problems.
func (r *Reader) Snapshot(ctx context.Context, source SnapshotSource) (*Snapshot, error) {
	switch {
	case source.Tenant != "":
		row, err := r.Estate.Snapshot.Row(ctx, source.Tenant)
		if err != nil {
			return nil, err
		}
		if row == nil {
			return nil, r.noSnapshot(source.Tenant)
		}
		return r.snapshotTenant(ctx, row)
	case source.Template != "":
		return r.snapshotTemplate(ctx, source)
	}
	return r.snapshotDatabase(ctx, source)
}

// noSnapshot says why a tenant without a row has no snapshot.
func (r *Reader) noSnapshot(slug string) error {
	if r.Estate.Run.Claimed(slug) == "" {
		return landlord.TenantUnknown(slug)
	}
	return landlord.NewProblem(landlord.FieldTenant, "Tenant does not exist yet",
		fmt.Sprintf("This run creates the tenant `%s`; there is no schema to read before.", slug),
		"Let the data source depend on the tenant with `depends_on`, so that it is read after the apply, or take the snapshot of the template.")
}

// snapshotTenant reads the live schema of a tenant.
func (r *Reader) snapshotTenant(ctx context.Context, row *registry.TenantRow) (*Snapshot, error) {
	srv, err := r.Servers.Server(row.Server)
	if err != nil {
		return nil, err
	}
	info, err := srv.Info(ctx)
	if err != nil {
		return nil, registry.Unreachable(srv, "taking a snapshot", err)
	}
	live, err := r.Estate.Snapshot.Fingerprint(ctx, row.Server, row.Database)
	if err != nil {
		return nil, err
	}
	if live == nil {
		return nil, landlord.NewProblem(landlord.FieldTenant, "Tenant database is missing",
			fmt.Sprintf("The server has no database `%s` of tenant `%s`.", row.Database, row.Slug), "Apply the tenant to make it anew, or restore it.")
	}
	rendering, err := r.Estate.LiveRendering(ctx, srv, info, row.Database, live)
	if err != nil {
		return nil, registry.Unreachable(srv, "taking a snapshot", err)
	}
	where, err := r.originsOfTenant(ctx, srv, info, row, live, rendering.Schema)
	if err != nil {
		return nil, err
	}
	s := takeSnapshot(rendering, where, registry.Dialect(info))
	s.DatabaseName = row.Database
	return s, nil
}

// snapshotTemplate renders a template version, published or planned.
func (r *Reader) snapshotTemplate(ctx context.Context, source SnapshotSource) (*Snapshot, error) {
	srv := r.Servers.Main()
	want, err := r.Renderer.Asked(ctx, srv, source.Template, source.Modules, "taking a snapshot")
	if err != nil {
		return nil, err
	}
	rendering, err := r.Renderer.Render(ctx, srv, want.Composition)
	if err != nil {
		var noScratch *render.ScratchError
		if errors.As(err, &noScratch) {
			return nil, landlord.NewProblem(landlord.FieldTemplate, "Snapshot needs a scratch database",
				fmt.Sprintf("Template `%s` is not rendered on this server yet.", want.ID), "Let the account of the provider create databases `"+r.Registry.ScratchPrefix()+"…`.").Because(err)
		}
		return nil, render.StatementProblem(landlord.FieldTemplate, fmt.Sprintf("Trying template `%s` in a scratch database", want.ID), err)
	}
	where, err := r.originsOfComposition(ctx, srv, want.Info, want.Lineage, want.Composition, rendering.Schema)
	if err != nil {
		return nil, err
	}
	return takeSnapshot(rendering, where, registry.Dialect(want.Info)), nil
}

// snapshotDatabase reads any database. One that belongs to a tenant is read as
// the tenant's.
func (r *Reader) snapshotDatabase(ctx context.Context, source SnapshotSource) (*Snapshot, error) {
	srv, err := r.Servers.Server(source.Server)
	if err != nil {
		return nil, err
	}
	owner, err := r.Estate.Snapshot.Owner(ctx, source.Server, source.Database)
	if err != nil {
		return nil, err
	}
	if owner != "" {
		row, err := r.Estate.Snapshot.Row(ctx, owner)
		if err != nil {
			return nil, err
		}
		return r.snapshotTenant(ctx, row)
	}
	info, err := srv.Info(ctx)
	if err != nil {
		return nil, registry.Unreachable(srv, "taking a snapshot", err)
	}
	live, err := r.Estate.LiveFingerprint(ctx, srv, srv, source.Database)
	if err != nil {
		return nil, registry.Unreachable(srv, "taking a snapshot", err)
	}
	if live == nil || slices.Contains([]string{"mysql", "sys", "information_schema", "performance_schema"}, strings.ToLower(source.Database)) {
		return nil, landlord.NewProblem(landlord.FieldDatabase, "Database cannot be read",
			fmt.Sprintf("The server has no database `%s`, or it belongs to the server itself.", source.Database), "Correct `database`, or `server`.")
	}
	schema, err := estate.DumpSchema(ctx, srv, info, source.Database)
	if err != nil {
		return nil, registry.Unreachable(srv, "taking a snapshot", err)
	}
	s := takeSnapshot(&estate.Rendering{Fingerprint: *live, Schema: schema}, &snapshotOrigins{rest: originUnknown}, registry.Dialect(info))
	s.DatabaseName = source.Database
	return s, nil
}

// takeSnapshot describes a schema.
func takeSnapshot(r *estate.Rendering, where *snapshotOrigins, srv ddl.Server) *Snapshot {
	s := &Snapshot{
		Fingerprint: r.Fingerprint.Whole, CharacterSet: r.Schema.CharacterSet, Collation: r.Schema.Collation,
		Tables: []SnapshotTable{}, Objects: []SnapshotObject{},
	}
	for _, o := range r.Schema.Objects {
		if o.Kind != ddl.KindTable {
			s.Objects = append(s.Objects, SnapshotObject{Kind: string(o.Kind), Name: o.Name, Table: o.Table, SQL: o.SQL, Origin: where.of(landlord.Key(o))})
			continue
		}
		t := SnapshotTable{TableInfo: TableInfo{Name: o.Name}, SQL: o.SQL, Origin: where.of(landlord.Key(o)), elements: where.elements[landlord.Key(o)]}
		if info, err := ddl.DescribeTable(o, srv); err != nil {
			t.Obstacle = err.Error()
		} else {
			t.TableInfo = *info
		}
		s.Tables = append(s.Tables, t)
	}
	statements, err := render.SchemaScript(r.Schema, srv)
	if err != nil {
		s.Obstacle = landlord.Sentence(repairObstacle(err))
		return s
	}
	s.Statements, s.SQL = statements, render.ScriptText(statements)
	return s
}

// originUnknown is the origin of what nobody recorded.
const originUnknown = "unknown"

// snapshotOrigins says where objects, and elements of tables, come from.
type snapshotOrigins struct {
	objects  map[string]string
	elements map[string]map[string]string // by object, those with another origin
	rest     string                       // origin of objects that are not listed
}

func (o *snapshotOrigins) of(object string) string {
	if origin, ok := o.objects[object]; ok {
		return origin
	}
	return o.rest
}

func (o *snapshotOrigins) set(object, element, origin string) {
	if element == "" {
		o.objects[object] = origin
		return
	}
	if o.elements[object] == nil {
		o.elements[object] = map[string]string{}
	}
	o.elements[object][element] = origin
}

// originsOfComposition says which layer the parts of a composition come from:
// what the server has with the modules and does not have without them is
// theirs.
func (r *Reader) originsOfComposition(ctx context.Context, srv *registry.Server, info mysql.Info, lineage *template.Lineage, c *template.Composition, schema ddl.Schema) (*snapshotOrigins, error) {
	out := &snapshotOrigins{objects: map[string]string{}, elements: map[string]map[string]string{}, rest: originCore}
	if len(c.Modules) == 0 {
		return out, nil
	}
	core, err := r.Renderer.Compose(lineage, nil, r.Servers.Guarding(info))
	if err != nil {
		return nil, err
	}
	rendering, err := r.Renderer.Render(ctx, srv, core)
	if err != nil {
		return nil, render.StatementProblem(landlord.FieldTemplate, "Trying the core of a template in a scratch database", err)
	}
	for _, change := range diff.Compare(rendering.Schema, schema, registry.Dialect(info)) {
		if change.Kind == diff.ChangeExtra {
			out.set(change.Object, change.Element, "module "+moduleBehind(c, change))
		}
	}
	return out, nil
}

// originCore is the origin of what the core of a template makes.
const originCore = "core"

// moduleBehind returns the module that made something: the one that names it,
// of those that work on its table.
func moduleBehind(c *template.Composition, change diff.ElementChange) string {
	kind, name, _ := strings.Cut(change.Object, " ")
	_, part, _ := strings.Cut(change.Element, " `")
	part = strings.TrimSuffix(part, "`")
	found := ""
	for _, st := range c.Statements {
		module := estate.ModuleOf(st)
		on := st.Object == name && string(st.Kind) == kind || st.Table == name && kind == string(ddl.KindTable)
		if module == "" || st.Seed || !on {
			continue
		}
		if strings.Contains(strings.ToLower(st.SQL), part) {
			return module
		}
		if found == "" {
			found = module
		}
	}
	if found == "" {
		found = c.Modules[0]
	}
	return found
}

// originsOfTenant says where the parts of a tenant's schema come from.
func (r *Reader) originsOfTenant(ctx context.Context, srv *registry.Server, info mysql.Info, row *registry.TenantRow, live *ddl.Fingerprint, schema ddl.Schema) (*snapshotOrigins, error) {
	customizations, err := r.Estate.CustomizationsOf(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	out := &snapshotOrigins{objects: map[string]string{}, elements: map[string]map[string]string{}, rest: originUnknown}
	made := ddl.Schema{}
	if row.Applied != "" {
		if out, made, err = r.originsOfTemplate(ctx, srv, info, row); err != nil {
			return nil, err
		}
	}
	for _, change := range diff.Compare(made, schema, registry.Dialect(info)) {
		if change.Kind != diff.ChangeExtra {
			continue
		}
		origin := originUnknown
		if owner := merge.Owner(registry.ForMerge(customizations), ddl.Place{Object: change.Object, Element: change.Element}); owner != "" {
			origin = "customization " + owner
		}
		out.set(change.Object, change.Element, origin)
	}
	if row.CurrentSchema == "" || row.CurrentSchema == live.Whole || row.Running != "" {
		return out, nil
	}
	sides, err := r.driftSides(ctx, row, live, false)
	if err != nil {
		return nil, err
	}
	for _, change := range sides.changes { // what nobody recorded belongs to nobody, also in a table of a customization
		if change.Kind == diff.ChangeExtra {
			out.set(change.Object, change.Element, originUnknown)
		}
	}
	return out, nil
}

// originsOfTemplate says where the parts of the template in force come from.
func (r *Reader) originsOfTemplate(ctx context.Context, srv *registry.Server, info mysql.Info, row *registry.TenantRow) (*snapshotOrigins, ddl.Schema, error) {
	id := template.ID{Name: row.Template, Version: row.Applied}
	t, err := r.Estate.Find(ctx, id)
	if err != nil || t == nil {
		return &snapshotOrigins{objects: map[string]string{}, elements: map[string]map[string]string{}, rest: originUnknown}, ddl.Schema{}, err
	}
	lineage, err := r.Estate.Lineage(ctx, *t)
	if err != nil {
		return nil, ddl.Schema{}, estate.LineageProblem(err)
	}
	c, err := r.Renderer.Compose(lineage, row.Modules, r.Servers.Guarding(info))
	if err != nil {
		return nil, ddl.Schema{}, err
	}
	rendering, err := r.Renderer.Render(ctx, srv, c)
	if err != nil {
		return nil, ddl.Schema{}, render.StatementProblem(landlord.FieldTenant, fmt.Sprintf("Trying template `%s` in a scratch database", id), err)
	}
	out, err := r.originsOfComposition(ctx, srv, info, lineage, c, rendering.Schema)
	return out, rendering.Schema, err
}
