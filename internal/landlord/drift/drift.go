package drift

import (
	"cmp"
	"context"
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
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/catalog"
)

// State says how a tenant stands to what was recorded.
type State string

// The states of a tenant.
const (
	DriftNone        State = "in_sync"
	DriftFound       State = "drifted"
	DriftInterrupted State = "interrupted" // a run was cut off: the next apply goes on, and nobody else's change is looked for
	DriftMissing     State = "missing"     // the server has no such database
	DriftUnreadable  State = "unreadable"  // the server or the schema could not be read
	DriftPlanned     State = "planned"     // this run creates the tenant
)

// TenantDrift is what differs in one tenant.
type TenantDrift struct {
	Slug, DatabaseName, Server string
	Template                   string // name@version in force
	Status                     landlord.Status
	State                      State
	Fingerprint                string // of the live schema
	BaseFingerprint            string // of what was recorded
	Differences                []landlord.Difference
	RepairSQL                  string // the whole way back, in order
	RepairObstacles            []string
	Adoption                   *landlord.CustomizationPatch // takes in everything that can be
	Problem                    string                       // why the tenant is unreadable
}

// InSync says whether nothing differs.
func (d *TenantDrift) InSync() bool { return d.State == DriftNone || d.State == DriftPlanned }

// Harm returns the worst harm of all differences, empty when there are none or
// none was decided.
func (d *TenantDrift) Harm() landlord.Harm {
	worst := landlord.Harm("")
	for _, harm := range []landlord.Harm{landlord.HarmNone, landlord.HarmCustomization, landlord.HarmCore} {
		if slices.ContainsFunc(d.Differences, func(x landlord.Difference) bool { return x.Harm == harm }) {
			worst = harm
		}
	}
	undecided := slices.ContainsFunc(d.Differences, func(x landlord.Difference) bool { return x.Harm == "" })
	if worst == landlord.HarmNone && undecided {
		return "" // it may be worse
	}
	return worst
}

// Drift compares one tenant with what was recorded, with all texts. Thorough
// reads the text of every object, and so finds the few properties that
// fingerprints do not cover (see docs/design/drift.md); otherwise only what a
// fingerprint has shown to differ is read. The error is a *Problem when nobody
// knows the tenant.
func (r *Reader) Drift(ctx context.Context, slug string, thorough bool) (*TenantDrift, error) {
	row, err := r.Estate.Snapshot.Row(ctx, slug)
	if err != nil {
		return nil, err
	}
	if row == nil {
		return r.driftOfPlanned(slug)
	}
	live, err := r.Estate.Snapshot.Fingerprint(ctx, row.Server, row.Database)
	if err != nil {
		return nil, err
	}
	return r.driftWithTexts(ctx, row, live, thorough)
}

// driftWithTexts compares a tenant with its base, with all texts.
func (r *Reader) driftWithTexts(ctx context.Context, row *registry.TenantRow, live *ddl.Fingerprint, thorough bool) (*TenantDrift, error) {
	d := driftOf(row, live)
	if d.State != DriftFound && !(thorough && d.State == DriftNone && row.CurrentSchema != "") {
		return d, r.addDefiners(ctx, row, live, d, true)
	}
	sides, err := r.driftSides(ctx, row, live, thorough)
	if err != nil {
		return nil, err
	}
	customizations, err := r.Estate.CustomizationsOf(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	sides.settle(d, customizations)
	owner := ""
	if account, ok := r.Accounts.OwnerOf(row.Database); ok {
		owner = account.String()
	}
	sides.addTexts(d, customizations, owner)
	return d, r.addDefiners(ctx, row, live, d, true)
}

// settle says what differs, and so how the tenant stands. What an interrupted
// run of a customization has left differs, but is nobody else's doing.
func (s *driftSides) settle(d *TenantDrift, customizations []registry.Customization) {
	d.Differences = s.differences(customizations)
	pending := slices.ContainsFunc(customizations, func(c registry.Customization) bool { return c.Pending != nil })
	switch {
	case len(d.Differences) > 0:
		d.State = DriftFound
	case pending && len(s.changes) > 0:
		d.State = DriftInterrupted
	default:
		d.State = DriftNone
	}
}

// driftOfPlanned answers for a tenant that the landlord database does not know.
func (r *Reader) driftOfPlanned(slug string) (*TenantDrift, error) {
	database := r.Estate.Run.Claimed(slug)
	if database == "" {
		return nil, landlord.TenantUnknown(slug)
	}
	return &TenantDrift{Slug: slug, DatabaseName: database, State: DriftPlanned, Differences: []landlord.Difference{}}, nil
}

// driftOf says how a tenant stands, from fingerprints alone.
func driftOf(row *registry.TenantRow, live *ddl.Fingerprint) *TenantDrift {
	d := &TenantDrift{
		Slug: row.Slug, DatabaseName: row.Database, Server: row.Server, Template: row.AppliedTemplate(), Status: row.Status,
		State: DriftNone, BaseFingerprint: row.CurrentSchema, Differences: []landlord.Difference{},
	}
	if live != nil {
		d.Fingerprint = live.Whole
	}
	switch {
	case row.Running != "" || row.Status == landlord.StatusCreating || row.Status == landlord.StatusDropping:
		d.State = DriftInterrupted
	case live == nil:
		d.State = DriftMissing
	case row.CurrentSchema != "" && row.CurrentSchema != live.Whole:
		d.State = DriftFound
	}
	return d
}

// Differences says in what a tenant differs from its base, without the texts.
func (r *Reader) Differences(ctx context.Context, row *registry.TenantRow, live *ddl.Fingerprint) ([]landlord.Difference, error) {
	sides, err := r.driftSides(ctx, row, live, false)
	if err != nil {
		return nil, err
	}
	customizations, err := r.Estate.CustomizationsOf(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	list := sides.differences(customizations)
	for i := range list {
		list[i].Expected, list[i].Actual = "", "" // they would fill states and plans
	}
	return list, nil
}

// driftSides are the two schemas that drift is the difference of.
type driftSides struct {
	srv        ddl.Server
	base, live ddl.Schema
	changes    []diff.ElementChange
	unread     bool // the texts are not known: changes come from fingerprints
	unknown    bool // not even the objects of the base are known
}

// driftSides reads what is needed to compare a tenant with its base. Tenants
// that differ in the same way share one reading.
func (r *Reader) driftSides(ctx context.Context, row *registry.TenantRow, live *ddl.Fingerprint, thorough bool) (*driftSides, error) {
	srv, err := r.Servers.Server(row.Server)
	if err != nil {
		return nil, err
	}
	info, err := srv.Info(ctx)
	if err != nil {
		return nil, registry.Unreachable(srv, "reading a schema", err)
	}
	class := strings.Join([]string{srv.Key, row.CurrentSchema, live.Whole}, "\x00")
	if known, ok := r.drifts.Load(class); ok && !thorough {
		return known.(*driftSides), nil //nolint:forcetypeassert // nothing else is stored
	}
	base, err := r.Estate.StoredSchema(ctx, row.CurrentSchema)
	if err != nil {
		return nil, err
	}
	if base == nil {
		return &driftSides{srv: registry.Dialect(info), unread: true, unknown: true}, nil
	}
	s := &driftSides{srv: registry.Dialect(info), base: base.Schema}
	s.live, err = r.liveBeside(ctx, srv, info, row.Database, base, live, thorough)
	var hidden *catalog.HiddenError
	switch {
	case errors.As(err, &hidden), mysql.IsNoSuchTable(err), mysql.IsNoSuchObject(err), mysql.IsNoSuchDatabase(err):
		// The account may not see a text, or it went away just now.
		s.unread, s.changes = true, landlord.ChangedObjects(base.Fingerprint.Objects, live.Objects)
		return s, nil
	case err != nil:
		return nil, registry.Unreachable(srv, "reading a schema", err)
	}
	s.changes = s.compare(base.Fingerprint.Objects, live.Objects)
	if !thorough {
		r.drifts.Store(class, s)
	}
	return s, nil
}

// liveBeside returns the live schema. What has the same fingerprint as in the
// base has the same text, so only the rest is read, unless all is asked for.
func (r *Reader) liveBeside(ctx context.Context, srv *registry.Server, info mysql.Info, database string, base *registry.StoredSchema, live *ddl.Fingerprint, all bool) (ddl.Schema, error) {
	if all {
		return estate.DumpSchema(ctx, srv, info, database)
	}
	if stored, err := r.Estate.StoredSchema(ctx, live.Whole); err != nil || stored != nil {
		if err != nil {
			return ddl.Schema{}, err
		}
		return stored.Schema, nil
	}
	moved := func(object string) bool { return base.Fingerprint.Objects[object] != live.Objects[object] }
	dump, err := catalog.DumpObjects(ctx, srv, info, database, func(kind, name string) bool { return moved(kind + " " + name) })
	if err != nil {
		return ddl.Schema{}, fmt.Errorf("reading the schema of database `%s`: %w", database, err)
	}
	schema := estate.SchemaOf(dump)
	for _, o := range base.Schema.Objects {
		if !moved(landlord.Key(o)) {
			schema.Objects = append(schema.Objects, o)
		}
	}
	slices.SortFunc(schema.Objects, func(a, b ddl.Object) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	return schema, nil
}

// compare lists what differs. A difference of fingerprints that the texts do
// not show is listed all the same: nothing is passed over in silence.
func (s *driftSides) compare(base, live map[string]string) []diff.ElementChange {
	changes := diff.Compare(s.base, s.live, s.srv)
	shown := map[string]bool{}
	for _, c := range changes {
		shown[c.Object] = true
	}
	texts, now := ObjectTexts(s.base), ObjectTexts(s.live)
	for _, c := range landlord.ChangedObjects(base, live) {
		switch {
		case shown[c.Object]:
			continue
		case c.Object == landlord.DatabaseObject:
			c.Before, c.After = characters(s.base), characters(s.live)
		default:
			c.Before, c.After = texts[c.Object].SQL, now[c.Object].SQL
		}
		changes = append(changes, c)
	}
	slices.SortStableFunc(changes, func(a, b diff.ElementChange) int { return strings.Compare(a.Object, b.Object) })
	return changes
}

func characters(s ddl.Schema) string {
	return fmt.Sprintf("CHARACTER SET %s COLLATE %s", s.CharacterSet, s.Collation)
}

// ObjectTexts returns the objects of a schema by their key in a fingerprint.
func ObjectTexts(s ddl.Schema) map[string]ddl.Object {
	out := make(map[string]ddl.Object, len(s.Objects))
	for _, o := range s.Objects {
		out[landlord.Key(o)] = o
	}
	return out
}

// differences says in words what differs, and what it breaks.
func (s *driftSides) differences(customizations []registry.Customization) []landlord.Difference {
	out := []landlord.Difference{}
	if s.unknown {
		return append(out, landlord.Difference{Object: "schema", Kind: landlord.DifferenceChanged, Detail: "the schema differs from the recorded one, whose text is not stored"})
	}
	judge := s.judge(customizations)
	for _, c := range s.changes {
		if merge.Interrupted(registry.ForMerge(customizations), c, s.unread) {
			continue
		}
		d := landlord.DescribeChange(c)
		d.Harm, d.HarmReason, d.Customization = judge.of(c)
		out = append(out, d)
	}
	return out
}

// ChangedSince says which objects somebody has changed.
func (r *Reader) ChangedSince(ctx context.Context, slug string, row *registry.TenantRow, live *ddl.Fingerprint) error {
	detail := "The schema on the server is not the one that the plan was made from."
	if row != nil {
		list, err := r.Differences(ctx, row, live)
		if err != nil {
			return err
		}
		if len(list) > 0 {
			detail = "Changed by somebody else:\n" + landlord.ListDifferences(list)
		}
	}
	return landlord.SchemaChanged(slug, detail)
}
