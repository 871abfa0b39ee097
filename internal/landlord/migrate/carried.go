package migrate

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/landlord-db/terraform-provider-landlord/internal/ddl"
	"github.com/landlord-db/terraform-provider-landlord/internal/ddl/diff"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/estate"
	"github.com/landlord-db/terraform-provider-landlord/internal/landlord/registry"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql"
	"github.com/landlord-db/terraform-provider-landlord/internal/mysql/program"
)

// A carried program is a view, routine, trigger or event of the tenant that the
// twin cannot have in the tenant's form: its definer has no rights on a scratch
// database, or what it reads is gone. It must not keep a migration from being
// tried that does not touch it. Reading the twin shows it as the tenant has it,
// until a step is about it.
type carried struct {
	object ddl.Object
	hash   string // of the tenant's; empty where nobody has asked for it
	there  bool   // the twin has it in a form of its own
}

// copySchema builds the schema of a tenant on the twin, which is empty. A program
// belongs to whoever makes the twin, and one that the server refuses is carried.
func (t *Twin) copySchema(ctx context.Context, schema ddl.Schema) error {
	empty := ddl.Schema{CharacterSet: landlord.TenantCharacterSet, Collation: landlord.TenantCollation}
	creation, err := diff.Diff(empty, schema, registry.Dialect(t.info), diff.Options{})
	if err != nil {
		return fmt.Errorf("building a twin of the tenant: %w", err)
	}
	for _, c := range creation.Changes {
		step := ChangeStep(c)
		step.SQL, _ = program.WithDefiner(step.SQL, "")
		err := t.exec(ctx, step)
		at := slices.IndexFunc(schema.Objects, func(o ddl.Object) bool { return isProgram(o.Kind) && objectOf(o) == step.Object })
		switch {
		case err == nil:
		case at >= 0 && !mysql.IsConnectionLost(err) && ctx.Err() == nil:
			t.carry(schema.Objects[at], "", false)
		default:
			return t.failed(ChangeStep(c), err)
		}
	}
	return nil
}

// copyTexts is copySchema for a schema without hashes: what comes out in another
// form is carried by its text.
func (t *Twin) copyTexts(ctx context.Context, schema ddl.Schema) error {
	if err := t.copySchema(ctx, schema); err != nil {
		return err
	}
	made, err := estate.DumpSchema(ctx, t.Session, t.info, t.Name)
	if err != nil {
		return err
	}
	there := map[string]ddl.Object{}
	for _, o := range made.Objects {
		there[landlord.Key(o)] = o
	}
	for _, o := range schema.Objects {
		if now, ok := there[landlord.Key(o)]; ok && isProgram(o.Kind) && now != o {
			t.carry(o, "", true)
		}
	}
	return nil
}

// isProgram says whether objects of a kind have a definer.
func isProgram(kind ddl.Kind) bool { return kind != ddl.KindTable && kind != ddl.KindSequence }

// objectOf names an object as steps do.
func objectOf(o ddl.Object) string { return string(o.Kind) + " " + mysql.Quote(o.Name) }

func (t *Twin) carry(o ddl.Object, hash string, there bool) {
	if t.carried == nil {
		t.carried = map[string]carried{}
	}
	t.carried[objectOf(o)] = carried{object: o, hash: hash, there: there}
}

// carryRest carries the programs of the tenant that have another form on the
// twin, and returns what else is not the same.
func (t *Twin) carryRest(live *estate.Rendering, twin *ddl.Fingerprint) []landlord.Difference {
	for _, o := range live.Schema.Objects {
		key := landlord.Key(o)
		hash, there := twin.Objects[key]
		if isProgram(o.Kind) && hash != live.Fingerprint.Objects[key] {
			t.carry(o, live.Fingerprint.Objects[key], there)
		}
	}
	return landlord.Differences(live.Fingerprint.Objects, t.shown(twin).Objects)
}

// passes says whether a step is done on the twin without a statement, because it
// drops what the twin does not have.
func (t *Twin) passes(step landlord.Step) bool {
	c, ok := t.carried[step.Object]
	if !ok || c.there || !strings.HasPrefix(step.Operation, "drop_") {
		return false
	}
	delete(t.carried, step.Object)
	return true
}

// stays says whether something that is carried is in a database of these objects:
// a trigger goes with its table.
func (c carried) stays(objects map[string]string) bool {
	if _, there := objects[landlord.Key(c.object)]; c.there && !there {
		return false
	}
	_, table := objects[string(ddl.KindTable)+" "+c.object.Table]
	return c.object.Kind != ddl.KindTrigger || table
}

// shown returns a fingerprint of the twin with what is carried.
func (t *Twin) shown(f *ddl.Fingerprint) *ddl.Fingerprint {
	if len(t.carried) == 0 {
		return f
	}
	objects := maps.Clone(f.Objects)
	for _, c := range t.carried {
		if c.stays(f.Objects) && c.hash != "" {
			objects[landlord.Key(c.object)] = c.hash
		}
	}
	out := ddl.FingerprintOf(objects)
	return &out
}

// fingerprint asks for the schema of the twin.
func (t *Twin) fingerprint(ctx context.Context) (*ddl.Fingerprint, error) {
	f, err := t.e.Estate.LiveFingerprint(ctx, t.srv, t.Session, t.Name)
	if err != nil {
		return nil, err
	}
	return t.shown(f), nil
}

// schema reads the schema of the twin, with what is carried.
func (t *Twin) schema(ctx context.Context) (ddl.Schema, error) {
	schema, err := estate.DumpSchema(ctx, t.Session, t.info, t.Name)
	if err != nil || len(t.carried) == 0 {
		return schema, err
	}
	objects := map[string]string{}
	for _, o := range schema.Objects {
		objects[landlord.Key(o)] = ""
	}
	schema.Objects = slices.DeleteFunc(schema.Objects, func(o ddl.Object) bool { _, ok := t.carried[objectOf(o)]; return ok })
	for _, c := range t.carried {
		if c.stays(objects) {
			schema.Objects = append(schema.Objects, c.object)
		}
	}
	slices.SortFunc(schema.Objects, func(a, b ddl.Object) int { return strings.Compare(landlord.Key(a), landlord.Key(b)) })
	return schema, nil
}
