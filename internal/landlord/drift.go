package landlord

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/merge"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
)

// DifferenceKind says how a thing differs from what was recorded.
type DifferenceKind string

// The kinds of differences.
const (
	DifferenceMissing DifferenceKind = "missing"
	DifferenceExtra   DifferenceKind = "extra"
	DifferenceChanged DifferenceKind = "changed"
)

// Harm says what a difference breaks.
type Harm string

// The harms of a difference. Empty means that it could not be decided, because
// the texts were not read.
const (
	HarmCore          Harm = "breaks_core"          // what comes from the template, its modules included
	HarmCustomization Harm = "breaks_customization" // what a customization made
	HarmNone          Harm = "harmless"
)

// Difference is one thing in which a tenant differs from what was recorded: a
// whole object, or an element of a table that is there on both sides.
type Difference struct {
	Object  string         // for example "table `users`"; "database" for its own defaults
	Element string         // of a table, as in diff.ElementChange: "column `phone`"; empty for the whole object
	Kind    DifferenceKind // seen from what was recorded
	Detail  string         // in words, on one line

	Harm          Harm
	HarmReason    string
	Customization string // that is broken, of HarmCustomization

	Expected, Actual string // definitions; empty where there is none

	// RepairSQL are the statements that bring the object back to what was
	// recorded, with their `;`; differences of one object share them. When it is
	// empty, RepairObstacle says why. Both are empty where nobody asked for them.
	RepairSQL, RepairObstacle string

	// Adoption is a customization that takes the difference in. When it is nil,
	// AdoptObstacle says why. Both are empty where nobody asked for them.
	Adoption      *CustomizationPatch
	AdoptObstacle string

	key string // of the object, as in diff.ElementChange
}

// DriftState says how a tenant stands to what was recorded.
type DriftState string

// The states of a tenant.
const (
	DriftNone        DriftState = "in_sync"
	DriftFound       DriftState = "drifted"
	DriftInterrupted DriftState = "interrupted" // a run was cut off: the next apply goes on, and nobody else's change is looked for
	DriftMissing     DriftState = "missing"     // the server has no such database
	DriftUnreadable  DriftState = "unreadable"  // the server or the schema could not be read
	DriftPlanned     DriftState = "planned"     // this run creates the tenant
)

// TenantDrift is what differs in one tenant.
type TenantDrift struct {
	Slug, DatabaseName, Server string
	Template                   string // name@version in force
	Status                     Status
	State                      DriftState
	Fingerprint                string // of the live schema
	BaseFingerprint            string // of what was recorded
	Differences                []Difference
	RepairSQL                  string // the whole way back, in order
	RepairObstacles            []string
	Adoption                   *CustomizationPatch // takes in everything that can be
	Problem                    string              // why the tenant is unreadable
}

// InSync says whether nothing differs.
func (d *TenantDrift) InSync() bool { return d.State == DriftNone || d.State == DriftPlanned }

// Harm returns the worst harm of all differences, empty when there are none or
// none was decided.
func (d *TenantDrift) Harm() Harm {
	worst := Harm("")
	for _, harm := range []Harm{HarmNone, HarmCustomization, HarmCore} {
		if slices.ContainsFunc(d.Differences, func(x Difference) bool { return x.Harm == harm }) {
			worst = harm
		}
	}
	undecided := slices.ContainsFunc(d.Differences, func(x Difference) bool { return x.Harm == "" })
	if worst == HarmNone && undecided {
		return "" // it may be worse
	}
	return worst
}

// Drift compares one tenant with what was recorded, with all texts. Thorough
// reads the text of every object, and so finds the few properties that
// fingerprints do not cover (see docs/design/drift.md); otherwise only what a
// fingerprint has shown to differ is read. The error is a *Problem when nobody
// knows the tenant.
func (e *Engine) Drift(ctx context.Context, slug string, thorough bool) (*TenantDrift, error) {
	row, err := e.estate.row(ctx, slug)
	if err != nil {
		return nil, err
	}
	if row == nil {
		return e.driftOfPlanned(slug)
	}
	live, err := e.estate.fingerprint(ctx, row.server, row.database)
	if err != nil {
		return nil, err
	}
	return e.driftWithTexts(ctx, row, live, thorough)
}

// driftWithTexts compares a tenant with its base, with all texts.
func (e *Engine) driftWithTexts(ctx context.Context, row *tenantRow, live *ddl.Fingerprint, thorough bool) (*TenantDrift, error) {
	d := driftOf(row, live)
	if d.State != DriftFound && !(thorough && d.State == DriftNone && row.currentSchema != "") {
		return d, nil
	}
	sides, err := e.driftSides(ctx, row, live, thorough)
	if err != nil {
		return nil, err
	}
	customizations, err := e.customizationsOf(ctx, row.id)
	if err != nil {
		return nil, err
	}
	sides.settle(d, customizations)
	sides.addTexts(d, customizations)
	return d, nil
}

// settle says what differs, and so how the tenant stands. What an interrupted
// run of a customization has left differs, but is nobody else's doing.
func (s *driftSides) settle(d *TenantDrift, customizations []customization) {
	d.Differences = s.differences(customizations)
	pending := slices.ContainsFunc(customizations, func(c customization) bool { return c.pending != nil })
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
func (e *Engine) driftOfPlanned(slug string) (*TenantDrift, error) {
	database := e.world.claimed(slug)
	if database == "" {
		return nil, tenantUnknown(slug)
	}
	return &TenantDrift{Slug: slug, DatabaseName: database, State: DriftPlanned, Differences: []Difference{}}, nil
}

// claimed returns the database that this run plans for a slug, or nothing.
func (w *world) claimed(slug string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	for key, holder := range w.databases {
		if holder == slug {
			_, database, _ := strings.Cut(key, "\x00")
			return database
		}
	}
	return ""
}

func tenantUnknown(slug string) error {
	return problem(FieldTenant, "Tenant is not known",
		fmt.Sprintf("The landlord database has no tenant `%s`, and no tenant of this run that was planned so far has that slug.", slug),
		"Refer to `slug` of a `landlord_tenant`, so that Terraform knows the order, or correct the slug.")
}

// driftOf says how a tenant stands, from fingerprints alone.
func driftOf(row *tenantRow, live *ddl.Fingerprint) *TenantDrift {
	d := &TenantDrift{
		Slug: row.slug, DatabaseName: row.database, Server: row.server, Template: row.appliedTemplate(), Status: row.status,
		State: DriftNone, BaseFingerprint: row.currentSchema, Differences: []Difference{},
	}
	if live != nil {
		d.Fingerprint = live.Whole
	}
	switch {
	case row.running != "" || row.status == StatusCreating || row.status == StatusDropping:
		d.State = DriftInterrupted
	case live == nil:
		d.State = DriftMissing
	case row.currentSchema != "" && row.currentSchema != live.Whole:
		d.State = DriftFound
	}
	return d
}

// drift says in what a tenant differs from its base, without the texts.
func (e *Engine) drift(ctx context.Context, row *tenantRow, live *ddl.Fingerprint) ([]Difference, error) {
	sides, err := e.driftSides(ctx, row, live, false)
	if err != nil {
		return nil, err
	}
	customizations, err := e.customizationsOf(ctx, row.id)
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
func (e *Engine) driftSides(ctx context.Context, row *tenantRow, live *ddl.Fingerprint, thorough bool) (*driftSides, error) {
	srv, err := e.server(row.server)
	if err != nil {
		return nil, err
	}
	info, err := srv.Info(ctx)
	if err != nil {
		return nil, unreachable(srv, "reading a schema", err)
	}
	class := strings.Join([]string{srv.key, row.currentSchema, live.Whole}, "\x00")
	if known, ok := e.drifts.Load(class); ok && !thorough {
		return known.(*driftSides), nil //nolint:forcetypeassert // nothing else is stored
	}
	base, err := e.storedSchema(ctx, row.currentSchema)
	if err != nil {
		return nil, err
	}
	if base == nil {
		return &driftSides{srv: dialect(info), unread: true, unknown: true}, nil
	}
	s := &driftSides{srv: dialect(info), base: base.Schema}
	s.live, err = e.liveBeside(ctx, srv, info, row.database, base, live, thorough)
	var hidden *mysql.HiddenError
	switch {
	case errors.As(err, &hidden), mysql.IsNoSuchTable(err), mysql.IsNoSuchObject(err), mysql.IsNoSuchDatabase(err):
		// The account may not see a text, or it went away just now.
		s.unread, s.changes = true, changedObjects(base.Fingerprint.Objects, live.Objects)
		return s, nil
	case err != nil:
		return nil, unreachable(srv, "reading a schema", err)
	}
	s.changes = s.compare(base.Fingerprint.Objects, live.Objects)
	if !thorough {
		e.drifts.Store(class, s)
	}
	return s, nil
}

// liveBeside returns the live schema. What has the same fingerprint as in the
// base has the same text, so only the rest is read, unless all is asked for.
func (e *Engine) liveBeside(ctx context.Context, srv *server, info mysql.Info, database string, base *storedSchema, live *ddl.Fingerprint, all bool) (ddl.Schema, error) {
	if all {
		return dumpSchema(ctx, srv, info, database)
	}
	if stored, err := e.storedSchema(ctx, live.Whole); err != nil || stored != nil {
		if err != nil {
			return ddl.Schema{}, err
		}
		return stored.Schema, nil
	}
	moved := func(object string) bool { return base.Fingerprint.Objects[object] != live.Objects[object] }
	dump, err := mysql.DumpObjects(ctx, srv, info, database, func(kind, name string) bool { return moved(kind + " " + name) })
	if err != nil {
		return ddl.Schema{}, fmt.Errorf("reading the schema of database `%s`: %w", database, err)
	}
	schema := schemaOf(dump)
	for _, o := range base.Schema.Objects {
		if !moved(key(o)) {
			schema.Objects = append(schema.Objects, o)
		}
	}
	slices.SortFunc(schema.Objects, func(a, b ddl.Object) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	return schema, nil
}

// databaseObject is what a difference of a database's own defaults is about.
const databaseObject = "database"

// compare lists what differs. A difference of fingerprints that the texts do
// not show is listed all the same: nothing is passed over in silence.
func (s *driftSides) compare(base, live map[string]string) []diff.ElementChange {
	changes := diff.Compare(s.base, s.live, s.srv)
	shown := map[string]bool{}
	for _, c := range changes {
		shown[c.Object] = true
	}
	texts, now := objectTexts(s.base), objectTexts(s.live)
	for _, c := range changedObjects(base, live) {
		switch {
		case shown[c.Object]:
			continue
		case c.Object == databaseObject:
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

func objectTexts(s ddl.Schema) map[string]ddl.Object {
	out := make(map[string]ddl.Object, len(s.Objects))
	for _, o := range s.Objects {
		out[key(o)] = o
	}
	return out
}

// changedObjects compares two schemas object by object, by their fingerprints.
func changedObjects(base, live map[string]string) []diff.ElementChange {
	var out []diff.ElementChange
	for object, hash := range base {
		switch now, ok := live[object]; {
		case !ok:
			out = append(out, diff.ElementChange{Object: object, Kind: diff.ChangeMissing})
		case now != hash:
			out = append(out, diff.ElementChange{Object: object, Kind: diff.ChangeDiffers})
		}
	}
	for object := range live {
		if _, ok := base[object]; !ok {
			out = append(out, diff.ElementChange{Object: object, Kind: diff.ChangeExtra})
		}
	}
	slices.SortFunc(out, func(a, b diff.ElementChange) int { return strings.Compare(a.Object, b.Object) })
	return out
}

// differences says in words what differs, and what it breaks.
func (s *driftSides) differences(customizations []customization) []Difference {
	out := []Difference{}
	if s.unknown {
		return append(out, Difference{Object: "schema", Kind: DifferenceChanged, Detail: "the schema differs from the recorded one, whose text is not stored"})
	}
	judge := s.judge(customizations)
	for _, c := range s.changes {
		if merge.Interrupted(forMerge(customizations), c, s.unread) {
			continue
		}
		d := describeChange(c)
		d.Harm, d.HarmReason, d.Customization = judge.of(c)
		out = append(out, d)
	}
	return out
}

// describeChange says in words what differs.
func describeChange(c diff.ElementChange) Difference {
	d := Difference{Object: objectName(c.Object), Element: c.Element, Expected: c.Before, Actual: c.After, key: c.Object}
	switch c.Kind {
	case diff.ChangeMissing:
		d.Kind, d.Detail = DifferenceMissing, "recorded, but the server has it no longer"
	case diff.ChangeExtra:
		d.Kind, d.Detail = DifferenceExtra, "on the server, but never recorded"
		if c.Element != "" {
			d.Detail += ": " + excerpt(c.After)
		}
	default:
		d.Kind, d.Detail = DifferenceChanged, "differs from what was recorded"
		if c.Element == diff.ElementOrder {
			d.Detail = "the columns stand in another order"
		}
		if c.Before != c.After && (c.Element != "" || c.Object == databaseObject) {
			d.Detail = fmt.Sprintf("recorded as %s, now %s", excerpt(c.Before), excerpt(c.After))
		}
	}
	return d
}

// excerpt quotes a definition, cut to what fits on a line.
func excerpt(definition string) string {
	const most = 120
	line := strings.Join(strings.Fields(definition), " ")
	if r := []rune(line); len(r) > most {
		line = string(r[:most]) + " …"
	}
	return "(" + line + ")"
}

// differences compares two schemas object by object, for messages.
func differences(base, live map[string]string) []Difference {
	out := []Difference{}
	for _, c := range changedObjects(base, live) {
		out = append(out, describeChange(c))
	}
	return out
}

// objectName writes the key of an object for people: "table `users`".
func objectName(key string) string {
	kind, name, found := strings.Cut(key, " ")
	if rest, body := strings.CutPrefix(name, "body "); body && kind == string(ddl.KindPackage) {
		kind, name = string(ddl.KindPackageBody), rest
	}
	if !found || name == "" {
		return kind
	}
	return fmt.Sprintf("%s `%s`", kind, name)
}

// placeName writes a place for people: "column `phone` of table `users`".
func placeName(p ddl.Place) string {
	if p.Element == "" {
		return objectName(p.Object)
	}
	return p.Element + " of " + objectName(p.Object)
}

// listDifferences lists differences for a message.
func listDifferences(list []Difference) string {
	const most = 10
	var lines []string
	for i, d := range list {
		if i == most {
			lines = append(lines, fmt.Sprintf("… and %d more", len(list)-i))
			break
		}
		lines = append(lines, d.Name()+": "+string(d.Kind))
	}
	return strings.Join(lines, "\n")
}

// Name names what differs: "table `users`, column `phone`".
func (d Difference) Name() string {
	if d.Element == "" {
		return d.Object
	}
	return d.Object + ", " + d.Element
}
